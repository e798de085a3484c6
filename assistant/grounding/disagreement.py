"""Two articles that state different things of the same: another number, another date, another outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.evidence import Evidence
from assistant.grounding.comparison import Comparison
from assistant.grounding.findings import Finding
from assistant.grounding.judge import speaks_of
from assistant.grounding.names import names
from assistant.grounding.polarity import polarity
from assistant.grounding.quotes import folded
from assistant.grounding.stated_quantities import stated_quantities
from assistant.terms import answer_kind, stems

RIVALS = 10
"""Sentences, best first, among which one that says otherwise is looked for."""
AS_RELEVANT = 0.6
"""Share of the best sentence's coverage of the question that a rival must have."""
_ASKED = {"number": ("number", "date"), "date": ("date", "number"), "person": ("name",), "place": ("name",)}
_TURNED = ("negation", "opposite", "direction", "number", "date")


@dataclass(frozen=True)
class Disagreement:
    """Two pieces of evidence of different articles that cannot both be right.

    Attributes:
        newer: The one of the later date; articles without a date count as older.
        older: The other.
        finding: Where they part: `claim` in the newer one's words, `evidence` in the older one's.
    """

    newer: Evidence
    older: Evidence
    finding: Finding


def disagreement(question: str, evidence: Sequence[Evidence]) -> Disagreement | None:
    """The first further piece of evidence of another article that says otherwise than the best; None when none does.

    Copies of one report are one source: a sentence in the same words says nothing new.

    Args:
        question: What they answer; what stands in it is not what they differ in.
        evidence: Best first.
    """
    if not evidence:
        return None
    best = evidence[0]
    for other in evidence[1:RIVALS]:
        same = other.passage.article == best.passage.article or _words(other.text) == _words(best.text)
        if same or other.coverage < AS_RELEVANT * best.coverage:
            continue
        newer, older = sorted((best, other), key=lambda e: e.passage.published or "", reverse=True)
        if found := differs(question, newer.text, older.text):
            return Disagreement(newer, older, found)
    return None


def differs(question: str, one: str, other: str) -> Finding | None:
    """Where one sentence states what another excludes, as an answer to a question; None when both may be right.

    They must be about the same, those words left out in which they differ. And
    they must differ in what is asked for: a number or date, a name, or else whether and which way something happened.
    """
    comparison = Comparison(one, [other])
    findings = [f for f in (*stated_quantities(comparison), *names(comparison), *polarity(comparison)) if f.contrary]
    if not findings or not speaks_of(comparison, findings):
        return None
    kinds = _ASKED.get(answer_kind(question), _TURNED)
    asked = set(stems(question))
    return next((f for f in findings if f.kind in kinds and (f.kind == "negation" or not asked & _stems_of(f))), None)


def _stems_of(finding: Finding) -> set[str]:
    return {*stems(finding.claim), *stems(finding.evidence)}


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word, _, _ in folded(text))
