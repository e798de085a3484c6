"""Dates as sentences state them, often in part: "April 23", "mid-2023", "the 1990s", "last year", "on Tuesday".

dateparser reads "We" and "a 4%" as dates when it looks for them in a sentence, and fills in the parts that are not stated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from assistant.dates import MONTHS
from assistant.grounding.measures import AFTER, unit_after
from assistant.grounding.number_words import AMOUNT, ORDINAL, TENS, amount, ordinal

_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_MONTH = r"(?:" + "|".join(f"{m}|{m.upper()}|{m[:3]}(?!\\w)\\.?" for m in MONTHS) + r"|Sept\b\.?)"
_WEEKDAY = rf"(?:{'|'.join(day.title() for day in _WEEKDAYS)})"
_SEASON = r"(?:[Ss]pring|[Ss]ummer|[Aa]utumn|[Ff]all|[Ww]inter)"
_YEAR = r"(?:1\d{3}|20\d\d|2100)(?![\d%½]|[.,:/]\d)"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?!\w|[.,:/]\d|%|\s?(?:[ap]\.?m\b|per\s?cent|percent|million|billion))"
_TO = r"(?:\s?[-–—]\s?|\s+(?:and|to|or|through|until)\s+)"
_PART = r"(?:(?P<part{0}>[Ee]arly|[Mm]id(?:dle)?|[Ll]ate)(?:[-\s]|\s+of\s+)(?:the\s+|in\s+)?)?"
_NAMED_DAY = rf"(?:(?P<weekday{{0}}>{_WEEKDAY}),?\s+(?:on\s+)?(?:the\s+)?)?"
_PATTERNS = (
    r"(?P<iso>(?:1\d{3}|20\d\d)-(?:0[1-9]|1[0-2])-(?:3[01]|[12]\d|0[1-9]))(?!\d)",
    r"(?P<slashed>\d{1,2}/\d{1,2}/(?:1[5-9]|20)\d\d)(?![\d/])",
    rf"{_NAMED_DAY.format(1)}(?P<day1>{_DAY})(?:{_TO}(?P<till1>{_DAY}))?\s+(?:of\s+)?(?P<month1>{_MONTH})(?:(?:\s?,)?\s+(?P<year1>{_YEAR}))?",
    rf"{_NAMED_DAY.format(2)}(?P<month2>{_MONTH})\s+(?:the\s+)?(?P<day2>{_DAY})(?:{_TO}(?P<till2>{_DAY}))?(?:(?:\s?,)?\s+(?P<year2>{_YEAR}))?",
    rf"{_PART.format(3)}(?P<month3>{_MONTH}),?\s+(?:of\s+)?(?P<year3>{_YEAR})",
    rf"{_PART.format(4)}(?P<season4>{_SEASON})\s+(?:of\s+)?(?P<year4>{_YEAR})(?:[-–/]\d\d\b)?",
    rf"{_PART.format(5)}(?:the\s+)?(?P<decade>(?:1\d|20)\d0s|[’'‘][2-9]0s|(?<=the\s)[2-9]0s|(?<=the\searly\s)[2-9]0s|(?<=the\slate\s)[2-9]0s|(?<=the\smid-)[2-9]0s|(?<=0s\sand\s)[2-9]0s|(?<=0s\sor\s)[2-9]0s)\b",
    rf"{_PART.format(6)}(?P<century>{ORDINAL})(?=[-\s][Cc]entur(?:y|ies)|\s+(?:and|or|to)\s+{ORDINAL}[-\s][Cc]entur)(?:[-\s][Cc]entur(?:y|ies))?(?P<bc6>\s+B\.?C)?",
    r"(?P<before>\d{1,4})\s?(?:B\.C\.(?:E\.)?|BCE?\b)|(?:AD|A\.D\.)\s?(?P<after1>\d{1,4})|(?P<after2>\d{1,4})\s?(?:AD|CE)\b",
    rf"(?P<first>1\d{{3}}|20\d\d)(?:[-–/](?P<last>\d\d))(?!\w|[-–.,]\d)|{_PART.format(7)}(?P<year7>{_YEAR})(?!\w)",
    rf"(?P<spoken>\b(?:sixteen|seventeen|eighteen|nineteen|twenty)\s(?:{TENS}|ten|twelve|fourteen|sixteen|eighteen)(?:-\w+)?)",
    rf"\b(?P<which>[Ll]ast|[Tt]his|[Nn]ext|[Pp]revious|[Ff]ollowing)\s(?P<what>week|weekend|month|year|decade|century|quarter|{_SEASON}|{_WEEKDAY}|{_MONTH})\b",
    rf"\b(?P<ago>(?:{AMOUNT}|an?)\s(?:day|week|month|year|decade)s?)\sago\b",
    r"\b(?P<near>[Yy]esterday|[Tt]oday|[Tt]omorrow|[Tt]onight|[Ll]ast\snight)\b",
    rf"\b(?P<weekday8>{_WEEKDAY})\b|{_PART.format(9)}(?P<month9>\b{_MONTH})",
)
_DATE = re.compile("(?<![\\w$€£#@])(?<!\\d[.,:/])(?:" + "|".join(_PATTERNS) + ")")
_HINT = re.compile(
    rf"\d|{_MONTH}|(?i:day\b|week|month|year|tonight|last\s|next\s|ago\b|centur|spring|summer|nineteen|twenty|eighteen)"
)
_IN = re.compile(
    r"\b(?:in|since|of|by|from|until|during|before|after|last|this|next|and|through|to|between|for)\s+$", re.I
)
_COUNTED = re.compile(
    r"\s+(?:people|men|women|children|soldiers|troops|workers|jobs|deaths|homes|houses|students|employees|members|votes|words"
    r"|cases|civilians|police|officers|fighters|refugees|migrants|passengers|patients|visitors|seats|ships|tanks|years)\b"
)
_NO_UNIT = frozenset("second point day week month year minute hour".split())


@dataclass(frozen=True)
class CalendarDate:
    """What a phrase states of a date, and no more; all None but for that."""

    years: tuple[int, int] | None = None
    """First and last, equal for one year; negative before Christ."""
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    """Monday is 0."""
    season: str | None = None
    part: str | None = None
    """``early``, ``mid`` or ``late`` in what else is stated."""
    relative: str | None = None
    """The phrase in lower case, when it counts from a day that is not stated: ``last year``, ``2 year ago``."""


def dates(text: str) -> Iterator[tuple[int, int, CalendarDate]]:
    """Start, end and date of each that a text states, in order."""
    if not _HINT.search(text):
        return
    for found in _DATE.finditer(text):
        got = {re.sub(r"\d$", "", name): value for name, value in found.groupdict().items() if value}
        if "till" in got:
            yield from _two_days(found, got)
        elif _is_date(got, text, found):
            yield found.start(), found.end(), _read(got)


def _two_days(found: re.Match[str], got: dict[str, str]) -> Iterator[tuple[int, int, CalendarDate]]:
    """Both days of "Monday, April 23-25, 2024"; month and year are those of both, the weekday that of the first."""
    pattern = "1" if found["till1"] else "2"
    yield found.start(), found.end(f"day{pattern}"), _read(got)
    last = {name: value for name, value in got.items() if name != "weekday"}
    yield found.start(f"till{pattern}"), found.end(), _read({**last, "day": got["till"]})


def _is_date(got: dict[str, str], text: str, found: re.Match[str]) -> bool:
    before = text[max(0, found.start() - 12) : found.start()]
    if re.search(r"[A-Z][-–]$", before) and ("year" in got or "first" in got):
        return False  # the number of a notice or a model
    if got.keys() == {"year"}:
        unit = AFTER.match(text, found.end())
        counted = _COUNTED.match(text, found.end()) or (unit and unit_after(unit[0]) not in _NO_UNIT)
        return not counted and not re.match(r"\s(?:hundred|thousand|[mbt]r?illion)\b|-year", text[found.end() :])
    if got.keys() == {"first", "last"}:
        return int(got["first"][2:]) < int(got["last"]) or got["last"] == "00"
    if got.keys() == {"month"}:
        if got["month"].rstrip(".").upper() in ("MAY", "MARCH", "MAR", "JUN", "JAN", "SEP", "APR", "DEC", "AUG"):
            return got["month"] in ("May", "March") and _IN.search(before) is not None
        return len(got["month"]) > 3 and not re.match(r"\w|[’']s?\s[A-Z]|\s[A-Z][a-z]+", text[found.end() :][:12])
    if "ago" in got:  # beyond that it is geology, and no day counts
        return not re.search(r"\d{3}|[^\W\d_]{3,}\s+(?:thousand|[mb]illion)|[mb]illion|thousand", got["ago"])
    if "season" in got or "spoken" in got:
        return "spoken" not in got or _IN.search(before) is not None
    return True


def _read(got: dict[str, str]) -> CalendarDate:
    """The date of the groups that `_DATE` found."""
    part = got["part"].lower()[:5].replace("middl", "mid") if "part" in got else None
    day = CalendarDate(
        years=(int(got["year"]),) * 2 if "year" in got else None,
        month=_month(got["month"]) if "month" in got else None,
        day=int(re.sub(r"\D", "", got["day"])) if "day" in got else None,
        weekday=_WEEKDAYS.index(got["weekday"].lower()) if "weekday" in got else None,
        season=got["season"].lower().replace("fall", "autumn") if "season" in got else None,
        part=part,
    )
    if "iso" in got:
        year, month, number = map(int, got["iso"].split("-"))
        return replace(day, years=(year, year), month=month, day=number)
    if "slashed" in got:
        return _slashed(got["slashed"])
    if "which" in got or "near" in got or "ago" in got:
        return CalendarDate(relative=_relative(got))
    return replace(day, part=None, years=_narrowed(years, part)) if (years := _years(got)) else day


def _slashed(text: str) -> CalendarDate:
    """The day of ``23/4/2024``; that of ``3/4/2024`` is in April or in March, and equals only itself."""
    one, two, year = map(int, text.split("/"))
    day, month = (one, two) if one > 12 else (two, one)
    if one != two and (day <= 12 or month > 12 or day > 31):
        return CalendarDate(relative=text)
    return CalendarDate((year, year), month, day)


def _month(name: str) -> int:
    return next(i for i, month in enumerate(MONTHS, 1) if month[:3].lower() == name[:3].lower())


def _relative(got: dict[str, str]) -> str:
    if "ago" in got:
        count, unit = got["ago"].rsplit(maxsplit=1)
        return f"{1 if count.lower() in ('a', 'an') else amount(count):g} {unit.rstrip('s')} ago"
    if "near" in got:
        return " ".join(got["near"].lower().split())
    which = {"previous": "last", "following": "next"}.get(got["which"].lower(), got["which"].lower())
    return f"{which} {got['what'].lower()}"


def _years(got: dict[str, str]) -> tuple[int, int] | None:
    if "decade" in got:
        digits = re.sub(r"\D", "", got["decade"])
        first = int(digits) if len(digits) == 4 else 1900 + int(digits) if digits > "20" else 2000 + int(digits)
        return first, first + (99 if first % 100 == 0 and first < 2000 else 9)
    if "century" in got:
        last = 100 * ordinal(got["century"])
        return (-last, 99 - last) if "bc" in got else (last - 100, last - 1)
    if "first" in got:
        first = int(got["first"])
        return first, first - first % 100 + int(got["last"]) + (100 if got["last"] == "00" else 0)
    if "spoken" in got:
        century, rest = got["spoken"].split(maxsplit=1)
        return (int(100 * amount(century) + amount(rest)),) * 2
    if "before" in got:
        return -int(got["before"]), -int(got["before"])
    return (int(got["after"]),) * 2 if "after" in got else None


def _narrowed(years: tuple[int, int], part: str | None) -> tuple[int, int]:
    """The years of an early, middle or late part of a decade or century; "mid" leaves a third on each side."""
    first, last = years
    half, third = (last - first) // 2, (last - first) // 3
    return {"early": (first, first + half), "mid": (first + third, last - third), "late": (first + half, last)}.get(
        part or "", years
    )


def resolved(day: CalendarDate, published: date | None) -> CalendarDate:
    """The date with what the day of publication tells of it: "last year" becomes a year, "April 23" gets one.

    A weekday is the latest one up to that day; a date without a year is the nearest. Weeks stay as they are.
    """
    if published is None:
        return day
    if day.relative:
        return _counted_back(day.relative, published) or day
    if day.weekday is not None and day == CalendarDate(weekday=day.weekday):
        return _whole(published - timedelta(days=(published.weekday() - day.weekday) % 7))
    if day.month and day.years is None:
        gaps = [(y - published.year) * 365 + (day.month - published.month) * 30 for y in _around(published.year)]
        year = min(zip(map(abs, gaps), _around(published.year), strict=True))[1]
        return replace(day, years=(year, year))
    return day


def _around(year: int) -> tuple[int, int, int]:
    return year - 1, year, year + 1


def _whole(day: date) -> CalendarDate:
    return CalendarDate((day.year, day.year), day.month, day.day, day.weekday())


def _counted_back(phrase: str, published: date) -> CalendarDate | None:
    words = phrase.split()
    if len(words) < 2 and phrase not in ("yesterday", "today", "tonight", "tomorrow"):
        return None
    if phrase in ("yesterday", "last night", "today", "tonight", "tomorrow"):
        return _whole(published + timedelta(days={"today": 0, "tonight": 0, "tomorrow": 1}.get(phrase, -1)))
    steps = -float(words[0]) if words[-1] == "ago" else {"last": -1.0, "this": 0.0, "next": 1.0}[words[0]]
    unit, year = words[1], published.year
    if unit == "day" and abs(steps) < 1e5:
        return _whole(published + timedelta(days=int(steps)))
    if unit == "month":
        year, month = divmod(published.year * 12 + published.month - 1 + int(steps), 12)
        return CalendarDate((year, year), month + 1)
    if unit == "year":
        return CalendarDate((year + int(steps),) * 2)
    if unit in ("decade", "century") and words[-1] != "ago":
        size = 10 if unit == "decade" else 100
        first = year - year % size + int(steps) * size
        return CalendarDate((first, first + size - 1))
    if unit in _WEEKDAYS and steps:
        ahead = (_WEEKDAYS.index(unit) - published.weekday()) % 7 or 7
        back = (published.weekday() - _WEEKDAYS.index(unit)) % 7 or 7
        return _whole(published + timedelta(days=ahead if steps > 0 else -back))
    return None
