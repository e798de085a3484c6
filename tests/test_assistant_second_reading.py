"""Joining what the cross-encoder says to the first scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from assistant.cross_encoder import Read
from assistant.features import QUESTION_FEATURES, Candidates
from assistant.retrieval import Found, Hit
from assistant.second_reading import SECOND_QUESTION_FEATURES, SECOND_SENTENCE_FEATURES, read_again
from ingest.records import Floats, Passage, StoredSentence

TEXTS = ("One two. Three.", "Four. Five.", "Six.")


class Scripted:
    """Stands in for a cross-encoder: the log-odds of a sentence are its length; keeps what it read."""

    def __init__(self) -> None:
        self.seen: list[Read] = []

    def log_odds(self, question: str, passages: Sequence[Read]) -> list[Floats]:
        self.seen += passages
        return [np.array([b - a for a, b in read.sentences], np.float32) for read in passages]


@pytest.fixture
def weighed() -> Candidates:
    vector = np.zeros(2, np.float32)
    hits, sentences, texts = [], [], []
    for number, text in enumerate(TEXTS):
        passage = Passage(number, str(number), "a", "0" * 12, 100, 100 + len(text), text, title="T")
        hits.append(Hit(passage, 0.0, 0.0, 0.0))
        at = 0
        for part in text.split(". "):
            words = part if part.endswith(".") else part + "."
            sentences.append(StoredSentence(number, 100 + at, 100 + at + len(words), False, vector))
            texts.append(words)
            at += len(words) + 1
    return Candidates("How many?", Found(vector, tuple(hits)), sentences, texts)


def test_passages_of_the_best_sentences_are_read_and_no_others(weighed: Candidates) -> None:
    reader = Scripted()
    first = np.array([0.0, 1.0, 5.0, 2.0, 3.0], np.float32)  # best: passage 1, then 2, then 0
    found = read_again(reader, weighed, first, most=2)
    assert [read.text for read in reader.seen] == [TEXTS[1], TEXTS[2]]
    assert reader.seen[0].heading == "T"
    assert [reader.seen[0].text[a:b] for a, b in reader.seen[0].sentences] == ["Four.", "Five."]
    assert found.read.tolist() == [False, False, True, True, True]
    assert found.log_odds.tolist() == [4.0, 4.0, 5.0, 5.0, 4.0]  # those not read are as the least
    five = 5 - np.logaddexp.reduce([5.0, 5.0, 0.0])
    assert found.log_share[2] == pytest.approx(five)
    assert found.log_share[4] == pytest.approx(4 - np.logaddexp(4.0, 0.0))
    assert found.log_share[0] == found.log_share.min()


def test_columns_are_as_named(weighed: Candidates) -> None:
    first = np.array([0.0, 1.0, 5.0, 2.0, 3.0], np.float32)
    found = read_again(Scripted(), weighed, first, most=3)
    rows = found.sentence_features(first)
    assert rows.shape == (5, len(SECOND_SENTENCE_FEATURES))
    assert rows[:, 0].tolist() == first.tolist()
    scores = np.array([9.0, 1.0, 7.0, 0.0, 0.0], np.float32)
    row = found.question_features(np.arange(len(QUESTION_FEATURES), dtype=np.float32), scores)
    named = dict(zip(SECOND_QUESTION_FEATURES, row, strict=True))
    assert named["log_odds"] == 8  # "One two."
    assert named["most_log_odds"] == 8
    assert named["second_score"] == 9
    assert named["second_margin"] == 2


def test_a_single_sentence_has_a_margin(weighed: Candidates) -> None:
    one = Candidates("How many?", weighed.found, weighed.sentences[:1], weighed.texts[:1])
    found = read_again(Scripted(), one, np.zeros(1, np.float32), most=3)
    row = found.question_features(np.zeros(len(QUESTION_FEATURES), np.float32), np.ones(1, np.float32))
    assert dict(zip(SECOND_QUESTION_FEATURES, row, strict=True))["second_margin"] == 1
