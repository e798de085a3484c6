"""Evaluations beside the chat, and their page."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from fakes import HashEncoder
from test_eval_tally import record

import eval.evaluations
from assistant import Settings
from eval.evaluations import RUNS, SUITES, WENT_WRONG, Evaluations, State
from eval.page import progress_blocks, report_blocks
from eval.report import REPORT
from eval.run_folder import ANSWERS
from ingest.errors import DatasetError


@pytest.fixture
def home(fake_models: HashEncoder, tmp_path: Path) -> Path:
    folder = tmp_path / SUITES / "mine"
    folder.mkdir(parents=True)
    text = "The ferry carried 212 people."
    questions = [
        {"qid": f"q{n}", "question": f"How many people did the ferry carry in {n}?", "answerable": True,
         "evidence": [{"doc_id": "ferry", "start": 0, "end": len(text), "text": text}]}
        for n in range(40)
    ]  # fmt: skip
    (folder / "questions.jsonl").write_text("".join(json.dumps(q) + "\n" for q in questions))
    (folder / "corpus.jsonl").write_text(json.dumps({"doc_id": "ferry", "title": None, "text": text}) + "\n")
    return tmp_path


def waited(evaluations: Evaluations, done: Callable[[State], bool] = lambda state: not state.running) -> State:
    until = time.monotonic() + 120
    while not done(evaluations.state):
        assert time.monotonic() < until, evaluations.state
        time.sleep(0.02)
    return evaluations.state


def test_the_suites_of_the_product_and_of_the_home_are_offered(home: Path) -> None:
    assert Evaluations(home, Settings()).suites() == ["article", "injected", "mine"]


def test_a_run_is_started_told_of_and_reported(home: Path) -> None:
    evaluations = Evaluations(home, Settings())
    assert report_blocks(evaluations) == ['<p class="empty">No evaluation has been run here yet.</p>']
    evaluations.start("mine")
    assert evaluations.state.running
    state = waited(evaluations)
    assert state.message == ""
    assert state.folder
    assert state.folder.parent == home / RUNS
    found = evaluations.report()
    assert found
    assert (found[0], found[1].samples) == (state.folder, 40)
    assert evaluations.report() is found  # it is read once
    assert "mine: 40 questions" in "".join(report_blocks(evaluations))
    assert Evaluations(home, Settings()).state.folder == state.folder  # another day


def test_a_second_start_while_one_runs_does_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go = [], threading.Event()

    def slow(*arguments: Any, **_: Any) -> None:
        begun.append(arguments[0].name)
        go.wait(60)

    monkeypatch.setattr(eval.evaluations, "evaluate", slow)
    evaluations = Evaluations(home, Settings())
    evaluations.start("mine")
    evaluations.start("article")
    go.set()
    waited(evaluations)
    assert begun == ["mine"]


def test_a_run_that_was_stopped_is_gone_on_with(home: Path) -> None:
    evaluations = Evaluations(home, Settings())
    evaluations.start("mine")
    waited(evaluations, lambda state: state.step == "questions" and state.done >= 3)
    evaluations.stop()
    state = waited(evaluations)
    assert state.message.startswith("Stopped.")
    (answers,) = (home / RUNS).glob(f"*/{ANSWERS}")
    kept = answers.read_bytes()
    assert 3 <= kept.count(b"\n") < 40
    evaluations.start("mine")
    assert waited(evaluations).folder == answers.parent
    assert answers.read_bytes().startswith(kept[: kept.rindex(b"\n") + 1])


def test_a_stopped_run_under_other_settings_is_left_as_it_is(home: Path) -> None:
    evaluations = Evaluations(home, Settings())
    evaluations.start("mine")
    waited(evaluations, lambda state: state.step == "questions" and state.done >= 3)
    evaluations.stop()
    waited(evaluations)
    other = Settings()
    other = other.model_copy(update={"reading": other.reading.model_copy(update={"min_confidence": 0.1})})
    again = Evaluations(home, other)
    again.start("mine")
    assert waited(again).message == ""
    assert len(list((home / RUNS).glob(f"*/{ANSWERS}"))) == 2
    assert len(list((home / RUNS).glob(f"*/{REPORT}"))) == 1


@pytest.mark.parametrize(
    ("failure", "message"), [(DatasetError("mend the line"), "mend the line"), (RuntimeError("a bug"), WENT_WRONG)]
)
def test_what_stands_in_the_way_is_said(
    home: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception, message: str
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise failure

    monkeypatch.setattr(eval.evaluations, "evaluate", broken)
    evaluations = Evaluations(home, Settings())
    evaluations.start("mine")
    assert waited(evaluations).message == message


class Tags(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found |= {tag, *(name for name, _ in attrs)}


HOSTILE = "<script>alert(1)</script>\n\n[x](javascript:alert(1)) <img src=x onerror=alert(1)>"


def test_hostile_text_is_text_on_the_page(home: Path) -> None:
    folder = home / RUNS / "mine-1"
    folder.mkdir(parents=True)
    bad = record(HOSTILE, HOSTILE, answerable=True, right=0.0) | {"answer": HOSTILE, "question": HOSTILE}
    bad["sample"]["answers"] = [HOSTILE]
    failed = {"qid": HOSTILE, "error": HOSTILE}
    (folder / ANSWERS).write_text(json.dumps(bad) + "\n" + json.dumps(failed) + "\n")
    (folder / REPORT).write_text("{}")
    evaluations = Evaluations(home, Settings())
    shown = replace(evaluations.state, running=True, suite=HOSTILE, step=HOSTILE)
    for blocks in (report_blocks(evaluations), progress_blocks(shown), progress_blocks(State(message=HOSTILE))):
        assert blocks
        for block in blocks:
            assert "\n" not in block
            assert not Tags(block).found & {"script", "onerror", "a", "href"}
            assert "javascript:" not in block
