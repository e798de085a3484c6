"""Numbers, dates, money and measures: the same value in other words agrees, another value never does."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.grounding.quantities import Quantity, agrees, contradicts, quantities

PUBLISHED = date(2024, 4, 23)  # a Tuesday


def only(text: str) -> Quantity:
    found = quantities(text)
    assert len(found) == 1, (text, found)
    return found[0]


def borne_out(claim: str, evidence: str, published: date | None = None) -> bool:
    return agrees(only(claim), only(evidence), published)


SAME = """
eight ships | 8 ships
2,640 ships | 2640 ships
twenty-one ships | 21 ships
two thousand six hundred and forty ships | 2,640 ships
one hundred and five ships | 105 ships
half a million ships | 500,000 ships
half a million ships | 0.5 million ships
half a million ships | 500k ships
a half-billion dollars | $500m
18-to-24-year-olds | 18 to 24 years
a quarter of a century | 25 years
40C | 40 °C
on 23/4/2024 | on April 23, 2024
a quarter of a million ships | 250,000 ships
two and a half million ships | 2.5m people
1.2bn ships | 1.2 billion ships
1.2bn ships | 1,200 million ships
5 crore ships | 50 million ships
$5bn | five billion dollars
$5bn | US$5,000,000,000
£3.5 million | 3.5 million pounds
50 cents | $0.50
5% | 5 percent
5% | five per cent
5 percentage points | five points
50 basis points | 0.5 percentage points
a dozen eggs | 12 eggs
two dozen eggs | 24 eggs
a decade | ten years
a decade | a 10-year plan
two weeks | 14 days
two weeks | a fortnight
24 hours | one day
an hour and a half | 90 minutes
half an hour | 30 minutes
18 months | one and a half years
a 56-year-old man | aged 56
It is 5.30pm | at 17:30
It is 5pm | at 5 p.m.
noon | 12:00 pm
the first ship | the 1st ship
the twenty-first ship | the 21st ship
a third of voters | one-third of voters
a third of voters | 33 percent
two-thirds of voters | 66.7%
half of voters | 50 percent
one in five adults | 20 percent
5-10 ships | between 5 and 10 ships
5–10 ships | from 5 to 10 ships
$5-10 million | between $5 million and $10 million
-5 °C | minus 5 degrees Celsius
2.5 ships | two point five ships
three times | thrice
2.5 km | 2,500 metres
5 kg | 5 kilograms
5 km/h | five kilometres per hour
10 hectares | 10 ha
April 23 | April 23rd
April 23, 2024 | 23 April 2024
April 23, 2024 | 2024-04-23
Tuesday, April 23, 2024 | the 23rd of April 2024
in the '90s | the 1990s
the nineteenth century | the 19th century
300 BC | 300 BCE
in nineteen ninety-four | in 1994
over 40 ships | more than 40 ships
40 or more ships | at least 40 ships
"""


@pytest.mark.parametrize("line", SAME.strip().splitlines())
def test_the_same_value_in_other_words_agrees_both_ways(line: str) -> None:
    one, two = line.split(" | ")
    assert borne_out(one, two)
    assert borne_out(two, one)
    assert not contradicts(only(one), only(two))


LESS_PRECISE = """
April 23 | 2024-04-23
April 23 | 23 April 2024
April 2024 | April 23, 2024
2024 | April 23, 2024
the 1990s | in 1994
the early 1990s | in 1991
early 2023 | in February 2023
the 19th century | in 1856
about 40 ships | 41 ships
about 40 ships | 38 ships
nearly 200 ships | 196 ships
about 2,600 km | 2,640 km
about 2.6 million ships | 2,640,000 ships
more than 40 ships | 43 ships
more than 40 ships | at least 43 ships
at least 40 ships | 40 ships
up to 40 ships | 38 ships
fewer than 40 ships | 38 ships
between 5 and 10 ships | 7 ships
hundreds of ships | 350 ships
at 5:30 | 5.30pm
five o'clock | at 5pm
40 ships | about 40 ships
5 miles | 8 km
in his 30s | a 34-year-old
"""


@pytest.mark.parametrize("line", LESS_PRECISE.strip().splitlines())
def test_a_claim_may_be_less_precise_than_its_evidence(line: str) -> None:
    claim, evidence = line.split(" | ")
    assert agrees(quantities(claim)[-1], only(evidence))


NOT_BORNE_OUT = """
April 23, 2024 | April 2024
April 23, 2024 | 2024
1994 | the 1990s
the early 1990s | the 1990s
43 ships | more than 40 ships
more than 40 ships | 40 ships
more than 40 ships | 4,000 ships
7 ships | between 5 and 10 ships
$5bn | £5bn
5% | 5 percentage points
5% | 5 km
5 ships | the 5th ship
last year | 2023
last year | this year
2023 | 40 ships
on 3/4/2024 | on March 4, 2024
at 5.30pm | at 5:30
"""


@pytest.mark.parametrize("line", NOT_BORNE_OUT.strip().splitlines())
def test_what_says_less_or_something_else_bears_nothing_out_and_excludes_nothing(line: str) -> None:
    claim, evidence = line.split(" | ")
    assert not borne_out(claim, evidence)
    assert not contradicts(only(claim), only(evidence))


EXCLUDED = """
40 ships | 41 ships
2.6 million ships | 2,640,000 ships
10 % | 56 %
$5bn | $6bn
2023 | 2024
April 23, 2024 | April 23, 2023
April 23 | April 24
April 2024 | 5 May 2024
on Tuesday | on Wednesday
Monday | 23 April 2024
the 1990s | 2004
two weeks | 15 days
5 miles | 9 km
at 5pm | at 6pm
the first ship | the second ship
about 40 ships | 45 ships
more than 40 ships | 30 ships
a third of voters | 40 percent
5-10 ships | 20 ships
hundreds of ships | 5,000 ships
"""


@pytest.mark.parametrize("line", EXCLUDED.strip().splitlines())
def test_another_value_is_excluded_both_ways(line: str) -> None:
    one, two = line.split(" | ")
    assert not borne_out(one, two)
    assert not borne_out(two, one)
    assert contradicts(only(one), only(two))
    assert contradicts(only(two), only(one))


@pytest.mark.parametrize(
    "text",
    """one of them
