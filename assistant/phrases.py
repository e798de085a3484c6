"""Phrases by which a question speaks of the articles of an author or outlet: "Rehman's article", "the Dawn report".

A phrase counts only where the articles' records settle it: the name must be that of an author or outlet. What may as well be
about the events ("according to Khan", "the Khan report") counts only when no text speaks of that name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from assistant.bylines import Byline, Records
from assistant.dates import SPOKEN
from assistant.terms import FUNCTION_WORDS
from assistant.types import Scope

SURE = (
    r"(?:articles?|pieces?|story|stories|columns?|op-?eds?|essays?|coverage|editorials?|dispatch(?:es)?|news items?)\b"
)
_OPEN = r"(?:reports?|reporting|analysis|analyses|texts?|posts?|features?)\b"
"""Nouns that are also things in the news: the report of a commission."""
NOUN = rf"(?:{SURE}|{_OPEN})"
LEAD = (
    r"(?:\b(?:in|within|from|according\s+to|as\s+per|per|based\s+on|by|of)\s+)?"
    r"(?P<thing>(?:\b(?:the|this|that|these|those|any|all|an?)\s+)?)"
)
WRITTEN = r"(?:(?:that|which)\s+)?(?:(?:was|were|is|are)\s+)?(?:(?:written|published|printed|posted|reported|released|run)\s+)?"
_SAYS = (
    r"(?:says?|said|states?|stated|mentions?|mentioned|reports?|reported|writes?|wrote|written|tells?|told|claims?|claimed"
    r"|argues?|argued|reveals?|explains?|describes?)\b(?:\s+us\b)?"
)
_ABOUT = r"(?:about|on|of|regarding|concerning)\b"


def pattern(text: str) -> re.Pattern[str]:
    """A pattern to which case does not matter."""
    return re.compile(text, re.IGNORECASE)


MAY_LIMIT = pattern(
    rf"\b(?:{NOUN}|according\s+to|as\s+per|{_SAYS}|cover|describe|publish|print|(?:what|how)\s+about)\b|^\W*and\b|{SPOKEN}"
)
"""What every question has that limits itself; most others have it not, and need no look at the records."""

# A name, seen from its two sides.
_BEFORE_NOUN = pattern(rf"{LEAD}(?:{SPOKEN}\s+)?$")
_NOUN_AFTER = pattern(
    rf"(?P<own>['’]s?)?\s+(?:{SPOKEN}\s+)?(?:(?:news|latest|recent|own|long)\s+){{0,2}}(?:(?P<sure>{SURE})|{_OPEN})"
)
_NOUN_BEFORE = pattern(rf"{LEAD}(?:(?P<sure>\b{SURE})|\b{_OPEN})\s+{WRITTEN}(?P<prep>by|from|of|in|on)\s+(?:the\s+)?$")
_NOUN_THAT = pattern(rf"{LEAD}\b{SURE}\s+(?:(?:that|which)\s+)?(?:the\s+)?$")
_WROTE = pattern(r"\s+(?:has\s+|have\s+)?(?:wrote|written|published|printed|ran|carried)\b")
_WHAT_DID = pattern(r"\b(?:what|how)\s+(?:else\s+)?(?:did|does|do|has|have)\s+(?:the\s+)?$")
_WRITE_ABOUT = pattern(
    rf"\s+(?:(?P<sure>write|wrote|written|publish(?:ed)?|print(?:ed)?)|{_SAYS})\s+{_ABOUT}|\s+(?:(?P<cover>cover)|describe)\b"
)
_ACCORDING = pattern(r"\b(?:according\s+to|as\s+per)\s+(?:the\s+)?$")
_AND_IN = pattern(
    r"^\W*(?:(?:and|or|but|so|what\s+about|how\s+about)\b\W*)?(?P<by>(?:in|according\s+to|by|from)\s+)?(?:the\s+)?$"
)
_END = pattern(r"(?P<own>['’]s?)?\W*$")
_CHAINED = pattern(r"\s*(?:,|,?\s*\b(?:and|or)\b)\s*(?:the\s+)?")
_DETERMINED = pattern(r"\b(?:the|an?|this|that)\s+$")
_PART_OF_NAME = (re.compile(r"(?<!^)\b([A-Z][\w'’.-]*)\s+$"), re.compile(r"\s+([A-Z][\w'’-]*)"))
_SAYS_AFTER = pattern(rf"\s+{_SAYS}(?:\s+(?:that\b|(?P<about>{_ABOUT})))?")
_DOES = pattern(r"(?P<what>\bwhat\s+(?:else\s+)?)?\b(?:does|did|do|has|have)\s+$")

_NEAR = 120

Certainty = Literal["sure", "open", "doubt"]
"""Of the phrase around a name: it can only be about an article; it may be about a thing in the news; or about a person."""


@dataclass(frozen=True)
class Phrase:
    """A phrase that limits a question: ``question[start:end]`` is not searched for.

    Attributes:
        thing: Where the part of it stands that could as well be "this article"; None when there is none.
        limit: What it limits the question to.
    """

    start: int
    end: int
    thing: tuple[int, int] | None
    limit: Scope


def by_name(question: str, records: Records, follow_up: bool) -> list[Phrase]:
    """The phrases of a question that name an author or outlet.

    Args:
        question: As typed.
        records: Of all articles.
        follow_up: Whether something was asked before, so that "and in Dawn?" is a question.
    """
    found: list[Phrase] = []
    last: Byline | None = None
    for byline in records.bylines(question):
        phrase = None
        if last and found and found[-1].end == last.end and byline.kind == last.kind:
            phrase = _chained(question, found[-1], byline)
        phrase = phrase or _around(question, byline, records, follow_up)
        if phrase:
            found.append(phrase)
            last = byline
    return found


def _chained(question: str, before: Phrase, byline: Byline) -> Phrase | None:
    """The second name of "articles by Lill and Dahl"."""
    between = _CHAINED.fullmatch(question, before.end, byline.start)
    if not between or not (byline.whole or byline.surname) or not byline.capital:
        return None
    return Phrase(before.end, byline.end, (before.end, byline.end), _limit(byline))


def _limit(byline: Byline) -> Scope:
    return Scope(authors=byline.names) if byline.kind == "authors" else Scope(outlets=byline.names)


def _around(question: str, byline: Byline, records: Records, follow_up: bool) -> Phrase | None:
    """The phrase that makes a name that of an article's author or outlet, if the records settle it."""
    first = max(0, byline.start - _NEAR)
    before, after = question[first : byline.start], question[byline.end : byline.end + _NEAR]
    for candidate in (_asked, _with_noun, _after_noun, _according, _follow_up if follow_up else _nothing):
        found = candidate(before, after, byline)
        if found and _settled(question, byline, found[1], records):
            phrase, _ = found
            thing = (phrase.thing[0] + first, phrase.thing[1] + first) if phrase.thing else None
            return Phrase(phrase.start + first, phrase.end + first, thing, phrase.limit)
    return None


