"""A question that leans on what was said before, made to stand alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.antecedents import resolve, slots
from assistant.mentions import TURNS, Said
from assistant.terms import FUNCTION_WORDS, YEAR, content_terms, names, words
from assistant.types import CLOSE_BUT_NOT_STATED, NOTHING_ABOUT_THIS, Turn

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
_WHO_SAID = re.compile(
    r"\bwho (?:else )?(?:said|says|told|stated|claimed|claims|wrote|argued|argues|thinks|believes) (that|this|so|it)\b",
    re.IGNORECASE,
)
_MARKER = re.compile(r"\s?\[\d+\]")
_OPENING = re.compile(
    r"^\W*(?:(?:and|but|or|so|then|also|now)\b[\s,]*(?:(?:what|how) about\b)?|(?:what|how) about\b)\s*", re.IGNORECASE
)
_QUESTION_WORDS = frozenset("who whom whose what when where which why how".split())
_ONE_NAME = re.compile(
    r"(?<=\s)[A-ZÀ-ÖØ-Þ][\w’'-]*(?:\s[A-ZÀ-ÖØ-Þ][\w’'-]*)*|^[A-ZÀ-ÖØ-Þ][\w’'-]*(?:\s[A-ZÀ-ÖØ-Þ][\w’'-]*)*$"
)
_NO_QUOTES = str.maketrans("", "", '“”"')
_SAME_AGAIN = re.compile(r"\b(?:do|does|did) so\b|\b(?:who|what|where|which|how|anyone|anything) else\b", re.IGNORECASE)
_CONTEXT = 400
"""Characters of the last answer that are searched."""
_QUOTED = 12
"""Words of the last answer that "that" stands for in "Who said that?"."""
_MOST_PIECES = 8
_SHORT = 2
"""A question with at most this many content words that begins like a continuation is one."""


def standalone(question: str, history: Sequence[Turn]) -> str:
    """What to search for: the question, with what it leaves to the turns before put in its words.

    A pronoun is replaced by what it most likely stands for; "And in 2022?" becomes the last question with the other year;
    what can neither be replaced nor continued gets the words of the last question in brackets. A question that stands alone
    is left as it is, whatever was spoken of before.
    """
    return _alone(question, _said(history))[0]


def context(history: Sequence[Turn]) -> str:
    """What was said last, to be searched beside a question that is far from every passage by itself; "" at the beginning."""
    said = _said(history)
    return f"{said[-1].question} {said[-1].answer[:_CONTEXT]}".strip() if said else ""


def _said(history: Sequence[Turn]) -> list[Said]:
    said: list[Said] = []
    for turn in history[-TURNS:]:
        said.append(_as_said(turn.question, turn.answer, said))
    return said


def _as_said(question: str, answer: str, before: Sequence[Said]) -> Said:
    asked, antecedents = _alone(question, before)
    nothing = answer.strip().startswith((NOTHING_ABOUT_THIS, CLOSE_BUT_NOT_STATED))
    return Said(asked, "" if nothing else answer, antecedents)


def _alone(question: str, said: Sequence[Said]) -> tuple[str, tuple[str, ...]]:
    """The question made to stand alone, and what its pronouns stand for."""
    if not said:
        return question, ()
    last = said[-1]
    if spoken := _WHO_SAID.search(question):
        quoted = " ".join(_MARKER.sub("", last.answer).translate(_NO_QUOTES).split()[:_QUOTED])
        return (
            f"{question[: spoken.start(1)]}“{quoted}”{question[spoken.end(1) :]}" if quoted else question,
            last.antecedents,
        )
    if not slots(question) and (continued := _continued(question, last.question)):
        return continued, last.antecedents
    if not slots(question) and _DEMONSTRATIVE_OF_ARTICLE.search(question):
        return question, ()
    asks_again = _SAME_AGAIN.search(question) or all(word in FUNCTION_WORDS for word in words(question))
    resolved, antecedents = (question, ()) if asks_again and not slots(question) else resolve(question, said)
    short = len(content_terms(question)) <= _SHORT and not names(question.strip().partition(" ")[2])
    if resolved != question or not (asks_again or (short and leans_back(question))):
        return resolved, antecedents
    present = set(words(question))
    added = [word for word in _spelt_terms(last.question) if not set(words(word)) <= present]
    return (f"{question.strip()} ({' '.join(added)})" if added else question), last.antecedents


def _continued(question: str, before: str) -> str | None:
    """The last question with the year or the name that a short "And in 2022?" or "What about Sweden?" puts in its place."""
    opening = _OPENING.match(question)
    rest = question[opening.end() if opening else 0 :].strip(" ?.!")
    if (
        not (opening or len(question.split()) <= _SHORT)
        or len(content_terms(rest)) > _SHORT
        or any(word in _QUESTION_WORDS for word in words(rest))
    ):
        return None
    for kind in (YEAR, _ONE_NAME):
        new, old = kind.findall(rest), kind.findall(f" {before.partition(' ')[2]}")
        if len(new) == len(old) == 1 and f"{old[0]}." not in before:  # "U.S." is more than its first letter
            return before.replace(old[0], new[0])
    if re.match(r"(?:in|on|at|for|by|during|after|before|since|under|among|from|to|with)\b", rest, re.IGNORECASE):
        return f"{before.rstrip(' ?.!')} {rest}?"
    return None


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


def topic_put_behind(piece: str, part: str) -> bool:
    """Whether a piece was made to stand alone by nothing but what was spoken of before, in brackets behind it."""
    return part.startswith(f"{piece.rstrip(' ?.!')} (")


def parts(question: str, history: Sequence[Turn] = ()) -> list[str]:
    """The questions that a question consists of, each able to stand alone: a later piece may lean on an earlier one."""
    turns, found = list(history), []
    for piece in pieces(question):
        found.append(standalone(piece, turns))
        turns.append(Turn(piece, ""))
    return found


def _spelt_terms(question: str) -> list[str]:
    """The words of a question that carry its meaning, spelt as in it."""
    own = content_terms(question) if any(word not in FUNCTION_WORDS for word in words(question)) else []
    spelt = {word: shown for shown in re.findall(r"[^\W_]+", question) for word in words(shown)}
    return [spelt.get(word, word) for word in own]
