"""What two texts differ in."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

_WORDS = re.compile(r"\s+|\d[\d.,]*\d|\w+|[^\w\s]")

Pieces = list[tuple[str, bool]]
"""A text in pieces, each with whether it differs."""


def apart(one: str, other: str) -> tuple[Pieces, Pieces]:
    """Two texts in pieces, those words marked that are not in the other at the same place."""
    words, others = _WORDS.findall(one), _WORDS.findall(other)
    left: Pieces = []
    right: Pieces = []
    for kind, a, b, c, d in SequenceMatcher(None, words, others, autojunk=False).get_opcodes():
        for pieces, text in ((left, "".join(words[a:b])), (right, "".join(others[c:d]))):
            if text:
                pieces.append((text, kind != "equal"))
    return left, right
