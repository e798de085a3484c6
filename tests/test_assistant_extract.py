"""A fair extract: which sentences, in what order, and what is never quoted."""

from __future__ import annotations

import numpy as np
import pytest
from fakes import HashEncoder
from hypothesis import given
from hypothesis import strategies as st

from assistant.extract import extract, is_prose, stands_alone

STORM = [
    "A storm broke over the harbour of Tallinn on Monday and sank three boats.",
    "It also closed the harbour for nine days.",
    "Fishermen lost nets worth 40,000 euros in the storm that broke over the harbour.",
    "Growers in Almaty said that frost had killed every apple in their orchards.",
    "Apples from the orchards of Almaty will cost twice as much after the frost.",
    "Photo: a boat in the harbour of Tallinn after the storm broke on Monday.",
]

WORDS = "storm harbour boat frost apple orchard price euro Tallinn Almaty But They said the and of in closed".split()
SENTENCE = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(lambda words: f"{' '.join(words)}.")


def quoted(texts: list[str], most: int = 4) -> list[int]:
    return extract(texts, HashEncoder().encode(texts), most)[0]


@given(st.lists(SENTENCE, min_size=1, max_size=40), st.integers(1, 6))
def test_an_extract_is_some_sentences_in_reading_order_and_never_more_than_asked_for(
    texts: list[str], most: int
) -> None:
    vectors = HashEncoder().encode(texts)
    chosen, share = extract(texts, vectors, most)
    assert 1 <= len(chosen) <= most
    assert chosen == sorted(set(chosen))
    assert all(0 <= i < len(texts) for i in chosen)
    assert 0 <= share <= 1
    assert extract(texts, vectors, most) == (chosen, share)


@given(st.lists(SENTENCE, min_size=2, max_size=40), st.integers(2, 6))
def test_a_sentence_that_leans_follows_the_one_before_it(texts: list[str], most: int) -> None:
    usable = [i for i, text in enumerate(texts) if is_prose(text)] or list(range(len(texts)))
    alone = {i for i in usable if i == 0 or stands_alone(texts[i])} or {usable[0]}
    chosen = quoted(texts, most)
    assert all(i in alone or i == usable[0] or i - 1 in chosen for i in chosen)


def test_an_extract_goes_over_all_that_a_text_speaks_of() -> None:
    chosen = quoted(STORM, 3)
    assert {0, 2} & set(chosen)
    assert {3, 4} & set(chosen)


def test_a_caption_is_not_quoted() -> None:
    assert 5 not in quoted(STORM, 6)


def test_what_repeats_a_quoted_sentence_is_left_out() -> None:
    assert len(quoted([STORM[0], STORM[0], STORM[0], STORM[3]])) == 2


def test_a_text_of_two_sentences_is_quoted_whole() -> None:
    texts = [STORM[0], STORM[3]]
    assert extract(texts, HashEncoder().encode(texts), 4) == ([0, 1], 1.0)


def test_a_leaning_sentence_is_not_quoted_when_there_is_room_for_one() -> None:
    assert quoted([STORM[0], *["But the harbour of Tallinn was closed after the storm."] * 5], 1) == [0]


def test_the_beginning_counts_more() -> None:
    assert quoted([STORM[3], STORM[0]], 1) == [0]
    assert quoted([STORM[0], STORM[3]], 1) == [0]


def test_a_text_without_any_sentence_that_stands_alone_still_gives_its_first() -> None:
    assert quoted(["storm", "harbour", "frost"], 1) == [0]


def test_nothing_gives_nothing() -> None:
    assert extract([], np.zeros((0, 3), np.float32), 4) == ([], 0.0)


@pytest.mark.parametrize(
    "text",
    [
        "The harbour of Tallinn was closed for nine days.",
        "Ana Lill said she had lost her boat in the storm.",
        "Growers said they had lost their whole crop of apples.",
        "This week the harbour of Tallinn opened again for large ships.",
        "“We lost everything,” said Ana Lill, a fisherwoman from Tallinn.",
        "Two boats sank in the harbour.",
    ],
)
def test_a_sentence_that_names_what_it_speaks_of_stands_alone(text: str) -> None:
    assert stands_alone(text)


@pytest.mark.parametrize(
    "text",
    [
        "They also lost their boats in the storm.",
        "But he refused to sell the boat to Ana Lill.",
        "However, the harbour of Tallinn stayed open.",
        "That meant a loss of 40,000 euros for Tallinn.",
        "Last week he sold the boat to a museum.",
        "In its second year, the museum bought a boat.",
        "The boat sank within minutes of the storm.",
        "While the boat never sank, Ana Lill was afraid.",
        "“We lost everything in this storm.”",
        "“We lost everything in this storm.",
        "“We lost everything,” he said of the storm over Tallinn.",
        "fter the storm, the harbour of Tallinn was closed.",
    ],
)
def test_a_sentence_that_goes_on_or_does_not_say_who_leans(text: str) -> None:
    assert not stands_alone(text)


def test_one_who_was_introduced_by_a_full_name_is_not_quoted_by_a_surname_alone() -> None:
    later = "Frost will come again, Dahl told growers of apples in Almaty."
    rest = ["Boats sank off Tallinn in the storm on Monday.", later]
    unknown = ["Storm closed the harbour of Tallinn.", "A storm broke over Tallinn.", *rest]
    known = ["Storm closed the harbour of Tallinn.", "Frost ruined Bo Dahl, a grower of apples in Almaty.", *rest]
    assert 3 in quoted(unknown)
    assert 3 not in quoted(known)


@pytest.mark.parametrize(
    "text",
    [
        "By ANA LILL",
        "Storm closes the harbour of Tallinn for nine days",
        "A boat in the harbour of Tallinn (Photo by Bo Dahl).",
        "Read more: how the harbour of Tallinn was built in 1899.",
        "Sign up for our letter about the harbours of the north.",
        "The harbour was closed by Capt.",
        "ALL OF THE HARBOUR OF TALLINN IS CLOSED NOW.",
        "Why did the harbour close in the middle of summer?",
        "It rained.",
    ],
)
def test_a_byline_a_headline_a_caption_and_a_notice_are_no_prose(text: str) -> None:
    assert not is_prose(text)


def test_a_sentence_of_a_script_without_spaces_is_prose() -> None:
    assert is_prose("塔林港因暴风雨关闭了九天。")
