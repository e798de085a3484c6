"""How well a checker of claims agrees with people: balanced accuracy, AUROC, Spearman's rank correlation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import rankdata


def balanced_accuracy(labels: Sequence[int], said: Sequence[bool]) -> float | None:
    """The mean of the shares of supported and of unsupported claims that the checker gets right; None without both kinds.

    As in SummEdits (Laban et al. 2023): a checker that always says the same gets .5.

    Args:
        labels: 1 for supported, 0 for not.
        said: Whether the checker calls each supported.
    """
    right = [[s == bool(label) for label, s in zip(labels, said, strict=True) if label == kind] for kind in (0, 1)]
    return sum(sum(r) / len(r) for r in right) / 2 if all(right) else None


def auroc(labels: Sequence[int], scores: Sequence[float]) -> float | None:
    """The chance that a supported claim scores higher than an unsupported one, a tie counting half; None without both kinds.

    The Mann-Whitney form of the area under the ROC curve (Hanley and McNeil 1982).
    """
    ranks = rankdata(scores)
    positive = np.asarray(labels) == 1
    n, m = int(positive.sum()), int((~positive).sum())
    if not n or not m:
        return None
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * m))


def spearman(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Pearson's correlation of ranks, ties sharing their mean rank (Spearman 1904); None when one of them does not vary."""
    a, b = rankdata(first), rankdata(second)
    if len(a) < 2 or a.std() == 0 or b.std() == 0:
        return None
    return float(np.corrcoef(a, b)[0, 1])
