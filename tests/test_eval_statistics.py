"""Intervals and tests, beside published values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.statistics import difference, least_p, mcnemar, mean, of_all, p_of_falls, quantile, share


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (8, 10, 0.4901625, 0.9433178),  # statsmodels.stats.proportion.proportion_confint(8, 10, method="wilson")
        (0, 10, 0.0, 0.2775328),
        (10, 10, 0.7224672, 1.0),
        (81, 263, 0.2552951, 0.3662012),  # Newcombe 1998, table I: 0.2553 to 0.3662
    ],
)
def test_the_interval_of_a_share_is_wilsons(hits: int, n: int, low: float, high: float) -> None:
    found = share("x", n, hits)
    assert (found.n, found.mean) == (n, hits / n)
    assert found.low == pytest.approx(low, abs=2e-5)
    assert found.high == pytest.approx(high, abs=2e-5)


def test_nothing_scored_has_no_value() -> None:
    for found in (share("x", 0, 0), mean("x", []), of_all("x", [], lambda _: None)):
        assert (found.n, found.mean, found.low, found.high) == (0, None, None, None)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_the_mean_lies_in_its_interval(values: list[float]) -> None:
    found = mean("x", values)
    assert found.mean is not None
    assert found.low is not None
    assert found.high is not None
    assert -1e-9 <= found.low <= found.high <= 1 + 1e-9
    assert mean("x", values) == found


def test_shares_are_told_from_other_means() -> None:
    assert mean("x", [1.0, 0.0]) == share("x", 2, 1)
    found = mean("x", [0.5] * 20)
    assert (found.low, found.high) == (0.5, 0.5)


def test_the_bootstrap_of_a_mean_comes_near_the_normal_interval() -> None:
    values = [n / 100 for n in range(101)]
    found = mean("x", values)
    half = 1.96 * (sum((v - 0.5) ** 2 for v in values) / 101) ** 0.5 / 101**0.5
    assert found.low == pytest.approx(0.5 - half, abs=0.005)
    assert found.high == pytest.approx(0.5 + half, abs=0.005)


def test_a_statistic_of_all_has_an_interval_over_the_items() -> None:
    found = of_all("x", [1.0, 2.0, 3.0, 4.0], lambda items: sum(items) / len(items))
    assert (found.n, found.mean) == (4, 2.5)
    assert found.low is not None
    assert found.high is not None
    assert 1 <= found.low < 2.5 < found.high <= 4


def test_mcnemar_is_the_exact_binomial() -> None:
    assert mcnemar(0, 0) == 1
    assert mcnemar(3, 3) == 1
    assert mcnemar(5, 0) == pytest.approx(2 * 0.5**5)
    assert mcnemar(1, 8) == pytest.approx(2 * (1 + 9) / 512)


def test_a_difference_is_paired() -> None:
    found = difference("x", [1.0] * 10 + [0.0] * 10, [1.0] * 4 + [0.0] * 16)
    assert (found.n, found.base, found.run, found.test) == (20, 0.5, 0.2, "McNemar")
    assert found.p == pytest.approx(2 * 0.5**6)
    assert found.low < -0.3 < found.high < 0


def test_scores_between_0_and_1_are_compared_by_permutation() -> None:
    same = difference("x", [0.2, 0.4, 0.9], [0.2, 0.4, 0.9])
    assert (same.test, same.p, same.low, same.high) == ("permutation", 1.0, 0.0, 0.0)
    worse = difference("x", [0.5, 0.6, 0.7] * 10, [0.4, 0.5, 0.6] * 10)
    assert worse.p < 0.01


def p_of_fall(base: Sequence[float], run: Sequence[float]) -> float:
    (p,) = p_of_falls([[after - before] for before, after in zip(base, run, strict=True)])
    return p


def test_the_p_of_a_fall_is_that_of_a_permutation_test_on_one_side() -> None:
    assert p_of_fall([1.0] * 5, [0.0] * 5) == 0.5**5 == least_p([1.0] * 5)
    assert p_of_fall([0.5, 0.9, 0.7], [0.4, 0.8, 0.6]) == 0.5**3 == least_p([0.5, 0.9, 0.7])
    assert p_of_fall([1.0] * 8 + [0.0], [0.0] * 8 + [1.0]) == pytest.approx((1 + 9) / 512)  # McNemar's, on one side
    assert p_of_fall([1.0, 0.0], [0.0, 0.0]) == 0.5
    assert p_of_fall([0.0, 0.0], [1.0, 0.0]) == 1.0
    assert p_of_fall([0.3, 0.4], [0.3, 0.4]) == 1.0
    assert least_p([0.0, 0.0]) == 1.0


def test_of_many_samples_the_p_is_drawn_and_always_the_same() -> None:
    base, run = [0.5, 0.6, 0.7] * 20, [0.5, 0.5, 0.7] * 20
    assert p_of_fall(base, run) == p_of_fall(base, run) == least_p(base) == 1e-4


def test_figures_that_fall_together_are_corrected_as_one_and_those_apart_as_many() -> None:
    assert p_of_falls([[-1.0] * 14] * 5) == [0.5**5] * 14
    assert p_of_falls([[-1.0, 0.0]] * 5) == [0.5**5, 1.0]
    assert p_of_falls([[-1.0, 1.0]] * 5) == [2 * 0.5**5, 1.0]  # the other falls where all are exchanged
    # Two figures, each of five samples of its own: one of them is as low in 32 + 32 - 1 of the 1024 exchanges.
    apart = [[-1.0, 0.0]] * 5 + [[0.0, -1.0]] * 5
    assert p_of_falls(apart) == [pytest.approx(63 / 1024)] * 2
    # Step-down: the one of seven samples first, against both; the one of five then alone.
    apart = [[-1.0, 0.0]] * 7 + [[0.0, -1.0]] * 5
    assert p_of_falls(apart) == [1 / 128, 1 / 32]


@pytest.mark.parametrize(("figures", "falling", "shared"), [(24, 0, 0.0), (24, 0, 0.5), (24, 8, 0.3)])
def test_hardly_a_figure_that_did_not_fall_is_called_significant(figures: int, falling: int, shared: float) -> None:
    """The share of runs in which one is, of those that stand alone or move together, also where others fell: at most .05."""
    random = np.random.default_rng(5)
    wrong = uncorrected = 0
    for _ in range(400):
        common = random.normal(size=(2, 11, 1)) * shared**0.5
        right = common + random.normal(size=(2, 11, figures)) * (1 - shared) ** 0.5 > -0.3
        right[1, :, :falling] = False
        apart = right[1].astype(float) - right[0].astype(float)
        wrong += min(p_of_falls(apart.tolist())[falling:]) <= 0.05
        uncorrected += min(p_of_falls(column[:, None].tolist())[0] for column in apart.T[falling:]) <= 0.05
    assert wrong <= 400 * 0.05 + 2 * (400 * 0.05 * 0.95) ** 0.5
    assert uncorrected > 400 * 0.07


def test_a_quantile_has_an_interval_in_its_own_unit() -> None:
    found = quantile("p50", [100.0 + n for n in range(101)], 0.5)
    assert (found.n, found.mean) == (101, 150.0)
    assert found.low is not None
    assert found.high is not None
    assert 135 < found.low < 150 < found.high < 165
    assert quantile("p50", [], 0.5).mean is None
