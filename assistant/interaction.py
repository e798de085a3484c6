"""Late interaction: how well each content word of a question is met by some word of a sentence, meaning for meaning.

The lexical coverage of `assistant.features` sees a word or does not. Here each word of the question is compared with every
word near the sentence through the encoder's token states (MaxSim of ColBERT, Khattab and Zaharia 2020), so that "frontier"
is met by "border", and the worst-met word shows what a near miss lacks.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.terms import FUNCTION_WORDS, stem, without_kind, words
from ingest.embedding import Encoder
from ingest.records import Floats, Passage, StoredSentence

INTERACTION_FEATURES = ("met", "worst_met", "two_worst_met", "passage_met", "passage_worst_met")
"""Columns of `LateInteraction.features`: mean over the question's content words of the best similarity in the sentence,
weighted by rarity; the least of them; the mean of the two least; the first two over the whole passage."""

_KEPT = 1024
"""Passages whose token states are remembered: about 100 kB each in half precision, which alters no answer of 500 (squad2)."""

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class _Kept:
    """`ingest.records.TokenStates` in half precision."""

    offsets: NDArray[np.int64]
    states: NDArray[np.float16]


class LateInteraction:
    """Compares questions with sentences token by token; remembers the states of passages it met lately."""

    def __init__(self, encoder: Encoder, kept: int = _KEPT) -> None:
        self._encoder = encoder
        self._most = kept
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._one_thread = threading.Lock()

    def features(
        self,
        question: str,
        passages: Mapping[int, Passage],
        sentences: Sequence[StoredSentence],
        weights: Mapping[str, float],
    ) -> Floats:
        """One row a sentence, one column a name in `INTERACTION_FEATURES`; shape ``(sentences, 5)``.

        Args:
            question: The standalone question.
            passages: By number; every sentence belongs to one.
            sentences: The candidates.
            weights: Rarity of the question's stems, > 0.
        """
        states = self._states_of(passages)
        asked, importance = self._question(question, weights)
        met = {number: _met(asked, states[passage.key].states) for number, passage in passages.items()}
        whole = {number: _summary(similarity, importance) for number, similarity in met.items()}
        rows = []
        for s in sentences:
            offsets, first = states[passages[s.passage].key].offsets, passages[s.passage].start
            inside = (offsets[:, 0] < s.end - first) & (offsets[:, 1] > s.start - first)
            here = _summary(met[s.passage][:, inside], importance) if inside.any() else whole[s.passage]
            rows.append([*here, *whole[s.passage][:2]])
        return np.array(rows, np.float32)

    def _question(self, question: str, weights: Mapping[str, float]) -> tuple[list[Floats], Floats]:
        """The token states of each content word, and how much each word counts; all words when none carries meaning."""
        found = self._encoder.token_states([question])[0]
        every = [m.span() for m in _WORD.finditer(question)]
        rest = [m.span() for m in _WORD.finditer(without_kind(question))]
        spans = [(a, b) for a, b in rest if question[a:b].casefold() not in FUNCTION_WORDS] or every
        states, importance = [], []
        for start, end in spans:
            inside = (found.offsets[:, 0] >= start) & (found.offsets[:, 1] <= end)
            if inside.any():
                states.append(found.states[inside])
                importance.append(
                    max((weights.get(stem(word), 1.0) for word in words(question[start:end])), default=1.0)
                )
        if not states:  # nothing in it is a word
            return [np.zeros((1, found.states.shape[1]), np.float32)], np.ones(1, np.float32)
        return states, np.array(importance, np.float32)

    def _states_of(self, passages: Mapping[int, Passage]) -> dict[str, _Kept]:
        wanted = {passage.key: passage.text for passage in passages.values()}
        with self._one_thread:
            found = {key: self._kept[key] for key in wanted if key in self._kept}
        new = [key for key in wanted if key not in found]
        encoded = self._encoder.token_states([wanted[key] for key in new])
        found |= {key: _Kept(e.offsets, e.states.astype(np.float16)) for key, e in zip(new, encoded, strict=True)}
        with self._one_thread:
            for key in wanted:
                self._kept[key] = found[key]
                self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found


def _met(asked: Sequence[Floats], states: NDArray[np.float16]) -> Floats:
    """Similarity of each word of the question (mean over its tokens) with each token; shape ``(words, tokens)``."""
    exact = states.astype(np.float32)
    return np.stack([(word @ exact.T).mean(axis=0) for word in asked])


def _summary(similarity: Floats, importance: Floats) -> tuple[float, float, float]:
    """Weighted mean, least, and mean of the two least of the words' best similarities."""
    if similarity.shape[1] == 0:
        return 0.0, 0.0, 0.0
    best = similarity.max(axis=1)
    least = np.sort(best)[:2]
    return float(best @ importance / importance.sum()), float(least[0]), float(least.mean())
