"""Whose words or claim a sentence of a news article holds: a person's, an organisation's, or the paper's own.

By rules, and for English only: a sentence in another language has no speaker here. The words that name the speaker are looked
for in the sentence, then, when it stands in a quotation, in the sentences that the quotation began in, ends in or goes on from.
Pronouns stand for the last speaker or person before them. The rules were written beside half of some labelled news and measured
on other articles; see `eval.attribution`.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

from assistant.speakers.attributions import Attribution, attribution, leading
from assistant.speakers.named import Token, is_source, name_run, pure_name, tokens_of
from assistant.speakers.quotations import Page, Span, page_around
from assistant.speakers.source_words import (
    DETERMINERS,
    DOCUMENTS,
    OPENERS,
    ORGANISATIONS,
    PEOPLE,
    PREPOSITIONS,
    PRONOUNS,
    TITLES,
)
from assistant.types import Speaker

_LOOK_BACK = 12
"""Sentences, for whom a pronoun stands for and for where a quotation began."""
_MENTIONS = 60
"""Earlier mentions of a surname that are looked at for a fuller name."""
_NAME_PARTS = re.compile(r"[^\W\d_](?:[\w.]|[’'-](?=\w))*")
_FULL = re.compile(
    r"(?:(?:[A-ZÀ-ÖØ-Þ]\.|[A-ZÀ-ÖØ-Þ](?:\w|[’'-](?=\w)){0,30})\s(?:(?:van|von|der|de|bin|al|la|el|du)\s){0,2}){1,3}$"
)


def speaker_of(text: str, start: int, end: int, body_start: int = 0) -> Speaker | None:
    """Whose words or claim ``text[start:end]`` holds, ``text[speaker.start:speaker.end] == speaker.name``.

    Args:
        text: Of the whole version.
        start: First character of a sentence.
        end: One past its last.
        body_start: Where the article's body begins; nothing before it is looked at.

    Returns:
        None when the paper itself speaks, or when nobody can be named. Costs as much in a long article as in a short one.
    """
    if not 0 <= start < end <= len(text):
        return None
    span = _Reading(page_around(text, start, end, body_start)).speaker()
    return Speaker(text[span[0] : span[1]], *span) if span and span[0] < span[1] else None


class _Reading:
    """The sentences around a cited one, and who each of them says is speaking."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._said: dict[int, Attribution | None] = {}

    @cached_property
    def _sentences(self) -> list[Span]:
        return self._page.sentences

    def speaker(self) -> Span | None:
        """The speaker of the cited sentence."""
        i = next((i for i, (start, end) in enumerate(self._sentences) if start <= self._page.cited[0] < end), None)
        if i is None:
            return None
        found = self._own(i)
        if found is None and self._quoted(i):
            return self._speaker_of_quotation(i)
        return self._resolved(found, i) if found else None

    def _own(self, i: int) -> Attribution | None:
        if i not in self._said:
            self._said[i] = attribution(self._page, *self._sentences[i])
        return self._said[i]

    def _tokens(self, i: int) -> list[Token]:
        return tokens_of(self._page, *self._sentences[i])

    def _quoted(self, i: int) -> bool:
        """Whether a sentence begins in a quotation that is most of it."""
        start, end = self._sentences[i]
        quote = self._page.quote_at(start)
        return quote is not None and (quote[0] < start or 2 * (min(quote[1], end) - start) >= end - start)

    def _speaker_of_quotation(self, i: int) -> Span | None:
        """Named where the quotation ends, or before it began, or by the one that it goes on from."""
        first = i
        for _ in range(_LOOK_BACK):
            quote = self._page.quote_at(self._sentences[first][0])
            if quote is None:
                break
            if ahead := self._at_end(quote, first):
                return ahead
            while first and self._sentences[first][0] > quote[0]:
                first -= 1
                if found := self._own(first):
                    return self._resolved(found, first)
            if first == 0:
                break
            first -= 1
            if found := self._own(first):
                return self._resolved(found, first)
            if not self._quoted(first):
                return self._subject_before(first) or self._next_quotation(i)
        return self._next_quotation(i)

    def _at_end(self, quote: Span, i: int) -> Span | None:
        """The speaker named in the sentence that a quotation ends in, when that is a later one."""
        for j in range(i + 1, len(self._sentences)):
            start, end = self._sentences[j]
            if start >= quote[1]:
                return None
            if end >= quote[1]:
                found = self._own(j)
                return self._resolved(found, j) if found else None
        return None

    def _subject_before(self, i: int) -> Span | None:
        """The person that the sentence before a quotation is about: `Lee shook her head. "No."`."""
        if not self._page.same_paragraph(self._sentences[i][0], self._sentences[i + 1][0]):
            return None
        introduced = self._page.text[slice(*self._sentences[i])].rstrip().endswith(":")
        return self._led_by(i, "they" if introduced else "he")

    def _next_quotation(self, i: int) -> Span | None:
        """The speaker of the quotation that follows, when it tells its speaker."""
        for j in range(i + 1, min(i + 4, len(self._sentences))):
            if not self._quoted(j):
                return None
            if found := self._own(j):
                return self._resolved(found, j)
        return None

    def _resolved(self, found: Attribution, i: int) -> Span | None:
        if found.pronoun:
            return self._antecedent(found.pronoun, i, found.start)
        span = found.start, found.end
        return self._named_role(span, i) or _fuller(self._page.text, span, self._page.start)

    def _antecedent(self, pronoun: str, i: int, place: int) -> Span | None:
        """Whom a pronoun stands for: the last speaker or the last person that a sentence began with."""
        here = self._led_by(i, pronoun)
        if here and here[1] <= place:
            return here
        for j in range(i - 1, max(-1, i - 1 - _LOOK_BACK), -1):
            found = self._own(j)
            if found and not found.pronoun and self._fits(pronoun, (found.start, found.end)):
                return self._resolved(found, j)
            named = self._led_by(j, pronoun) if found is None or not found.pronoun else None
            if named or (found is None and (named := self._titled(j, pronoun))):
                return named
        return None

    def _led_by(self, i: int, pronoun: str) -> Span | None:
        """The name that a sentence begins with, when a pronoun can stand for it."""
        tokens = self._tokens(i)
        phrase = leading(tokens)
        if phrase is None or tokens[phrase[0]].low in PRONOUNS:
            return None
        span = tokens[phrase[0]].start, tokens[phrase[1] - 1].end
        full = _fuller(self._page.text, span, self._page.start)
        named = tokens[phrase[0]].capital and tokens[phrase[0]].low not in DETERMINERS
        several = len(_NAME_PARTS.findall(self._page.text, *full)) > 1
        if pronoun in ("he", "she") and not (named and several):
            return None
        return full if (named or pronoun in ("it", "they")) and self._fits(pronoun, full) else None

    def _titled(self, i: int, pronoun: str) -> Span | None:
        """The last name behind a title in a sentence, when the pronoun is one of a person."""
        tokens = self._tokens(i)
        for k in range(len(tokens) - 1, 0, -1) if pronoun in ("he", "she") else ():
            if tokens[k - 1].low.rstrip(".") in TITLES and (named := _name_behind(tokens, k)):
                return _fuller(self._page.text, named, self._page.start)
        return None

    def _fits(self, pronoun: str, span: Span) -> bool:
        words = _NAME_PARTS.findall(self._page.text, *span)
        if not words:
            return False
        lows = [word.lower() for word in words]
        head = next(
            (i for i, low in enumerate(lows) if i and low in PREPOSITIONS and words[i - 1].islower()), len(lows)
        )
        words, lows = words[:head], lows[:head]
        group = any(low in ORGANISATIONS | DOCUMENTS and low != "police" for low in lows) or words[-1].isupper()
        common = words[-1].islower()
        if pronoun in ("he", "she"):
            several = is_source(lows[-1]) and (lows[-1].endswith("s") or lows[-1] in ("police", "people"))
            return not several and not group and not (lows[-1].endswith("s") and (common or lows[0] in DETERMINERS))
        person = len(words) > 1 and not group and not common
        single = common and not group and lows[0] in ("a", "an")
        return not (person or single) if pronoun == "it" else True

    def _named_role(self, span: Span, i: int) -> Span | None:
        """For "the analyst": the analyst whom one of the sentences before names."""
        words = self._page.text[span[0] : span[1]].lower().split()
        if (
            not 1 < len(words) < 4
            or words[0] not in ("the", "this")
            or words[-1] not in PEOPLE | TITLES
            or words[-1] in ORGANISATIONS
        ):
            return None
        for j in range(i, max(-1, i - 4), -1):
            tokens = [token for token in self._tokens(j) if token.end <= span[0]]
            for k in range(len(tokens) - 1, -1, -1):
                if tokens[k].low == words[-1] and (named := _name_beside(tokens, k)):
                    return named
        return None


