"""From a query to passages: dense and lexical search, ranked by what both found and by the best sentence."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from assistant.citations import passage_address
from assistant.contents import Contents, ContentsCache, Pair, pairs
from assistant.copies import without_copies
from assistant.scope import in_scope
from assistant.settings import RetrievalSettings
from assistant.terms import content_terms, stem
from assistant.types import Scope
from ingest.archive import Archive
from ingest.embedding import Encoder
from ingest.index import VectorIndex
from ingest.records import Floats, Passage

STANDS_ALONE = 0.6
"""Cosine of a question and its nearest passage from which on the question is understood without what was said before: its
mean is .64 for the questions of inscit, nearly all of which stand alone, and .42 for those of quac, few of which do."""


@dataclass(frozen=True)
class Hit:
    """A passage that was found.

    Attributes:
        score: Weighted sum of z-scores over the candidates: ranks within one search, no more.
        dense: Cosine similarity of query and passage, -1..1.
        lexical: BM25; 0 when the passage was found by its vector alone.
        copies: Passages that say the same in the same or nearly the same words and are left out of the hits.
    """

    passage: Passage
    score: float
    dense: float
    lexical: float
    copies: tuple[Passage, ...] = ()


@dataclass(frozen=True)
class Found:
    """What a search gives: the query's unit vector, shape ``(dimensions,)``, and hits, best first."""

    vector: Floats
    hits: tuple[Hit, ...]


@dataclass
class _Query:
    """A text to search for, and what was found so far: cosines by key, BM25 by number."""

    terms: list[str]
    stems: list[str]
    pairs: list[Pair]
    vector: Floats
    dense: dict[str, float] = field(default_factory=dict)
    lexical: dict[int, float] = field(default_factory=dict)


class PassageRetriever(BaseRetriever):
    """Finds passages; a llama-index retriever, so that it drops into any of its pipelines.

    Args:
        archive: Where the passages are.
        index: Their vectors, of the archive's current generation.
        encoder: The one that made those vectors.
        settings: How many passages, and the weights of what is measured of each.
        postprocessors: llama-index node postprocessors that rerank or drop what was found, one after the other.
    """

    def __init__(
        self,
        archive: Archive,
        index: VectorIndex,
        encoder: Encoder,
        settings: RetrievalSettings,
        postprocessors: Sequence[BaseNodePostprocessor] = (),
    ) -> None:
        self._archive = archive
        self._index = index
        self._encoder = encoder
        self._settings = settings
        self._postprocessors = postprocessors
        self._contents = ContentsCache(archive, encoder)
        super().__init__()

    def search(self, query: str, limit: int, scope: Scope | None = None, context: str = "") -> Found:
        """The best passages for a query.

        Args:
            query: Any text.
            limit: At most this many passages; near copies of one passage count once.
            scope: Limits the search; None for the whole archive.
            context: What was said before. It counts the more the farther the query is from every passage by itself.
        """
        texts = [query, context] if context else [query]
        asked = [_query(text, vector) for text, vector in zip(texts, self._encoder.encode(texts), strict=True)]
        among = in_scope(self._archive, scope) if scope else None
        passages = self._candidates(asked[0], limit, among)
        weights = [1.0]
        if context:
            nearest = max(asked[0].dense.values(), default=0.0)
            weights.append(self._settings.context_weight * max(0.0, STANDS_ALONE - nearest))
            if weights[1]:
                passages |= self._candidates(asked[1], limit, among)
        every = sorted(passages.values(), key=lambda p: (p.published is None, p.published or "", p.number))
        ranked = self._ranked(every, [(q, weight) for q, weight in zip(asked, weights, strict=True) if weight])
        hits = without_copies(ranked, len(ranked) if self._postprocessors else limit)
        return Found(asked[0].vector, tuple(self._reranked(query, hits)[:limit]))

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return _as_nodes(self.search(query_bundle.query_str, self._settings.passages).hits)

    def _candidates(self, asked: _Query, limit: int, among: Sequence[Passage] | None) -> dict[int, Passage]:
        """The passages that dense or lexical search finds, by number; notes what each of the two found."""
        wanted = max(limit, self._settings.candidates)
        asked.dense, passages = self._dense(asked.vector, wanted, among)
        known = None if among is None else [passage.number for passage in among]
        asked.lexical = dict(self._archive.lexical(asked.terms, wanted, known))
        passages |= {
            p.number: p for p in self._archive.passages("number", [n for n in asked.lexical if n not in passages])
        }
        return passages

    def _dense(
        self, vector: Floats, wanted: int, among: Sequence[Passage] | None
    ) -> tuple[dict[str, float], dict[int, Passage]]:
        """Cosines by key and passages by number: the nearest, or exactly those `among` which to search."""
        if among is not None:
            stored = self._index.vectors(list({p.key for p in among}))
            nearest = sorted(((key, float(v @ vector)) for key, v in stored.items()), key=lambda pair: -pair[1])
            keep = dict(nearest[:wanted])
            return keep, {p.number: p for p in among if p.key in keep}
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

    def _ranked(
        self, passages: Sequence[Passage], queries: Sequence[tuple[_Query, float]]
    ) -> list[tuple[Hit, Contents]]:
        """All candidates, best first."""
        first = queries[0][0]
        passages, contents = self._with_contents(self._with_vectors([asked for asked, _ in queries], passages))
        if not passages:
            return []
        total = sum((weight * self._scores(asked, passages, contents) for asked, weight in queries), np.float32(0))
        hits = [
            (Hit(p, float(score), first.dense[p.key], first.lexical.get(p.number, 0.0)), content)
            for p, score, content in zip(passages, np.atleast_1d(total), contents, strict=True)
        ]
        return sorted(hits, key=lambda pair: -pair[0].score)

    def _with_vectors(self, queries: Sequence[_Query], passages: Sequence[Passage]) -> list[Passage]:
        """Those that have a vector; lexical search, or the other query, may have found what dense search did not."""
        for asked in queries:
            missing = list({p.key for p in passages} - asked.dense.keys())
            asked.dense |= {key: float(v @ asked.vector) for key, v in self._index.vectors(missing).items()}
        return [p for p in passages if p.key in queries[0].dense]

    def _with_contents(self, passages: Sequence[Passage]) -> tuple[list[Passage], list[Contents]]:
        """Those that are still in the archive, each with its contents."""
        contents = self._contents.of(passages)
        still = [p for p in passages if p.number in contents]
        return still, [contents[p.number] for p in still]

    def _scores(self, asked: _Query, passages: Sequence[Passage], contents: Sequence[Contents]) -> Floats:
        """How well each passage fits one query, shape ``(passages,)``."""
        s = self._settings
        weights = np.array([s.dense_weight, s.sentence_weight, s.lexical_weight, s.pair_weight], np.float32)
        return np.asarray(_measured(asked, passages, contents) @ weights, np.float32)

    def measure(self, query: str) -> tuple[Sequence[Passage], Floats]:
        """The candidates for a query and what is weighed of each, standardised, shape ``(passages, 4)``; to fit weights.

        The columns are the cosines of the passage and of its best sentence, and the words and the pairs of words it shares.
        """
        asked = _query(query, self._encoder.encode([query])[0])
        found = self._candidates(asked, self._settings.candidates, None).values()
        passages, contents = self._with_contents(self._with_vectors([asked], list(found)))
        return passages, _measured(asked, passages, contents)

    def _reranked(self, query: str, hits: Sequence[Hit]) -> Sequence[Hit]:
        if not self._postprocessors:
            return hits
        known = {passage_address(hit.passage): hit for hit in hits}
        nodes = _as_nodes(hits)
        for postprocessor in self._postprocessors:
            nodes = postprocessor.postprocess_nodes(nodes, query_str=query)
        found = [(known[n.node.node_id], n.score) for n in nodes if n.node.node_id in known]
        return [hit if score is None else replace(hit, score=float(score)) for hit, score in found]


