"""What is measured of a whole run's decisions to answer, and of the confidence that they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval.metrics.checker import auroc as area

BINS = 10


@dataclass(frozen=True)
class Decision:
    """One question of a run.

    Attributes:
        answerable: Its label.
        abstained: What was decided.
        confidence: 0..1, that of the answer; also when it abstained.
        right: Whether the best two citations, shown or not, hold gold evidence; None where that is not known.
    """

    answerable: bool
    abstained: bool
    confidence: float
    right: bool | None


@dataclass(frozen=True)
class Bin:
    """A tenth of the scale of confidence: how many questions, their mean confidence, and the share of them that was right."""

    low: float
    high: float
    n: int
    confidence: float
    right: float


def was_abstained(decision: Decision) -> bool:
    """What `precision` is over."""
    return decision.abstained


def is_or_should_be_abstained(decision: Decision) -> bool:
    """What `f1` is over."""
    return decision.abstained or not decision.answerable


def is_known(decision: Decision) -> bool:
    """What the measures of confidence against right answers are over."""
    return decision.right is not None


def precision(decisions: Sequence[Decision]) -> float | None:
    """Of the questions abstained from, the share that cannot be answered; None when none was."""
    abstained = [d for d in decisions if d.abstained]
    return sum(not d.answerable for d in abstained) / len(abstained) if abstained else None


def recall(decisions: Sequence[Decision]) -> float | None:
    """Of the unanswerable questions, the share that was abstained from; None when there is none."""
    hopeless = [d for d in decisions if not d.answerable]
    return sum(d.abstained for d in hopeless) / len(hopeless) if hopeless else None


def f1(decisions: Sequence[Decision]) -> float | None:
    """The harmonic mean of precision and recall of abstaining: ``2 tp / (2 tp + fp + fn)``.

    None where nothing is unanswerable and nothing was abstained from.
    """
    right = sum(d.abstained and not d.answerable for d in decisions)
    wrong = sum(d.abstained == d.answerable for d in decisions)
    return 2 * right / (2 * right + wrong) if right or wrong else None


def auroc(decisions: Sequence[Decision]) -> float | None:
    """The chance that an answerable question has more confidence than an unanswerable one (see `eval.metrics.checker.auroc`)."""
    return area([int(d.answerable) for d in decisions], [d.confidence for d in decisions])


def risk_coverage(decisions: Sequence[Decision]) -> list[tuple[float, float]]:
    """For each share of the questions, the surest first, how many of their answers would be wrong (El-Yaniv and Wiener 2010).

    Questions of equal confidence come in together. Each pair is (coverage, risk), both 0..1, the last one at coverage 1.
    """
    known = sorted((d for d in decisions if d.right is not None), key=lambda d: -d.confidence)
    wrong, points = 0, []
    for count, decision in enumerate(known, 1):
        wrong += not decision.right
        if count == len(known) or known[count].confidence < decision.confidence:
            points.append((count / len(known), wrong / count))
    return points


def aurc(decisions: Sequence[Decision]) -> float | None:
    """The mean risk over all coverages (Geifman, Uziel and El-Yaniv 2019), lower is better; None without a decision.

    Questions of equal confidence all get the risk at which the last of them comes in.
    """
    total, before = 0.0, 0.0
    points = risk_coverage(decisions)
    for coverage, risk in points:
        total += (coverage - before) * risk
        before = coverage
    return total if points else None


def brier(decisions: Sequence[Decision]) -> float | None:
    """The mean square of confidence minus right (1) or wrong (0) (Brier 1950), lower is better; None without a decision."""
    known = [d for d in decisions if d.right is not None]
    return float(np.mean([(d.confidence - bool(d.right)) ** 2 for d in known])) if known else None


def reliability(decisions: Sequence[Decision]) -> list[Bin]:
    """Confidence beside the share that was right, in ten equal parts of the scale; empty ones are left out."""
    here: dict[int, list[tuple[float, bool]]] = {}
    for d in decisions:
        if d.right is not None:
            here.setdefault(min(BINS - 1, int(d.confidence * BINS)), []).append((d.confidence, d.right))
    bins = []
    for place, known in sorted(here.items()):
        sure, right = (sum(values) / len(known) for values in zip(*known, strict=True))
        bins.append(Bin(place / BINS, (place + 1) / BINS, len(known), sure, right))
    return bins


def calibration_error(decisions: Sequence[Decision]) -> float | None:
    """The expected calibration error (Guo et al. 2017): how far confidence and share of right ones lie apart, over ten bins.

    Lower is better; None without a decision.
    """
    bins = reliability(decisions)
    count = sum(b.n for b in bins)
    return sum(b.n * abs(b.confidence - b.right) for b in bins) / count if count else None
