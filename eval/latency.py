"""How long one person waits for one answer: questions asked one at a time, which a run does not do."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from assistant import Settings
from eval.peer_timing import WARM_UP, retrieval_p50s
from eval.samples import Sample, Suite
from eval.statistics import quantile
from eval.systems import OURS, System, opener
from ingest.pipeline import Progress

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

logger = logging.getLogger(__name__)

TIMED = 100
"""Most questions that are timed."""


@dataclass(frozen=True)
class Latency:
    """Milliseconds a question, warm: the models are loaded, but no passage of the run is remembered.

    Attributes:
        n: How many questions were timed.
        answer_p50_ms: Median of the whole answer, from question to last sentence.
        answer_p95_ms: 95 of 100 answers take no longer.
        retrieval_p50_ms: Median of finding passages alone; None for a system other than ours.
        peer_p50_ms: The same of a plain llama-index retriever; None when the passages are too many for it.
        steps_p50_ms: Median of each step of an answer: search, read, write, judge.
        steps_p95_ms: 95 of 100 take no longer.
        answers_ms: All answers, the quickest first.
        answer_p50_between: Its 95 % interval.
        answer_p95_between: Its 95 % interval.
    """

    n: int
    answer_p50_ms: float
    answer_p95_ms: float
    retrieval_p50_ms: float | None
    peer_p50_ms: float | None
    steps_p50_ms: Mapping[str, float] = field(default_factory=dict)
    steps_p95_ms: Mapping[str, float] = field(default_factory=dict)
    answers_ms: tuple[float, ...] = ()
    answer_p50_between: tuple[float, float] | None = None
    answer_p95_between: tuple[float, float] | None = None


def measure(
    suite: Suite,
    count: int,
    home: Path,
    progress: Progress,
    system: str = OURS,
    llm: LLM | None = None,
    settings: Settings | None = None,
    asked: Iterable[Mapping[str, Any]] = (),
) -> Latency | None:
    """Asks up to `TIMED` of a suite's questions, spread evenly, one at a time; None when no answer came.

    A system that answers one question at a time anyway is not asked again: the times of its run are taken.

    Args:
        suite: What was run.
        count: How many questions it has.
        home: Where its corpus was ingested to.
        progress: Told of questions timed.
        system: Who answers; retrieval alone is timed for ours.
        llm: A language model for a system that needs one.
        settings: None for those of the home.
        asked: The records of the run.
    """
    samples = list(spread(suite.samples(), count))
    settings = settings or Settings.load(home)
    timings = []
    with opener(system, llm)(home, settings, llm) as answering:
        if not answering.at_once:
            return _of([record["timings_ms"] for record in asked if "error" not in record])
        answering.warm_up()
        _timings(answering, Sample(qid="warm-up", question=WARM_UP))
        for number, sample in enumerate(samples, 1):
            timings += _timings(answering, sample)
            progress("questions timed", number, len(samples))
    questions = [sample.question for sample in samples]
    return _of(timings, *(retrieval_p50s(home, questions, settings) if system == OURS and timings else ()))


def _of(
    timings: Sequence[Mapping[str, float]], ours: float | None = None, plain: float | None = None
) -> Latency | None:
    if not timings:
        return None
    by_step = {step: sorted(t[step] for t in timings) for step in timings[0]}
    times = by_step.pop("total")
    return Latency(
        n=len(times),
        answer_p50_ms=median(times),
        answer_p95_ms=_p95(times),
        retrieval_p50_ms=ours,
        peer_p50_ms=plain,
        steps_p50_ms={step: median(found) for step, found in by_step.items()},
        steps_p95_ms={step: _p95(found) for step, found in by_step.items()},
        answers_ms=tuple(round(ms, 1) for ms in times),
        answer_p50_between=_between(times, 0.5),
        answer_p95_between=_between(times, 0.95),
    )


def _between(times: Sequence[float], share_below: float) -> tuple[float, float]:
    found = quantile("", times, share_below)
    return round(found.low or 0.0, 1), round(found.high or 0.0, 1)


def _timings(answering: System, sample: Sample) -> list[dict[str, float]]:
    """The milliseconds of each step; none for a question that failed, which the run has told of."""
    try:
        return [asdict(answering.answer(sample).answer.timings_ms)]
    except Exception:
        logger.exception("question %s failed while it was timed", sample.qid)
        return []


def _p95(times: Sequence[float]) -> float:
    return quantile("", times, 0.95).mean or 0.0


def spread(samples: Iterator[Sample], count: int) -> Iterator[Sample]:
    """At most `TIMED` of `count` samples, at even distances from the first on."""
    return islice(samples, 0, None, -(-count // TIMED))
