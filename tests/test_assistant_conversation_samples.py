"""What was rated in the chat, as a suite that the evaluation runs."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from fakes import HashEncoder

from assistant import Assistant
from assistant.cli import onrecord
from assistant.conversations import Conversations
from eval.samples import find_suite
from ingest.loading import Article
from ingest.pipeline import ingest
from ingest.settings import IngestSettings

FERRY = "The ferry Aurora left Tallinn at dawn. It carried 212 people."
ASKED = "How many people did the ferry Aurora carry from Tallinn?"


@pytest.fixture
def home(fake_models: HashEncoder, tmp_path: Path) -> Path:
    ingest(tmp_path, [Article("ferry", FERRY)], IngestSettings())
    with Assistant.open(tmp_path) as assistant, closing(Conversations(tmp_path)) as conversations:
        chat = conversations.create()
        for rating, question in (("up", ASKED), ("down", f"{ASKED} Really?"), (None, "And when?")):
            number = conversations.begin_turn(chat, question)
            assert conversations.finish_turn(chat, number, assistant.answer(question))
            if rating:
                conversations.rate(chat, number, rating, "too long" if rating == "down" else "")  # type: ignore[arg-type]
    return tmp_path


def samples(home: Path, out: Path, code: int = 0) -> str:
    done = CliRunner().invoke(onrecord, ["conversations", "samples", "--home", str(home), "--out", str(out)])
    assert done.exit_code == code, done.output
    return done.output


def test_rated_answers_are_a_suite_that_the_evaluation_takes(home: Path, tmp_path: Path) -> None:
    assert samples(home, tmp_path / "suite").startswith("2 drafts")
    suite = find_suite(str(tmp_path / "suite"))
    assert suite.check().questions == 2
    good, bad = suite.samples()
    assert (good.question, good.answerable is not None, bad.answerable) == (ASKED, True, None)
    assert {"draft", "rated-up"} <= set(good.tags)
    assert {"draft", "rated-down", "too-long"} <= set(bad.tags)
    assert [turn.q for turn in bad.history] == [ASKED]


def test_evidence_that_changed_since_is_left_out(home: Path, tmp_path: Path) -> None:
    ingest(home, [Article("ferry", f"Corrected. {FERRY}")], IngestSettings())
    samples(home, tmp_path / "suite")
    lines = [json.loads(line) for line in (tmp_path / "suite" / "questions.jsonl").read_text().splitlines()]
    assert [(line["evidence"], line["answerable"]) for line in lines if line["evidence"] or line["answerable"]] == []
    assert find_suite(str(tmp_path / "suite")).check().questions == 2


def test_corrections_are_not_written_over_and_nothing_rated_says_so(home: Path, tmp_path: Path) -> None:
    samples(home, tmp_path / "suite")
    assert "name another --out" in samples(home, tmp_path / "suite", 1)
    with closing(Conversations(home)) as conversations:
        (summary,) = conversations.list()
        for turn in conversations.get(summary.id).turns:
            conversations.rate(summary.id, turn.number, None)
    assert "press Good or Not good" in samples(home, tmp_path / "other", 1)
