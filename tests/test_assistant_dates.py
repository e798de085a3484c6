"""Dates of publication, as questions name them and as notes spell them."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.dates import SPOKEN, Period, period, spoken_limits

NAMED = re.compile(SPOKEN, re.IGNORECASE)


def found(text: str) -> Period | None:
    spoken = NAMED.search(text)
    return period(spoken[0]) if spoken else None


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("in 2024", "2024-01-01", "2024-12-31"),
        ("in April 2024?", "2024-04-01", "2024-04-30"),
        ("in april, 2024", "2024-04-01", "2024-04-30"),
        ("Feb. 2024", "2024-02-01", "2024-02-29"),
        ("Sept 2023", "2023-09-01", "2023-09-30"),
        ("on 3 May 2021", "2021-05-03", "2021-05-03"),
        ("the 3rd of May 2021", "2021-05-03", "2021-05-03"),
        ("May 3, 2021", "2021-05-03", "2021-05-03"),
        ("2021-05-03", "2021-05-03", "2021-05-03"),
        ("2021-05", "2021-05-01", "2021-05-31"),
        ("since March 2023", "2023-03-01", "2023-03-31"),
    ],
)
def test_years_months_and_days_are_understood(text: str, first: str, last: str) -> None:
    assert found(text) == Period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "text",
    ["in April", "on 3 May", "2,024 people", "2024-year-old", "flight 20245", "2023/24", "31 February 2024", "2024-13"],
)
def test_what_is_no_date_with_a_year_is_none(text: str) -> None:
    assert found(text) is None


@given(st.dates(date(1600, 1, 1), date(2099, 12, 31)))
def test_every_day_is_understood_as_it_is_spoken(day: date) -> None:
    assert found(f"{day.day} {day:%B %Y}") == Period(day, day) == found(day.isoformat())


@pytest.mark.parametrize(
    ("since", "until", "spoken"),
    [
        ("2024-01-01", "2024-12-31", "in 2024"),
        ("2024-02-01", "2024-02-29", "in February 2024"),
        ("2024-02-01", "2024-02-28", "from 1 February 2024 to 28 February 2024"),
        ("2024-04-23", "2024-04-23", "on 23 April 2024"),
        ("2023-03-02", None, "since 2 March 2023"),
        ("2023-03-01", None, "since March 2023"),
        ("2023-01-01", None, "since 2023"),
        (None, "2023-03-31", "until 31 March 2023"),
        ("2023-03-01", "2023-06-30", "from 1 March 2023 to 30 June 2023"),
        ("2023", "2024-03", "from 2023 to March 2024"),
        ("2023", None, "since 2023"),
    ],
)  # fmt: skip
def test_limits_are_spelt_as_people_say_them(since: str | None, until: str | None, spoken: str) -> None:
    assert spoken_limits(since, until) == spoken
