"""One number, date, time, duration, share, amount of money, measure or ordinal of a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assistant.grounding.calendar_dates import CalendarDate

Kind = Literal["number", "percent", "money", "date", "duration", "measure", "ordinal", "time"]
Bound = Literal["exactly", "about", "at_least", "at_most", "more_than", "less_than"]


@dataclass(frozen=True)
class Quantity:
    """One number, date, time, duration, share, amount of money, measure or ordinal of a sentence."""

    kind: Kind
    start: int
    end: int
    text: str
    """The sentence from `start` to `end`: the value and its unit, without the words that bound it."""
    low: float
    high: float
    """Both ends of what is meant, equal for one value: years of dates, minutes of the day for times, else in `unit`."""
    unit: str | None = None
    """``%``, ``USD``, ``km``, ``year`` ...; for a time ``12h`` when it may be of the morning or the afternoon."""
    bound: Bound = "exactly"
    days: CalendarDate | None = None
    """What is stated of a date."""
    slack: float = 0.0
    """How far off another value may be all the same: half a point for "a third", which is also said as 33 percent."""
