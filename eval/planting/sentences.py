"""The sentences of articles in which something can be planted, and the pieces from which a claim is put together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ingest.splitting import split_sentences

Span = tuple[int, int]

FEWEST_WORDS = 6
MOST_WORDS = 60
PLAIN_WORDS = frozenset(
    "a about above after again all also although among an and another any are as at be because been before being below"
    " between both but by can could did do does done down during each either every few first for from had has have he her"
    " here hers him his how however i if in into is it its just last later like made many may me might more most much must"
    " my near nearly neither new next no nor not now of off often on once one only or other our out over own same she"
    " should since so some such than that the their them then there these they this those three through thus to today too"
    " two under until up upon us very was we were what when where whether which while who whom whose why will with within"
    " without would yet you your according additionally afterwards around at despite early eventually finally following"
    " furthermore generally given initially instead meanwhile moreover nevertheless overall several similarly sometimes"
    " specifically still subsequently therefore throughout together typically unlike usually approximately roughly".split()
)
"""Words that may begin a sentence with a capital though they are no name, and that say nothing of what it is about."""
AUXILIARIES = "is are was were has have had will would can could should must may might do does did".split()
_MARKUP = re.compile(r"https?:|www\.|\]\(|[|*`{}<>\\_~^=]|\[\[|\.\.\.|…|[a-z]\.[A-Z][a-z]|[^\x00-ɏ‐-⁊€£]{4}")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d[\d,.]*\d|\d")
_PRONOUN_START = re.compile(
    r"(?:he|she|it|they|we|i|you|this|that|these|those|here|there|his|her|their|its|such|both|another|others|and|but|or)\b",
    re.IGNORECASE,
)
_QUOTE = re.compile(r"\"[^\"“”]+\"|“[^\"“”]+”")
_OTHER_VERBS = (
    "became|began|made|took|paid|kept|left|sent|spent|sold|bought|brought|thought|saw|knew|wrote|led|said|says|told|won|lost|rose|fell|grew|held|gave|came|went|met|ran|found|built|includes?"
    "|provides?|contains?|makes?|gives?|takes?|uses|allows?|requires?|means|remains?|shows?|consists?|believes?|argues?|suggests?|needs?"
)
_COMMAND = re.compile(
    r"(?:check|use|note|see|make|don['’]t|let|please|go|click|select|enter|keep|try|remember|consider|verify|create|add|start|read"
    r"|learn|talk|ask|contact|find|get|give|look|open|set|run|follow|choose|take|buy|pay|call|avoid|think|how|why|what|generally used)\b",
    re.IGNORECASE,
)
_AUXILIARY = re.compile(rf"\b(?:{'|'.join(AUXILIARIES)})\b|\b[a-z]{{3,}}ed\b|\b(?:{_OTHER_VERBS})\b|n['’]t\b")


@dataclass(frozen=True)
class Text:
    """An article."""

    id: str
    title: str | None
    text: str


@dataclass(frozen=True)
class Change:
    """A claim made from a sentence.

    Attributes:
        changed: Where in the claim it differs; empty where the words are the same.
        article: The article that it is to be judged against, where it is not the sentence's own.
        cited: The evidence that it cites, where it is not the sentence itself.
        end: Where what it was made from ends, where that is more than the sentence.
    """

    claim: str
    changed: tuple[Span, ...]
    article: str | None = None
    cited: Span | None = None
    end: int | None = None


@dataclass(frozen=True)
class Told:
    """One sentence of an article, ``of.text[start:end]``, with its neighbours of the same paragraph."""

    of: Text
    start: int
    end: int
    before: Span | None
    after: Span | None

    @cached_property
    def sentence(self) -> str:
        """The words as they stand in the article."""
        return self.of.text[self.start : self.end]

    @cached_property
    def quotes(self) -> list[Span]:
        """What stands between quotation marks, the marks left out."""
        return [(m.start() + 1, m.end() - 1) for m in _QUOTE.finditer(self.sentence)]

    def in_quote(self, start: int, end: int | None = None) -> bool:
        """Whether a stretch of the sentence meets somebody's own words."""
        return any(a < (end or start + 1) and start < b for a, b in self.quotes)


