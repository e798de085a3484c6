"""English sentences of news as tokens, and the noun phrases that can be a source: before a verb, behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from assistant.quotations import Page
from assistant.source_words import (
    ADVERBS, BE, BOUNDARIES, DAYS, DETERMINERS, DOCUMENTS, HAVE, LIFELESS, OPENERS, ORGANISATIONS, PEOPLE, PREPOSITIONS, TITLES,
)  # fmt: skip

_TOKEN = re.compile(
    r"(?:Mr|Mrs|Ms|Dr|Prof|Sens?|Reps?|Gov|Gen|Col|Lt|Sgt|Capt|Maj|St|Jr|Sr|Inc|Corp|Ltd|Co|Rev|Hon|[A-Z])\.(?=\s)"
    r"|[^\W_](?:[\w&]|[’'‑-](?=\w)|(?<=\b[A-Z])\.(?=[A-Z])|(?<=\d)[.,](?=\d))*"
    r"(?:(?<=s)[’'](?=\s)|(?<=\.[A-Z])\.(?=\s))?|--|[^\w\s]"
)
_PARTICLES = frozenset("of the and de von van der den la le du bin ibn al el for & da dos di".split())
_OF_DOCUMENTS = frozenset(
    "new recent latest fresh early previous official separate preliminary internal initial similar".split()
)
_RELATIVE = frozenset("who whose which where whom now then formerly".split())
_LONGEST = 16


class Token(NamedTuple):
    """A word, a punctuation mark, or a whole quotation (kind ``q``)."""

    start: int
    end: int
    text: str
    low: str
    kind: str

    @property
    def capital(self) -> bool:
        """Whether it is written as names are."""
        return self.kind == "w" and self.text[:1].isupper()


Phrase = tuple[int, int]
"""The first token of a noun phrase and the one behind its last."""


def tokens_of(page: Page, start: int, end: int) -> list[Token]:
    """The tokens of a sentence; what stands between quotation marks is one token."""
    found: list[Token] = []
    place = start
    while place < end:
        quote = page.quote_at(place)
        if quote:
            stop = min(quote[1], end)
            found.append(Token(place, stop, page.text[place:stop], "", "q"))
            place = stop
            continue
        stop = next((a for a, _ in page.quotes if a > place), end)
        for match in _TOKEN.finditer(page.text, place, min(stop, end)):
            kind = "w" if match[0][0].isalnum() else "p"
            found.append(Token(match.start(), match.end(), match[0], match[0].lower().replace("’", "'"), kind))
        place = min(stop, end)
    return found


def name_run(tokens: Sequence[Token], low: int, high: int) -> int:
    """Where the row of capitalised words that ends at token `high` begins; `high` itself when there is none."""
    i = high
    while i > low and tokens[i - 1].kind == "w":
        if tokens[i - 1].capital or tokens[i - 1].text.isdigit() and i < high:
            i -= 1
            continue
        j = i
        while j > low and tokens[j - 1].low in _PARTICLES and j > i - 3:
            j -= 1
        if i == high or j == i or j == low or not tokens[j - 1].capital:
            break
        i = j
    return i


def trimmed(tokens: Sequence[Token], low: int, high: int) -> Phrase | None:
    """A row of capitalised words without what opens a sentence and without titles; None when nothing is left."""
    empty = OPENERS | DAYS | DETERMINERS
    while low < high and (tokens[low].low in empty or not tokens[low].text[0].isupper()):
        low += 1
    while high > low and tokens[high - 1].low in DAYS:
        high -= 1
    if low >= high:
        return None
    titled = [i for i in range(low, high) if _is_title(tokens[i])]
    if titled and titled[-1] + 1 < high:
        low = titled[-1] + 1
        if tokens[low].low in ("of", "for") and high - low > 3:  # "Secretary of Commerce Ann Lee"
            low = high - 2
    elif titled and titled[-1] + 1 == high:
        return None
    owners = [i for i in range(low, high - 2) if tokens[i].low.endswith(("'s", "s'"))]
    if owners and not any(tokens[i].low in ORGANISATIONS for i in range(owners[-1], high)):
        low = owners[-1] + 1
    while low < high and tokens[low].low in _PARTICLES and not tokens[low].capital:
        low += 1
    return (low, high) if low < high else None


def _is_title(token: Token) -> bool:
    return token.low.rstrip(".") in TITLES


def pure_name(tokens: Sequence[Token], low: int, high: int) -> Phrase | None:
    """A segment that is a name, roles and titles before it left out: "chief executive Don Smith"."""
    if low >= high or tokens[low].low in PREPOSITIONS | DETERMINERS or any(t.kind != "w" for t in tokens[low:high]):
        return None
    run = name_run(tokens, low, high)
    if run == high or any(
        t.low == "for" or _is_title(t) and u.low in ("of", "and") for t, u in pairwise(tokens[run:high])
    ):
        return None
    if run > low and not (is_source(tokens[run - 1].low) or tokens[run - 1].low in TITLES):
        return None
    found = trimmed(tokens, run, high)
    if (
        found is None
        or re.match(r"[RDIL]-", tokens[found[0]].text)
        or tokens[found[0]].low.rstrip(".") in ("inc", "ltd", "jr", "llc")
    ):
        return None
    return found


def is_source(word: str) -> bool:
    """Whether a common noun names people, an organisation or a document: what can say something."""
    one = word.removesuffix("'s")
    return (
        one in PEOPLE or one.removesuffix("s") in PEOPLE or one in ORGANISATIONS or one.removesuffix("s") in ORGANISATIONS
        or is_document(one) or one.removesuffix("ies") + "y" in ORGANISATIONS
        or bool(re.search(r"(?:ists?|[mp]er?son|people|m[ae]n|wom[ae]n|ians?|ologists?|ants?|eers?|yers?|chers?|kers?|cers?)$", one))
    )  # fmt: skip


def is_document(word: str) -> bool:
    """Whether a common noun names what people write, which speaks for its author."""
    return word in DOCUMENTS or word.removesuffix("s") in DOCUMENTS


def before(tokens: Sequence[Token], end: int, *, weak: bool = False) -> tuple[Phrase, str] | None:
    """The noun phrase that ends just before a token, and the word that bounds it on the left.

    Args:
        tokens: Of the sentence.
        end: One past the phrase's last token.
        weak: The verb is one that things can be the subject of, too: only people and the like are taken.
    """
    while end and tokens[end - 1].text == ")":
        opening = next((i for i in range(end - 1, -1, -1) if tokens[i].text == "("), None)
        if opening is None:
            return None
        end = opening
    low = end
    while low and end - low < _LONGEST and tokens[low - 1].kind == "w" and tokens[low - 1].low not in BOUNDARIES:
        low -= 1
    bound = tokens[low - 1].low or tokens[low - 1].text[:1] if low else ""
    relative = low - 1
    if bound in HAVE | BE:  # "students who have fallen ill have complained"
        relative -= 1
    if relative > 0 and tokens[relative].low in ("who", "whose", "whom"):
        if low == end:
            return None
        rest = relative - (tokens[relative - 1].text == ",")
        return before(tokens, rest, weak=weak)
    if bound == "and" and low > 1:  # "Smith and other officials said"
        first = low - 1
        while first and tokens[first - 1].kind == "w" and tokens[first - 1].low not in BOUNDARIES:
            first -= 1
        if (
            (low - 1 - first <= 2 or tokens[first + 1].capital)
            and low - 1 - first <= 3
            and (joined := _phrase(tokens, first, low - 1, weak))
            and joined[0] == first
        ):
            return (first, end), ""
    found = _phrase(tokens, low, end, weak)
    if found and any(token.low in PREPOSITIONS for token in tokens[low : found[0]]):
        bound = ""  # "if we look only at costs Lee said"
    return (found, bound) if found else None


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
    while j < high and tokens[j].low in _PARTICLES:
        j += 1
    return tokens[i].low in _PARTICLES and i > 0 and tokens[i - 1].capital and j < high and tokens[j].capital


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
