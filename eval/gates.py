"""What a run must reach: gates that hold in every run, and no significant fall against a baseline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eval.comparison import Row, paired, read_rows, relabelled
from eval.metrics.registry import BY_NAME, METRICS
from eval.self_check import CheckerFigures
from eval.statistics import least_p, p_of_falls
from eval.tally import NAMED, Tally

SIGNIFICANT = 0.05
"""Of the one-sided p-values of all metrics, corrected for their number (Westfall and Young 1993; see `p_of_falls`)."""
LEAST_SCORED = 0.5
"""The share of the samples in which the baseline has a figure that must have it in the run too: a comparison of fewer says
little of the others. Some figures, such as what is right if answered, may be had in fewer; half of them gone is another run."""
LEAST_CAUGHT = 0.9
"""What the checker must reach on errors planted in a run's own right answers, for its verdicts in that run to be worth much."""


@dataclass(frozen=True)
class Gate:
    """One thing that was demanded, and what came of it.

    Attributes:
        name: What was demanded.
        passed: Whether it holds.
        message: What was found; where it does not hold, which samples to look at.
        decides: False where it could not have been broken by anything that was measured: it says nothing.
    """

    name: str
    passed: bool
    message: str
    decides: bool = True


def gates(
    tally: Tally,
    checker: CheckerFigures | None,
    rows: Sequence[Row],
    baseline: Path | None,
    questions: int | None = None,
) -> list[Gate]:
    """All gates of a run.

    Args:
        tally: Its figures.
        checker: What became of errors planted in its answers; None when none were planted.
        rows: Its scores.
        baseline: A run's folder, or a file that `eval.baseline.accept` wrote; None for no comparison.
        questions: How many the suite has; None when the run does not say.
    """
    found = [_all_asked(tally, questions), _nothing_failed(tally), *_held(tally), *_checked(tally, checker)]
    return [*found, *against(baseline, rows)] if baseline else found


def against(baseline: Path, rows: Sequence[Row]) -> Iterator[Gate]:
    """Whether samples and figures are still those of the baseline, and no figure fell significantly."""
    before, after = {row.qid: row for row in read_rows(baseline)}, {row.qid: row for row in rows}
    other = relabelled(before, after)
    yield _gate(
        "samples labelled as in the baseline",
        other,
        "asked or labelled otherwise than in the baseline: {}; correct them, or accept a run of the new ones",
    )
    yield _gate(
        "samples of the baseline all asked",
        [qid for qid in before if qid not in after],
        "not among the questions: {}; put them back, or accept a run without them",
    )
    had, has = ({name for row in side.values() for name in row.scores} for side in (before, after))
    yield _gate(
        "figures of the baseline all measured",
        [name for name in BY_NAME if name in had - has],
        "scored in no sample: {}; see why in answers.jsonl, or accept a run without them",
    )
    same = {qid: row for qid, row in after.items() if qid not in other}
    yield _gate(
        "figures of the baseline measured in its samples",
        [*_shrunken(before, same)],
        f"scored in less than {LEAST_SCORED:.0%} of its samples: {{}}; see why in answers.jsonl, or accept this run",
    )
    yield from _falls(before, same)


def _shrunken(before: Mapping[str, Row], after: Mapping[str, Row]) -> Iterator[str]:
    """Figures of which too few of the baseline's scores can be compared with one of the run."""
    asked = [row for qid, row in before.items() if qid in after]
    for name, (compared, _) in paired(before, after).items():
        had = sum(name in row.scores for row in asked)
        if len(compared) < LEAST_SCORED * had:
            yield f"{name} ({len(compared)} of {had})"


