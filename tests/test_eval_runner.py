"""A run: questions asked, written down, gone on with; and its verb."""

from __future__ import annotations

import hashlib
import json
import re
import signal
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from click.testing import CliRunner, Result
from conftest import StartPython
from fakes import HashEncoder

import assistant.answer_path
import assistant.answering
from assistant import Answer, Assistant
from assistant.retrieval import Found, PassageRetriever
from assistant.types import Citation, Part, Timings
from eval.cli import eval_command
from eval.report import read_report
from eval.run_folder import ANSWERS, NOTE, records
from eval.runner import ask, run
from eval.samples import Sample, Suite
from ingest.archive import Archive
from ingest.errors import DatasetError
from ingest.loading import Article, Failure, load_corpus
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
    run(suite, out, home or out / "home", silent)
    return lines(out)


def lines(out: Path) -> list[dict[str, Any]]:
    return list(records(out))


def qids(out: Path) -> list[str]:
    return [line["qid"] for line in lines(out)]


def of_number(count: int) -> list[dict[str, Any]]:
    """Questions whose number stands in them."""
    return [{"qid": f"q{n}", "question": f"How many people did the ferry Aurora carry in {n}?"} for n in range(count)]


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
    assert {r["qid"]: r["standalone_question"] for r in ran(suite, out)}["follow-up"] == "Was the captain asleep?"


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
    monkeypatch.setattr(Assistant, "stream", lambda *_: pytest.fail("asked again"))
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


