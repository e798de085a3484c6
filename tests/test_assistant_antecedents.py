"""Mentions of a conversation, and what a pronoun stands for."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
import pytest

from assistant.antecedents import FEATURES, Slot, bare, features, filled, options, resolve, slots
from assistant.mentions import Place, Said, mentions
from assistant.training.fit_antecedents import Choice, fit, token_f1


def named(question: str, answer: str = "") -> list[str]:
    return [mention.text for mention in mentions([Said(question, answer)])]


@pytest.mark.parametrize(
    ("question", "answer", "wanted"),
    [
        ("What is the Durand Line?", "", ["the Durand Line"]),
        ("Did Sam Cooke win awards?", "", ["Sam Cooke"]),
        ("Who wrote “The Long Way Home”?", "", ["The Long Way Home", "wrote"]),
        ("", "According to Ana Lill, the ferry left Tallinn.", ["Ana Lill", "Tallinn", "the ferry left Tallinn"]),
        ("", "However, it rained in Oslo. Recently it snowed.", ["Oslo"]),
        ("", "Lill’s ferry and O’Brien left.", ["Lill", "O’Brien"]),
    ],
)
def test_what_was_spoken_of(question: str, answer: str, wanted: list[str]) -> None:
    assert set(wanted) <= set(named(question, answer))
    assert not {"However", "Recently", "According", "Did"} & set(named(question, answer))


def test_a_short_name_and_the_full_one_are_one_mention() -> None:
    history = [Said("What did Cooke sing?", "Sam Cooke sang."), Said("When?", "Cooke sang in 1957.")]
    (mention,) = [m for m in mentions(history) if "Cooke" in m.text]
    assert mention.text == "Sam Cooke"
    assert mention.places == [
        Place(0, "question"), Place(0, "answer", first=True), Place(1, "answer", first=True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("How long is it?", ["thing"]),
        ("Who is his wife, and where did they meet?", ["person", "many"]),
        ("Was this the end?", []),
        ("Why was that?", ["this"]),
        ("What did this party want?", []),
        ("Is there any news?", []),
        ("What did he study there?", ["person", "place"]),
        ("Is it true that it rained?", []),
        ("Did Ana Lill say what she saw?", []),
        ("Why do bees die when they sting?", []),
    ],
)
def test_pronouns_that_may_stand_for_something_said_before(question: str, kinds: list[str]) -> None:
    assert [slot.kind for slot in slots(question)] == kinds


def test_slots_are_filled_in_place() -> None:
    question = "Who is his wife?"
    assert filled(question, [(slots(question)[0], "Sam Cooke")]) == "Who is Sam Cooke’s wife?"
    assert filled("Was it hers?", [(Slot(4, 6, "thing"), "the ring"), (Slot(7, 11, "person", True), "James")]) == (
        "Was the ring James’?"
    )
    assert filled("any awards?", [(bare("any awards?")[0], "Sam Cooke")]) == "any awards (Sam Cooke)?"
    assert filled("What did he do there?", [(Slot(15, 20, "place"), "Oslo")]) == "What did he do in Oslo?"


@pytest.mark.parametrize(
    "question",
    ["What is Martinmas?", "Who is Ana?", "What happened?", "Did Ana Lill leave?", "Why did the long rain end early?"],
)
def test_a_question_with_a_topic_of_its_own_lacks_none(question: str) -> None:
    assert bare(question) == []


def test_the_last_row_is_for_none_of_them() -> None:
    history = [Said("Who is Ana Lill?", "Ana Lill is a captain.")]
    (slot,) = slots("Where is she from?")
    known = options(slot, "Where is she from?", history)
    rows = features(slot, history, known, "Where is she from?")
    assert rows.shape == (len(known) + 1, len(FEATURES))
    assert not rows[-1].any()
    ana = dict(zip(FEATURES, rows[[m.text for m in known].index("Ana Lill")], strict=True))
    assert (ana["name"], ana["person_name"], ana["in_first_question"], ana["first_in_last_answer"]) == (1, 1, 1, 1)


def test_weights_decide_and_none_of_them_may_win() -> None:
    history = [Said("Who is Ana Lill?", "She is a captain.")]
    for value, wanted in ((1.0, "Where is Ana Lill from?"), (-1.0, "Where is she from?")):
        weights = np.array([value * (name == "person_name") for name in FEATURES], np.float32)
        assert resolve("Where is she from?", history, weights)[0] == wanted or value < 0


def test_what_the_question_names_itself_is_no_option() -> None:
    history = [Said("Who is Ana Lill?", "")]
    assert [m.text for m in options(Slot(0, 3, "person"), "She and Lill and Ana?", history)] == []


def test_the_stored_weights_are_of_these_features() -> None:
    stored = json.loads(files("assistant").joinpath("weights/antecedents.json").read_text(encoding="utf-8"))
    assert tuple(stored) == FEATURES


def test_token_f1_is_that_of_bags_of_words() -> None:
    assert token_f1("who drew it", "who drew the line") == pytest.approx(2 * 2 / 7)
    assert token_f1("", "") == 0


def test_fitting_finds_the_feature_that_gains() -> None:
    random = np.random.default_rng(0)
    found = []
    for _ in range(60):
        rows = random.normal(size=(4, 3)).astype(np.float32)
        rows[-1] = 0
        found.append(Choice(rows, (rows[:, 1] > rows[:, 1].max() - 1e-6).astype(np.float32)))
    weights = fit(found)
    assert weights[1] > 3 * max(abs(weights[0]), abs(weights[2]))
