"""A question as it is meant where it says itself which articles it is about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.bylines import Records
from assistant.conversation import pieces
from assistant.date_phrases import by_date
from assistant.metadata import asks_for
from assistant.overview import overview
from assistant.phrases import MAY_LIMIT, Phrase, by_name, with_saying
from assistant.scope import anything_fits, both, limits, nothing_fits, together
from assistant.terms import FUNCTION_WORDS, words
from assistant.types import Scope, Turn
from ingest.archive import Archive

_ARTICLE = "this article"
_PRONOUNS = frozenset("he him his she her it its they them their this that these those there".split())
_CONTINUES = frozenset("and or but so what how about also then in".split())


@dataclass(frozen=True)
class Stated:
    """What a question says of itself.

    Attributes:
        question: Without the phrases that limit it; with "this article" in their place when it asks for an article's author,
            date or the like, or for a summary of it; as typed when nothing else would be left.
        scope: What they limit it to; empty when there are none.
        alone: Nothing but the limit is said: "and in Rehman's article?".
    """

    question: str
    scope: Scope
    alone: bool = False


@dataclass(frozen=True)
class Limited:
    """What is to be answered, and from which articles.

    Attributes:
        question: Without the phrases that limit it.
        history: The turns, their questions without such phrases too.
        scope: The scope given and that of the phrases together; None for the whole archive.
        notes: What the reader is told of it.
        nothing: Why no article fits; None when one does, or nothing is limited.
    """

    question: str
    history: tuple[Turn, ...]
    scope: Scope | None
    notes: tuple[str, ...] = ()
    nothing: str | None = None


def limited(question: str, history: Sequence[Turn], given: Scope | None, archive: Archive) -> Limited:
    """A question with the limits that were given and those that it states; they hold for all its parts.

    A follow-up that only states a limit asks the last question again.
    """
    records = Records(archive)
    turns: list[Turn] = []
    for turn in history:
        turns.append(replace(turn, question=_meant(stated(turn.question, records, bool(turns)), turns)))
    own = stated(question, records, bool(turns))
    text = _meant(own, turns)
    if not own.scope and not given:
        return Limited(text, tuple(turns), None)
    given = given or Scope()
    scope = both(given, own.scope, records.infos)
    if scope is None:
        told = dict.fromkeys((*limits(given, records.infos), *limits(own.scope, records.infos)))
        return Limited(text, tuple(turns), given, tuple(told), nothing_fits(given, records.infos))
    return Limited(text, tuple(turns), scope, limits(scope, records.infos))


def _meant(said: Stated, turns: Sequence[Turn]) -> str:
    return turns[-1].question if said.alone and turns else said.question


def stated(question: str, records: Records, follow_up: bool = False) -> Stated:
    """What a question itself limits its answer to, as far as the records settle it.

    Several authors or several outlets are alternatives; an author, an outlet and a date hold together.

    Args:
        question: As typed.
        records: Of the articles that can be asked.
        follow_up: Whether something was asked before.
    """
    if not MAY_LIMIT.search(question):
        return Stated(question, Scope())
    named = by_name(question, records, follow_up)
    found = [*named, *by_date(question, named, records)]
    scope = together([phrase.limit for phrase in found])
    if not scope or not anything_fits(scope, records.infos):
        return Stated(question, Scope())
    about = _tidy(_cut(question, [(*p.thing, True) if p.thing else (p.start, p.end, False) for p in found]))
    if overview(about) or any(asks_for(piece) for piece in pieces(about)):
        return Stated(about, scope)
    rest = _tidy(_cut(question, _removed(question, found)))
    said = words(rest)
    meaning = any(word not in FUNCTION_WORDS for word in said) or (follow_up and _PRONOUNS & set(said))
    alone = set(said) <= _CONTINUES and ("about" in said or not {"what", "how"} & set(said))
    return Stated(rest if meaning else question, scope, alone)


def _removed(question: str, found: Sequence[Phrase]) -> list[tuple[int, int, bool]]:
    """The stretches that are not searched for: neighbours as one, with what the article is said to do ("say that")."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted((phrase.start, phrase.end) for phrase in found):
        if joined and not question[joined[-1][1] : start].strip():
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    things = {phrase.thing[0] for phrase in found if phrase.thing}
    return [(*(with_saying(question, a, b) if a in things else (a, b)), False) for a, b in joined]


def _cut(question: str, stretches: Sequence[tuple[int, int, bool]]) -> str:
    """The question without some stretches; "this article" stands where one is marked, once for neighbours."""
    kept, place = "", 0
    for start, end, thing in sorted(stretches):
        gap = question[place:start] if start > place else ""
        kept += gap
        if thing and (gap.strip() or not kept.rstrip().endswith(_ARTICLE)):
            kept += _ARTICLE
        place = max(place, end)
    return kept + question[place:]


def _tidy(text: str) -> str:
    plain = re.sub(r"\s+([?,.!;:])", r"\1", " ".join(text.split()))
    plain = re.sub(r",+(?=[?.!;:])|,(?=,)", "", plain)
    return re.sub(r"^[\s,;:.!?]+(?=\S)", "", plain)
