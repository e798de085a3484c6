"""What a sentence states in numbers, and whether one such statement bears out another.

quantulum3 reads "half a million" as 1.5 million and "$5bn" as barns; price-parser reads no amounts in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import lru_cache

from assistant.grounding.calendar_dates import dates
from assistant.grounding.date_agreement import other_date, same_date
from assistant.grounding.measures import conversion
from assistant.grounding.number_phrases import number_phrases
from assistant.grounding.number_words import amount
from assistant.grounding.quantity import Bound, Kind, Quantity

__all__ = ["Bound", "Kind", "Quantity", "agrees", "contradicts", "quantities"]

ABOUT = 0.05
"""How far "about" reaches, as a share of the value."""
FAR = 10.0
"""A bound is borne out by a value up to twice (or, for less-than, half) as large, or this much away: "more than 40" may be
true of 4,000, and nobody would say it."""

_TIME = re.compile(
    r"(?<![\w.:,$£€-])(?:(?P<hour>1?\d|2[0-3]|0\d)(?:[:.](?P<minute>[0-5]\d))?\s?(?P<half>[ap])\.?m\b\.?"
    r"|(?P<hours>[01]?\d|2[0-3]):(?P<minutes>[0-5]\d)(?::[0-5]\d)?(?![\d:])|(?P<clock>\d\d?|\b[a-z]+)\s+o[’']clock\b|(?P<word>\b(?:noon|midday|midnight)\b))",
    re.I,
)
_HOUR = r"1?\d|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_AGE = re.compile(r"\bold\b|\baged?\b", re.I)


@lru_cache(maxsize=8192)
def _quantities(text: str) -> tuple[Quantity, ...]:
    found = []
    rest = text
    for quantity in (*_times(text), *_dates(text)):
        if "\0" not in rest[quantity.start : quantity.end]:
            found.append(quantity)
            rest = rest[: quantity.start] + "\0" * (quantity.end - quantity.start) + rest[quantity.end :]
    found += number_phrases(rest)
    return tuple(sorted((replace(q, text=text[q.start : q.end]) for q in found), key=lambda q: q.start))


def quantities(text: str) -> list[Quantity]:
    """What an English sentence states in numbers, in order and without overlaps.

    Numbers that are part of a name ("Covid-19", "Boeing 737", "9/11") are none, nor is the pronoun "one".
    """
    return list(_quantities(text))


def agrees(claimed: Quantity, stated: Quantity, published: date | None = None) -> bool:
    """Whether what is claimed follows from what is stated.

    A claim may be less precise (a year for a day, "about 40" for 41, "more than 40" for 43, a wide range for a value within),
    never more so; only a hedge before the same figure may go ("about 40", claimed as 40).

    Args:
        claimed: From the sentence to be checked.
        stated: From its evidence.
        published: The day of the article, from which "last year" is counted.
    """
    if claimed.days and stated.days:
        return same_date(claimed.days, stated.days, published)
    if claimed.kind == stated.kind == "time":
        return (
            claimed.low % (720 if claimed.unit == "12h" else 1440) == stated.low and claimed.unit == stated.unit
        ) or (claimed.unit == "12h" and claimed.low % 720 == stated.low % 720)
    shared = _compared(claimed, stated)
    if shared is None:
        return False
    low, high, slack = shared
    if claimed.low < claimed.high and claimed.bound == stated.bound == "exactly":
        return claimed.low - slack <= low and high <= claimed.high + slack
    if claimed.bound in ("exactly", "about"):
        slack += ABOUT * abs(claimed.low) if claimed.bound == "about" else 0.0
        close = abs(claimed.low - low) <= slack and abs(claimed.high - high) <= slack
        return close and stated.bound in ("exactly", "about")
    return _bears_out(claimed, stated, low, high)


def contradicts(claimed: Quantity, stated: Quantity) -> bool:
    """Whether both are of one kind and comparable, and cannot both be true of the same thing."""
    if claimed.days and stated.days:
        return other_date(claimed.days, stated.days)
    if claimed.kind == stated.kind == "time":
        clock = 720 if "12h" in (claimed.unit, stated.unit) else 1440
        return claimed.low % clock != stated.low % clock
    shared = _compared(claimed, stated)
    if shared is None:
        return False
    low, high, slack = shared
    mine, its = _reach(claimed, claimed.low, claimed.high), _reach(stated, low, high)
    return mine[1] + slack < its[0] or its[1] < mine[0] - slack


def _compared(claimed: Quantity, stated: Quantity) -> tuple[float, float, float] | None:
    """Both ends of what is stated in the unit of the claim, and how far off they may be; None if not comparable."""
    if (claimed.kind == "ordinal") != (stated.kind == "ordinal"):
        return None
    if (claimed.days is None) != (stated.days is None) and claimed.low != stated.low:
        return None
    one, two = _unit(claimed, stated), _unit(stated, claimed)
    into = conversion(one, two) if "other" not in (one, two) else None
    if into is None:
        return None
    low, high = stated.low * into[0] + into[1], stated.high * into[0] + into[1]
    slack = max(claimed.slack, stated.slack, into[2] * abs(high), 1e-9 * abs(high))
    return low, high, slack


def _unit(quantity: Quantity, other: Quantity) -> str | None:
    """The unit to compare by: "56" may be the age of a "56-year-old", and 1500 is no year beside "1,500"."""
    if quantity.kind == "time" or (quantity.days and not re.fullmatch(r"\d{4}", quantity.text)):
        return "other"
    if quantity.unit is None and quantity.kind == "number" and other.unit == "year" and _AGE.search(other.text):
        return "year"
    return quantity.unit


def _bears_out(claimed: Quantity, stated: Quantity, low: float, high: float) -> bool:
    """Whether what is stated lies on the claimed side of a bound, and not far off."""
    sign = 1.0 if claimed.bound in ("at_least", "more_than") else -1.0
    limit, value = sign * claimed.low, min(sign * low, sign * high)
    if abs(value - limit) > max(abs(limit) if sign > 0 else abs(limit) / 2, FAR):
        return False
    strict = claimed.bound in ("more_than", "less_than")
    one_sided = {1.0: ("at_least", "more_than"), -1.0: ("at_most", "less_than")}[sign]
    if stated.bound in one_sided:
        return value > limit or (value == limit and (not strict or stated.bound in ("more_than", "less_than")))
    return stated.bound in ("exactly", "about") and (
        value > limit or (value == limit and not strict and stated.bound == "exactly")
    )


def _reach(quantity: Quantity, low: float, high: float) -> tuple[float, float]:
    if quantity.bound == "about":
        return low - ABOUT * abs(low), high + ABOUT * abs(high)
    if quantity.bound in ("at_least", "more_than"):
        return low, float("inf")
    return (float("-inf"), high) if quantity.bound in ("at_most", "less_than") else (low, high)


def _times(text: str) -> Iterator[Quantity]:
    for found in _TIME.finditer(text):
        if found["word"]:
            minute, unit = 0 if found["word"].lower() == "midnight" else 720, "24h"
        elif found["clock"]:
            if not re.fullmatch(_HOUR, found["clock"], re.I):
                continue
            minute, unit = 60 * int(amount(found["clock"])), "12h"
        elif found["half"]:
            hour = int(found["hour"]) % 12 + (12 if found["half"].lower() == "p" else 0)
            minute, unit = 60 * hour + int(found["minute"] or 0), "24h"
        else:
            minute = 60 * int(found["hours"]) + int(found["minutes"])
            unit = "12h" if 0 < int(found["hours"]) <= 12 and found["hours"][0] != "0" else "24h"
        yield Quantity("time", *found.span(), found[0], minute, minute, unit)


def _dates(text: str) -> Iterator[Quantity]:
    for start, end, day in dates(text):
        low, high = day.years or (0, 0)
        yield Quantity("date", start, end, text[start:end], low, high, None, "exactly", day)
