"""How long one person waits for one answer: questions asked one at a time, which a run does not do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median

from assistant import Assistant
from eval.peer_timing import WARM_UP, retrieval_p50s
from eval.runner import ask
from eval.samples import Sample, Suite
from ingest.pipeline import Progress

TIMED = 100
"""Most questions that are timed."""


@dataclass(frozen=True)
class Latency:
    """Milliseconds a question, warm: the models are loaded, but no passage of the run is remembered.

    Attributes:
        n: How many questions were timed.
        answer_p50_ms: Median of the whole answer, from question to last sentence.
        answer_p95_ms: 95 of 100 answers take no longer.
        retrieval_p50_ms: Median of finding passages alone.
        peer_p50_ms: The same of a plain llama-index retriever; None when the passages are too many for it.
        steps_p50_ms: Median of each step of an answer: search, read, write, judge.
    """

    n: int
    answer_p50_ms: float
    answer_p95_ms: float
    retrieval_p50_ms: float
    peer_p50_ms: float | None
    steps_p50_ms: Mapping[str, float] = field(default_factory=dict)


def measure(suite: Suite, count: int, home: Path, progress: Progress) -> Latency | None:
    """Asks up to `TIMED` of a suite's questions, spread evenly, one at a time; None when no answer came.

    Args:
        suite: What was run.
        count: How many questions it has.
        home: Where its corpus was ingested to.
        progress: Told of questions timed.
    """
    samples = list(spread(suite.samples(), count))
    timings = []
    with Assistant.open(home) as assistant:
        assistant.warm_up()
        ask(assistant, Sample(qid="", question=WARM_UP))
        for number, sample in enumerate(samples, 1):
            record = ask(assistant, sample)
            timings += [record["timings_ms"]] if "error" not in record else []
            progress("questions timed", number, len(samples))
    if not timings:
        return None
    times = sorted(t["total"] for t in timings)
    steps = {step: median(t[step] for t in timings) for step in timings[0] if step != "total"}
    ours, plain = retrieval_p50s(home, [sample.question for sample in samples])
    return Latency(len(times), median(times), times[min(len(times) - 1, int(0.95 * len(times)))], ours, plain, steps)


def spread(samples: Iterator[Sample], count: int) -> Iterator[Sample]:
    """At most `TIMED` of `count` samples, at even distances from the first on."""
    return islice(samples, 0, None, -(-count // TIMED))
