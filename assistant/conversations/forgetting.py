"""An answer without the words of an article that was purged."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import replace

from assistant.types import Answer, Citation, Sentence

PURGED = "(Purged: the article that this was taken from is no longer kept.)"
"""Stands in for a quote, or a sentence, of an article that was purged."""

_MARKERS = re.compile(r"\s+|\[\d+\]")


def rests_on(answer: Answer, article: str) -> bool:
    """Whether the answer cites the article, or shows it as near."""
    return any(citation.article == article for citation in (*answer.citations, *answer.nearest))


def forget(answer: Answer, article: str) -> Answer:
    """The answer with `PURGED` for whatever may be the article's words; of a citation the address stays.

    A sentence stays where it is cited, and from other articles only: of one without a citation nobody can tell whose words it
    holds. The same again changes nothing.
    """
    gone = {citation.marker for citation in answer.citations if citation.article == article}
    text, sentences = _rewritten(answer, gone)
    return replace(
        answer,
        standalone_question=answer.question,
        reason=answer.reason and PURGED,
        missing=(),
        answer=text,
        sentences=sentences,
        citations=tuple(_purged(citation, article) for citation in answer.citations),
        nearest=tuple(_purged(citation, article) for citation in answer.nearest),
        notes=(PURGED,) if answer.notes else (),
    )


def _purged(citation: Citation, article: str) -> Citation:
    if citation.article != article:
        return citation
    return replace(
        citation, quote=PURGED, title=None, author=None, outlet=None, published=None, source=None, page=None, speaker=None
    )  # fmt: skip


def _rewritten(answer: Answer, gone: Set[int]) -> tuple[str, tuple[Sentence, ...]]:
    if not answer.sentences:
        return PURGED, ()
    text, at, sentences = "", 0, []
    for sentence in answer.sentences:
        text += _markers(answer.answer[at : sentence.start])
        at = sentence.end
        if gone & set(sentence.citations) or not sentence.citations:
            sentence = Sentence(PURGED, 0, 0, "not_a_claim", sentence.citations)
        sentences.append(replace(sentence, start=len(text), end=len(text) + len(sentence.text)))
        text += sentence.text
    return text + _markers(answer.answer[at:]), tuple(sentences)


def _markers(text: str) -> str:
    return "".join(_MARKERS.findall(text))
