"""Stand-ins for what is slow, one a protocol; what they return can be worked out by hand."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ingest.records import Floats, TokenStates

DIMENSIONS = 64


def dimension_of(word: str) -> int:
    """Which of the 64 dimensions a word counts in; case does not matter."""
    return hashlib.sha256(word.lower().encode()).digest()[0] % DIMENSIONS


def bag_of_words(text: str) -> Floats:
    """How often each dimension's words stand in the text, at unit length; a text without words points along the first."""
    counts = np.zeros(DIMENSIONS, dtype=np.float32)
    for word in re.findall(r"\w+", text):
        counts[dimension_of(word)] += 1
    if not counts.any():
        counts[0] = 1
    return counts / np.float32(np.linalg.norm(counts))


class HashEncoder:
    """Stands in for `ingest.embedding.Encoder`: a token is a word or a mark, a vector is a bag of words.

    Attributes:
        encoded: Every passage that was encoded, in order.
    """

    def __init__(self, model: str = "bundled", *, sha256: str = "5" * 64, limit: int = 254) -> None:
        self.folder = Path(model)
        self.sha256 = sha256
        self.limit = limit
        self.encoded: list[str] = []

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(re.findall(r"\w+|[^\w\s]", text)) for text in texts]

    def encode(self, texts: Sequence[str]) -> Floats:
        rows = [bag_of_words(text) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, DIMENSIONS), np.float32)

    def token_states(self, texts: Sequence[str]) -> list[TokenStates]:
        """A token is a word, and its state points along the word's dimension."""
        found = []
        for text in texts:
            spans = [m.span() for m in re.finditer(r"\w+", text)]
            states = [bag_of_words(text[a:b]) for a, b in spans]
            offsets = np.array(spans, np.int64).reshape(-1, 2)
            found.append(TokenStates(offsets, np.array(states, np.float32).reshape(-1, DIMENSIONS)))
        return found

    def encode_passages(
        self, texts: Sequence[str], spans: Sequence[Sequence[tuple[int, int]]]
    ) -> tuple[Floats, list[Floats]]:
        self.encoded += texts
        sentences = [self.encode([text[a:b] for a, b in inside]) for text, inside in zip(texts, spans, strict=True)]
        return self.encode(texts), sentences
