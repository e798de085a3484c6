"""What was spoken of in a conversation: names, quoted titles and noun phrases, each with the turns that it stood in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from assistant.terms import FUNCTION_WORDS, stem, words

Side = Literal["question", "answer"]

TURNS = 12
"""How many turns are looked back at."""

NOT_SPOKEN_OF = frozenset(
    "however whether although though while according among since despite because unlike besides instead upon within without"
    " following originally afterwards later soon one two three several some most people i'm dont don't know yes it's there's"
    " what's who's happened happen interesting aspects article another tell get got go make made like want say said says thing"
    " things anything something".split()
)
"""Words that name nothing although they are no function words; many of them open a sentence with a capital."""

_CAPITAL = r"[A-ZÀ-ÖØ-Þ0-9](?:[\w&-]|['’](?=[A-Z]))*"
_CONNECTORS = "of the and de von van der la for in on to &"
_NAME = re.compile(
    r"(?<![\w’'])(?:[A-ZÀ-ÖØ-Þ]\.\s?)*[A-ZÀ-ÖØ-Þ](?:[\w&-]|['’](?=[A-Z]))*"
    rf"(?:(?:\s(?:{_CONNECTORS.replace(' ', '|')}))*\s(?:{_CAPITAL}|[A-Z]\.))*"
)
_QUOTED = re.compile(r"[\"“]([^\"“”]{3,60})[\"”]")
_DETERMINED = re.compile(r"\b(?:the|an?|his|her|its|their)\s((?:[\w’'-]+\s?){1,4})", re.IGNORECASE)
_AFTER_ARTICLE = re.compile(r"\b(?:the|an?)\s$", re.IGNORECASE)
_AFTER_THE = re.compile(r"\bthe\s$")
_AFTER_IN = re.compile(r"\b(?:in|at|from|to|into)\s(?:the\s)?$", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:[’'-][^\W_]+)*")
_LONGEST_PHRASE = 4
_LONGEST_TEXT = 4000


@dataclass(frozen=True)
class Said:
    """One earlier turn: its question made to stand alone, the answer, and what its pronouns stood for."""

    question: str
    answer: str
    antecedents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where something was mentioned: the turn, counted from 0, the side, and whether the answer began with it."""

    turn: int
    side: Side
    first: bool = False


@dataclass
class Mention:
    """Something that was spoken of.

    Attributes:
        text: As it is best called: its longest name.
        opened: It was seen only as the first word of a sentence, where its capital says nothing.
        after_in: It stood behind "in", "at", "from", "to".
    """

    text: str
    name: bool
    quoted: bool
    opened: bool
    after_in: bool
    places: list[Place] = field(default_factory=list)

    @cached_property
    def stems(self) -> frozenset[str]:
        """Of its words that carry meaning."""
        return content_stems(self.text)


def content_stems(text: str) -> frozenset[str]:
    """The stems of the words that carry meaning."""
    return frozenset(stem(word) for word in words(text) if word not in FUNCTION_WORDS)


def mentions(history: Sequence[Said]) -> list[Mention]:
    """What was spoken of in the last `TURNS` turns; two names of which one holds the other are one mention."""
    found: list[Mention] = []
    for turn, said in list(enumerate(history))[-TURNS:]:
        for mention, _ in _named(said.question[:_LONGEST_TEXT], phrases=True):
            mention.places.append(Place(turn, "question"))
            _add(found, mention)
        answer = said.answer[:_LONGEST_TEXT]
        answered = list(_named(answer, phrases=False))
        if turn == len(history) - 1:
            answered += _determined(answer, [mention.text for mention, _ in answered])
        for mention, start in answered:
            mention.places.append(Place(turn, "answer", first=start <= 4))
            _add(found, mention)
    return found


