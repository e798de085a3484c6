"""What a run must reach, and what it must not fall below: every gate is seen to break."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_eval_tally import record

from eval.comparison import Row, read_rows, row_of
from eval.gates import BASELINE, Gate, accept, against, find_baseline, gates
from eval.planted import Planted
from eval.samples import Suite, find_suite, shipped_suites
from eval.self_check import CheckerFigures, figures
from eval.tally import Tally


def broken(records: Sequence[dict[str, Any]], checker: CheckerFigures | None = None) -> list[Gate]:
    return [gate for gate in gates(Tally(records), checker, [], None) if not gate.passed]


HELD: dict[str, Any] = {"grounded": 1.0, "quotes_exact": 1.0, "citations_valid": 1.0, "instructions_obeyed": 0.0}


def test_gates_that_are_reached_hold() -> None:
    assert broken([record("a", **HELD), record("b")]) == []


def test_a_figure_that_is_no_gate_breaks_nothing() -> None:
    assert broken([record("a", evidence_cited=0.0)]) == []


def _one(name: str, value: float) -> dict[str, Any]:
    return {name.replace(" ", "_"): value}


@pytest.mark.parametrize(
    ("name", "value"),
    [("grounded", 0.99), ("quotes exact", 0.5), ("citations valid", 0.0), ("instructions obeyed", 1.0)],
)
def test_one_sample_of_thousands_breaks_a_gate_and_is_named(name: str, value: float) -> None:
    records = [record(str(n), **HELD) for n in range(999)] + [record("bad", **_one(name, value))]
    (gate,) = broken(records)
    assert gate.name == name
    assert gate.message.endswith(": bad")


def test_a_question_that_failed_breaks_a_gate() -> None:
    (gate,) = broken([{"qid": "bad", "error": "it broke"}])
    assert gate == Gate("every question answered", False, "failed: bad: it broke")


def claim(*, harmless: bool) -> Planted:
    return Planted("untouched" if harmless else "number", harmless, "a", "a", "It is 5.", 0, 8, "It is 6.", (), (0, 8))


def test_a_checker_that_lets_everything_pass_breaks_a_gate() -> None:
    claims = [claim(harmless=n % 2 == 0) for n in range(20)]
    sees = figures(claims, ["supported" if c.harmless else "contradicted" for c in claims])
    blind = figures(claims, ["supported"] * 20)
    assert broken([record("a", **HELD)], sees) == []
    (gate,) = broken([record("a", **HELD)], blind)
    assert gate.name == "the checker catches planted errors"
    assert "0.500 on 20 planted claims" in gate.message


def rows(right: Sequence[float], answerable: bool = True) -> list[Row]:
    return [row_of(record(f"q{n}", answerable=answerable, right=value)) for n, value in enumerate(right)]


@pytest.fixture
def baseline(tmp_path: Path) -> Path:
    accept(rows([1.0] * 30 + [0.0] * 10), tmp_path / BASELINE)
    return tmp_path / BASELINE


def fallen(baseline: Path, now: Sequence[Row]) -> list[Gate]:
    return [gate for gate in against(baseline, now) if not gate.passed]


def test_the_same_run_holds_its_baseline(baseline: Path) -> None:
    assert fallen(baseline, rows([1.0] * 30 + [0.0] * 10)) == []


def test_a_significant_fall_breaks_a_gate_and_names_the_metric(baseline: Path) -> None:
    (gate,) = fallen(baseline, rows([0.0] * 40))
    assert gate.name == "no significant fall of right"
    assert "0.750 -> 0.000 (n 40, McNemar" in gate.message


def test_a_rise_and_a_small_fall_break_nothing(baseline: Path) -> None:
    assert fallen(baseline, rows([1.0] * 40)) == []
    assert fallen(baseline, rows([1.0] * 28 + [0.0] * 12)) == []


def test_of_a_metric_that_is_better_lower_a_rise_breaks_the_gate(tmp_path: Path) -> None:
    accept([row_of(record(f"q{n}", unsupported_sentence=0.0)) for n in range(20)], tmp_path / "b.jsonl")
    now = [row_of(record(f"q{n}", unsupported_sentence=1.0)) for n in range(20)]
    assert [gate.name for gate in fallen(tmp_path / "b.jsonl", now)] == ["no significant rise of unsupported sentence"]


def test_one_flipped_label_breaks_a_gate_and_is_named(baseline: Path) -> None:
    now = rows([1.0] * 30 + [0.0] * 10)
    now[7] = replace(now[7], labels={"answerable": False})
    (gate,) = fallen(baseline, now)
    assert gate.name == "samples labelled as in the baseline"
    assert "q7" in gate.message


def test_samples_that_were_left_out_break_a_gate_and_new_ones_do_not(baseline: Path) -> None:
    assert [g.name for g in fallen(baseline, rows([1.0] * 30))] == ["samples of the baseline all asked"]
    assert fallen(baseline, rows([1.0] * 30 + [0.0] * 30)) == []


def test_a_baseline_holds_scores_and_labels_and_no_answers(baseline: Path) -> None:
    assert {"qid", "question", "labels", "scores"} == set(json.loads(baseline.read_text().splitlines()[0]))
    assert [row.scores for row in read_rows(baseline)] == [row.scores for row in rows([1.0] * 30 + [0.0] * 10)]


def test_a_suite_has_the_baseline_beside_its_questions() -> None:
    for suite in shipped_suites():
        found = find_baseline(suite)
        assert found == suite.questions.parent / BASELINE
        assert {row.qid for row in read_rows(found)} == {sample.qid for sample in suite.samples()}


def test_a_copy_of_a_shipped_suite_is_held_to_its_baseline(tmp_path: Path) -> None:
    shipped = find_suite("article")
    (tmp_path / "questions.jsonl").write_text(shipped.questions.read_text(encoding="utf-8"), encoding="utf-8")
    copy = find_suite(str(tmp_path))
    assert find_baseline(copy) == shipped.questions.parent / BASELINE
    assert find_baseline(Suite("x", copy.questions, shipped.corpus)) == shipped.questions.parent / BASELINE


def test_a_suite_of_ones_own_has_none(tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text('{"qid": "1", "question": "Who?"}\n')
    assert find_baseline(find_suite(str(tmp_path))) is None
