"""What an ingest did, in all and article by article."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from ingest.loading import Article, Failure

TakenIn = Literal["added", "updated", "unchanged"]


@dataclass(frozen=True)
class Outcome:
    """What became of one article.

    Attributes:
        path: Its file name or URL; of one that failed, what the failure names; None for text that came from neither.
        article: Its id; None when it failed.
        reason: Why it failed, ending in the remedy; else None.
    """

    path: str | None
    article: str | None
    outcome: TakenIn | Literal["failed"]
    reason: str | None = None


@dataclass
class IngestReport:
    """What an ingest did, as counts of articles.

    Attributes:
        failed: Those that were not taken in, with the reason.
        passages: How many passages the archive now holds.
        embedded: How many passages had to be encoded.
        notes: What whoever reads this should know of the articles that were added or updated, a text each: how many are in
            a language that the model does not know.
        articles: What became of each, in the order in which progress was told of them.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: list[Failure] = field(default_factory=list)
    passages: int = 0
    embedded: int = 0
    notes: list[str] = field(default_factory=list)
    articles: list[Outcome] = field(default_factory=list)

    def took(self, article: Article, outcome: TakenIn) -> None:
        """Counts an article that is in the archive now."""
        setattr(self, outcome, getattr(self, outcome) + 1)
        self.articles.append(Outcome(article.source, article.id, outcome))

    def refused(self, failure: Failure) -> None:
        """Counts an article that was not taken in."""
        self.failed.append(failure)
        self.articles.append(Outcome(failure.path, None, "failed", failure.reason))

    def to_json(self) -> dict[str, Any]:
        """The object that `onrecord ingest --json` prints."""
        return asdict(self)
