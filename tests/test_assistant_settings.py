"""Settings from a file and the environment."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assistant.settings import FILE, Settings
from ingest.errors import SettingsError


def test_a_home_without_a_file_has_the_defaults(tmp_path: Path) -> None:
    assert Settings.load(tmp_path, {}) == Settings()


def test_the_file_sets_what_it_names(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("[retrieval]\npassages = 7\n")
    loaded = Settings.load(tmp_path, {})
    assert loaded.retrieval.passages == 7
    assert loaded.reading == Settings().reading


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("[retrieval]\npassages = 7\ncandidates = 20\n")
    loaded = Settings.load(tmp_path, {"ONRECORD_RETRIEVAL__PASSAGES": "9", "PATH": "/bin"})
    assert (loaded.retrieval.passages, loaded.retrieval.candidates) == (9, 20)


def test_the_home_is_no_setting(tmp_path: Path) -> None:
    assert Settings.load(tmp_path, {"ONRECORD_HOME": "/somewhere"}) == Settings()


@pytest.mark.parametrize(
    ("toml", "named"),
    [
        ("[retrieval]\npassage = 7\n", "retrieval.passage in settings.toml"),
        ("[retrival]\npassages = 7\n", "retrival in settings.toml"),
        ("[retrieval]\npassages = 0\n", "retrieval.passages in settings.toml"),
        ("retrieval = 5\n", "retrieval in settings.toml"),
        ("[reading]\nmin_confidence = 'high'\n", "reading.min_confidence in settings.toml"),
        ("[reading\n", "settings.toml cannot be read as TOML"),
    ],
)
def test_a_mistake_in_the_file_names_itself(tmp_path: Path, toml: str, named: str) -> None:
    (tmp_path / FILE).write_text(toml)
    with pytest.raises(SettingsError, match=re.escape(named)):
        Settings.load(tmp_path, {})


@pytest.mark.parametrize(
    "variable",
    [
        "ONRECORD_RETRIEVAL__PASSAGE",
        "ONRECORD_RETRIVAL__PASSAGES",
        "ONRECORD_RETRIEVAL__PASSAGES",
        "ONRECORD_RETRIEVAL",
        "ONRECORD_HOMES",
        "ONRECORD_RETRIEVAL__",
    ],
)
def test_a_mistyped_variable_names_itself(tmp_path: Path, variable: str) -> None:
    with pytest.raises(SettingsError, match=f"^{variable}\\b"):
        Settings.load(tmp_path, {variable: "many"})


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"settings\.toml"):
        Settings.load(tmp_path, {})
