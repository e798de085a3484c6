"""The numbers of a sentence with their units and bounds: "more than $5bn", "between 5 and 10 percent", "a third"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.grounding.measures import AFTER, BEFORE, SIGNS, kind_of, unit_after
from assistant.grounding.number_names import is_name, is_pronoun, is_rank, is_share
from assistant.grounding.number_words import AMOUNT, FRACTION, ORDINAL, VAGUE, amount, fraction, ordinal, vague
from assistant.grounding.quantity import Bound, Quantity

_BOUNDS: tuple[tuple[Bound, str], ...] = (
    ("at_least", r"at\s+least|no(?:t)?\s+(?:fewer|less)\s+than|a\s+minimum\s+of|minimum"),
    ("at_most", r"at\s+most|no(?:t)?\s+more\s+than|up\s+to|as\s+many\s+as|as\s+much\s+as|a\s+maximum\s+of|maximum"),
    ("about", r"about|around|roughly|approximately|approx\.?|some|nearly|almost|close\s+to|(?:an\s+)?estimated|circa|ca?\.|~|≈"
              r"|just\s+(?:over|under|above|below|shy\s+of)|a\s+little\s+(?:over|under|more\s+than|less\s+than)|near"),
    ("more_than", r"more\s+than|over|above|exceed(?:ing|ed|s)?|upwards?\s+of|(?:greater|higher|larger|longer|older)\s+than"
                  r"|in\s+excess\s+of|well\s+over"),
    ("less_than", r"(?:less|fewer|lower|smaller|shorter|younger)\s+than|under|below"),
)  # fmt: skip
_BEFORE = re.compile(rf"(?:{'|'.join(rf'(?P<{bound}>{words})' for bound, words in _BOUNDS)})\s*(?:an?\s+)?$", re.I)
_PLUS = re.compile(r"\+|\s+or\s+(?:more|above|older|greater|higher)\b|-plus\b|\s+plus\b", re.I)
_MINUS = re.compile(r"\s+or\s+(?:less|fewer|below|under|younger)\b", re.I)
_OR_SO = re.compile(r"\s+or\s+so\b|-odd\b|-ish\b", re.I)
_NUMBER = re.compile(
    rf"(?<![\w.])(?:(?P<vague>{VAGUE})|(?P<odds>(?:one|[1-9]|two|three|four|six|seven|nine)\s+(?:in|out\s+of)(?:\s+every)?\s+{AMOUNT})"
    rf"|(?P<big>half[-\s][mbt]r?illion\b|(?:half|(?:a|one)\s+quarter\s+of|three[-\s]quarters\s+of)\s+an?\s+(?:dozen|hundred|thousand|[mbt]r?illion)\b)"
    rf"|(?P<half>(?:half|(?:a|one)\s+quarter\s+of|three[-\s]quarters\s+of)\s+an?\b|half(?=-))|(?P<share>{FRACTION})|(?P<ordinal>{ORDINAL})|(?P<ages>[2-9]0s\b)|(?P<twice>(?:twice|thrice)\b)"
    r"|(?P<single>an?(?=\s(?:decade|fortnight|century|millennium|year|month|week|day|hour|minute)\b))"
    rf"|(?P<amount>(?:(?<!\S)[-−–](?=\d)|(?<!\S)minus\s)?{AMOUNT}))"
    rf"|(?:(?<=[A-Z$€£¥₹₽₩₪₺₴])|(?<=Rs\.))(?P<glued>{AMOUNT})",
    re.I,
)  # fmt: skip
_HINT = re.compile(
    r"[\d½¼¾⅓⅔]|\b(?:an?\s(?:d|f|c|m|y|w|h|t|q)|one|two|t[whe]|fou?r|five|fif|s[ie][xv]|eigh|nin|eleven|half|third|sec|first|hundred"
    r"|thousand|million|billion|trillion|dozen|score|zero|noon|mid)",
    re.I,
)
_SPAN = re.compile(r"\b(?:for|within|in|after|nearly|almost|about|than|over|lasted|took|takes|last|every)\s+$", re.I)
_RATE = re.compile(r"(?:\d|once|twice|times|each)\s+$", re.I)
_SCALED = re.compile(r"(?:hundred|thousand|million|billion|trillion|lakh|crore|bn|mn|tn|k|m|b)$", re.I)
_CHANGED = re.compile(
    r"\b(?:ris\w+|rose|grow\w*|grew|increas\w+|f[ae]ll\w*|drop\w*|declin\w+|jump\w*|went|gone|cut\w*|climb\w*|up|down|rais\w+|chang\w+"
    r"|mov\w+|soar\w*|surg\w+|slid\w*|reduc\w+|expand\w*|shr[aiu]nk\w*|lower\w*|doubl\w+|swell\w*|swoll\w+|slash\w*)\b[^.;]{0,40}$",
    re.I,
)
_A_METRE = re.compile(r"\d[mM]$")
_MILLIONS = re.compile(
    r"-strong\b|\s(?:people|children|women|men|[a-z]{3,}(?<!hurdle)(?<!race)(?<!sprint)(?<!heat)(?<!final)s)\b"
)
_A_HALF = re.compile(r"\s+and\s+a\s+(?:half|quarter)\b", re.I)
_ODDS = re.compile(r"\s+(?:in|out\s+of)(?:\s+every)?\s+", re.I)
_TO = re.compile(r"\s?[-–—]\s?|-to-|\s+(?:to|or)\s+", re.I)
_AND = re.compile(
    r",?\s+(?:and|or|versus|vs\.?|to|from)\s+|,\s+|\s+(?:and|or)\s+(?:about|around|some|nearly|over)\s+", re.I
)


def number_phrases(text: str) -> list[Quantity]:
    """The quantities of a text that are no dates and no times of day, in order; their `text` is that of `text`."""
    return _joined(list(_numbers(text)), text) if _HINT.search(text) else []


def _numbers(text: str) -> Iterator[Quantity]:
    position = 0
    while found := _NUMBER.search(text, position):
        quantity = _READERS[found.lastgroup or "amount"](text, found)
        if quantity is not None:
            yield quantity
            position = max(quantity.end, found.start() + 1)
        else:
            position = found.end() if found.lastgroup == "amount" else found.start() + _first_word(found[0])


def _first_word(text: str) -> int:
    return re.match(r"\w+|.", text)[0].__len__()  # type: ignore[index]


def _read_amount(text: str, found: re.Match[str]) -> Quantity | None:
    """An amount with the sign before it and the unit after it, or None when it belongs to a name."""
    words, start, end = found[found.lastgroup or 0], found.start(), found.end()
    negative = re.match(r"[-−–]|minus\s", words, re.I)
    digits = start + (negative.end() if negative else 0)
    sign = BEFORE.search(text, max(0, start - 6), start)
    if sign is None and ((is_name(text, digits, end) and not AFTER.match(text, end)) or _is_code(words)):
        return None
    value = amount(text[digits:end]) * (-1 if negative else 1)
    if sign is None and _A_METRE.search(words) and not _MILLIONS.match(text, end):
        value, end = amount(words[:-1]), end - 1
    after = AFTER.match(text, end)
    if words.lower() in ("one", "a") and (_idle(text, start, end, after)):
        return None
    return _made(text, (sign.start() if sign else start, end), value, sign[0].strip() if sign else None, after)


def _made(text: str, span: tuple[int, int], value: float, sign: str | None, after: re.Match[str] | None) -> Quantity:
    start, end = span
    unit = SIGNS[sign] if sign else unit_after(after[0]) if after else None
    if after and (not sign or unit_after(after[0]) in ("USD", "m")):
        value *= 1e6 if sign and unit_after(after[0]) == "m" else 1.0
        end = after.end()
    if unit and not sign and (more := _A_HALF.match(text, end)):
        value, end = value + (0.5 if "half" in more[0].lower() else 0.25), more.end()
    if unit == "pound" and value >= 1e6:
        unit = "GBP"
    if unit == "cent" or unit == "GBX":
        value, unit = value / 100, "USD" if unit == "cent" else "GBP"
    if unit is None and re.search(r"\baged?\s+(?:of\s+)?$", text[max(0, start - 8) : start], re.I):
        unit = "year"
    kind = kind_of(unit) if unit else "number"
    bound, end = _bound(text, start, end, unit)
    return Quantity(kind, start, end, text[start:end], value, value, unit, bound)


def _is_code(words: str) -> bool:
    """Whether figures are like 4K and 5B, or written like no number: 007."""
    return bool(re.fullmatch(r"\d0?[KMB]|0\d+", words))


def _idle(text: str, start: int, end: int, after: re.Match[str] | None) -> bool:
    """Whether "one" counts nothing: the pronoun, and that of "at one point" and "one time"."""
    if (after and unit_after(after[0]) in ("point", "times")) or (
        text[start] == "O" and re.match(r"\s(?:day|year)", text[end:])
    ):
        return True
    return is_pronoun(text, start, end) and not (after and text[end : end + 1] == "-")


def _bound(text: str, start: int, end: int, unit: str | None) -> tuple[Bound, int]:
    """What the words before and after a value make of it, and where they end."""
    for bound, pattern in _ENDINGS:
        if found := pattern.match(text, end):
            return bound, found.end()
    found = _BEFORE.search(text, max(0, start - 24), start)
    if found is None or (found.start() and text[found.start() - 1].isalnum()):
        return "exactly", end
    name = next(name for name, words in found.groupdict().items() if words)
    if found[0].strip().lower() == "over" and unit and kind_of(unit) == "duration":
        return ("more_than" if _SPAN.search(text[max(0, found.start() - 12) : found.start()]) else "exactly"), end
    return _NAMES[name], end


def _read_vague(text: str, found: re.Match[str]) -> Quantity:
    low, high = vague(found[0])
    after = AFTER.match(text, found.end()) or re.compile(r"\s+of(?=\s)").match(text, found.end())
    after = AFTER.match(text, after.end()) if after and after[0].strip() == "of" else after
    unit = unit_after(after[0]) if after else None
    end = after.end() if after else found.end()
    return Quantity(kind_of(unit) if unit else "number", found.start(), end, text[found.start() : end], low, high, unit)


def _read_odds(text: str, found: re.Match[str]) -> Quantity | None:
    """A percentage for "one in five" and "nine out of ten"; None for "two in London"."""
    joint = _ODDS.search(found[0])
    if joint is None:
        return None
    part, whole = amount(found[0][: joint.start()]), amount(found[0][joint.end() :])
    loose = " of" not in joint[0] and "every" not in joint[0] and part != 1 and whole not in (10, 100, 1000)
    if loose or part >= whole or AFTER.match(text, found.end()) or is_name(text, found.start(), found.end()):
        return None
    return _percent(text, found.start(), found.end(), part / whole)


def _percent(text: str, start: int, end: int, share: float) -> Quantity:
    value = round(100 * share, 6)
    slack = 0.0 if value == int(value) else 0.5
    bound, end = _bound(text, start, end, "%")
    return Quantity("percent", start, end, text[start:end], value, value, "%", bound, None, slack)


def _read_half(text: str, found: re.Match[str]) -> Quantity | None:
    after = AFTER.match(text, found.end())
    part = {"h": 0.5, "t": 0.75}.get(found[0][0].lower(), 0.25)
    return _made(text, found.span(), part, None, after) if after else None


def _read_share(text: str, found: re.Match[str]) -> Quantity | None:
    if found[0].lower() == "half" and (text[max(0, found.start() - 3) : found.start()].lower() == "in "):
        return None
    if not is_share(text, found.start(), found.end()):
        return None
    return _percent(text, found.start(), found.end(), fraction(found[0]))


def _read_ordinal(text: str, found: re.Match[str]) -> Quantity | None:
    value = ordinal(found[0])
    return Quantity("ordinal", *found.span(), found[0], value, value) if is_rank(text, *found.span()) else None


def _read_ages(text: str, found: re.Match[str]) -> Quantity | None:
    """The ages meant by "in his early 30s"."""
    whose = re.search(
        r"\b(?:his|her|their|my|our)\s+((?:early|mid|late)[-\s])?$",
        text[max(0, found.start() - 14) : found.start()],
        re.I,
    )
    first = int(found[0][:2])
    low, high = {"e": (0, 4), "m": (3, 7), "l": (5, 9)}.get((whose[1] or " ")[0].lower() if whose else "", (0, 9))
    return Quantity("duration", *found.span(), found[0], first + low, first + high, "year") if whose else None


def _read_twice(text: str, found: re.Match[str]) -> Quantity:
    value = 2.0 if found[0].lower() == "twice" else 3.0
    return Quantity("number", *found.span(), found[0], value, value, "times")


def _read_single(text: str, found: re.Match[str]) -> Quantity | None:
    """The one unit of "a decade", anywhere but in a rate; "an hour" only where it says how long."""
    after, before = AFTER.match(text, found.end()), text[max(0, found.start() - 10) : found.start()]
    if after is None or _RATE.search(before):
        return None
    if unit_after(after[0]) not in ("decade", "fortnight") and not (
        _SPAN.search(before) or _A_HALF.match(text, after.end())
    ):
        return None
    return _made(text, found.span(), 1.0, None, after)


def _joined(found: Sequence[Quantity], text: str) -> list[Quantity]:
    """The quantities with ranges made one, and with the unit that the last of several stands for all."""
    done: list[Quantity] = []
    for quantity in reversed(found):
        following = done[-1] if done else None
        if following is None or not _alike(quantity, following):
            done.append(quantity)
            continue
        between, before = text[quantity.end : following.start], text[max(0, quantity.start - 60) : quantity.start]
        spans = _TO.fullmatch(between) or (
            between.strip().lower() == "and" and re.search(r"\bbetween\s+$", before, re.I)
        )
        first = _sharing(quantity, following)
        changed = between.strip().lower() == "to" and re.search(r"\bfrom\s+$", before, re.I) and _CHANGED.search(before)
        if spans and not changed and first.low < following.low and quantity.low == quantity.high:
            end = following.end
            done[-1] = replace(first, end=end, text=text[first.start : end], high=following.high)
        elif (spans or _AND.fullmatch(between)) and following.unit and kind_of(following.unit) != "duration":
            done.append(first if spans or first.low == quantity.low else quantity)
        else:
            done.append(quantity)
    return done[::-1]


def _alike(one: Quantity, two: Quantity) -> bool:
    kinds = {one.kind, two.kind}
    return "ordinal" not in kinds and (one.unit is None or two.unit is None or one.unit == two.unit)


def _sharing(first: Quantity, last: Quantity) -> Quantity:
    """The first of two values with the scale and the unit of the last: "5-10 million", "$5 to 10"."""
    scale, own = _SCALED.search(re.sub(r"[^\w]+$", "", _value_words(last))), _SCALED.search(_value_words(first))
    factor = amount(f"1 {scale[0]}") if scale and not own and first.low < 1000 else 1.0
    unit, kind = (first.unit, first.kind) if first.unit else (last.unit, last.kind)
    return replace(first, low=first.low * factor, high=first.high * factor, unit=unit, kind=kind)


def _value_words(quantity: Quantity) -> str:
    """The words of the value, without its unit."""
    found = re.search(AMOUNT, quantity.text, re.I)
    return found[0] if found else ""


_NAMES: dict[str, Bound] = {name: name for name, _ in _BOUNDS}
_ENDINGS: tuple[tuple[Bound, re.Pattern[str]], ...] = (("at_least", _PLUS), ("at_most", _MINUS), ("about", _OR_SO))
_READERS = {
    "vague": _read_vague,
    "odds": _read_odds,
    "big": _read_amount,
    "half": _read_half,
    "share": _read_share,
    "ordinal": _read_ordinal,
    "ages": _read_ages,
    "twice": _read_twice,
    "single": _read_single,
    "amount": _read_amount,
    "glued": _read_amount,
}
