"""The figures of a run as rows of a table, beside those of other systems."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eval.metrics.registry import BY_NAME
from eval.report import Report, checker_note
from eval.statistics import Figure

BY_TAG = ("right", "evidence cited", "answered when it should", "abstained when it should")
"""What is shown by tag; ``report.json`` has the rest."""
_HEADLINE = ("right", "evidence cited", "abstained when it should", "grounded", "quotes exact")
_LLM_GROUP = "Groundedness"


@dataclass(frozen=True)
class Row:
    """A metric's figure.

    Attributes:
        name: The metric.
        definition: What it is.
        figure: Ours.
        lower_is_better: Else higher is.
        gate: What it must be; empty where it is no gate.
        broken: Whether it is not that.
        note: What stands beside it: of what is judged, how good the judge is.
        beside: The same of the other systems.
    """

    name: str
    definition: str
    figure: Figure
    lower_is_better: bool
    gate: str
    broken: bool
    note: str
    beside: tuple[Figure, ...]


@dataclass(frozen=True)
class TagRow:
    """The figures of a tag, in the order of `BY_TAG`; and the share right of the other systems."""

    tag: str
    figures: tuple[Figure, ...]
    beside: tuple[Figure, ...]


def groups(report: Report, beside: Sequence[Report] = ()) -> Iterator[tuple[str, list[Row]]]:
    """The figures that have a value, under their headings."""
    for group, found in report.groups():
        rows = [_row(report, figure, beside) for _, figure in found]
        if group == _LLM_GROUP:
            rows += _llm_judge(report, beside)
        yield group, rows


def headline(report: Report) -> list[Figure]:
    """The few figures that say most; those that apply."""
    return [figure for name in _HEADLINE if (figure := report.figure(name)).mean is not None]


def by_tag(report: Report, beside: Sequence[Report] = ()) -> list[TagRow]:
    """One row a tag."""
    return [
        TagRow(
            tag,
            tuple(report.figure(name, tag) for name in BY_TAG),
            tuple(other.figure("right", tag) for other in beside),
        )
        for tag in report.tags
    ]


def system_of(report: Report) -> str:
    """Who answered."""
    return str(report.note.get("system", "onrecord"))


def suite_of(report: Report) -> str:
    """What was asked."""
    return str(report.note.get("suite", report.run))


def names(report: Report, beside: Sequence[Report]) -> list[str]:
    """The other systems' names; where one stands twice, with the run's."""
    systems = [system_of(other) for other in (report, *beside)]
    return [
        name if systems.count(name) == 1 else f"{name} ({other.run})"
        for name, other in zip(systems[1:], beside, strict=True)
    ]


def number(value: float | None) -> str:
    """A value to three places; a dash for none."""
    return "–" if value is None else f"{value:.3f}"


def interval(figure: Figure) -> str:
    """Both ends; empty without a value."""
    return "" if figure.low is None or figure.high is None else f"{figure.low:.3f}–{figure.high:.3f}"


def _row(report: Report, figure: Figure, beside: Sequence[Report]) -> Row:
    metric = BY_NAME[figure.name]
    return Row(
        name=metric.name,
        definition=metric.definition.replace("``", "").replace("`", ""),
        figure=figure,
        lower_is_better=metric.lower_is_better,
        gate="" if metric.gate is None else f"{metric.gate:.0f}",
        broken=metric.gate is not None and figure.mean != metric.gate,
        note=f"judged; {checker_note(report)}" if metric.judged else "",
        beside=tuple(other.figure(metric.name) for other in beside),
    )


def _llm_judge(report: Report, beside: Sequence[Report]) -> Iterator[Row]:
    found = report.llm_judge
    if found is None or found.mean is None:
        return
    none = Figure(found.name, 0, None, None, None)
    said = "The share of claims that a language model finds borne out."
    others = tuple(other.llm_judge or none for other in beside)
    yield Row(found.name, said, found, False, "", False, "judged by a language model; no gate", others)