def _falls(before: Mapping[str, Row], after: Mapping[str, Row]) -> Iterator[Gate]:
    """One gate a figure that has no fixed value; those of too few samples to fall significantly decide nothing."""
    found = {
        name: [_with_sign(name, values) for values in both]
        for name, both in paired(before, after).items()
        if BY_NAME[name].gate is None
    }
    if not found:
        return
    scores = [(before[qid].scores, row.scores) for qid, row in after.items() if qid in before]
    corrected = p_of_falls([[_rise(name, was, now) for name in found] for was, now in scores])
    for (name, (base, run)), p in zip(found.items(), corrected, strict=True):
        lower = BY_NAME[name].lower_is_better
        means = (sum(values) / len(values) for values in (base, run))
        was, now = ((1 - value if lower else value) for value in means)
        can = least_p(base) < SIGNIFICANT
        told = f"permutation test, corrected p {p:.3g}" if can else "too few: even the largest would not be significant"
        yield Gate(
            f"no significant {'rise' if lower else 'fall'} of {name}",
            not can or p >= SIGNIFICANT,
            f"{was:.3f} → {now:.3f} (n {len(base)}, {told})",
            decides=can,
        )


def _rise(name: str, was: Mapping[str, float], now: Mapping[str, float]) -> float:
    """By how much a sample became better; 0 where it is not scored in both."""
    if name not in was or name not in now:
        return 0.0
    ((before,), (after,)) = (_with_sign(name, [scores[name]]) for scores in (was, now))
    return after - before


def _with_sign(name: str, values: Sequence[float]) -> list[float]:
    """Values 0..1 of which more is better."""
    return [1 - value for value in values] if BY_NAME[name].lower_is_better else list(values)


def _all_asked(tally: Tally, questions: int | None) -> Gate:
    name = "every question asked"
    if questions is None:
        return Gate(name, False, f"{tally.count} were, and run.json does not say of how many; run the suite again")
    return Gate(name, tally.count == questions, f"{tally.count} of {questions}")


def _nothing_failed(tally: Tally) -> Gate:
    named = [f"{qid}: {error}" for qid, error in tally.failed]
    return _gate("every question answered", named, "failed: {}")


def _held(tally: Tally) -> Iterator[Gate]:
    found = {figure.name: figure for figure in tally.figures()}
    for metric in METRICS:
        if metric.gate is None:
            continue
        figure = found[metric.name]
        if figure.mean is None:
            yield Gate(metric.name, True, "nothing to measure", decides=False)
            continue
        gate = Gate(metric.name, figure.mean == metric.gate, f"{figure.mean:.3f} (n {figure.n})")
        short = f", must be {metric.gate:.1f}: {', '.join(tally.short_of(metric.name))}"
        yield gate if gate.passed else replace(gate, message=gate.message + short)


def _checked(tally: Tally, checker: CheckerFigures | None) -> Iterator[Gate]:
    """Whether the checker can be believed, where it had anything to say: over all, and of each kind of claim."""
    name, kinds = "the checker catches planted errors", "the checker tells every kind of claim"
    if all(figure.n == 0 for figure in tally.figures() if figure.name == "grounded"):
        return
    if checker is None or checker.balanced_accuracy is None:
        yield Gate(
            name, False, "it judged the answers, and was not checked: no error could be planted; run the suite again"
        )
        return
    value = checker.balanced_accuracy
    said = f"balanced accuracy {value:.3f} on {checker.planted} planted claims, must be {LEAST_CAUGHT}"
    yield Gate(name, value >= LEAST_CAUGHT, said)
    low = [
        f"{kind.name} {kind.figure.mean:.2f} (n {kind.figure.n})"
        for kind in checker.kinds
        if kind.is_below(LEAST_CAUGHT)
    ]
    yield _gate(kinds, low, f"significantly below {LEAST_CAUGHT}: {{}}")


def _gate(name: str, wrong: Sequence[str], message: str) -> Gate:
    shown = ", ".join(wrong[:NAMED]) + (f" and {len(wrong) - NAMED} more" if len(wrong) > NAMED else "")
    return Gate(name, not wrong, message.format(shown) if wrong else "")
