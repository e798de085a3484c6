"""Summaries over a real SQLite and a real Chroma; only the encoder is a stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import HashEncoder

from assistant import Answer, Assistant, Scope, Turn
from assistant.summary import MOST_ARTICLES, asks_for_summary
from ingest.loading import Article
from ingest.pipeline import ingest
from ingest.settings import IngestSettings

HARBOUR = Article(
    "harbour",
    "# Closed\n\nA storm broke over the harbour of Tallinn and sank three boats.\n\n## What fishermen lost in the storm over Tallinn.\n\n"
    "Fishermen lost nets worth 40,000 euros. They want the state to pay.\n\n"
    "Divers found two of the boats on the ground of the bay.\n",
    title="Storm over Tallinn",
    author="Ana Lill",
    published="2021-05-03",
    markup="markdown",
)
ORCHARD = Article(
    "orchard",
    "Frost in Almaty killed every apple in the orchards. Growers of apples there lost their whole crop.",
    title="No apples this year",
    author="Bo Dahl",
    published="2022-05-01",
)


@pytest.fixture
def assistant(fake_models: HashEncoder, tmp_path: Path) -> Iterator[Assistant]:
    ingest(tmp_path, [HARBOUR, ORCHARD], IngestSettings())
    with Assistant.open(tmp_path) as opened:
        yield opened


def articles(answer: Answer) -> list[str]:
    return [cited.article for cited in answer.citations]


def assert_extract(answer: Answer, article: Article) -> None:
    assert answer.outcome == "answered", answer.reason
    assert set(articles(answer)) == {article.id}
    assert all(article.text[c.start or 0 : c.end] == c.quote for c in answer.citations)
    starts = [c.start or 0 for c in answer.citations]
    assert starts == sorted(set(starts))
    assert 0 < answer.confidence <= 1


def test_a_summary_quotes_sentences_of_the_article_in_reading_order(assistant: Assistant) -> None:
    answer = assistant.answer("Summarise the article", scope=Scope(articles=("harbour",)))
    assert_extract(answer, HARBOUR)
    assert len(answer.citations) == 4


def test_no_heading_is_quoted(assistant: Assistant) -> None:
    answer = assistant.answer("Summarise it in six sentences", scope=Scope(articles=("harbour",)))
    assert not {"Closed", "What fishermen lost in the storm over Tallinn."} & {c.quote for c in answer.citations}


def test_no_more_sentences_are_quoted_than_were_asked_for(assistant: Assistant) -> None:
    answer = assistant.answer("Sum it up in two sentences", scope=Scope(articles=("harbour",)))
    assert_extract(answer, HARBOUR)
    assert len(answer.citations) == 2


def test_an_article_may_be_named_by_words_of_its_title(assistant: Assistant) -> None:
    assert_extract(assistant.answer("Summarise the piece on the storm"), HARBOUR)
    assert_extract(assistant.answer("What is the article “No apples this year” about?"), ORCHARD)


def test_an_article_may_be_named_by_its_author(assistant: Assistant) -> None:
    answer = assistant.answer("What is Lill's article about?")
    assert_extract(answer, HARBOUR)
    assert answer.notes == ("Limited to articles by Ana Lill.",)


def test_a_name_that_no_article_has_is_read_like_any_other_question(assistant: Assistant) -> None:
    asked = assistant.answer("Summarise the piece on fencing")
    assert not (asked.reason or "").startswith("Which article")
    assert asked.timings_ms.search > 0


def test_only_what_the_scope_allows_is_quoted(assistant: Assistant) -> None:
    start = HARBOUR.text.index("Fishermen")
    stretch = ("harbour", start, start + 40)
    answer = assistant.answer("What is this about?", scope=Scope(stretches=(stretch,)))
    assert [c.quote for c in answer.citations] == ["Fishermen lost nets worth 40,000 euros."]
    assert_extract(assistant.answer("What is this about?", scope=Scope(since="2022-01-01")), ORCHARD)


def test_which_of_several_articles_is_asked_back(assistant: Assistant) -> None:
    answer = assistant.answer("Summarise the article")
    assert answer.outcome == "not_stated"
    assert answer.reason == "Which article do you mean? There are 2: Storm over Tallinn; No apples this year."


def test_the_article_last_cited_is_meant(assistant: Assistant) -> None:
    history = [Turn("What was killed by frost?", "Frost …", ("orchard",))]
    assert_extract(assistant.answer("Summarise it", history=history), ORCHARD)


def test_several_articles_get_a_sentence_each_the_newest_first(assistant: Assistant) -> None:
    answer = assistant.answer("What are these articles about?")
    assert answer.outcome == "answered"
    assert articles(answer) == ["orchard", "harbour"]
    assert answer.notes == ()


def test_of_many_articles_the_others_are_counted(fake_models: HashEncoder, tmp_path: Path) -> None:
    many = [
        Article(f"a{day}", f"On day {day} a storm broke over the harbour of Tallinn.", published=f"2021-05-0{day}")
        for day in range(1, 9)
    ]
    ingest(tmp_path, many, IngestSettings())
    with Assistant.open(tmp_path) as opened:
        answer = opened.answer("Summarise the articles")
    assert articles(answer) == ["a8", "a7", "a6", "a5", "a4"]
    assert len(answer.citations) == MOST_ARTICLES
    assert answer.notes == ("One sentence each of the 5 newest articles; there are 3 more.",)


def test_a_question_of_the_record_may_stand_beside_it(assistant: Assistant) -> None:
    only = Scope(articles=("harbour",))
    answer = assistant.answer("What is this about, and who wrote it?", scope=only)
    assert answer.outcome == "answered"
    assert answer.citations[0].quote == "Ana Lill"
    assert len(answer.citations) > 2
    lacking = assistant.answer("What is this about, and which newspaper published it?", scope=only)
    assert lacking.outcome == "partial"
    assert lacking.missing == ("The record of this article does not state its outlet.",)


def test_after_a_summary_it_is_the_article(assistant: Assistant) -> None:
    history = [Turn("Summarise the piece on the storm", "A storm …", ("harbour",))]
    answer = assistant.answer("Who wrote it?", history=history)
    assert [c.quote for c in answer.citations] == ["Ana Lill"]


def test_it_is_the_article_only_where_nothing_else_was_spoken_of() -> None:
    assert asks_for_summary("What is it about?")
    assert asks_for_summary("What is it about?", [Turn("Who wrote this?", "…")])
    assert asks_for_summary("What does it say?", [Turn("Summarise it", "…")])
    assert not asks_for_summary("What is it about?", [Turn("What is the treaty?", "…")])
    assert asks_for_summary("Summarise it", [Turn("What is the treaty?", "…")])


def test_the_same_question_gets_the_same_extract(assistant: Assistant) -> None:
    only = Scope(articles=("harbour",))
    first, second = (assistant.answer("tl;dr", scope=only) for _ in range(2))
    assert (first.answer, first.confidence) == (second.answer, second.confidence)
