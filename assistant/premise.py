"""What a question takes for granted and the evidence does not bear out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.evidence import Evidence
from assistant.terms import content_terms, stems, stray_names, stray_numbers

NEARLY_ALL = 0.6
"""Share of the question's other content words that must stand in the evidence before a stray name or number is blamed."""


@dataclass(frozen=True)
class Premise:
    """A name or number of the question that stands neither in the evidence nor around it."""

    stray: str
    reason: str


def unsupported_premise(question: str, evidence: Sequence[Evidence]) -> Premise | None:
    """The one stray name or number of a question whose other words the best evidence bears out; None when there is none.

    "Why did Norway sign the treaty in 1950?" over "Sweden signed the treaty in 1950." has the stray name Norway.
    """
    if not evidence:
        return None
    best = evidence[0]
    stray = stray_names(question, best.passage.text) + stray_numbers(question, best.passage.text)
    if len(stray) != 1:
        return None
    odd = set(stems(stray[0]))
    rest = [s for term in content_terms(question) for s in stems(term) if s not in odd]
    present = set(stems(best.text))
    if len(rest) < 2 or sum(s in present for s in rest) / len(rest) < NEARLY_ALL:
        return None
    return Premise(stray[0], f"The articles do not say this of “{stray[0]}”; what they do say is quoted here.")
