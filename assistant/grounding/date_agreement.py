"""Whether one date, stated in part, is borne out by another, or excluded by it."""

from __future__ import annotations

from datetime import date

from assistant.grounding.calendar_dates import CalendarDate, resolved

_PARTS_OF_MONTH = {"early": (1, 11), "mid": (9, 22), "late": (19, 31)}
_PARTS_OF_YEAR = {"early": (1, 4), "mid": (4, 9), "late": (9, 12)}


def same_date(claimed: CalendarDate, stated: CalendarDate, published: date | None = None) -> bool:
    """Whether all that the claim says of a date is said by the other too, or follows from it.

    Args:
        claimed: What must be borne out; it may say less.
        stated: What is known.
        published: The day that "last year" and "on Tuesday" count from, in both.
    """
    if claimed == stated:
        return True
    claimed, stated = resolved(claimed, published), resolved(stated, published)
    if claimed.relative or stated.relative:
        return claimed == stated
    if claimed.years and not (stated.years and _within(claimed.years, stated.years)):
        return False
    if any(
        mine is not None and mine != its
        for mine, its in (
            (claimed.month, stated.month),
            (claimed.day, stated.day),
            (claimed.weekday, _weekday(stated)),
            (claimed.season, stated.season),
        )
    ):
        return False
    return claimed.part is None or claimed.part == stated.part or _falls_in(claimed, stated)


def other_date(claimed: CalendarDate, stated: CalendarDate) -> bool:
    """Whether no day is meant by both; False when that cannot be told, as of "last year" and "2023"."""
    if claimed.relative or stated.relative:
        return False
    if claimed.years and stated.years and _apart(claimed.years, stated.years):
        return True
    if claimed.month and stated.month:
        days = (claimed.day, stated.day)
        return claimed.month != stated.month or (None not in days and days[0] != days[1])
    weekdays = (_weekday(claimed), _weekday(stated))
    return None not in weekdays and weekdays[0] != weekdays[1]


def _within(wide: tuple[int, int], narrow: tuple[int, int]) -> bool:
    return wide[0] <= narrow[0] and narrow[1] <= wide[1]


def _apart(one: tuple[int, int], two: tuple[int, int]) -> bool:
    return one[1] < two[0] or two[1] < one[0]


def _weekday(day: CalendarDate) -> int | None:
    if day.weekday is not None or not (day.years and day.years[0] > 0 and day.month and day.day):
        return day.weekday
    try:
        return date(day.years[0], day.month, day.day).weekday()
    except ValueError:
        return None


def _falls_in(claimed: CalendarDate, stated: CalendarDate) -> bool:
    """Whether a month or a day lies in the early, middle or late part that a claim names."""
    number, parts = (stated.day, _PARTS_OF_MONTH) if claimed.month else (stated.month, _PARTS_OF_YEAR)
    first, last = parts[claimed.part or "early"]
    return number is not None and first <= number <= last
