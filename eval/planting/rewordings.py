"""The same statement in other words or marks: what a checker of claims has to let pass."""

from __future__ import annotations

import re
from random import Random

from eval.planting.names import SPOKE
from eval.planting.sentences import (
    MOST_WORDS,
    Change,
    Shelf,
    Told,
    content,
    lowered,
    replaced,
    several,
    usable,
)
from eval.planting.values import DATE, MONTHS, WRITTEN, Number, is_label, numbers

_DIGITS = {value: word for word, value in WRITTEN.items()}
_THEN_VERB = (
    r"(?= (?:is|are|was|were|has|had|have|will|would|can|could|may|must|should|said|says|told|became|began|[a-z]{2,}ed)\b"
    r"(?! and ))"
)
_ASIDES = (
    re.compile(
        r"(?<=[a-z]{3}) \((?!s\)|mod\b|except|excluding|only|if\b|unless|or\b|and\b|i\.e|in |[^()]{0,60}"
        r"\bnot\b|[a-z]+\))[^()\d]{4,80}\)(?=[ ,.;])"
    ),
    re.compile(
        r"(?<=[a-z]), (?:for example|for instance|of course|in turn|in fact|however|therefore|moreover|in particular),"
        r"(?= (?:is|are|was|were|has|have|had|can|will|would|must|should|may|in|on|at|by|to|from)\b)"
    ),
    re.compile(
        r"(?<=[a-z]), (?:which|who|whose) (?!along|together|with|in\b|at\b|by\b|like|upon|after|as\b)"
        rf"(?:(?!\b(?:and|or|not)\b)[^,;()\"“”]){{8,90}},{_THEN_VERB}"
    ),
    re.compile(rf"(?<=[a-z]), an? (?:(?!\b(?:and|or|not)\b)[^,;()\"“”]){{6,70}},{_THEN_VERB}"),
)
_LEADS = (
    "According to the article, ",
    "The article says that ",
    "As the article reports, ",
    "The article states that ",
)
_JOINED_BADLY = re.compile(
    r"(?:however|but|and|so|also|yet|therefore|thus|moreover|furthermore|for example|in addition)\b", re.IGNORECASE
)
_SAID_FIRST = re.compile(
    rf"^(?P<who>(?:(?!\b(?:is|are|was|were|has|have|had|not|that|it|also|and|which)\b)[^,;:()\"“”]){{3,60}}?)"
    rf" (?P<said>{SPOKE}|found|estimated|say|agreed|showed|indicated|revealed)"
    r" that (?P<what>[^;:\"“”]{15,260})\.$"
)
_CLAUSE_START = re.compile(
    r"(?:if|when|as|in|on|at|by|for|while|since|after|before|because|although|with|no|few|only)\b", re.IGNORECASE
)
_ACCORDING = re.compile(r"^According to (?P<who>(?:the |an? )?[^,;()\"“”]{3,50}), (?P<what>[^;:\"“”]{15,260})\.$")
_SAID_LAST = re.compile(
    r"^(?P<what>[^;:\"“”]{15,260}), (?P<who>(?:the )?[A-Z]?[\w.’'\- ]{3,40}) (?P<said>said|says|argued|noted|reported)\.$"
)
_ACCORDING_LAST = re.compile(r"^(?P<what>[^,;:\"“”]{15,260}),? according to (?P<who>[^,;()\"“”]{3,60})\.$")


