"""What a claim is checked against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from ingest.splitting import split_sentences

Span = tuple[int, int]


@dataclass(frozen=True)
class EvidenceText:
    """What a claim is checked against: sentences of one text.

    Attributes:
        text: The whole text that they are of.
        spans: Where in it they stand, in order.
        known: What else its record states: title, author, outlet, date, each on a line.
        published: The day it was published, ISO 8601.
        body_start: Where the article's body begins in the text.
    """

    text: str
    spans: tuple[Span, ...]
    known: str = ""
    published: str | None = None
    body_start: int = 0

    @classmethod
    def of(cls, text: str) -> EvidenceText:
        """All sentences of a text."""
        return cls(text, tuple(split_sentences(text)))

    @cached_property
    def sentences(self) -> list[str]:
        """Their words."""
        return [self.text[start:end] for start, end in self.spans]

    @property
    def day(self) -> date | None:
        """The day it was published; None when that is not known to the day."""
        try:
            return date.fromisoformat((self.published or "")[:10])
        except ValueError:
            return None
