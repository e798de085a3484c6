"""What is measured of the passages that were retrieved for a question, against its gold evidence.

The definitions are those of Success@k and RR@10 in `ir_measures`, over one question; a relevant document is a hit that
overlaps gold evidence, which is to say that the two share a character of the same article.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from assistant.retrieval import Hit
from eval.answer_metrics import Score
from eval.samples import Sample

DEEPEST = 10
"""How many hits are looked at."""


def hit_at_1(sample: Sample, hits: Sequence[Hit]) -> Score:
    """1 when the first hit overlaps gold evidence; unscored for samples without any."""
    return _hit_among(1, sample, hits)


def hit_at_5(sample: Sample, hits: Sequence[Hit]) -> Score:
    """1 when one of the first 5 hits overlaps gold evidence; unscored for samples without any."""
    return _hit_among(5, sample, hits)


def hit_at_10(sample: Sample, hits: Sequence[Hit]) -> Score:
    """1 when one of the first 10 hits overlaps gold evidence; unscored for samples without any."""
    return _hit_among(10, sample, hits)


def mrr_at_10(sample: Sample, hits: Sequence[Hit]) -> Score:
    """1 / the rank, from 1, of the first hit among 10 that overlaps gold evidence; 0 when none does, unscored without any.

    The mean over all questions is the mean reciprocal rank (Voorhees 1999).
    """
    if not sample.evidence:
        return Score(None, "no gold evidence")
    rank = first_gold(sample, hits)
    return Score(1 / rank if rank else 0.0, _where(rank))


Metric = Callable[[Sample, Sequence[Hit]], Score]
METRICS: Mapping[str, Metric] = {"Hit@1": hit_at_1, "Hit@5": hit_at_5, "Hit@10": hit_at_10, "MRR@10": mrr_at_10}


def first_gold(sample: Sample, hits: Sequence[Hit]) -> int | None:
    """The rank, from 1, of the first hit among 10 that overlaps gold evidence; None when none does."""
    places = (hit.passage for hit in hits[:DEEPEST])
    return next((rank for rank, p in enumerate(places, 1) if sample.is_gold(p.article, p.start, p.end)), None)


def _hit_among(deepest: int, sample: Sample, hits: Sequence[Hit]) -> Score:
    if not sample.evidence:
        return Score(None, "no gold evidence")
    rank = first_gold(sample, hits)
    return Score(float(rank is not None and rank <= deepest), _where(rank))


def _where(rank: int | None) -> str:
    return f"rank {rank}" if rank else f"none of the first {DEEPEST} is gold"
