"""The second reading: the cross-encoder reads the passages that look best, and what it says is joined to the first scores.

The first scores (`assistant.features`) know how rare a word is in this archive and what else was found; the cross-encoder
knows what a sentence states. They err in different places, and a linear model over both errs least.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.cross_encoder import CrossEncoder, Read
from assistant.features import QUESTION_FEATURES, Candidates
from ingest.records import Floats

SECOND_SENTENCE_FEATURES = ("first_score", "log_odds", "log_share")
"""Columns of `SecondReading.sentence_features`: the first model's score; the cross-encoder's log-odds that this sentence answers
against that none of its passage does; the logarithm of its share among the sentences of its passage and there being none."""

SECOND_QUESTION_FEATURES = (
    *QUESTION_FEATURES,
    "log_odds",
    "log_share",
    "most_log_odds",
    "second_score",
    "second_margin",
)
"""Columns of `SecondReading.question_features`: all that the first model looks at, of the sentence that is best now; what the
cross-encoder says of it and of any; its score under both, and by how much it leads."""


@dataclass(frozen=True)
class SecondReading:
    """What the cross-encoder says of a question's candidate sentences.

    Attributes:
        read: Which sentences stand in a passage that it read, shape ``(sentences,)``.
        log_odds: Shape ``(sentences,)``; of sentences that were not read, the least of any that was.
        log_share: The same.
    """

    read: NDArray[np.bool_]
    log_odds: Floats
    log_share: Floats

    def sentence_features(self, first: Floats) -> Floats:
        """A column a name in `SECOND_SENTENCE_FEATURES`, shape ``(sentences, 3)``; `first` are the first model's scores."""
        return np.stack([first, self.log_odds, self.log_share], axis=1).astype(np.float32)

    def question_features(self, about_best: Floats, scores: Floats) -> Floats:
        """One row, a column a name in `SECOND_QUESTION_FEATURES`.

        Args:
            about_best: `assistant.features.question_features` of the sentence that `scores` put first.
            scores: Of the sentences under both readings, shape ``(sentences,)``, at least one.
        """
        order = np.argsort(-scores, kind="stable")
        best = order[0]
        second = scores[order[1]] if len(order) > 1 else scores[best] - 1
        added = [self.log_odds[best], self.log_share[best], self.log_odds.max(), scores[best], scores[best] - second]
        return np.array([*about_best, *added], np.float32)


def read_again(cross_encoder: CrossEncoder, weighed: Candidates, first: Floats, most: int) -> SecondReading:
    """Reads the passages that hold the best sentences.

    Args:
        cross_encoder: What reads.
        weighed: The candidates, at least one.
        first: The first model's scores, shape ``(sentences,)``.
        most: At most this many passages, >= 1.
    """
    order = np.argsort(-first, kind="stable")
    chosen = list(dict.fromkeys(weighed.sentences[i].passage for i in order))[:most]
    members = {number: [i for i, s in enumerate(weighed.sentences) if s.passage == number] for number in chosen}
    found = cross_encoder.log_odds(weighed.question, [_read(weighed, number, members[number]) for number in chosen])
    log_odds, log_share = (np.full(len(first), np.inf, np.float32) for _ in range(2))
    for number, odds in zip(chosen, found, strict=True):
        log_odds[members[number]] = odds
        log_share[members[number]] = odds - np.logaddexp.reduce(np.append(odds, 0.0))
    read = np.isfinite(log_odds)
    for column in (log_odds, log_share):
        column[~read] = column[read].min()
    return SecondReading(read, log_odds, log_share)


def _read(weighed: Candidates, number: int, members: Sequence[int]) -> Read:
    passage = weighed.passages[number]
    spans = [(weighed.sentences[i].start - passage.start, weighed.sentences[i].end - passage.start) for i in members]
    return Read(passage.heading, passage.text, spans)