def _name_beside(tokens: list[Token], k: int) -> Span | None:
    """The name that a role stands before ("analyst Ann Lee") or describes ("Ann Lee, an analyst")."""
    if named := _name_behind(tokens, k + 1):
        return named
    comma = next((c for c in range(k - 1, max(-1, k - 8), -1) if tokens[c].text == ","), None)
    if not comma:
        return None
    run = name_run(tokens, 0, comma)
    found = pure_name(tokens, run, comma) if run < comma and tokens[run - 1].low not in PREPOSITIONS else None
    return (tokens[found[0]].start, tokens[found[1] - 1].end) if found else None


def _name_behind(tokens: list[Token], low: int) -> Span | None:
    stop = low
    while stop < len(tokens) and tokens[stop].capital:
        stop += 1
    found = pure_name(tokens, low, stop)
    return (tokens[found[0]].start, tokens[found[1] - 1].end) if found else None


def _fuller(text: str, span: Span, low: int) -> Span:
    """The last fuller name before a mention by surname alone; the mention itself when there is none."""
    name = text[span[0] : span[1]]
    if len(_NAME_PARTS.findall(name)) != 1 or not name[:1].isupper() or name.lower() in TITLES:
        return span
    place = span[0]
    for _ in range(_MENTIONS):
        place = text.rfind(name, 0, place)
        if place < 0:
            break
        stop = place + len(name)
        if re.match(r"\w|\s[A-Z]", text[stop : stop + 2]):
            continue
        found = _FULL.search(text, max(0, place - 90), place)
        first = _first_name(text, found.start(), place) if found else place
        if first < place:
            return first, stop
    return span


def _first_name(text: str, start: int, stop: int) -> int:
    """Where a name begins in the capitalised words before a surname, behind titles and organisations."""
    parts = list(_NAME_PARTS.finditer(text, start, stop))
    for i in range(len(parts) - 1, -1, -1):
        if _no_first_name(parts[i][0]):
            return parts[i + 1].start() if i + 1 < len(parts) else stop
    office = len(parts) > 1 and text[max(0, start - 4) : start].endswith(
        ("of ", "for ")
    )  # "Secretary of Commerce Ann Lee"
    return parts[int(office)].start() if parts else stop


@lru_cache(maxsize=4096)
def _no_first_name(word: str) -> bool:
    low = word.lower().rstrip(".")
    listed = low in TITLES or low in PEOPLE or low in ORGANISATIONS or low in OPENERS or low in DETERMINERS
    return listed or word.endswith(("'s", "’s")) or (len(word) > 2 and word.isupper())
