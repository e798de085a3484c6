"""What the page needs of an assistant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from assistant.types import ArticleInfo, Cited, Part, Source, Turn


class Answering(Protocol):
    """Answers questions and opens articles. Its methods are called from several threads."""

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Iterator[Part]:
        """The parts of an answer as they are judged; the last one carries the whole answer.

        Raises:
            OnRecordError: The question cannot be answered now; the message ends in the remedy.
        """
        ...

    def articles(self) -> Sequence[ArticleInfo]:
        """Every article that can be asked."""
        ...

    def source(self, article: str, version: str | None = None) -> Source:
        """One version of an article in full; the current one when `version` is None.

        Raises:
            CitationNotFound: There is no such article or version.
        """
        ...

    def cite(self, id: str, /) -> Cited:
        """The exact words of an address, in their context."""
        ...

    def warm_up(self) -> None:
        """Load the models, which takes seconds; later calls return at once."""
        ...
