"""How much two texts have in common, as SQuAD and ROUGE count it."""

from __future__ import annotations

import re
import string
from collections import Counter

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation + "“”‘’«»–—…")


def tokens(text: str) -> list[str]:
    """The words of a text: lower case, without punctuation and English articles (SQuAD, Rajpurkar et al. 2016)."""
    return _ARTICLES.sub(" ", text.casefold().translate(_PUNCTUATION)).split()


def contains(text: str, wanted: str) -> bool:
    """Whether the words of `wanted` stand in a text, one after the other; case, punctuation and articles do not count."""
    return f" {' '.join(tokens(wanted))} " in f" {' '.join(tokens(text))} "


def token_f1(text: str, wanted: str) -> float:
    """The harmonic mean of precision and recall of a text's words, each counted as often as it stands there (SQuAD).

    1 when neither has a word, 0 when one of them has none.
    """
    said, gold = tokens(text), tokens(wanted)
    if not said or not gold:
        return float(said == gold)
    return _f1(sum((Counter(said) & Counter(gold)).values()), len(said), len(gold))


def rouge_l(text: str, wanted: str) -> float:
    """ROUGE-L (Lin 2004), as F1: of the longest sequence of words, gaps allowed, that both have in the same order."""
    said, gold = tokens(text), tokens(wanted)
    return _f1(_longest_common(said, gold), len(said), len(gold)) if said and gold else 0.0


def _f1(common: int, said: int, gold: int) -> float:
    return 2 * common / (said + gold)


def _longest_common(one: list[str], other: list[str]) -> int:
    row = [0] * (len(other) + 1)
    for word in one:
        diagonal = 0
        for place, match in enumerate(other, 1):
            above = row[place]
            row[place] = diagonal + 1 if word == match else max(above, row[place - 1])
            diagonal = above
    return row[-1]
