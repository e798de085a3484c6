"""Which articles a scope allows, and what a reader is told of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.scope import allows, both, limits, names_author, names_outlet, nothing_fits, together
from assistant.terms import words
from assistant.types import Scope
from ingest.records import ArticleInfo


def info(
    article: str, author: str | None = None, outlet: str | None = None, published: str | None = None
) -> ArticleInfo:
    return ArticleInfo(
        article=article, version="0123456789ab", title=None, author=author, outlet=outlet, published=published, language=None,
        source=None, licence=None, description=None, characters=1, passages=1, examples=(),
    )  # fmt: skip


ARTICLES = [
    info("pact", "ZIA UR REHMAN", "Dawn", "2024-04-23"),
    info("ferry", "Ana Lill", "The Atlantic", "2021-05"),
    info("vote", "Bo Dahl and José Núñez", "The New York Times", "2022-11-30T08:00:00Z"),
    info("flood", None, None, None),
]


def allowed(scope: Scope) -> list[str]:
    return [article.article for article in ARTICLES if allows(scope, article)]


@pytest.mark.parametrize(
    "name",
    ["ZIA UR REHMAN", "zia ur rehman", "Rehman", "REHMAN", "Zia Rehman", "ur Rehman", "Z. Rehman", "Z. U. Rehman", "z u rehman", "Zia"],
)  # fmt: skip
def test_an_author_is_known_by_whole_words_of_the_name_and_by_initials(name: str) -> None:
    assert allowed(Scope(authors=(name,))) == ["pact"]


@pytest.mark.parametrize(
    "name", ["Rehm", "Zia Khan", "Rehman Zia", "ur", "Z.", "Z. U.", "X. Rehman", "", "?", "the", "Rehman Rehman"]
)
def test_what_is_no_name_of_an_author_fits_no_article(name: str) -> None:
    assert allowed(Scope(authors=(name,))) == []


@pytest.mark.parametrize("name", ["dahl", "Bo Dahl", "nunez", "J. Núñez", "Jose Nunez", "Bo Dahl and José Núñez"])
def test_each_of_several_authors_is_known(name: str) -> None:
    assert allowed(Scope(authors=(name,))) == ["vote"]


def test_two_authors_are_not_one_person() -> None:
    assert allowed(Scope(authors=("Bo Núñez",))) == []


@pytest.mark.parametrize(
    "stored", ["Rehman, Zia ur", "By Zia ur Rehman", "Ana Lill; Zia ur Rehman", "Zia ur Rehman with Ana Lill"]
)
def test_an_author_is_known_however_the_record_spells_the_field(stored: str) -> None:
    assert names_author("Zia ur Rehman", stored)
    assert names_author("rehman", stored)


@given(st.text())
def test_every_name_with_a_word_in_it_is_its_own(name: str) -> None:
    assert names_author(name, name) == names_outlet(name, name) == bool(words(name))


@pytest.mark.parametrize(
    ("name", "article"),
    [("the atlantic", "ferry"), ("Atlantic", "ferry"), ("DAWN", "pact"), ("The Dawn", "pact"), ("new york times", "vote"), 
     ("Times", "vote")],
)  # fmt: skip
def test_an_outlet_is_known_with_and_without_its_article(name: str, article: str) -> None:
    assert allowed(Scope(outlets=(name,))) == [article]


def test_several_names_of_one_kind_are_alternatives_and_kinds_hold_together() -> None:
    assert allowed(Scope(outlets=("Dawn", "Atlantic"))) == ["pact", "ferry"]
    assert allowed(Scope(outlets=("Dawn",), authors=("Lill",))) == []
    assert allowed(Scope(outlets=("Dawn",), authors=("Rehman",))) == ["pact"]


@pytest.mark.parametrize(
    "scope", [Scope(since="1800-01-01"), Scope(until="2999-12-31"), Scope(since="1800", until="2999")]
)
def test_an_article_without_a_date_is_left_out_by_either_limit(scope: Scope) -> None:
    assert allowed(scope) == ["pact", "ferry", "vote"]


@pytest.mark.parametrize(
    ("scope", "articles"),
    [
        (Scope(since="2024-04-23"), ["pact"]),
        (Scope(since="2024-04-24"), []),
        (Scope(since="2021-05-31", until="2021-05-31"), ["ferry"]),
        (Scope(until="2022-11-29"), ["ferry"]),
        (Scope(until="2022-11-30"), ["ferry", "vote"]),
    ],
)
def test_days_are_compared_at_the_precision_of_the_coarser_one(scope: Scope, articles: list[str]) -> None:
    assert allowed(scope) == articles


@pytest.mark.parametrize(
    ("scope", "notes"),
    [
        (Scope(), ()),
        (Scope(articles=("pact",)), ()),
        (Scope(authors=("rehman",)), ("Limited to articles by ZIA UR REHMAN.",)),
        (Scope(authors=("nobody",)), ("Limited to articles by nobody.",)),
        (
            Scope(outlets=("dawn", "atlantic"), authors=("Lill", "Rehman")),
            ("Limited to articles by Ana Lill and ZIA UR REHMAN.", "Limited to articles from Dawn and The Atlantic."),
        ),
        (
            Scope(since="2024-04-01", until="2024-04-30"),
            ("Limited to articles published in April 2024.", "1 article without a date was left out."),
        ),
        (
            Scope(since="2024-04-02", outlets=("Dawn",)),
            ("Limited to articles from Dawn.", "Limited to articles published since 2 April 2024."),
        ),
    ],
)  # fmt: skip
def test_the_reader_is_told_the_limits_and_what_they_left_out(scope: Scope, notes: tuple[str, ...]) -> None:
    assert limits(scope, ARTICLES) == notes


def test_many_names_are_counted_and_not_all_listed() -> None:
    staff = [info(str(n), f"Ana Lill{n}", "Dawn", None) for n in range(9)]
    assert limits(Scope(authors=("Ana",)), staff) == (
        "Limited to articles by Ana Lill0, Ana Lill1, Ana Lill2 and 6 more.",
    )
    assert limits(Scope(since="2020-01-01"), staff)[-1] == "9 articles without a date were left out."
    assert "authors are" not in nothing_fits(Scope(authors=("Bo",)), staff)


@pytest.mark.parametrize(
    ("scope", "known"),
    [
        (Scope(authors=("Smith",)), "The authors are: Ana Lill; Bo Dahl and José Núñez; ZIA UR REHMAN."),
        (Scope(outlets=("BBC",)), "The outlets are: Dawn; The Atlantic; The New York Times."),
        (Scope(since="2030-01-01"), "The articles are of May 2021 to 23 April 2024."),
        (Scope(articles=("none",)), "widen them."),
        (Scope(authors=("Rehman",), outlets=("Atlantic",)), "widen them."),
    ],
)
def test_limits_that_nothing_fits_are_explained_by_what_there_is(scope: Scope, known: str) -> None:
    assert nothing_fits(scope, ARTICLES).endswith(known)


def test_limits_on_what_no_article_states_say_so() -> None:
    bare = [info("bare")]
    said = nothing_fits(Scope(authors=("a",), outlets=("b",), since="2020"), bare)
    assert said.endswith("The articles state no authors. The articles state no outlets. The articles state no dates.")


@pytest.mark.parametrize(
    ("given_scope", "stated", "articles"),
    [
        (Scope(), Scope(authors=("Lill",)), ["ferry"]),
        (Scope(authors=("Rehman", "Lill")), Scope(authors=("Lill", "Dahl")), ["ferry"]),
        (Scope(since="2022"), Scope(until="2022-12-31"), ["vote"]),
        (Scope(until="2024"), Scope(until="2023-01-01", since="2021-01-01"), ["ferry", "vote"]),
        (Scope(until="2024"), Scope(until="2024-01-31"), ["ferry", "vote"]),
        (Scope(articles=("pact", "vote")), Scope(outlets=("Times",)), ["vote"]),
        (Scope(stretches=(("pact", 0, 9),)), Scope(authors=("Rehman",)), ["pact"]),
    ],
)
def test_two_scopes_together_allow_what_both_allow(given_scope: Scope, stated: Scope, articles: list[str]) -> None:
    scope = both(given_scope, stated, ARTICLES)
    assert scope is not None
    assert allowed(scope) == articles
    assert scope.stretches == given_scope.stretches


def test_two_scopes_without_a_common_article_are_none() -> None:
    assert both(Scope(authors=("Rehman",)), Scope(authors=("Lill",)), ARTICLES) is None


def test_limits_put_together_keep_the_days_they_have_in_common() -> None:
    scope = together(
        [Scope(since="2021-01-01", authors=("a",)), Scope(since="2022-01-01", until="2023-01-01", authors=("b", "a"))]
    )
    assert scope == Scope(authors=("a", "b"), since="2022-01-01", until="2023-01-01")
