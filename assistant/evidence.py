"""From passages to evidence: sentences scored for a question, and how likely the best of them answers it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from assistant.features import (
    QUESTION_FEATURES,
    SENTENCE_FEATURES,
    Rarity,
    candidates,
    question_features,
    sentence_features,
)
from assistant.interaction import LateInteraction
from assistant.retrieval import Found
from assistant.types import Scope
from ingest.archive import Archive
from ingest.embedding import Encoder
from ingest.errors import ModelUnavailable
from ingest.records import Floats, Passage


@dataclass(frozen=True)
class Evidence:
    """One sentence of a passage, weighed for a question.

    Attributes:
        passage: Where it stands.
        start: First character in the version's text.
        end: One past the last.
        text: Its words.
        score: 0..1, how likely it is the sentence that answers, given that one of those read does.
        coverage: Share of the question's terms, weighted by rarity, that stand in it, 0..1.
    """

    passage: Passage
    start: int
    end: int
    text: str
    score: float
    coverage: float


@dataclass(frozen=True)
class Reading:
    """What reading the passages gave: evidence, best first, and the chance that the best answers the question."""

    evidence: tuple[Evidence, ...]
    confidence: float


@dataclass(frozen=True)
class Linear:
    """A linear model over named features; it gives logits."""

    weights: Floats
    bias: float

    def __call__(self, features: Floats) -> Floats:
        """Logits of rows of features, shape ``(rows,)``; of one row, a single one."""
        return np.asarray(features @ self.weights + self.bias, np.float32)


class Reader:
    """Scores sentences with two small linear models; `assistant/weights/reader.md` says how they were made."""

    def __init__(self, archive: Archive, encoder: Encoder) -> None:
        self._archive = archive
        self._rarity = Rarity(archive)
        self._interaction = LateInteraction(encoder)
        self._sentence, self._question = _weights()

    def read(self, question: str, found: Found, scope: Scope | None = None) -> Reading:
        """The sentences of the found passages as evidence; empty when there is none to weigh.

        Args:
            question: The standalone question.
            found: Passages, and the question's vector.
            scope: Only sentences that overlap its stretches, when it has any.
        """
        weighed = candidates(self._archive, question, found, scope)
        sentences, texts, passages = weighed.sentences, weighed.texts, weighed.passages
        if not sentences:
            return Reading((), 0.0)
        features = sentence_features(weighed, self._rarity, self._interaction)
        scores = self._sentence(features)
        order = np.argsort(-scores, kind="stable")
        odds = np.exp(scores - scores.max())
        shares = odds / odds.sum()
        best = passages[sentences[order[0]].passage]
        confidence = logistic(self._question(question_features(question, scores, features, best.text)))
        covered = features[:, SENTENCE_FEATURES.index("coverage")]
        return Reading(
            tuple(
                Evidence(
                    passages[sentences[i].passage], sentences[i].start, sentences[i].end, texts[i],
                    float(shares[i]), float(covered[i]),
                )
                for i in order
            ),
            float(confidence),
        )  # fmt: skip


def logistic(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), shape as given."""
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -30, 30))), np.float32)


@cache
def _weights() -> tuple[Linear, Linear]:
    stored = json.loads(files("assistant").joinpath("weights/reader.json").read_text(encoding="utf-8"))
    found = []
    for part, columns in (("sentence", SENTENCE_FEATURES), ("question", QUESTION_FEATURES)):
        if list(stored[part]["weights"]) != list(columns):
            raise ModelUnavailable(f"reader.json was made for other features ({part}); reinstall onrecord.")
        found.append(Linear(np.array(list(stored[part]["weights"].values()), np.float32), stored[part]["bias"]))
    return found[0], found[1]
