"""How long our retrieval takes beside a plain llama-index retriever's over the same passages with the same weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.retrieval import PassageRetriever
    from assistant.settings import Settings
    from ingest.archive import Archive
    from ingest.embedding import Encoder
    from ingest.index import VectorIndex

MOST_PASSAGES = 5000
"""Above this the peer's index, which it keeps in memory, is not built."""
FOUND = 10
"""Passages that either is asked for."""
WARM_UP = "What is this about?"
"""Asked before the clock starts."""


def retrieval_p50s(
    home: Path, questions: Sequence[str], settings: Settings | None = None
) -> tuple[float, float | None]:
    """Median milliseconds of `PassageRetriever.search` and of a plain retriever's search, both warm, from text to passages.

    Both are asked each question before the next, and take turns in being first, so that what else the machine does hits
    both alike. The peer gets our passages as nodes; its time is None when the home holds too many of them.
    Each has an encoder of its own, since one remembers the question that it encoded last.

    Args:
        home: An ingested home.
        questions: At least one.
        settings: None for those of the home.
    """
    from assistant.retrieval import PassageRetriever
    from assistant.settings import Settings
    from ingest.archive import Archive
    from ingest.embedding import Encoder
    from ingest.index import VectorIndex

    settings = settings or Settings.load(home)
    archive = Archive(home)
    try:
        index = VectorIndex(home, archive.meta("generation") or "")
        try:
            ours = PassageRetriever(archive, index, Encoder(settings.ingest.model), settings.retrieval)
            few = archive.passage_count() <= MOST_PASSAGES
            peer = _plain_retriever(archive, index, Encoder(settings.ingest.model)) if few else None
            return _timed(ours, peer, questions)
        finally:
            index.close()
    finally:
        archive.close()


def _plain_retriever(archive: Archive, index: VectorIndex, encoder: Encoder) -> Any:
    from eval.peers.passage_index import index_over

    passages = archive.passages("article", [info.article for info in archive.articles()])
    vectors = index.vectors(list({passage.key for passage in passages}))
    return index_over(passages, vectors, encoder).as_retriever(similarity_top_k=FOUND)


def _timed(ours: PassageRetriever, peer: Any, questions: Sequence[str]) -> tuple[float, float | None]:
    asked: list[Callable[[str], object]] = [lambda question: ours.search(question, FOUND)]
    asked += [peer.retrieve] if peer else []
    times: list[list[float]] = [[] for _ in asked]
    for turn, question in enumerate((WARM_UP, *questions)):
        for one in sorted(range(len(asked)), reverse=bool(turn % 2)):
            started = perf_counter()
            asked[one](question)
            if turn:
                times[one].append(1000 * (perf_counter() - started))
    return median(times[0]), median(times[1]) if peer else None
