"""The noun phrases of an English sentence that can be a source: before a verb, behind it, behind a comma."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.speakers.named import PARTICLES, Phrase, Token, is_document, is_source, name_run, pure_name, trimmed
from assistant.speakers.source_words import (
    ADVERBS,
    BE,
    BOUNDARIES,
    DAYS,
    DETERMINERS,
    HAVE,
    LIFELESS,
    OPENERS,
    PREPOSITIONS,
)

_OF_DOCUMENTS = frozenset(
    "new recent latest fresh early previous official separate preliminary internal initial similar".split()
)
_RELATIVE = frozenset("who whose which where whom now then formerly".split())
_LONGEST = 16


def before(tokens: Sequence[Token], end: int, *, weak: bool = False) -> tuple[Phrase, str] | None:
    """The noun phrase that ends just before a token, and the word that bounds it on the left.

    Args:
        tokens: Of the sentence.
        end: One past the phrase's last token.
        weak: The verb is one that things can be the subject of, too: only people and the like are taken.
    """
    while end and tokens[end - 1].text == ")":
        opening = next((i for i in range(end - 1, max(-1, end - _LONGEST), -1) if tokens[i].text == "("), None)
        if opening is None:
            return None
        end = opening
    low = _row(tokens, end)
    relative = (
        low - 1 - (low > 0 and tokens[low - 1].low in HAVE | BE)
    )  # "students who have fallen ill have complained"
    if relative > 0 and tokens[relative].low in ("who", "whose", "whom"):
        if low == end:
            return None
        end = relative - (tokens[relative - 1].text == ",")
        low = _row(tokens, end)
    bound = tokens[low - 1].low or tokens[low - 1].text[:1] if low else ""
    if bound == "and" and (first := _joined(tokens, low - 1, end, weak)) is not None:
        return (first, end), ""
    found = _phrase(tokens, low, end, weak)
    if found and any(token.low in PREPOSITIONS for token in tokens[low : found[0]]):
        bound = ""  # "if we look only at costs Lee said"
    return (found, bound) if found else None


def _row(tokens: Sequence[Token], end: int) -> int:
    """The first of the words that end at a token and that no other clause is among."""
    low = end
    while low and end - low < _LONGEST and tokens[low - 1].kind == "w" and tokens[low - 1].low not in BOUNDARIES:
        low -= 1
    return low


def _joined(tokens: Sequence[Token], conjunction: int, end: int, weak: bool) -> int | None:
    """Where the subject begins whose second half follows "and": "Lee and other officials said"."""
    first = _row(tokens, conjunction)
    length = conjunction - first
    if not 0 < length <= 3 or (length == 3 and not tokens[first + 1].capital):
        return None
    if tokens[end - 1].capital and not tokens[conjunction - 1].capital:  # "writer and singer Ann Lee"
        return None
    phrase = _phrase(tokens, first, conjunction, weak)
    return first if phrase and phrase[0] == first else None


def _phrase(tokens: Sequence[Token], low: int, end: int, weak: bool) -> Phrase | None:
    """The noun phrase that ends a row of words."""
    while low < end and tokens[low].low in OPENERS | ADVERBS:
        low += 1
    if low >= end:
        return None
    run = name_run(tokens, low, end)
    mark = next((i for i in range(low, run) if tokens[i].low in DETERMINERS), run)
    led = run > low and (tokens[run - 1].low in PREPOSITIONS or any(t.low in PREPOSITIONS for t in tokens[mark:run]))
    if run < end and not led:
        return trimmed(tokens, run, end) or _described(tokens, low, end, weak)
    return _described(tokens, low, end, weak)


def _described(tokens: Sequence[Token], low: int, end: int, weak: bool) -> Phrase | None:
    """A phrase whose head is no name: "the ministry", "a teacher in Oslo", "security officials", "a report by Oxfam"."""
    marks = [
        i for i in range(low, end)
        if tokens[i].low in DETERMINERS and not (i > low and tokens[i - 1].low in PREPOSITIONS)
    ]  # fmt: skip
    first = marks[-1] if marks else low
    if len(marks) > 1 and tokens[marks[-1]].low in ("other", "two", "three", "one") and marks[-2] == marks[-1] - 1:
        first = marks[-2]
    head = first + 1 if marks else first
    while head < end and tokens[head].low not in PREPOSITIONS:
        head += 1
    if head == first or tokens[first].low in PREPOSITIONS or (marks and head == first + 1):
        return None
    last = next((i for i in range(head - 1, first - 1, -1) if is_source(tokens[i].low)), head - 1)
    noun = tokens[last]
    if noun.low in LIFELESS or noun.low in DAYS or tokens[first].low in PREPOSITIONS:
        return None
    several = not weak and noun.low.endswith("s") and end - first <= 2
    if (weak or not marks) and not (is_source(noun.low) or noun.capital or several):
        return None
    if is_document(noun.low):
        return author(tokens, head, end) or _owner(tokens, first, last) or (first, last + 1)
    return (first, end)


def author(tokens: Sequence[Token], low: int, end: int) -> Phrase | None:
    """Who wrote a document: behind "by", "from" or "of" after its name."""
    for i in range(low, min(end, low + 4)):
        if tokens[i].low in ("by", "from"):
            return after(tokens, i + 1, end)
    return None


def _owner(tokens: Sequence[Token], first: int, head: int) -> Phrase | None:
    """Whose document it is: "Oxfam's report", "the Oxfam report"."""
    run = next(
        (i for i in range(first, head) if tokens[i].capital and tokens[i].low not in DETERMINERS | OPENERS), head
    )
    stop = run
    while stop < head and tokens[stop].capital:
        stop += 1
    if stop == run + 1 and tokens[run].low in _OF_DOCUMENTS:
        return None
    return trimmed(tokens, run, stop) if run < stop else None


def after(tokens: Sequence[Token], low: int, end: int) -> Phrase | None:
    """The noun phrase that begins at a token: behind "according to", or behind a verb ("said Ann Lee of Yale")."""
    high = low
    while high < end and high - low < _LONGEST and tokens[high].kind == "w" and tokens[high].low not in BOUNDARIES:
        high += 1
    words = tokens[low:high]
    if not words or words[0].low in DAYS | PREPOSITIONS | ADVERBS:
        return None
    head = next(
        (i for i in range(low, high) if tokens[i].low in PREPOSITIONS and not _inside_name(tokens, i, high)), high
    )
    noun = tokens[head - 1]
    document = next((i for i in range(low, head) if is_document(tokens[i].low)), None)
    if document is not None:
        return author(tokens, document + 1, high) or _owner(tokens, low, document) or (low, document + 1)
    run = name_run(tokens, low, head)
    while head > low and run == head and tokens[head - 1].low in ADVERBS | DAYS:
        head -= 1
        run = name_run(tokens, low, head)
    if run < head and (found := trimmed(tokens, run, head)):
        return found
    if head < end - 1 and tokens[head].text == ",":  # "the firm's chief executive, Ann Lee"
        stop = head + 1
        while stop < end and tokens[stop].kind == "w":
            stop += 1
        if named := pure_name(tokens, head + 1, stop):
            return named
    if noun.low in LIFELESS or not (tokens[low].low in DETERMINERS or is_source(noun.low) or noun.capital):
        return None
    return (low, high) if is_source(noun.low) or noun.capital else (low, head)


def _inside_name(tokens: Sequence[Token], i: int, high: int) -> bool:
    j = i + 1
    while j < high and tokens[j].low in PARTICLES:
        j += 1
    return tokens[i].low in PARTICLES and i > 0 and tokens[i - 1].capital and j < high and tokens[j].capital


def apposed(tokens: Sequence[Token], comma: int) -> Phrase | None:
    """The phrase that a clause's subject is when a comma stands before the verb: "Ann Lee, who runs it, said"."""
    bounds = [comma]
    low = comma
    while low and len(bounds) < 7 and tokens[low - 1].kind != "q" and tokens[low - 1].text not in (";", ":", "--", "—"):
        low -= 1
        if tokens[low].text == ",":
            bounds.append(low)
    starts = [bound + 1 for bound in bounds[1:]] + ([low] if tokens[low].text != "," else [])
    role: Phrase | None = None
    for start, stop in zip(starts, bounds, strict=False):
        first = next(
            (i for i in range(start, stop) if tokens[i].low not in ("and", "but", "while", "as", "that")), stop
        )
        if found := pure_name(tokens, first, stop):
            return found
        described = before(tokens, stop, weak=False)
        relative = first < stop and (tokens[first].low in _RELATIVE or tokens[first].low.endswith("ing"))
        if described and not relative and first < stop and tokens[first].low not in PREPOSITIONS:
            role = described[0]
            if tokens[role[0]].low not in ("a", "an"):
                following = _left_name(tokens, start)
                return following or role
    return role


def _left_name(tokens: Sequence[Token], start: int) -> Phrase | None:
    """The name just left of a descriptor's comma."""
    if start < 2 or tokens[start - 1].text != ",":
        return None
    low = start - 1
    while low and tokens[low - 1].kind == "w":
        low -= 1
    first = next(
        (i for i in range(low, start - 1) if tokens[i].low not in ("and", "but", "while", "as", "that")), start - 1
    )
    return pure_name(tokens, first, start - 1)
