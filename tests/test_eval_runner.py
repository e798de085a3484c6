"""A run: questions asked, written down, gone on with; and its verb."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from fakes import HashEncoder

import assistant.answer_path
import assistant.answering
import eval.answer_metrics as answer_metrics
from assistant import Answer, Assistant
from assistant.types import Citation
from eval.cli import eval_command
from eval.runner import ANSWERS, run
from eval.samples import Suite
from ingest.archive import Archive
from ingest.errors import DatasetError
from ingest.loading import Article
from ingest.pipeline import ingest
from ingest.settings import IngestSettings

TEXT = "The ferry Aurora left Tallinn at dawn. It carried 212 people.\r\n\r\nA storm broke the window. \u00a0The captain was asleep 🚢.\n"
APPLES = "The growers of Almaty lost their whole crop of apples. The frost came in a single night."
CORPUS: list[dict[str, Any]] = [
    {"doc_id": "wire:1", "title": "A ferry", "text": TEXT},
    {"doc_id": "apples", "title": None, "text": APPLES},
]
STRETCH: dict[str, Any] = {"doc_id": "wire:1", "start": TEXT.index("A storm"), "end": TEXT.index("A storm") + 25}
QUESTIONS: list[dict[str, Any]] = [
    {"qid": "ferry", "question": "How many people did the ferry Aurora carry?", "history": [], "answerable": True,
     "evidence": [{"doc_id": "wire:1", "start": 39, "end": 61, "text": "It carried 212 people."}]},
    {"qid": "growers", "question": "What did the growers of Almaty lose?", "history": [], "answerable": True, "evidence": []},
    {"qid": "follow-up", "question": "Was he asleep?", "history": [{"q": "Who is the captain?", "a": "…"}], "answerable": True},
    {"qid": "nowhere", "question": "Where is Oslo?", "answerable": False},
    {"qid": "scoped", "question": "How many people did the ferry Aurora carry?", "answerable": None, "scope": [STRETCH]},
]  # fmt: skip


def silent(*_: object) -> None:
    """Progress that nobody sees."""


def written(path: Path, records: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture
def suite(fake_models: HashEncoder, tmp_path: Path) -> Suite:
    return Suite(
        "mine", written(tmp_path / "q" / "questions.jsonl", QUESTIONS), written(tmp_path / "q" / "corpus.jsonl", CORPUS)
    )


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "run"


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every question is answered."""
    monkeypatch.setenv("ONRECORD_READING__MIN_CONFIDENCE", "0")


def ran(suite: Suite, out: Path, home: Path | None = None) -> list[dict[str, Any]]:
    """The whole records of a run, as they stand on disk."""
    told = list(run(suite, out, home or out / "home", silent))
    found = lines(out)
    assert [record["qid"] for record in told] == [record["qid"] for record in found]
    return found


def lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / ANSWERS).read_text(encoding="utf-8").splitlines()]


def verb(suite: Suite, out: Path, *options: str) -> Result:
    files = ["--corpus", str(suite.corpus), "--questions", str(suite.questions), "--out", str(out)]
    return CliRunner().invoke(eval_command, ["run", *files, *options])


def test_each_question_has_a_line_with_the_answer_and_what_was_retrieved(suite: Suite, out: Path) -> None:
    ran(suite, out)
    assert [line["qid"] for line in lines(out)] == [question["qid"] for question in QUESTIONS]
    for line in lines(out):
        assert set(line) >= {
            "qid", "retrieved", "question", "standalone_question", "outcome", "abstained", "reason", "missing", "answer", "mode",
            "confidence", "sentences", "citations", "nearest", "timings_ms",
        }  # fmt: skip
        assert 0 < len(line["retrieved"]) <= 10
        assert all(set(hit) == {"article", "start", "end", "score"} for hit in line["retrieved"])


def test_retrieved_are_at_most_10_best_first(fake_models: HashEncoder, tmp_path: Path) -> None:
    corpus = [{"doc_id": f"d{n}", "title": None, "text": f"The ferry number {n} left at dawn."} for n in range(15)]
    many = Suite("many", written(tmp_path / "q.jsonl", QUESTIONS[1:2]), written(tmp_path / "c.jsonl", corpus))
    (record,) = ran(many, tmp_path / "run")
    assert len(record["retrieved"]) == 10
    scores = [hit["score"] for hit in record["retrieved"]]
    assert scores == sorted(scores, reverse=True)


def test_history_is_used(suite: Suite, out: Path) -> None:
    assert {r["qid"]: r["standalone_question"] for r in ran(suite, out)}["follow-up"] == "Was he asleep? (captain)"


def test_a_scope_is_answered_from_that_stretch_alone(suite: Suite, out: Path, eager: None) -> None:
    record = {r["qid"]: r for r in ran(suite, out)}["scoped"]
    assert [c["quote"] for c in record["citations"]] == ["A storm broke the window."]
    assert {hit["article"] for hit in record["retrieved"]} == {"wire:1"}


