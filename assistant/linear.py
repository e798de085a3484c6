"""Linear models over named features, and where their weights are kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from ingest.errors import ModelUnavailable
from ingest.records import Floats


@dataclass(frozen=True)
class Linear:
    """A linear model over named features; it gives logits."""

    weights: Floats
    bias: float

    def __call__(self, features: Floats) -> Floats:
        """Logits of rows of features, shape ``(rows,)``; of one row, a single one."""
        return np.asarray(features @ self.weights + self.bias, np.float32)


def logistic(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), shape as given."""
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -30, 30))), np.float32)


def stored(name: str, columns: Mapping[str, Sequence[str]]) -> tuple[Linear, ...]:
    """The models of a file of weights, in order.

    Args:
        name: The file, a JSON object with ``{weights: {feature: weight}, bias}`` for each model.
        columns: The features of each, which must be those that it was fitted on.

    Raises:
        ModelUnavailable: They are not.
    """
    content = json.loads(files("assistant").joinpath("weights", name).read_text(encoding="utf-8"))
    found = []
    for part, features in columns.items():
        if list(content[part]["weights"]) != list(features):
            raise ModelUnavailable(f"{name} was made for other features ({part}); reinstall onrecord.")
        found.append(Linear(np.array(list(content[part]["weights"].values()), np.float32), content[part]["bias"]))
    return tuple(found)
