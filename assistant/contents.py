"""What ranking needs to know of a passage beyond its words, remembered from search to search."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from assistant.terms import FUNCTION_WORDS, stem, stems, words
from ingest.archive import Archive
from ingest.embedding import Encoder
from ingest.records import Floats, Passage

HEADING_SHARE = 0.5
"""How much of the vector of title and section is added to that of a sentence. On the development sets .3 to .7 rank alike,
and as well as title and sentence encoded in one; without it Hit@1 falls from .93 to .91 (nq) and from .76 to .73 (inscit)."""

_KEPT = 4096
"""Passages that are remembered, about 25 kB each."""
_HEADINGS_KEPT = 20_000

Pair = tuple[str, str]


@dataclass(frozen=True)
class Contents:
    """A passage as ranking sees it.

    Attributes:
        sentences: Unit vectors of its sentences under their heading, shape ``(sentences, dimensions)``.
        stems: Those of its heading and its text.
        pairs: The stems that stand side by side there.
    """

    sentences: Floats
    stems: frozenset[str]
    pairs: frozenset[Pair]


class ContentsCache:
    """The contents of passages; those met lately cost nothing."""

    def __init__(self, archive: Archive, encoder: Encoder, kept: int = _KEPT) -> None:
        self._archive = archive
        self._encoder = encoder
        self._most = kept
        self._kept: OrderedDict[int, Contents] = OrderedDict()
        self._headings: dict[str, Floats] = {}
        self._one_thread = threading.Lock()

    def of(self, passages: Sequence[Passage]) -> dict[int, Contents]:
        """The contents of the passages, by number; one that has just been taken out of the archive has none."""
        with self._one_thread:
            known = {p.number: self._kept[p.number] for p in passages if p.number in self._kept}
        new = [p for p in passages if p.number not in known]
        known |= self._read(new)
        with self._one_thread:
            for number in known:
                self._kept[number] = known[number]
                self._kept.move_to_end(number)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return known

    def _read(self, passages: Sequence[Passage]) -> dict[int, Contents]:
        if not passages:
            return {}
        vectors: dict[int, list[Floats]] = {}
        for sentence in self._archive.sentences([p.number for p in passages]):
            vectors.setdefault(sentence.passage, []).append(sentence.vector)
        headings = self._heading_vectors({p.heading for p in passages if p.heading})
        return {
            p.number: _contents(p, _under(np.stack(vectors[p.number]), headings.get(p.heading)))
            for p in passages
            if p.number in vectors
        }

    def _heading_vectors(self, texts: Iterable[str]) -> dict[str, Floats]:
        wanted = set(texts)
        found = {text: self._headings[text] for text in wanted if text in self._headings}
        found |= self._archive.headings(wanted - found.keys())
        missing = sorted(wanted - found.keys())  # of articles whose title changed since the weights were last in use
        if missing:
            found |= dict(zip(missing, self._encoder.encode(missing), strict=True))
        if len(self._headings) > _HEADINGS_KEPT:
            self._headings = {}
        self._headings |= found
        return found


def pairs(question: str) -> list[Pair]:
    """The stems that stand side by side in a question, at least one of the two with a meaning of its own; each once."""
    both = pairwise(words(question))
    found = [(stem(a), stem(b)) for a, b in both if not (a in FUNCTION_WORDS and b in FUNCTION_WORDS)]
    return list(dict.fromkeys(found))


def _contents(passage: Passage, sentences: Floats) -> Contents:
    above, text = stems(passage.heading), stems(passage.text)
    return Contents(sentences, frozenset(above + text), frozenset([*pairwise(above), *pairwise(text)]))


def _under(sentences: Floats, heading: Floats | None) -> Floats:
    if heading is None:
        return sentences
    mixed = sentences + HEADING_SHARE * heading
    return np.asarray(mixed / np.maximum(np.linalg.norm(mixed, axis=1, keepdims=True), 1e-9), np.float32)
