"""A report as Markdown, for a pull request or a wiki: figures, tags, planted errors, gates, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from assistant.foreign_text import clean, escaped, one_line
from eval.report import Report
from eval.reporting import tables
from eval.reporting.cards import Card
from eval.reporting.tables import interval, number, suite_of, system_of
from eval.statistics import Figure

MOST_SAMPLES = 200
"""Wrong samples that are listed; ``answers.jsonl`` has all."""
_ANSWER = 400


def markdown(report: Report, cards: Iterable[Card], beside: Sequence[Report] = ()) -> str:
    """The whole document."""
    parts = (
        _head(report),
        _gates(report),
        *_figures(report, beside),
        _tags(report, beside),
        _planted(report),
        _times(report),
        _wrong(cards),
    )
    return clean("\n\n".join("\n".join(lines) for part in parts if (lines := list(part))) + "\n")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join(['---'] * left + ['---:'] * (len(head) - left))} |"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _head(report: Report) -> Iterator[str]:
    yield f"# {escaped(system_of(report))} on {escaped(suite_of(report))}"
    yield ""
    yield f"{report.samples} questions. Intervals are 95 %."
    if report.drafts:
        yield ""
        yield f"**{report.drafts} of them are drafts that nobody has corrected**: delete the tag `draft` where a sample is right."


def _gates(report: Report) -> Iterator[str]:
    if not report.gates:
        return
    yield f"## Gates: {len(report.held)} of {len(report.held) + len(report.broken)} hold"
    yield ""
    told = (("**broken**", report.broken), ("holds", report.held), ("nothing here could break it", report.undecided))
    for state, found in told:
        for gate in found:
            yield f"- {state}: {escaped(gate.name)}{f' – {escaped(gate.message)}' if gate.message else ''}"


def _figures(report: Report, beside: Sequence[Report]) -> Iterator[Iterator[str]]:
    others = [escaped(name) for name in tables.names(report, beside)]
    head = ["figure", "value", "interval", "n", *others]
    yield iter(["## Figures"])
    for group, rows in tables.groups(report, beside):
        yield iter([f"### {group}"])
        yield _table(head, ([_named(row), *_cells(row.figure), *map(_beside, row.beside)] for row in rows))


def _named(row: tables.Row) -> str:
    gate = f"must be {row.gate}" + (", **broken**" if row.broken else "") if row.gate else ""
    more = [text for text in ("lower is better" if row.lower_is_better else "", gate, row.note) if text]
    return escaped(row.name) + (f" ({'; '.join(more)})" if more else "")


def _tags(report: Report, beside: Sequence[Report]) -> Iterator[str]:
    rows = tables.by_tag(report, beside)
    if not rows:
        return
    yield "## By tag"
    yield ""
    head = ["tag", *tables.BY_TAG, *(f"right, {escaped(name)}" for name in tables.names(report, beside))]
    yield from _table(head, ([escaped(row.tag), *map(_beside, (*row.figures, *row.beside))] for row in rows))


def _planted(report: Report) -> Iterator[str]:
    found = report.checker
    if found is None or not found.planted:
        return
    yield "## Planted errors"
    yield ""
    yield f"Balanced accuracy of the checker: {number(found.balanced_accuracy)} on {found.planted} planted claims."
    yield ""
    rows = [[escaped(k.name), "must pass" if k.harmless else "must be caught", *_cells(k.figure)] for k in found.kinds]
    yield from _table(["kind", "what is right", "share", "interval", "n"], rows, 2)
    if found.wrong:
        yield ""
        yield "Wrongly judged:"
        yield ""
    for wrong in found.wrong:
        said = f"{escaped(wrong.claim)} – from: {escaped(wrong.original)}"
        yield f"- {escaped(wrong.kind)}, judged {escaped(wrong.verdict)}: {said}"
    if found.not_planted:
        yield ""
        yield f"No place was found for: {', '.join(map(escaped, found.not_planted))}."


def _times(report: Report) -> Iterator[str]:
    found = report.latency
    if found is None:
        return
    yield "## Times"
    yield ""
    p50, p95 = (f" [{b[0]:.0f}, {b[1]:.0f}]" if b else "" for b in (found.answer_p50_between, found.answer_p95_between))
    yield f"Answer, warm: p50 {found.answer_p50_ms:.0f}{p50} ms, p95 {found.answer_p95_ms:.0f}{p95} ms (n {found.n})."
    if found.steps_p50_ms:
        yield ""
        steps = found.steps_p50_ms.items()
        rows = [[escaped(name), f"{ms:.1f}", f"{found.steps_p95_ms.get(name, 0):.1f}"] for name, ms in steps]
        yield from _table(["step", "p50, ms", "p95, ms"], rows)


def _wrong(cards: Iterable[Card]) -> Iterator[str]:
    wrong = [card for card in cards if card.state in ("failed", "wrong")]
    yield f"## Wrong or failed: {len(wrong)}"
    yield ""
    if not wrong:
        yield "None."
    for card in sorted(wrong, key=lambda card: card.state != "failed")[:MOST_SAMPLES]:
        yield f"- **{escaped(card.question)}** ({escaped(card.qid)})  "
        yield f"  {'why' if card.state == 'wrong' else 'error'}: {escaped(card.why)}" + (
            "  " if card.state == "wrong" else ""
        )
        if card.state == "wrong":
            yield f"  expected: {escaped(one_line(card.expected, _ANSWER))}  "
            yield f"  said: {escaped(one_line(card.answer, _ANSWER))}"
    if len(wrong) > MOST_SAMPLES:
        yield ""
        yield f"{len(wrong) - MOST_SAMPLES} more are in `answers.jsonl`."


def _cells(figure: Figure) -> list[str]:
    return [number(figure.mean), interval(figure), str(figure.n)]


def _beside(figure: Figure) -> str:
    return "–" if figure.mean is None else f"{number(figure.mean)} ({interval(figure)}, n {figure.n})"
