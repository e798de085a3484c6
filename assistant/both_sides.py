"""How an answer shows that articles differ: both are quoted, the newer first, and a note says where they part."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.answering import with_antecedent
from assistant.dates import spoken_date
from assistant.evidence import Evidence
from assistant.grounding.disagreement import Disagreement
from assistant.types import Citation, Reason


def both_sides(chosen: Sequence[Evidence], differing: Sequence[Disagreement]) -> list[Evidence]:
    """The chosen sentences with those that say otherwise; of each two the newer one first.

    A sentence that leans on the one before it is quoted with it, as those that were chosen are.
    """
    pairs = [e for d in differing for e in (d.newer, d.older)]
    sides = [next((c for c in chosen if _same(c, e)), with_antecedent(e, ())) for e in pairs]
    return [*sides, *(c for c in chosen if not any(_same(c, e) for e in pairs))]


def _same(one: Evidence, other: Evidence) -> bool:
    return one.passage.article == other.passage.article and one.end == other.end


def remarks(cited: Sequence[Citation], differing: Sequence[Disagreement]) -> dict[str, Reason]:
    """For the citation of each side what it states and what the other does, by its id."""
    found = {}
    for d in differing:
        for side, here, there in (
            (d.newer, d.finding.claim, d.finding.evidence),
            (d.older, d.finding.evidence, d.finding.claim),
        ):
            for c in cited:
                if (c.article, c.end) == (side.passage.article, side.end):
                    found[c.id] = Reason("disagreement", here, there)
    return found


def difference_note(d: Disagreement) -> str:
    """Where two articles part, in a sentence for the reader."""
    sides = ((d.newer, d.finding.claim), (d.older, d.finding.evidence))
    said = " and ".join(f"{f'“{words}”' if words else 'no such word'} ({_named(e)})" for e, words in sides)
    return f"The articles differ: {said}."


def _named(e: Evidence) -> str:
    title = e.passage.title or e.passage.article
    return f"{title}, {spoken_date(e.passage.published)}" if e.passage.published else f"{title}, no date"
