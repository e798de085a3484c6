"""Amounts in figures and in words: "2,640", "1.2bn", "twenty-one", "half a million", "two and a half", "a third".

text2num reads runs of plain number words only: "half a million", "1.2 million" and "a dozen" come out wrong or unread.
"""

from __future__ import annotations

import re

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_SMALL_VALUES = {word: n for n, word in enumerate(_ONES)} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "dozen": 12.0} | {
    "lakh": 1e5,
    "crore": 1e7,
    "k": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "mln": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "tn": 1e12,
}
_GLYPHS = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}
_PARTS = {
    "half": 2,
    "third": 3,
    "quarter": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
}
_ORDINALS = dict(
    zip(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth"
        " sixteenth seventeenth eighteenth nineteenth twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth"
        " ninetieth hundredth thousandth".split(),
        (*range(1, 21), 30, 40, 50, 60, 70, 80, 90, 100, 1000),
        strict=True,
    )
)

_DIGIT = "|".join(_ONES[1:10])
TENS = "|".join(_TENS)
_SMALL = rf"(?:(?:{TENS})(?:[-\s](?:{_DIGIT}))?\b|(?:{'|'.join(sorted(_ONES, key=len, reverse=True))})\b)"
_SCALE = r"(?:hundred|thousand|million|billion|trillion|dozen|lakh|crore)\b"
_FIGURE = r"(?:\d{1,3}(?:,\d{2,3})*,\d{3}(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
_HALF = r"(?:\s+and\s+an?\s+(?:half|quarter|third))"
_MORE = rf",?\s+(?:and\s+)?{_SMALL}"
_GLUED = r"(?:\s?(?:bn|mn|mln|tn)\b|[kKmMbB]\b)"
AMOUNT = (
    rf"(?:{_FIGURE}(?:\s?[½¼¾⅓⅔]|\s[1-9]/[2-9]\b(?!/))?{_HALF}?(?:(?:[-\s]{_SCALE})+|{_GLUED})?|[½¼¾⅓⅔]"
    rf"|(?:{_SMALL}{_HALF}?|an?\s+(?={_SCALE}))(?:(?:(?<=\s)|[-\s]){_SCALE})+(?:{_MORE}(?:[-\s]{_SCALE})+)*(?:{_MORE})?"
    rf"|{_SMALL}{_HALF}?(?:\s+point(?:\s(?:{_DIGIT}|zero))+\b)?(?![-\s]?(?:thirds?|quarters?|fifths?|tenths?|eighths?|sixths?)\b)"
    rf"|(?:half|(?:a|one)\s+quarter\s+of|three[-\s]quarters\s+of)\s+an?\s+{_SCALE})"
)
"""A pattern for an amount, without groups; to be used without regard to case."""

FRACTION = (
    rf"(?:(?:an?|one)[-\s](?:half|third|quarter|fifth|sixth|seventh|eighth|ninth|tenth)\b(?!-)"
    rf"|(?:{_DIGIT})[-\s](?:thirds|quarters|fifths|sixths|sevenths|eighths|ninths|tenths)\b|half\b(?!-))"
)
"""A pattern for a share of a whole, without groups; whether "a third" is one, the words after it decide."""

_WORD_ORDINALS = "|".join(sorted(_ORDINALS, key=len, reverse=True))
ORDINAL = rf"(?:\d{{1,3}}(?:,\d{{3}})*(?:st|nd|rd|th)\b|(?:(?:{TENS})[-\s])?(?:{_WORD_ORDINALS})\b)"
"""A pattern for an ordinal, without groups."""

VAGUE = (
    r"(?:(?:tens|dozens|scores|hundreds|thousands)\s+of\s+)?"
    r"(?:dozens|scores(?=\sof\b)|hundreds|thousands|millions|billions|trillions)\b"
)
"""A pattern for an order of magnitude, without groups."""

_TOKEN = re.compile(rf"{_FIGURE}|[a-z]+|[½¼¾⅓⅔]|/")
_A_PART = re.compile(r"\band\s+an?\s+(half|quarter|third)\b|(?<=\s)([1-9])/([2-9])\b")


def amount(text: str) -> float:
    """The value of a text that `AMOUNT` matches."""
    lowered = text.lower().replace("-", " ")
    extra = 0.0
    if part := _A_PART.search(lowered):
        extra = 1 / _PARTS[part[1]] if part[1] else int(part[2]) / int(part[3])
        lowered = lowered[: part.start()] + lowered[part.end() :]
    if lowered.startswith("half"):
        return 0.5 * _run(lowered[4:], 0.0)
    if "quarter" in lowered:
        return (0.75 if lowered.startswith("three") else 0.25) * _run(lowered.partition(" of ")[2], 0.0)
    whole, point, decimals = lowered.partition(" point ")
    if point:
        return _run(whole, 0.0) + float("0." + "".join(str(_SMALL_VALUES[word]) for word in decimals.split()))
    return _run(lowered, extra)


def _run(words: str, extra: float) -> float:
    """The value of figures, number words and scales that follow each other; `extra` goes with the first."""
    total, current = 0.0, None
    for token in _TOKEN.findall(words):
        if token in _SCALES:
            current = (1.0 if current is None else current + extra) * _SCALES[token]
            extra = 0.0
            if _SCALES[token] >= 1e3:
                total, current = total + current, 0.0
        elif token in _SMALL_VALUES or token in _GLYPHS or token[0].isdigit():
            value = _SMALL_VALUES.get(token, _GLYPHS.get(token))
            current = (current or 0.0) + (float(token.replace(",", "")) if value is None else value)
    return round(total + (current or 0.0) + extra, 9)


def fraction(text: str) -> float:
    """The value of a text that `FRACTION` matches, between 0 and 1."""
    words = re.split(r"[-\s]+", text.lower())
    count = _SMALL_VALUES.get(words[0], 1) if len(words) > 1 else 1
    return count / _PARTS[words[-1].rstrip("s") if words[-1] != "half" else "half"]


def ordinal(text: str) -> int:
    """The value of a text that `ORDINAL` matches."""
    if text[0].isdigit():
        return int(re.sub(r"\D", "", text))
    words = re.split(r"[-\s]+", text.lower())
    return int(sum(_SMALL_VALUES.get(word, 0) for word in words[:-1]) + _ORDINALS[words[-1]])


def vague(text: str) -> tuple[float, float]:
    """The least and the greatest value that a text which `VAGUE` matches may stand for: hundreds, 200 to 1,999."""
    words = [word.lower() for word in text.split() if word.lower() != "of"]
    scales = [{"tens": 10.0, "dozens": 12.0, "scores": 20.0}.get(word) or _SCALES[word[:-1]] for word in words]
    unit = scales[0] * (scales[1] if len(scales) > 1 else 1.0)
    # "Thousands" is said of tens of thousands too, "hundreds" hardly of several thousand.
    reach = 1000.0 if len(scales) == 1 and unit >= 1e3 else 20.0
    return 2 * unit, reach * unit - 1
