"""Dates as a newspaper prints them."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = ("January February March April May June July August September October November December").split()
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?=$|[T ])")


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
    words += [_MONTHS[month - 1]] if found[2] else []
    return " ".join([*words, found[1]])