class Shelf:
    """Articles, read for their sentences; what is costly is found once for each."""

    def __init__(self, texts: Iterable[Text]) -> None:
        self.texts: dict[str, Text] = {text.id: text for text in texts}
        self.told: dict[str, list[Told]] = {text.id: _told(text) for text in self.texts.values()}
        self._content: dict[str, frozenset[str]] = {}

    def content(self, article: str) -> frozenset[str]:
        """The words of an article that say what it is about, cut to their stems."""
        if article not in self._content:
            self._content[article] = content(self.texts[article].text)
        return self._content[article]

    def says_so(self, article: str, claim: str, new: str) -> bool:
        """Whether a sentence of the article holds the new words and half of the claim's others, so that it may be true."""
        wanted = content(claim) - content(new)
        text = self.texts[article].text
        return any(
            len(wanted & content(text[max(0, m.start() - 200) : m.end() + 200])) * 2 >= len(wanted)
            for m in re.finditer(rf"(?<!\w){re.escape(new)}(?!\w)", text)
        )


def content(text: str) -> frozenset[str]:
    """Words that are not plain ones, each cut to its first six letters."""
    return frozenset(word.casefold()[:6] for word in _WORD.findall(text) if word.casefold() not in PLAIN_WORDS)


def usable(sentence: str) -> bool:
    """Whether this is a whole statement that can be judged alone: no heading, question, command, list or stub."""
    words = sentence.split()
    return bool(
        FEWEST_WORDS <= len(words) <= MOST_WORDS
        and re.match(r"[\"“]?[A-Z]", sentence)
        and re.search(r"[a-z\d)%][.!][\"”]?$|[a-z][.,!][\"”]$", sentence)
        and not re.search(r"\b(?:Reps|Sens|Inc|Corp|Mr|Mrs|Dr|St|Gov|Gen|Rep|Sen|No|vs|etc)\.$", sentence)
        and "\n" not in sentence
        and "\t" not in sentence
        and "?" not in sentence
        and not _MARKUP.search(sentence)
        and not _PRONOUN_START.match(sentence)
        and not _COMMAND.match(sentence)
        and sentence.count('"') % 2 == 0
        and sentence.count("“") == sentence.count("”")
        and sentence.count("(") == sentence.count(")")
        and _AUXILIARY.search(sentence)
        and sum(word[:1].isupper() for word in words) * 2 < len(words)
        and any(word.casefold() in PLAIN_WORDS for word in words)
    )


def replaced(sentence: str, start: int, end: int, new: str) -> Change:
    """The sentence with other words at a place; "a" before them becomes "an" where it has to, and the case is kept."""
    if sentence[start].isupper() and start == 0:
        new = new[0].upper() + new[1:]
    before = re.search(r"\b([Aa])n? $", sentence[:start])
    if before:
        start, new = before.start(), f"{before[1]}{'n' if _opens_with_vowel(new) else ''} {new}"
    return Change(sentence[:start] + new + sentence[end:], ((start, start + len(new)),))


def several(sentence: str, edits: Sequence[tuple[int, int, str]]) -> Change:
    """The sentence with other words at several places that do not meet."""
    pieces, changed, last, length = [], [], 0, 0
    for start, end, new in sorted(edits):
        pieces += [sentence[last:start], new]
        length += start - last
        changed.append((length, length + len(new)))
        length += len(new)
        last = end
    return Change("".join([*pieces, sentence[last:]]), tuple(changed))


def lowered(sentence: str, text: str) -> str:
    """The sentence as it stands within another: its first word without a capital where the text has it so elsewhere."""
    first = re.match(r"[A-Za-z]+", sentence)
    if (
        first
        and first[0] != "I"
        and (first[0].lower() in PLAIN_WORDS or re.search(rf"[a-z,] {first[0].lower()}[ ,.]", text))
    ):
        return sentence[0].lower() + sentence[1:]
    return sentence


def _opens_with_vowel(word: str) -> bool:
    low = word.casefold()
    if re.match(r"8|11\b|18\b|hour|honest|heir", low):
        return True
    return low[0] in "aeiou" and not re.match(r"uni[^nm]|use|usu|eu|one\b|once|ura", low)


def _told(text: Text) -> list[Told]:
    found = []
    for paragraph in re.finditer(r"(?:[^\n]|\n(?!\s*\n))+", text.text):
        spans = split_sentences(text.text, *paragraph.span())
        for i, (start, end) in enumerate(spans):
            if usable(text.text[start:end]):
                before = spans[i - 1] if i else None
                after = spans[i + 1] if i + 1 < len(spans) else None
                found.append(Told(text, start, end, before, after))
    return found
