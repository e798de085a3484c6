"""What the span reader learns from."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.cross_encoder import pair
from assistant.stored_model import tokenizer_of
from assistant.training.made_questions import from_statements, turned
from assistant.training.questions import held_out, read_questions
from assistant.training.reading_examples import Stretch, Studied, from_dialogues, store, stored, stretch
from assistant.training.rounds import TOKENS, batches
from assistant.training.train_span_reader import targets, tensors
from ingest.embedding import bundled_folder
from ingest.records import Passage

TEXT = (
    "The mill of Ravnsund was built in 1843 by Kaspar Lind. It burnt in 1902, and Greta Holm had it rebuilt of stone."
)
PASSAGE = Passage(1, "k", "mill", "0" * 12, 50, 50 + len(TEXT), TEXT, title="Ravnsund")
BUILT = Stretch("Ravnsund", TEXT, ((34, 38),))


def record(**changed: Any) -> dict[str, Any]:
    plain = {
        "qid": "q1",
        "question": "When?",
        "history": [],
        "answers": [],
        "answerable": True,
        "evidence": [],
        "meta": {},
    }
    return plain | changed


def test_gold_is_where_the_passage_has_it() -> None:
    places = [("mill", 84, 88), ("mill", 20, 60), ("other", 84, 88), ("mill", 300, 310)]
    evidence = [{"doc_id": d, "start": a, "end": b, "text": ""} for d, a, b in places]
    found = stretch(PASSAGE, record(evidence=evidence))
    assert found.gold == ((0, 10), (34, 38))
    assert found.text[34:38] == "1843"


def test_rewritten_follow_ups_read_the_answers_of_their_conversation() -> None:
    said = [
        ("Who built it?", "Kaspar Lind built it"),
        ("When?", "It was built in 1843."),
        ("Why?", "I don't know."),
        ("And then?", "It burnt."),
    ]
    turns = [
        record(
            qid=f"c_{i}",
            rewrite=f"rewrite {i}",
            history=[{"q": q, "a": a} for q, a in said[:i]],
            meta={"title": "Mill"},
        )
        for i in range(5)
    ]
    found = {s.question: s for s in from_dialogues(turns)}
    assert set(found) == {f"rewrite {i}" for i in range(4)}  # nobody knows what the last was answered with
    for question, answer in (("rewrite 0", "Kaspar Lind built it"), ("rewrite 3", "It burnt.")):
        (read,) = found[question].answering
        ((start, end),) = read.gold
        assert read.text[start:end] == answer
        assert answer not in found[question].mined[0].text
    assert not found["rewrite 2"].answering
    assert found["rewrite 2"].lacking[0].gold == ()


def test_examples_are_stored_whole(tmp_path: Path) -> None:
    every = [Studied("a", "Who?", (BUILT,), (), (Stretch("", "x"),)), Studied("b", "ß?", (), (Stretch("h", "é"),), ())]
    store(every, tmp_path / "studied.jsonl")
    assert stored(tmp_path / "studied.jsonl") == every


def test_an_unanswerable_question_belongs_to_the_document_of_its_paragraph(tmp_path: Path) -> None:
    place = {"para": 3, "para_start": 0, "para_end": 9}
    gold = [{"doc_id": "mill", "start": 0, "end": 3, "text": "The"}]
    lines = [
        record(qid="a", evidence=gold, meta=place), record(qid="b", answerable=False, meta=place),
        record(qid="c", answerable=None), record(qid="d", history=[{"q": "x", "a": "y"}]),
    ]  # fmt: skip
    file = tmp_path / "questions.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert {r["qid"]: r["document"] for r in read_questions(file)} == {"a": "mill", "b": "mill"}
    assert "d" in {r["qid"] for r in read_questions(file, follow_ups=True)}


def test_about_a_quarter_is_held_out() -> None:
    assert 200 < sum(held_out(f"document {i}") for i in range(1000)) < 300


def test_questions_made_from_statements_have_their_answer_where_they_say() -> None:
    made = [s for seed in range(30) for s in from_statements([PASSAGE], Random(seed))]
    asked = [s for s in made if s.answering]
    assert len(asked) > 20
    for s in asked:
        ((start, end),) = s.answering[0].gold
        assert TEXT[start:end].strip() in TEXT
        assert TEXT[start:end].strip(", ") not in s.question
    assert any(s.lacking for s in made)


@given(st.text(max_size=300), st.integers(0, 50))
def test_any_text_can_be_asked_about(text: str, seed: int) -> None:
    passage = Passage(1, "k", "a", "0" * 12, 0, len(text), text)
    for s in from_statements([passage], Random(seed)):
        for read in (*s.answering, *s.lacking):
            assert all(0 <= a < b <= len(text) for a, b in read.gold)


@pytest.mark.parametrize(
    ("question", "possible"),
    [
        (
            "When did Kaspar Lind build the mill?",
            {"When did Greta Holm build the mill?", "When did It build the mill?"},
        ),
        ("What was the first mill called?", {"What was the last mill called?"}),
    ],
)
def test_a_turned_question_is_about_something_else(question: str, possible: set[str]) -> None:
    found = {turned(question, BUILT, Random(seed)) for seed in range(20)}
    assert found & possible
    assert question not in found


def test_a_question_that_cannot_be_turned_is_left() -> None:
    assert turned("who built it?", BUILT, Random(1)) is None


def test_targets_are_the_tokens_of_the_gold_stretch_or_the_first_for_none() -> None:
    tokenizer = tokenizer_of(bundled_folder())
    examples = [("When was it built?", BUILT), ("Who sold it?", Stretch("", TEXT))]
    pairs = [(pair(tokenizer, question, read.heading, read.text), read) for question, read in examples]
    (batch,) = batches(pairs, lambda one: len(one[0].ids), Random(1))
    ids, mask, types, open_ = tensors([p for p, _ in batch])
    gold = targets(batch, ids.shape[1])
    for row, (p, read) in enumerate(batch):
        (begin,), (end,) = gold[0, row].nonzero().tolist()[0], gold[1, row].nonzero().tolist()[0]
        assert open_[row, begin]
        if read.gold:
            assert TEXT[p.offsets[begin - p.first][0] : p.offsets[end - p.first][1]] == "1843"
        else:
            assert begin == end == 0
        assert mask[row].sum() == len(p.ids)
        assert types[row, : p.asked].sum() == 0
        assert not open_[row, 1 : p.first].any()


def test_batches_hold_every_item_once_and_no_more_tokens_than_they_may() -> None:
    items = [(i, 40 + 300 * (i % 3)) for i in range(150)]
    found = list(batches(items, lambda item: item[1], Random(2)))
    assert sorted(item for batch in found for item in batch) == sorted(items)
    assert all(len(batch) * max(size for _, size in batch) <= TOKENS for batch in found)
