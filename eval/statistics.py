"""Figures with their number and a 95 % interval, and tests of whether two runs differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
RESAMPLES = 2000
"""Of a bootstrap: the ends of an interval then vary by about a fiftieth of its width (Efron and Tibshirani 1993, chapter 13)."""
_SEED = 13
_BATCH = 100
_PERMUTATIONS = 9_999
_SAME = 1e-9
"""Two scores that are this close are the same number, computed in another order."""
_FEWEST = 100
_MOST_DRAWN = 500_000
"""Items that a bootstrap of a statistic draws in all: of a large run, whose intervals are narrow, there are fewer resamples."""
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Figure:
    """A value over `n` scored samples, with its 95 % interval; None when nothing was scored."""

    name: str
    n: int
    mean: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Difference:
    """A metric in two runs, over the samples that are scored in both.

    Attributes:
        name: The metric.
        n: Samples scored in both.
        base: Mean in the first run.
        run: Mean in the second.
        low: Lower end of the 95 % interval of the difference `run` - `base`, by paired bootstrap.
        high: The upper end.
        p: Two-sided: of McNemar's exact test where every value is 0 or 1, else of a paired permutation test.
        test: Which of the two.
    """

    name: str
    n: int
    base: float
    run: float
    low: float
    high: float
    p: float
    test: str


def share(name: str, n: int, hits: int) -> Figure:
    """The share of `hits` among `n`, with Wilson's interval (1927); without a value when `n` is 0."""
    from scipy.stats import binomtest

    if not n:
        return Figure(name, 0, None, None, None)
    ends = binomtest(hits, n).proportion_ci(LEVEL, method="wilson")
    return Figure(name, n, hits / n, float(ends.low), float(ends.high))


def mean(name: str, values: Sequence[float]) -> Figure:
    """The mean of scores: a share where all are 0 or 1, else with a bootstrap interval (percentiles, always the same draws)."""
    if all(value in (0.0, 1.0) for value in values):
        return share(name, len(values), round(sum(values)))
    means = _resampled_means(np.asarray(values, np.float64))
    return Figure(name, len(values), float(np.mean(values)), *_ends(means))


