"""A corpus, ingested for training, that questions are asked of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from assistant.retrieval import PassageRetriever
from assistant.settings import RetrievalSettings
from ingest.archive import Archive
from ingest.embedding import Encoder
from ingest.index import VectorIndex
from ingest.loading import Article
from ingest.pipeline import ingest
from ingest.records import Passage
from ingest.settings import IngestSettings


class TrialHome:
    """A home under a work folder; ingesting what it holds already costs little."""

    def __init__(self, folder: Path, articles: Sequence[Article], encoder: Encoder) -> None:
        ingest(folder, articles, IngestSettings())
        self.archive = Archive(folder)
        index = VectorIndex(folder, self.archive.meta("generation") or "")
        self.retriever = PassageRetriever(self.archive, index, encoder, RetrievalSettings())

    def passages_of(self, articles: Iterable[str]) -> list[Passage]:
        """The passages of some articles, in reading order; of unknown ones none."""
        return sorted(self.archive.passages("article", sorted(articles)), key=lambda p: (p.article, p.start))
