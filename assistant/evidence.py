"""From passages to evidence: sentences scored for a question, and how likely the best of them answers it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from assistant.cross_encoder import CrossEncoder, Read
from assistant.features import (
    QUESTION_FEATURES,
    SENTENCE_FEATURES,
    Candidates,
    Rarity,
    candidates,
    question_features,
    sentence_features,
)
from assistant.interaction import LateInteraction
from assistant.linear import Linear, logistic, stored
from assistant.retrieval import Found
from assistant.second_reading import SECOND_QUESTION_FEATURES, SECOND_SENTENCE_FEATURES, read_again
from assistant.settings import ReadingSettings
from assistant.types import Scope
from ingest.archive import Archive
from ingest.embedding import Encoder
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


class Reader:
    """Reads twice: two small linear models weigh every sentence, then a cross-encoder reads the passages that look best.

    `assistant/weights/reader.md` and `second_reading.md` say how the models were made.

    Args:
        archive: Where the sentences are.
        encoder: The bi-encoder.
        cross_encoder: What reads again; None for one reading.
        settings: How many passages it reads.
    """

    def __init__(
        self, archive: Archive, encoder: Encoder, cross_encoder: CrossEncoder | None, settings: ReadingSettings
    ) -> None:
        self._archive = archive
        self._rarity = Rarity(archive)
        self._interaction = LateInteraction(encoder)
        self._cross_encoder = cross_encoder
        self._settings = settings

    def warm_up(self) -> None:
        """Loads the cross-encoder."""
        if self._cross_encoder:
            self._cross_encoder.log_odds("warm up", [Read("", "warm up", [(0, 7)])])

    def read(self, question: str, found: Found, scope: Scope | None = None) -> Reading:
        """The sentences of the found passages as evidence; empty when there is none to weigh.

        Args:
            question: The standalone question.
            found: Passages, and the question's vector.
            scope: Only sentences that overlap its stretches, when it has any.
        """
        weighed = candidates(self._archive, question, found, scope)
        if not weighed.sentences:
            return Reading((), 0.0)
        features = sentence_features(weighed, self._rarity, self._interaction)
        scores, confidence = self._judge(weighed, features)
        order = np.argsort(-scores, kind="stable")
        odds = np.exp(scores - scores.max())
        shares = odds / odds.sum()
        covered = features[:, SENTENCE_FEATURES.index("coverage")]
        passages = weighed.passages
        return Reading(
            tuple(
                Evidence(
                    passages[weighed.sentences[i].passage], weighed.sentences[i].start, weighed.sentences[i].end,
                    weighed.texts[i], float(shares[i]), float(covered[i]),
                )
                for i in order
            ),
            confidence,
        )  # fmt: skip

    def _judge(self, weighed: Candidates, features: Floats) -> tuple[Floats, float]:
        """The sentences' scores, and how likely the best of them answers."""
        sentence, question = first_models()
        first = sentence(features)
        if self._cross_encoder is None:
            return first, float(logistic(question(self._about_best(weighed, first, features))))
        sentence, question = second_models()
        second = read_again(self._cross_encoder, weighed, first, self._settings.passages_read)
        scores = sentence(second.sentence_features(first))
        row = second.question_features(self._about_best(weighed, scores, features), scores)
        return scores, float(logistic(question(row)))

    @staticmethod
    def _about_best(weighed: Candidates, scores: Floats, features: Floats) -> Floats:
        best = weighed.sentences[int(np.argmax(scores))]
        return question_features(weighed.question, scores, features, weighed.passages[best.passage].text)


@cache
def first_models() -> tuple[Linear, Linear]:
    """The models of the first reading: of sentences, and of the question."""
    sentence, question = stored("reader.json", {"sentence": SENTENCE_FEATURES, "question": QUESTION_FEATURES})
    return sentence, question


@cache
def second_models() -> tuple[Linear, Linear]:
    """The models that join both readings: of sentences, and of the question."""
    sentence, question = stored(
        "second_reading.json", {"sentence": SECOND_SENTENCE_FEATURES, "question": SECOND_QUESTION_FEATURES}
    )
    return sentence, question
