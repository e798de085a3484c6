"""Weights of our own: layers trained further over the bundled encoder's word embeddings, and their tokenizer."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from ingest.embedding import bundled_folder, sha256_of, threads
from ingest.errors import ModelUnavailable
from ingest.records import Floats

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import BertConfig, PreTrainedModel

Model = TypeVar("Model", bound="PreTrainedModel")
Item = TypeVar("Item")


def tokenizer_of(folder: Path) -> Tokenizer:
    """The tokenizer of a model's folder, without truncation or padding."""
    from tokenizers import Tokenizer

    found = Tokenizer.from_file(str(folder / "tokenizer.json"))
    found.no_padding()
    found.no_truncation()
    return found


class StoredModel(Generic[Model]):
    """Our own layers over the bundled encoder's word embeddings, checked against their sha256 and loaded when first needed.

    Args:
        weights: The stored layers.
        sha256: What they must have; None to take them as they are.
        make: Makes the model, without weights, from the encoder's configuration.

    Raises:
        ModelUnavailable: The weights are missing or differ from their checksum.
    """

    def __init__(self, weights: Path, sha256: str | None, make: Callable[[BertConfig], Model]) -> None:
        if not weights.is_file():
            raise ModelUnavailable(f"The weights {weights.name} are missing; reinstall onrecord.")
        if sha256 is not None and (found := sha256_of(weights)) != sha256:
            raise ModelUnavailable(
                f"The weights {weights.name} have sha256 {found[:12]}…, not {sha256[:12]}…; reinstall onrecord."
            )
        self._file = weights
        self._make = make
        self._loading = threading.Lock()
        self._cores = ThreadPoolExecutor(os.cpu_count() or 1, weights.stem)

    @property
    def tokenizer(self) -> Tokenizer:
        """The encoder's tokenizer."""
        return self._ready[0]

    @property
    def _ready(self) -> tuple[Tokenizer, Model]:
        with self._loading:
            return self._loaded

    def on_each_core(self, read: Callable[[Model, Item], Floats], items: Sequence[Item]) -> list[Floats]:
        """What `read` makes of each item, one on each core at once."""
        _, model = self._ready
        return list(self._cores.map(lambda item: _alone(read, model, item), items))

    @cached_property
    def _loaded(self) -> tuple[Tokenizer, Model]:
        from safetensors.torch import load_file
        from transformers import BertConfig

        folder = bundled_folder()
        model = self._make(BertConfig.from_pretrained(str(folder), local_files_only=True))
        found = {k: v.float() for k, v in load_file(self._file).items()}
        words = load_file(folder / "model.safetensors")
        found |= {k: words[k.removeprefix("bert.")] for k in model.state_dict() if k not in found}
        model.load_state_dict(found)
        model.train(False)
        return tokenizer_of(folder), model


def _alone(read: Callable[[Model, Item], Floats], model: Model, item: Item) -> Floats:
    """One forward pass on one core."""
    import torch

    with threads(1), torch.inference_mode():
        return read(model, item)
