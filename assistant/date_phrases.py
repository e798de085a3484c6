"""Phrases by which a question speaks of articles of certain dates: "articles from April 2024", "coverage since March 2023"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from assistant.bylines import Records
from assistant.dates import SPOKEN, Period, period
from assistant.phrases import LEAD, NOUN, SURE, WRITTEN, Phrase, pattern
from assistant.scope import anything_fits, together
from assistant.types import Scope

_DATE = rf"(?:the\s+(?:year|month\s+of)\s+)?{SPOKEN}"
_WHEN = (
    r"\b(?P<prep>in|from|of|on|during|dated|since|after|before|until|till|up\s+to|through|throughout|between)\s+"
    rf"(?P<one>{_DATE})(?:\s+(?:and|to|until|till|through)\s+(?P<two>{_DATE}))?(?P<onward>\s+on(?:wards?)?\b)?"
)
_ARTICLES_WHEN = pattern(rf"{LEAD}\b{NOUN}\s+{WRITTEN}{_WHEN}")
_WHEN_AFTER = pattern(rf"\s*,?\s*{WRITTEN}{_WHEN}")
_DATED_NOUN = pattern(rf"{LEAD}(?P<one>{SPOKEN})\s+(?:news\s+)?{SURE}")
_WHAT_WAS = pattern(
    rf"\bwhat\s+(?:was|is|were|has\s+been|had\s+been)\s+(?:published|reported|written|printed)\s+{_WHEN}"
)
_BARE_WHEN = pattern(
    rf"(?:\b(?:published|reported|written|printed)\s+)?\b(?P<prep>in|during|since|after|throughout)\s+(?P<one>{_DATE})"
)
_SPOKEN = pattern(SPOKEN)
_MONTH = 28
"""Days."""


def by_date(question: str, named: Sequence[Phrase], records: Records) -> list[Phrase]:
    """The phrases of a question that say when articles were published, if some that its names allow were.

    A date that can be that of an event counts when it is a month or a year, an article was published then, and no text
    speaks of it. One day never does: what happens on it is in the news of the next.

    Args:
        question: As typed.
        named: Its phrases by name.
        records: Of all articles.
    """
    names = together([phrase.limit for phrase in named])
    spoken = [
        p for p in _of_articles(question, named) if p.limit and anything_fits(together([names, p.limit]), records.infos)
    ]
    if spoken:
        return spoken if len({phrase.limit for phrase in spoken}) == 1 else []
    for found in _BARE_WHEN.finditer(question):
        when = period(found["one"])
        if when is None or when.days < _MONTH or any(p.start <= found.start() < p.end for p in named):
            continue
        phrase = Phrase(found.start(), found.end(), None, _days(found["prep"].lower(), when))
        if anything_fits(together([names, phrase.limit]), records.infos) and not records.speak_of(when):
            return [phrase]
    return []


def _of_articles(question: str, named: Sequence[Phrase]) -> Iterator[Phrase]:
    for found in _ARTICLES_WHEN.finditer(question):
        yield Phrase(found.start(), found.end(), (found.start("thing"), found.end()), _when(found))
    for found in _DATED_NOUN.finditer(question):
        yield Phrase(found.start(), found.end(), (found.start("thing"), found.end()), _days("in", period(found["one"])))
    for found in _WHAT_WAS.finditer(question):
        yield Phrase(found.start("prep"), found.end(), None, _when(found))
    for phrase in named:
        if phrase.thing and (inside := _SPOKEN.search(question, *phrase.thing)):
            yield Phrase(inside.start(), inside.end(), (inside.start(), inside.end()), _days("in", period(inside[0])))
        if phrase.thing and (after := _WHEN_AFTER.match(question, phrase.thing[1])):
            yield Phrase(phrase.thing[1], after.end(), (phrase.thing[1], after.end()), _when(after))


def _when(found: re.Match[str]) -> Scope:
    one, two = period(found["one"]), period(found["two"]) if found["two"] else None
    prep = "since" if found["onward"] and not two else " ".join(found["prep"].lower().split())
    if two and one and prep in ("between", "from"):
        return _days("in", Period(one.first, two.last))
    return Scope() if two or prep == "between" else _days(prep, one)


def _days(prep: str, when: Period | None) -> Scope:
    """The scope of a preposition and its date; empty when there is no such date."""
    if when is None:
        return Scope()
    if prep == "after":
        return Scope(since=(when.last + timedelta(days=1)).isoformat())
    if prep == "before":
        return Scope(until=(when.first - timedelta(days=1)).isoformat())
    if prep in ("until", "till", "up to", "through"):
        return Scope(until=when.last.isoformat())
    return Scope(since=when.first.isoformat(), until=None if prep == "since" else when.last.isoformat())
