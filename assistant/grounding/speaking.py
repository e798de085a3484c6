"""Who says it: a claim that names a speaker must name the one whom the article names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.grounding.comparison import Comparison
from assistant.grounding.findings import Finding
from assistant.grounding.words import words_of
from assistant.speakers.of_sentence import speaker_of

_ALIKE = 0.45
"""Share of a claim's words that its nearest sentence must hold before who says that is compared."""
_NOBODY = frozenset(
    "article report reports text story paper he she they it who officials official sources source statement".split()
)


def speaking(
    comparison: Comparison, text: str, spans: Sequence[tuple[int, int]], body_start: int = 0
) -> Iterator[Finding]:
    """The speaker of a claim where the article names another for what is nearest to it.

    Args:
        comparison: Claim and evidence.
        text: The text that the evidence's sentences are of.
        spans: Where in it each of them stands.
        body_start: Where the article's body begins.
    """
    nearest = comparison.nearest
    if nearest is None or max(comparison.alike, comparison.nearest_coverage) < _ALIKE:
        return
    said = speaker_of(comparison.claim, 0, len(comparison.claim))
    if said is None or not _names(said.name) or (" " not in said.name and said.name.islower()):
        return  # a single small word is seldom somebody
    near = frozenset(form for i in comparison.around() for form in comparison.held[i])
    change = comparison.change_at(said.start, said.end) if comparison.near_copy else None
    there = [w for w in change.evidence if not w.empty] if change else []
    if there and not _names(said.name) & near:
        yield Finding("speaker", said.name, " ".join(w.text for w in there), contrary=True, certain=True)
        return
    stated = [speaker_of(text, *spans[i], body_start) for i in range(nearest.first, nearest.last + 1)]
    names = [s.name for s in stated if s is not None and _names(s.name)]
    if not names or any(_names(said.name) & _names(name) for name in names):
        return
    if _names(said.name) <= near and not comparison.near_copy:
        return
    yield Finding("speaker", said.name, names[0], contrary=True, certain=True)


def _names(name: str) -> set[str]:
    return {w.form for w in words_of(name) if not w.empty and w.text.lower() not in _NOBODY}
