"""What the articles' records can settle of a question: names of authors and outlets in it, and what the texts speak of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from assistant.dates import MONTHS, Period
from assistant.scope import author_forms, is_name_of, name_words
from assistant.terms import words
from ingest.archive import Archive
from ingest.records import ArticleInfo

Kind = Literal["authors", "outlets"]

_LONGEST = 6
_WORD = re.compile(r"[^\W_]+")
_BROKEN = re.compile(r"[^\s.\-'’&\w]")
_MOST_PASSAGES = 200
"""A month that more passages name than this is taken to be spoken of."""
_ALSO_WORDS = (3, 5)
"""March and May are also words; their names count as months only with a capital."""


@dataclass(frozen=True)
class Byline:
    """The name of an author or outlet in a question: ``question[start:end]``.

    Attributes:
        names: The stored names that it may stand for.
        whole: It is all of such a name, not a part of it.
        surname: It ends in an author's last name.
        capital: It is written as a name; so is every word of a script without capitals.
    """

    start: int
    end: int
    kind: Kind
    names: tuple[str, ...]
    whole: bool
    surname: bool
    capital: bool


class Records:
    """The records and texts of one archive, read when first needed."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    @cached_property
    def infos(self) -> Sequence[ArticleInfo]:
        """All articles that can be asked."""
        return self._archive.articles()

    @cached_property
    def _by_word(self) -> dict[str, list[tuple[Kind, str, tuple[str, ...]]]]:
        """The stored names with their folded words, by each of these."""
        found: dict[str, list[tuple[Kind, str, tuple[str, ...]]]] = {}
        named: list[tuple[Kind, str, tuple[str, ...]]] = []
        for outlet in {info.outlet for info in self.infos if info.outlet}:
            named.append(("outlets", outlet, name_words(outlet)))
        for author in {info.author for info in self.infos if info.author}:
            named += [("authors", author, form) for form in author_forms(author)]
        for entry in named:
            for word in set(entry[2]):
                found.setdefault(word, []).append(entry)
        return found

    def bylines(self, question: str) -> Iterator[Byline]:
        """The names in a question, the longest at each place, in order."""
        tokens = [m.span() for m in _WORD.finditer(question)]
        place = 0
        while place < len(tokens):
            for length in range(min(_LONGEST, len(tokens) - place), 0, -1):
                start, end = tokens[place][0], tokens[place + length - 1][1]
                if byline := self._byline(question, start, end):
                    yield byline
                    place += length - 1
                    break
            place += 1

    def _byline(self, question: str, start: int, end: int) -> Byline | None:
        typed = question[start:end]
        asked = tuple(words(typed))
        if not asked or asked[0] == "the" or _BROKEN.search(typed):
            return None
        fits = [entry for entry in self._by_word.get(asked[-1], ()) if is_name_of(asked, entry[2])]
        if not fits:
            return None
        whole = [entry for entry in fits if entry[2] == asked]
        of_outlets = any(kind == "outlets" for kind, _, _ in whole) or all(kind == "outlets" for kind, _, _ in fits)
        kind: Kind = "outlets" if of_outlets else "authors"
        # A whole name leaves no doubt which: "Times" is The Times, and not also The New York Times.
        meant = [entry for entry in whole or fits if entry[0] == kind]
        return Byline(
            start,
            end,
            kind,
            tuple(sorted({stored for _, stored, _ in meant})),
            whole=bool(whole),
            surname=kind == "authors" and all(form[-1] == asked[-1] for _, _, form in meant),
            capital=all(not word[0].islower() for word in _WORD.findall(typed) if len(word) > 3),
        )

    def states(self, phrase: str) -> bool:
        """Whether a passage of any article holds these words in a row, stemmed."""
        return self._archive.document_frequency(phrase) > 0

    def speak_of(self, period: Period) -> bool:
        """Whether a text speaks of a year, or of a month of some year.

        "In April" in an article of May 2024 speaks of April 2024. Where there is doubt, it does.
        """
        year, month = period.first.year, period.first.month
        if period.days > 31:
            return self.states(str(year))
        name = MONTHS[month - 1]
        if self.states(f"{name} {year}") or self.states(f"{year} {month:02}"):
            return True
        numbers = [number for number, _ in self._archive.lexical([name, name[:3], name[:4]], _MOST_PASSAGES + 1)]
        if len(numbers) > _MOST_PASSAGES:
            return True
        published = {info.article: info.published or "" for info in self.infos}
        return any(
            _speaks_of(passage.text, period, published.get(passage.article, ""))
            for passage in self._archive.passages("number", numbers)
        )


def _speaks_of(text: str, month: Period, published: str) -> bool:
    """Whether a text names a month with its year, or without one where that year may be meant."""
    name = MONTHS[month.first.month - 1]
    pattern = (
        rf"\b(?:{name}|{name.upper()}|{name[:4]}|{name[:3]})\b\.?(?:\s+\d{{1,2}}(?:st|nd|rd|th)?\b)?,?\s*(\d{{4}}\b)?"
    )
    for found in re.finditer(pattern, text, 0 if month.first.month in _ALSO_WORDS else re.IGNORECASE):
        if found[1]:
            years = {int(found[1])}
        elif len(published) < 7:
            return True
        else:
            year = int(published[:4])
            years = {year} if month.first.month <= int(published[5:7]) else {year - 1, year}
        if month.first.year in years:
            return True
    return False
