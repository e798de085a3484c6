"""How much two texts have in common, as SQuAD and ROUGE count it."""

from __future__ import annotations

import re
import string
from collections import Counter

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_APART = str.maketrans(dict.fromkeys("-‐‑‒–—―/", " "))
"""Signs between two words: without them there are two."""
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_PUNCTUATION = re.compile(
    rf"(?<!\d)[.,]|[.,](?!\d)|[{re.escape(''.join(set(string.punctuation) - set('.,')))}“”‘’«»„…]"
)


def tokens(text: str) -> list[str]:
    """The words of a text: lower case, without punctuation and English articles (after SQuAD, Rajpurkar et al. 2016).

    Unlike there, dashes and hyphens part words ("1939–1945" is two), and a number keeps its point ("3.5" is not "35").
    """
    plain = _THOUSANDS.sub("", text.casefold().translate(_APART))
    return _ARTICLES.sub(" ", _PUNCTUATION.sub("", plain)).split()


def contains(text: str, wanted: str) -> bool:
    """Whether the words of `wanted` stand in a text, one after the other; case, punctuation and articles do not count."""
    return f" {' '.join(tokens(wanted))} " in f" {' '.join(tokens(text))} "


def holds(text: str, sign: str) -> bool:
    """Whether a sign stands in a text as it is, markup included; case and the width of spaces do not count.

    A sign that begins or ends with a letter or digit is not found inside a longer word: "nein" does not stand in "canine".
    """
    words = sign.casefold().split()
    if not words:
        return False
    pattern = r"\s+".join(map(re.escape, words))
    before = r"(?<!\w)" if words[0][0].isalnum() else ""
    after = r"(?!\w)" if words[-1][-1].isalnum() else ""
    return re.search(before + pattern + after, text.casefold()) is not None


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
