"""A question that leans on what was said before, made to stand alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.terms import FUNCTION_WORDS, content_terms, names, words
from assistant.types import Turn

_POINTS_BACK = re.compile(
    r"\b(he|him|his|she|hers?|it|its|they|them|their|theirs|this|these|those|that (one|time|year|day)|there|then|do so|did so|so|"
    r"the (former|latter|same|other|others)|both|others?)\b",
    re.IGNORECASE,
)
_THAT_ALONE = re.compile(
    r"\b(said|about|of|for|to|with|from|by|was|is|did|does|do|like) that\b|\bthat\W*$", re.IGNORECASE
)
_CONTINUES = re.compile(
    r"^\W*(and|but|or|so|then|also|what about|how about|why not|why|how so|who else|what else|when|where)\b", re.I
)
_DEMONSTRATIVE_OF_ARTICLE = re.compile(
    r"\b(this|the|that) (article|text|piece|story|report|author|writer|document)\b|\bthis (week|month|year)\b",
    re.IGNORECASE,
)
_CONJUNCTION = re.compile(
    r"[,;]?\s+and\s+(?=(?:(?:also|in|at|by|on|to|from|for) )?(?:who|whom|whose|what|when|where|why|which|how)\b)|(?<=\?)\s+(?=\S)",
    re.IGNORECASE,
)
_MOST_PIECES = 8
_SHORT = 2
"""A question with at most this many content words that begins like a continuation is one."""


def standalone(question: str, history: Sequence[Turn]) -> str:
    """What to search for: the question itself, with the topic of the last one in brackets when it leans on it.

    The topic is carried from turn to turn, so that the third "and when?" in a row still knows what it is about, and it is
    dropped as soon as a question stands alone.
    """
    topic: list[str] = []
    for turn in history:
        topic = _topic_after(turn.question, topic)
    if not topic or not leans_back(question):
        return question
    present = set(words(question))
    added = [word for word in topic if not set(words(word)) <= present]
    return f"{question.strip()} ({' '.join(added)})" if added else question


def leans_back(question: str) -> bool:
    """Whether a question cannot be understood without the one before it."""
    rest = _DEMONSTRATIVE_OF_ARTICLE.sub(" ", question)
    if _POINTS_BACK.search(rest) or _THAT_ALONE.search(rest):
        return True
    meaning = [word for word in words(rest) if word not in FUNCTION_WORDS]
    return len(meaning) <= _SHORT and bool(_CONTINUES.match(rest)) and not names(rest.strip().partition(" ")[2])


def pieces(question: str) -> list[str]:
    """The questions that a question consists of, as typed; itself for most, and at most `_MOST_PIECES`."""
    plain = " ".join(question.split())  # also what keeps the pattern from being slow on a long row of spaces
    found = [piece.strip() for piece in _CONJUNCTION.split(plain, maxsplit=_MOST_PIECES - 1) if piece and words(piece)]
    return found if len(found) > 1 else [question]


def parts(question: str, history: Sequence[Turn] = ()) -> list[str]:
    """The questions that a question consists of, each able to stand alone: a later piece may lean on an earlier one."""
    turns, found = list(history), []
    for piece in pieces(question):
        found.append(standalone(piece, turns))
        turns.append(Turn(piece, ""))
    return found


def _topic_after(question: str, topic: list[str]) -> list[str]:
    own = content_terms(question) if any(word not in FUNCTION_WORDS for word in words(question)) else []
    spelt = {word: shown for shown in re.findall(r"[^\W_]+", question) for word in words(shown)}
    shown = [spelt.get(word, word) for word in own]
    if not topic or not leans_back(question):
        return shown
    return topic + [word for word in shown if word not in topic]
