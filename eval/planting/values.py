"""Numbers and dates: where a sentence states one, and another that is not true in its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from eval.planting.sentences import PLAIN_WORDS, Change, Shelf, Span, Told, replaced

MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
WRITTEN = {
    word: value
    for value, word in (
        *enumerate("two three four five six seven eight nine ten eleven twelve".split(), 2),
        (15, "fifteen"), (20, "twenty"), (30, "thirty"), (40, "forty"), (50, "fifty"), (60, "sixty"), (70, "seventy"),
        (80, "eighty"), (90, "ninety"),
    )
}  # fmt: skip
_SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "bn": 1e9, "m": 1e6, "k": 1e3}
_NUMBER = re.compile(
    r"(?<![\w.,:/+\-–—#\[$€£])(?P<money>US\$|[$€£])?"
    rf"(?P<value>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|\b(?:{'|'.join(WRITTEN)})\b)"
    r"(?P<share>%| percent\b| per cent\b)?(?P<scale>(?: (?:thousand|million|billion|trillion)\b|(?:bn|m|k)\b)?)"
    r"(?![\w/:°′″×]|[–\-—]|\.\d|,\d| ?[×+=]"
    r"| (?:AD|BC|BCE|CE|[aApP]\.?[mM]|o['’]clock|or)\b| (?:to|and) (?:a |an |one|\d|[a-z]+th)"
    r"| (?:thirds|quarters|fifths|tenths)|(?: [a-z]+){1,3} \(\d)",
    re.IGNORECASE,
)
_LABEL_BEFORE = re.compile(
    r"\b(?:pages?|pp?\.|chapters?|sections?|figures?|fig\.|tables?|no\.|numbers?|lines?|forms?|versions?|articles?|parts?|steps?"
    r"|levels?|phases?|types?|grades?|routes?|channels?|volumes?|vol\.|acts?|books?|verses?|rooms?|class|groups?|stages?|rules?"
    r"|codes?|ports?|top|seasons?|episodes?|rounds?|options?|units?|c\.|ca\.|v\.?|release|one|two|the|aged?|or|to|and|through) ?\(?$",
    re.IGNORECASE,
)
_LOWER_BOUND = re.compile(r"\b(?:at least|more than|over|no fewer than|above|exceed\w*|minimum of|as many as) $", re.I)
_UPPER_BOUND = re.compile(
    r"\b(?:at most|less than|fewer than|up to|under|below|nearly|almost|maximum of|within) $", re.I
)
_MONTH = "|".join(MONTHS)
DATE = re.compile(
    rf"\b(?:(?P<m1>{_MONTH}) (?P<d1>\d{{1,2}})(?:,? (?P<y1>\d{{4}}))?|(?P<d2>\d{{1,2}}) (?P<m2>{_MONTH})(?:,? (?P<y2>\d{{4}}))?"
    rf"|(?P<m3>{_MONTH}),? (?P<y3>\d{{4}})|(?P<y5>\d{{4}})-(?P<n5>\d\d)-(?P<d5>\d\d))(?![\w–\-]|,\d)"
)
_YEAR = re.compile(
    r"(?<![\w,.–\-/$€£])(?:1[0-9]|20)\d\d(?![\w–\-/%]|[,.]\d| (?!was\b|has\b|this\b|its\b|does\b)(?:[a-z]{3,}s|percent|million)\b)"
)
_IN_YEAR = re.compile(
    r"(?<![Aa]s of )\b(?:in|since|by|until|from|before|after|to|of|early|late|and|around|the) $|\($", re.IGNORECASE
)
_DAY = re.compile(rf"\b(?:on|last|next|until|since|by) ({'|'.join(DAYS)})\b")


@dataclass(frozen=True)
class Number:
    """A number at ``sentence[start:end]``, its scale and unit left out; `amount` has the scale."""

    start: int
    end: int
    whole: Span
    amount: float
    shape: tuple[bool, bool, bool]
    written: bool
    scale: str


def numbers(sentence: str) -> list[Number]:
    """The numbers that say how much or how many; no years, dates, labels, ordinals or parts of names."""
    taken = [m.span() for pattern in (DATE, _YEAR) for m in pattern.finditer(sentence)]
    found = []
    for m in _NUMBER.finditer(sentence):
        start, end = m.span("value")
        word = m["value"].casefold()
        if any(a < end and start < b for a, b in taken) or _part_of_name(sentence[: m.start()]):
            continue
        if re.fullmatch(r"1\d{3}|20\d\d", word) and not (m["money"] or m["share"] or m["scale"]):
            continue
        scale = m["scale"].strip()
        amount = WRITTEN.get(word) or float(word.replace(",", ""))
        shape = (bool(m["money"]), bool(m["share"]), bool(scale))
        found.append(
            Number(start, end, m.span(), amount * _SCALES.get(scale.lower(), 1), shape, word in WRITTEN, scale)
        )
    return [n for n in found if n.amount > 1 and sentence[n.end :].lstrip()[:1] != ")"]


def other_number(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """A number becomes another: one of the same article, or one that is made up."""
    here = numbers(told.sentence)
    choices = [n for n in here if not is_label(told.sentence, n)]
    if not choices:
        return None
    old = random.choice(choices)
    values = {n.amount for n in here} | {
        float(x.replace(",", "")) for x in re.findall(r"\d+(?:,\d{3})*", told.sentence)
    }
    stated = [
        n for t in shelf.told[told.of.id] for n in numbers(t.sentence)
        if n.shape == old.shape and n.written == old.written and n.scale == old.scale and old.amount / 10 <= n.amount <= old.amount * 10
    ]  # fmt: skip
    scale = _SCALES.get(old.scale.lower(), 1.0)
    near = sorted({n.amount for n in stated})
    made = _made_up(old, told.sentence[old.start : old.end], scale, random)
    for amount in (*random.sample(near, len(near)), *made):
        if any(abs(amount - v) < 0.15 * max(v, 1) for v in values) or not _out_of_bounds(told, old, amount):
            continue
        if scale > 1 and amount / scale >= 1000:
            continue
        new = _spelled(amount / scale, told.sentence[old.start : old.end])
        if new == told.sentence[old.start : old.end]:  # the same number as read otherwise elsewhere
            continue
        rest = re.match(r"\W*\w*", told.sentence[old.end :])
        change = replaced(told.sentence, old.start, old.end, new) if new else None
        if new and change and rest and not _stands(told.of.text, new + rest[0], told.sentence):
            return change
    return None


def other_date(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """A day, month or year becomes another."""
    ways = [_other_year, _other_day, _other_month]
    random.shuffle(ways)
    return next((made for way in ways if (made := way(told, shelf, random))), None)


def _part_of_name(before: str) -> bool:
    word = re.search(r"([A-Z][\w.’'\-]*) $", before)
    return bool(word and (word.start() > 0 or word[1].casefold() not in PLAIN_WORDS | {"over", "more", "less"}))


def is_label(sentence: str, number: Number) -> bool:
    """Whether the number names a thing, or is one of a list, rather than counts."""
    return (
        bool(re.search(r"\d,? $", sentence[: number.whole[0]]) or re.match(r", \d", sentence[number.whole[1] :]))
        or bool(_LABEL_BEFORE.search(sentence[: number.whole[0]]))
        or sentence[number.whole[0] - 1 :][:1] == "("
    )


def _out_of_bounds(told: Told, old: Number, amount: float) -> bool:
    """Whether the new amount is not implied by the old: what is more than 100 is also more than 80."""
    before = told.sentence[: old.whole[0]]
    after = told.sentence[old.whole[1] :]
    if _LOWER_BOUND.search(before) or re.match(r" or more| or over", after):
        return amount > old.amount
    if _UPPER_BOUND.search(before) or re.match(r" or (?:less|fewer)", after):
        return amount < old.amount
    return True


def _made_up(old: Number, text: str, scale: float, random: Random) -> list[float]:
    if old.shape[1]:
        return random.sample([x for x in (4, 9, 13, 17, 22, 28, 34, 41, 57, 63, 76, 88, 94) if x < 100], 8)
    if old.written or (old.amount < 20 and "." not in text):
        near = [old.amount / scale + step for step in (-4, -3, -2, 2, 3, 4, 6)]
        return [x * scale for x in random.sample(near, len(near)) if x >= 2]
    return [old.amount * factor for factor in random.sample((0.3, 0.4, 0.6, 0.7, 1.4, 1.7, 2.3, 3.2), 8)]


def _spelled(value: float, like: str) -> str | None:
    """A value in the manner of another: as a word, with separators, with as many decimals."""
    if like.casefold() in WRITTEN:
        return next((word for word, v in WRITTEN.items() if v == round(value)), None)
    decimals = len(like.partition(".")[2])
    whole = like.replace(",", "").partition(".")[0]
    if not decimals and value >= 100 and whole.endswith("0"):
        zeros = len(whole) - len(whole.rstrip("0"))
        value = max(round(value, -zeros), 10**zeros)
    elif not decimals and value != int(value):
        value = round(value)
    new = f"{value:,.{decimals}f}"
    return new if "," in like or (value >= 1000 and len(whole) < 4) else new.replace(",", "")


def _stands(text: str, words: str, sentence: str) -> bool:
    return re.search(rf"(?<![\w.,]){re.escape(words.strip())}", text.replace(sentence, "")) is not None


def _other_year(told: Told, shelf: Shelf, random: Random) -> Change | None:
    years = [m for m in _YEAR.finditer(told.sentence)]
    places = [
        m for m in years if _IN_YEAR.search(told.sentence[: m.start()]) or _after_month(told.sentence[: m.start()])
    ]
    if not places:
        return None
    old = random.choice(places)
    value, stated = int(old[0]), [int(m[0]) for m in years]
    elsewhere = sorted({int(m[0]) for m in _YEAR.finditer(told.of.text)} - set(stated))
    near = [y for y in elsewhere if 2 <= abs(y - value) <= 60]
    made = [value + step for step in (-14, -11, -9, -7, -6, -4, -3, 3, 4, 6, 7, 9, 12)]
    i = years.index(old)
    newest = max([2000, *stated, *elsewhere])
    for year in (*random.sample(near, len(near)), *random.sample(made, len(made))):
        in_order = [*stated[:i], year, *stated[i + 1 :]]
        same_order = [a < b for a, b in _pairs(stated)] == [a < b for a, b in _pairs(in_order)]
        if (
            year <= newest
            and year not in stated
            and same_order
            and _year_not_implied(told.sentence[: old.start()], value, year)
        ):
            change = replaced(told.sentence, *old.span(), str(year))
            if not shelf.says_so(told.of.id, told.sentence, str(year)):
                return change
    return None


def _pairs(years: Sequence[int]) -> list[Span]:
    return [(a, b) for i, a in enumerate(years) for b in years[i + 1 :]]


def _after_month(before: str) -> bool:
    return re.search(rf"\b(?:{_MONTH})(?: \d{{1,2}})?,? $", before) is not None


def _year_not_implied(before: str, old: int, new: int) -> bool:
    if re.search(r"\b(?:since|by|until|before) $", before, re.IGNORECASE):
        return new < old
    if re.search(r"\bafter $", before, re.IGNORECASE):
        return new > old
    return True


def _other_day(told: Told, shelf: Shelf, random: Random) -> Change | None:
    del shelf
    found = list(_DAY.finditer(told.sentence))
    if not found:
        return None
    old = random.choice(found)
    free = [day for day in DAYS if day not in told.sentence]
    return replaced(told.sentence, *old.span(1), random.choice(free)) if free else None


def _other_month(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """The month or the day of the month of a full date, or the month before a year."""
    del shelf
    found = [
        m
        for m in DATE.finditer(told.sentence)
        if not m["y5"] and not told.sentence[: m.start()].lower().endswith("as of ")
    ]
    if not found:
        return None
    old = random.choice(found)
    group = next(g for g in ("m1", "m2", "m3") if old[g])
    if group != "m3" and random.random() < 0.5:
        day = "d1" if old["d1"] else "d2"
        free = [d for d in range(2, 29) if str(d) not in re.findall(r"\d+", told.sentence)]
        return replaced(told.sentence, *old.span(day), str(random.choice(free)))
    free_months = [m for m in MONTHS if m not in told.sentence]
    return replaced(told.sentence, *old.span(group), random.choice(free_months))
