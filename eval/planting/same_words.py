"""The same statement with other words for one thing in it: contractions, short forms and synonyms."""

from __future__ import annotations

import re
from functools import lru_cache
from random import Random

from eval.planting.sentences import PLAIN_WORDS, Change, Shelf, Told, replaced, several

_CONTRACTED = {
    "is not": "isn't", "are not": "aren't", "was not": "wasn't", "were not": "weren't", "do not": "don't", "does not": "doesn't",
    "did not": "didn't", "has not": "hasn't", "have not": "haven't", "had not": "hadn't", "will not": "won't",
    "would not": "wouldn't", "should not": "shouldn't", "could not": "couldn't", "cannot": "can't", "can not": "can't",
    "it is": "it's",  "they are": "they're", "you are": "you're", "we are": "we're", "you will": "you'll",
    "they have": "they've", "we have": "we've", "you have": "you've", "there is": "there's", "he would": "he'd",
}  # fmt: skip
_WRITTEN_OUT = {short: long for long, short in _CONTRACTED.items() if short.endswith("n't") and long != "can not"}
_SHORT_FORM = re.compile(
    r"(?P<long>(?:\b[A-Z][\w\-]*(?: |-)(?:(?:of|for|and|the|on|de|in|to) ){0,2}){1,7})\((?P<short>[A-Z]{2,7})\)"
)
_COUNT = r"(?= (?:\d|two|three|four|five|six|ten|twenty|half|a (?:hundred|thousand|million|third|quarter)))"
_SYNONYMS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"(?<![\w\-–]){old}(?![\w\-–])"), new)
    for old, new in (
        (rf"about{_COUNT}", "around"), (rf"around{_COUNT}", "about"), (rf"approximately{_COUNT}", "about"),
        (rf"roughly{_COUNT}", "approximately"), (rf"over{_COUNT}", "more than"), (r"nearly", "almost"), (r"almost", "nearly"),
        (r"because(?! of)", "since"), (r"due to(?! the fact| be)", "because of"), (r"said that", "stated that"),
        (r"purchase", "buy"), (r"purchased", "bought"), (r"purchasing", "buying"), (r"began to", "started to"),
        (r"begins", "starts"), (r"for example", "for instance"), (r"for instance", "for example"), (r"entire", "whole"),
        (r"often", "frequently"), (r"frequently", "often"), (r"typically", "usually"), (r"usually", "typically"),
        (r"in order to", "to"), (r"numerous", "many"), (r"located in", "situated in"), (r"primarily", "mainly"), (r"mainly", "primarily"),
        (r"quickly", "rapidly"), (r"rapidly", "quickly"), (r"currently", "at present"), (r"although", "though"), (r"Although", "Though"),
        (r"attempted to", "tried to"), (r"per year", "a year"), (r"however(?=,)", "nevertheless"), (r"assist", "help"),
        (r"prior to", "before"), (r"whilst", "while"), (r"regarding", "concerning"),
    )
)  # fmt: skip


def contraction(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """Did not as didn't, and the reverse; somebody's own words are left alone."""
    del shelf
    table = _CONTRACTED | _WRITTEN_OUT
    plain = told.sentence.replace("’", "'")
    found = [
        m for m in re.finditer(rf"\b(?:{'|'.join(map(re.escape, table))})\b(?! (?:only|been\b)|[,.;)])", plain)
        if not told.in_quote(*m.span())
    ]  # fmt: skip
    if not found:
        return None
    m = random.choice(found)
    return several(told.sentence, [(*m.span(), table[m[0]])])


def short_form(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """The short form of a name for the long one or the reverse, where the article itself says that they are one."""
    sentence = told.sentence
    ways = []
    for long, short in _short_forms(shelf)[told.of.id]:
        if long in sentence and not re.search(rf"\b{short}\b", sentence):
            ways += [(m.span(), short) for m in re.finditer(rf"\b{re.escape(long)}(?![\w\-'’])", sentence)]
        elif long not in sentence:
            ways += [(m.span(), long) for m in re.finditer(rf"(?<![\w\-(.]){short}(?![\w\-).'’]| [A-Z])", sentence)]
    ways = [(span, new) for span, new in ways if not told.in_quote(*span)]
    if not ways:
        return None
    (start, end), new = random.choice(ways)
    return replaced(sentence, start, end, new)


@lru_cache(maxsize=1)
def _short_forms(shelf: Shelf) -> dict[str, list[tuple[str, str]]]:
    return {article: _defined(text.text) for article, text in shelf.texts.items()}


def _defined(text: str) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for m in _SHORT_FORM.finditer(text):
        words = m["long"].replace("-", " ").split()
        for first in range(len(words)):
            initials = "".join(w[0] for w in words[first:] if w[0].isupper())
            if initials == m["short"] and words[first][0].isupper():
                at = m["long"].find(words[first]) if first else 0
                found.setdefault(m["short"], m["long"][at:].strip())
    return [(long, short) for short, long in found.items() if long.casefold().split()[0] not in PLAIN_WORDS]


def synonym(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """One word or phrase becomes another that means the same; somebody's own words are left alone."""
    del shelf
    found = [(m.span(), new) for pattern, new in _SYNONYMS for m in pattern.finditer(told.sentence)]
    found = [(span, new) for span, new in found if not told.in_quote(*span)]
    if not found:
        return None
    (start, end), new = random.choice(found)
    return replaced(told.sentence, start, end, new)
