"""What a question takes for granted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.evidence import Evidence
from assistant.premise import contradicted_premise, unsupported_premise
from ingest.records import Passage

SENTENCE = "Sweden signed the trade treaty in 1950."


def evidence(sentence: str, passage: str | None = None) -> Evidence:
    text = passage or sentence
    start = text.index(sentence)
    where = Passage(1, "key", "ferry", "0123456789ab", 0, len(text), text)
    return Evidence(where, start, start + len(sentence), sentence, 0.5, 0.5)


def test_a_name_that_stands_nowhere_is_blamed_when_all_else_is_borne_out() -> None:
    found = unsupported_premise("Why did Norway sign the trade treaty in 1950?", [evidence(SENTENCE)])
    assert found is not None
    assert found.stray == "Norway"
    assert "Norway" in found.reason


def test_a_number_that_stands_nowhere_is_blamed() -> None:
    found = unsupported_premise("Why did Sweden sign the trade treaty in 1960?", [evidence(SENTENCE)])
    assert found is not None
    assert found.stray == "1960"


@pytest.mark.parametrize(
    "question",
    [
        "Why did Sweden sign the trade treaty in 1950?",  # nothing is stray
        "Why did Norway sign the trade treaty in 1960?",  # two things are
        "Why did Norway close its harbour?",  # little else is borne out
        "Norway?",
        "",
    ],
)
def test_nothing_is_blamed_without_a_single_stray_name(question: str) -> None:
    assert unsupported_premise(question, [evidence(SENTENCE)]) is None


def test_a_name_in_the_same_passage_is_not_stray() -> None:
    around = evidence(SENTENCE, f"Norway had proposed it. {SENTENCE}")
    assert unsupported_premise("Why did Norway sign the trade treaty in 1950?", [around]) is None


def test_only_the_best_evidence_counts() -> None:
    other = evidence("Norway lies in the north.")
    assert unsupported_premise("Why did Norway sign the trade treaty in 1950?", [evidence(SENTENCE), other])


def test_without_evidence_nothing_is_blamed() -> None:
    assert unsupported_premise("Why did Norway sign the trade treaty?", []) is None


@given(st.text(), st.text(min_size=1))
def test_any_question_can_be_held_against_any_sentence(question: str, sentence: str) -> None:
    found = unsupported_premise(question, [evidence(sentence)])
    assert found is None or found.stray in question or found.stray in question.replace(",", "")


@pytest.mark.parametrize(
    ("question", "sentence", "stray", "said"),
    [
        ("Why did exports fall in March?", "Exports rose sharply in March.", "fall", "rose"),
        ("Who opened the harbour of Malmö?", "The king closed the harbour of Malmö.", "opened", "closed"),
        ("Which town is the largest of Skåne?", "The smallest town of Skåne is Båstad.", "largest", "smallest"),
        (
            "Why did Norway refuse to sign the trade treaty?",
            "Norway signed the trade treaty in May.",
            "refuse to sign",
            "done",
        ),
        ("Why did Sweden sign the trade treaty in 1960?", SENTENCE, "1960", "1950"),
    ],
)
def test_the_contrary_of_what_the_question_takes_for_granted(
    question: str, sentence: str, stray: str, said: str
) -> None:
    other = evidence("Nobody knows why.")
    found = contradicted_premise(question, [other, evidence(sentence)])
    assert found is not None
    assert found.stray == stray
    assert said in found.reason
    assert found.evidence.text == sentence


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Did exports fall in March?", "Exports rose sharply in March."),  # asks whether
        ("Why did exports fall in March?", "Exports fell and imports rose in March."),  # both stand there
        ("Why did exports fall in March?", "Exports did not rise in March."),  # a contrary that is denied
        ("Why did exports fall in March?", "Prices rose."),  # little else is borne out
        ("Why did Norway refuse to sign the trade treaty?", "Norway never signed the trade treaty."),
        ("Why did Sweden sign the trade treaty in 1950?", SENTENCE),
        ("What did Sweden sign in the 1960s?", "Sweden signed the trade treaty in 1950, in the 1960s another."),
    ],
)
def test_no_contrary_where_none_is_said(question: str, sentence: str) -> None:
    assert contradicted_premise(question, [evidence(sentence)]) is None
