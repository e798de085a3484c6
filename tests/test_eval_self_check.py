"""Errors planted in a run's own right answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.grounding.evidence_text import EvidenceText
from assistant.grounding.judge import Judge, Judgement
from assistant.settings import GroundingSettings
from eval.planted import Text, plant
from eval.samples import Suite
from eval.self_check import check_checker, figures, read, right_spans, write

TEXT = (
    "The bridge of Saltby was opened on 3 May 1978 by the mayor. It cost 31 million crowns and carries 6,200 cars a day. "
    "The council said that it would never be closed again. About 400 people came to the feast on Sunday."
)


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    (tmp_path / "corpus.jsonl").write_text(json.dumps({"doc_id": "bridge", "title": None, "text": TEXT}) + "\n")
    return Suite("mine", tmp_path / "questions.jsonl", tmp_path / "corpus.jsonl")


def answered(value: float | None, start: int, end: int) -> dict[str, Any]:
    return {
        "scores": {"evidence cited": {"value": value, "reason": ""}},
        "citations": [
            {"article": "bridge", "start": start, "end": end},
            {"article": "bridge", "start": None, "end": None},
        ],
    }


def test_only_right_answers_are_planted_in() -> None:
    records = [answered(1.0, 0, 10), answered(0.0, 20, 30), answered(None, 40, 50), {"qid": "x", "error": "it broke"}]
    assert right_spans(records) == {"bridge": [(0, 10)]}


def test_claims_are_made_of_the_sentences_that_are_named_alone() -> None:
    first = 0, TEXT.index(" It cost")
    claims = plant([Text("bridge", None, TEXT)], within={"bridge": [first]})
    assert {claim.original for claim in claims if claim.kind != "joined"} == {TEXT[slice(*first)]}
    assert not plant([Text("bridge", None, TEXT)], within={})
    assert len(plant([Text("bridge", None, TEXT)])) > len(claims)


class Blind(Judge):
    """Supports everything."""

    def __init__(self) -> None:
        super().__init__(None, GroundingSettings())

    def judge_texts(self, texts: Any) -> list[Judgement]:
        return [Judgement("supported", 1.0) for _ in texts]


def test_a_judge_that_sees_is_told_from_a_blind_one(suite: Suite) -> None:
    records, told = [answered(1.0, 0, len(TEXT))], list[int]()
    seeing = check_checker(suite, records, Judge(None, GroundingSettings()), lambda _, done, __: told.append(done))
    assert seeing.balanced_accuracy is not None
    assert seeing.balanced_accuracy > 0.9
    assert told[-1] == seeing.planted > 10
    blind = check_checker(suite, records, Blind(), lambda *_: None)
    assert (blind.balanced_accuracy, blind.caught.mean, blind.false_alarms.mean) == (0.5, 0.0, 0.0)
    assert len(blind.wrong) == blind.caught.n
    assert "wrong_article" in blind.not_planted


def test_a_shifted_citation_is_judged_by_the_sentence_it_cites(suite: Suite) -> None:
    judge = Judge(None, GroundingSettings())
    found = check_checker(suite, [answered(1.0, 0, len(TEXT))], judge, lambda *_: None)
    shifted = [kind for kind in found.kinds if kind.name == "citation_shifted"]
    assert shifted
    assert shifted[0].figure.mean == 1
    assert judge.judge(TEXT[:59], EvidenceText.of(TEXT)).verdict == "quoted"


def test_where_nothing_was_right_nothing_is_planted(suite: Suite) -> None:
    found = check_checker(suite, [answered(0.0, 0, 60)], Blind(), lambda *_: None)
    assert (found.planted, found.balanced_accuracy, found.caught.mean, found.kinds) == (0, None, None, ())


def test_the_figures_are_kept(tmp_path: Path) -> None:
    claims = plant([Text("bridge", None, TEXT)])
    found = figures(claims, ["supported"] * len(claims))
    write(found, tmp_path)
    assert read(tmp_path) == found
    assert read(tmp_path / "none") is None
