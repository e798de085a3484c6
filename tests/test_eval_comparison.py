"""Two runs beside each other."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_eval_tally import record

from eval.cli import eval_command
from eval.comparison import compare, read_rows, row_of, show
from eval.run_folder import ANSWERS, NOTE, QUESTIONS
from ingest.errors import DatasetError


def test_differences_are_over_samples_scored_in_both() -> None:
    base = [row_of(record("a", right=1.0)), row_of(record("b", right=1.0)), row_of(record("c"))]
    run = [row_of(record("a", right=0.0)), row_of(record("b")), row_of(record("d", right=1.0))]
    found = compare(base, run)
    (right,) = found.differences
    assert (right.name, right.n, right.base, right.run) == ("right", 1, 1.0, 0.0)
    assert (found.only_base, found.only_run) == (("c",), ("d",))


def test_samples_that_changed_are_listed() -> None:
    found = compare(
        [row_of(record("a", right=1.0, citation_recall=0.5))], [row_of(record("a", right=0.0, citation_recall=1.0))]
    )
    assert [(change.qid, change.metric, change.base, change.run) for change in found.changes] == [
        ("a", "right", 1.0, 0.0)
    ]
    assert "right 1 -> 0: a: a?" in show(found)


def test_runs_without_a_sample_in_common_say_so() -> None:
    shown = show(compare([row_of(record("a", right=1.0))], [row_of(record("b", right=1.0))]))
    assert "no sample is scored in both" in shown
    assert "only in base: a" in shown


def folder(path: Path, *values: float, questions: int | None = None, failed: bool = False) -> Path:
    path.mkdir()
    lines = [json.dumps(record(f"q{n}", answerable=True, right=value)) for n, value in enumerate(values)]
    lines += [json.dumps({"qid": "x", "error": "it broke"})] if failed else []
    (path / ANSWERS).write_text("".join(f"{line}\n" for line in lines))
    (path / NOTE).write_text(json.dumps({QUESTIONS: len(lines) if questions is None else questions}))
    return path


def test_the_verb_compares_two_folders_or_a_baseline(tmp_path: Path) -> None:
    base, run = folder(tmp_path / "base", 1, 1, 1), folder(tmp_path / "run", 1, 0, 0)
    done = CliRunner().invoke(eval_command, ["compare", str(base), str(run)])
    assert done.exit_code == 0, done.output
    assert "right 1 -> 0: q1: q1?" in done.stdout
    assert "McNemar" in done.stdout
    kept = tmp_path / "baseline.jsonl"
    assert CliRunner().invoke(eval_command, ["accept", str(base), "--to", str(kept)]).exit_code == 0
    again = CliRunner().invoke(eval_command, ["compare", str(kept), str(run), "--json"])
    assert json.loads(again.stdout)["differences"][0]["run"] == pytest.approx(1 / 3)
    assert len(read_rows(kept)) == 3


def test_what_is_no_run_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"holds no answers\.jsonl"):
        read_rows(tmp_path)
    (tmp_path / ANSWERS).write_text('{"qid": ')
    with pytest.raises(DatasetError, match="cut short"):
        read_rows(tmp_path)
    done = CliRunner().invoke(eval_command, ["compare", str(tmp_path / "none"), str(tmp_path)])
    assert done.exit_code == 1


def test_a_baseline_that_cannot_be_written_or_read_is_an_error(tmp_path: Path) -> None:
    run = folder(tmp_path / "run", 1)
    (tmp_path / "file").write_text('{"qid": "x"}\n')
    done = CliRunner().invoke(eval_command, ["accept", str(run), "--to", str(tmp_path / "file" / "b.jsonl")])
    assert done.exit_code == 1
    assert "name another file" in done.stderr
    assert (
        CliRunner().invoke(eval_command, ["accept", str(run), "--to", str(tmp_path / "new" / "b.jsonl")]).exit_code == 0
    )
    with pytest.raises(DatasetError, match="file:1: is no line of a baseline"):
        read_rows(tmp_path / "file")
    with pytest.raises(DatasetError, match=r"holds no answers\.jsonl"):
        read_rows(run / ANSWERS / "x")
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(DatasetError, match="holds no line of a baseline"):
        read_rows(tmp_path / "empty")


@pytest.mark.parametrize(
    ("values", "questions", "failed", "told"),
    [
        ((), 0, False, "has no answer"),
        ((), 2, False, "only 0 of its 2 questions were asked"),
        ((1.0,), 2, False, "only 1 of its 2 questions were asked"),
        ((1.0,), None, True, "its question x failed"),
    ],
)
def test_a_run_that_is_not_whole_is_no_baseline(
    tmp_path: Path, values: tuple[float, ...], questions: int | None, failed: bool, told: str
) -> None:
    run = folder(tmp_path / "run", *values, questions=questions, failed=failed)
    done = CliRunner().invoke(eval_command, ["accept", str(run), "--to", str(tmp_path / "b.jsonl")])
    assert done.exit_code == 1
    assert told in done.stderr
    assert not (tmp_path / "b.jsonl").exists()


def test_samples_that_are_asked_or_labelled_otherwise_are_left_out_and_named() -> None:
    base = [row_of(record(qid, answerable=True, right=1.0)) for qid in ("a", "b", "c")]
    run = [row_of(record("a", answerable=True, right=0.0)), row_of(record("b", "date", answerable=True, right=0.0)),
           replace(row_of(record("c", answerable=True, right=0.0)), question="Who?")]  # fmt: skip
    found = compare(base, run)
    assert found.relabelled == ("b", "c")
    assert [(d.name, d.n) for d in found.differences] == [("right", 1)]
    assert [change.qid for change in found.changes] == ["a"]
    assert "labelled otherwise, and left out: b, c" in show(found)
