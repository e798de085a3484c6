"""What is measured of retrieved passages: by hand, and beside a known package."""

from __future__ import annotations

import random

import ir_measures
import pytest
from ir_measures import RR, R, Success, nDCG

from assistant import Answer
from assistant.retrieval import Hit
from assistant.types import Timings
from eval.metrics.case import Case, Score
from eval.metrics.case import Metric as Measured
from eval.metrics.registry import METRICS as ALL
from eval.metrics.retrieval import hit_at_1, hit_at_5, hit_at_10, mrr_at_10, ndcg_at_10, recall_at_10
from eval.samples import Sample
from ingest.records import Passage

GOLD = (100, 120)
NOTHING = Answer(
    question="q", standalone_question="q", outcome="not_stated", abstained=True, reason=None, missing=(), answer="", mode="quote",
    confidence=0.0, sentences=(), citations=(), nearest=(), timings_ms=Timings(),
)  # fmt: skip
METRICS: dict[str, Measured] = {m.name: m.of for m in ALL if m.group == "Retrieval" and m.of}
RANKED = (hit_at_1, hit_at_5, hit_at_10, mrr_at_10)


def sample(*evidence: tuple[int, int], article: str = "a", answerable: bool | None = True) -> Sample:
    gold = [{"doc_id": article, "start": start, "end": end} for start, end in evidence]
    return Sample.model_validate({"qid": "q", "question": "q", "answerable": answerable, "evidence": gold})


def hit(start: int, end: int, article: str = "a") -> Hit:
    return Hit(Passage(start, f"{article}{start}", article, "0" * 12, start, end, "x" * (end - start)), 1.0, 0.5, 0.0)


def others(count: int) -> list[Hit]:
    """Hits that overlap nothing of the first 1,000 characters."""
    return [hit(1000 + 10 * n, 1010 + 10 * n) for n in range(count)]


@pytest.mark.parametrize(
    ("rank", "expected"),
    [
        (1, [1.0, 1.0, 1.0, 1.0]),
        (2, [0.0, 1.0, 1.0, 1 / 2]),
        (5, [0.0, 1.0, 1.0, 1 / 5]),
        (6, [0.0, 0.0, 1.0, 1 / 6]),
        (10, [0.0, 0.0, 1.0, 1 / 10]),
        (11, [0.0, 0.0, 0.0, 0.0]),
    ],
)
def test_gold_counts_by_its_rank(rank: int, expected: list[float]) -> None:
    hits = [*others(rank - 1), hit(90, 130), *others(3)]
    assert [metric(Case(sample(GOLD), NOTHING, hits)).value for metric in RANKED] == expected


def test_the_first_of_several_gold_hits_counts() -> None:
    hits = [*others(2), hit(90, 110), hit(110, 130)]
    assert mrr_at_10(Case(sample(GOLD), NOTHING, hits)).value == pytest.approx(1 / 3)
    assert mrr_at_10(Case(sample(GOLD), NOTHING, hits)).reason == "rank 3"


def test_one_character_of_the_same_article_must_be_shared() -> None:
    assert hit_at_1(Case(sample(GOLD), NOTHING, [hit(119, 200)])).value == 1
    assert hit_at_1(Case(sample(GOLD), NOTHING, [hit(0, 101)])).value == 1
    assert hit_at_1(Case(sample(GOLD), NOTHING, [hit(120, 200)])).value == 0
    assert hit_at_1(Case(sample(GOLD), NOTHING, [hit(0, 100)])).value == 0
    assert hit_at_1(Case(sample(GOLD), NOTHING, [hit(90, 130, "b")])).value == 0


def test_any_of_the_evidence_will_do() -> None:
    assert hit_at_1(Case(sample((0, 5), (500, 505)), NOTHING, [hit(480, 600)])).value == 1


def test_nothing_retrieved_is_a_miss() -> None:
    assert [metric(Case(sample(GOLD), NOTHING, [])).value for metric in METRICS.values()] == [0.0] * 6


@pytest.mark.parametrize("answerable", [True, False, None])
def test_a_sample_without_gold_evidence_is_unscored(answerable: bool | None) -> None:
    for metric in METRICS.values():
        assert metric(Case(sample(answerable=answerable), NOTHING, others(3))).value is None


def test_every_score_carries_its_reason() -> None:
    for asked in (sample(), sample(GOLD)):
        assert all(metric(Case(asked, NOTHING, others(2))).reason for metric in METRICS.values())


def test_the_means_are_those_of_ir_measures() -> None:
    chance = random.Random(7)
    qrels, run = [], []
    ours: dict[str, list[float]] = {name: [] for name in METRICS}
    for n in range(200):
        hits = [hit(20 * i, 20 * i + 20) for i in chance.sample(range(30), chance.randint(0, 15))]
        gold = [20 * place for place in chance.sample(range(30), chance.randint(1, 3))]
        asked = sample(*((start + 5, start + 9) for start in gold))
        qrels += [ir_measures.Qrel(f"q{n}", f"a{start}", 1) for start in gold]
        run += [ir_measures.ScoredDoc(f"q{n}", h.passage.key, -rank) for rank, h in enumerate(hits)]
        for name, metric in METRICS.items():
            value = metric(Case(asked, NOTHING, hits, gold_passages=len(gold))).value
            assert value is not None
            ours[name].append(value)
    measures = {
        "Hit@1": Success @ 1, "Hit@5": Success @ 5, "Hit@10": Success @ 10, "MRR@10": RR @ 10, "nDCG@10": nDCG @ 10,
        "recall@10": R @ 10,
    }  # fmt: skip
    theirs = ir_measures.calc_aggregate(list(measures.values()), qrels, run)
    assert set(measures) == set(METRICS)
    for name, measure in measures.items():
        assert sum(ours[name]) / 200 == pytest.approx(theirs[measure]), name
    assert 0.05 < theirs[RR @ 10] < theirs[Success @ 10] < 0.95


def test_each_metric_defines_itself() -> None:
    for metric in METRICS.values():
        assert metric.__doc__
        assert "unscored" in metric.__doc__


def test_the_gain_of_evidence_is_discounted_by_the_logarithm_of_its_rank() -> None:
    two = sample((100, 120), (200, 220))
    hits = [*others(1), hit(90, 130), *others(1), hit(190, 230)]
    # (1 / log2 3 + 1 / log2 5) / (1 / log2 2 + 1 / log2 3)
    found = ndcg_at_10(Case(two, NOTHING, hits, gold_passages=2)).value
    assert found == pytest.approx((0.6309298 + 0.4306766) / 1.6309298)
    assert recall_at_10(Case(two, NOTHING, hits)).value == 1


def test_the_best_order_is_that_of_the_index_whatever_was_found() -> None:
    asked = sample((100, 110), (112, 120))
    assert ndcg_at_10(Case(asked, NOTHING, [hit(90, 130)], gold_passages=1)).value == 1
    short = ndcg_at_10(Case(asked, NOTHING, [hit(90, 111)], gold_passages=2))
    assert short.value == pytest.approx(1 / 1.6309298)
    assert short.reason == "ranks 1; 1 not among the first 10"


def test_one_passage_with_all_the_evidence_is_the_best_there_is() -> None:
    both = sample((100, 110), (112, 120))
    assert ndcg_at_10(Case(both, NOTHING, [hit(90, 130)])).value == 1
    assert recall_at_10(Case(both, NOTHING, [hit(90, 111)])) == Score(0.5, "ranks 1; 1 not among the first 10")
