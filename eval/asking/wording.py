"""A clause and a question word to a draft."""

from __future__ import annotations

import re

from eval.asking.clauses import Clause, inverted
from eval.asking.drafts import Draft, draft_of
from eval.asking.sentences import NAME, Span


def asked(kind: str, clause: Clause, question: str | None, answer: str) -> Draft | None:
    """The draft of a question that the clause's sentence answers; None without a question."""
    if question is None:
        return None
    return draft_of(kind, clause.sentence, question, answer, subject=clause.subject, plural=clause.plural)


def with_word(word: str, clause: Clause, dropped: Span | None = None, added: str = "") -> str | None:
    """A question word and the clause behind it, as `inverted` gives it."""
    body = inverted(clause, dropped, added=added)
    return f"{word} {body}" if body else None


def place_lead(clause: Clause) -> str | None:
    """The phrase before the subject as it stands at the end, when it says where; empty without one, None for another."""
    lead = clause.text[slice(*clause.lead)]
    if not lead:
        return ""
    if re.fullmatch(rf"(?:In|At|Near) (?:the )?{NAME}", lead) or re.fullmatch(r"(?:In|On|During) [^,]*\b\d{4}", lead):
        return lead[0].lower() + lead[1:]
    return None
