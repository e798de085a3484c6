"""Words of a question and of a sentence: terms, stems, names, numbers, and what kind of answer is asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import Stemmer

AnswerKind = Literal["number", "date", "person", "place", "reason", "other"]

_WORD = re.compile(r"[^\W_]+")
_SPELT = re.compile(
    r"[^\W_]+(?:[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0903\u093a-\u094f]+[^\W_]*)*"
)
_NAME = re.compile(r"(?<![\w’'])[A-ZÀ-ÖØ-Þ][\w’'\-]*")
YEAR = re.compile(r"\b(?:1[0-9]|20)\d\d\b")
_NUMBER = re.compile(r"\d[\d.,]*")
_NUMBER_WORDS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve dozen twenty thirty forty fifty hundred thousand million"
    " billion half third quarter".split()
)
_DATE_WORDS = frozenset(
    "january february march april may june july august september october november december monday tuesday wednesday thursday"
    " friday saturday sunday today yesterday tomorrow week month year decade century".split()
)
_CAUSE = re.compile(
    r"\b(because|since|due|owing|cause[ds]?|reasons?|led|leads?|result\w*|therefore|so|to|after|amid|fear\w*|fuel\w*|blam\w*"
    r"|attribut\w*|prompt\w*|order|thanks|motivat\w*|driv\w*)\b",
    re.IGNORECASE,
)
FUNCTION_WORDS = frozenset(
    "a about again all also am an and any are as at be been before being between both but by can could did do does doing done"
    " during each else ever for from had has have having he her here hers him his how i if in into is it its itself just let"
    " many may me might more most much must my no nor not of off on once only or other our out over own please same shall she"
    " should so some such tell than that the their them then there these they this those through to too under until up upon"
    " us very was we were what when where which while who whom whose why will with would you your s t d ll re ve m".split()
)
_KINDS: tuple[tuple[AnswerKind, re.Pattern[str]], ...] = (
    ("number", re.compile(
        r"\bhow (many|much|long|far|old|tall|big|large|high|deep|often|wide|heavy|fast)\b"
        r"|\b(what|which) (number|percentage|share|length|distance|amount|size|population|proportion|age)\b|\bby how\b", re.I)),
    ("date", re.compile(r"\bwhen\b|\b(what|which) (year|date|day|month|decade|century|time)\b|\bhow long ago\b", re.I)),
    ("person", re.compile(r"\bwho(m|se)?\b|\b(what|which) (person|man|woman|people|official|leader|analyst|researcher)\b", re.I)),
    ("place", re.compile(r"\bwhere\b|\b(what|which) (city|country|province|state|region|place|town|countries|states)\b", re.I)),
    ("reason", re.compile(r"\bwhy\b|\bwhat (cause|reason|led|made|prompt|motiv)\w*\b|\bhow come\b|\breasons?\b", re.I)),
)  # fmt: skip
_STEMMER = Stemmer.Stemmer("porter")


def words(text: str) -> list[str]:
    """The words of a text, folded so that two spellings of one word are equal: lower case, no accents."""
    return _WORD.findall(_folded(text))


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text)
    for mark in filter(unicodedata.combining, set(plain)):
        plain = plain.replace(mark, "")
    return plain.casefold()


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The Porter stem of a word, folded."""
    return str(_STEMMER.stemWord(_folded(word)))


@lru_cache(maxsize=8192)
def stems(text: str) -> tuple[str, ...]:
    """The stems of all words of a text, in order."""
    return tuple(stem(word) for word in words(text))


def content_terms(question: str, limit: int = 64) -> list[str]:
    """The words of a question that carry its meaning, each once; all its words when none does.

    They are in lower case and otherwise as spelt, since the archive's full text folds accents in its own way.

    Args:
        question: Any text, of any length.
        limit: At most this many: the cost of a full-text query grows with each.
    """
    every = list(dict.fromkeys(_SPELT.findall(question.lower())))
    return ([word for word in every if _folded(word) not in FUNCTION_WORDS] or every)[:limit]


def meaning_terms(question: str) -> list[str]:
    """The content terms without those that only say what kind of answer is wanted ("how long", "in which year").

    The answer itself meets these: "2,640 km" holds no "long". All content terms when nothing else is left.
    """
    rest = without_kind(question)
    return [word for word in content_terms(rest) if _folded(word) not in FUNCTION_WORDS] or content_terms(question)


def without_kind(question: str) -> str:
    """The question with the phrase that says what kind of answer is wanted blanked out; as long as before."""
    for _, pattern in _KINDS:
        if found := pattern.search(question):
            return question[: found.start()] + " " * (found.end() - found.start()) + question[found.end() :]
    return question


def names(text: str) -> list[str]:
    """Capitalised words that are no function words."""
    return [m[0] for m in _NAME.finditer(text) if m[0].casefold() not in FUNCTION_WORDS]


def shared_names(question: str, text: str) -> list[str]:
    """The names of a question, its first word left out, that a text holds too."""
    return [name for name, held in _names_in(question, text) if held]


def stray_names(question: str, text: str) -> list[str]:
    """The names of a question, its first word left out, that a text does not hold."""
    return [name for name, held in _names_in(question, text) if not held]


def stray_numbers(question: str, text: str) -> list[str]:
    """The figures of a question that a text does not hold."""
    stated = set(numbers(text))
    return [number for number in numbers(question) if number not in stated]


def _names_in(question: str, text: str) -> list[tuple[str, bool]]:
    held = set(stems(text))
    return [(name, bool(set(stems(name)) & held)) for name in names(question.strip().partition(" ")[2])]


def numbers(text: str) -> list[str]:
    """Figures as written, without separators: ``2,640`` gives ``2640``."""
    return [m[0].replace(",", "").rstrip(".") for m in _NUMBER.finditer(text)]


def answer_kind(question: str) -> AnswerKind:
    """What kind of thing the question asks for."""
    return next((kind for kind, pattern in _KINDS if pattern.search(question)), "other")


def offers(kind: AnswerKind, sentence: str, question_words: Sequence[str]) -> bool:
    """Whether a sentence holds something of the kind asked for that the question does not hold already."""
    known = set(question_words)
    if kind == "number":
        return any(n not in known for n in numbers(sentence)) or bool(_NUMBER_WORDS & (set(words(sentence)) - known))
    if kind == "date":
        found = {*YEAR.findall(sentence), *(_DATE_WORDS & set(words(sentence)))}
        return bool(found - known)
    if kind in ("person", "place"):
        return any(part not in known for name in names(sentence) for part in words(name))
    if kind == "reason":
        return bool(_CAUSE.search(sentence))
    return True
