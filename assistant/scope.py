"""The part of the archive that a question is limited to: which articles a scope allows, and what a reader is told of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from assistant.dates import spoken_date, spoken_limits
from assistant.terms import FUNCTION_WORDS, words
from assistant.types import Scope
from ingest.archive import Archive
from ingest.errors import RequestError
from ingest.records import ArticleInfo, Passage

_SEVERAL = re.compile(r"\s*[,;/&]\s*|\s+(?:and|with)\s+", re.IGNORECASE)
_PARTICLES = FUNCTION_WORDS | frozenset("al ben bin da de del den der di du el ibn la le ul ur van von".split())
_LISTED = 8
"""At most this many names are listed in a message."""
_NAMED = 3
"""At most this many names are spelt out in a note."""


def stated_scope(
    known: Callable[[], Sequence[ArticleInfo]], articles: Sequence[str] = (), authors: Sequence[str] = (),
    outlets: Sequence[str] = (), since: str | None = None, until: str | None = None, names: tuple[str, str] = ("since", "until"),
) -> Scope | None:  # fmt: skip
    """The scope that somebody states outright; None when it is the whole archive.

    Args:
        known: Lists the articles; called only when some are named.
        articles: Ids.
        authors: Names, or surnames.
        outlets: Names.
        since: First day of publication, ISO 8601.
        until: Last day of publication, ISO 8601.
        names: What the two days are called where they were stated, for the message.

    Raises:
        RequestError: There is no such article, or no such day.
    """
    ids = {info.article for info in known()} if articles else set()
    for article in articles:
        if article not in ids:
            raise RequestError(f"no article '{article}'; list them with: onrecord articles")
    days = _day(since, names[0]), _day(until, names[1])
    return Scope(tuple(articles), tuple(authors), *days, outlets=tuple(outlets)) or None


def _day(text: str | None, limit: str) -> str | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise RequestError(f"{limit}: '{text}' is no date such as 2024-04-23; correct it.") from None


def in_scope(archive: Archive, scope: Scope) -> list[Passage]:
    """All passages that a scope allows."""
    allowed = [info.article for info in archive.articles() if allows(scope, info)]
    return [p for p in archive.passages("article", allowed) if scope.touches(p.article, p.start, p.end)]


def allows(scope: Scope, info: ArticleInfo) -> bool:
    """Whether a scope allows an article at all; stretches may still leave only parts of it.

    An article without a date is left out by either limit of time.
    """
    return (
        (not scope.articles or info.article in scope.articles)
        and (not scope.stretches or any(article == info.article for article, _, _ in scope.stretches))
        and (not scope.authors or any(names_author(name, info.author) for name in scope.authors))
        and (not scope.outlets or any(names_outlet(name, info.outlet) for name in scope.outlets))
        and (not scope.since or (bool(info.published) and _compared(info.published or "", scope.since) >= 0))
        and (not scope.until or (bool(info.published) and _compared(info.published or "", scope.until) <= 0))
    )


def _compared(published: str, day: str) -> int:
    """-1, 0 or 1, at the precision of the coarser of the two: May 2021 is not before 2021-05-12."""
    length = min(len(published), len(day))
    return (published[:length] > day[:length]) - (published[:length] < day[:length])


def names_author(name: str, stored: str | None) -> bool:
    """Whether a name is that of an article's author, or of one of its authors: see `is_name_of`."""
    asked = name_words(name)
    return (
        stored is not None
        and bool(asked)
        and (asked == name_words(stored) or any(is_name_of(asked, form) for form in author_forms(stored)))
    )


def names_outlet(name: str, stored: str | None) -> bool:
    """Whether a name is that of an article's outlet: see `is_name_of`."""
    return stored is not None and is_name_of(name_words(name), name_words(stored))


def is_name_of(asked: Sequence[str], form: Sequence[str]) -> bool:
    """Whether folded words are a name, whole words of it in their order, or initials with a whole word of it.

    "Rehman", "Zia Rehman" and "Z. U. Rehman" are names of Zia ur Rehman; "Zia Khan", "Rehm", "ur" and "Z." are not.
    """
    rest, whole = iter(form), False
    for word in asked:
        initial = len(word) == 1 and word.isascii()
        if not any(part.startswith(word) if initial else part == word for part in rest):
            return False
        whole = whole or (not initial and word not in _PARTICLES)
    return whole or (bool(asked) and tuple(asked) == tuple(form))


@lru_cache(maxsize=16384)
def name_words(stored: str) -> tuple[str, ...]:
    """The words of a stored name, folded, without a leading "the"."""
    found = tuple(words(stored))
    return found[1:] if len(found) > 1 and found[0] == "the" else found


