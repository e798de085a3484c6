"""What is installed is what stands in this tree, all of it, and nothing that belongs to one machine."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("ingest", "assistant", "eval")

# In two halves, so that this file does not hold what it looks for.
FOREIGN = [
    "/" + "work/",
    "/" + "root/",
    "/" + "opt/wheels",
    "pypi" + ".org",
    "files.python" + "hosted",
    "registry.npm" + "js",
    "deb.debian" + ".org",
]


def test_each_room_is_the_one_of_this_checkout(tmp_path: Path) -> None:
    if not _installed_editable():
        pytest.skip("the product is not installed from a checkout")
    code = f"import importlib; [print(importlib.import_module(room).__file__) for room in {ROOMS}]"
    # From another folder: a package called `eval` that some dependency installs would win only there.
    found = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert found.stdout.splitlines() == [str(ROOT / room / "__init__.py") for room in ROOMS]


@pytest.mark.parametrize(
    ("group", "name"), [("console_scripts", "onrecord"), ("onrecord.verbs", "eval"), ("onrecord.pages", "Evaluation")]
)
def test_the_command_and_the_verbs_of_the_rooms_above_are_declared_and_load(group: str, name: str) -> None:
    (found,) = importlib.metadata.entry_points(group=group, name=name)
    assert callable(found.load())


def test_the_corpus_is_data_and_no_package() -> None:
    assert not list((ROOT / "corpus").rglob("*.py"))


def test_no_file_names_a_place_on_one_machine_or_a_package_registry() -> None:
    assert [
        f"{path}: {word}"
        for path in _files_of_the_tree()
        for word in FOREIGN
        if word.encode() in (ROOT / path).read_bytes()
    ] == []


def test_every_package_that_the_project_names_is_pinned_within_its_range() -> None:
    project = _project()
    named = [*project["dependencies"], *(r for extra in project["optional-dependencies"].values() for r in extra)]
    pins = _pins()
    for requirement in map(Requirement, named):
        pin = pins.get(canonicalize_name(requirement.name))
        assert pin is not None, f"{requirement.name} has no pin"
        assert pin in requirement.specifier, f"{requirement} is pinned to {pin}"


def test_constraints_are_pins_and_comments_only() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"#.*|[\w.-]+==[\w.]+", line)] == []


def test_the_wheel_holds_all_files_of_the_rooms_and_the_corpus(wheel: set[str]) -> None:
    expected = {path for path in _files_of_the_tree() if path.startswith(tuple(f"{room}/" for room in ROOMS))}
    expected |= {
        path.replace("corpus/", "ingest/shipped_corpus/", 1)
        for path in _files_of_the_tree()
        if path.startswith("corpus/")
    }
    metadata = {name for name in wheel if ".dist-info/" in name}
    assert wheel - metadata == expected


@pytest.mark.parametrize(
    "pattern",
    [
        r"ingest/shipped_corpus/manifest\.jsonl",
        r"ingest/shipped_corpus/articles/.+\.txt",
        r"eval/datasets/.+\.jsonl",
        r"eval/page\.css",
        r"eval/reporting/templates/.+\.j2",
        r"assistant/ui/assets/.+\.css",
        r"assistant/ui/assets/.+\.js",
    ],
)
def test_the_wheel_holds_what_is_no_code(wheel: set[str], pattern: str) -> None:
    assert [name for name in wheel if re.fullmatch(pattern, name)]


def test_the_wheel_holds_no_tests(wheel: set[str]) -> None:
    assert [
        name for name in wheel if name.startswith("tests/") or Path(name).name.startswith(("test_", "conftest"))
    ] == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in the wheel that comes from the sdist that comes from this tree."""
    if importlib.util.find_spec("build") is None:
        pytest.skip("the package `build` is not installed")
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def _installed_editable() -> bool:
    stated = importlib.metadata.distribution("onrecord").read_text("direct_url.json")
    return bool(stated and json.loads(stated).get("dir_info", {}).get("editable"))


def _project() -> dict[str, dict[str, list[str]]]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]  # type: ignore[no-any-return]


def _pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


def _files_of_the_tree() -> list[str]:
    """Those that are committed or could be; what .gitignore names is left out."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this tree is not a git checkout")
    return [path for path in listed.stdout.split("\0") if path and (ROOT / path).is_file()]
