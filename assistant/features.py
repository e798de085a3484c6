"""What is measured about a question and a sentence before deciding whether the one answers the other."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.interaction import INTERACTION_FEATURES, LateInteraction
from assistant.machine_notes import asks_of_machines, for_machines
from assistant.retrieval import Found, standardised
from assistant.terms import (
    AnswerKind,
    answer_kind,
    meaning_terms,
    offers,
    stem,
    stems,
    stray_names,
    stray_numbers,
    words,
)
from assistant.types import Scope
from ingest.archive import Archive
from ingest.records import Floats, Passage, StoredSentence

SENTENCE_FEATURES = (
    "cosine", "cosine_z", "bm25_z", "coverage", "passage_cosine", "passage_cosine_z", "passage_score_z", "passage_coverage",
    "before_coverage", "offers_kind", "offers_number", "offers_date", "offers_name", "offers_reason", "log_words",
    *INTERACTION_FEATURES,
)  # fmt: skip
"""Columns of `sentence_features`: cosines of sentence and passage with the question, raw and over the candidates; BM25 of
the sentence and the search's score of its passage, over the candidates; coverage is the share of the question's terms,
weighted by rarity, that stand there; ``offers`` says whether something of the kind asked for stands there that the question
does not hold."""

QUESTION_FEATURES = (
    *SENTENCE_FEATURES, "best_score", "margin", "missing_names", "missing_numbers", "kind_other", "terms",
)  # fmt: skip
"""Columns of `question_features`: all that was measured of the best sentence, its score, by how much it leads, and what
of the question stands nowhere near it. Three columns are lifted by coverage, see `LIFTED`."""

LIFTED = (("cosine", "coverage", 0.6), ("met", "coverage", 0.7), ("passage_cosine", "passage_coverage", 0.55))
"""A similarity, the coverage that may stand in for it, and what full coverage is worth: about the mean similarity of
answerable questions. A short question ("Who is X?") is far from any long sentence by cosine, even from the one that names X."""

_K1, _B = 1.2, 0.75  # BM25's usual constants, those of the archive's full text


class Rarity:
    """How rare a term is in the archive: its inverse document frequency, as BM25 has it."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._passages = archive.passage_count()
        self._known: dict[str, int] = {}

    def weights(self, terms: Sequence[str]) -> dict[str, float]:
        """The weight of each term's stem, > 0; a term that stands nowhere has the highest."""
        found = {}
        for term in terms:
            count = self._frequency(term)
            found[stem(term)] = math.log1p((self._passages - count + 0.5) / (count + 0.5))
        return found

    def _frequency(self, term: str) -> int:
        if term not in self._known:
            if len(self._known) > 100_000:
                self._known.clear()
            self._known[term] = self._archive.document_frequency(term)
        return self._known[term]


@dataclass(frozen=True)
class Candidates:
    """The sentences that are weighed for a question.

    Attributes:
        question: The standalone question.
        found: What was retrieved for it.
        sentences: Of the passages that were found.
        texts: Their words.
    """

    question: str
    found: Found
    sentences: Sequence[StoredSentence]
    texts: Sequence[str]

    @property
    def passages(self) -> dict[int, Passage]:
        """The passages they stand in, by number."""
        return {hit.passage.number: hit.passage for hit in self.found.hits}


def candidates(archive: Archive, question: str, found: Found, scope: Scope | None = None) -> Candidates:
    """The sentences to weigh: of the found passages, those that are no heading, hold a word and lie in the scope.

    What an article tells the programs that read it is no evidence, unless it is asked for.
    """
    passages = {hit.passage.number: hit.passage for hit in found.hits}
    with_machine_notes = asks_of_machines(question)
    sentences, texts = [], []
    for s in archive.sentences(list(passages)):
        passage = passages[s.passage]
        start, end = s.start - passage.start, s.end - passage.start
        text = passage.text[start:end]
        if s.heading or not words(text) or not (scope or Scope()).touches(passage.article, s.start, s.end):
            continue
        if with_machine_notes or not for_machines(passage.text, start, end):
            sentences.append(s)
            texts.append(text)
    return Candidates(question, found, sentences, texts)