@lru_cache(maxsize=16384)
def author_forms(stored: str) -> tuple[tuple[str, ...], ...]:
    """The names in an author's field, folded: each of several people, and "Rehman, Zia ur" also turned round."""
    each = [part for part in _SEVERAL.split(stored) if words(part)]
    turned = [" ".join(reversed(each))] if len(each) == 2 and "," in stored and len(words(each[0])) == 1 else []
    return tuple(dict.fromkeys(name_words(text) for text in (*each, *turned)))


def both(given: Scope, stated: Scope, infos: Iterable[ArticleInfo]) -> Scope | None:
    """The scope that allows what two others allow; None when they have no article in common."""
    common = [info for info in infos if allows(given, info) and allows(stated, info)]
    if not common:
        return None
    if any(getattr(given, name) and getattr(stated, name) for name in ("articles", "authors", "outlets", "stretches")):
        return Scope(articles=tuple(info.article for info in common), stretches=given.stretches)
    return Scope(
        articles=given.articles or stated.articles,
        authors=given.authors or stated.authors,
        since=max(filter(None, (given.since, stated.since)), default=None),
        until=min(filter(None, (given.until, stated.until)), default=None, key=lambda day: day + "~"),  # 2024 ends last
        stretches=given.stretches or stated.stretches,
        outlets=given.outlets or stated.outlets,
    )


def together(scopes: Sequence[Scope]) -> Scope:
    """All authors, all outlets, and the days that all limits of time have in common."""
    since = [scope.since for scope in scopes if scope.since]
    until = [scope.until for scope in scopes if scope.until]
    return Scope(
        authors=tuple(dict.fromkeys(name for scope in scopes for name in scope.authors)),
        outlets=tuple(dict.fromkeys(name for scope in scopes for name in scope.outlets)),
        since=max(since, default=None),
        until=min(until, default=None),
    )


def anything_fits(scope: Scope, infos: Iterable[ArticleInfo]) -> bool:
    """Whether a scope allows any article."""
    return any(allows(scope, info) for info in infos)


def limits(scope: Scope, infos: Iterable[ArticleInfo]) -> tuple[str, ...]:
    """What a reader is told of a scope's authors, outlets and dates, a sentence each; names are spelt as stored."""
    infos = list(infos)
    notes = []
    for asked, kind, names in (
        (scope.authors, "by", {i.author or "" for i in infos if allows(Scope(authors=scope.authors), i)}),
        (scope.outlets, "from", {i.outlet or "" for i in infos if allows(Scope(outlets=scope.outlets), i)}),
    ):
        if asked:
            notes.append(f"Limited to articles {kind} {_listed(sorted(names) or list(asked))}.")
    if scope.since or scope.until:
        notes.append(f"Limited to articles published {spoken_limits(scope.since, scope.until)}.")
        timeless = replace(scope, since=None, until=None)
        if undated := sum(not info.published and allows(timeless, info) for info in infos):
            notes.append(
                f"{undated} article{' without a date was' if undated == 1 else 's without a date were'} left out."
            )
    return tuple(notes)


def nothing_fits(scope: Scope, infos: Iterable[ArticleInfo]) -> str:
    """Why a scope allows no article, with the names or dates that there are when they are few."""
    infos = list(infos)
    known = []
    for limit, kind, stored in (
        (Scope(authors=scope.authors), "authors", {i.author for i in infos if i.author}),
        (Scope(outlets=scope.outlets), "outlets", {i.outlet for i in infos if i.outlet}),
    ):
        if limit and not any(allows(limit, info) for info in infos):
            if not stored:
                known.append(f"The articles state no {kind}.")
            elif len(stored) <= _LISTED:
                known.append(f"The {kind} are: {'; '.join(sorted(stored))}.")
    dates = sorted(info.published for info in infos if info.published)
    limit = Scope(since=scope.since, until=scope.until)
    if limit and not any(allows(limit, info) for info in infos):
        first_last = dict.fromkeys(spoken_date(day) or day for day in (dates[0], dates[-1])) if dates else ()
        known.append(f"The articles are of {' to '.join(first_last)}." if dates else "The articles state no dates.")
    return " ".join(["No article fits these limits of author, outlet, date or id; widen them.", *known])


def _listed(names: Sequence[str]) -> str:
    shown = list(names[:_NAMED])
    more = [f"{len(names) - _NAMED} more"] if len(names) > _NAMED else []
    *first, last = [*shown, *more]
    return f"{', '.join(first)} and {last}" if first else last


def scope_words(scope: Scope) -> str:
    """What a scope is limited to, as a reader is told: articles by their ids, names, days."""
    articles = [*scope.articles, *(f"{article}:{start}-{end}" for article, start, end in scope.stretches)]
    more = [f"{len(articles) - _NAMED} more"] if len(articles) > _NAMED else []
    days = (f"{word} {day}" for word, day in (("from", scope.since), ("to", scope.until)) if day)
    return " · ".join([*articles[:_NAMED], *more, *scope.authors, *scope.outlets, *days])
