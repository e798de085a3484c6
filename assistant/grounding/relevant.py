"""Which sentences of a long text speak of what a claim says: those that are read when it is checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import log

from assistant.terms import FUNCTION_WORDS, stem, stems

MOST_WORDS = 130
"""Words of the evidence that is read with a claim: about 170 tokens."""
AGAIN = 0.35
"""What a term counts that a sentence chosen before has already: a second sentence about the same may say more of it."""
_EMPTY = frozenset(map(stem, FUNCTION_WORDS))


def relevant(claim: str, sentences: Sequence[str], most_words: int = MOST_WORDS) -> list[int]:
    """The indices, in order, of the sentences that together hold most of a claim's terms, rare ones first.

    Chosen greedily: each next one adds most that those before lack. The first sentence before the best one comes along when
    there is room, since what "he" or "the city" is stands there.

    Args:
        claim: A sentence.
        sentences: Of one article or several.
        most_words: Their words together; the best one is given in any case.
    """
    held = [frozenset(stems(sentence)) for sentence in sentences]
    wanted = frozenset(stems(claim)) - _EMPTY
    counts = Counter(term for terms in held for term in terms & wanted)
    weight = {term: log(1 + len(sentences) / count) for term, count in counts.items()}
    sizes = [sentence.count(" ") + 1 for sentence in sentences]
    chosen: list[int] = []
    met: set[str] = set()
    room = most_words
    while True:
        gains = [
            sum(weight[t] * (AGAIN if t in met else 1.0) for t in terms & wanted) for terms in held
        ]  # fmt: skip
        open_ = [
            i for i in range(len(sentences)) if i not in chosen and gains[i] > 0 and (sizes[i] <= room or not chosen)
        ]
        if not open_:
            return sorted(chosen)
        best = max(open_, key=lambda i: (gains[i], -i))
        chosen.append(best)
        room -= sizes[best]
        met |= held[best] & wanted
        before = best - 1
        if len(chosen) == 1 and before >= 0 and sizes[before] <= room:
            chosen.append(before)
            room -= sizes[before]
            met |= held[before] & wanted