def sentence_features(candidates: Candidates, rarity: Rarity, interaction: LateInteraction) -> Floats:
    """One row a sentence, one column a name in `SENTENCE_FEATURES`; shape ``(sentences, 20)``."""
    question, found, sentences, texts = candidates.question, candidates.found, candidates.sentences, candidates.texts
    weights = rarity.weights(meaning_terms(question))
    hits = {hit.passage.number: hit for hit in found.hits}
    of = [hits[s.passage] for s in sentences]
    coverage_of_passage = {number: coverage(weights, stems(hit.passage.text)) for number, hit in hits.items()}
    cosines = np.array([float(s.vector @ found.vector) for s in sentences], np.float32)
    covered = np.array([coverage(weights, stems(text)) for text in texts], np.float32)
    passage_cosines = np.array([hit.dense for hit in of], np.float32)
    asked_words, kind = words(question), answer_kind(question)
    offered = [[float(offers(k, text, asked_words)) for k in _OFFERED] for text in texts]
    columns = [
        cosines, standardised(cosines), standardised(_bm25(weights, texts)), covered,
        passage_cosines, standardised(passage_cosines), standardised(np.array([hit.score for hit in of], np.float32)),
        np.array([coverage_of_passage[s.passage] for s in sentences]),
        np.array([covered[i - 1] * (i > 0 and sentences[i - 1].passage == s.passage) for i, s in enumerate(sentences)]),
        np.array([float(offers(kind, text, asked_words)) for text in texts]),
        *(np.array(row) * (kind in kinds) for row, kinds in zip(zip(*offered, strict=True), _OFFERED_FOR, strict=True)),
        np.array([math.log1p(len(text)) for text in texts]),
        *interaction.features(question, candidates.passages, sentences, weights).T,
    ]  # fmt: skip
    return np.stack([np.asarray(column, np.float32) for column in columns], axis=1)


_OFFERED: tuple[AnswerKind, ...] = ("number", "date", "person", "reason")
_OFFERED_FOR: tuple[frozenset[AnswerKind], ...] = (
    frozenset({"number"}), frozenset({"date"}), frozenset({"person", "place"}), frozenset({"reason"}),
)  # fmt: skip


def question_features(question: str, scores: Floats, features: Floats, best_passage: str) -> Floats:
    """One row about the question, a column a name in `QUESTION_FEATURES`; shape ``(26,)``.

    Args:
        question: The standalone question.
        scores: Of the sentences, shape ``(sentences,)``, at least one.
        features: Of the sentences, as `sentence_features` gives them.
        best_passage: The text that the best sentence stands in.
    """
    order = np.argsort(-scores)
    second = scores[order[1]] if len(order) > 1 else scores[order[0]] - 1
    best = dict(zip(SENTENCE_FEATURES, features[order[0]], strict=True))
    for similarity, covered, worth in LIFTED:
        best[similarity] = max(best[similarity], worth * best[covered])
    return np.array(
        [
            *best.values(), scores[order[0]], scores[order[0]] - second, min(len(stray_names(question, best_passage)), 3),
            min(len(stray_numbers(question, best_passage)), 2), answer_kind(question) == "other", min(len(meaning_terms(question)), 12),
        ],
        np.float32,
    )  # fmt: skip


def coverage(weights: Mapping[str, float], found: Sequence[str]) -> float:
    """The share of the question's weight whose stems are among those found, 0..1."""
    present = set(found)
    return sum(weight for term, weight in weights.items() if term in present) / max(sum(weights.values()), 1e-9)


def _bm25(weights: Mapping[str, float], texts: Sequence[str]) -> Floats:
    counts = [Counter(stems(text)) for text in texts]
    lengths = np.array([sum(count.values()) for count in counts], np.float32)
    typical = float(lengths.mean()) if len(lengths) else 1.0
    scores = [
        sum(
            weight * count[term] * (_K1 + 1) / (count[term] + _K1 * (1 - _B + _B * length / max(typical, 1e-9)))
            for term, weight in weights.items()
            if count[term]
        )
        for count, length in zip(counts, lengths, strict=True)
    ]
    return np.array(scores, np.float32)
