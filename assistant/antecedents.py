"""What a pronoun of a question stands for: the mentions of a conversation, ranked by a small linear model.

The method is the mention ranking of coreference resolution (Denis and Baldridge 2008) with the choice "none of them"; the
weights are fitted to people's own rewrites of follow-up questions (`assistant/weights/antecedents.md`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np

from assistant.dates import MONTHS
from assistant.mentions import NOT_SPOKEN_OF, Mention, Place, Said, content_stems, mentions
from assistant.terms import FUNCTION_WORDS, words
from ingest.errors import ModelUnavailable
from ingest.records import Floats

Kind = Literal["person", "many", "thing", "this", "place", "none"]

FEATURES = (
    "name", "quoted", "words", "one_word", "since_first", "since_last", "times", "in_questions", "in_answers",
    "in_last_question", "in_last_answer", "first_in_last_answer", "in_first_question", "was_antecedent", "last_antecedent",
    "plural", "figure", "calendar", "opened", "person_like", "person_name", "person_other", "many_name", "many_plural",
    "thing_name", "thing_phrase", "thing_person_like", "this_in_answer", "this_in_question", "place_after_in", "place_name",
    "shares_word", "any", "bare", "bare_name", "bare_was_antecedent", "bare_in_question",
)  # fmt: skip
"""Columns of `features`: what kind of words a mention is, where and how often it stood, whether a pronoun stood for it before,
and how these go with the pronoun. The option "none of them" has none of these."""

_PRONOUNS: dict[str, Kind] = {
    **dict.fromkeys(("he", "him", "his", "himself", "she", "her", "hers", "herself"), "person"),
    **dict.fromkeys(("they", "them", "their", "theirs", "themselves"), "many"),
    **dict.fromkeys(("it", "its", "itself"), "thing"),
    **dict.fromkeys(("this", "that", "these", "those"), "this"),
    "there": "place",
}  # fmt: skip
_POSSESSIVE = frozenset({"his", "its", "their", "theirs", "hers"})
_PRONOUN = re.compile(r"\b(" + "|".join(sorted(_PRONOUNS, key=len, reverse=True)) + r")\b(?!['’])", re.IGNORECASE)
_EXISTS = re.compile(
    r"\b(?:is|are|was|were|be|been|will|has|have|had|could|can|did|if|whether|that|because|and|but)\s+$|^\W*$",
    re.IGNORECASE,
)
_IMPERSONAL = re.compile(
    r"\bit\s+(?:true|possible|likely|safe|legal|illegal|important|necessary|rain|snow|seem|that)", re.IGNORECASE
)
_ALONE = re.compile(
    r"\W*$|(?:is|was|are|were|do|did|does|have|has|had|happen\w*|cause\w*|affect\w*|help\w*|and|or|in|to|on|for|at|by|with|from"
    r"|come|mean)\b|[^\w“\"]", re.IGNORECASE
)  # fmt: skip
_NO_NOUN = re.compile(r"(?:in|at|to|on|and|for|with|from|as|by|after|when|because|or|the|a)\b|\W*$", re.IGNORECASE)
_CALENDAR = re.compile(rf"\b(?:{'|'.join(MONTHS)}|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|\d{{4}})\b")
_NO_PERSON = re.compile(r"\d|\b(?:the|of|and)\b", re.IGNORECASE)
_OWN_NAME = re.compile(r"(?<=\s)[A-ZÀ-ÖØ-Þ][\w’'-]+")
_OWN_MANY = re.compile(r"\b(?:the|these|those|some|many|most|all|both) \w{3}", re.IGNORECASE)
_DEFINES = re.compile(
    r"^\W*(?:what|who) (?:is|are|was|were|happened)\b|^\W*(?:define|tell me about|explain)\b", re.IGNORECASE
)
_BARE = 2
"""A question of at most this many words with a meaning of their own, and no name, may lack its topic."""


@dataclass(frozen=True)
class Slot:
    """A pronoun of a question: ``question[start:end]``; of kind "none", the empty place behind its last word."""

    start: int
    end: int
    kind: Kind
    possessive: bool = False


def slots(question: str) -> list[Slot]:
    """The pronouns that may stand for something said before, at most two; "this week" and "there are" are none."""
    found: list[Slot] = []
    for match in _PRONOUN.finditer(question):
        kind = _PRONOUNS[match[0].lower()]
        before, after = question[: match.start()], question[match.end() :].lstrip()
        if (
            (kind == "this" and not _ALONE.match(after))
            or (kind == "place" and _EXISTS.search(before))
            or (kind == "thing" and _IMPERSONAL.match(question, match.start()))
            or any(slot.kind == kind for slot in found)
            or _stands_for_own(kind, before)
        ):
            continue
        possessive = match[0].lower() in _POSSESSIVE or (match[0].lower() == "her" and not _NO_NOUN.match(after))
        found.append(Slot(match.start(), match.end(), kind, possessive))
    return found[:2]


def bare(question: str) -> list[Slot]:
    """The place behind a question that may lack its topic ("any awards?"); none for one that names or defines something."""
    content = [word for word in words(question) if word not in FUNCTION_WORDS]
    if len(content) > _BARE or _OWN_NAME.search(question) or _DEFINES.search(question):
        return []
    end = len(question.rstrip(" ?.!"))
    return [Slot(end, end, "none")]


def _stands_for_own(kind: Kind, before: str) -> bool:
    """Whether a pronoun stands for something that the question itself names before it."""
    if kind in ("this", "place"):
        return False
    nouns = [word for word in words(before) if word not in FUNCTION_WORDS | NOT_SPOKEN_OF]
    plural = _OWN_MANY.search(before) or any(word.endswith("s") and not word.endswith("ss") for word in nouns)
    return bool(_OWN_NAME.search(before) or (kind == "many" and plural))


def resolve(question: str, history: Sequence[Said], weights: Floats | None = None) -> tuple[str, tuple[str, ...]]:
    """The question with its pronouns replaced by what they most likely stand for, and what that is.

    Args:
        question: As typed.
        history: The turns before it, each already resolved.
        weights: One for each of `FEATURES`; None for the shipped ones.
    """
    chosen: list[tuple[Slot, str]] = []
    for slot in slots(question) or bare(question):
        known = options(slot, question, history, [text for _, text in chosen])
        if known:
            best = int(
                np.argmax(features(slot, history, known, question) @ (_weights() if weights is None else weights))
            )
            chosen += [(slot, known[best].text)] if best < len(known) else []
    return filled(question, chosen), tuple(text for _, text in chosen)


def options(slot: Slot, question: str, history: Sequence[Said], taken: Sequence[str] = ()) -> list[Mention]:
    """The mentions that a slot may stand for: those that the question does not name itself and whose capital says something.

    Behind a bare question only a name is put, since a wrong topic leads the search astray.
    """
    asked = content_stems(question)
    return [
        mention
        for mention in mentions(history)
        if mention.text not in taken
        and not mention.stems <= asked
        and (slot.kind == "person" or not (mention.opened and len(mention.places) == 1))
        and (slot.kind != "none" or mention.name)
    ]


def filled(question: str, chosen: Sequence[tuple[Slot, str]]) -> str:
    """The question with its slots filled in."""
    for slot, text in sorted(chosen, key=lambda pair: -pair[0].start):
        shown = text
        if slot.possessive:
            shown += "’" if text.endswith("s") else "’s"
        if slot.kind == "place":
            shown = f"in {text}"
        if slot.kind == "none":
            shown = f" ({text})"
        question = question[: slot.start] + shown + question[slot.end :]
    return question


def features(slot: Slot, history: Sequence[Said], known: Sequence[Mention], question: str) -> Floats:
    """One row a mention and a last one for "none of them", a column a name in `FEATURES`; shape ``(mentions + 1, 37)``."""
    asked = content_stems(question)
    before = {text for said in history for text in said.antecedents}
    latest = history[-1].antecedents if history else ()
    rows = [
        _row(slot, mention, len(history) - 1, asked, mention.text in before, mention.text in latest)
        for mention in known
    ]
    return np.array([*rows, [0.0] * len(FEATURES)], np.float32)


def _row(slot: Slot, mention: Mention, last: int, asked: frozenset[str], was: bool, was_last: bool) -> list[float]:
    places, kind, length = mention.places, slot.kind, len(mention.text.split())
    turns = [place.turn for place in places]
    in_question = any(p.turn == last and p.side == "question" for p in places)
    in_answer = any(p.turn == last and p.side == "answer" for p in places)
    plural = mention.text.endswith("s") and not mention.text.endswith("ss")
    calendar = bool(_CALENDAR.search(mention.text))
    person = (
        mention.name and not mention.quoted and not calendar and length <= 3 and not _NO_PERSON.search(mention.text)
    )
    opening = any(p.turn == 0 and p.side == "question" for p in places)
    return [
        mention.name, mention.quoted, min(length, 5) / 5, length == 1,
        min(last - min(turns), 6) / 6, min(last - max(turns), 6) / 6, min(len(turns), 5) / 5,
        any(p.side == "question" for p in places), any(p.side == "answer" for p in places), in_question, in_answer,
        Place(last, "answer", first=True) in places, opening, was, was_last,
        plural, bool(re.search(r"\d", mention.text)), calendar, mention.opened and len(turns) == 1, person,
        kind == "person" and mention.name, kind == "person" and not person, kind == "many" and mention.name,
        kind == "many" and plural, kind == "thing" and mention.name, kind == "thing" and not mention.name,
        kind == "thing" and person, kind == "this" and in_answer, kind == "this" and in_question,
        kind == "place" and mention.after_in, kind == "place" and mention.name, bool(mention.stems & asked), 1.0,
        kind == "none", kind == "none" and mention.name, kind == "none" and was, kind == "none" and (in_question or opening),
    ]  # fmt: skip


@cache
def _weights() -> Floats:
    stored = json.loads(files("assistant").joinpath("weights/antecedents.json").read_text(encoding="utf-8"))
    if list(stored) != list(FEATURES):
        raise ModelUnavailable("antecedents.json was made for other features; reinstall onrecord.")
    return np.array(list(stored.values()), np.float32)