no one
the one that
one another
she may go
they march on
March against hunger
a ship
per second
Covid-19
the G7
an F-16
a Boeing 737 crashed
a Boeing 737-800 crashed
Article 370
the 9/11 attacks
SARS-CoV-2
the Big Ten
24/7
1-866-325-0045
at first
the First Lady
at one point
version 1.2.3
5G and 4K
at once""".splitlines(),
)
def test_names_pronouns_verbs_and_articles_are_no_quantities(text: str) -> None:
    assert quantities(text) == []


RELATIVE = """
last year | 2023
two years ago | 2022
yesterday | April 22, 2024
on Friday | April 19
on Tuesday | April 23
this month | April 2024
next year | 2025
the last decade | the 2010s
2023 | last year
April 23, 2024 | April 23
"""


@pytest.mark.parametrize("line", RELATIVE.strip().splitlines())
def test_the_day_of_publication_resolves_what_counts_from_it(line: str) -> None:
    claim, evidence = line.split(" | ")
    assert borne_out(claim, evidence, PUBLISHED)
    assert not borne_out(claim, evidence)
    assert borne_out(claim, claim)


def test_a_change_from_one_value_to_another_is_two_values() -> None:
    found = quantities("It rose from 5 to 10 percent.")
    assert [(q.kind, q.low, q.high) for q in found] == [("percent", 5, 5), ("percent", 10, 10)]


def test_two_days_of_one_month_are_two_dates() -> None:
    first, second = quantities("on April 23-25, 2024")
    assert agrees(only("April 23, 2024"), first)
    assert agrees(only("April 25, 2024"), second)


def test_a_year_written_with_a_comma_or_a_unit_is_a_number() -> None:
    assert only("1,500").kind == "number"
    assert only("1500 metres").kind == "measure"
    assert only("1500 people").kind == "number"
    assert only("in 1500").kind == "date"


def test_pounds_are_money_or_weight_until_the_other_side_says_which() -> None:
    assert borne_out("five pounds", "£5")
    assert borne_out("five pounds", "5 lb")
    assert not borne_out("£5", "5 lb")


PIECES = "8 ships|$5bn|one|a third of|April 23|, 2024|-|–|5|ten| million|%|half an hour|5.30pm|\xa0|\r\n|é|آپ|🙂|last year|to|and".split(
    "|"
)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join) | st.text())
def test_quantities_are_slices_in_order_without_overlaps_and_agree_with_themselves(text: str) -> None:
    end = 0
    for quantity in quantities(text):
        assert quantity.start >= end
        assert quantity.text == text[quantity.start : quantity.end]
        assert quantity.start < quantity.end
        assert agrees(quantity, quantity)
        assert not contradicts(quantity, quantity)
        end = quantity.end
