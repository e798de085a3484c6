"""What is said when passages are near and none answers: what was looked for, and which words of the question stand nowhere."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.terms import AnswerKind, answer_kind, meaning_terms, stem, stems
from assistant.types import CLOSE_BUT_NOT_STATED

_LACKS: dict[AnswerKind, str] = {
    "number": "gives the figure that is asked for",
    "date": "says when",
    "person": "says who",
    "place": "says where",
    "reason": "says why",
    "other": "answers it",
}
_SHOWN = 3
"""Words that are named at most; a question of which more are missing is in other words than the articles'."""


def not_stated(question: str, passages: Sequence[str]) -> str:
    """Why there is no answer, in words for the reader.

    Args:
        question: The standalone question.
        passages: The texts that were found for it.
    """
    known = {found for text in passages for found in stems(text)}
    terms = meaning_terms(question)
    missing = [term for term in terms if stem(term) not in known]
    said = f"{CLOSE_BUT_NOT_STATED}{_LACKS[answer_kind(question)]}."
    if not missing or len(missing) > _SHOWN or len(missing) == len(terms):
        return said
    *rest, last = (f"“{term}”" for term in missing)
    return f"{said} The passages found do not mention {', '.join(rest) + ' or ' if rest else ''}{last}."
