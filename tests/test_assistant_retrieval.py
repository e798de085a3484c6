"""Dense and lexical search, fused, over a real SQLite and a real Chroma."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import HashEncoder, bag_of_words
from hypothesis import example, given
from hypothesis import strategies as st
from llama_index.core.base.base_retriever import BaseRetriever

from assistant.retrieval import Hit, PassageRetriever, standardised
from assistant.settings import RetrievalSettings
from assistant.types import Scope
from ingest.archive import Archive
from ingest.index import VectorIndex
from ingest.loading import Article
from ingest.pipeline import ingest
from ingest.settings import IngestSettings

FERRY = "The ferry Aurora left Tallinn at dawn and carried 212 people and 40 cars across the sound to the other shore."
STORM = "A storm broke the window of the bridge while the captain was asleep in a cabin far below the upper deck of it."
APPLE = "The growers of Almaty lost their whole crop of apples in one single night of frost at the beginning of May."
SMALL = IngestSettings(passage_tokens=32)


@contextmanager
def retrieving(
    home: Path, encoder: HashEncoder, *articles: Article, settings: RetrievalSettings | None = None
) -> Iterator[PassageRetriever]:
    ingest(home, articles, SMALL)
    archive = Archive(home)
    index = VectorIndex(home, archive.meta("generation") or "")
    try:
        yield PassageRetriever(archive, index, encoder, settings or RetrievalSettings())  # type: ignore[arg-type]
    finally:
        index.close()
        archive.close()


@pytest.fixture
def retriever(tmp_path: Path, encoder: HashEncoder) -> Iterator[PassageRetriever]:
    """Three articles; the last has two passages."""
    articles = [
        Article("ferry", FERRY, author="Ana Lill", published="2021-05-03"),
        Article("apple", APPLE, author="Bo Dahl", published="2022-05-01"),
        Article("both", f"{STORM}\n\n{APPLE[:-1]}, they said.", author="ana lill"),
    ]
    with retrieving(tmp_path, encoder, *articles) as made:
        yield made


def articles_of(hits: tuple[Hit, ...]) -> set[str]:
    return {hit.passage.article for hit in hits}


def search(retriever: PassageRetriever, query: str, scope: Scope | None = None, limit: int = 10) -> tuple[Hit, ...]:
    return retriever.search(query, limit, scope).hits


def test_the_passage_that_holds_the_words_comes_first(retriever: PassageRetriever) -> None:
    assert search(retriever, "Who was asleep in the storm?")[0].passage.text == STORM


def test_the_query_comes_back_as_its_unit_vector(retriever: PassageRetriever) -> None:
    assert np.allclose(retriever.search("ferry", 1).vector, bag_of_words("ferry"))


def test_no_more_than_the_limit_are_found(retriever: PassageRetriever) -> None:
    assert len(search(retriever, "apples")) == 4
    assert len(search(retriever, "apples", limit=2)) == 2


def test_hits_come_best_first_with_both_their_scores(retriever: PassageRetriever) -> None:
    hits = search(retriever, "apples in May")
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for hit in hits:
        assert hit.dense == pytest.approx(
            float(bag_of_words("apples in May") @ bag_of_words(hit.passage.text)), abs=1e-4
        )
    assert {hit.passage.article for hit in hits if hit.lexical > 0} == {"apple", "both"}


def test_the_score_is_the_sum_of_both_standardised(tmp_path: Path, encoder: HashEncoder) -> None:
    """Two candidates: each value is one deviation above or below its mean, so scores are 1.6 and -1.6."""
    with retrieving(tmp_path, encoder, Article("ferry", FERRY), Article("storm", STORM)) as retriever:
        first, second = search(retriever, "The ferry Aurora left Tallinn")
    assert (first.passage.article, second.passage.article) == ("ferry", "storm")
    assert first.score == pytest.approx(1.6)
    assert second.score == pytest.approx(-1.6)


def test_the_weight_of_lexical_search_decides_between_the_two(tmp_path: Path, encoder: HashEncoder) -> None:
    """By vectors the one made of function words is nearest; only the other holds the word that carries the meaning."""
    query = "what was it that was there when it was a window"
    near = Article(
        "near", "What was it that was there when it was a thing, it was what it was there that was when it was a."
    )
    articles = (near, Article("storm", STORM))
    with retrieving(tmp_path / "a", encoder, *articles, settings=RetrievalSettings(lexical_weight=0)) as retriever:
        assert search(retriever, query)[0].passage.article == "near"
    with retrieving(tmp_path / "b", encoder, *articles, settings=RetrievalSettings(lexical_weight=2)) as retriever:
        assert search(retriever, query)[0].passage.article == "storm"


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        (Scope(), {"ferry", "apple", "both"}),
        (Scope(articles=("ferry",)), {"ferry"}),
        (Scope(articles=("ferry", "both")), {"ferry", "both"}),
        (Scope(articles=("unknown",)), set()),
        (Scope(authors=("ANA LILL",)), {"ferry", "both"}),
        (Scope(authors=("nobody",)), set()),
        (Scope(since="2021-05-03"), {"ferry", "apple"}),
        (Scope(since="2021-05-04"), {"apple"}),
        (Scope(until="2022-04-30"), {"ferry"}),
        (Scope(since="2022-05-01", until="2022-05-01"), {"apple"}),
        (Scope(authors=("Ana Lill",), until="2021-12-31"), {"ferry"}),
        (Scope(stretches=(("apple", 0, 5),)), {"apple"}),
    ],
)
def test_a_scope_limits_what_is_found(retriever: PassageRetriever, scope: Scope, allowed: set[str]) -> None:
    assert articles_of(search(retriever, "apples and ferry", scope)) == allowed


def test_a_stretch_finds_the_passages_that_it_touches(retriever: PassageRetriever) -> None:
    start = len(STORM) + 2
    assert [
        hit.passage.start for hit in search(retriever, "apples", Scope(stretches=(("both", start, start + 1),)))
    ] == [start]
    assert {h.passage.start for h in search(retriever, "apples", Scope(stretches=(("both", 0, start + 1),)))} == {
        0,
        start,
    }


def test_an_article_of_which_only_the_month_is_known_was_published_since_its_first_day(
    tmp_path: Path, encoder: HashEncoder
) -> None:
    with retrieving(tmp_path, encoder, Article("ferry", FERRY, published="2021-05")) as retriever:
        assert search(retriever, "ferry", Scope(since="2021-05-01", until="2021-05-31"))


def test_equal_passages_of_two_articles_count_once(tmp_path: Path, encoder: HashEncoder) -> None:
    articles = [Article("one", FERRY), Article("two", FERRY), Article("storm", STORM)]
    with retrieving(tmp_path, encoder, *articles) as retriever:
        assert sorted(hit.passage.text for hit in search(retriever, "ferry")) == [STORM, FERRY]
        assert articles_of(search(retriever, "ferry", Scope(articles=("two",)))) == {"two"}


def test_many_copies_of_one_passage_do_not_crowd_out_others(tmp_path: Path, encoder: HashEncoder) -> None:
    articles = [*(Article(f"copy {n}", FERRY) for n in range(12)), Article("storm", STORM), Article("apple", APPLE)]
    with retrieving(tmp_path, encoder, *articles, settings=RetrievalSettings(candidates=3)) as retriever:
        assert len(search(retriever, "ferry storm apples", limit=3)) == 3


def test_superseded_passages_are_never_found(tmp_path: Path, encoder: HashEncoder) -> None:
    with retrieving(tmp_path, encoder, Article("ferry", FERRY), Article("storm", STORM)):
        pass
    with retrieving(tmp_path, encoder, Article("ferry", APPLE)) as retriever:
        for query in (FERRY, "ferry Aurora Tallinn", "apples"):
            assert {hit.passage.text for hit in search(retriever, query)} == {APPLE, STORM}


def test_far_more_superseded_than_current_passages_do_not_hide_those(tmp_path: Path, encoder: HashEncoder) -> None:
    """The index keeps old vectors until a fifth of it is old; the nearest may then all be of old versions."""
    keep = [Article(f"keep {n}", f"{APPLE} Number {n}.") for n in range(40)]
    for n in range(8):
        with retrieving(tmp_path, encoder, Article("ferry", f"{FERRY} Edition {n}."), *keep):
            pass
    settings = RetrievalSettings(candidates=1)
    with retrieving(tmp_path, encoder, Article("ferry", STORM), settings=settings) as retriever:
        hits = search(retriever, FERRY, limit=2)
    assert len(hits) == 2
    assert not any("Aurora" in hit.passage.text for hit in hits)


def test_it_is_a_retriever_of_llama_index_whose_nodes_slice_back(retriever: PassageRetriever, tmp_path: Path) -> None:
    assert isinstance(retriever, BaseRetriever)
    nodes = retriever.retrieve("apples in the storm")
    archive = Archive(tmp_path)
    for found in nodes:
        node = found.node
        source = archive.source(node.metadata["article"], node.metadata["version"])
        assert source is not None
        assert source.text[node.start_char_idx : node.end_char_idx] == node.text  # type: ignore[attr-defined]
        assert node.node_id == f"{source.article}@{source.version}:{node.start_char_idx}-{node.end_char_idx}"  # type: ignore[attr-defined]
        assert node.get_content("embed") == node.text  # type: ignore[arg-type, attr-defined]
    archive.close()
    assert len(nodes) == 4


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("آباد", "یہ شہر صدیوں سے آباد ہے اور یہاں بہت سے لوگ رہتے ہیں۔"),
        ("کُتب", "اس کمرے میں بہت سی کُتب رکھی ہوئی ہیں۔"),
        ("Straße", "Die Straße nach Norden blieb lange gesperrt."),
        ("Αθήνας", "Ο δήμαρχος της Αθήνας μίλησε χθες."),
        ("Škoda", "The Škoda works in Plzeň closed."),
        ("naïve", "It was a naïve idea."),
        ("हिन्दी", "वह हिन्दी बोलता है।"),
    ],
    ids=["Urdu", "Urdu with a vowel mark", "German", "Greek", "Czech", "French", "Hindi"],
)
def test_a_word_of_any_script_is_found_as_it_is_written(
    tmp_path: Path, encoder: HashEncoder, word: str, sentence: str
) -> None:
    """Search folds a word as the full text does, or it finds nothing."""
    with retrieving(tmp_path, encoder, Article("it", sentence), Article("storm", STORM)) as retriever:
        hits = {hit.passage.article: hit for hit in search(retriever, word)}
        assert hits["it"].lexical != hits["storm"].lexical == 0


@given(st.lists(st.floats(-1000, 1000, width=32), min_size=1))
@example([1.8168584108352661] * 5)  # whose mean in single precision is another number
def test_standardised_values_have_zero_mean_and_unit_variance_or_do_not_differ(values: list[float]) -> None:
    found = standardised(np.array(values, np.float32))
    assert np.isfinite(found).all()
    if found.any():
        assert float(found.astype(np.float64).std()) == pytest.approx(1, abs=1e-2)


def test_a_changed_article_is_found_in_its_new_words(tmp_path: Path, encoder: HashEncoder) -> None:
    article = Article("ferry", FERRY)
    with retrieving(tmp_path, encoder, article):
        pass
    with retrieving(tmp_path, encoder, replace(article, title="A title")) as retriever:
        hit = search(retriever, "ferry")[0]
        assert hit.passage.version == replace(article, title="A title").version
