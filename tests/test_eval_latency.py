"""How long one answer takes, and retrieval beside a plain retriever."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from fakes import HashEncoder

from assistant import Assistant
from assistant.retrieval import PassageRetriever
from eval import peer_timing
from eval.latency import TIMED, measure, spread
from eval.peer_timing import WARM_UP, retrieval_p50s
from eval.samples import Sample, Suite
from ingest.errors import DatasetError
from ingest.loading import Article
from ingest.pipeline import ingest
from ingest.settings import IngestSettings

ARTICLES = [
    Article(f"ferry{n}", f"The ferry number {n} left Tallinn at dawn. It carried {n} people.") for n in range(12)
]
QUESTIONS = [f"How many people did the ferry number {n} carry?" for n in range(7)]


def silent(*_: object) -> None:
    """Progress that nobody sees."""


@pytest.fixture
def home(fake_models: HashEncoder, tmp_path: Path) -> Path:
    ingest(tmp_path / "home", ARTICLES, IngestSettings())
    return tmp_path / "home"


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    questions = tmp_path / "questions.jsonl"
    questions.write_text("".join(json.dumps({"qid": q, "question": q}) + "\n" for q in QUESTIONS))
    return Suite("mine", questions, tmp_path / "corpus.jsonl")


class Clock:
    """Stands still, but for what is asked."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("count", "first", "timed"), [(7, [0, 1, 2], 7), (100, [0, 1], 100), (101, [0, 2], 51), (6070, [0, 61], 100)]
)
def test_the_questions_that_are_timed_are_spread_over_all(count: int, first: list[int], timed: int) -> None:
    samples = [Sample(qid=str(n), question="q") for n in range(count)]
    found = [int(sample.qid) for sample in spread(iter(samples), count)]
    assert found[: len(first)] == first
    assert len(found) == timed <= TIMED


def test_answers_are_timed_one_at_a_time(suite: Suite, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    stream = Assistant.stream

    def told(self: Assistant, question: str, *rest: Any) -> Any:
        asked.append(question)
        yield from stream(self, question, *rest)
        asked.append("done")

    monkeypatch.setattr(Assistant, "stream", told)
    progress: list[tuple[str, int, int | None]] = []
    found = measure(suite, len(QUESTIONS), home, lambda *what: progress.append(what))
    assert asked == [word for question in (WARM_UP, *QUESTIONS) for word in (question, "done")]
    assert progress == [("questions timed", n, 7) for n in range(1, 8)]
    assert found
    assert found.n == 7
    assert 0 < found.answer_p50_ms <= found.answer_p95_ms
    assert found.retrieval_p50_ms
    assert found.peer_p50_ms


def test_the_times_are_those_of_the_answers(suite: Suite, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([1000.0, 10.0, 70.0, 30.0, 20.0, 60.0, 50.0, 40.0])  # the first is not counted
    monkeypatch.setattr("eval.latency._timings", lambda *_: [{"read": 7.0, "total": next(times)}])
    found = measure(suite, len(QUESTIONS), home, silent)
    assert found
    assert (found.n, found.answer_p50_ms) == (7, 40.0)
    assert found.answer_p95_ms == pytest.approx(67.0)
    assert found.steps_p50_ms == found.steps_p95_ms == {"read": 7.0}
    assert found.answers_ms == (10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0)


def test_a_question_that_fails_is_not_timed(suite: Suite, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise DatasetError("it broke")

    monkeypatch.setattr(Assistant, "stream", broken)
    assert measure(suite, len(QUESTIONS), home, silent) is None


def timed(monkeypatch: pytest.MonkeyPatch, ours: Callable[[str], float], peer: Callable[[str], float]) -> list[str]:
    """Has both retrievers take these seconds; gives back who was asked, in order."""
    clock = Clock()
    asked: list[str] = []

    def search(self: PassageRetriever, question: str, limit: int) -> None:
        asked.append("ours")
        assert limit == 10
        clock.now += ours(question)

    class Peer:
        def retrieve(self, question: str) -> None:
            asked.append("peer")
            clock.now += peer(question)

    monkeypatch.setattr(peer_timing, "perf_counter", clock)
    monkeypatch.setattr(PassageRetriever, "search", search)
    monkeypatch.setattr(peer_timing, "_plain_retriever", lambda *_: Peer())
    return asked


def test_both_are_asked_each_question_in_turn(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = timed(monkeypatch, lambda _: 0.0, lambda _: 0.0)
    retrieval_p50s(home, QUESTIONS[:3])
    assert asked == ["ours", "peer", "peer", "ours", "ours", "peer", "peer", "ours"]


def test_the_medians_are_of_the_retrievers_own_time_and_leave_the_warm_up_out(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    took = {question: 0.001 * (n + 1) for n, question in enumerate(QUESTIONS)} | {WARM_UP: 9.0}
    timed(monkeypatch, lambda question: took[question], lambda question: 3 * took[question])
    ours, peer = retrieval_p50s(home, QUESTIONS)
    assert ours == pytest.approx(median(1000 * took[question] for question in QUESTIONS)) == pytest.approx(4.0)
    assert peer == pytest.approx(12.0)


def test_over_too_many_passages_the_peer_is_not_built(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer_timing, "MOST_PASSAGES", 11)
    monkeypatch.setattr(peer_timing, "_plain_retriever", lambda *_: pytest.fail("built"))
    ours, peer = retrieval_p50s(home, QUESTIONS)
    assert ours > 0
    assert peer is None


def test_articles_that_say_the_same_are_searched_too(home: Path) -> None:
    ingest(home, [Article("copy", ARTICLES[3].text)], IngestSettings())
    ours, peer = retrieval_p50s(home, QUESTIONS)
    assert ours > 0
    assert peer


def test_the_plain_retriever_searches_the_same_passages(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[list[str]] = []
    built = peer_timing._plain_retriever

    def watched(*arguments: Any) -> Any:
        plain = built(*arguments)

        class Watched:
            def retrieve(self, question: str) -> None:
                found.append([node.node.get_content() for node in plain.retrieve(question)])

        return Watched()

    monkeypatch.setattr(peer_timing, "_plain_retriever", watched)
    retrieval_p50s(home, ["The ferry number 3 left Tallinn at dawn. It carried 3 people."])
    assert len(found[-1]) == 10
    assert found[-1][0] == ARTICLES[3].text


def test_a_system_that_answers_one_at_a_time_is_not_asked_again(
    suite: Suite, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.systems.OnRecord.at_once", False)
    monkeypatch.setattr(Assistant, "stream", lambda *_: pytest.fail("asked again"))
    asked = [{"timings_ms": {"read": 3.0, "total": ms}} for ms in (10.0, 30.0, 20.0)] + [
        {"qid": "x", "error": "it broke"}
    ]
    found = measure(suite, len(QUESTIONS), home, silent, asked=asked)
    assert found
    assert (found.n, found.answer_p50_ms, found.retrieval_p50_ms) == (3, 20.0, None)
