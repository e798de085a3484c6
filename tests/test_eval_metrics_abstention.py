"""Decisions of a run, by hand."""

from __future__ import annotations

import pytest

from eval.metrics import abstention
from eval.metrics.abstention import Bin, Decision


def decided(answerable: bool, abstained: bool, confidence: float = 0.5, right: bool | None = None) -> Decision:
    return Decision(answerable, abstained, confidence, right)


MIXED = [
    decided(True, False), decided(True, False), decided(True, True), decided(False, True), decided(False, True),
    decided(False, False),
]  # fmt: skip


def test_precision_recall_and_f1_of_abstaining() -> None:
    assert abstention.precision(MIXED) == pytest.approx(2 / 3)
    assert abstention.recall(MIXED) == pytest.approx(2 / 3)
    assert abstention.f1(MIXED) == pytest.approx(2 * 2 / (2 * 2 + 1 + 1))
    one_sided = [decided(False, True), decided(False, False), decided(False, False), decided(True, False)]
    assert abstention.precision(one_sided) == 1
    assert abstention.recall(one_sided) == pytest.approx(1 / 3)
    assert abstention.f1(one_sided) == pytest.approx(2 * 1 * (1 / 3) / (1 + 1 / 3))


def test_what_does_not_apply_has_no_value() -> None:
    answered = [decided(True, False, 0.9, True)]
    assert abstention.precision(answered) is None
    assert abstention.recall(answered) is None
    assert abstention.f1(answered) is None
    assert abstention.auroc(answered) is None
    for measure in (abstention.aurc, abstention.brier, abstention.calibration_error):
        assert measure([decided(True, False)]) is None


SURE = [
    decided(True, False, 0.9, True),
    decided(True, False, 0.8, False),
    decided(True, False, 0.3, True),
    decided(False, True, 0.1, False),
]


def test_risk_is_the_share_of_wrong_ones_among_the_surest() -> None:
    assert abstention.risk_coverage(SURE) == [(0.25, 0.0), (0.5, 0.5), (0.75, pytest.approx(1 / 3)), (1.0, 0.5)]
    assert abstention.aurc(SURE) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)


def test_equal_confidence_comes_in_together() -> None:
    tied = [decided(True, False, 0.5, False), decided(True, False, 0.5, True)]
    assert abstention.risk_coverage(tied) == abstention.risk_coverage(tied[::-1]) == [(1.0, 0.5)]
    assert abstention.aurc(tied) == 0.5


def test_auroc_counts_pairs_in_the_right_order() -> None:
    found = [decided(True, False, 0.9), decided(True, False, 0.4), decided(False, True, 0.4), decided(False, True, 0.1)]
    assert abstention.auroc(found) == pytest.approx((2 + 0.5 + 1) / 4)


def test_brier_is_the_mean_square() -> None:
    assert abstention.brier(SURE) == pytest.approx((0.1**2 + 0.8**2 + 0.7**2 + 0.1**2) / 4)


def test_calibration_compares_confidence_with_the_share_of_right_ones() -> None:
    two = [decided(True, False, 0.82, True), decided(True, False, 0.88, False), decided(True, False, 1.0, True)]
    first, last = abstention.reliability(two)
    assert (first.low, first.high, first.n, first.right) == (0.8, 0.9, 2, 0.5)
    assert first.confidence == pytest.approx(0.85)
    assert last == Bin(0.9, 1.0, 1, 1.0, 1.0)
    assert abstention.calibration_error(two) == pytest.approx((2 * 0.35 + 0) / 3)
