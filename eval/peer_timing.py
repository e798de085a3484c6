"""How long a plain llama-index retriever takes over the same passages with the same weights, to stand beside our own time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

MOST_PASSAGES = 5000
"""Above this the peer's index, which it keeps in memory, is not built."""


def plain_retriever_p50(home: Path, questions: Sequence[str]) -> float | None:
    """Median milliseconds of `VectorStoreIndex.as_retriever().retrieve`, warm; None when the home holds too many passages.

    The peer gets our passages as nodes, so that both search the same texts; it finds, and neither reads nor answers.

    Args:
        home: An ingested home.
        questions: At least one; the first is asked once more, before the clock starts.
    """
    from llama_index.core import VectorStoreIndex

    from assistant.retrieval import as_node
    from assistant.settings import Settings
    from ingest.archive import Archive
    from ingest.embedding import Encoder, llama_embedding
    from ingest.index import VectorIndex

    archive = Archive(home)
    try:
        if archive.passage_count() > MOST_PASSAGES:
            return None
        passages = archive.passages("article", [info.article for info in archive.articles()])
        generation = archive.meta("generation") or ""
    finally:
        archive.close()
    index = VectorIndex(home, generation)
    vectors = index.vectors([passage.key for passage in passages])
    index.close()
    nodes = [as_node(passage) for passage in passages]
    for node, passage in zip(nodes, passages, strict=True):
        node.embedding = vectors[passage.key].tolist()
    encoder = Encoder(Settings.load(home).ingest.model)
    retriever = VectorStoreIndex(nodes, embed_model=llama_embedding(encoder)).as_retriever(similarity_top_k=10)
    retriever.retrieve(questions[0])
    times = []
    for question in questions:
        started = perf_counter()
        retriever.retrieve(question)
        times.append(1000 * (perf_counter() - started))
    return median(times)