class ArticleRetriever(BaseRetriever):
    """A search as a llama-index retriever, for use in any of its pipelines.

    Args:
        search: Gives the hits for a query, best first.
    """

    def __init__(self, search: Callable[[str], Sequence[Hit]]) -> None:
        self._search = search
        super().__init__()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return _as_nodes(self._search(query_bundle.query_str))


def _query(text: str, vector: Floats) -> _Query:
    terms = content_terms(text)
    return _Query(terms, list(dict.fromkeys(stem(term) for term in terms)), pairs(text), vector)


def _measured(asked: _Query, passages: Sequence[Passage], contents: Sequence[Contents]) -> Floats:
    """Shape ``(passages, 4)``, see `PassageRetriever.measure`."""
    columns = (
        np.array([asked.dense[p.key] for p in passages], np.float32),
        np.array([(c.sentences @ asked.vector).max() for c in contents], np.float32),
        _shared(asked.stems, [c.stems for c in contents]),
        _shared(asked.pairs, [c.pairs for c in contents]),
    )
    return np.stack([standardised(column) for column in columns], axis=1)


def _shared(asked: Sequence[Hashable], held: Sequence[frozenset[Any]]) -> Floats:
    """How much of what was asked each passage holds, shape ``(passages,)``; each counts by its rarity among them.

    The rarity is that of BM25, over the candidates: over the whole archive it ranks no better (Hit@1 .851 both on squad2).
    """
    if not asked:
        return np.zeros(len(held), np.float32)
    found = np.array([[one in passage for one in asked] for passage in held], np.float32)
    holders = found.sum(axis=0)
    rarity = np.log1p((len(held) - holders + 0.5) / (holders + 0.5))
    return np.asarray((found * rarity).sum(axis=1), np.float32)


def standardised(values: Floats) -> Floats:
    """Zero mean and unit variance, shape as given; all zero when the values do not differ."""
    exact = values.astype(np.float64)  # in single precision, the mean of equal values may differ from them
    spread = float(exact.std())
    return ((exact - exact.mean()) / spread).astype(np.float32) if spread > 1e-9 else np.zeros_like(values)


def _as_nodes(hits: Iterable[Hit]) -> list[NodeWithScore]:
    return [NodeWithScore(node=as_node(hit.passage), score=hit.score) for hit in hits]


def as_node(passage: Passage) -> TextNode:
    """The passage as a llama-index node whose offsets slice back: ``text[start_char_idx:end_char_idx]``."""
    stated = {"title": passage.title, "section": passage.section, "published": passage.published}
    metadata = {"article": passage.article, "version": passage.version}
    return TextNode(
        id_=passage_address(passage),
        text=passage.text,
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        metadata=metadata | {name: value for name, value in stated.items() if value},
        excluded_embed_metadata_keys=["article", "version", "published"],
        excluded_llm_metadata_keys=["article", "version"],
    )