def _add(found: list[Mention], new: Mention) -> None:
    if not new.stems:
        return
    for i, known in enumerate(found):
        holds = new.stems < known.stems or known.stems < new.stems
        short = known.name and new.name and holds and len(known.stems ^ new.stems) <= 2
        if known.stems == new.stems or short:
            text = new.text if len(new.stems) > len(known.stems) else known.text
            found[i] = Mention(
                text, known.name or new.name, known.quoted, known.opened and new.opened, known.after_in or new.after_in,
                known.places + new.places,
            )  # fmt: skip
            return
    found.append(new)


def _named(text: str, *, phrases: bool) -> Iterator[tuple[Mention, int]]:
    """Quoted titles and names, with where they begin; in a question its noun phrases too."""
    taken: list[tuple[int, int]] = []

    def free(start: int, end: int) -> bool:
        return not any(a < end and start < b for a, b in taken)

    for match in _QUOTED.finditer(text):
        if phrases or not match[1][:1].islower():  # a lower-case quotation in an answer is speech
            taken.append(match.span(1))
            yield _mention(text, match[1].strip(" ,.?!"), match.start(), name=True, quoted=True), match.start()
    for match in _NAME.finditer(text):
        shown, start = _without_opening(_without_genitive(match[0]), match.start(), text)
        if shown and free(start, match.end()):
            taken.append((start, match.end()))
            yield _mention(text, shown, start, name=True), start
    for shown, start in _phrases(text) if phrases else ():
        if free(start, start + len(shown)):
            yield _mention(text, _without_genitive(shown), start), start


def _determined(text: str, known: Sequence[str]) -> Iterator[tuple[Mention, int]]:
    """Noun phrases behind an article or a possessive: "the border"."""
    for match in _DETERMINED.finditer(text):
        first = next(_phrases(match[1]), None)
        if first and first[1] == 0 and not any(first[0] in name for name in known):
            yield _mention(text, first[0], match.start(1)), match.start()


def _mention(text: str, shown: str, start: int, *, name: bool = False, quoted: bool = False) -> Mention:
    before = text[:start]
    article = _AFTER_THE if name else _AFTER_ARTICLE
    called = f"the {shown}" if not quoted and article.search(before) else shown
    opened = name and not quoted and " " not in shown and _opens_sentence(text, start)
    return Mention(called, name, quoted, opened, bool(_AFTER_IN.search(before)))


def _opens_sentence(text: str, start: int) -> bool:
    return start == 0 or text[:start].rstrip()[-1:] in (".", "?", "!", ":")


def _without_genitive(name: str) -> str:
    return re.sub(r"['’]s?$", "", name.rstrip("'’.-&"))


def _without_opening(shown: str, start: int, text: str) -> tuple[str, int]:
    """A name without the words before it that only open a sentence: "Did Sam Cooke", "According to Smith"."""
    while shown:
        head = _WORD.match(shown)
        rest = shown[head.end() :].lstrip(" .'’&-") if head else ""
        leads = bool(rest) and rest.split()[0] in _CONNECTORS.split() and _opens_sentence(text, start)
        if head is None or not (leads or head[0].casefold() in FUNCTION_WORDS | NOT_SPOKEN_OF):
            break
        start += len(shown) - len(rest)
        shown = rest
    adverb = " " not in shown and shown.casefold().endswith(("ly", "ing")) and _opens_sentence(text, start)
    return ("", start) if adverb else (shown, start)


def _phrases(text: str) -> Iterator[tuple[str, int]]:
    """Rows of up to four words that carry meaning, as noun phrases are, with where they begin."""
    row: list[re.Match[str]] = []
    for match in [*_WORD.finditer(text), None]:
        empty = match is None or match[0].casefold() in FUNCTION_WORDS | NOT_SPOKEN_OF
        apart = match is not None and bool(row) and bool(text[row[-1].end() : match.start()].strip())
        if row and (empty or apart):
            yield text[row[0].start() : row[-1].end()], row[0].start()
            row = []
        if match is not None and not empty:
            row = [*row, match][-_LONGEST_PHRASE:]
