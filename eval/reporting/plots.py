"""The pictures of a report, each with a title, a text in its stead, and a sentence on what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from assistant.foreign_text import one_line
from eval.latency import Latency
from eval.metrics.abstention import Bin
from eval.report import Report
from eval.reporting.drawing import BLUE, INK, PALE_BLUE, PAPER, RED, SOFT, WIDTH, Bar, bars, draw, share_axis
from eval.statistics import Figure, share

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

MOST_TAGS = 30
"""In one picture: those with the most samples; the table has them all."""
_HISTOGRAM = 24
_INTERVALS = "Lines are 95 % intervals."


class Plot(NamedTuple):
    """A picture and its words.

    Attributes:
        title: What it shows, in a few words.
        alt: What it says, for those who do not see it; empty without a picture.
        svg: An ``<svg>`` element; None where there is nothing to draw.
        sentence: How to read it, or why there is none.
    """

    title: str
    alt: str
    svg: str | None
    sentence: str


def all_plots(report: Report) -> list[Plot]:
    """Every picture of a report, in the order in which it shows them."""
    return [by_tag(report), risk_coverage(report), reliability(report), latency(report), planted(report)]


def by_tag(report: Report) -> Plot:
    """The share of right answers, of all samples and by tag."""
    title, whole = "Share right, by tag", report.figure("right")
    if whole.mean is None:
        return Plot(title, "", None, "No sample could be scored as right or wrong, so there is no share to draw.")
    found = [(tag, f) for tag in report.tags if (f := report.figure("right", tag)).mean is not None]
    kept = {tag for tag, _ in sorted(found, key=lambda pair: -pair[1].n)[:MOST_TAGS]}
    rows = [Bar("all samples", whole, red=True), *(Bar(tag, f) for tag, f in found if tag in kept)]
    left_out = len(found) - len(kept)
    more = f" The {len(kept)} tags with the most samples; the table has {left_out} more." if left_out else ""
    alt = f"Bars of the share right: {_listed(rows)}."
    return Plot(title, alt, bars(rows, "share right"), f"{_INTERVALS} n is the number of scored samples.{more}")


def risk_coverage(report: Report) -> Plot:
    """How many answers would be wrong if only the surest share of the questions were answered."""
    title, points = "Risk and coverage", report.risk_coverage
    if not points:
        return Plot(title, "", None, "No sample says whether its answer was right, so there is no risk to draw.")
    always, area = points[-1][1], report.figure("AURC")
    svg = draw(330, lambda canvas: _risk(canvas, points))
    under = f" The area under the curve, AURC, is {area.mean:.3f}; lower is better." if area.mean is not None else ""
    halfway = next(risk for coverage, risk in points if coverage >= 0.5)
    alt = (
        f"Curve of the share wrong against the share answered: {halfway:.2f} when the surer half is answered, "
        f"{always:.2f} when all is."
    )
    said = "The share of wrong answers if only the surest questions were answered; dashed: if all were."
    return Plot(title, alt, svg, said + under)


def reliability(report: Report) -> Plot:
    """How far confidence is the share of right answers."""
    title, bins = "Reliability of the confidence", report.reliability
    if not bins:
        return Plot(title, "", None, "No sample says whether its answer was right, so confidence cannot be checked.")
    error = report.figure("calibration error")
    tells = f" Calibration error: {error.mean:.3f}." if error.mean is not None else ""
    shown = ", ".join(f"{b.confidence:.2f} sure, {b.right:.2f} right, n {b.n}" for b in bins)
    said = "Below the diagonal it was too sure, above it not sure enough. Lines are 95 % intervals."
    return Plot(title, f"Points by confidence: {shown}.", draw(330, lambda c: _reliable(c, bins)), said + tells)


def latency(report: Report) -> Plot:
    """How long an answer takes, and each of its steps."""
    title, found = "Time of an answer", report.latency
    if found is None:
        return Plot(title, "", None, "Times were not measured in this run.")
    if not found.answers_ms:
        return Plot(title, "", None, "The run keeps no times of single answers.")
    steps = ", ".join(f"{s} {_ms(ms)} and {_ms(found.steps_p95_ms.get(s, 0))}" for s, ms in found.steps_p50_ms.items())
    alt = (
        f"Half of the answers took at most {found.answer_p50_ms:.0f} ms, 95 of 100 at most {found.answer_p95_ms:.0f} ms"
    )
    alt += f". Median and 95 of 100 by step, in ms: {steps}." if steps else "."
    svg = draw(250 + (56 + 28 * len(found.steps_p50_ms) if steps else 0), lambda canvas: _times(canvas, found))
    retrieval = ""
    if found.retrieval_p50_ms is not None:
        retrieval = f" Finding passages alone: median {found.retrieval_p50_ms:.0f} ms"
        plain = f" (a plain llama-index retriever: {found.peer_p50_ms:.0f} ms)" if found.peer_p50_ms is not None else ""
        retrieval += f"{plain}."
    return Plot(title, alt, svg, f"{found.n} questions asked one at a time, models loaded.{retrieval}")


def planted(report: Report) -> Plot:
    """What became of the planted errors and of the harmless rewordings."""
    title, found = "Planted errors caught, harmless claims passed", report.checker
    if found is None or not found.kinds:
        return Plot(title, "", None, "Nothing was planted: there was no right answer to plant an error in.")
    rows = [Bar(kind.name.replace("_", " "), kind.figure, red=not kind.harmless) for kind in found.kinds]
    svg = bars(rows, "share judged rightly")
    said = f"Orange, on top: errors, which must be caught. Blue: harmless claims, which must pass. {_INTERVALS}"
    return Plot(title, f"Bars of the share judged rightly: {_listed(rows)}.", svg, said)


def _listed(rows: Sequence[Bar]) -> str:
    return ", ".join(f"{one_line(row.label)} {_value(row.figure)}" for row in rows)


def _value(found: Figure) -> str:
    return f"{found.mean or 0:.2f} of {found.n}"


def _ms(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def _risk(canvas: Canvas, points: Sequence[tuple[float, float]]) -> None:
    axes = canvas.subplots()
    always = points[-1][1]
    coverage, risk = [0.0, *(c for c, _ in points)], [points[0][1], *(r for _, r in points)]
    axes.fill_between(coverage, risk, step="pre", color=PALE_BLUE, alpha=0.6, linewidth=0)
    axes.step(coverage, risk, where="pre", color=BLUE, linewidth=2.2, clip_on=False)
    axes.axhline(always, color=RED, linewidth=1.6, linestyle=(0, (5, 3)))
    top = max(0.1, *risk) * 1.2
    axes.set_xlabel("share of the questions answered, surest first")
    axes.set_ylabel("share of them wrong")
    share_axis(axes)
    axes.set_ylim(0, min(1.0, top) if top < 0.95 else 1.04)
    axes.grid(True, axis="y")
    axes.text(0.015, always + 0.012 * top, f"answering always: {always:.2f}", color=RED, va="bottom")


def _reliable(canvas: Canvas, bins: Sequence[Bin]) -> None:
    axes = canvas.subplots()
    axes.plot([0, 1], [0, 1], color=SOFT, linewidth=1.3, linestyle=(0, (5, 3)))
    for found in bins:
        spread = share("", found.n, round(found.right * found.n))
        axes.plot([found.confidence] * 2, [spread.low or 0, spread.high or 0], color=INK, linewidth=1.3, alpha=0.75)
        middle = (found.low + found.high) / 2
        axes.text(middle, -0.03, str(found.n), ha="center", va="top", fontsize=11, color=SOFT)
    sure, right = [b.confidence for b in bins], [b.right for b in bins]
    axes.plot(sure, right, "o", color=BLUE, markersize=9, markeredgecolor=PAPER, clip_on=False)
    axes.set_xlabel("confidence (above: how many questions)")
    axes.set_ylabel("share right")
    share_axis(axes, "y")
    share_axis(axes)
    axes.set_ylim(-0.11, 1.02)
    axes.set_xlim(-0.01, 1.01)


def _times(canvas: Canvas, found: Latency) -> None:
    if not found.steps_p50_ms:
        _answers(canvas.subplots(), found)
        return
    above, below = canvas.subplots(2, 1, height_ratios=[190, 36 + 28 * len(found.steps_p50_ms)])
    _answers(above, found)
    _steps(below, found)


def _answers(axes: Axes, found: Latency) -> None:
    """A histogram; the slowest, beyond twice the 95th percentile, are told of in words, so that the rest can be seen."""
    from matplotlib.ticker import MaxNLocator

    end = min(max(found.answers_ms), 2 * found.answer_p95_ms) or 1.0
    slower = [ms for ms in found.answers_ms if ms > end]
    axes.hist([ms for ms in found.answers_ms if ms <= end], bins=_HISTOGRAM, range=(0, end), color=PALE_BLUE,
              edgecolor=PAPER, linewidth=0.8)  # fmt: skip
    axes.set_xlim(0, end)
    axes.set_ylabel("answers")
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.grid(True, axis="y")
    axes.set_ylim(0, axes.get_ylim()[1] * 1.32)
    for name, ms, colour, height in (("p50", found.answer_p50_ms, BLUE, 0.98), ("p95", found.answer_p95_ms, RED, 0.84)):
        axes.axvline(ms, color=colour, linewidth=2)
        before = ms > (0.3 if name == "p50" else 0.7) * end
        axes.text(ms + (-0.012 if before else 0.012) * end, height, f"{name} {_ms(ms)} ms", color=colour, weight="bold",
                  transform=axes.get_xaxis_transform(), ha="right" if before else "left", va="top")  # fmt: skip
    more = f" ({len(slower)} slower, up to {max(slower):.0f} ms)" if slower else ""
    axes.set_xlabel(f"whole answer, ms{more}")


def _steps(axes: Axes, found: Latency) -> None:
    names = list(found.steps_p50_ms)
    longest = max(1e-9, *found.steps_p50_ms.values(), *found.steps_p95_ms.values())
    for place, name in enumerate(names):
        half, most = found.steps_p50_ms[name], found.steps_p95_ms.get(name, found.steps_p50_ms[name])
        axes.barh(place, most, height=0.34, color=RED, alpha=0.85)
        axes.barh(place, half, height=0.66, color=BLUE)
        axes.text(most + 0.02 * longest, place, f"{_ms(half)} / {_ms(most)}", va="center")
    axes.set_yticks(range(len(names)), [one_line(name, 16) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(0, longest * (1 + 90 / WIDTH))
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("each step, ms: p50 (thick) / p95 (thin)")
