"""Follow-up questions, made to stand alone."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.conversation import leans_back, parts, standalone
from assistant.types import Turn


def asked(*questions: str) -> list[Turn]:
    return [Turn(question, "An answer [1].") for question in questions]


def test_without_history_a_question_is_searched_as_typed() -> None:
    assert standalone("How long is it?", []) == "How long is it?"


def test_a_first_follow_up_brings_its_topic() -> None:
    assert standalone("How long is it?", asked("What is the Durand Line?")) == "How long is it? (Durand Line)"


def test_a_topic_is_carried_over_several_turns() -> None:
    history = asked("What is the Durand Line?", "How long is it?", "And when was it drawn?")
    found = standalone("Who drew it?", history)
    assert found.startswith("Who drew it? (Durand Line")


def test_a_question_that_stands_alone_drops_the_topic() -> None:
    history = asked("What is the Durand Line?", "How many migrants were expelled by Pakistan?")
    found = standalone("Why were they?", history)
    assert "migrants" in found
    assert "Durand" not in found


def test_a_question_with_its_own_subject_is_left_alone() -> None:
    question = "When did the Soviet Union invade Afghanistan?"
    assert standalone(question, asked("What is the Durand Line?")) == question


def test_words_that_the_question_holds_already_are_not_added() -> None:
    assert standalone("Is the Line long, and is it old?", asked("What is the Durand Line?")).endswith("(Durand)")


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
    assert found[1].startswith("who drew it?")
    assert "Durand Line" in found[1]
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


@given(st.text(), st.lists(st.text()))
def test_a_standalone_question_begins_with_what_was_typed(question: str, before: list[str]) -> None:
    found = standalone(question, asked(*before))
    assert found == question or found.startswith(question.strip() + " (")


def test_a_pasted_page_of_questions_has_not_hundreds_of_parts() -> None:
    """Each part is a search of its own."""
    assert len(parts("Why did it rain? " * 500)) <= 20


def test_a_run_of_spaces_is_read_in_no_time() -> None:
    started = perf_counter()
    parts("Why" + " " * 40_000 + "did it rain?")
    assert perf_counter() - started < 2
