"""Judging the judge: pairs in, verdicts and agreement out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fakes import ListeningClaims

from assistant.grounding.judge import Judge
from assistant.settings import GroundingSettings
from eval.cli import eval_command
from eval.grounding import Pair, agreement, judge_pairs, read_pairs, show
from ingest.errors import DatasetError

CONTEXT = "The ferry left at dawn and carried 212 people. The growers lost their whole crop of apples."
PAIRS = [
    {"id": "a", "context": CONTEXT, "claim": "The ferry left at dawn and carried 212 people.", "label": 1},
    {
        "id": "b",
        "context": CONTEXT,
        "claim": "The ferry left at dawn and carried 12 people.",
        "label": 0,
        "meta": {"kind": "number"},
    },
    {
        "id": "c",
        "context": CONTEXT,
        "claim": "The growers lost 9 tonnes.",
        "label": None,
        "meta": {"faithfulness_ratings": [1, 2]},
    },
]


def write(path: Path, records: list[Any]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return path


def test_every_pair_gets_a_verdict_a_score_and_reasons(tmp_path: Path) -> None:
    pairs = read_pairs(write(tmp_path / "pairs.jsonl", PAIRS))
    told: list[tuple[str, int, int | None]] = []
    found = judge_pairs(
        Judge(ListeningClaims(), GroundingSettings()), pairs, tmp_path / "out", lambda *progress: told.append(progress)
    )
    lines = [json.loads(line) for line in (tmp_path / "out" / "verdicts.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == ["a", "b", "c"]
    assert [line["verdict"] for line in lines][:2] == ["quoted", "contradicted"]
    assert lines[1]["reasons"][0] == {"kind": "number", "claim": "12", "evidence": "212"}
    assert lines[0]["score"] > 0.5 > lines[1]["score"]
    assert (found.pairs, found.labelled, found.balanced_accuracy, found.auroc) == (3, 2, 1.0, 1.0)
    assert [(k.name, k.n, k.mean) for k in found.kinds] == [("number (caught)", 1, 1.0)]
    assert told[-1] == ("pairs", 3, 3)


def test_grades_are_compared_by_rank() -> None:
    pairs = [Pair(str(i), "c", "x", None, float(i), None) for i in range(4)]
    found = agreement(pairs, [0.1, 0.2, 0.3, 0.9], [False, False, False, True], 1.0)
    assert found.spearman == pytest.approx(1)
    assert found.balanced_accuracy is None
    assert "Spearman            1.000" in show(found)


def test_a_judge_that_misses_an_error_is_shown_to(tmp_path: Path) -> None:
    pairs = [Pair("a", "c", "x", 0, None, "name"), Pair("b", "c", "y", 1, None, "case")]
    found = agreement(pairs, [0.9, 0.9], [True, True], 1.0)
    assert found.balanced_accuracy == 0.5
    assert {(k.name, k.mean) for k in found.kinds} == {("name (caught)", 0.0), ("case (passed)", 1.0)}


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"id": "a", "context": "c"}, "field 'claim' must be a text"),
        ({"id": "a", "context": "c", "claim": "x", "label": 2}, "field 'label' must be 1"),
        ({"id": "a", "context": "c", "claim": "x", "label": 0.5}, "field 'label' must be 1"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, record: dict[str, Any], message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        read_pairs(write(tmp_path / "pairs.jsonl", [record]))


def test_an_id_that_comes_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="a second time"):
        read_pairs(write(tmp_path / "pairs.jsonl", [PAIRS[0], PAIRS[0]]))


def test_the_verb_needs_no_article(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.grounding.judge.load_claims", lambda name: ListeningClaims())
    pairs = write(tmp_path / "pairs.jsonl", PAIRS)
    done = CliRunner().invoke(
        eval_command,
        ["grounding", str(pairs), "--out", str(tmp_path / "out"), "--home", str(tmp_path / "none"), "--json"],
    )
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["balanced_accuracy"] == 1.0
    assert (tmp_path / "out" / "agreement.json").is_file()
