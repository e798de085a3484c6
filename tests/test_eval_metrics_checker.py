"""What is measured of a checker, worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.checker import auroc, balanced_accuracy, spearman

LABELS = [1, 1, 1, 0]


def test_balanced_accuracy_is_the_mean_of_both_kinds() -> None:
    assert balanced_accuracy(LABELS, [True, True, False, False]) == pytest.approx((2 / 3 + 1) / 2)
    assert balanced_accuracy(LABELS, [True] * 4) == 0.5
    assert balanced_accuracy([1, 1], [True, True]) is None


def test_auroc_counts_pairs_and_ties_as_half() -> None:
    assert auroc(LABELS, [0.9, 0.5, 0.1, 0.5]) == pytest.approx((1 + 0.5 + 0) / 3)
    assert auroc([1, 1], [0.2, 0.3]) is None


def test_spearman_is_of_ranks_with_ties_shared() -> None:
    assert spearman([1, 2, 3], [10, 20, 400]) == pytest.approx(1)
    assert spearman([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)
    assert spearman([1, 1, 2, 3], [1, 2, 3, 4]) == pytest.approx(0.9486833)
    assert spearman([1, 1], [1, 2]) is None


@given(st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=2, max_size=30))
def test_turning_the_scores_round_turns_the_area_round(pairs: list[tuple[int, float]]) -> None:
    labels, scores = [a for a, _ in pairs], [b for _, b in pairs]
    area = auroc(labels, scores)
    if area is not None:
        assert auroc(labels, [-s for s in scores]) == pytest.approx(1 - area)
