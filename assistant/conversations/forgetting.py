"""An answer without the words of articles that were purged."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import replace

from assistant.types import Answer, Citation, Sentence

PURGED = "(Purged: the article that this was taken from is no longer kept.)"
"""Stands in for a quote, or a sentence, of an article that was purged."""

_MARKERS = re.compile(r"\s+|\[\d+\]")


def articles_of(answer: Answer) -> set[str]:
    """The articles that the answer cites, or shows as near."""
    return {citation.article for citation in (*answer.citations, *answer.nearest)}


def forget(answer: Answer, purged: Set[str]) -> Answer:
    """The answer with `PURGED` for whatever may be the words of these articles; of a citation the address stays.

    A sentence stays where it is cited, and from other articles only: of one without a citation nobody can tell whose words it
    holds. The same again changes nothing.
    """
    gone = {citation.marker for citation in answer.citations if citation.article in purged}
    text, sentences = _rewritten(answer, gone)
    return replace(
        answer,
        standalone_question=answer.question,
        reason=answer.reason and PURGED,
        missing=(),
        answer=text,
        sentences=sentences,
        citations=tuple(_purged(citation, purged) for citation in answer.citations),
        nearest=tuple(_purged(citation, purged) for citation in answer.nearest),
        notes=(PURGED,) if answer.notes else (),
    )


def _purged(citation: Citation, purged: Set[str]) -> Citation:
    if citation.article not in purged:
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
