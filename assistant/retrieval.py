"""From a query to passages: dense and lexical search, fused by their scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from assistant.citations import passage_address
from assistant.settings import RetrievalSettings
from assistant.terms import content_terms
from assistant.types import Scope
from ingest.archive import Archive
from ingest.embedding import Encoder
from ingest.index import VectorIndex
from ingest.records import ArticleInfo, Floats, Passage


@dataclass(frozen=True)
class Hit:
    """A passage that was found.

    Attributes:
        score: z-scored cosine plus weighted z-scored BM25 over the candidates: ranks within one search, no more.
        dense: Cosine similarity of query and passage, -1..1.
        lexical: BM25, 0 when no term stands in the passage.
    """

    passage: Passage
    score: float
    dense: float
    lexical: float


@dataclass(frozen=True)
class Found:
    """What a search gives: the query's unit vector, shape ``(dimensions,)``, and hits, best first."""

    vector: Floats
    hits: tuple[Hit, ...]


class PassageRetriever(BaseRetriever):
    """Finds passages; a llama-index retriever, so that it drops into any of its pipelines.

    Args:
        archive: Where the passages are.
        index: Their vectors, of the archive's current generation.
        encoder: The one that made those vectors.
        settings: How many passages, and the weight of lexical search.
    """

    def __init__(self, archive: Archive, index: VectorIndex, encoder: Encoder, settings: RetrievalSettings) -> None:
        self._archive = archive
        self._index = index
        self._encoder = encoder
        self._settings = settings
        super().__init__()

    def search(self, query: str, limit: int, scope: Scope | None = None) -> Found:
        """The best passages for a query.

        Args:
            query: Any text.
            limit: At most this many passages; equal passages of several articles count once.
            scope: Limits the search; None for the whole archive.
        """
        vector = self._encoder.encode([query])[0]
        terms = content_terms(query)
        among = in_scope(self._archive, scope) if scope else None
        dense, passages = self._dense(vector, limit, among)
        known = None if among is None else [passage.number for passage in among]
        lexical = dict(self._archive.lexical(terms, max(limit, self._settings.candidates), known))
        passages |= {p.number: p for p in self._archive.passages("number", [n for n in lexical if n not in passages])}
        self._complete(vector, terms, passages, dense, lexical)
        return Found(vector, tuple(self._fused(passages, dense, lexical)[:limit]))

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = self.search(query_bundle.query_str, self._settings.passages)
        return [NodeWithScore(node=as_node(hit.passage), score=hit.score) for hit in found.hits]

    def _dense(
        self, vector: Floats, limit: int, among: Sequence[Passage] | None
    ) -> tuple[dict[str, float], dict[int, Passage]]:
        """Cosines by key and passages by number: the nearest, or exactly those `among` which to search."""
        if among is not None:
            stored = self._index.vectors(list({p.key for p in among}))
            nearest = sorted(((key, float(v @ vector)) for key, v in stored.items()), key=lambda pair: -pair[1])
            keep = dict(nearest[: max(limit, self._settings.candidates)])
            return keep, {p.number: p for p in among if p.key in keep}
        wanted = max(limit, self._settings.candidates)
        ask = 2 * wanted  # some vectors belong to passages that are superseded by now
        while True:
            near = dict(self._index.query(vector, ask))
            passages = self._archive.passages("key", list(near))
            if len(passages) >= wanted or len(near) < ask:
                break
            ask *= 4
        live = {p.key for p in passages}
        keep = dict([(key, cosine) for key, cosine in near.items() if key in live][:wanted])
        return keep, {p.number: p for p in passages if p.key in keep}

    def _complete(
        self,
        vector: Floats,
        terms: Sequence[str],
        passages: dict[int, Passage],
        dense: dict[str, float],
        lexical: dict[int, float],
    ) -> None:
        """Gives every candidate both scores: the one search may have found what the other did not."""
        no_cosine = list({p.key for p in passages.values()} - dense.keys())
        dense |= {key: float(v @ vector) for key, v in self._index.vectors(no_cosine).items()}
        no_bm25 = [number for number in passages if number not in lexical]
        lexical |= dict(self._archive.lexical(terms, len(no_bm25), no_bm25)) if no_bm25 else {}

    def _fused(self, passages: dict[int, Passage], dense: dict[str, float], lexical: dict[int, float]) -> list[Hit]:
        first: dict[str, Passage] = {}
        for passage in passages.values():
            if passage.key in dense:
                first.setdefault(passage.key, passage)
        if not first:
            return []
        cosines = np.array([dense[key] for key in first], np.float32)
        bm25 = np.array([lexical.get(p.number, 0.0) for p in first.values()], np.float32)
        scores = standardised(cosines) + self._settings.lexical_weight * standardised(bm25)
        order = np.argsort(-scores, kind="stable")
        found = list(first.values())
        return [Hit(found[i], float(scores[i]), float(cosines[i]), float(bm25[i])) for i in order]


def standardised(values: Floats) -> Floats:
    """Zero mean and unit variance, shape as given; all zero when the values do not differ."""
    exact = values.astype(np.float64)  # in single precision, the mean of equal values may differ from them
    spread = float(exact.std())
    return ((exact - exact.mean()) / spread).astype(np.float32) if spread > 1e-9 else np.zeros_like(values)


def as_node(passage: Passage) -> TextNode:
    """The passage as a llama-index node whose offsets slice back: ``text[start_char_idx:end_char_idx]``."""
    return TextNode(
        id_=passage_address(passage),
        text=passage.text,
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        metadata={"article": passage.article, "version": passage.version},
        excluded_embed_metadata_keys=["article", "version"],
        excluded_llm_metadata_keys=["article", "version"],
    )


def in_scope(archive: Archive, scope: Scope) -> list[Passage]:
    """All passages that a scope allows."""
    allowed = [info.article for info in archive.articles() if allows(scope, info)]
    return [p for p in archive.passages("article", allowed) if scope.touches(p.article, p.start, p.end)]


def _compared(published: str, day: str) -> int:
    """-1, 0 or 1, at the precision of the coarser of the two: May 2021 is not before 2021-05-12."""
    length = min(len(published), len(day)) if published else len(day)
    return (published[:length] > day[:length]) - (published[:length] < day[:length])


def allows(scope: Scope, info: ArticleInfo) -> bool:
    """Whether a scope allows an article at all; stretches may still leave only parts of it."""
    authors = {author.casefold() for author in scope.authors}
    stretched = {article for article, _, _ in scope.stretches}
    published = info.published or ""
    return (
        (not scope.articles or info.article in scope.articles)
        and (not stretched or info.article in stretched)
        and (not authors or (info.author or "").casefold() in authors)
        and (not scope.since or _compared(published, scope.since) >= 0)
        and (not scope.until or (published != "" and _compared(published, scope.until) <= 0))
    )
