"""Where the quotation marks of English news prose open and close, and the sentences around a cited one."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

Span = tuple[int, int]

BEFORE = 4000
AFTER = 1500
"""Characters that are looked at on each side of a sentence; a quotation seldom runs longer."""
LONGEST = 3000
"""Characters of the sentence itself; of a longer one only its beginning is read."""

_MARK = re.compile(r"[\"“”„«»‘’']")
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*|(?<=[.!?:\"”’'])[^\S\n]*\n\s*(?=[A-Z\"“‘'])")
_SENTENCE = re.compile(r"(?<=[.!?…])(?:[\"”’')\]]{0,3})(?P<gap>\s+)(?=[\"“‘'(\[]{0,2}[A-Z0-9])")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(“\"‘'.])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|Sens?|Reps?|Gov|Gen|Col|Lt|Sgt|Capt|Maj|St|Jr|Sr|Inc|Corp|Ltd|Co|Rev|Hon|No"
    r"|vs|Jan|Feb|Aug|Sept|Oct|Nov|Dec)\.$"
)
_CLIPPED = re.compile(r"[’'](?:\d0s|em\b|tis\b|twas\b|til\b|cause\b|n[’'])", re.IGNORECASE)
_LEADS = " \t\n\r\u00a0([{—–-/"


@dataclass(frozen=True)
class Page:
    """The text around one sentence.

    Attributes:
        text: Of the whole version; all offsets are offsets in it.
        start: Where the part that is looked at begins.
        end: One past its last character.
        cited: The sentence.
    """

    text: str
    start: int
    end: int
    cited: Span

    @cached_property
    def paragraphs(self) -> list[Span]:
        """The paragraphs, in order."""
        edges = [m.span() for m in _PARAGRAPH.finditer(self.text, self.start, self.end)]
        starts = [self.start, *(end for _, end in edges)]
        return list(zip(starts, [*(start for start, _ in edges), self.end], strict=True))

    @cached_property
    def sentences(self) -> list[Span]:
        """Roughly the sentences, in order, the cited one whole among them."""
        low, high = self.cited
        cuts = [(high, high)]
        for start, end in self.paragraphs:
            cuts += [(start, start), (end, end)]
            for match in _SENTENCE.finditer(self.text, start, end):
                if not _ABBREVIATION.search(self.text, max(start, match.start() - 8), match.start()):
                    cuts.append(match.span("gap"))
        cuts = sorted({(low, low), *((a, b) for a, b in cuts if b <= low or a >= high)})
        found, last = [], self.start
        for a, b in [*cuts, (self.end, self.end)]:
            if self.text[last:a].strip():
                found.append((last, a))
            last = b
        return found

    @cached_property
    def quotes(self) -> list[Span]:
        """The quotations, marks included, in order; one that is not closed ends with its paragraph."""
        return [span for start, end in self.paragraphs for span in _quotes(self.text, start, end)]

    def quote_at(self, place: int) -> Span | None:
        """The quotation that a character lies in, marks included."""
        i = bisect_right(self.quotes, (place, self.end + 1)) - 1
        return self.quotes[i] if i >= 0 and self.quotes[i][0] <= place < self.quotes[i][1] else None

    def same_paragraph(self, one: int, other: int) -> bool:
        """Whether two places lie in one paragraph."""
        starts = [start for start, _ in self.paragraphs]
        return bisect_right(starts, one) == bisect_right(starts, other)


def page_around(text: str, start: int, end: int, body_start: int = 0) -> Page:
    """The part of an article that can say who speaks in ``text[start:end]``; its size does not grow with the article."""
    end = min(end, start + LONGEST)
    return Page(text, max(min(body_start, start), start - BEFORE), min(len(text), end + AFTER), (start, end))


def _quotes(text: str, start: int, end: int) -> list[Span]:
    found: list[Span] = []
    opened, family = -1, ""
    for match in _MARK.finditer(text, start, end):
        place, mark = match.start(), match[0]
        kind = _kind(text, place, mark, start, end, family)
        mine = "single" if mark in "‘’'" else "double"
        if kind == "open" and not family:
            opened, family = place, mine
        elif kind == "close" and family == mine:
            found.append((opened, place + 1))
            opened, family = -1, ""
        elif kind == "close" and not family and mine == "double" and not found:  # its opening mark was lost
            found.append((start, place + 1))
    if family == "double":
        found.append((opened, end))
    return found


def _kind(text: str, place: int, mark: str, start: int, end: int, family: str) -> str:
    """Whether a mark opens a quotation, closes it, or is an apostrophe or the like."""
    before = text[place - 1] if place > start else " "
    after = text[place + 1] if place + 1 < end else " "
    if mark in "“„«":
        return "open"
    if mark in "”»":
        return "close"
    if mark == '"':
        if before in _LEADS and not after.isspace():
            return "open"
        if after.isspace() or after in ".,;:!?)]—–-":
            return "close"
        return "close" if family == "double" else "open"
    return _single(text, place, mark, before, after, end, family)


def _single(text: str, place: int, mark: str, before: str, after: str, end: int, family: str) -> str:
    if family == "double":
        return ""
    if mark == "‘" or (mark == "'" and before in _LEADS and not family):
        letter = after.isalnum() or after in '“"…['
        return "open" if letter and not _CLIPPED.match(text, place) else ""
    if family != "single" or after.isalnum() or before in _LEADS:
        return ""
    owner = before == "s" and after == " " and text[place + 2 : place + 3].islower()
    if owner and re.search(r"[^\w\s][’'](?!\w)", text[place + 1 : min(end, place + 400)]):  # the workers' pay
        return ""
    return "close"
