"""Dense and lexical search, fused, over a real SQLite and a real Chroma."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import HashEncoder, bag_of_words
from hypothesis import example, given
from hypothesis import strategies as st
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.llms import MockLLM
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import NodeWithScore, QueryBundle

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
    home: Path,
    encoder: HashEncoder,
    *articles: Article,
    settings: RetrievalSettings | None = None,
    postprocessors: Sequence[BaseNodePostprocessor] = (),
) -> Iterator[PassageRetriever]:
    ingest(home, articles, SMALL)
    archive = Archive(home)
    index = VectorIndex(home, archive.meta("generation") or "")
    try:
        wanted = settings or RetrievalSettings()
        yield PassageRetriever(archive, index, encoder, wanted, postprocessors)  # type: ignore[arg-type]
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


def test_the_score_is_the_weighted_sum_of_what_is_standardised(tmp_path: Path, encoder: HashEncoder) -> None:
    """Two candidates: each value is one deviation above or below its mean, so the scores are the weights' sum and its negative."""
    weights = RetrievalSettings(dense_weight=1, sentence_weight=2, lexical_weight=4, pair_weight=8)
    with retrieving(tmp_path, encoder, Article("ferry", FERRY), Article("storm", STORM), settings=weights) as retriever:
        first, second = search(retriever, "The ferry Aurora left Tallinn")
    assert (first.passage.article, second.passage.article) == ("ferry", "storm")
    assert [first.score, second.score] == pytest.approx([15, -15])


@pytest.mark.parametrize("alone", ["dense_weight", "sentence_weight", "lexical_weight", "pair_weight"])
def test_each_of_the_four_ranks_by_itself(tmp_path: Path, encoder: HashEncoder, alone: str) -> None:
    none = dict.fromkeys(("dense_weight", "sentence_weight", "lexical_weight", "pair_weight"), 0.0)
    weights = RetrievalSettings.model_validate({**none, alone: 1.0})
    with retrieving(tmp_path, encoder, Article("ferry", FERRY), Article("storm", STORM), settings=weights) as retriever:
        assert search(retriever, "a storm broke the window")[0].passage.article == "storm"
        assert search(retriever, "the ferry Aurora left")[0].passage.article == "ferry"


def test_the_weight_of_lexical_search_decides_between_the_two(tmp_path: Path, encoder: HashEncoder) -> None:
    """By vectors the one made of function words is nearest; only the other holds the word that carries the meaning."""
    query = "what was it that was there when it was a window"
    near = Article(
        "near", "What was it that was there when it was a thing, it was what it was there that was when it was a."
    )
    articles = (near, Article("storm", STORM))
    dense = RetrievalSettings(lexical_weight=0, pair_weight=0)
    with retrieving(tmp_path / "a", encoder, *articles, settings=dense) as retriever:
        assert search(retriever, query)[0].passage.article == "near"
    with retrieving(tmp_path / "b", encoder, *articles, settings=RetrievalSettings(lexical_weight=9)) as retriever:
        assert search(retriever, query)[0].passage.article == "storm"


def test_a_title_helps_to_find_its_passages(tmp_path: Path, encoder: HashEncoder) -> None:
    words = "It was built of wood in that year and painted white by its owners from the other side."
    articles = [Article(name, f"{words} {name}", title=f"{name} lighthouse") for name in ("Sorve", "Kopu", "Tahkuna")]
    with retrieving(tmp_path, encoder, *articles) as retriever:
        for name in ("Sorve", "Kopu", "Tahkuna"):
            hit = search(retriever, f"When was the {name} lighthouse built?")[0]
            assert (hit.passage.article, hit.passage.title, hit.passage.heading) == (name, *[f"{name} lighthouse"] * 2)
            assert hit.passage.text.startswith("It was built")  # the title is no part of what is quoted


def test_a_title_alone_leads_to_its_article(tmp_path: Path, encoder: HashEncoder) -> None:
    articles = [
        Article("a", FERRY, title="Quarterly harvest"),
        Article("b", FERRY[:-1] + " again.", title="Shipping news"),
    ]
    with retrieving(tmp_path, encoder, *articles) as retriever:
        assert search(retriever, "quarterly harvest")[0].passage.article == "a"
        assert search(retriever, "shipping news")[0].passage.article == "b"