def of_all(name: str, items: Sequence[_Item], statistic: Callable[[Sequence[_Item]], float | None]) -> Figure:
    """A statistic of all items at once, such as an AUROC, with a bootstrap interval over the items (percentiles)."""
    value = statistic(items)
    if value is None:
        return Figure(name, 0, None, None, None)
    random = np.random.default_rng(_SEED)
    resamples = max(_FEWEST, min(RESAMPLES // 4, _MOST_DRAWN // len(items)))
    drawn = (statistic([items[i] for i in random.integers(0, len(items), len(items))]) for _ in range(resamples))
    return Figure(name, len(items), value, *_ends(np.asarray([v for v in drawn if v is not None] or [value])))


def quantile(name: str, values: Sequence[float], share_below: float) -> Figure:
    """The value that a share of all does not exceed, in their own unit, with a bootstrap interval (percentiles)."""
    if not values:
        return Figure(name, 0, None, None, None)
    found = np.asarray(values, np.float64)
    random = np.random.default_rng(_SEED)
    drawn = np.quantile(found[random.integers(0, len(found), (RESAMPLES // 4, len(found)))], share_below, axis=1)
    return Figure(name, len(found), float(np.quantile(found, share_below)), *_ends(drawn))


def difference(name: str, base: Sequence[float], run: Sequence[float]) -> Difference:
    """How a metric differs between two runs.

    Args:
        name: The metric.
        base: Its values in the first run, one a sample; at least one.
        run: Those of the same samples in the second.
    """
    apart = np.asarray(run, np.float64) - np.asarray(base, np.float64)
    means = _resampled_means(apart)
    low, high = _ends(means)
    binary = all(value in (0.0, 1.0) for value in (*base, *run))
    p = mcnemar(int((apart < 0).sum()), int((apart > 0).sum())) if binary else _permuted(apart)
    test = "McNemar" if binary else "permutation"
    return Difference(name, len(apart), float(np.mean(base)), float(np.mean(run)), low, high, p, test)


def p_of_falls(apart: Sequence[Sequence[float]]) -> list[float]:
    """The one-sided p-values of a fall of each of several figures, corrected for their number.

    Westfall and Young's step-down minP (1993, algorithm 2.8; the counting is that of Ge, Dudoit and Speed 2003) on a paired
    permutation test: if the two runs are alike, all values of a sample may as well be exchanged between them, together. So what
    moves together is hardly corrected for, and what did not change, or in too few samples, is not corrected for at all. Of the
    figures that did not fall, whichever they are, one is called significant in at most that share of all runs.

    Args:
        apart: Second run - first: a row a sample, a column a figure, 0 where a sample is not scored.

    Returns:
        One a figure; the least is 1 / 10,000, or where at most 13 samples changed, 1 / 2 ** their number.
    """
    found = np.asarray(apart, np.float64)
    changed = found[(np.abs(found) > _SAME).any(axis=1)]
    # Rounded, because sums of the same numbers differ in their last digits; the first row is what was found.
    sums = np.concatenate([np.round(signs @ changed, 9) for signs in _exchanged(len(changed))])
    counts = np.stack([np.searchsorted(np.sort(column), column, "right") for column in sums.T], axis=1)
    order = np.argsort(counts[0], kind="stable")
    ranked = counts[:, order]
    least = np.minimum.accumulate(ranked[:, ::-1], axis=1)[:, ::-1]
    corrected = np.empty(len(order))
    corrected[order] = np.maximum.accumulate((least <= ranked[0]).mean(axis=0))
    return [float(p) for p in corrected]


def _exchanged(samples: int) -> Iterator[NDArray[np.float64]]:
    """Which samples are exchanged (-1), a row a permutation, in batches; all where they are few; nothing is in the first row."""
    if 2**samples <= _PERMUTATIONS:
        yield _signs(np.arange(2**samples)[:, None] >> np.arange(samples) & 1)
        return
    random = np.random.default_rng(_SEED)
    yield np.ones((1, samples))
    for start in range(0, _PERMUTATIONS, _BATCH):
        yield _signs(random.integers(0, 2, (min(_BATCH, _PERMUTATIONS - start), samples)))


def _signs(exchanged: NDArray[np.int64]) -> NDArray[np.float64]:
    return (1 - 2 * exchanged).astype(np.float64)


def least_p(base: Sequence[float]) -> float:
    """The smallest p that `p_of_falls` can give a figure: where every value above 0 has fallen to 0, and no other changed."""
    return max(0.5 ** sum(value > 0 for value in base), 1 / (_PERMUTATIONS + 1))


def mcnemar(lost: int, won: int) -> float:
    """The exact two-sided p of McNemar's test (1947): whether as many samples were lost as won; 1 when neither."""
    from scipy.stats import binomtest

    return float(binomtest(lost, lost + won).pvalue) if lost + won else 1.0


def _resampled_means(values: NDArray[np.float64]) -> NDArray[np.float64]:
    random = np.random.default_rng(_SEED)
    batches = (values[random.integers(0, len(values), (_BATCH, len(values)))] for _ in range(RESAMPLES // _BATCH))
    return np.concatenate([batch.mean(axis=1) for batch in batches])


def _ends(drawn: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.quantile(drawn, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)


def _permuted(apart: NDArray[np.float64]) -> float:
    """The two-sided p of a paired permutation test of differences, all permutations where they are few; 1 when nothing differs."""
    from scipy.stats import permutation_test

    changed = apart[np.abs(apart) > _SAME]
    if len(changed) < 2:
        return 1.0
    found = permutation_test(
        (changed,), np.sum, permutation_type="samples", vectorized=True, n_resamples=_PERMUTATIONS, batch=_BATCH,
        rng=np.random.default_rng(_SEED),
    )  # fmt: skip
    return min(1.0, float(found.pvalue))
