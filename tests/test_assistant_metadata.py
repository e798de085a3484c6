"""Questions about the article itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import HashEncoder

from assistant.metadata import asks_for, meant_articles
from assistant.types import Scope, Turn
from ingest.archive import Archive
from ingest.loading import Article
from ingest.pipeline import ingest
from ingest.settings import IngestSettings

HARBOUR = "The harbour of Tallinn was closed for nine days. Nobody could say why the ice came so early."
ORCHARD = "The orchards of Almaty froze in a single night. The growers lost their whole crop of apples."


@pytest.fixture
def archive(encoder: HashEncoder, tmp_path: Path) -> Iterator[Archive]:
    articles = [
        Article("harbour", HARBOUR, author="Ana Lill", published="2021-01-05"),
        Article("orchard", ORCHARD, author="Bo Dahl", published="2022-05-01"),
    ]
    ingest(tmp_path, articles, IngestSettings())
    opened = Archive(tmp_path)
    yield opened
    opened.close()


def ids(archive: Archive, scope: Scope | None = None, *history: Turn) -> list[str]:
    return [info.article for info in meant_articles(archive, scope, history)]


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ("When was this article published?", "published"),
        ("when was this written", "published"),
        ("What is the publication date of this article?", "published"),
        ("What date was this published?", "published"),
        ("How old is this report?", "published"),
        ("Who wrote this?", "author"),
        ("Who is the author?", "author"),
        ("Who’s the author of the article?", "author"),
        ("By whom was this text written?", "author"),
        ("Which newspaper published this article?", "outlet"),
        ("Where was this published?", "outlet"),
        ("What is the headline of this story?", "title"),
        ("What is the source of this article?", "source"),
    ],
)
def test_a_question_about_the_article_names_its_field(question: str, field: str) -> None:
    assert asks_for(question) == field


@pytest.mark.parametrize(
    "question",
    [
        "When was the treaty written?",
        "When was the report of the commission published?",
        "Who wrote the letter?",
        "Who is the author of the attack?",
        "Who wrote this law?",
        "What does this article say about dates of publication?",
        "When was the Taliban regime recognised?",
        "What is the source of the tensions?",
        "Which newspaper did the minister read?",
        "How old is the border?",
        "",
        "?",
    ],
)
def test_a_question_about_what_is_written_is_not_about_the_article(question: str) -> None:
    assert asks_for(question) is None


def test_this_article_is_that_of_the_scope(archive: Archive) -> None:
    assert ids(archive, Scope(articles=("orchard",)), Turn("?", HARBOUR, ("harbour",))) == ["orchard"]


def test_an_unknown_article_in_the_scope_is_no_article(archive: Archive) -> None:
    assert ids(archive, Scope(articles=("unknown",))) == []


@pytest.mark.parametrize(
    "scope",
    [
        Scope(authors=("bo dahl",)),
        Scope(since="2022-01-01"),
        Scope(until="2022-05-01", since="2022-05-01"),
        Scope(stretches=(("orchard", 0, 10),)),
    ],
)
def test_this_article_is_the_only_one_that_a_scope_allows(archive: Archive, scope: Scope) -> None:
    assert ids(archive, scope) == ["orchard"]


def test_this_article_is_the_one_last_cited(archive: Archive) -> None:
    history = [Turn("a", "…", ("harbour",)), Turn("b", "…", ("orchard", "harbour")), Turn("c", "Not stated.")]
    assert ids(archive, None, *history) == ["orchard"]


def test_without_citations_the_article_is_known_by_a_sentence_of_it(archive: Archive) -> None:
    history = [Turn("What froze?", "The orchards of Almaty froze in a single night. [1]")]
    assert ids(archive, None, *history) == ["orchard"]


def test_words_that_are_no_sentence_of_an_article_point_nowhere(archive: Archive) -> None:
    assert ids(archive, None, Turn("What froze?", "The orchards froze.")) == ["harbour", "orchard"]


def test_without_a_hint_all_articles_may_be_meant(archive: Archive) -> None:
    assert ids(archive) == ["harbour", "orchard"]
