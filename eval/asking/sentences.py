"""The sentences of an article that questions can be made from, and what the article tells of the names in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from assistant.dates import MONTHS
from assistant.speakers.named import is_source
from assistant.speakers.source_words import DAYS, ORGANISATIONS, PEOPLE, TITLES
from assistant.terms import FUNCTION_WORDS
from eval.planting.names import names
from eval.planting.sentences import PLAIN_WORDS
from ingest.loading import Article
from ingest.splitting import paragraphs

Span = tuple[int, int]

LONGEST = 55
"""Words; what is longer holds too much for one question."""
CAPITAL = r"(?:(?<![^\W_])[A-ZÀ-ÖØ-Þ](?:[\w&]|[-‑](?=\w)|[’'](?=[A-Z])|(?<=\b[A-Z])\.(?=[A-Z])){0,30}(?:(?<=\b[A-Z])\.(?=\s))?)"
NAME = rf"(?:{CAPITAL}(?: (?:(?:of the|of|for the|de|la|von|van|der|bin|al) )?(?:{CAPITAL}|\d+(?= [A-Z])))*)"
_MARKUP = re.compile(r"https?:|www\.|\]\(|[|*`{}<>\\_~^=]|\[|…|\.\.\.| [,.;:](?: |$)|[^\x00-ɏ‐-⁊€£]{3}")
_SHOUTED = re.compile(r"\b[A-Z]{3,}(?: [A-Z]{2,}){2}")
_END = re.compile(r"[.!][\"”’']?$")
_MALE, _FEMALE = re.compile(r"\b(?:he|him|his|Mr)\b"), re.compile(r"\b(?:she|her|hers|Mrs|Ms)\b")


@dataclass(frozen=True)
class Sentence:
    """``article.text[start:end]``; `text` is the same with spaces for line ends, so that offsets agree."""

    of: Reading
    start: int
    end: int

    @cached_property
    def text(self) -> str:
        """The words, on one line."""
        return re.sub(r"\s", " ", self.of.article.text[self.start : self.end])


class Reading:
    """One article, read for its sentences and names."""

    def __init__(self, article: Article) -> None:
        self.article = article
        self.flat = re.sub(r"\s", " ", article.text)

    def sentences(self) -> Iterator[Sentence]:
        """Whole sentences of prose, headings and lines with mark-up left out."""
        for paragraph in paragraphs(self.article.text, self.article.body_start, self.article.markup):
            for span in paragraph:
                sentence = Sentence(self, span.start, span.end)
                if not span.heading and _is_prose(sentence.text):
                    yield sentence

    @cached_property
    def people(self) -> frozenset[str]:
        """Names of two or more words that are people's: beside a title or role, with a common given name, or with their age."""
        found = {
            name.text
            for name in names(self.flat)
            if name.kind.startswith("person") and " " in name.text and self._stands_alone(name.start, name.end)
        }
        for match in re.finditer(rf"({CAPITAL}(?: {CAPITAL}){{1,2}}), (?:aged )?\d\d,", self.flat):
            found.add(match[1])
        roles = "|".join(sorted((PEOPLE | TITLES) - ORGANISATIONS))
        for match in re.finditer(rf"\b(?i:{roles}) ({CAPITAL} {CAPITAL})(?=[,.;)]| [a-z])", self.flat):
            found.add(match[1])
        for match in re.finditer(rf"({CAPITAL} {CAPITAL}), (?:an?|the) (?:[\w-]+ ){{0,3}}(?:{roles})\b", self.flat):
            found.add(match[1])
        return frozenset(name for name in found if name_is_persons(name) and not self._is_of_words(name))

    def _is_of_words(self, name: str) -> bool:
        """Whether the article has all words of a name in lower case too, so that it may be a title: "Love Show"."""
        return all(re.search(rf"\b{re.escape(word.lower())}\b", self.flat) for word in name.split())

    def _stands_alone(self, start: int, end: int) -> bool:
        """Whether a name is no part of a longer one: "St. Louis Post", "Anna Ka'ena"."""
        return not self.flat[:start].endswith(("St. ", "Saint ")) and not re.match(
            r"[’'‘ʻ](?!s\b)|[^\W]", self.flat[end : end + 3]
        )

    def is_person(self, name: str) -> bool:
        """Whether the article shows that a name is a person's."""
        return name in self.people or any(name == full.split()[-1] for full in self.people)

    def pronoun(self, name: str) -> str | None:
        """The pronoun "he" or "she" for a person of whom the article says so nearby, and only so."""
        last = name.split()[-1]
        near = [self.flat[m.start() - 5 : m.end() + 200] for m in re.finditer(re.escape(last), self.flat)]
        male, female = (sum(len(p.findall(part)) for part in near) for p in (_MALE, _FEMALE))
        if male > 1 and not female:
            return "he"
        return "she" if female > 1 and not male else None

    def lowered(self, words: str) -> str | None:
        """Words that begin a sentence, as they stand within one; None where nothing tells whether the first is a name."""
        first = re.match(r"[\w’'-]+", words)
        if first is None:
            return None
        if re.fullmatch(r"I|[A-Z]{2,}.*", first[0]) and first[0] != "A":
            return words
        if (
            re.match(r"[\w’'-]+ [A-ZÀ-Þ]", words)
            and first[0].casefold() not in FUNCTION_WORDS
            and not first[0].endswith("ed")
        ):
            return words
        small = first[0][0].lower() + first[0][1:]
        if first[0].casefold() in PLAIN_WORDS | FUNCTION_WORDS or re.search(rf"\b{re.escape(small)}\b", self.flat):
            return small + words[len(first[0]) :]
        if re.match(r"\w+ed [A-Z]\w+s\b", words):
            return None
        named = re.search(rf"[a-z,’'] (?:[“\"])?{re.escape(first[0])}\b", self.flat)
        return words if named or re.match(rf"{CAPITAL}(?:[’']s)? {CAPITAL}", words) else None


def name_is_persons(name: str) -> bool:
    """Whether no word of a name is one of organisations, of the calendar, or of something else than a name."""
    low = [word.lower().rstrip(".") for word in name.split()]
    calendar = {month.lower() for month in MONTHS} | DAYS
    return not any(w in ORGANISATIONS | calendar | PLAIN_WORDS | PEOPLE | TITLES or is_source(w) for w in low)


def _is_prose(text: str) -> bool:
    words = text.split()
    marks = text.count("“") - text.count("”"), text.count('"') % 2, text.count("(") - text.count(")")
    return (
        5 <= len(words) <= LONGEST
        and text[0].isalnum() | (text[0] in "“\"'‘")
        and not text[0].islower()
        and _END.search(text) is not None
        and not any(marks)
        and not _MARKUP.search(text)
        and not _SHOUTED.search(text)
    )
