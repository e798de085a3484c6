"""What the page, and the programs beside it, need of an assistant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from assistant.types import Answer, ArticleInfo, Cited, Part, Scope, Source, Turn

if TYPE_CHECKING:
    from assistant.check import Checked
    from assistant.retrieval import Hit
    from ingest.pipeline import Progress


class Answering(Protocol):
    """Answers questions and opens articles. Its methods are called from several threads."""

    def stream(self, question: str, history: Sequence[Turn] = (), scope: Scope | None = None) -> Iterator[Part]:
        """The parts of an answer as they are judged; the last one carries the whole answer.

        Raises:
            OnRecordError: The question cannot be answered now; the message ends in the remedy.
        """
        ...

    def answer(self, question: str, history: Sequence[Turn] = (), scope: Scope | None = None) -> Answer:
        """The whole answer at once, limited to some of the articles.

        Raises:
            OnRecordError: As `stream`.
        """
        ...

    def search(self, query: str, limit: int = 10) -> Sequence[Hit]:
        """The passages that are nearest to a query, best first, at most `limit`."""
        ...

    def check(self, text: str, *, progress: Progress | None = None) -> Checked:
        """The verdict of the articles on each sentence of a text; `progress` is told after each."""
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
