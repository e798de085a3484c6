"""What a run must reach, and what it must not fall below: every gate is seen to break."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from test_eval_tally import record

from eval.baseline import BASELINE, find_baseline
from eval.baseline import write_baseline as accept
from eval.comparison import Row, read_rows, row_of
from eval.gates import Gate, against, gates
from eval.metrics.registry import METRICS
from eval.planted import Planted
from eval.run_folder import add_judge
from eval.samples import Suite, find_suite, shipped_suites
from eval.self_check import CheckerFigures, figures
from eval.tally import Tally
from ingest.errors import DatasetError


def claim(*, harmless: bool, kind: str = "number") -> Planted:
    named = "untouched" if harmless else kind
    return Planted(named, harmless, "a", "a", "It is 5.", 0, 8, "It is 6.", (), (0, 8))


def checked(*errors: tuple[str, str], harmless: int = 20) -> CheckerFigures:
    """Of errors by kind and verdict, and of so many harmless claims that pass."""
    claims = [claim(harmless=False, kind=kind) for kind, _ in errors] + [claim(harmless=True)] * harmless
    return figures(claims, [verdict for _, verdict in errors] + ["supported"] * harmless)


SEES = checked(*[("number", "contradicted")] * 20)


def broken(
    records: Sequence[dict[str, Any]], checker: CheckerFigures | None = SEES, questions: int | None = -1
) -> list[Gate]:
    asked = len(records) if questions == -1 else questions
    return [gate for gate in gates(Tally(records), checker, [], None, asked) if not gate.passed]


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
    (gate,) = broken([{"qid": "bad", "error": "it broke"}], None)
    assert gate == Gate("every question answered", False, "failed: bad: it broke")


def test_a_checker_that_lets_everything_pass_breaks_both_of_its_gates() -> None:
    assert broken([record("a", **HELD)], SEES) == []
    whole, kinds = broken([record("a", **HELD)], checked(*[("number", "supported")] * 20))
    assert whole.name == "the checker catches planted errors"
    assert "0.500 on 40 planted claims" in whole.message
    assert kinds.message == "significantly below 0.9: number 0.00 (n 20)"


def test_a_checker_that_misses_one_kind_breaks_a_gate_and_one_miss_does_not() -> None:
    sees = [("date", "contradicted")] * 30
    (gate,) = broken([record("a", **HELD)], checked(*sees, *[("speaker", "supported")] * 2))
    assert gate.name == "the checker tells every kind of claim"
    assert gate.message == "significantly below 0.9: speaker 0.00 (n 2)"
    assert broken([record("a", **HELD)], checked(*sees, ("speaker", "supported"))) == []


def test_a_checker_that_was_not_checked_breaks_a_gate_where_it_judged() -> None:
    for checker in (None, checked(harmless=3), figures([], [])):
        (gate,) = broken([record("a", **HELD)], checker)
        assert gate.name == "the checker catches planted errors"
        assert "was not checked" in gate.message
        assert broken([record("a", right=0.0)], checker) == []


def test_a_run_that_did_not_ask_every_question_breaks_a_gate() -> None:
    assert [gate.message for gate in broken([], None, 2)] == ["0 of 2"]
    assert [gate.message for gate in broken([record("a")], None, 2)] == ["1 of 2"]
    assert ["run.json does not say" in gate.message for gate in broken([record("a")], None, None)] == [True]


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
    assert "0.750 → 0.000 (n 40, permutation test, corrected p" in gate.message


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


@pytest.mark.parametrize(
    "change",
    [
        {"question": "Who else?"}, {"labels": {"answerable": True, "tags": ["date"]}},
        {"labels": {"answerable": True, "tags": [], "missing": ["why"]}},
        {"labels": {"answerable": True, "tags": [], "history": [{"q": "a", "a": "b"}]}},
    ],
)  # fmt: skip
def test_a_sample_that_is_asked_otherwise_breaks_a_gate(baseline: Path, change: dict[str, Any]) -> None:
    now = rows([1.0] * 30 + [0.0] * 10)
    now[7] = replace(now[7], **change)
    assert [gate.name for gate in fallen(baseline, now)] == ["samples labelled as in the baseline"]


def test_a_figure_that_is_gone_breaks_a_gate(tmp_path: Path) -> None:
    accept([row_of(record("a", right=1.0, speaker_right=0.0))], tmp_path / "b.jsonl")
    (gate,) = fallen(tmp_path / "b.jsonl", [row_of(record("a", right=1.0))])
    assert gate.name == "figures of the baseline all measured"
    assert gate.message.startswith("scored in no sample: speaker right;")


def test_what_is_of_too_few_samples_to_fall_significantly_decides_nothing(tmp_path: Path) -> None:
    def run(right: float, date: float) -> list[Row]:
        few = [row_of(record(f"d{n}", right=right, date_right=date)) for n in range(4)]
        return few + [row_of(record(f"q{n}", right=right)) for n in range(20)]

    accept(run(1.0, 1.0), tmp_path / "b.jsonl")
    gates = {gate.name: gate for gate in against(tmp_path / "b.jsonl", run(1.0, 0.0))}
    assert (gates["no significant fall of date right"].passed, gates["no significant fall of date right"].decides) == (
        True,
        False,
    )
    assert "too few" in gates["no significant fall of date right"].message
    assert gates["no significant fall of right"].decides
    assert [g.name for g in fallen(tmp_path / "b.jsonl", run(0.0, 1.0))] == ["no significant fall of right"]


def test_what_decides_nothing_does_not_weaken_the_others(tmp_path: Path) -> None:
    names = [
        m.name.replace(" ", "_")
        for m in METRICS
        if m.of and m.gate is None and not m.lower_is_better and m.name != "right"
    ]

    one: dict[str, Any] = dict.fromkeys(names, 1.0)

    def run(right: float) -> list[Row]:
        few = [row_of(record(f"d{n}", **one)) for n in range(3)]
        return few + [row_of(record(f"q{n}", right=right)) for n in range(5)]

    accept(run(1.0), tmp_path / "b.jsonl")  # five of five lost: p .03
    assert [g.name for g in fallen(tmp_path / "b.jsonl", run(0.0))] == ["no significant fall of right"]


@pytest.mark.parametrize(("samples", "breaks"), [(5, True), (4, False)])
def test_where_every_figure_is_lost_in_five_samples_every_gate_breaks(
    tmp_path: Path, samples: int, breaks: bool
) -> None:
    names = [m.name.replace(" ", "_") for m in METRICS if m.of and m.gate is None and not m.lower_is_better]

    def run(value: float) -> list[Row]:
        scores: dict[str, Any] = dict.fromkeys(names, value)
        return [row_of(record(f"q{n}", **scores)) for n in range(samples)]

    accept(run(1.0), tmp_path / "b.jsonl")
    found = [gate for gate in against(tmp_path / "b.jsonl", run(0.0)) if gate.name.startswith("no significant")]
    assert len(found) == len(names) > 20
    assert {(gate.passed, gate.decides) for gate in found} == {(not breaks, breaks)}


@pytest.mark.parametrize(("scored", "breaks"), [(39, False), (20, False), (19, True), (1, True)])
def test_a_figure_that_is_scored_in_less_than_half_of_its_samples_breaks_a_gate(
    tmp_path: Path, scored: int, breaks: bool
) -> None:
    accept([row_of(record(f"q{n}", right=1.0, speaker_right=1.0)) for n in range(40)], tmp_path / "b.jsonl")
    whole: dict[str, Any] = {"right": 1.0, "speaker_right": 1.0}
    now = [row_of(record(f"q{n}", **(whole if n < scored else {"right": 1.0}))) for n in range(40)]
    found = fallen(tmp_path / "b.jsonl", now)
    assert [gate.name for gate in found] == ["figures of the baseline measured in its samples"] * breaks
    assert all(f"speaker right ({scored} of 40);" in gate.message for gate in found)


def test_samples_that_were_left_out_break_a_gate_and_new_ones_do_not(baseline: Path) -> None:
    assert [g.name for g in fallen(baseline, rows([1.0] * 30))] == ["samples of the baseline all asked"]
    assert fallen(baseline, rows([1.0] * 30 + [0.0] * 30)) == []


def test_a_baseline_holds_scores_and_labels_and_no_answers(baseline: Path) -> None:
    assert {"qid", "question", "labels", "scores"} == set(json.loads(baseline.read_text().splitlines()[0]))
    assert [row.scores for row in read_rows(baseline)] == [row.scores for row in rows([1.0] * 30 + [0.0] * 10)]


@pytest.mark.parametrize("file", [BASELINE, "run.json"])
def test_a_write_that_breaks_off_leaves_the_old_file(
    baseline: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    to = baseline.with_name(file)
    to.write_text(before := '{"questions": 40}\n')
    monkeypatch.setattr("pathlib.Path.replace", Mock(side_effect=OSError(28, "No space left on device")))
    with pytest.raises(DatasetError, match="No space left"):
        accept(rows([0.0]), to) if file == BASELINE else add_judge(to.parent, "a model")
    assert to.read_text() == before
    assert {path.name for path in to.parent.iterdir()} == {BASELINE, file}


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