def untouched(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """The sentence itself."""
    del shelf, random
    return Change(told.sentence, ())


def number_written(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """A number in its other spelling: eight and 8, 2,640 and 2640, 5% and 5 percent, 3 million and 3,000,000."""
    del shelf
    ways = [
        (n, new) for n in numbers(told.sentence)
        if not told.in_quote(*n.whole) and not is_label(told.sentence, n) and (new := _other_spelling(told.sentence[slice(*n.whole)], n))
    ]  # fmt: skip
    if not ways:
        return None
    number, new = random.choice(ways)
    return replaced(told.sentence, *number.whole, new)


def _other_spelling(text: str, number: Number) -> str | None:
    low = text.casefold()
    if low.startswith("500,000"):
        return "half a million" + text[7:]
    if share := re.fullmatch(r"([\w.,]+)(%| percent| per cent)", text):
        return f"{share[1]} percent" if share[2] == "%" else (f"{share[1]}%" if share[1][0].isdigit() else None)
    if low in WRITTEN:
        return str(WRITTEN[low])
    if re.fullmatch(r"\d+", text) and number.amount in _DIGITS and number.amount <= 12:
        return _DIGITS[int(number.amount)]
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+", text):
        return text.replace(",", "")
    if re.fullmatch(r"\d{5,9}", text):
        return f"{int(text):,}"
    if found := re.fullmatch(r"(\$?)(\d+(?:\.\d)?) million", text):
        return f"{found[1]}{round(float(found[2]) * 1_000_000):,}"
    return None


def date_written(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """A date in another order: April 23, 2024, 23 April 2024 or 2024-04-23."""
    del shelf
    found = [m for m in DATE.finditer(told.sentence) if not m["m3"] and not told.in_quote(*m.span())]
    if not found:
        return None
    m = random.choice(found)
    year = m["y1"] or m["y2"] or m["y5"]
    month = m["m1"] or m["m2"] or (MONTHS[int(m["n5"]) - 1] if 1 <= int(m["n5"]) <= 12 else "")
    day = int(m["d1"] or m["d2"] or m["d5"])
    if not month or not 1 <= day <= 31:
        return None
    ways = [
        f"{month} {day}, {year}" if year else f"{month} {day}",
        f"{day} {month} {year}" if year else f"{day} {month}",
    ]
    ways += [f"{year}-{MONTHS.index(month) + 1:02}-{day:02}"] if year else []
    new = random.choice([way for way in ways if way != m[0] and way.replace(",", "") != m[0]])
    return several(told.sentence, [(*m.span(), new)])


def marks(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """Quotation marks and apostrophes straight or curly, dashes long or short, spaces double."""
    del shelf
    edits = [(m.start(), m.end(), _curly(told.sentence, m)) for m in re.finditer(r"[\"'“”’‘]", told.sentence)]
    edits += [
        (m.start(), m.end(), " – " if m[0] != " – " else " — ")
        for m in re.finditer(r" ?— ?| – | -{1,2} ", told.sentence)
    ]
    if not edits or random.random() < 0.2:
        spaces = [m.span() for m in re.finditer(r"(?<=\w) (?=\w)", told.sentence)]
        return several(told.sentence, [(*span, "  ") for span in random.sample(spaces, min(2, len(spaces)))])
    return several(told.sentence, edits)


def _curly(sentence: str, mark: re.Match[str]) -> str:
    if mark[0] in "“”":
        return '"'
    if mark[0] in "‘’":
        return "'"
    opens = mark.start() == 0 or sentence[mark.start() - 1] in " (["
    if mark[0] == "'":
        return "‘" if opens else "’"
    return "“" if opens else "”"


def case(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """All letters small, or all but the first."""
    del shelf
    low = told.sentence.lower()
    claim = low if random.random() < 0.5 or not low[0].isalpha() else low[0].upper() + low[1:]
    return Change(claim, ((0, len(claim)),)) if claim != told.sentence else None


def aside_dropped(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """What stands in parentheses, or between commas without being needed, is left out."""
    del shelf
    found = [m.span() for pattern in _ASIDES for m in pattern.finditer(told.sentence) if not told.in_quote(*m.span())]
    if not found:
        return None
    start, end = random.choice(found)
    claim = told.sentence[:start] + told.sentence[end:]
    return Change(claim, ((max(0, start - 1), min(len(claim), start + 1)),))


def lead(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """A neutral beginning that says where it stands."""
    del shelf
    if told.sentence[0] in '"“' or re.match(
        r"(?:According|However|Thus|Therefore|Also|For example|Please|[A-Z]\w+,)", told.sentence
    ):
        return None
    new = random.choice(_LEADS)
    return Change(new + lowered(told.sentence, told.of.text), ((0, len(new)),))


def joined(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """The sentence and the next one as one."""
    del shelf
    if told.after is None or not told.sentence.endswith("."):
        return None
    other = told.of.text[slice(*told.after)]
    words = len(told.sentence.split()) + len(other.split())
    if not usable(other) or words > MOST_WORDS or _JOINED_BADLY.match(other) or '"' in told.sentence + other:
        return None
    link = random.choice((", and ", "; "))
    body = told.sentence[:-1]
    return Change(body + link + lowered(other, told.of.text), ((len(body), len(body) + len(link)),), end=told.after[1])


def said_last(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """Who said it moves to the end, or from the end to the beginning."""
    del shelf, random
    s = told.sentence
    if (m := _SAID_FIRST.match(s)) and len(m["who"].split()) <= 8 and not _CLAUSE_START.match(s):
        what, tail = _capital(m["what"]), f"{lowered(m['who'], told.of.text)} {m['said']}"
    elif m := _ACCORDING.match(s):
        what, tail = _capital(m["what"]), f"according to {m['who']}"
    elif m := _ACCORDING_LAST.match(s):
        claim = f"According to {m['who']}, {lowered(m['what'], told.of.text)}."
        return Change(claim, ((0, len(claim)),))
    elif m := _SAID_LAST.match(s):
        claim = f"{_capital(m['who'])} {m['said']} that {lowered(m['what'], told.of.text)}."
        return Change(claim, ((0, len(claim)),))
    else:
        return None
    if re.search(r"\w\. [A-Z]| and that ", what):
        return None
    claim = f"{what}, {tail}."
    return Change(claim, ((0, len(claim)),)) if content(claim) == content(s) else None


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
