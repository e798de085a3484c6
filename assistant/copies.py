"""Copies of one report: passages of several articles that say the same in the same, or nearly the same, words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.contents import Contents
    from assistant.retrieval import Hit

COPY = 0.8
"""Share of the pairs of words from which on two passages of different articles are copies of one report."""

_COPY_DENSE = 0.1
"""Passages whose cosines with the query differ by more are not compared word for word."""


def without_copies(ranked: Iterable[tuple[Hit, Contents]], limit: int) -> list[Hit]:
    """The first `limit` without the copies of better ones, which then name them.

    The first near copy stays, since what it words differently may be what was asked for, or may contradict.
    """
    kept: list[tuple[Hit, Contents]] = []
    for hit, contents in ranked:
        alike = [i for i, better in enumerate(kept) if _are_copies((hit, contents), better)]
        same = any(kept[i][0].passage.key == hit.passage.key for i in alike)
        if same or len(alike) > 1:
            better, known = kept[alike[0]]
            kept[alike[0]] = replace(better, copies=(*better.copies, hit.passage)), known
        elif len(kept) == limit:
            break
        else:
            kept.append((hit, contents))
    return [hit for hit, _ in kept]


def _are_copies(one: tuple[Hit, Contents], other: tuple[Hit, Contents]) -> bool:
    (a, of_a), (b, of_b) = one, other
    if a.passage.key == b.passage.key:
        return True
    if a.passage.article == b.passage.article or abs(a.dense - b.dense) > _COPY_DENSE:
        return False
    return len(of_a.pairs & of_b.pairs) >= COPY * max(len(of_a.pairs), len(of_b.pairs), 1)
