"""Dates of publication: as a newspaper prints them, and as questions name them."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

MONTHS = ("January February March April May June July August September October November December").split()
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?=$|[T ])")

MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_YEAR = r"(?:1[6-9]|20)\d\d"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
SPOKEN = (
    rf"(?:\b{_YEAR}-\d\d(?:-\d\d)?|\b(?:{_DAY}\s+(?:of\s+)?)?{MONTH}\.?,?\s+(?:of\s+)?(?:{_DAY},?\s+)?{_YEAR}|\b{_YEAR})"
    r"(?![\w/-]|[.,]\d)"
)
"""A pattern for a year, a month with its year, or a day, without groups; to be used without regard to case."""


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1


def spoken_date(published: str | None) -> str | None:
    """``3 May 2024`` for ``2024-05-03``; what is no ISO 8601 date comes back as it is, None as None."""
    found = _DATE.match(published or "")
    if published is None or found is None:
        return published
    year, month, day = (int(part) if part else 1 for part in found.groups())
    try:
        date(year, month, day)
    except ValueError:
        return published
    words = [str(day)] if found[3] else []
    words += [MONTHS[month - 1]] if found[2] else []
    return " ".join([*words, found[1]])


def period(text: str) -> Period | None:
    """The days that a text which `SPOKEN` matches stands for; None when there is no such day."""
    found = re.search(MONTH, text, re.IGNORECASE)
    numbers = [int(n) for n in re.findall(r"\d+", text)]
    if found:
        month = next(i for i, name in enumerate(MONTHS, 1) if name.lower().startswith(found[0].lower()[:3]))
        year, day = max(numbers), min(numbers) if len(numbers) > 1 else None
    else:
        year, *rest = numbers
        month, day = (rest[0] if rest else 0), (rest[1] if len(rest) > 1 else None)
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        return None
    if day:
        return Period(first, first)
    last_month = month or 12
    return Period(first, date(year, last_month, calendar.monthrange(year, last_month)[1]))


def spoken_limits(since: str | None, until: str | None) -> str:
    """A phrase for limits given as ISO 8601 days: "in April 2024", "since 3 May 2021", "from … to …"."""
    if since and until:
        for length, ends in ((4, (f"{since[:4]}-01-01", f"{since[:4]}-12-31")), (7, _month_of(since))):
            if (since, until) == ends:
                return f"in {spoken_date(since[:length])}"
        return f"on {spoken_date(since)}" if since == until else f"from {spoken_date(since)} to {spoken_date(until)}"
    # The first day of a month or year is how the month or year begins.
    return f"since {spoken_date(re.sub(r'(-01){1,2}$', '', since))}" if since else f"until {spoken_date(until)}"


def _month_of(day: str) -> tuple[str, str]:
    try:
        last = calendar.monthrange(int(day[:4]), int(day[5:7]))[1]
    except ValueError:
        return day, ""
    return f"{day[:7]}-01", f"{day[:7]}-{last}"
