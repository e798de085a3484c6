"""A run in figures: means with their number and a 95 % interval, whole and by tag."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from eval.answer_metrics import GATES, METRICS


@dataclass(frozen=True)
class Figure:
    """A mean over `n` scored samples, with its 95 % Wilson interval; None when nothing was scored."""

    name: str
    n: int
    mean: float | None
    low: float | None
    high: float | None


def figure(name: str, values: Sequence[float]) -> Figure:
    """The mean of values in 0..1 and its interval (Wilson 1927; for shares it is used with their mean)."""
    n = len(values)
    if n == 0:
        return Figure(name, 0, None, None, None)
    z = 1.959964
    p = sum(values) / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Figure(name, n, p, max(0.0, middle - half), min(1.0, middle + half))


def figures(records: Sequence[Mapping[str, Any]]) -> list[Figure]:
    """One figure a metric, over the records' scores."""
    found = []
    for name in METRICS:
        values = [r["scores"][name]["value"] for r in records if "scores" in r]
        found.append(figure(name, [value for value in values if value is not None]))
    return found


def broken_gates(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each gate that is not reached, naming the samples; a question that failed breaks them all."""
    lines = [f"{r['qid']} failed: {r['error']}" for r in records if "error" in r]
    for found in figures(records):
        if found.mean is not None and found.mean < GATES.get(found.name, 0.0):
            bad = [r["qid"] for r in records if "scores" in r and (r["scores"][found.name]["value"] or 0) < GATES[found.name]
                   and r["scores"][found.name]["value"] is not None]  # fmt: skip
            lines.append(f"{found.name} is {found.mean:.3f}, must be {GATES[found.name]:.1f}: {', '.join(bad[:10])}")
    return lines


def table(records: Sequence[Mapping[str, Any]]) -> str:
    """The figures as text."""
    return "\n".join(_lines(records))


def _lines(records: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield f"{'metric':<28}{'mean':>7}  {'95 % interval':<16}{'n':>6}"
    for found in figures(records):
        if found.mean is not None:
            yield f"{found.name:<28}{found.mean:>7.3f}  [{found.low:.3f}, {found.high:.3f}]  {found.n:>6}"
    tags = sorted({tag for r in records for tag in r.get("tags", ())})
    if tags:
        yield ""
        yield f"{'tag':<16}{'evidence cited':>18}{'abstained':>18}"
    for tag in tags:
        here = {f.name: f for f in figures([r for r in records if tag in r.get("tags", ())])}
        yield f"{tag:<16}{_short(here['evidence cited']):>18}{_short(here['abstained when it should']):>18}"
    times = _times(records)
    if times:
        yield ""
        yield f"answer, warm: p50 {median(times):.0f} ms, p95 {times[min(len(times) - 1, int(0.95 * len(times)))]:.0f} ms (n {len(times)})"


def summary(record: Mapping[str, Any]) -> dict[str, Any]:
    """What the figures need of a record, so that a run of any length fits in memory."""
    return {key: record[key] for key in ("qid", "error", "scores", "tags", "timings_ms") if key in record}


def beside(records: Sequence[Mapping[str, Any]], peer: float | None) -> str:
    """Our median time as a multiple of a plain retriever's, measured in the same run; empty when either is missing."""
    times = _times(records)
    if not times or not peer:
        return ""
    return (
        f", {median(times) / peer:.1f} x a plain llama-index retriever ({peer:.0f} ms, which finds and does not answer)"
    )


def _times(records: Sequence[Mapping[str, Any]]) -> list[float]:
    return sorted(r["timings_ms"]["total"] for r in records if "timings_ms" in r)


def _short(found: Figure) -> str:
    return f"{found.mean:.2f} (n {found.n})" if found.mean is not None else "-"
