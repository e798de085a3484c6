"""How often the right speaker is named."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from eval.attribution import Labelled, attribute, labelled, main, same_speaker

TEXT = "Ann Lee said it was dark. The boat sank. “It was noon,” said Orr. The ministry met. It is late, critics say."
DATA = Path(__file__).parent / "data"
BENCHMARKS = Path(os.environ.get("BENCHMARKS") or Path(__file__).parents[2] / "shared" / "bench")
NEWS = BENCHMARKS / "summedits_news" / "pairs.jsonl"


def sentence(quote: str, speaker: str | None) -> Labelled:
    start = TEXT.index(quote)
    place = TEXT.index(speaker) if speaker else 0
    return Labelled(TEXT, start, start + len(quote), (place, place + len(speaker)) if speaker else None)


RIGHT = sentence("Ann Lee said it was dark.", "Ann Lee")
WRONG = sentence("“It was noon,” said Orr.", "Ann Lee")
MISSED = sentence("The boat sank.", "Ann Lee")
SILENT = sentence("The ministry met.", None)
FALSE = sentence("It is late, critics say.", None)


def test_each_outcome_is_counted_and_shared_out() -> None:
    right, missed, wrong, false = attribute([RIGHT, RIGHT, WRONG, MISSED, SILENT, SILENT, SILENT, FALSE]).figures()
    assert [(f.name, f.n, f.mean) for f in (right, missed, wrong, false)] == [
        ("right", 4, 0.5), ("missed", 4, 0.25), ("wrong", 4, 0.25), ("false", 4, 0.25),
    ]  # fmt: skip
    assert right.low == pytest.approx(0.150, abs=0.001)


def test_nothing_labelled_has_no_share() -> None:
    assert [found.mean for found in attribute([]).figures()] == [None] * 4


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ((0, 7), (4, 7), True),
        ((0, 7), (4, 12), True),
        ((0, 7), (61, 64), False),
        ((26, 34), (66, 78), False),
        ((0, 3), (4, 7), False),
    ],
)
def test_two_mentions_are_of_one_speaker_when_they_overlap_or_share_the_name(one, other, same) -> None:  # type: ignore[no-untyped-def]
    assert same_speaker(TEXT, one, other) is same


def files(folder: Path, *labels: object) -> list[str]:
    (folder / "pairs.jsonl").write_text(json.dumps({"id": "a", "context": TEXT}))
    (folder / "labels.jsonl").write_text("\n".join(map(json.dumps, labels)))
    return [str(folder / "labels.jsonl"), str(folder / "pairs.jsonl")]


def test_the_command_prints_each_share_with_its_interval(tmp_path: Path) -> None:
    labels = [{"id": "a", "start": s.start, "end": s.end, "speaker": s.speaker} for s in (RIGHT, WRONG, SILENT)]
    shown = CliRunner().invoke(main, [*files(tmp_path, *labels), "--errors"]).output.splitlines()
    assert shown == [
        "right   0.500 [0.095, 0.905]    of 2 with a speaker",
        "missed  0.000 [0.000, 0.658]    of 2 with a speaker",
        "wrong   0.500 [0.095, 0.905]    of 2 with a speaker",
        "false   0.000 [0.000, 0.793]    of 1 without a speaker",
        "wrong: Orr for Ann Lee: “It was noon,” said Orr.",
    ]


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ({"id": "b", "start": 0, "end": 1, "speaker": None}, "labels.jsonl:1: pairs.jsonl has no context 'b'"),
        ({"id": "a", "start": 0, "speaker": None}, "labels.jsonl:1: needs 'start', 'end' and 'speaker'"),
        ({"id": "a", "start": 0, "end": 1, "speaker": "Ann"}, "labels.jsonl:1: needs"),
    ],
)
def test_a_faulty_label_is_named(tmp_path: Path, label: object, message: str) -> None:
    result = CliRunner().invoke(main, files(tmp_path, label))
    assert result.exit_code == 1
    assert message in result.output


@pytest.mark.skipif(not NEWS.exists(), reason="the benchmark's texts are not part of the project; set BENCHMARKS")
@pytest.mark.parametrize(
    ("labels", "n", "right", "false"), [("speakers_dev", 46, 0.95, 0.05), ("speakers_held_out", 66, 0.90, 0.05)]
)
def test_speakers_of_labelled_news_are_found(labels: str, n: int, right: float, false: float) -> None:
    found = {share.name: share for share in attribute(labelled(DATA / f"{labels}.jsonl", NEWS)).figures()}
    assert found["right"].n == n
    assert (found["right"].mean or 0) >= right
    assert (found["false"].mean or 0) <= false
