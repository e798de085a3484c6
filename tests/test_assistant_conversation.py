"""Follow-up questions, made to stand alone."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.conversation import context, leans_back, parts, standalone, topic_put_behind
from assistant.types import CLOSE_BUT_NOT_STATED, Turn


def asked(*questions: str) -> list[Turn]:
    return [Turn(question, "An answer [1].") for question in questions]


def test_without_history_a_question_is_searched_as_typed() -> None:
    assert standalone("How long is it?", []) == "How long is it?"


@pytest.mark.parametrize(
    ("question", "before", "wanted"),
    [
        ("How long is it?", [("What is the Durand Line?", "")], "How long is the Durand Line?"),
        ("And who drew it?", [("What is the Durand Line?", "")], "And who drew the Durand Line?"),
        ("Where is he based?", [("Who is Ubaidullah Khilji?", "")], "Where is Ubaidullah Khilji based?"),
        ("Who are her parents?", [("Who is Ana Lill?", "")], "Who are Ana Lill’s parents?"),
        ("Was he asleep?", [("Where was the captain?", "The captain was below.")], "Was the captain asleep?"),
        ("And in 2022?", [("How many people died in 2023?", "")], "How many people died in 2022?"),
        ("And in 2022?", [("How many people died?", "")], "How many people died in 2022?"),
        ("What about Sweden?", [("When did Norway sign the treaty?", "In 1950.")], "When did Sweden sign the treaty?"),
        ("And in Karachi?", [("Who was attacked in Lahore?", "Police.")], "Who was attacked in Karachi?"),
        (
            "Who said that?",
            [("Why are they at odds?", "“The trust is broken,” he said. [1]")],
            "Who said “The trust is broken, he said.”?",
        ),
    ],
)
def test_a_follow_up_gets_what_it_leaves_out(question: str, before: list[tuple[str, str]], wanted: str) -> None:
    assert standalone(question, [Turn(q, a) for q, a in before]) == wanted


@pytest.mark.parametrize(
    ("typed", "alone", "put_behind"),
    [
        ("Any awards?", "Any awards (Ana Lill)?", True),
        ("Any awards?", "Any awards?", False),
        ("Did she win?", "Did Ana Lill win?", False),
        ("Anyone else?", "Anyone else? (won awards)", False),
    ],
)
def test_a_topic_that_was_only_put_behind_is_told_from_one_that_the_question_leans_on(
    typed: str, alone: str, put_behind: bool
) -> None:
    assert topic_put_behind(typed, alone) == put_behind


def test_a_topic_is_carried_over_several_turns() -> None:
    history = asked("What is the Durand Line?", "How long is it?", "And when was it drawn?")
    assert standalone("Who drew it?", history) == "Who drew the Durand Line?"


def test_a_new_topic_takes_the_place_of_the_old_one() -> None:
    history = asked("What is the Durand Line?", "Who is Ana Lill?")
    assert standalone("Where was she born?", history) == "Where was Ana Lill born?"


@pytest.mark.parametrize(
    "question",
    [
        "How many police officers were killed this week?",
        "Why did the ferrymen say that they were tired?",
        "Did Ana Lill say where she was born?",
        "Is there any news from Tallinn?",
        "Is it true that Norway signed the treaty?",
        "What is Martinmas?",
    ],
)
def test_a_topic_switch_does_not_drag_the_old_topic_along(question: str) -> None:
    assert standalone(question, asked("What is the Durand Line?", "How long is it?")) == question


def test_what_an_unanswered_pronoun_stands_for_is_not_guessed_without_a_mention() -> None:
    assert standalone("How long is it?", [Turn("Why?", "")]) == "How long is it?"


def test_the_context_is_the_last_turn_with_its_pronouns_resolved() -> None:
    history = [Turn("What is the Durand Line?", "A border."), Turn("Who drew it?", "The British did. " * 100)]
    found = context(history)
    assert found.startswith("Who drew the Durand Line? The British did.")
    assert len(found) < 450
    assert context([]) == ""


def test_an_abstention_is_no_part_of_what_was_spoken_of() -> None:
    history = [Turn("Who drew the Durand Line?", f"{CLOSE_BUT_NOT_STATED}says who.")]
    assert context(history) == "Who drew the Durand Line?"
    assert standalone("How long is it?", history) == "How long is the Durand Line?"


def test_a_very_long_answer_is_looked_through_in_no_time() -> None:
    started = perf_counter()
    standalone(
        "Who was it?",
        [Turn("Who?", "of the " * 50_000), Turn("Who?", "A of " * 50_000), Turn("x " * 9000, "A.B. " * 9000)],
    )
    assert perf_counter() - started < 2


def test_a_question_with_its_own_subject_is_left_alone() -> None:
    question = "When did the Soviet Union invade Afghanistan?"
    assert standalone(question, asked("What is the Durand Line?")) == question


@pytest.mark.parametrize(
    "question",
    [
        "What does this article say about Kabul and the Taliban?",
        "What happened this year in Kabul to officers?",
        "Does the author name experts in Washington?",
    ],
)
def test_naming_the_article_is_no_pointer_back(question: str) -> None:
    assert not leans_back(question)
    assert standalone(question, asked("What is the Durand Line?")) == question


@pytest.mark.parametrize(
    "question", ["And when?", "Why?", "What about 2023?", "Is that so?", "Tell me more about that."]
)
def test_short_continuations_lean_back(question: str) -> None:
    assert leans_back(question)


def test_two_questions_in_one_are_two_parts() -> None:
    found = parts("How long is the Durand Line and who drew it?")
    assert found[0] == "How long is the Durand Line"
    assert found[1] == "who drew the Durand Line?"
    assert len(found) == 2


def test_two_sentences_are_two_parts() -> None:
    assert parts("Who left Kabul in 2021? Which militants attacked police officers?") == [
        "Who left Kabul in 2021?",
        "Which militants attacked police officers?",
    ]


@pytest.mark.parametrize("question", ["Who are Pakistan and Afghanistan?", "Who led the Taliban?", "??", ""])
def test_one_question_is_one_part_as_typed(question: str) -> None:
    assert parts(question) == [question]


@given(st.text())
def test_any_question_has_a_part(question: str) -> None:
    assert parts(question)


@given(st.text(), st.lists(st.tuples(st.text(), st.text())))
def test_any_question_after_any_turns_can_be_searched(question: str, before: list[tuple[str, str]]) -> None:
    history = [Turn(q, a) for q, a in before]
    assert standalone(question, history) or not question
    assert isinstance(context(history), str)


def test_a_pasted_page_of_questions_has_not_hundreds_of_parts() -> None:
    """Each part is a search of its own."""
    assert len(parts("Why did it rain? " * 500)) <= 20


def test_a_run_of_spaces_is_read_in_no_time() -> None:
    started = perf_counter()
    parts("Why" + " " * 40_000 + "did it rain?")
    assert perf_counter() - started < 2
