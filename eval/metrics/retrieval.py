"""What is measured of the passages that were retrieved for a question, against its gold evidence.

The definitions are those of Success@k, RR@10 and nDCG@10 in `ir_measures`, over one question. A passage is relevant when it
overlaps gold evidence, which is to say that the two share a character of the same article. Recall is of stretches of evidence, and
that of `ir_measures` where each lies in a passage of its own.
"""

from __future__ import annotations

import math

from assistant.retrieval import Hit
from eval.metrics.case import Case, Score

DEEPEST = 10
"""How many hits are looked at."""
_UNSCORED = Score(None, "no gold evidence")


def hit_at_1(case: Case) -> Score:
    """1 when the first hit overlaps gold evidence; unscored for samples without any."""
    return _hit_among(1, case)


def hit_at_5(case: Case) -> Score:
    """1 when one of the first 5 hits overlaps gold evidence; unscored for samples without any."""
    return _hit_among(5, case)


def hit_at_10(case: Case) -> Score:
    """1 when one of the first 10 hits overlaps gold evidence; unscored for samples without any."""
    return _hit_among(10, case)


def mrr_at_10(case: Case) -> Score:
    """1 / the rank, from 1, of the first hit among 10 that overlaps gold evidence; 0 when none does, unscored without any.

    The mean over all questions is the mean reciprocal rank (Voorhees 1999).
    """
    if not case.sample.evidence:
        return _UNSCORED
    rank = first_gold(case)
    return Score(1 / rank if rank else 0.0, _where(rank))


def ndcg_at_10(case: Case) -> Score:
    """How early the passages with gold evidence stand among the first 10 hits, over how early they could; unscored without any.

    Normalised discounted cumulative gain with gains of 0 and 1 (Järvelin and Kekäläinen 2002); the best order has all passages of
    the index that hold gold evidence first.
    """
    if not case.sample.evidence:
        return _UNSCORED
    ranks = [rank for rank, hit in enumerate(case.hits[:DEEPEST], 1) if _is_gold(case, hit)]
    every = max(case.gold_passages, len(ranks), 1)
    ideal = sum(1 / math.log2(1 + rank) for rank in range(1, min(DEEPEST, every) + 1))
    return Score(sum(1 / math.log2(1 + rank) for rank in ranks) / ideal, _ranks(ranks, every - len(ranks)))


def recall_at_10(case: Case) -> Score:
    """The share of the stretches of gold evidence that some of the first 10 hits overlap; unscored for samples without any."""
    if not case.sample.evidence:
        return _UNSCORED
    ranks, unmet = _first_meetings(case)
    every = len(case.sample.evidence)
    return Score((every - unmet) / every, _ranks(ranks, unmet))


def first_gold(case: Case) -> int | None:
    """The rank, from 1, of the first hit among 10 that overlaps gold evidence; None when none does."""
    return next((rank for rank, hit in enumerate(case.hits[:DEEPEST], 1) if _is_gold(case, hit)), None)


def _is_gold(case: Case, hit: Hit) -> bool:
    return case.sample.is_gold(hit.passage.article, hit.passage.start, hit.passage.end)


def _first_meetings(case: Case) -> tuple[list[int], int]:
    """The ranks of the hits that overlap evidence which no earlier one does, and how much evidence no hit overlaps."""
    unmet, ranks = list(case.sample.evidence), []
    for rank, hit in enumerate(case.hits[:DEEPEST], 1):
        here = hit.passage
        left = [e for e in unmet if e.doc_id != here.article or e.end <= here.start or here.end <= e.start]
        ranks += [rank] if len(left) < len(unmet) else []
        unmet = left
    return ranks, len(unmet)


def _hit_among(deepest: int, case: Case) -> Score:
    if not case.sample.evidence:
        return _UNSCORED
    rank = first_gold(case)
    return Score(float(rank is not None and rank <= deepest), _where(rank))


def _where(rank: int | None) -> str:
    return f"rank {rank}" if rank else f"none of the first {DEEPEST} is gold"


def _ranks(ranks: list[int], unmet: int) -> str:
    found = f"ranks {', '.join(map(str, ranks))}" if ranks else "none found"
    return f"{found}; {unmet} not among the first {DEEPEST}" if unmet else found
