"""English sentences of news as tokens, and which rows of tokens are names, titles left out, or nouns that can say something."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from assistant.speakers.quotations import Page
from assistant.speakers.source_words import (
    DAYS,
    DETERMINERS,
    DOCUMENTS,
    OPENERS,
    ORGANISATIONS,
    PEOPLE,
    PREPOSITIONS,
    TITLES,
)

PARTICLES = frozenset("of the and de von van der den la le du bin ibn al el for & da dos di".split())
_TOKEN = re.compile(
    r"(?:Mr|Mrs|Ms|Dr|Prof|Sens?|Reps?|Gov|Gen|Col|Lt|Sgt|Capt|Maj|St|Jr|Sr|Inc|Corp|Ltd|Co|Rev|Hon|[A-Z])\.(?=\s)"
    r"|[^\W_](?:[\w&]|[’'‑-](?=\w)|(?<=\b[A-Z])\.(?=[A-Z])|(?<=\d)[.,](?=\d))*"
    r"(?:(?<=s)[’'](?=\s)|(?<=\.[A-Z])\.(?=\s))?|--|[^\w\s]"
)


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
        if tokens[i - 1].capital or (tokens[i - 1].text.isdigit() and i < high):
            i -= 1
            continue
        j = i
        while j > low and tokens[j - 1].low in PARTICLES and j > i - 3:
            j -= 1
        if i == high or j in (i, low) or not tokens[j - 1].capital:
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
    titled = [i for i in range(low, high) if _is_title(tokens[i]) or (i < high - 1 and tokens[i].low in PEOPLE)]
    if titled and titled[-1] + 1 < high:
        low = titled[-1] + 1
        if tokens[low].low in ("of", "for") and high - low > 3:  # "Secretary of Commerce Ann Lee"
            low = high - 2
    elif titled and titled[-1] + 1 == high:
        return None
    owners = [i for i in range(low, high - 2) if tokens[i].low.endswith(("'s", "s'"))]
    if owners and not any(tokens[i].low in ORGANISATIONS for i in range(owners[-1], high)):
        low = owners[-1] + 1
    while low < high and tokens[low].low in PARTICLES and not tokens[low].capital:
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
        t.low == "for" or (_is_title(t) and u.low in ("of", "and")) for t, u in pairwise(tokens[run:high])
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
        one in PEOPLE
        or one.removesuffix("s") in PEOPLE
        or one in ORGANISATIONS
        or one.removesuffix("s") in ORGANISATIONS
        or is_document(one)
        or one.removesuffix("ies") + "y" in ORGANISATIONS
        or bool(
            re.search(
                r"(?:ists?|[mp]er?son|people|m[ae]n|wom[ae]n|ians?|ologists?|ants?|eers?|yers?|chers?|kers?|cers?)$",
                one,
            )
        )
    )


def is_document(word: str) -> bool:
    """Whether a common noun names what people write, which speaks for its author."""
    return word in DOCUMENTS or word.removesuffix("s") in DOCUMENTS
