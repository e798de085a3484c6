"""Half of one sentence and half of another, put together as if an article had said so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.grounding.comparison import Comparison, Nearest
from assistant.grounding.findings import Finding
from assistant.grounding.words import Word

_SHORTEST = 3
"""Words of a half."""
_MOST = 0.75
"""Share of a half's words that the sentence it is from must have in the same order, without a gap."""

_COPIED = 0.85
"""Share of the claim's words that the two sentences together must have in order."""


def stitched(comparison: Comparison) -> Iterator[Finding]:
    """A claim whose front is the front of one sentence, cut off, and whose back is the back of another."""
    nearest = comparison.single
    if nearest is None:
        return
    run = _foreign_end(comparison.words, nearest.kept)
    if run is None:
        return
    first, last = run
    part = comparison.words[first:last]
    matches = (
        (place, found)
        for place, held in enumerate(comparison.held)
        if place != nearest.first and sum(w.form in held for w in part) >= _MOST * len(part)
        if (found := _contiguous(part, comparison.words_in(comparison.sentences[place])))
    )
    place, found = max(matches, key=lambda match: match[1][1], default=(0, (0, 0)))
    if not found[1]:
        return
    at, size = found
    other = comparison.words_in(comparison.sentences[place])
    own = [w.form for w in nearest.words]
    if first:  # the nearest sentence is cut off, and another goes on in its middle
        cut = comparison.words[first - 1].form != own[-1] and at > 0
    else:
        cut = comparison.words[last].form != own[0] and at + size < len(other)
    few = size < 4 and all(w.empty for w in _dropped(nearest, first))
    copied = size + sum(k for i, k in enumerate(nearest.kept) if not first <= i < last)
    if cut and not few and not all(w.empty for w in part) and copied >= _COPIED * len(comparison.words):
        yield Finding(
            "stitched",
            comparison.claim[part[0].start : part[-1].end],
            comparison.sentences[place],
            contrary=True,
            certain=True,
        )


def _dropped(nearest: Nearest, first: int) -> tuple[Word, ...]:
    """What the nearest sentence has in the place of the other's words: its own end, or its own beginning."""
    changes = [c for c in nearest.changes if c.evidence]
    return (changes[-1] if first else changes[0]).evidence if changes else ()


def _foreign_end(words: Sequence[Word], kept: Sequence[bool]) -> tuple[int, int] | None:
    """The words at the claim's end, or at its beginning, that the nearest stretch does not have; a stray match does not count."""
    total = len(kept)
    own = [k and not w.empty for w, k in zip(words, kept, strict=True)]
    for first in range(_SHORTEST, total - _SHORTEST + 1):
        if not kept[first] and sum(own[first:]) <= (total - first) // 4:
            return first, total
    for last in range(total - _SHORTEST, _SHORTEST - 1, -1):
        if not kept[last - 1] and sum(own[:last]) <= last // 4:
            return 0, last
    return None


def _contiguous(part: Sequence[Word], words: Sequence[Word]) -> tuple[int, int] | None:
    """Where most of a part stands without a gap in a sentence, as (first word, number of words)."""
    forms, there = [w.form for w in part], [w.form for w in words]
    best: tuple[int, int] | None = None
    for start in range(len(there)):
        for offset in range(min(3, len(forms))):
            size = 0
            while (
                start + size < len(there) and offset + size < len(forms) and there[start + size] == forms[offset + size]
            ):
                size += 1
            if size >= max(_SHORTEST, _MOST * (len(forms) - offset)) and (best is None or size > best[1]):
                best = (start, size)
    return best
