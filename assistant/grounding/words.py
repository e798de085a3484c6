"""The words of a sentence as the judge compares them: where they stand, and in a form in which spelling does not matter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from assistant.terms import FUNCTION_WORDS, stem

_WORD = re.compile(r"\d+(?:[.,]\d+)*(?![^\W\d_])|[^\W_]+(?:['’](?:t|s|re|ve|ll|d|m)(?![^\W_]))?", re.IGNORECASE)
_SHORT = {"won": ("will", "not"), "can": ("can", "not"), "shan": ("shall", "not")}
_ENDS = {"re": "are", "ve": "have", "ll": "will", "m": "am"}


@dataclass(frozen=True)
class Word:
    """A word of a text.

    Attributes:
        start: Its first character.
        end: One past its last; the two words of "didn't" share a place.
        text: As it stands.
        form: Its stem, folded: "Signed" and "signs" are ``sign``, "2,640" is ``2640``, "didn't" is ``did`` and ``not``.
    """

    start: int
    end: int
    text: str
    form: str

    @property
    def empty(self) -> bool:
        """Whether it carries little meaning of its own."""
        return self.text.casefold() in FUNCTION_WORDS or self.form in FUNCTION_WORDS

    @property
    def capital(self) -> bool:
        """Whether it is written with a capital."""
        return self.text[0].isupper()


@lru_cache(maxsize=16384)
def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text, in order."""
    found: list[Word] = []
    for m in _WORD.finditer(text):
        for form in _forms(m[0]):
            found.append(Word(m.start(), m.end(), m[0], form))
    return tuple(found)


def _forms(word: str) -> tuple[str, ...]:
    if word[0].isdigit():
        return (word.replace(",", "").rstrip(".") if "," in word else word,)
    low = word.lower().replace("’", "'")
    front, mark, end = low.partition("'")
    if low == "cannot":
        return ("can", "not")
    if not mark or end in ("s", "d"):
        return (stem(front),)
    if end == "t":
        return _SHORT.get(front) or (stem(front.removesuffix("n")), "not")
    return (stem(front), _ENDS[end])