def test_copies_of_one_report_do_not_crowd_out_others(tmp_path: Path, encoder: HashEncoder) -> None:
    """Ten outlets print one report with a word of their own; it holds two places, and the first names the others."""
    wire = [Article(f"wire{i}", f"{FERRY[:-1]}, Outlet{i} said.", published=f"2024-01-{i + 10}") for i in range(10)]
    with retrieving(tmp_path, encoder, *wire, Article("storm", STORM)) as retriever:
        hits = search(retriever, "When did the ferry Aurora leave Tallinn?", limit=3)
    assert len(hits) == 3
    assert "storm" in articles_of(hits)
    assert {p.article for p in hits[0].copies} | articles_of(hits) == {"storm", *(f"wire{i}" for i in range(10))}


def test_of_equal_passages_the_earliest_published_is_shown(tmp_path: Path, encoder: HashEncoder) -> None:
    dates = {"a": None, "b": "2024-03-01", "c": "2023-05-01"}
    articles = [Article(name, FERRY, published=day) for name, day in dates.items()]
    with retrieving(tmp_path, encoder, *articles) as retriever:
        (hit,) = search(retriever, "ferry")
    assert hit.passage.article == "c"
    assert {p.article for p in hit.copies} == {"a", "b"}


def test_two_passages_of_one_article_that_are_alike_both_stay(tmp_path: Path, encoder: HashEncoder) -> None:
    with retrieving(tmp_path, encoder, Article("a", f"{FERRY}\n\n{FERRY[:-1]}!")) as retriever:
        assert len(search(retriever, "ferry")) == 2


def test_what_was_said_before_counts_when_a_question_does_not_stand_alone(tmp_path: Path, encoder: HashEncoder) -> None:
    articles = (Article("ferry", FERRY), Article("storm", STORM), Article("apple", APPLE))
    question, context = "Anybody?", "What happened in the storm? A storm broke the window of the bridge."
    for weight, first in ((0.0, False), (10.0, True)):
        settings = RetrievalSettings(context_weight=weight)
        with retrieving(tmp_path / str(weight), encoder, *articles, settings=settings) as retriever:
            found = retriever.search(question, 1, None, context)
            assert (found.hits[0].passage.article == "storm") == first
            assert np.allclose(found.vector, bag_of_words(question))


def test_a_question_that_stands_alone_is_not_led_astray_by_what_was_said_before(retriever: PassageRetriever) -> None:
    storm = "A storm broke the window of the bridge while the captain was asleep."
    with_context = retriever.search(FERRY, 4, None, storm)
    assert [(h.passage.number, h.score) for h in with_context.hits] == [
        (h.passage.number, h.score) for h in retriever.search(FERRY, 4).hits
    ]


class Backwards(BaseNodePostprocessor):
    """Turns the order round, and drops what holds the word frost."""

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        assert query_bundle is not None
        kept = [node for node in nodes if "frost" not in node.node.get_content()]
        return [NodeWithScore(node=n.node, score=float(i)) for i, n in enumerate(reversed(kept))]


def test_any_node_postprocessor_reranks(tmp_path: Path, encoder: HashEncoder) -> None:
    articles = (Article("ferry", FERRY), Article("storm", STORM), Article("apple", APPLE))
    with retrieving(tmp_path, encoder, *articles) as plain:
        before = [hit.passage.article for hit in search(plain, "ferry and storm") if hit.passage.article != "apple"]
    with retrieving(tmp_path, encoder, *articles, postprocessors=[Backwards()]) as reranked:
        hits = search(reranked, "ferry and storm")
    assert [hit.passage.article for hit in hits] == before[::-1]
    assert [hit.score for hit in hits] == [0.0, 1.0]


def test_it_runs_in_a_plain_pipeline(retriever: PassageRetriever) -> None:
    engine = RetrieverQueryEngine.from_args(retriever, llm=MockLLM())
    (first, *_) = engine.query("Who was asleep in the storm?").source_nodes
    assert first.node.get_content() == STORM


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
