"""What a run must reach: gates that hold in every run, and no significant fall against a baseline."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.comparison import Row, differences, read_rows
from eval.metrics.registry import BY_NAME, METRICS
from eval.samples import Suite, shipped_suites
from eval.self_check import CheckerFigures
from eval.statistics import holm
from eval.tally import NAMED, Tally
from ingest.errors import DatasetError

SIGNIFICANT = 0.05
"""Of the p-values of all metrics, corrected for their number (Holm 1979)."""
LEAST_BALANCED_ACCURACY = 0.9
"""What the checker must reach on errors planted in a run's own right answers, for its verdicts in that run to be worth much."""
BASELINE = "baseline.jsonl"


@dataclass(frozen=True)
class Gate:
    """One thing that was demanded, and what came of it.

    Attributes:
        name: What was demanded.
        passed: Whether it holds.
        message: What was found; where it does not hold, which samples to look at.
    """

    name: str
    passed: bool
    message: str


def gates(tally: Tally, checker: CheckerFigures | None, rows: Sequence[Row], baseline: Path | None) -> list[Gate]:
    """All gates of a run.

    Args:
        tally: Its figures.
        checker: What became of errors planted in its answers; None when none were planted.
        rows: Its scores.
        baseline: A run's folder, or a file that `accept` wrote; None for no comparison.
    """
    found = [_nothing_failed(tally), *_held(tally), *_checked(checker)]
    return [*found, *against(baseline, rows)] if baseline else found


def find_baseline(suite: Suite) -> Path | None:
    """The baseline beside a suite's questions, or that of the shipped suite whose questions they are; None without one.

    So a copy of a shipped suite, whatever was changed in it, is still held to that suite's baseline.
    """
    own = suite.questions.parent / BASELINE
    if own.is_file():
        return own
    asked = {(sample.qid, sample.question) for sample in suite.samples()}
    for shipped in shipped_suites():
        beside = shipped.questions.parent / BASELINE
        if beside.is_file() and asked & {(sample.qid, sample.question) for sample in shipped.samples()}:
            return beside
    return None


def accept(rows: Iterable[Row], to: Path) -> int:
    """Writes the scores of a run as a baseline, and says of how many samples.

    Raises:
        DatasetError: There is nothing to keep, or the file cannot be written.
    """
    lines = [json.dumps(row.to_json(), ensure_ascii=False) + "\n" for row in rows]
    if not lines:
        raise DatasetError(f"The run has no answer, so {to} would hold nothing; finish the run first.")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise DatasetError(f"{to}: cannot be written ({error.strerror}); name another file.") from error
    return len(lines)


def against(baseline: Path, rows: Sequence[Row]) -> Iterator[Gate]:
    """Whether the samples are still those of the baseline, and no metric fell significantly."""
    before = {row.qid: row for row in read_rows(baseline)}
    both = [row for row in rows if row.qid in before]
    relabelled = [row.qid for row in both if row.labels != before[row.qid].labels]
    gone = [qid for qid in before if qid not in {row.qid for row in rows}]
    yield _gate(
        "samples labelled as in the baseline",
        relabelled,
        "labels differ from the baseline's: {}; correct them, or accept a run of the new ones",
    )
    yield _gate(
        "samples of the baseline all asked",
        gone,
        "not among the questions: {}; put them back, or accept a run without them",
    )
    found = differences(before.values(), rows)
    for change, p in zip(found, holm([change.p for change in found]), strict=True):
        lower = BY_NAME[change.name].lower_is_better
        worse = change.run > change.base if lower else change.run < change.base
        said = f"{change.base:.3f} -> {change.run:.3f} (n {change.n}, {change.test}, corrected p {p:.3g})"
        yield Gate(
            f"no significant {'rise' if lower else 'fall'} of {change.name}", not (worse and p < SIGNIFICANT), said
        )


def _nothing_failed(tally: Tally) -> Gate:
    named = [f"{qid}: {error}" for qid, error in tally.failed]
    return _gate("every question answered", named, "failed: {}")


def _held(tally: Tally) -> Iterator[Gate]:
    found = {figure.name: figure for figure in tally.figures()}
    for metric in METRICS:
        if metric.gate is None:
            continue
        figure = found[metric.name]
        passed = figure.mean is None or figure.mean == metric.gate
        said = "nothing to measure" if figure.mean is None else f"{figure.mean:.3f} (n {figure.n})"
        named = "" if passed else f", must be {metric.gate:.1f}: {', '.join(tally.short_of(metric.name))}"
        yield Gate(metric.name, passed, said + named)


def _checked(checker: CheckerFigures | None) -> Iterator[Gate]:
    if checker is None or checker.balanced_accuracy is None:
        return
    value = checker.balanced_accuracy
    said = f"balanced accuracy {value:.3f} on {checker.planted} planted claims, must be {LEAST_BALANCED_ACCURACY}"
    yield Gate("the checker catches planted errors", value >= LEAST_BALANCED_ACCURACY, said)


def _gate(name: str, wrong: Sequence[str], message: str) -> Gate:
    shown = ", ".join(wrong[:NAMED]) + (f" and {len(wrong) - NAMED} more" if len(wrong) > NAMED else "")
    return Gate(name, not wrong, message.format(shown) if wrong else "")
