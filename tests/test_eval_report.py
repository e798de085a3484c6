"""Figures of a run."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.answer_metrics import METRICS
from eval.report import beside, broken_gates, figure, figures, summary, table


def record(qid: str, *tags: str, total: float = 10.0, **values: float | None) -> dict[str, Any]:
    scores = {name: {"value": values.get(name.replace(" ", "_")), "reason": "because"} for name in METRICS}
    return {"qid": qid, "scores": scores, "tags": list(tags), "timings_ms": {"total": total}}


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
    found = figure("x", [1.0] * hits + [0.0] * (n - hits))
    assert found.n == n
    assert found.mean == pytest.approx(hits / n)
    assert found.low == pytest.approx(low, abs=2e-5)
    assert found.high == pytest.approx(high, abs=2e-5)


def test_nothing_scored_is_no_figure() -> None:
    assert figure("x", []).n == 0


@given(st.lists(st.floats(0, 1), min_size=1))
def test_the_mean_lies_in_its_interval(values: list[float]) -> None:
    found = figure("x", values)
    assert found.mean is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.mean + 1e-9
    assert found.mean - 1e-9 <= found.high <= 1


def test_figures_leave_the_unscored_out() -> None:
    records = [record("a", grounded=1.0), record("b", grounded=0.0), record("c"), {"qid": "d", "error": "it broke"}]
    found = {f.name: f for f in figures(records)}
    assert (found["grounded"].n, found["grounded"].mean) == (2, 0.5)
    assert found["evidence cited"].n == 0


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


def test_the_table_shows_figures_tags_and_times() -> None:
    records = [
        record("a", "number", total=10, evidence_cited=1.0),
        record("b", "number", "date", total=30, evidence_cited=0.0),
        record("c", "unanswerable", total=20, abstained_when_it_should=1.0),
    ]
    lines = table(records).splitlines()
    assert lines[1].split() == ["evidence", "cited", "0.500", "[0.095,", "0.905]", "2"]
    assert ["number", "0.50", "(n", "2)", "-"] in [line.split() for line in lines]
    assert ["unanswerable", "-", "1.00", "(n", "1)"] in [line.split() for line in lines]
    assert lines[-1] == "answer, warm: p50 20 ms, p95 30 ms (n 3)"


def test_the_table_of_nothing_is_empty_but_for_its_head() -> None:
    assert len(table([]).splitlines()) == 1
    assert len(table([{"qid": "a", "error": "x"}]).splitlines()) == 1


def test_our_time_stands_beside_that_of_a_plain_retriever() -> None:
    assert beside([record("a", total=30)], 20.0).startswith(", 1.5 x a plain llama-index retriever (20 ms")
    assert beside([], 20.0) == beside([record("a")], None) == ""


def test_a_summary_keeps_what_the_figures_need_alone() -> None:
    whole = {**record("a", "number"), "answer": "…", "retrieved": []}
    assert table([summary(whole)]) == table([whole])
    assert "answer" not in summary(whole)
    assert broken_gates([summary({"qid": "a", "error": "x"})]) == ["a failed: x"]


def test_a_figure_of_nothing_is_not_shown_as_a_number() -> None:
    found = figure("x", [])
    assert all(value is None or math.isnan(value) for value in (found.mean, found.low, found.high))
