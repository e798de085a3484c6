"""Figures of a run."""

from __future__ import annotations

import pickle
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.latency import Latency
from eval.report import NAMES, Tally, figure, table


def record(qid: str, *tags: str, **values: float | None) -> dict[str, Any]:
    scores = {name: {"value": values.get(re.sub(r"\W", "_", name).lower()), "reason": "because"} for name in NAMES}
    return {"qid": qid, "scores": scores, "tags": list(tags)}


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (8, 10, 0.4901625, 0.9433178),  # statsmodels.stats.proportion.proportion_confint(8, 10, method="wilson")
        (0, 10, 0.0, 0.2775328),
        (10, 10, 0.7224672, 1.0),
        (81, 263, 0.2552951, 0.3662012),  # Newcombe 1998, table I: 0.2553 to 0.3662
    ],
)
def test_the_interval_is_wilsons(hits: int, n: int, low: float, high: float) -> None:
    found = figure("x", n, hits)
    assert found.n == n
    assert found.mean == pytest.approx(hits / n)
    assert found.low == pytest.approx(low, abs=2e-5)
    assert found.high == pytest.approx(high, abs=2e-5)


def test_nothing_scored_is_no_figure() -> None:
    assert figure("x", 0, 0).n == 0


@given(st.lists(st.floats(0, 1), min_size=1))
def test_the_mean_lies_in_its_interval(values: list[float]) -> None:
    found = figure("x", len(values), sum(values))
    assert found.mean is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.mean + 1e-9
    assert found.mean - 1e-9 <= found.high <= 1


def broken_gates(records: list[dict[str, Any]]) -> list[str]:
    return Tally(records).broken_gates()


def test_figures_leave_the_unscored_out() -> None:
    records = [record("a", grounded=1.0), record("b", grounded=0.0), record("c"), {"qid": "d", "error": "it broke"}]
    found = {f.name: f for f in Tally(records).figures()}
    assert (found["grounded"].n, found["grounded"].mean) == (2, 0.5)
    assert found["evidence cited"].n == 0


def test_answers_and_what_was_retrieved_for_them_have_figures() -> None:
    assert [f.name for f in Tally().figures()][:1] == ["evidence cited"]
    assert [f.name for f in Tally().figures()][-4:] == ["Hit@1", "Hit@5", "Hit@10", "MRR@10"]


def test_gates_that_are_reached_are_not_broken() -> None:
    assert broken_gates([record("a", grounded=1.0, quotes_exact=1.0, citations_valid=1.0), record("b")]) == []


def test_a_figure_that_is_no_gate_breaks_nothing() -> None:
    assert broken_gates([record("a", evidence_cited=0.0)]) == []


def test_a_broken_gate_names_its_samples() -> None:
    records = [record("good", quotes_exact=1.0), record("bad", quotes_exact=0.5), record("unscored")]
    assert broken_gates(records) == ["quotes exact is 0.750, must be 1.0: bad"]


def test_a_figure_just_under_its_gate_is_broken() -> None:
    records = [record(str(n), grounded=1.0) for n in range(5999)] + [record("bad", grounded=0.99)]
    assert len(broken_gates(records)) == 1


def test_a_question_that_failed_breaks_the_gates() -> None:
    assert broken_gates([{"qid": "bad", "error": "it broke"}]) == ["bad failed: it broke"]


def test_of_many_that_break_a_gate_ten_are_named() -> None:
    failed = [{"qid": f"f{n}", "error": "it broke"} for n in range(15)]
    lines = broken_gates(failed + [record(f"bad{n}", grounded=0.0) for n in range(15)])
    assert lines[9:11] == ["f9 failed: it broke", "5 more failed"]
    assert lines[11].startswith("grounded is 0.000")
    assert lines[11].endswith("bad8, bad9")
    assert len(lines) == 12


def test_a_tally_does_not_grow_with_the_records() -> None:
    def size(tally: Tally) -> int:
        return len(pickle.dumps(tally))

    records = [record(f"{n:04}", "number", grounded=0.5, quotes_exact=1.0) for n in range(3000)]
    assert size(Tally(records)) < size(Tally(records[:100])) + 100


def test_the_table_shows_figures_and_tags() -> None:
    records = [
        record("a", "number", evidence_cited=1.0),
        record("b", "number", "date", evidence_cited=0.0),
        record("c", "unanswerable", abstained_when_it_should=1.0),
        record("d", hit_1=0.0, mrr_10=0.25),
    ]
    lines = table(Tally(records)).splitlines()
    assert lines[1].split() == ["evidence", "cited", "0.500", "[0.095,", "0.905]", "2"]
    assert ["MRR@10", "0.250"] in [line.split()[:2] for line in lines]
    assert ["number", "0.50", "(n", "2)", "-"] in [line.split() for line in lines]
    assert ["unanswerable", "-", "1.00", "(n", "1)"] in [line.split() for line in lines]


def test_a_tag_that_stands_twice_counts_once() -> None:
    (found,) = [f for f in Tally([record("a", "date", "date", grounded=1.0)]).figures("date") if f.name == "grounded"]
    assert found.n == 1


def test_the_table_of_nothing_is_empty_but_for_its_head() -> None:
    assert len(table(Tally()).splitlines()) == 1
    assert len(table(Tally([{"qid": "a", "error": "x"}])).splitlines()) == 1


def test_the_table_shows_how_long_one_question_takes_and_that_retrieval_is_compared() -> None:
    lines = table(Tally(), Latency(100, 81.6, 120.2, 15.0, 10.0)).splitlines()
    assert lines[-2] == "answer, warm: p50 82 ms, p95 120 ms (n 100, asked one at a time after the run)"
    assert lines[-1] == "retrieval, warm: p50 15 ms, 1.5 x a plain llama-index retriever (10 ms)"


def test_retrieval_that_has_no_peer_stands_alone() -> None:
    assert table(Tally(), Latency(9, 80.0, 90.0, 15.0, None)).splitlines()[-1] == "retrieval, warm: p50 15 ms"


def test_a_figure_of_nothing_is_not_shown_as_a_number() -> None:
    found = figure("x", 0, 0)
    assert all(value is None for value in (found.mean, found.low, found.high))
