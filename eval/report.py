"""A run in figures: means with their number and a 95 % interval, whole and by tag."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from eval.answer_metrics import GATES
from eval.answer_metrics import METRICS as ANSWER_METRICS
from eval.latency import Latency
from eval.retrieval_metrics import METRICS as RETRIEVAL_METRICS

NAMES = (*ANSWER_METRICS, *RETRIEVAL_METRICS)
NAMED = 10
"""How many samples a broken gate names."""

_WHOLE = ""


@dataclass(frozen=True)
class Figure:
    """A mean over `n` scored samples, with its 95 % Wilson interval; None when nothing was scored."""

    name: str
    n: int
    mean: float | None
    low: float | None
    high: float | None


def figure(name: str, n: int, total: float) -> Figure:
    """The mean of `n` values in 0..1 that sum to `total`, and its interval (Wilson 1927; for shares it is used with their mean)."""
    if n == 0:
        return Figure(name, 0, None, None, None)
    z = 1.959964
    p = total / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(max(0.0, p * (1 - p)) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Figure(name, n, p, max(0.0, middle - half), min(1.0, middle + half))


class Tally:
    """What records come to, kept as sums: its size does not grow with their number."""

    def __init__(self, records: Iterable[Mapping[str, Any]] = ()) -> None:
        self._sums: dict[str, dict[str, tuple[int, float]]] = defaultdict(dict)
        self._short: dict[str, list[str]] = {name: [] for name in GATES}
        self._failed: list[str] = []
        self._failures = 0
        for record in records:
            self.add(record)

    def add(self, record: Mapping[str, Any]) -> None:
        """Counts a line of ``answers.jsonl``."""
        if "error" in record:
            self._failures += 1
            self._failed += [f"{record['qid']} failed: {record['error']}"] if len(self._failed) < NAMED else []
            return
        for name in NAMES:
            value = record["scores"][name]["value"]
            if value is None:
                continue
            for tag in {_WHOLE, *record["tags"]}:
                n, total = self._sums[tag].get(name, (0, 0.0))
                self._sums[tag][name] = n + 1, total + value
            if value < GATES.get(name, 0.0) and len(self._short[name]) < NAMED:
                self._short[name].append(record["qid"])

    @property
    def tags(self) -> list[str]:
        """All tags with a score, sorted."""
        return sorted(tag for tag in self._sums if tag != _WHOLE)

    def figures(self, tag: str = _WHOLE) -> list[Figure]:
        """One figure a metric, over all samples or those with a tag."""
        sums = self._sums.get(tag, {})
        return [figure(name, *sums.get(name, (0, 0.0))) for name in NAMES]

    def broken_gates(self) -> list[str]:
        """A line for each gate that is not reached, naming samples; a question that failed breaks them all."""
        lines = list(self._failed)
        if self._failures > len(self._failed):
            lines.append(f"{self._failures - len(self._failed)} more failed")
        for found in self.figures():
            if found.mean is not None and found.mean < (least := GATES.get(found.name, 0.0)):
                lines.append(
                    f"{found.name} is {found.mean:.3f}, must be {least:.1f}: {', '.join(self._short[found.name])}"
                )
        return lines


def table(tally: Tally, latency: Latency | None = None) -> str:
    """The figures as text, and how long a question takes."""
    return "\n".join((*_figures(tally), *_times(latency)))


def _figures(tally: Tally) -> Iterator[str]:
    yield f"{'metric':<28}{'mean':>7}  {'95 % interval':<16}{'n':>6}"
    for found in tally.figures():
        if found.mean is not None:
            yield f"{found.name:<28}{found.mean:>7.3f}  [{found.low:.3f}, {found.high:.3f}]  {found.n:>6}"
    if tally.tags:
        yield ""
        yield f"{'tag':<16}{'evidence cited':>18}{'abstained':>18}"
    for tag in tally.tags:
        here = {f.name: f for f in tally.figures(tag)}
        yield f"{tag:<16}{_short(here['evidence cited']):>18}{_short(here['abstained when it should']):>18}"


def _times(latency: Latency | None) -> Iterator[str]:
    if latency is None:
        return
    yield ""
    yield (
        f"answer, warm: p50 {latency.answer_p50_ms:.0f} ms, p95 {latency.answer_p95_ms:.0f} ms "
        f"(n {latency.n}, asked one at a time after the run)"
    )
    if latency.steps_p50_ms:
        yield "steps, p50: " + ", ".join(f"{step} {ms:.0f} ms" for step, ms in latency.steps_p50_ms.items())
    times = ""
    if latency.peer_p50_ms:
        ratio = latency.retrieval_p50_ms / latency.peer_p50_ms
        times = f", {ratio:.1f} x a plain llama-index retriever ({latency.peer_p50_ms:.0f} ms)"
    yield f"retrieval, warm: p50 {latency.retrieval_p50_ms:.0f} ms{times}"


def _short(found: Figure) -> str:
    return f"{found.mean:.2f} (n {found.n})" if found.mean is not None else "-"
