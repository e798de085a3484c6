"""Features of a tiny case, computed by hand."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from fakes import HashEncoder
from hypothesis import given
from hypothesis import strategies as st

from assistant import features
from assistant.features import (
    QUESTION_FEATURES,
    SENTENCE_FEATURES,
    Candidates,
    Rarity,
    coverage,
    question_features,
    sentence_features,
)
from assistant.interaction import INTERACTION_FEATURES, LateInteraction
from assistant.retrieval import Found, Hit
from assistant.terms import meaning_terms
from ingest.archive import Archive
from ingest.loading import Article
from ingest.pipeline import ingest
from ingest.records import Floats, Passage, StoredSentence
from ingest.settings import IngestSettings

INTERACTION = LateInteraction(HashEncoder())  # type: ignore[arg-type]
TEXTS = ["The ferry left Tallinn in May 1893.", "It carried 212 people."]


@pytest.fixture
def rarity(encoder: HashEncoder, tmp_path: Path) -> Iterator[Rarity]:
    """Of four passages: "ferry" stands in two of them, "storm" in one."""
    articles = [
        Article("a", TEXTS[0]),
        Article("b", "A ferry sank."),
        Article("c", "A storm."),
        Article("d", "An apple."),
    ]
    ingest(tmp_path, articles, IngestSettings())
    archive = Archive(tmp_path)
    yield Rarity(archive)
    archive.close()


@pytest.fixture
def found(encoder: HashEncoder) -> tuple[Found, list[StoredSentence]]:
    """One passage of two sentences; the first is like the question, the second is not."""
    text = " ".join(TEXTS)
    vector = np.array([1, 0], np.float32)
    hit = Hit(Passage(7, "k", "a", "v", 0, len(text), text), 0.0, 0.5, 2.0)
    sentences = [
        StoredSentence(7, 0, len(TEXTS[0]), False, np.array([1, 0], np.float32)),
        StoredSentence(7, len(TEXTS[0]) + 1, len(text), False, np.array([0, 1], np.float32)),
    ]
    return Found(vector, (hit,)), sentences


def test_rarity_is_the_inverse_document_frequency_of_bm25(rarity: Rarity) -> None:
    weights = rarity.weights(["ferry", "storms", "unheard"])
    assert weights["ferri"] == pytest.approx(math.log(1 + 2.5 / 2.5))
    assert weights["storm"] == pytest.approx(math.log(1 + 3.5 / 1.5))
    assert weights["unheard"] == pytest.approx(math.log(1 + 4.5 / 0.5))


def test_coverage_is_the_share_of_the_weight_that_stands_there() -> None:
    assert coverage({"ferri": 1.0, "storm": 3.0}, ["storm", "storm", "apple"]) == 0.75
    assert coverage({}, ["storm"]) == 0


@given(st.dictionaries(st.text(), st.floats(0.01, 20)), st.lists(st.text()))
def test_coverage_lies_between_0_and_1(weights: dict[str, float], present: list[str]) -> None:
    assert 0 <= coverage(weights, present) <= 1 + 1e-9


def test_bm25_of_two_texts_is_that_of_the_formula() -> None:
    """Lengths 2 and 4, mean 3; "storm" once in the first and twice in the second, weight 2."""
    one = 2 * 1 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / 3))
    two = 2 * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 4 / 3))
    found = features._bm25({"storm": 2.0, "apple": 9.0}, ["A storm", "Storm after storms came"])
    assert found.tolist() == pytest.approx([one, two])


def test_bm25_of_texts_without_words_is_0() -> None:
    assert features._bm25({"storm": 2.0}, ["…", ""]).tolist() == [0, 0]


def rows_of(question: str, found: tuple[Found, list[StoredSentence]], rarity: Rarity, sentences: int = 2) -> Floats:
    candidates = Candidates(question, found[0], found[1][:sentences], TEXTS[:sentences])
    return sentence_features(candidates, rarity, INTERACTION)


def test_a_row_of_sentence_features_has_a_column_for_each_name(
    rarity: Rarity, found: tuple[Found, list[StoredSentence]]
) -> None:
    rows = rows_of("When did the ferry leave?", found, rarity)
    assert rows.shape == (2, len(SENTENCE_FEATURES))
    assert rows.dtype == np.float32
    assert SENTENCE_FEATURES[-len(INTERACTION_FEATURES) :] == INTERACTION_FEATURES


def test_sentence_features_of_a_tiny_case(rarity: Rarity, found: tuple[Found, list[StoredSentence]]) -> None:
    rows = rows_of("When did the ferry leave the storm?", found, rarity)
    first, second = (dict(zip(SENTENCE_FEATURES, row, strict=True)) for row in rows.tolist())
    ferry, leave, storm = math.log(2), math.log(1 + 4.5 / 0.5), math.log(1 + 3.5 / 1.5)
    covered = ferry / (ferry + leave + storm)
    assert (first["cosine"], second["cosine"]) == (1, 0)
    assert (first["cosine_z"], second["cosine_z"]) == (1, -1)
    assert (first["bm25_z"], second["bm25_z"]) == (1, -1)
    assert first["coverage"] == second["before_coverage"] == pytest.approx(covered)
    assert second["coverage"] == first["before_coverage"] == 0
    assert first["passage_cosine"] == second["passage_cosine"] == 0.5
    assert first["passage_cosine_z"] == first["passage_score_z"] == 0
    assert first["passage_coverage"] == second["passage_coverage"] == pytest.approx(covered)
    assert (first["offers_kind"], second["offers_kind"]) == (1, 0)
    assert (first["offers_date"], second["offers_date"]) == (1, 0)
    assert first["offers_number"] == second["offers_number"] == first["offers_name"] == first["offers_reason"] == 0
    assert first["log_words"] == pytest.approx(math.log(1 + len(TEXTS[0])))


def test_question_features_of_a_tiny_case(rarity: Rarity, found: tuple[Found, list[StoredSentence]]) -> None:
    question = "When did the ferry Aurora leave Riga with 90 cars in 1893?"
    rows = rows_of(question, found, rarity)
    row = question_features(question, np.array([2.0, 0.5], np.float32), rows, found[0].hits[0].passage.text)
    assert row.shape == (len(QUESTION_FEATURES),)
    known = dict(zip(QUESTION_FEATURES, row.tolist(), strict=True))
    assert (known["best_score"], known["margin"]) == (2, 1.5)
    assert [known[name] for name in SENTENCE_FEATURES] == rows[0].tolist()
    assert known["missing_names"] == 2
    assert known["missing_numbers"] == 1
    assert known["kind_other"] == 0
    assert known["terms"] == 7


def test_a_single_sentence_leads_by_one(rarity: Rarity, found: tuple[Found, list[StoredSentence]]) -> None:
    rows = rows_of("When?", found, rarity, sentences=1)
    row = question_features("When?", np.array([2.0], np.float32), rows, TEXTS[0])
    assert row[QUESTION_FEATURES.index("margin")] == 1


@given(st.text(), st.lists(st.text(min_size=1), min_size=1, max_size=3))
def test_features_of_any_text_are_finite(question: str, texts: list[str]) -> None:
    class Nothing:
        def passage_count(self) -> int:
            return 0

        def document_frequency(self, term: str) -> int:
            return 0

    whole = "".join(texts)
    hit = Hit(Passage(1, whole, "a", "v", 0, len(whole), whole), 0.0, 0.0, 0.0)
    sentences, start = [], 0
    for text in texts:
        sentences.append(StoredSentence(1, start, start + len(text), False, np.array([1, 0], np.float32)))
        start += len(text)
    candidates = Candidates(question, Found(np.array([0, 1], np.float32), (hit,)), sentences, texts)
    rows = sentence_features(candidates, Rarity(Nothing()), INTERACTION)  # type: ignore[arg-type]
    assert np.isfinite(rows).all()
    scores = rows @ np.ones(len(SENTENCE_FEATURES), np.float32)
    assert np.isfinite(question_features(question, scores, rows, whole)).all()


def test_the_stored_weights_are_of_these_features() -> None:
    stored = json.loads(files("assistant").joinpath("weights/reader.json").read_text(encoding="utf-8"))
    assert tuple(stored["sentence"]["weights"]) == SENTENCE_FEATURES
    assert tuple(stored["question"]["weights"]) == QUESTION_FEATURES


def test_full_coverage_stands_in_for_a_low_similarity() -> None:
    """As for "Who is X?" over a long sentence that names X."""
    measured = np.zeros((1, len(SENTENCE_FEATURES)), np.float32)
    measured[0, SENTENCE_FEATURES.index("cosine")] = 0.1
    measured[0, SENTENCE_FEATURES.index("coverage")] = 1.0
    row = question_features("Who is Ottoline?", np.zeros(1, np.float32), measured, "Ottoline keeps the lighthouse.")
    named = dict(zip(QUESTION_FEATURES, row, strict=True))
    assert named["cosine"] == pytest.approx(0.6)
    measured[0, SENTENCE_FEATURES.index("cosine")] = 0.8
    row = question_features("Who is Ottoline?", np.zeros(1, np.float32), measured, "Ottoline keeps the lighthouse.")
    assert dict(zip(QUESTION_FEATURES, row, strict=True))["cosine"] == pytest.approx(0.8)


def test_words_that_only_say_what_kind_of_answer_is_wanted_are_no_meaning() -> None:
    assert meaning_terms("How long is the Elm Bridge?") == ["elm", "bridge"]
    assert meaning_terms("In which year was it opened?") == ["opened"]
    assert meaning_terms("How long?") == ["long"]
