"""Names of people, places and organisations: each that a claim states must stand where the evidence speaks of the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile

from assistant.dates import MONTHS
from assistant.grounding.comparison import Change, Comparison
from assistant.grounding.findings import Finding
from assistant.grounding.quantities import quantities
from assistant.grounding.words import Word, words_of
from assistant.speakers.source_words import OPENERS

_WITHIN = frozenset("of the de von van al bin der la el du and for".split())
_CALENDAR = frozenset(
    [m.lower() for m in MONTHS]
    + "jan feb mar apr jun jul aug sept sep oct nov dec monday tuesday wednesday thursday friday saturday sunday".split()
)
_TITLES = frozenset(
    "mr mrs ms dr sir lady lord president minister prime general professor prof king queen prince senator".split()
)
_AMOUNTS = frozenset(
    "fewer most several half less nearly almost around many few another nobody everyone none much".split()
)
_PRONOUNS = frozenset("he she they it him her them his their its who i we".split())
_ROOT = 4
"""Letters that a country's name and its people's share at least: Afghan and Afghanistan."""


@dataclass(frozen=True)
class Name:
    """A name in a claim: ``claim[start:end]``, and its words without titles and particles."""

    start: int
    end: int
    words: tuple[Word, ...]


def names_in(text: str) -> list[Name]:
    """The names of a sentence; a capital at its beginning counts only where another capital follows."""
    words = words_of(text)
    found: list[Name] = []
    run: list[Word] = []
    for word in [*words, None]:
        joined = bool(run) and word is not None and not re.search(r"[^\s\-.&]", text[run[-1].end : word.start])
        if word is not None and joined and not word.capital and word.text.lower() in _WITHIN:
            run.append(word)
            continue
        if word is not None and _is_name(word) and (joined or not run):
            run.append(word)
            continue
        found += _named(text, run)
        run = [word] if word is not None and _is_name(word) else []
    return found


def _is_name(word: Word) -> bool:
    low = word.text.lower()
    return word.capital and not word.empty and low not in _CALENDAR | OPENERS | _AMOUNTS


def _named(text: str, run: Sequence[Word]) -> list[Name]:
    parts = list(run)
    while parts and not parts[-1].capital:
        parts.pop()
    if parts and _opens(text, parts[0]) and parts[0].text.lower() in OPENERS:
        parts = list(dropwhile(lambda w: not w.capital, parts[1:]))
    if not parts or (len(parts) == 1 and _opens(text, parts[0]) and not parts[0].text.isupper()):
        return []
    content = tuple(w for w in parts if _content(w)) or tuple(parts)
    return [Name(parts[0].start, parts[-1].end, content)]


def _content(word: Word) -> bool:
    return word.capital and word.text.lower() not in _TITLES


def _opens(text: str, word: Word) -> bool:
    """Whether a word is the first of a sentence or quotation, where every word has its capital."""
    before = text[: word.start].rstrip("“\"‘'( ")
    return not before or before[-1] in ".!?:;—–-" or text[: word.start].endswith(("“", '"', "‘"))


def names(comparison: Comparison, known: str = "") -> Iterator[Finding]:
    """The names of a claim that do not stand near its nearest sentence, or stand where that has another.

    Args:
        comparison: Claim and evidence.
        known: What else is known of the articles: titles, authors, outlets.
    """
    if comparison.nearest is None:
        return
    record = frozenset(w.form for w in words_of(known))
    near = record | frozenset(form for i in comparison.around() for form in comparison.held[i])
    initials = _initials(comparison.sentences)
    amounts = quantities(comparison.claim)
    found = [
        name
        for name in (*names_in(comparison.claim), *_opening(comparison))
        if not any(q.start < name.end and name.start < q.end for q in amounts)
    ]
    for name in found:
        change = comparison.change_at(name.start, name.end)
        words = [w for w in comparison.words if w.start < name.end and name.start < w.end and _content(w)] or name.words
        missing = [w for w in words if not _held(w, near, initials)]
        there = _names_of(change, comparison) if change else ()
        said = comparison.claim[name.start : name.end]
        if there and comparison.near_copy and change is not None and _replaced(name, there, change):
            yield Finding("name", said, " ".join(w.text for w in there), contrary=True)
        elif len(missing) > len(words) / 2:
            beyond = all(_held(w, comparison.everywhere, initials) for w in missing)
            if beyond and (change is None or _points(change)):
                continue
            stated = " ".join(w.text for w in there) if comparison.near_copy else ""
            yield Finding("name", said, stated, contrary=bool(stated))


def _opening(comparison: Comparison) -> list[Name]:
    """The first word of a claim where a name stands in its place in the evidence."""
    words = comparison.words
    if not words or not _is_name(words[0]) or comparison.nearest is None:
        return []
    if any(n.start == words[0].start for n in names_in(comparison.claim)):
        return []
    change = comparison.change_at(words[0].start, words[0].end)
    return [Name(words[0].start, words[0].end, words[:1])] if change and _names_of(change, comparison) else []


def _names_of(change: Change, comparison: Comparison) -> tuple[Word, ...]:
    """The names on the evidence's side of a change: capitals that are no mere beginnings of sentences."""
    nearest = comparison.nearest
    first = (
        {words_of(s)[0] for s in comparison.sentences[nearest.first : nearest.last + 1] if words_of(s)}
        if nearest
        else set()
    )
    return tuple(
        w for w in change.evidence if _is_name(w) and (w not in first or _elsewhere(w, comparison))
    )  # fmt: skip


