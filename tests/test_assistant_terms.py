"""Words, names, numbers, and what a question asks for."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.terms import (
    FUNCTION_WORDS,
    AnswerKind,
    answer_kind,
    content_terms,
    names,
    numbers,
    offers,
    stems,
    words,
)


def test_words_are_folded_and_without_accents() -> None:
    assert words("Café-owner’s NAÏVE idea_x") == ["cafe", "owner", "s", "naive", "idea", "x"]


@given(st.text(st.characters(max_codepoint=0x3000)))
def test_folding_leaves_out_each_combining_mark(text: str) -> None:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()
    assert words(text) == re.findall(r"[^\W_]+", bare)


@given(st.text())
def test_words_of_any_text_are_never_empty_and_folding_again_changes_nothing(text: str) -> None:
    for word in words(text):
        assert word
        assert words(word) == [word]


def test_content_terms_leave_function_words_out_and_keep_each_word_once() -> None:
    assert content_terms("Who was the Mayor of the town, and who is mayor now?") == ["mayor", "town", "now"]


def test_a_question_of_function_words_alone_keeps_them() -> None:
    assert content_terms("Who is it?") == ["who", "is", "it"]


def test_a_long_question_is_cut_to_the_limit_of_terms() -> None:
    assert content_terms(" ".join(f"word{n}" for n in range(500))) == [f"word{n}" for n in range(64)]


def test_stems_join_the_forms_of_a_word() -> None:
    assert stems("signed signing signs") == ("sign", "sign", "sign")


def test_names_are_capitalised_and_no_function_words() -> None:
    assert names("The minister Ana-Maria met O’Neill in São Paulo. Why") == ["Ana-Maria", "O’Neill", "São", "Paulo"]


def test_numbers_lose_their_separators_and_the_stop_behind_them() -> None:
    assert numbers("2,640 km in 1893. Then 3.5 more.") == ["2640", "1893", "3.5"]


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many ships left?", "number"),
        ("What percentage voted?", "number"),
        ("When did it end?", "date"),
        ("In which year did it end?", "date"),
        ("Who signed it?", "person"),
        ("Where did they meet?", "place"),
        ("Why did they leave?", "reason"),
        ("What did they eat?", "other"),
    ],
)
def test_the_kind_of_a_question_is_read_from_its_words(question: str, kind: AnswerKind) -> None:
    assert answer_kind(question) == kind


@pytest.mark.parametrize(
    ("kind", "sentence", "question", "offered"),
    [
        ("number", "It carried 212 people.", "How many people?", True),
        ("number", "It carried twelve people.", "How many people?", True),
        ("number", "In 1893 it did.", "How many people in 1893?", False),
        ("date", "It left in May 1893.", "When did it leave?", True),
        ("date", "It left in May.", "Did it leave in May or when?", False),
        ("person", "Then Ana spoke.", "Who spoke?", True),
        ("person", "Then Ana spoke.", "Who is Ana?", False),
        ("reason", "It left because of rain.", "Why did it leave?", True),
        ("reason", "It left.", "Why did it leave?", False),
        ("other", "It left.", "What left?", True),
    ],
)
def test_a_sentence_offers_what_the_question_does_not_hold_already(
    kind: AnswerKind, sentence: str, question: str, offered: bool
) -> None:
    assert offers(kind, sentence, words(question)) is offered


@given(st.sampled_from(["number", "date", "person", "place", "reason", "other"]), st.text(), st.text())
def test_offering_is_decided_for_any_text(kind: AnswerKind, sentence: str, question: str) -> None:
    assert offers(kind, sentence, words(question)) in (True, False)


def test_function_words_are_folded_so_that_they_can_be_met() -> None:
    assert all(words(word) == [word] for word in FUNCTION_WORDS)
