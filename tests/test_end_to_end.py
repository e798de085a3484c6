"""The product as people run it: real processes, real weights, the shipped article."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-c", "from assistant.cli import main; main()"]
QUESTION = "Why did Pakistan help the Afghan rebels?"


def onrecord(*arguments: str | Path, home: Path, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Runs the command to its end, in a process of its own."""
    command = [*before, *COMMAND, *map(str, arguments), "--home", str(home)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ONRECORD_")}
    environment["PYTHONPATH"] = str(ROOT)
    return subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, env=environment, cwd=home.parent
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds the shipped article."""
    folder = tmp_path_factory.mktemp("end-to-end") / "home"
    assert onrecord("ingest", home=folder).returncode == 0
    return folder


@pytest.fixture(scope="module")
def chat(home: Path) -> Iterator[subprocess.Popen[str]]:
    """A chat that is open on that home."""
    command = [*COMMAND, "chat", "--home", str(home)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("http://127.0.0.1:")
    yield process
    process.send_signal(signal.SIGINT)
    process.wait(timeout=30)
    process.stdout.close()


def test_while_a_chat_is_open_every_other_verb_answers(home: Path, chat: subprocess.Popen[str], tmp_path: Path) -> None:
    asked = onrecord("ask", QUESTION, "--json", home=home)
    answer = json.loads(asked.stdout)
    assert "Fearing Soviet influence" in answer["answer"]
    cited = onrecord("cite", answer["citations"][0]["id"], "--json", home=home)
    assert json.loads(cited.stdout)["quote"] == answer["citations"][0]["quote"]
    found = onrecord("search", "Durand Line", "-k", "3", "--json", home=home)
    assert len(json.loads(found.stdout)["results"]) == 3
    ran = onrecord("eval", "run", "--out", tmp_path / "run", "--gate", home=home)
    assert ran.returncode == 0, ran.stderr
    assert "evidence cited" in ran.stdout
    assert chat.poll() is None


def test_a_second_writer_is_refused_with_the_pid_of_the_first(home: Path) -> None:
    holding = "import sys; from pathlib import Path; from ingest.lock import writing\n"
    holding += "with writing(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", holding, str(home)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as writer:  # fmt: skip
        assert writer.stdout is not None
        assert writer.stdout.readline() == "held\n"
        refused = onrecord("ingest", home=home)
        answered = onrecord("articles", home=home)
        writer.communicate("")
    assert refused.returncode == 1
    assert f"Process {writer.pid} is writing to" in refused.stderr
    assert answered.returncode == 0
    assert onrecord("ingest", home=home).returncode == 0


def test_an_open_chat_finds_what_another_process_ingests(tmp_path: Path) -> None:
    """As the chat does it: one assistant stays open while a second process writes."""
    from assistant import Assistant

    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    first.write_text("The harbour of Elmstead was closed in 1931 after the great flood.")
    second.write_text("The lighthouse keeper of Elmstead is called Ottoline Marsh.")
    home = tmp_path / "home"
    assert onrecord("ingest", first, home=home).returncode == 0
    with Assistant.open(home) as assistant:
        assert not any("Ottoline" in hit.passage.text for hit in assistant.search("Who keeps the lighthouse?"))
        assert onrecord("ingest", second, home=home).returncode == 0
        assert "Ottoline" in assistant.search("Who keeps the lighthouse?")[0].passage.text


def test_nothing_needs_a_network(tmp_path: Path) -> None:
    """In a network namespace that has no way out, not even to a name server."""
    alone = ("unshare", "--map-root-user", "--net", "--")
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody make a network namespace")
    home = tmp_path / "home"
    assert onrecord("ingest", home=home, before=alone).returncode == 0
    asked = onrecord("ask", QUESTION, "--json", home=home, before=alone)
    assert json.loads(asked.stdout)["outcome"] == "answered", asked.stderr
    ran = onrecord("eval", "run", "--out", tmp_path / "run", home=tmp_path / "other", before=alone)
    assert ran.returncode == 0, ran.stderr


def test_the_default_home_is_left_alone(home: Path) -> None:
    from ingest.settings import default_home

    before = default_home().stat().st_mtime_ns if default_home().exists() else None
    assert onrecord("articles", home=home).returncode == 0
    assert (default_home().stat().st_mtime_ns if default_home().exists() else None) == before