def _settled(question: str, byline: Byline, certainty: Certainty, records: Records) -> bool:
    before, after = question[: byline.start], question[byline.end :]
    for pattern, text in zip(_PART_OF_NAME, (before, after), strict=True):
        found = pattern.search(text) if pattern is _PART_OF_NAME[0] else pattern.match(text)
        if found and found[1].casefold() not in FUNCTION_WORDS:
            return False
    if byline.kind == "authors" and not byline.capital and _DETERMINED.search(before):
        return False  # the king's article is not by Stephen King
    if certainty != "doubt" and byline.whole:
        return True
    if certainty == "sure" and byline.kind == "authors" and (byline.surname or byline.capital):
        return True
    named = byline.whole or byline.surname or (certainty != "doubt" and byline.capital)
    return named and not records.states(question[byline.start : byline.end])


def _nothing(before: str, after: str, byline: Byline) -> None:
    return None


def _with_noun(before: str, after: str, byline: Byline) -> tuple[Phrase, Certainty] | None:
    """In "Rehman's article", "the Dawn report", "the April 2024 Dawn article"."""
    lead, noun = _BEFORE_NOUN.search(before), _NOUN_AFTER.match(after)
    if not lead or not noun or not (noun["own"] or lead[0] or (byline.whole and byline.capital and before)):
        return None
    end = len(before) + byline.end - byline.start + noun.end()
    certainty: Certainty = "sure" if noun["own"] and noun["sure"] else "open"
    return Phrase(lead.start(), end, (lead.start("thing"), end), _limit(byline)), certainty


def _after_noun(before: str, after: str, byline: Byline) -> tuple[Phrase, Certainty] | None:
    """In "the article by Rehman", "reports from Dawn", "the article that Rehman wrote"."""
    end = len(before) + byline.end - byline.start
    lead = _NOUN_BEFORE.search(before)
    if lead and (byline.kind == "outlets" or lead["prep"].lower() not in ("in", "on")):
        return Phrase(lead.start(), end, (lead.start("thing"), end), _limit(byline)), "sure" if lead["sure"] else "open"
    lead, wrote = _NOUN_THAT.search(before), _WROTE.match(after)
    if lead and wrote:
        return Phrase(lead.start(), end + wrote.end(), (lead.start("thing"), end + wrote.end()), _limit(byline)), "sure"
    return None


def _asked(before: str, after: str, byline: Byline) -> tuple[Phrase, Certainty] | None:
    """In "what did The Atlantic write about", "how did Dawn cover"."""
    lead, verb = _WHAT_DID.search(before), _WRITE_ABOUT.match(after)
    if not lead or not verb:
        return None
    certainty: Certainty = "sure" if verb["sure"] else "open" if verb["cover"] else "doubt"
    end = len(before) + byline.end - byline.start + verb.end()
    return Phrase(lead.start(), end, None, _limit(byline)), certainty


def _according(before: str, after: str, byline: Byline) -> tuple[Phrase, Certainty] | None:
    """In "according to Dawn"."""
    lead = _ACCORDING.search(before)
    if not lead or after.startswith(("'", "’")):
        return None
    return Phrase(lead.start(), len(before) + byline.end - byline.start, None, _limit(byline)), "doubt"


def _follow_up(before: str, after: str, byline: Byline) -> tuple[Phrase, Certainty] | None:
    """In "and in Dawn?", "what about Rehman's?"."""
    lead, rest = _AND_IN.match(before), _END.match(after)
    if not lead or not rest or not (lead["by"] or rest["own"]):
        return None
    end = len(before) + byline.end - byline.start + (rest.end("own") - rest.start("own"))
    return Phrase(lead.start("by") if lead["by"] else len(before), end, None, _limit(byline)), "sure" if rest[
        "own"
    ] else "doubt"


def with_saying(question: str, start: int, end: int) -> tuple[int, int]:
    """The stretch of "Rehman's article" with the "does … say (that)" or "what does … say about" that is around it."""
    says, does = _SAYS_AFTER.match(question, end), _DOES.search(question[:start])
    if not says or not does:
        return start, end
    return does.start() if says["about"] or not does["what"] else does.end("what"), says.end()
