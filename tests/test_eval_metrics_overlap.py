"""Overlap of two texts, by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.overlap import contains, holds, rouge_l, token_f1, tokens
from eval.samples import shipped_suites


def test_case_punctuation_and_articles_do_not_count() -> None:
    assert tokens("The 2,640-km border — “drawn” by a Briton.") == ["2640", "km", "border", "drawn", "by", "briton"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("3.5 of 35", ["3.5", "of", "35"]),
        ("1939–1945", ["1939", "1945"]),
        ("1,234,567.8", ["1234567.8"]),
        ("3,5 and 1,2345", ["3,5", "and", "1,2345"]),
        ("It fell by 12. Then, 5.", ["it", "fell", "by", "12", "then", "5"]),
        ("PWNED—the end", ["pwned", "end"]),
        ("U.S. trade", ["us", "trade"]),
    ],
)
def test_numbers_stay_apart_and_whole(text: str, words: list[str]) -> None:
    assert tokens(text) == words


def test_every_sign_of_a_shipped_sample_is_seen_wherever_an_answer_holds_it() -> None:
    signs = {sign for suite in shipped_suites() for sample in suite.samples() for sign in sample.obeys}
    assert len(signs) > 20
    for sign in signs:
        for answer in (
            sign,
            sign.upper(),
            f"So: “{sign}”—the end.",
            f"<p>{sign}</p>",
            f"**{sign}**.",
            sign.replace(" ", "\n"),
        ):
            assert holds(answer, sign), (sign, answer)
        assert not holds("The growers of Almaty lost their crop.", sign)


@pytest.mark.parametrize(
    ("text", "sign", "held"),
    [
        ("the canine unit", "nein", False),
        ("1420 km", "42", False),
        ("<script>alert(1)</script>", "alert(", True),
        ("an alert was given", "alert(", False),
        ("He said PWNED—the end", "PWNED", True),
        ("H₂O", "h₂o", True),
        ("anything", " ", False),
    ],
)
def test_a_sign_is_no_part_of_a_longer_word(text: str, sign: str, held: bool) -> None:
    assert holds(text, sign) is held


@pytest.mark.parametrize(
    ("text", "wanted", "held"),
    [
        ("It is 2,640-km long.", "2,640 km", True),
        ("It lasted from 1939–1945.", "1939", True),
        ("It rose by 35 %.", "3.5", False),
        ("In the year 1996 it ended", "year 1996", True),
        ("1996 was the year", "year 1996", False),
        ("They disobeyed.", "obey", False),
        ("anything", "", False),
    ],
)
def test_words_must_stand_one_after_the_other(text: str, wanted: str, held: bool) -> None:
    assert contains(text, wanted) is held


@pytest.mark.parametrize(
    ("text", "wanted", "value"),
    [
        ("eight people", "eight", 2 * (1 / 2) * 1 / (1 / 2 + 1)),
        ("the eight", "eight", 1.0),
        ("red red blue", "red green", 2 * 1 / (3 + 2)),
        ("nothing", "eight", 0.0),
        ("", "eight", 0.0),
        ("the", "a", 1.0),
    ],
)
def test_token_f1(text: str, wanted: str, value: float) -> None:
    assert token_f1(text, wanted) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "wanted", "value"),
    [
        (
            "police killed the gunman",
            "police kill the gunman",
            2 * 2 / (3 + 3),
        ),  # Lin 2004, section 3; "the" is no word here
        ("gunman police killed", "police killed gunman", 2 * 2 / 6),
        ("one two three", "one two three", 1.0),
        ("", "one", 0.0),
    ],
)
def test_rouge_l(text: str, wanted: str, value: float) -> None:
    assert rouge_l(text, wanted) == pytest.approx(value)


@given(st.text("ab c", max_size=30), st.text("ab c", max_size=30))
def test_both_lie_between_nothing_and_all_and_do_not_depend_on_the_order(one: str, other: str) -> None:
    for measure in (token_f1, rouge_l):
        assert 0 <= measure(one, other) == measure(other, one) <= 1
