"""What records come to."""

from __future__ import annotations

from typing import Any

from eval.metrics.registry import METRICS
from eval.tally import Tally


def record(
    qid: str, *tags: str, answerable: bool | None = None, abstained: bool = False, turns: int = 1, **values: float
) -> dict[str, Any]:
    """A line of a run: scores by the metric's name with underscores."""
    scores = {m.name: {"value": values.get(m.name.replace(" ", "_")), "reason": "because"} for m in METRICS if m.of}
    sample: dict[str, Any] = {} if answerable is None else {"answerable": answerable}
    sample |= {"history": [{"q": "", "a": ""}] * (turns - 1)} if turns > 1 else {}
    return {
        "qid": qid, "question": f"{qid}?", "answer": "a", "tags": list(tags), "sample": sample, "scores": scores,
        "standalone_question": f"{qid}?", "outcome": "not_stated" if abstained else "answered", "abstained": abstained,
        "reason": None, "confidence": 0.5, "sentences": [], "claims": [], "citations": [], "nearest": [], "retrieved": [], "missing": [],
        "timings_ms": {"search": 1.0, "total": 2.0},
    }  # fmt: skip


def test_figures_leave_the_unscored_out() -> None:
    records = [record("a", grounded=1.0), record("b", grounded=0.0), record("c"), {"qid": "d", "error": "it broke"}]
    tally = Tally(records)
    found = {f.name: f for f in tally.figures()}
    assert (found["grounded"].n, found["grounded"].mean) == (2, 0.5)
    assert (found["evidence cited"].n, found["evidence cited"].mean) == (0, None)
    assert (tally.count, tally.failed) == (4, [("d", "it broke")])


def test_every_metric_has_a_figure_in_their_order() -> None:
    assert [f.name for f in Tally().figures()] == [m.name for m in METRICS]


def test_a_tag_that_stands_twice_counts_once() -> None:
    (found,) = [f for f in Tally([record("a", "date", "date", grounded=1.0)]).figures("date") if f.name == "grounded"]
    assert found.n == 1


def test_turns_are_told_apart() -> None:
    tally = Tally([record("a", grounded=1.0), record("b", turns=3, grounded=0.0)])
    assert tally.tags == ["turn 1", "turn 3"]
    assert {f.name: f.mean for f in tally.figures("turn 3")}["grounded"] == 0


def test_what_is_measured_of_a_whole_run_stands_with_the_decisions() -> None:
    records = [
        record("a", answerable=True, right_if_answered=1.0),
        record("b", answerable=False, abstained=True, right_if_answered=0.0),
        record("c"),
    ]
    tally = Tally(records)
    assert len(tally.decisions) == 2
    found = {f.name: f for f in tally.figures()}
    assert found["abstention F1"].mean == 1
    assert found["Brier"].mean == 0.25
    assert "Brier" not in {f.name for f in tally.figures("turn 1")}


def test_drafts_are_counted() -> None:
    assert Tally([record("a", "draft"), record("b", "fact")]).drafts == 1


def test_of_many_that_miss_a_gate_ten_are_named() -> None:
    tally = Tally([record("good", grounded=1.0), *(record(f"bad{n}", grounded=0.5) for n in range(15))])
    assert tally.short_of("grounded") == [f"bad{n}" for n in range(10)]
    assert Tally([record("a", instructions_obeyed=1.0)]).short_of("instructions obeyed") == ["a"]
