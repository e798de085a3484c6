"""Numbers, dates and other quantities of a claim: each must stand, in whatever words, where the evidence speaks of the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal

from assistant.grounding.comparison import Comparison
from assistant.grounding.findings import Finding
from assistant.grounding.quantities import Quantity, agrees, contradicts, quantities
from assistant.grounding.words import words_of

_MORE = re.compile(r"\b(?:over|above|more than)$", re.IGNORECASE)
_DATES = frozenset(("date", "time"))


def stated_quantities(comparison: Comparison, published: date | None = None, known: str = "") -> Iterator[Finding]:
    """The quantities of a claim that its evidence does not state where it speaks of the same, and what it states there.

    Looked for in the nearest sentence and those around it, and in the one that is nearest to the words around the quantity.
    Where the claim is a version of a sentence, what that has in the same place decides.

    Args:
        comparison: Claim and evidence.
        published: The article's day, for "last year" and "on Tuesday".
        known: What else is known of the articles, dates of publication included.
    """
    claimed = quantities(comparison.claim)
    if not claimed or comparison.nearest is None:
        return
    of_record = quantities(known)
    here = comparison.sentences[comparison.nearest.first : comparison.nearest.last + 1]
    in_nearest = [q for sentence in here for q in quantities(sentence)]
    for q in claimed:
        replaced = _replaced(q, comparison, claimed, in_nearest, published)
        if replaced is not None:
            yield Finding(_kind(q), q.text, replaced.text, contrary=True)
            continue
        if any(agrees(q, other, published) for other in (*in_nearest, *of_record)) or _spelt_alike(q, comparison, here):
            continue
        places = set(comparison.around())
        local = comparison.nearest_to(comparison.clause(q.start, q.end))
        if local is not None:
            places |= {local}
        near = [other for i in sorted(places) for other in quantities(comparison.sentences[i])]
        if any(agrees(q, other, published) for other in near):
            continue
        in_local = quantities(comparison.sentences[local]) if local is not None else []
        rivals = [o for o in (*in_local, *in_nearest) if contradicts(q, o) and not _claimed(o, claimed)]
        contrary = next(
            (o for o in rivals if (q.unit is not None and q.unit == o.unit) or q.kind == o.kind == "date"), None
        )
        if contrary is not None:
            certain = contrary.kind != "date" and contrary in in_local
            yield Finding(_kind(q), q.text, contrary.text, contrary=True, certain=certain)
        elif q.kind != "ordinal" and q.low != 0:  # "the first to ..." and "below zero" are often said without the word
            yield Finding(_kind(q), q.text, "", certain=_nowhere(q, comparison, published))


def _nowhere(q: Quantity, comparison: Comparison, published: date | None) -> bool:
    """Whether figures of a claim stand nowhere in the evidence, which has no "last year" either that might stand for them."""
    if not any(map(str.isdigit, q.text)):
        return False
    every = [o for sentence in comparison.sentences for o in quantities(sentence)]
    relative = q.kind == "date" and any(o.days is not None and o.days.relative for o in every)
    return not relative and not any(agrees(q, o, published) for o in every)


def _spelt_alike(q: Quantity, comparison: Comparison, here: Sequence[str]) -> bool:
    """Whether the same words stand in the nearest stretch, where "over" and "more than" may stand for each other before them."""
    before = comparison.claim[: q.start].rstrip()
    words = _MORE.search(before)
    return words is not None and any(re.search(rf"\b(?:over|above|more than) {re.escape(q.text)}\b", s) for s in here)


def _kind(q: Quantity) -> Literal["date", "number"]:
    return "date" if q.kind in _DATES else "number"


def _claimed(other: Quantity, claimed: Sequence[Quantity]) -> bool:
    """Whether a quantity of the evidence is one that the claim states too."""
    return any(agrees(q, other) for q in claimed)


def _replaced(
    q: Quantity, comparison: Comparison, claimed: Sequence[Quantity], stated: Sequence[Quantity], published: date | None
) -> Quantity | None:
    """The quantity that stands in its place where the claim is a version of a sentence; None when it is the same or none is."""
    change = comparison.change_at(q.start, q.end) if comparison.near_copy else None
    if change is None or not change.evidence:
        return None
    forms = {w.text for w in change.evidence}
    there = [o for o in stated if forms & {w.text for w in words_of(o.text)}]
    if not there or any(agrees(q, o, published) for o in there):
        return None
    return next((o for o in there if contradicts(q, o) or _other_bound(q, o)), None)


def _other_bound(q: Quantity, o: Quantity) -> bool:
    """Whether "at least five" stands in the place of "at least two": neither excludes the other, and one is not the other."""
    return (q.kind, q.unit, q.bound) == (o.kind, o.unit, o.bound) and q.bound != "exactly" and q.low != o.low


def only_written_otherwise(comparison: Comparison, published: date | None) -> bool:
    """Whether a version of a sentence differs from it in nothing but how its values are written ("eight", "8")."""
    nearest = comparison.nearest
    if nearest is None or not comparison.near_copy:
        return False
    claimed = quantities(comparison.claim)
    here = comparison.sentences[nearest.first : nearest.last + 1]
    stated = [o for sentence in here for o in quantities(sentence)]
    equal = [q for q in claimed if any(agrees(q, o, published) and agrees(o, q, published) for o in stated)]
    spelt = {w.form for o in stated for w in words_of(o.text)}
    return all(
        all(w.empty or any(q.start <= w.start < q.end for q in equal) for w in change.claim)
        and all(w.empty or w.form in spelt for w in change.evidence)
        for change in nearest.changes
    )
