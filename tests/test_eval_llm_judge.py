"""A language model's word as one more column."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fakes import YesLlm
from test_eval_tally import record

from eval.gates import Gate
from eval.llm_judge import FILE, ask_judge
from eval.report import read_report, table
from eval.run_folder import ANSWERS

QUOTE = "The quake killed 56 people."


def answered(qid: str, *sentences: str, cites: bool = True) -> dict[str, Any]:
    return record(qid) | {
        "claims": [{"text": s, "cited": "quoted", "found": "quoted", "useful": []} for s in sentences],
        "citations": [{"marker": 1, "quote": QUOTE}],
        "sentences": [{"text": s, "citations": [1] if cites else []} for s in sentences],
    }


@pytest.fixture
def run(tmp_path: Path) -> Path:
    lines = [
        answered("both", "It killed 56.", "It was on Monday."), answered("nothing"), answered("bare", "It was big.", cites=False),
        {"qid": "failed", "error": "it broke"},
    ]  # fmt: skip
    (tmp_path / ANSWERS).write_text("".join(json.dumps(line) + "\n" for line in lines))
    return tmp_path


def values(run: Path) -> dict[str, float | None]:
    return {line["qid"]: line["value"] for line in map(json.loads, (run / FILE).read_text().splitlines())}


def ask(run: Path, llm: YesLlm) -> None:
    ask_judge(llm, run, lambda *_: None)  # type: ignore[arg-type]


def test_each_claim_is_held_against_what_it_cites(run: Path) -> None:
    llm = YesLlm(yes=0.9)
    ask(run, llm)
    assert values(run) == {"both": 1.0, "nothing": None, "bare": 0.0}
    assert len(llm.asked) == 2
    assert all(QUOTE in prompt for prompt in llm.asked)
    ask(run, llm)  # what was asked is kept
    assert len(llm.asked) == 2


def test_half_a_line_is_asked_again(run: Path) -> None:
    ask(run, YesLlm(yes=0.9))
    whole = (run / FILE).read_text()
    (run / FILE).write_text(whole[:-5])
    ask(run, YesLlm(yes=0.9))
    assert (run / FILE).read_text() == whole


def test_its_figure_is_shown_and_is_no_gate(run: Path) -> None:
    ask(run, YesLlm(yes=0.1))
    report = read_report(run)
    assert report.llm_judge
    assert (report.llm_judge.n, report.llm_judge.mean) == (2, 0.0)
    assert "grounded, language model" in table(report)
    broken: list[Gate] = report.broken
    assert "every question answered" in [gate.name for gate in broken]
    assert not any("language model" in gate.name for gate in report.gates)
