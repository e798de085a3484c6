"""Late interaction, with states that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from fakes import HashEncoder, dimension_of

from assistant.interaction import INTERACTION_FEATURES, LateInteraction
from ingest.embedding import Encoder
from ingest.records import Floats, Passage, StoredSentence

TEXT = "The harbour was closed. Ferries sail elsewhere."
PASSAGE = Passage(7, "k", "a", "0" * 12, 100, 100 + len(TEXT), TEXT)
SENTENCES = [
    StoredSentence(7, 100, 123, False, np.zeros(64, np.float32)),
    StoredSentence(7, 124, 100 + len(TEXT), False, np.zeros(64, np.float32)),
]


def measured(question: str, **weights: float) -> list[dict[str, float]]:
    found = LateInteraction(HashEncoder()).features(question, {7: PASSAGE}, SENTENCES, weights)  # type: ignore[arg-type]
    assert found.shape == (2, len(INTERACTION_FEATURES))
    return [dict(zip(INTERACTION_FEATURES, row, strict=True)) for row in found.tolist()]


def test_the_words_of_these_tests_have_dimensions_of_their_own() -> None:
    assert len({dimension_of(word) for word in "harbour closed ferries sail elsewhere mayor".split()}) == 6


def test_a_sentence_that_holds_every_content_word_meets_them_all() -> None:
    first, second = measured("Was the harbour closed?")
    assert (first["met"], first["worst_met"]) == (1.0, 1.0)
    assert (second["met"], second["passage_met"]) == (0.0, 1.0)


def test_the_word_that_a_near_miss_lacks_is_the_worst_met() -> None:
    first, _ = measured("Was the harbour closed by the mayor?")
    assert first["met"] == pytest.approx(2 / 3)
    assert first["worst_met"] == 0.0
    assert first["two_worst_met"] == 0.5
    assert first["passage_worst_met"] == 0.0


def test_a_rare_word_counts_for_more() -> None:
    first, _ = measured("Was the harbour closed by the mayor?", harbour=1.0, close=1.0, mayor=8.0)
    assert first["met"] == pytest.approx(0.2)


@pytest.mark.parametrize("question", ["", "?", "\U0001f600", "who", "the of and"])
def test_a_question_without_content_is_measured_too(question: str) -> None:
    assert all(np.isfinite(list(row.values())).all() for row in measured(question))


def test_states_are_kept_for_the_passages_met_last() -> None:
    class Counting(HashEncoder):
        asked = 0

        def token_states(self, texts: list[str]) -> list[Floats]:  # type: ignore[override]
            Counting.asked += len(texts)
            return super().token_states(texts)  # type: ignore[return-value]

    interaction = LateInteraction(Counting(), kept=1)  # type: ignore[arg-type]
    other = Passage(8, "other", "a", "0" * 12, 0, 5, "Quite")
    for passages in ({7: PASSAGE}, {7: PASSAGE}, {8: other}, {7: PASSAGE}):
        interaction.features("harbour", passages, SENTENCES if 7 in passages else [], {})
    assert Counting.asked == 4 + 3  # the question each time; the passage, the other one, and the passage again


def test_a_paraphrase_is_met_better_than_an_unrelated_word() -> None:
    """With the real weights."""
    text = "The 2,640-km border was drawn by the British. A goat was milked at dawn."
    passage = Passage(1, "k", "a", "0" * 12, 0, len(text), text)
    sentences = [StoredSentence(1, 0, 45, False, np.zeros(384, np.float32))]
    sentences.append(StoredSentence(1, 46, len(text), False, np.zeros(384, np.float32)))
    found = LateInteraction(Encoder()).features("the frontier's length", {1: passage}, sentences, {})
    assert found[0, 0] > found[1, 0] + 0.1
