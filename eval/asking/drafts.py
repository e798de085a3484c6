"""A question that was drafted, with the words that answer it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.terms import FUNCTION_WORDS, words
from eval.asking.sentences import Sentence, Span

_FEWEST = {"reason": 4, "fact": 2}
"""Words that say something, of a question that can be understood without its article; of the other kinds 3."""


@dataclass(frozen=True)
class Draft:
    """A question made by rule.

    Attributes:
        kind: Its first tag.
        article: The id of the article that it was made from; empty for a question that is about none.
        evidence: Spans of the article's text; empty where no article answers it.
        answer: Empty where no article answers it.
        subject: Whom or what it asks about, as the question names it; empty where a pronoun cannot stand for it.
        plural: Whether that is plural; None where it does not show.
        history: One earlier turn, question and answer.
    """

    kind: str
    article: str
    question: str
    answer: str = ""
    evidence: tuple[Span, ...] = ()
    subject: str = ""
    plural: bool | None = None
    speaker: str = ""
    history: tuple[tuple[str, str], ...] = ()


def draft_of(
    kind: str, sentence: Sentence, question: str, answer: str, *, subject: str = "", plural: bool | None = None
) -> Draft | None:
    """A draft that the sentence answers; None where the question is no whole one."""
    asked = re.sub(r"\s+", " ", question).strip(" .,") + "?"
    asked = re.sub(r"[\s,.]+\?$", "?", asked[0].upper() + asked[1:])
    answer = answer.strip(" ,.")
    fewest = 4 if asked.startswith("How many") and not asked.endswith("have?") else _FEWEST.get(kind, 3)
    if not answer or not is_whole(asked) or len(content_of(asked)) < fewest:
        return None
    return Draft(kind, sentence.of.article.id, asked, answer, ((sentence.start, sentence.end),), subject, plural)


def is_whole(question: str) -> bool:
    """Whether a question names something and is neither too short to be about one thing nor too long to be asked."""
    words = question.split()
    named = any(re.match(r"[A-ZÀ-Þ\d]", word.strip("“\"'‘(")) for word in words[1:])
    balanced = question.count("(") == question.count(")") and question.count('"') % 2 == 0
    return 5 <= len(words) <= 26 and named and balanced


def content_of(question: str) -> list[str]:
    """The words of a question that say what it is about."""
    return [word for word in words(question) if word not in FUNCTION_WORDS]