def test_an_interrupted_run_keeps_each_answer_that_it_has_told_of_and_breaks_no_other(
    suite: Suite, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(suite.questions, of_number(60))
    answered: list[dict[str, Any]] = []

    def watched(*arguments: Any) -> dict[str, Any]:
        answered.append(ask(*arguments))
        return answered[-1]

    closed, close = Event(), Assistant.close

    def closing(self: Assistant) -> None:
        close(self)
        closed.set()

    monkeypatch.setattr("eval.runner.ask", watched)
    monkeypatch.setattr(Assistant, "close", closing)
    around(monkeypatch, lambda question: closed.wait(2) if "in 2?" in question else None)

    def interrupting(what: str, done: int, _: int | None) -> None:
        if (what, done) == ("questions", 2):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(suite, out, out / "home", interrupting)
    assert qids(out) == ["q0", "q1"]
    assert len(ran(suite, out)) == 60
    assert not [record for record in answered if "error" in record]


RUNNING = """
import signal
import sys
import time
from pathlib import Path
import assistant.assistant, ingest.pipeline
from fakes import HashEncoder
from assistant.progress import interruptible
from eval.runner import run
from eval.samples import Suite
signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores it
fake = HashEncoder()
assistant.assistant.Encoder = ingest.pipeline.Encoder = lambda model="bundled": fake
questions, corpus, out = map(Path, sys.argv[1:])


def tell(what, done, total):
    print(what, done, total, flush=True)
    if what == "questions" and done > 20:
        time.sleep(0.1)  # not at its end before the signal comes, on a busy machine either


with interruptible(tell) as progress:
    run(Suite("mine", questions, corpus), out, out / "home", progress)
"""


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_killed_is_gone_on_with(
    suite: Suite, out: Path, start_python: StartPython, blow: signal.Signals
) -> None:
    written(suite.questions, of_number(300))
    running = start_python(RUNNING, suite.questions, suite.corpus, out)
    assert running.stdout
    while running.stdout.readline().split() != ["questions", "20", "300"]:
        assert running.poll() is None
    running.send_signal(blow)
    assert running.wait(30) != 0
    kept = (out / ANSWERS).read_bytes()
    whole = kept[: kept.rindex(b"\n") + 1]
    assert 20 <= whole.count(b"\n") < 300
    asked: list[tuple[str, int, int | None]] = []
    run(suite, out, out / "home", lambda *told: asked.append(told))
    assert [told[1] for told in asked if told[0] == "questions"] == list(range(whole.count(b"\n"), 301))
    assert (out / ANSWERS).read_bytes().startswith(whole)
    assert qids(out) == [f"q{n}" for n in range(300)]


@pytest.fixture
def two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eval.runner.WORKERS", 2)
    monkeypatch.setattr("eval.runner.IN_THE_MAKING", 4)


def around(monkeypatch: pytest.MonkeyPatch, first: Callable[[str], object]) -> None:
    """Has something done before each question is answered."""
    stream = Assistant.stream

    def told(self: Assistant, question: str, *rest: Any) -> Iterator[Part]:
        first(question)
        return stream(self, question, *rest)

    monkeypatch.setattr(Assistant, "stream", told)


@pytest.mark.usefixtures("two_at_a_time")
def test_two_questions_are_answered_at_a_time(suite: Suite, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(suite.questions, of_number(6))
    meeting = Barrier(2, timeout=60)
    around(monkeypatch, lambda _: meeting.wait())
    assert all("error" not in record for record in ran(suite, out))


@pytest.mark.usefixtures("two_at_a_time")
def test_the_answers_stand_in_the_order_of_the_questions(
    suite: Suite, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(suite.questions, of_number(8))
    answered: list[str] = []
    second = Event()

    def wait(question: str) -> None:
        if " 0?" in question:
            second.wait(60)
        answered.append(question)
        if " 1?" in question:
            second.set()

    around(monkeypatch, wait)
    ran(suite, out)
    assert answered.index(of_number(2)[1]["question"]) < answered.index(of_number(1)[0]["question"])
    assert qids(out) == [f"q{n}" for n in range(8)]


@pytest.mark.usefixtures("two_at_a_time")
def test_no_more_questions_are_taken_up_than_a_few(suite: Suite, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(suite.questions, of_number(40))
    taken, samples = 0, Suite.samples

    def counted(self: Suite) -> Iterator[Sample]:
        nonlocal taken
        for sample in samples(self):
            taken += 1
            yield sample

    most = 0

    def told(what: str, done: int, _: int | None) -> None:
        nonlocal most, taken
        if (what, done) == ("questions", 0):
            taken = 0  # the check is over
        elif what == "questions":
            most = max(most, taken - done + 1)

    monkeypatch.setattr(Suite, "samples", counted)
    run(suite, out, out / "home", told)
    assert most == 4


def test_the_memory_of_a_run_does_not_grow_with_its_questions(
    suite: Suite, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = Answer(
        question="q", standalone_question="q", outcome="answered", abstained=False, reason=None, missing=(), answer="x" * 20_000,
        mode="quote", confidence=1.0, sentences=(), citations=(), nearest=(), timings_ms=Timings(),
    )  # fmt: skip
    monkeypatch.setattr(Assistant, "stream", lambda *_: iter([Part("", answer=long)]))
    monkeypatch.setattr(Assistant, "search", lambda *_: ())
    monkeypatch.setenv("ONRECORD_GROUNDING__CLAIM_READER", "none")  # weights are no part of a run
    written(suite.questions, of_number(3000))
    assert run(suite, out, out / "home", silent) == 3000
    (out / ANSWERS).unlink()
    tracemalloc.start()
    try:
        run(suite, out, out / "home", silent)
        report = read_report(out)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert not report.broken
    assert (out / ANSWERS).stat().st_size > 60_000_000
    assert peak < 6_000_000


def test_the_corpus_is_read_twice(suite: Suite, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once to check the questions against it, once to take it in."""
    read: list[Path] = []

    def counted(path: Path) -> Iterator[Article | Failure]:
        read.append(path)
        return load_corpus(path)

    monkeypatch.setattr("eval.samples.load_corpus", counted)
    ran(suite, out)
    assert len(read) == 2


def test_a_question_is_searched_for_once(suite: Suite, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(suite.questions, QUESTIONS[:1])
    asked: list[str] = []
    search = PassageRetriever.search

    def counted(self: PassageRetriever, query: str, *rest: Any) -> Found:
        asked.append(query)
        return search(self, query, *rest)

    monkeypatch.setattr(PassageRetriever, "search", counted)
    (record,) = ran(suite, out)
    assert asked == ["warm up", QUESTIONS[0]["question"]]
    assert {hit["article"] for hit in record["retrieved"]} == {"wire:1", "apples"}


def test_the_passages_of_both_parts_of_a_question_are_retrieved(suite: Suite, out: Path) -> None:
    ferries = [{"doc_id": f"f{n}", "text": f"The ferry Aurora carried {n} people."} for n in range(12)]
    growers = [{"doc_id": f"g{n}", "text": f"The growers of Almaty lost {n} apples."} for n in range(12)]
    written(suite.corpus, [*ferries, *growers])
    both = "How many people did the ferry Aurora carry? What did the growers of Almaty lose?"
    written(suite.questions, [{"qid": "both", "question": both}])
    (record,) = ran(suite, out)
    articles = [hit["article"] for hit in record["retrieved"]]
    assert len(set(articles)) == 10
    assert [article[0] for article in articles] == ["f", "g"] * 5


def test_an_answer_from_metadata_alone_has_passages_retrieved_too(suite: Suite, out: Path) -> None:
    written(suite.questions, [{"qid": "x", "question": "What is the title of this article?", "scope": [STRETCH]}])
    (record,) = ran(suite, out)
    assert record["answer"] == "A ferry [1]"
    assert {hit["article"] for hit in record["retrieved"]} == {"wire:1"}


def test_what_was_retrieved_is_scored(suite: Suite, out: Path) -> None:
    scores = {record["qid"]: record["scores"] for record in ran(suite, out)}
    assert [scores["ferry"][name]["value"] for name in ("Hit@1", "Hit@5", "Hit@10", "MRR@10")] == [1, 1, 1, 1]
    assert scores["nowhere"]["MRR@10"] == {"value": None, "reason": "no gold evidence"}


def failing(monkeypatch: pytest.MonkeyPatch, question: str, failure: Exception) -> None:
    def broken(asked: str) -> None:
        if asked == question:
            raise failure

    around(monkeypatch, broken)


@pytest.mark.parametrize("failure", [RuntimeError("it broke"), DatasetError("it broke")])
def test_a_question_that_fails_is_an_error_and_the_run_goes_on(
    suite: Suite, out: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    failing(monkeypatch, "What did the growers of Almaty lose?", failure)
    ran(suite, out)
    assert set(lines(out)[1]) == {"qid", "error"}
    assert "it broke" in lines(out)[1]["error"]
    assert len(lines(out)) == 5


def test_a_question_that_failed_is_asked_again_and_stands_in_its_place(
    suite: Suite, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        failing(broken, "What did the growers of Almaty lose?", RuntimeError("it broke"))
        before = ran(suite, out)
    again: list[str] = []
    around(monkeypatch, again.append)
    after = ran(suite, out)
    assert again == ["What did the growers of Almaty lose?"]
    assert [line["qid"] for line in after] == [question["qid"] for question in QUESTIONS]
    assert "error" not in after[1]
    assert [*after[:1], *after[2:]] == [*before[:1], *before[2:]]
    assert {path.name for path in out.iterdir()} == {"answers.jsonl", "home", "run.json"}


def test_a_metric_that_fails_is_an_error_of_its_question(
    suite: Suite, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("it broke")

    monkeypatch.setattr("eval.runner.scores_of", broken)
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
    with pytest.raises(DatasetError, match="another run: it differs in suite_sha256"):
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
    assert run(suite, out, out / "home", lambda *what: told.append(what)) == 5
    assert [what for what in told if what[0] == "questions"] == [("questions", n, 5) for n in range(6)]


def test_progress_says_first_what_was_done_before(suite: Suite, out: Path) -> None:
    ran(suite, out)
    whole = (out / ANSWERS).read_bytes().splitlines(keepends=True)
    (out / ANSWERS).write_bytes(b"".join(whole[:3]))
    told: list[tuple[str, int, int | None]] = []
    run(suite, out, out / "home", lambda *what: told.append(what))
    assert [what for what in told if what[0] == "questions"] == [("questions", n, 5) for n in range(3, 6)]


def test_the_verb_prints_the_figures_and_where_the_answers_are(suite: Suite, out: Path) -> None:
    done = verb(suite, out)
    assert done.exit_code == 0, done.output
    assert "citations valid" in done.stdout
    assert "MRR@10" in done.stdout
    assert re.search(r"answer, warm: p50 \d+ ms, p95 \d+ ms \(n 5, asked one at a time after the run\)", done.stdout)
    assert re.search(r"retrieval, warm: p50 \d+ ms, \d+\.\d x a plain llama-index retriever \(\d+ ms\)", done.stdout)
    assert f"answers: {out / ANSWERS}" in done.stdout
    assert f"report: {out / 'report.html'}" in done.stdout


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
    assert {"Hit@1", "Hit@5", "Hit@10", "MRR@10"} <= {figure["name"] for figure in result["figures"]}
    assert result["latency"]["n"] == 1
    assert 0 < result["peer_p50_ms"] == result["latency"]["peer_p50_ms"]


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
    failing(monkeypatch, "Where is Oslo?", RuntimeError("it broke"))
    done = verb(suite, out, "--gate")
    assert done.exit_code == 3
    assert "gate broken: every question answered: failed: nowhere: RuntimeError: it broke" in done.stderr


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


def test_the_note_says_what_the_run_is_of(suite: Suite, out: Path) -> None:
    ran(suite, out)
    note = json.loads((out / NOTE).read_text(encoding="utf-8"))
    assert (note["suite"], note["system"], note["llm"]) == ("mine", "onrecord", None)
    assert note["corpus_sha256"] != note["suite_sha256"]
    assert note["settings"]["reading"]["min_confidence"] > 0
    assert {"onrecord", "python", "libraries", "weights_sha256", "commit", "fingerprint"} <= set(note)
    assert "ingest.model" in note["fingerprint"]
    assert str(out) not in json.dumps(note)


def test_a_record_has_its_labels_and_its_claims(suite: Suite, out: Path, eager: None) -> None:
    found = {record["qid"]: record for record in ran(suite, out)}
    assert found["ferry"]["sample"]["answerable"] is True
    assert found["ferry"]["sample"]["evidence"][0]["start"] == 39
    assert "answerable" not in found["scoped"]["sample"]
    assert [claim["cited"] for claim in found["ferry"]["claims"]] == ["quoted"]


def test_the_same_run_twice_differs_in_times_alone(suite: Suite, out: Path, tmp_path: Path) -> None:
    def timeless(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**record, "timings_ms": None} for record in records]

    assert timeless(ran(suite, out)) == timeless(ran(suite, tmp_path / "again"))


def test_an_unknown_system_is_an_error_that_names_those_there_are(suite: Suite, out: Path) -> None:
    done = verb(suite, out, "--system", "oracle")
    assert done.exit_code == 1
    assert "'oracle'" in done.stderr
    assert "onrecord, llama-index-retriever, llama-index-citations" in done.stderr


def test_a_baseline_that_is_not_there_is_told_before_the_run(suite: Suite, out: Path, tmp_path: Path) -> None:
    done = verb(suite, out, "--baseline", str(tmp_path / "none"))
    assert done.exit_code == 1
    assert "holds no answers.jsonl" in done.stderr
    assert not out.exists()


def test_a_file_in_the_place_of_the_run_is_an_error(suite: Suite, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    done = verb(suite, tmp_path / "file")
    assert done.exit_code == 1
    assert "name another --out" in done.stderr
    assert (tmp_path / "file").read_text() == "mine"


def test_a_language_model_judge_needs_a_language_model(suite: Suite, out: Path) -> None:
    done = verb(suite, out, "--llm-judge")
    assert done.exit_code == 1
    assert "llm.url" in done.stderr


def test_the_shipped_suite_runs_and_its_gates_see_that_the_weights_are_no_good(
    fake_models: HashEncoder, out: Path
) -> None:
    done = CliRunner().invoke(eval_command, ["run", "--out", str(out), "--gate", "--json"])
    assert done.exit_code == 3, done.stderr
    broken = json.loads(done.stdout)["broken_gates"]
    assert broken
    assert all(line.startswith(("no significant fall of", "figures of the baseline measured in")) for line in broken)
    assert len(lines(out)) == len({line["qid"] for line in lines(out)}) >= 120
