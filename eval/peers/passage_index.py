"""Our passages in an index of llama-index: what its peers are given to search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import Scope, Settings
from assistant.citations import citation, passage_address
from assistant.retrieval import Hit, as_node
from assistant.scope import in_scope
from assistant.types import Citation
from ingest.archive import Archive
from ingest.errors import IndexMissing
from ingest.records import Floats, Passage
from ingest.splitting import split_sentences

if TYPE_CHECKING:
    from llama_index.core import VectorStoreIndex
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.core.retrievers import VectorIndexRetriever
    from llama_index.core.schema import NodeWithScore, TextNode

    from ingest.embedding import Encoder

PASSAGE = "passage"
"""The key of a node's metadata that holds its address, which stays with the pieces that a node is cut into."""


class PassageIndex:
    """A `VectorStoreIndex` in memory over all passages of a home, with the vectors that our own search uses.

    Our passages are its nodes, because llama-index's default chunks of 1,024 tokens would make a short article one node, and
    a citation of it would say nothing. Nothing global of llama-index is read or set.

    Args:
        archive: Where the passages are.
        index: Holds a node for each of them.
        passages: Those that it holds.
    """

    def __init__(self, archive: Archive, index: VectorStoreIndex, passages: Sequence[Passage]) -> None:
        self._archive = archive
        self._index = index
        self._passages = {passage_address(passage): passage for passage in passages}

    def retriever(self, most: int, scope: Scope | None = None) -> VectorIndexRetriever:
        """A plain retriever of at most so many nodes; one for each question, so that several threads may ask.

        Args:
            most: Its ``similarity_top_k``.
            scope: Limits it to the passages that touch the scope, by their nodes' ids; None for all.
        """
        from llama_index.core.callbacks import CallbackManager
        from llama_index.core.retrievers import VectorIndexRetriever

        among = [passage_address(passage) for passage in in_scope(self._archive, scope)] if scope else None
        return VectorIndexRetriever(
            self._index, similarity_top_k=most, node_ids=among, callback_manager=CallbackManager([])
        )

    def hits(self, nodes: Sequence[NodeWithScore]) -> list[Hit]:
        """What was retrieved, as the evaluation takes it; the score is the cosine, and lexical search has no part in it."""
        return [Hit(self.passage_of(found), cosine, cosine, 0.0) for found in nodes for cosine in [found.score or 0.0]]

    def passage_of(self, found: NodeWithScore) -> Passage:
        """The passage that a node is, or was cut from."""
        return self._passages[found.node.metadata[PASSAGE]]

    def cite(self, hit: Hit, marker: int, shown: str | None = None) -> Citation:
        """The citation of what a system showed of a passage; without a speaker, since a peer names none.

        Args:
            hit: The passage, and its cosine, which becomes the score.
            marker: Its number in the answer.
            shown: What of it was shown; None for all. When it does not stand in the passage word for word, the address is that
                of the whole passage, so that the quote is not what stands there, which is then counted as it should be.
        """
        passage = hit.passage
        source = self._archive.source(passage.article, passage.version)
        if source is None:
            raise RuntimeError(f"{passage_address(passage)} is of no stored version")
        text = passage.text if shown is None else shown
        first = passage.start + passage.text.find(text)
        exact = text and text in passage.text
        span = (first, first + len(text)) if exact else (passage.start, passage.end)
        cited = citation(source, span, marker=marker, score=clipped(hit.dense))
        return replace(cited, quote=text, speaker=None)


def clipped(cosine: float) -> float:
    """A cosine as a confidence: what is below 0 is 0."""
    return round(min(max(cosine, 0.0), 1.0), 4)


def sentence_splitter(size: int, overlap: int) -> SentenceSplitter:
    """llama-index's default splitter, but for how it tells sentences apart: its own way needs data that it may download.

    Args:
        size: Most tokens of a piece, as tiktoken counts them for gpt-3.5-turbo.
        overlap: Most tokens that two pieces share.
    """
    from llama_index.core.callbacks import CallbackManager
    from llama_index.core.node_parser import SentenceSplitter

    return SentenceSplitter(
        chunk_size=size, chunk_overlap=overlap, chunking_tokenizer_fn=_sentences, callback_manager=CallbackManager([])
    )


@contextmanager
def open_passage_index(home: Path, settings: Settings) -> Iterator[PassageIndex]:
    """The index over all passages of an ingested home.

    Raises:
        IndexMissing, IndexStale: The home's index is not there, or was made under other settings.
    """
    archive = Archive(home)
    try:
        passages = archive.passages("article", [info.article for info in archive.articles()])
        yield PassageIndex(archive, _filled(archive, passages, settings), passages)
    finally:
        archive.close()


def _filled(archive: Archive, passages: Sequence[Passage], settings: Settings) -> VectorStoreIndex:
    from ingest.embedding import Encoder
    from ingest.index import VectorIndex
    from ingest.pipeline import check_fingerprint

    generation = archive.meta("generation")
    if generation is None:
        raise IndexMissing(f"Nothing has been ingested into {archive.home}; run: onrecord ingest")
    encoder = Encoder(settings.ingest.model)
    check_fingerprint(archive, settings.ingest, encoder)
    stored = VectorIndex(archive.home, generation)
    try:
        vectors = stored.vectors(list({passage.key for passage in passages}))
    finally:
        stored.close()
    return index_over(passages, vectors, encoder)


def index_over(passages: Sequence[Passage], vectors: Mapping[str, Floats], encoder: Encoder) -> VectorStoreIndex:
    """llama-index's index in memory, a node a passage.

    Args:
        passages: What it holds.
        vectors: Theirs, by `Passage.key`.
        encoder: Encodes the questions that it is asked.
    """
    from llama_index.core import VectorStoreIndex
    from llama_index.core.callbacks import CallbackManager
    from llama_index.core.constants import DEFAULT_CHUNK_OVERLAP, DEFAULT_CHUNK_SIZE

    from ingest.embedding import llama_embedding

    return VectorStoreIndex(
        [_node(passage, vectors[passage.key].tolist()) for passage in passages],
        embed_model=llama_embedding(encoder),
        callback_manager=CallbackManager([]),
        # Not used, since the nodes are given; without it the splitter of the global settings would be made.
        transformations=[sentence_splitter(DEFAULT_CHUNK_SIZE, DEFAULT_CHUNK_OVERLAP)],
    )


def _node(passage: Passage, vector: list[float]) -> TextNode:
    """The passage as our own retriever gives it out, with its address where neither encoder nor language model reads it."""
    node = as_node(passage)
    node.embedding = vector
    node.metadata[PASSAGE] = node.node_id
    node.excluded_embed_metadata_keys.append(PASSAGE)
    node.excluded_llm_metadata_keys.append(PASSAGE)
    return node


def _sentences(text: str) -> list[str]:
    """Pieces that, joined, are the text: each begins with a sentence, but for the first."""
    starts = [0, *(start for start, _ in split_sentences(text)[1:]), len(text)]
    return [text[a:b] for a, b in pairwise(starts)]