def _elsewhere(word: Word, comparison: Comparison) -> bool:
    """Whether a word has its capital also where it does not open a sentence, or is never written small."""
    same = [w for s in comparison.sentences for w in words_of(s) if w.form == word.form]
    inside = [w for s in comparison.sentences for w in words_of(s)[1:] if w.form == word.form]
    return any(w.capital for w in inside) if inside else all(w.capital for w in same)


def _replaced(name: Name, there: Sequence[Word], change: Change) -> bool:
    """Whether another name stands in a name's place: none of its words is there, and no more than a few words differ."""
    forms = {w.form for w in there}
    apart = not any(w.form in forms or _related(w.form, forms) for w in name.words)
    return apart and len(change.claim) <= len(name.words) + 4 and len(change.evidence) <= len(there) + 4


def _points(change: Change) -> bool:
    """Whether a pronoun stands in the name's place in the evidence, or nothing."""
    return not change.evidence or any(w.text.lower() in _PRONOUNS for w in change.evidence)


def _held(word: Word, forms: frozenset[str], initials: frozenset[str]) -> bool:
    return word.form in forms or word.text.lower() in initials or _related(word.form, forms) or _spelt_out(word, forms)


def _related(form: str, forms: frozenset[str] | set[str]) -> bool:
    """Whether a country's people or adjective stands for it: the longer begins with all but the last letter of the shorter."""
    if len(form) <= _ROOT:
        return False
    return any(
        len(other) > _ROOT
        and abs(len(other) - len(form)) <= 4
        and (other.startswith(form[:-1]) or form.startswith(other[:-1]))
        for other in forms
    )


def _spelt_out(word: Word, forms: frozenset[str]) -> bool:
    """Whether short forms that every reader knows stand in the evidence for a word of a long one, or the other way."""
    return any(word.form in long and short in forms for short, long in _KNOWN) or any(
        word.text.lower() == short and long <= forms for short, long in _KNOWN
    )


_KNOWN = tuple(
    (short, frozenset(long.split()))
    for short, long in (("us", "unit state"), ("u", "unit state"), ("usa", "unit state america"), ("uk", "unit kingdom"),
                        ("un", "unit nation"), ("eu", "european union"))
)  # fmt: skip


def _initials(sentences: Sequence[str]) -> frozenset[str]:
    """The initials of names of several words ("who" of "World Health Organization"), and the words behind the initials there."""
    found: set[str] = set()
    for sentence in sentences:
        for name in names_in(sentence):
            if len(name.words) > 1:
                found.add("".join(w.text[0] for w in name.words).lower())
    present = {w.text.lower() for s in sentences for w in words_of(s) if w.text.isupper() and len(w.text) > 1}
    return frozenset(found | present)
