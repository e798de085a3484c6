"""Checking a text against the articles: verdicts, citations, addresses of its own, articles that differ, and the verb."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fakes import HashEncoder, ListeningClaims

from assistant import Assistant
from assistant.cli import onrecord
from assistant.settings import ReadingSettings, Settings
from assistant.types import Scope
from ingest.loading import load
from ingest.pipeline import ingest
from ingest.settings import IngestSettings

QUAKE = "The earthquake near Herat killed 56 people on Tuesday, officials said.\n\nRescue teams reached the last villages by night."
OLDER = "The earthquake near Herat killed 41 people on Tuesday, officials said.\n\nRoads were blocked by landslides."


@pytest.fixture
def home(tmp_path: Path, fake_models: HashEncoder, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(
        "assistant.grounding.judge.load_claims", lambda name: ListeningClaims(wrong=["cheese"], supported=3)
    )
    (tmp_path / "quake.txt").write_text(QUAKE, encoding="utf-8")
    (tmp_path / "older.txt").write_text(OLDER, encoding="utf-8")
    lines = [
        {"id": "quake", "path": "quake.txt", "title": "Toll rises", "outlet": "AP", "published": "2024-05-02"},
        {"id": "older", "path": "older.txt", "title": "Dozens dead", "outlet": "Dawn", "published": "2024-05-01"},
    ]
    manifest = tmp_path / "manifest.jsonl"
    manifest.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    ingest(tmp_path / "home", load([manifest], 10**6), IngestSettings())
    return tmp_path / "home"


@pytest.fixture
def assistant(home: Path) -> Iterator[Assistant]:
    with Assistant.open(home) as opened:
        yield opened


def run(*arguments: object, text: str | None = None) -> Result:
    return CliRunner().invoke(onrecord, [*map(str, arguments)], input=text)


def test_each_sentence_has_a_verdict_and_what_it_stands_on(assistant: Assistant) -> None:
    text = "Rescue teams reached the last villages by night. The moon is made of cheese. Is that so?"
    checked = assistant.check(text)
    assert [s.verdict for s in checked.sentences] == ["quoted", "unsupported", "not_a_claim"]
    assert [text[s.start : s.end] for s in checked.sentences] == [s.text for s in checked.sentences]
    (cited,) = checked.citations
    assert (cited.article, cited.quote, checked.sentences[0].citations) == (
        "quake", "Rescue teams reached the last villages by night.", (1,),
    )  # fmt: skip
    assert assistant.cite(cited.id).quote == cited.quote
    assert checked.faults == 1


def test_a_wrong_number_is_contradicted_by_what_is_cited(assistant: Assistant) -> None:
    (sentence,) = assistant.check("The earthquake near Herat killed 70 people on Tuesday, officials said.").sentences
    assert sentence.verdict == "contradicted"
    assert next((r.kind, r.claim) for r in sentence.reasons) == ("number", "70")
    assert sentence.citations


def test_another_article_that_says_otherwise_is_named(assistant: Assistant) -> None:
    checked = assistant.check("The earthquake near Herat killed 41 people on Tuesday, officials said.")
    (sentence,) = checked.sentences
    assert sentence.verdict == "quoted"
    assert [(r.kind, r.claim, r.evidence) for r in sentence.reasons] == [("disagreement", "41", "56")]
    assert [checked.citations[m - 1].article for m in sentence.citations] == ["older", "quake"]


def test_an_address_that_does_not_say_it_is_found_out_and_the_sentence_cited_anew(assistant: Assistant) -> None:
    wrong = assistant.check("Roads were blocked by landslides.").citations[0].id
    text = f"Rescue teams reached the last villages by night. [{wrong}] Roads were blocked by landslides. [{wrong}]"
    checked = assistant.check(text)
    first, second = checked.sentences
    assert (first.verdict, first.text, [r.kind for r in first.reasons]) == (
        "quoted", "Rescue teams reached the last villages by night.", ["miscited"],
    )  # fmt: skip
    assert checked.citations[first.citations[0] - 1].article == "quake"
    assert (second.verdict, second.reasons) == ("quoted", ())
    assert checked.faults == 1


def test_an_address_that_leads_nowhere_is_said_to(assistant: Assistant) -> None:
    (sentence,) = assistant.check("Roads were blocked by landslides. [nowhere@0123456789ab:1-5]").sentences
    assert (sentence.verdict, [r.kind for r in sentence.reasons]) == ("quoted", ["no_such_citation"])


def test_a_heading_that_states_nothing_is_no_fault(assistant: Assistant) -> None:
    checked = assistant.check("# Cheese on the moon\n\nRoads were blocked by landslides.")
    assert [s.verdict for s in checked.sentences] == ["not_a_claim", "quoted"]


def test_a_scope_limits_what_is_checked_against(assistant: Assistant) -> None:
    text = "Roads were blocked by landslides."
    assert assistant.check(text, Scope(articles=("quake",))).sentences[0].verdict != "quoted"


def test_the_verb_prints_json_and_exits_3_for_a_fault(home: Path) -> None:
    fine = run("check", "Roads were blocked by landslides.", "--home", home, "--json")
    assert fine.exit_code == 0
    assert set(json.loads(fine.stdout)) == {"sentences", "citations"}
    assert set(json.loads(fine.stdout)["sentences"][0]) == {
        "text", "start", "end", "verdict", "score", "reasons", "citations",
    }  # fmt: skip
    assert run("check", "-", "--home", home, text="The moon is made of cheese.").exit_code == 3


def test_the_verb_shows_what_is_wrong_in_words(home: Path, tmp_path: Path) -> None:
    (tmp_path / "draft.md").write_text(
        "The earthquake near Herat killed 70 people on Tuesday, officials said.", encoding="utf-8"
    )
    shown = run("check", "-f", tmp_path / "draft.md", "--home", home)
    assert shown.exit_code == 3
    assert "“70” is not the number stated — the articles: “56”" in shown.stdout or "the articles: “41”" in shown.stdout
    assert "1 sentence: 1 contradicted" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "give a TEXT"),
        (["a", "-f", "b"], 2, "give a TEXT"),
        ([" "], 2, "no text to check"),
        (["-f", "nowhere.txt"], 1, "nowhere.txt: cannot be read"),
    ],
)
def test_bad_input_is_told_what_to_do(home: Path, arguments: list[str], code: int, message: str) -> None:
    failed = run("check", *arguments, "--home", home)
    assert failed.exit_code == code
    assert message in failed.stderr


def test_an_answer_quotes_both_sides_newer_first_and_says_where_they_differ(home: Path) -> None:
    with Assistant.open(home, Settings(reading=ReadingSettings(min_confidence=0))) as assistant:
        answer = assistant.answer("How many people did the earthquake near Herat kill?")
    assert [c.article for c in answer.citations][:2] == ["quake", "older"]
    assert [[r.kind for r in s.reasons] for s in answer.sentences][:2] == [["disagreement"], ["disagreement"]]
    assert any(note.startswith("The articles differ: “56” (Toll rises, 2 May 2024) and “41”") for note in answer.notes)
