"""What an article says as a whole: a few of its sentences, word for word, for whoever asks for a summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.citations import citation
from assistant.extract import extract
from assistant.machine_notes import for_machines
from assistant.metadata import listed, meant_articles, speaks_of_article
from assistant.overview import Overview, overview
from assistant.scope import allows
from assistant.terms import FUNCTION_WORDS, stems, words
from assistant.types import Citation, Scope, Turn
from ingest.archive import Archive
from ingest.records import ArticleInfo, Floats, StoredSentence

MOST_ARTICLES = 5
"""Articles of which a summary of several quotes one sentence each, the newest first."""


@dataclass(frozen=True)
class Summary:
    """A fair extract of one article, or the most central sentence of each of several.

    Attributes:
        citations: The sentences in reading order, the newest article first; empty when there is nothing to quote.
        confidence: 0..1, how much of the articles the quoted sentences stand for: how near (cosine) the nearest quoted sentence
            is to each sentence, on average; 0 when it is as near as any two sentences are, 1 when all are quoted. What would
            answer such a question is the article, so no extract of a long one is certain to hold what the reader is after.
        notes: What the reader should know: how many articles were left out.
        gap: Why nothing can be quoted; None when something is.
    """

    citations: tuple[Citation, ...]
    confidence: float
    notes: tuple[str, ...] = ()
    gap: str | None = None


def asks_for_summary(question: str, history: Sequence[Turn] = ()) -> Overview | None:
    """What kind of summary of an article a question asks for; None for a question about anything else.

    "What is it about?" asks for one at the beginning of a conversation and after a question about the article; later "it" is
    whatever was spoken of last. "Summarise it" always does.
    """
    wanted = overview(question)
    return None if wanted and wanted.it and history and not speaks_of_article(history) else wanted


def summarise(archive: Archive, wanted: Overview, scope: Scope | None, history: Sequence[Turn]) -> Summary | None:
    """The summary that is asked for; None when it is of an article by a name that no article has.

    Args:
        archive: Where the articles and the vectors of their sentences are.
        wanted: What `asks_for_summary` found.
        scope: Only these articles, and of these only sentences that overlap its stretches, when it has any.
        history: The turns before, in which "the article" may have been cited.
    """
    if wanted.several:
        meant = [info for info in archive.articles() if not scope or allows(scope, info)]
        if len(meant) > 1:
            return _of_several(archive, meant, scope)
    elif wanted.name:
        meant = _named(archive, wanted.name, scope)
        if not meant:
            return None
    else:
        meant = meant_articles(archive, scope, history)
    if len(meant) != 1:
        return Summary((), 0.0, gap=listed(meant))
    quoted, share = _quoted(archive, meant[0], scope, wanted.sentences)
    return Summary(tuple(quoted), share, gap=None if quoted else "There is no sentence in this to quote.")


def _of_several(archive: Archive, infos: Sequence[ArticleInfo], scope: Scope | None) -> Summary:
    """One sentence of each of the newest articles; the share is what it is on average."""
    newest = sorted(infos, key=lambda info: info.published or "", reverse=True)
    found = [_quoted(archive, info, scope, 1) for info in newest[:MOST_ARTICLES]]
    quoted = tuple(cited for citations, _ in found for cited in citations)
    others = len(newest) - MOST_ARTICLES
    notes = (
        [f"One sentence each of the {MOST_ARTICLES} newest articles; there are {others} more."] if others > 0 else []
    )
    gap = None if quoted else "There is no sentence in these to quote."
    return Summary(quoted, float(np.mean([share for _, share in found])), tuple(notes), gap)


def _quoted(archive: Archive, info: ArticleInfo, scope: Scope | None, most: int) -> tuple[list[Citation], float]:
    source = archive.source(info.article)
    if source is None:
        return [], 0.0
    sentences = [s for s in _sentences(archive, info.article, scope) if not for_machines(source.text, s.start, s.end)]
    if not sentences:
        return [], 0.0
    vectors: Floats = np.stack([sentence.vector for sentence in sentences])
    chosen, share = extract([source.text[s.start : s.end] for s in sentences], vectors, most)
    # An extract has no best sentence: each is as good an answer as the whole of it.
    return [
        citation(source, (sentences[i].start, sentences[i].end), marker=marker, score=share)
        for marker, i in enumerate(chosen, 1)
    ], share


def _sentences(archive: Archive, article: str, scope: Scope | None) -> list[StoredSentence]:
    """What a scope allows of an article, in reading order, headings left out."""
    numbers = [p.number for p in archive.passages("article", [article])]
    found = [
        s for s in archive.sentences(numbers) if not s.heading and (not scope or scope.touches(article, s.start, s.end))
    ]
    return sorted(found, key=lambda s: s.start)


def _named(archive: Archive, name: str, scope: Scope | None) -> list[ArticleInfo]:
    """The articles whose title, or else description, holds all words of a name that mean something."""
    wanted = {stem for word in words(name) if word not in FUNCTION_WORDS for stem in stems(word)}
    infos = [info for info in archive.articles() if not scope or allows(scope, info)]
    of_title = [info for info in infos if wanted and wanted <= set(stems(info.title or ""))]
    whole = [info for info in of_title if words(info.title or "") == words(name)]
    described = [info for info in infos if wanted and wanted <= set(stems(info.description or ""))]
    return whole or of_title or described