def test_a_question_about_the_article_is_about_that_of_its_scope(suite: Suite, out: Path) -> None:
    written(suite.questions, [{"qid": "x", "question": "What is the title of this article?", "scope": [STRETCH]}])
    (record,) = ran(suite, out)
    assert record["answer"] == "A ferry [1]"


def test_the_text_of_a_corpus_is_kept_character_for_character(suite: Suite, out: Path) -> None:
    ran(suite, out)
    archive = Archive(out / "home")
    source = archive.source("wire:1")
    archive.close()
    assert source is not None
    assert source.text == TEXT
    for line in lines(out):
        for cited in (*line["citations"], *line["nearest"]):
            text = TEXT if cited["article"] == "wire:1" else APPLES
            assert text[cited["start"] : cited["end"]] == cited["quote"]


def test_a_run_that_was_finished_asks_nothing_again(suite: Suite, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = json.loads(json.dumps(ran(suite, out)))
    monkeypatch.setattr(Assistant, "answer", lambda *_: pytest.fail("asked again"))
    assert ran(suite, out) == first


@pytest.mark.parametrize("cut", [1, 2, 40, 400], ids=lambda cut: f"{cut} bytes")
def test_a_half_written_last_line_is_asked_again(suite: Suite, out: Path, cut: int) -> None:
    ran(suite, out)
    whole = lines(out)
    answers = out / ANSWERS
    answers.write_bytes(answers.read_bytes()[:-cut])
    records = ran(suite, out)
    assert [r["qid"] for r in records] == [q["qid"] for q in QUESTIONS]
    assert [line["qid"] for line in lines(out)] == [line["qid"] for line in whole]
    assert [line["answer"] for line in lines(out)] == [line["answer"] for line in whole]
    assert lines(out)[:4] == whole[:4]


def test_an_interrupted_run_keeps_each_answer_that_it_has_given(suite: Suite, out: Path) -> None:
    running = run(suite, out, out / "home", silent)
    next(running)
    next(running)
    assert len(lines(out)) == 2
    del running
    assert len(ran(suite, out)) == 5


def broken_at(question: str, failure: Exception) -> Callable[..., Answer]:
    answer = Assistant.answer

    def broken(self: Assistant, asked: str, *rest: Any) -> Answer:
        if asked == question:
            raise failure
        return answer(self, asked, *rest)

    return broken


@pytest.mark.parametrize("failure", [RuntimeError("it broke"), DatasetError("it broke")])
def test_a_question_that_fails_is_an_error_and_the_run_goes_on(
    suite: Suite, out: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    monkeypatch.setattr(Assistant, "answer", broken_at("What did the growers of Almaty lose?", failure))
    ran(suite, out)
    assert set(lines(out)[1]) == {"qid", "error"}
    assert "it broke" in lines(out)[1]["error"]
    assert len(lines(out)) == 5


def test_a_metric_that_fails_is_an_error_of_its_question(
    suite: Suite, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> answer_metrics.Score:
        raise RuntimeError("it broke")

    monkeypatch.setattr("eval.runner.METRICS", {**answer_metrics.METRICS, "grounded": broken})
    assert all("it broke" in record["error"] for record in ran(suite, out))


def test_a_question_with_half_a_surrogate_pair_is_named_before_the_run(suite: Suite, out: Path) -> None:
    written(suite.questions, [*QUESTIONS[:1], {"qid": "half", "question": "Where is \ud83d Oslo?"}])
    with pytest.raises(DatasetError, match=r"questions\.jsonl:2: field 'question'"):
        ran(suite, out)
    assert not out.exists()


def test_a_home_with_other_articles_is_refused_and_left_as_it_is(suite: Suite, out: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    ingest(home, [Article("other", "Something else.")], IngestSettings())
    with pytest.raises(DatasetError, match="holds other articles"):
        ran(suite, out, home)
    archive = Archive(home)
    assert [info.article for info in archive.articles()] == ["other"]
    archive.close()


def test_a_folder_with_a_run_of_other_questions_is_refused_and_left_as_it_is(
    suite: Suite, out: Path, tmp_path: Path
) -> None:
    ran(suite, out)
    before = hashlib.sha256((out / ANSWERS).read_bytes()).digest()
    more = [*CORPUS, {"doc_id": "more", "title": None, "text": "More words."}]
    other = Suite("mine", written(tmp_path / "o" / "q.jsonl", QUESTIONS[:2]), written(tmp_path / "o" / "c.jsonl", more))
    with pytest.raises(DatasetError, match="run of another suite"):
        ran(other, out)
    assert hashlib.sha256((out / ANSWERS).read_bytes()).digest() == before
    archive = Archive(out / "home")
    assert {info.article for info in archive.articles()} == {"wire:1", "apples"}
    archive.close()


def test_a_folder_with_a_run_over_another_corpus_is_refused(suite: Suite, out: Path) -> None:
    ran(suite, out)
    changed = [CORPUS[0], {**CORPUS[1], "text": APPLES.replace("apples", "cherry trees")}]
    with pytest.raises(DatasetError):
        ran(replace(suite, corpus=written(suite.corpus.with_name("changed.jsonl"), changed)), out)


def test_a_folder_with_a_run_under_other_settings_is_refused(
    suite: Suite, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran(suite, out)
    monkeypatch.setenv("ONRECORD_RETRIEVAL__PASSAGES", "3")
    with pytest.raises(DatasetError, match="settings"):
        ran(suite, out)


def test_progress_counts_the_questions(suite: Suite, out: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    list(run(suite, out, out / "home", lambda *what: told.append(what)))
    assert [what for what in told if what[0] == "questions"] == [("questions", n, 5) for n in range(1, 6)]


def test_the_verb_prints_the_figures_and_where_the_answers_are(suite: Suite, out: Path) -> None:
    done = verb(suite, out)
    assert done.exit_code == 0, done.output
    assert "citations valid" in done.stdout
    assert f"answers: {out / ANSWERS}" in done.stdout


def no_such_number(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


@pytest.mark.parametrize("where", ["stdout", "report.json"])
def test_the_verb_prints_json_that_any_program_can_read(suite: Suite, out: Path, where: str) -> None:
    written(suite.questions, QUESTIONS[1:2])  # nothing to abstain from: a figure of nothing
    done = verb(suite, out, "--json")
    text = done.stdout if where == "stdout" else (out / "report.json").read_text(encoding="utf-8")
    result = json.loads(text, parse_constant=no_such_number)
    assert {"run", "figures", "broken_gates"} <= set(result)
    assert {"name", "n", "mean", "low", "high"} == set(result["figures"][0])


def test_a_gate_that_holds_exits_0(suite: Suite, out: Path, eager: None) -> None:
    assert verb(suite, out, "--gate").exit_code == 0


def test_a_broken_quote_breaks_the_gate_and_names_its_sample(
    suite: Suite, out: Path, eager: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    cite_all = assistant.answering.cite_all

    def altered(*arguments: Any) -> list[Citation]:
        return [replace(c, quote=c.quote.replace("apples", "pears")) for c in cite_all(*arguments)]

    monkeypatch.setattr(assistant.answer_path, "cite_all", altered)
    monkeypatch.setattr(assistant.answering, "judge_quote", lambda *_: ("quoted", ()))
    done = verb(suite, out, "--gate")
    assert done.exit_code == 3
    assert "gate broken: quotes exact" in done.stderr
    assert "growers" in done.stderr
    assert "ferry" not in done.stderr
    assert verb(suite, out).exit_code == 0


def test_an_address_that_resolves_to_nothing_breaks_the_gate(
    suite: Suite, out: Path, eager: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    cite_all = assistant.answering.cite_all

    def astray(*arguments: Any) -> list[Citation]:
        return [replace(c, id=c.id.replace("apples@", "pears@")) for c in cite_all(*arguments)]

    monkeypatch.setattr(assistant.answer_path, "cite_all", astray)
    monkeypatch.setattr(assistant.answering, "judge_quote", lambda *_: ("quoted", ()))
    done = verb(suite, out, "--gate")
    assert done.exit_code == 3
    assert "citations valid" in done.stderr


def test_a_question_that_fails_breaks_the_gate(suite: Suite, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Assistant, "answer", broken_at("Where is Oslo?", RuntimeError("it broke")))
    done = verb(suite, out, "--gate")
    assert done.exit_code == 3
    assert "gate broken: nowhere failed: RuntimeError: it broke" in done.stderr


def test_a_suite_without_questions_is_an_error_without_a_traceback(suite: Suite, out: Path) -> None:
    suite.questions.write_text("\n")
    done = verb(suite, out)
    assert done.exit_code == 1
    assert "questions.jsonl" in done.stderr


def test_a_wrong_line_is_an_error_that_names_it(suite: Suite, out: Path) -> None:
    suite.questions.write_text('{"qid": "x"}\n')
    done = verb(suite, out)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "questions.jsonl:1: field 'question'" in done.stderr


@pytest.mark.parametrize(
    "options", [["--corpus", "x"], ["--questions", "x"], ["article", "--corpus", "x", "--questions", "y"]]
)
def test_a_suite_and_files_are_a_mistake_of_usage(options: list[str]) -> None:
    assert CliRunner().invoke(eval_command, ["run", *options]).exit_code == 2


def test_an_unknown_suite_is_an_error_that_names_it(out: Path) -> None:
    done = CliRunner().invoke(eval_command, ["run", "unknown", "--out", str(out)])
    assert done.exit_code == 1
    assert "'unknown'" in done.stderr
    assert not out.exists()


def test_the_shipped_suite_runs_and_holds_its_gates(fake_models: HashEncoder, out: Path) -> None:
    done = CliRunner().invoke(eval_command, ["run", "--out", str(out), "--gate", "--json"])
    assert done.exit_code == 0, done.stderr
    assert len(lines(out)) == len({line["qid"] for line in lines(out)}) >= 60
