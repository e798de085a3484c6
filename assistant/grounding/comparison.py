"""A claim laid beside the sentence of the evidence that it is nearest to: which words both have, and where they part."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property
from math import log

from assistant.grounding.words import Word, words_of

NEAR = 0.7
"""Share of a claim's words that stand in the same order in a sentence, from which on the claim is taken for a version of it."""
FEW, NEAR_SHORT = 2, 0.6
"""The same for a short claim, in which no more than two words differ."""
AROUND = 2
"""Sentences on each side of the nearest one in which a name or a number of the claim may stand."""
_DEFINED = re.compile(
    r"(?P<long>(?:[A-Z][\w’'-]+ (?:(?:of|the|and|for|on|in|to) ){0,2}){2,8})\((?P<short>[A-Z]{2,8})\)"
)
_JOINED = 0.08
"""How much more of the claim two neighbouring sentences must hold than the nearest one alone."""


@dataclass(frozen=True)
class Change:
    """Where claim and evidence part: the words of each; one of the two may be empty."""

    claim: tuple[Word, ...]
    evidence: tuple[Word, ...]


@dataclass(frozen=True)
class Nearest:
    """The stretch of the evidence that is nearest to a claim.

    Attributes:
        first: The first of its sentences.
        last: The last of them.
        words: Theirs.
        kept: For each of the claim's words whether it stands there in the same order.
        changes: Where the two part, in order.
    """

    first: int
    last: int
    words: tuple[Word, ...]
    kept: tuple[bool, ...]
    changes: tuple[Change, ...]


class Comparison:
    """A claim beside its evidence.

    Args:
        claim: One sentence.
        sentences: The evidence, in order; neighbours in the list are taken for neighbours in the text.
    """

    def __init__(self, claim: str, sentences: Sequence[str]) -> None:
        self.claim = claim
        self.sentences = sentences
        self._aliases = _aliases(sentences)
        self.words = self.words_in(claim)

    def words_in(self, text: str) -> tuple[Word, ...]:
        """The words of a text; a name that the evidence gives initials for ("World Health Organization (WHO)") is one word."""
        words = words_of(text)
        if not self._aliases:
            return words
        short_forms = frozenset(self._aliases.values())
        found: list[Word] = []
        for word in words:
            found.append(replace(word, form=word.text) if word.text in short_forms else word)
            for long, short in self._aliases.items():
                if tuple(w.form for w in found[-len(long) :]) == long:
                    first = found[-len(long)]
                    found[-len(long) :] = [Word(first.start, word.end, text[first.start : word.end], short)]
        return tuple(found)

    @cached_property
    def held(self) -> list[frozenset[str]]:
        """The forms of each sentence's words."""
        return [frozenset(w.form for w in self.words_in(sentence)) for sentence in self.sentences]

    @cached_property
    def everywhere(self) -> frozenset[str]:
        """The forms of all words of the evidence."""
        return frozenset().union(*self.held)

    @cached_property
    def weights(self) -> dict[str, float]:
        """How rare each of the claim's content words is among the sentences; one that none has weighs most."""
        wanted = {w.form for w in self.words if not w.empty}
        counts = Counter(form for forms in self.held for form in forms & wanted)
        return {form: log(1 + (len(self.sentences) + 1) / (counts[form] + 0.5)) for form in wanted}

    def nearest_to(self, words: Sequence[Word]) -> int | None:
        """The sentence that shares most of some of the claim's words, rare ones first; None when none shares any."""
        wanted = {w.form for w in words} & set(self.weights)
        gains = [sum(self.weights[form] for form in forms & wanted) for forms in self.held]
        best = max(range(len(gains)), key=lambda i: (gains[i], -len(self.held[i])), default=None)
        return best if best is not None and gains[best] > 0 else None

    @cached_property
    def single(self) -> Nearest | None:
        """The one sentence nearest to the claim; None when nothing is shared."""
        best = self.nearest_to(self.words)
        return None if best is None else self._beside(best, best)

    @cached_property
    def nearest(self) -> Nearest | None:
        """The same, or two neighbours that hold clearly more of the claim than it does alone."""
        found = self.single
        if found is None:
            return None
        best = found.first
        for first, last in ((best - 1, best), (best, best + 1)):
            if first >= 0 and last < len(self.sentences):
                other = self._beside(first, last)
                if sum(other.kept) > sum(found.kept) + _JOINED * len(self.words) + 1:
                    found = other
        return found

    def _beside(self, first: int, last: int) -> Nearest:
        words = tuple(w for s in self.sentences[first : last + 1] for w in self.words_in(s))
        matcher = SequenceMatcher(None, [w.form for w in self.words], [w.form for w in words], autojunk=False)
        kept, changes = [False] * len(self.words), []
        for tag, i, j, k, m in matcher.get_opcodes():
            if tag == "equal":
                kept[i:j] = [True] * (j - i)
            else:
                changes.append(Change(self.words[i:j], words[k:m]))
        return Nearest(first, last, words, tuple(kept), tuple(changes))

    @cached_property
    def alike(self) -> float:
        """Share of the claim's words that the nearest stretch has in the same order, 0..1."""
        return sum(self.nearest.kept) / len(self.words) if self.nearest and self.words else 0.0

    @property
    def near_copy(self) -> bool:
        """Whether the claim is a version of a sentence rather than said in words of its own."""
        few = self.nearest is not None and sum(not kept for kept in self.nearest.kept) <= FEW
        return self.alike >= NEAR or (few and self.alike >= NEAR_SHORT)

    @cached_property
    def coverage(self) -> float:
        """Share of the claim's content words, by rarity, that stand anywhere in the evidence, 0..1."""
        return self._share(self.everywhere)

    @cached_property
    def nearest_coverage(self) -> float:
        """The same for the nearest stretch alone."""
        return self._share(frozenset(w.form for w in self.nearest.words)) if self.nearest else 0.0

    def _share(self, forms: frozenset[str]) -> float:
        total = sum(self.weights.values())
        return sum(w for form, w in self.weights.items() if form in forms) / total if total else 0.0

    def around(self, place: int | None = None) -> range:
        """The sentences near the nearest stretch, or near another sentence."""
        if place is not None:
            low, high = place, place
        elif self.nearest:
            low, high = self.nearest.first, self.nearest.last
        else:
            return range(0)
        return range(max(0, low - AROUND), min(len(self.sentences), high + AROUND + 1))

    def clause(self, start: int, end: int, width: int = 8) -> tuple[Word, ...]:
        """The claim's words around a stretch of it, without its own."""
        before = [w for w in self.words if w.end <= start][-width:]
        return (*before, *[w for w in self.words if w.start >= end][:width])

    def change_at(self, start: int, end: int) -> Change | None:
        """The change that a stretch of the claim is part of; None when all of it is kept."""
        if self.nearest is None:
            return None
        touching = [c for c in self.nearest.changes if any(w.start < end and start < w.end for w in c.claim)]
        return touching[0] if touching else None


def _aliases(sentences: Sequence[str]) -> dict[tuple[str, ...], str]:
    """The stems of names that the text itself gives initials for, and those."""
    found = {}
    for sentence in sentences:
        for m in _DEFINED.finditer(sentence):
            words = words_of(m["long"])
            initials = [w for w in words if w.capital]
            size = len(m["short"])
            if "".join(w.text[0] for w in initials[-size:]).upper() == m["short"] and len(initials) >= size:
                first = words.index(initials[-size])
                found[tuple(w.form for w in words[first:])] = m["short"]
    return found
