"""Follow-ups: a question in which a pronoun stands for what the turn before it was about."""

from __future__ import annotations

import re
from dataclasses import replace

from eval.asking.drafts import Draft
from eval.asking.sentences import NAME, Reading


def follow_up(asked: Draft, reading: Reading) -> Draft | None:
    """The same question with a pronoun for its subject, after a turn about that; None where no pronoun is sure to fit."""
    if not asked.subject or not re.search(NAME, asked.subject) or asked.question.count(asked.subject) != 1:
        return None
    pronoun = _pronoun(asked, reading)
    told = _told(asked, reading)
    if pronoun is None or told is None:
        return None
    question = asked.question.replace(asked.subject, pronoun)
    owner = re.search(r"\b(?:his|her|their|its)\b", question)
    if owner and {"he": "his", "she": "her", "they": "their", "it": "its"}[pronoun] != owner[0]:
        return None
    if len(question.split()) < 4 or question == asked.question:
        return None
    return replace(
        asked,
        kind="follow-up",
        question=question,
        history=((f"What do the articles say about {asked.subject}?", told),),
    )


def _pronoun(asked: Draft, reading: Reading) -> str | None:
    name = asked.subject
    if reading.is_person(name):
        return reading.pronoun(name)
    if asked.plural:
        return "they"
    if asked.plural is None and not name.startswith("the ") and not re.fullmatch(r"[A-Z]{2,5}", name):
        return None
    several = name.split()[-1].endswith("s") and name.startswith("the ")
    last = name.split()[-1]
    looks_like_person = re.fullmatch(r"[A-Z][\w.-]+(?: [A-Z][\w.-]+){0,2}", name) and not name.isupper()
    return None if several or looks_like_person or last.endswith("people") else "it"


def _told(asked: Draft, reading: Reading) -> str | None:
    """The first other sentence that names the subject."""
    for sentence in reading.sentences():
        if (sentence.start, sentence.end) not in asked.evidence and re.search(
            rf"\b{re.escape(asked.subject.removeprefix('the '))}\b", sentence.text
        ):
            return sentence.text
    return None
