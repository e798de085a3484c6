"""Linear weights under which a softmax over the options of each question chooses well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ingest.records import Floats

if TYPE_CHECKING:
    import torch


def fit_softmax(
    rows: Sequence[Floats],
    values: Sequence[Floats],
    loss_of: Callable[[torch.Tensor], torch.Tensor],
    *,
    penalty: float,
    iterations: int,
) -> Floats:
    """The weights of the least loss, shape ``(features,)``.

    Args:
        rows: For each question, the features of its options, shape ``(options, features)``.
        values: For each question, what each option is worth, shape ``(options,)``.
        loss_of: The loss of the mean worth under the softmax of each question, shape ``(questions,)``.
        penalty: Of the sum of squared weights.
        iterations: Most steps of L-BFGS.
    """
    import torch

    options, worth = torch.tensor(np.concatenate(rows)), torch.tensor(np.concatenate(values))
    of = torch.repeat_interleave(torch.arange(len(rows)), torch.tensor([len(r) for r in rows]))
    weights = torch.zeros(options.shape[1], requires_grad=True)
    search = torch.optim.LBFGS([weights], max_iter=iterations, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        search.zero_grad()
        odds = torch.exp((options @ weights).clamp(-30, 30))
        none = torch.zeros(len(rows))
        value = loss_of(none.index_add(0, of, odds * worth) / none.index_add(0, of, odds))
        value = value + penalty * (weights**2).sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    search.step(loss)  # type: ignore[no-untyped-call]
    return np.asarray(weights.detach().numpy(), np.float32)
