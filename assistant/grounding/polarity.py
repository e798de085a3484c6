"""Denials, opposites, directions and quantifiers: what turns a sentence round while nearly all its words stay."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from assistant.grounding.comparison import Change, Comparison
from assistant.grounding.findings import Finding
from assistant.grounding.words import Word
from assistant.opposites import PREFIXES, opposite
from assistant.terms import stem

_DENIALS = frozenset(
    ("not", "never", "no", "nor", "neither", "without", "nobody", "nothing", "none", "nowhere", "hardly")
)
_DENYING = frozenset(
    map(stem, "refuse refused refusal fail failed failure deny denied denial lack lacked lacking absence rejected reject"
        " prevent prevented unable avoid avoided declined cannot ruled dismissed except rather instead false".split())
)  # fmt: skip
_DENYING_VERBS = frozenset(map(stem, "deny denied denies denying refuse refused refuses".split()))
_QUANTIFIERS: tuple[frozenset[str], ...] = tuple(
    frozenset(map(stem, group.split()))
    for group in (
        "all every each entire whole always everyone everything both fully",
        "most majority mostly mainly largely usually generally typically primarily chiefly often frequently",
        "some several many numerous sometimes various certain occasionally partly partially half",
        "few rarely seldom little hardly",
        "no none neither never nobody nothing zero",
    )
)
_OF_QUANTIFIER = {form: place for place, group in enumerate(_QUANTIFIERS) for form in group}
_SIDES: tuple[Callable[[Change], tuple[Word, ...]], ...] = (lambda c: c.claim, lambda c: c.evidence)
_SHORT = 4
"""Words of a change that can be taken for one for another; a longer one is another clause."""
_MODAL = frozenset(
    map(stem, "may might could possibly perhaps likely probably allegedly reportedly suspected alleged".split())
)
_BOUNDS = {
    **dict.fromkeys(("more than", "over", "at least", "above", "exceeding", "no less than", "no fewer than"), "more"),
    **dict.fromkeys(("less than", "fewer than", "under", "at most", "below", "up to", "no more than"), "less"),
}  # fmt: skip
_BOUND = re.compile(
    r"\b(?:" + "|".join(sorted(_BOUNDS, key=len, reverse=True)) + r")\b(?= [\w$£€]*\d| [a-z]+)", re.IGNORECASE
)


def polarity(comparison: Comparison) -> Iterator[Finding]:
    """What is denied, turned round or of another extent in one of the two and not in the other."""
    if comparison.nearest is None:
        return
    yield from _denials(comparison)
    yield from _opposites(comparison)
    yield from _quantifiers(comparison)


def _denials(comparison: Comparison) -> Iterator[Finding]:
    """Where a version of a sentence adds or drops a denial; one said in other words is left to the claim reader."""
    nearest = comparison.nearest
    if nearest is None or not comparison.near_copy:
        return
    added, dropped = [], []
    if _by_prefix(nearest.changes):
        return
    for change in nearest.changes:
        verbs = [next((w for w in side(change) if w.form in _DENYING_VERBS), None) for side in _SIDES]
        if (
            bool(verbs[0]) != bool(verbs[1])
            and change.claim
            and change.evidence
            and not _denies(_other_side(change, verbs))
        ):
            said, stated = (verb.text if verb else "" for verb in verbs)
            yield Finding("negation", said, stated, contrary=True)
            return
        said_not, stated_not = _denial(change.claim), _denial(change.evidence)
        if said_not and len(change.claim) <= _SHORT and not _denies(change.evidence):
            added.append(said_not)
        elif (
            stated_not
            and len(change.evidence) <= _SHORT
            and not _denies(change.claim)
            and not _aside(comparison, change)
        ):
            dropped.append(stated_not)
    if added and not dropped:
        yield Finding("negation", _with_next(comparison.claim, comparison.words, added[0]), "", contrary=True)
    elif dropped and not added:  # "found no evidence" and "did not find any evidence" are both denials
        yield Finding("negation", "", _spelt(nearest.words, dropped[0]), contrary=True)


def _other_side(change: Change, verbs: Sequence[Word | None]) -> tuple[Word, ...]:
    """The words of the side that has no denying verb."""
    return change.evidence if verbs[0] else change.claim


def _by_prefix(changes: Sequence[Change]) -> bool:
    """Whether "not safe" stands for "unsafe", or the other way: a denial on one side, a word with a prefix on the other."""
    said, stated = ([w.text.lower() for c in changes for w in side(c)] for side in _SIDES)
    return any(
        "not" in other and any(w.startswith(p) and w.removeprefix(p) in other for w in one for p in PREFIXES)
        for one, other in ((said, stated), (stated, said))
    )


def _denial(words: Sequence[Word]) -> Word | None:
    return next((w for w in words if w.form in _DENIALS), None)


def _denies(words: Sequence[Word]) -> bool:
    return any(w.form in _DENIALS or w.form in _DENYING for w in words)


def _with_next(text: str, words: Sequence[Word], word: Word) -> str:
    """A word and the one behind it, as the text has them."""
    after = [w for w in words if w.start >= word.end][:1]
    return text[word.start : (after or [word])[0].end]


def _spelt(words: Sequence[Word], word: Word) -> str:
    """The same where the words are of several texts."""
    place = words.index(word)
    return " ".join(dict.fromkeys(w.text for w in words[place : place + 2]))


def _opposites(comparison: Comparison) -> Iterator[Finding]:
    """A word of the claim in the place of which the evidence has its opposite."""
    nearest = comparison.nearest
    if nearest is None:
        return
    present = {w.form: w.text for w in nearest.words}
    own = {w.form for w in comparison.words}
    said, stated = ([w for c in nearest.changes for w in side(c)] for side in _SIDES)
    for change in nearest.changes:
        for word in change.claim:
            if comparison.near_copy:
                among = {w.form: w.text for w in change.evidence}
            else:
                among = {form: text for form, text in present.items() if form not in own}
            in_place = comparison.near_copy and len(change.claim) <= _SHORT and len(change.evidence) <= _SHORT
            found = opposite(word.text, among) if in_place or word.form not in present else None
            if (
                found
                and not _denies([w for w in said if w != word])
                and not _denies([w for w in stated if w.text != found[0]])
            ):
                yield Finding(found[1], word.text, found[0], contrary=True)


def _aside(comparison: Comparison, change: Change) -> bool:
    """Whether what the claim leaves out is a remark in brackets."""
    nearest = comparison.nearest
    if nearest is None or change.claim or not change.evidence:
        return False
    word = change.evidence[0]
    here = comparison.sentences[nearest.first : nearest.last + 1]
    return any(s[word.start : word.end] == word.text and s[: word.start].rstrip()[-1:] == "(" for s in here)


def _quantifiers(comparison: Comparison) -> Iterator[Finding]:
    """Another extent ("all" for "some"), another bound ("at most" for "at least"), or a possibility stated as a fact."""
    nearest = comparison.nearest
    if nearest is None or not comparison.near_copy:
        return
    present, own = ({w.form for w in words} for words in (nearest.words, comparison.words))
    for change in nearest.changes:
        if max(len(change.claim), len(change.evidence)) > _SHORT or _aside(comparison, change):
            continue
        said = [(w, _OF_QUANTIFIER[w.form]) for w in change.claim if w.form in _OF_QUANTIFIER and w.form not in present]
        stated = [
            (w, _OF_QUANTIFIER[w.form]) for w in change.evidence if w.form in _OF_QUANTIFIER and w.form not in own
        ]
        if said and {place for _, place in said} != {place for _, place in stated}:
            yield Finding("quantifier", said[0][0].text, stated[0][0].text if stated else "", contrary=bool(stated))
        elif stated and not said and stated[0][1] != 0:
            yield Finding("quantifier", "", stated[0][0].text)
        modal = next((w for w in change.evidence if _modal(w)), None)
        if modal and not any(_modal(w) for w in comparison.words):
            yield Finding("quantifier", "", modal.text)
    said_bound, stated_bound = (_bound(text) for text in (comparison.claim, _text_of(comparison)))
    if said_bound and stated_bound and said_bound[1] != stated_bound[1]:
        yield Finding("quantifier", said_bound[0], stated_bound[0], contrary=True)


def _modal(word: Word) -> bool:
    """Whether a word makes a statement a possibility; the month of May does not."""
    return word.form in _MODAL and not word.capital


def _text_of(comparison: Comparison) -> str:
    nearest = comparison.nearest
    return " ".join(comparison.sentences[nearest.first : nearest.last + 1]) if nearest else ""


def _bound(text: str) -> tuple[str, str] | None:
    """The first bound that a text states, and which way it goes."""
    found = _BOUND.search(text)
    return (found[0], _BOUNDS[found[0].lower()]) if found else None
