"""Two runs beside each other, sample by sample."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.metrics.registry import BY_NAME, METRICS
from eval.run_folder import records
from eval.statistics import Difference, difference
from ingest.errors import DatasetError
from ingest.json_lines import read_json_lines


@dataclass(frozen=True)
class Row:
    """What a run made of one sample.

    Attributes:
        qid: Names it.
        question: As asked.
        labels: All that the sample says but its question: tags, history, scope, and what is right.
        scores: Every metric that applies, by name.
        answer: What was said.
    """

    qid: str
    question: str
    labels: Mapping[str, Any]
    scores: Mapping[str, float]
    answer: str = ""

    def to_json(self) -> dict[str, Any]:
        """A line of a baseline: without the answer."""
        return {"qid": self.qid, "question": self.question, "labels": self.labels, "scores": self.scores}


@dataclass(frozen=True)
class Change:
    """A sample of which a metric changed."""

    qid: str
    question: str
    metric: str
    base: float
    run: float
    answer_base: str
    answer_run: str


@dataclass(frozen=True)
class Comparison:
    """Two runs: how each metric differs, and which samples changed; those that only one of them has are named.

    Attributes:
        differences: In the order of the metrics; over samples that are scored in both.
        changes: Of the metrics with values of 0 and 1 alone, in the order of the second run.
        only_base: By qid.
        only_run: By qid.
        relabelled: Asked or labelled otherwise, by qid; left out of the differences and changes.
    """

    differences: tuple[Difference, ...]
    changes: tuple[Change, ...]
    only_base: tuple[str, ...]
    only_run: tuple[str, ...]
    relabelled: tuple[str, ...] = ()


def read_rows(run: Path) -> list[Row]:
    """The rows of a run's folder, or of a baseline file; questions that failed are left out.

    Raises:
        DatasetError: It is neither, or a line of it is wrong.
    """
    if run.is_dir() or not run.exists():
        return [row_of(record) for record in records(run) if "error" not in record]
    rows = []
    for where, found in read_json_lines(run):
        try:
            rows.append(Row(found["qid"], found["question"], found["labels"], dict(found["scores"])))
        except (KeyError, TypeError, ValueError) as error:
            raise DatasetError(
                f"{where}: is no line of a baseline; write one: onrecord eval accept RUN --to {run.name}"
            ) from error
    if not rows:
        raise DatasetError(f"{run}: holds no line of a baseline; write one: onrecord eval accept RUN --to {run.name}")
    return rows


def row_of(record: Mapping[str, Any], *, with_answer: bool = True) -> Row:
    """A line of ``answers.jsonl`` as a row; without its answer it is small."""
    labels = dict(record.get("sample", {}))
    for field in ("evidence", "scope"):
        if field in labels:
            labels[field] = [[stretch["doc_id"], stretch["start"], stretch["end"]] for stretch in labels[field]]
    return Row(
        qid=record["qid"],
        question=record["question"],
        labels={**labels, "tags": list(record["tags"])},
        scores={name: s["value"] for name, s in record["scores"].items() if s["value"] is not None},
        answer=record["answer"] if with_answer else "",
    )


def compare(base: Iterable[Row], run: Iterable[Row]) -> Comparison:
    """Everything that differs."""
    before, after = {row.qid: row for row in base}, {row.qid: row for row in run}
    other = relabelled(before, after)
    same = {qid: row for qid, row in after.items() if qid not in other}
    return Comparison(
        differences=tuple(difference(name, *values) for name, values in paired(before, same).items()),
        changes=tuple(_changes(before, same)),
        only_base=tuple(qid for qid in before if qid not in after),
        only_run=tuple(qid for qid in after if qid not in before),
        relabelled=tuple(other),
    )


def relabelled(before: Mapping[str, Row], after: Mapping[str, Row]) -> list[str]:
    """The samples of both that are asked or labelled otherwise in one of them, by qid."""
    both = ((before[qid], row) for qid, row in after.items() if qid in before)
    return [row.qid for old, row in both if (old.question, old.labels) != (row.question, row.labels)]


def paired(before: Mapping[str, Row], after: Mapping[str, Row]) -> dict[str, tuple[list[float], list[float]]]:
    """The values of each metric in the samples that have it in both, earlier and later; a metric that none has is left out."""
    pairs = [(before[qid].scores, row.scores) for qid, row in after.items() if qid in before]
    found = {}
    for metric in METRICS:
        both = [(b[metric.name], r[metric.name]) for b, r in pairs if metric.name in b and metric.name in r]
        if both:
            found[metric.name] = ([b for b, _ in both], [r for _, r in both])
    return found


def show(found: Comparison) -> str:
    """The comparison as lines for a terminal."""
    lines = [f"{'metric':<28}{'base':>7}{'run':>8}{'diff':>8}  {'95 % interval':<18}{'p':>7}{'n':>6}  test"]
    for d in found.differences:
        interval = f"[{d.low:+.3f}, {d.high:+.3f}]"
        lines.append(
            f"{d.name:<28}{d.base:>7.3f}{d.run:>8.3f}{d.run - d.base:>+8.3f}  {interval:<18}{d.p:>7.3f}{d.n:>6}  {d.test}"
        )
    if not found.differences:
        lines.append("no sample is scored in both")
    lines += _listed(found)
    return "\n".join(lines)


def _listed(found: Comparison) -> Iterator[str]:
    yield ""
    if not found.changes:
        yield "no sample changed"
    for change in found.changes:
        yield f"{change.metric} {change.base:.0f} -> {change.run:.0f}: {change.qid}: {change.question}"
    if found.relabelled:
        yield f"asked or labelled otherwise, and left out: {', '.join(found.relabelled)}"
    for name, qids in (("base", found.only_base), ("run", found.only_run)):
        if qids:
            yield f"only in {name}: {', '.join(qids)}"


def _changes(before: Mapping[str, Row], after: Mapping[str, Row]) -> Iterator[Change]:
    for qid, row in after.items():
        if (old := before.get(qid)) is None:
            continue
        for name in BY_NAME:
            b, r = old.scores.get(name), row.scores.get(name)
            if b is not None and r is not None and {b, r} == {0.0, 1.0}:
                yield Change(qid, row.question, name, b, r, old.answer, row.answer)
