"""The report of a run, from its folder alone, and its verb."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from test_eval_tally import record

from eval import self_check
from eval.baseline import BASELINE
from eval.baseline import write_baseline as accept
from eval.cli import eval_command
from eval.comparison import row_of
from eval.latency import Latency
from eval.planted import Planted
from eval.report import LATENCY, read_report, table
from eval.run_folder import ANSWERS, NOTE, QUESTIONS


def claim(number: int) -> Planted:
    harmless = number % 2 == 0
    return Planted("untouched" if harmless else "number", harmless, "a", "a", "It is 5.", 0, 8, "It is 6.", (), (0, 8))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    lines = [
        record("a", "number", answerable=True, right=1.0, evidence_cited=1.0, grounded=1.0, right_if_answered=1.0),
        record("b", "number", "draft", answerable=True, right=0.0, evidence_cited=0.0, right_if_answered=0.0),
        record("c", "near-miss", answerable=False, abstained=True, right=1.0, abstained_when_it_should=1.0, right_if_answered=0.0),
    ]  # fmt: skip
    (tmp_path / ANSWERS).write_text("".join(json.dumps(line) + "\n" for line in lines))
    (tmp_path / NOTE).write_text(json.dumps({"suite": "mine", "system": "onrecord", QUESTIONS: 3}))
    claims = [claim(n) for n in range(20)]
    self_check.write(
        self_check.figures(claims, ["supported" if c.harmless else "contradicted" for c in claims]), tmp_path
    )
    times = Latency(3, 81.6, 120.2, 15.0, 10.0, {"read": 60.0}, {"read": 90.0}, (70.0, 81.6, 120.2))
    (tmp_path / LATENCY).write_text(json.dumps(vars(times)))
    return tmp_path


def lines(run: Path) -> list[list[str]]:
    return [line.split() for line in table(read_report(run)).splitlines()]


def test_the_table_shows_figures_tags_the_checker_and_times(run: Path) -> None:
    shown = table(read_report(run)).splitlines()
    assert shown[:2] == [
        "onrecord on mine: 3 questions",
        "1 of them are drafts that nobody has corrected: delete the tag 'draft' where a sample is right",
    ]
    assert ["right", "0.667", "[0.208,", "0.939]", "3"] in lines(run)
    assert ["near-miss", "1.00", "(n", "1)", "-", "1.00", "(n", "1)"] in lines(run)
    assert ["number", "caught", "1.000", "[0.722,", "1.000]", "10"] in lines(run)
    assert "answer, warm: p50 82 ms, p95 120 ms (n 3, asked one at a time after the run)" in shown
    assert "steps, p50 / p95: read 60 / 90 ms" in shown
    assert shown[-1] == "retrieval, warm: p50 15 ms, 1.5 x a plain llama-index retriever (10 ms)"


def test_every_judged_figure_has_its_checkers_figure_beside_it(run: Path) -> None:
    beside = "checker: balanced accuracy 1.000 on 20 planted claims"
    (grounded,) = [line for line in table(read_report(run)).splitlines() if line.startswith("grounded ")]
    assert grounded.endswith(beside)
    (run / self_check.FILE).unlink()
    (grounded,) = [line for line in table(read_report(run)).splitlines() if line.startswith("grounded ")]
    assert grounded.endswith("checker: not checked")


def test_a_report_needs_the_answers_alone(run: Path) -> None:
    for name in (NOTE, LATENCY, self_check.FILE):
        (run / name).unlink()
    report = read_report(run)
    assert (report.latency, report.checker, report.note) == (None, None, {})
    assert report.figure("right").mean == pytest.approx(2 / 3)
    assert report.figure("right", "number").mean == 0.5
    assert report.figure("right", "no such tag").mean is None


def test_the_verb_writes_every_form_anew(run: Path) -> None:
    done = CliRunner().invoke(eval_command, ["report", str(run), "--beside", str(run), "--gate"])
    assert done.exit_code == 0, done.output
    assert f"report: {run / 'report.html'}" in done.stdout
    assert json.loads((run / "report.json").read_text())["figures"][0]["name"] == "right"
    assert "<html" in (run / "report.html").read_text()
    assert ElementTree.parse(run / "report.xml").getroot().tag == "testsuites"
    assert (run / "report.md").read_text().startswith("#")


def test_a_report_is_held_to_the_baseline_that_lies_in_the_run(run: Path) -> None:
    accept([row_of(record("a", answerable=False, right=1.0))], run / BASELINE)
    done = CliRunner().invoke(eval_command, ["report", str(run), "--gate", "--json"])
    assert done.exit_code == 3
    assert "asked or labelled otherwise than in the baseline: a" in done.stderr
    assert json.loads(done.stdout)["broken_gates"]


def test_what_is_no_run_is_an_error(tmp_path: Path) -> None:
    done = CliRunner().invoke(eval_command, ["report", str(tmp_path)])
    assert done.exit_code == 1
    assert "holds no answers.jsonl" in done.stderr
