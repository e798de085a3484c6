"""The quote layer: whether words are an article's own, character for character or but for marks, spaces and capitals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from assistant.citations import look_up
from assistant.grounding.findings import Finding, FindingKind
from assistant.types import Citation, Reason, Verdict
from ingest.archive import Archive
from ingest.errors import CitationNotFound

ALTERED = 0.6
"""Share of a quotation's words that a stretch must have in order for it to be taken for the one that was altered."""
_FEWEST = 4
"""Words from which on a stretch of an article is a quote; fewer are anybody's words."""
_TOKEN = re.compile(r"(?<![\w.,])[-−](?=\d)|\d+(?:[.,:]\d+)*|[^\W_]+(?:['’][^\W_]+)*|[%$£€&+]")
_QUOTED = re.compile(
    r"“([^“”]{2,600})”|\"([^\"]{2,600})\"|«([^«»]{2,600})»|(?<![\w])‘([^‘’]{2,600}(?:’\w[^‘’]*)*)’(?!\w)"
)
_LEFT_OUT = re.compile(r"\s*(?:\.\s?\.\s?\.|…|\[[^\]]*\])\s*")
_DENIED = frozenset(
    "not never no deny denies denied denying without nor false falsely untrue refused wrong hoax rumour rumours rumor rumors".split()
)
_DOUBTED = frozenset(
    "if unless whether doubt doubts doubted unlikely likely fear fears feared could may might would alleged allegedly claims claimed"
    " suggests suggested hope hopes hoped expects expected wants wanted warned warns speculation supposed reportedly".split()
)
"""Words before a stretch of a sentence that undo what it says, or leave it open."""
_AFTER = re.compile(
    r"^[\W_]*(?:(?:is|are|was|were|has been|proved) (?:a hoax|untrue|false|not true|wrong|denied|unlikely|unclear)"
    r"|(?:he|she|they|officials|the [\w ]{1,30}) den(?:y|ies|ied))\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,;:—–()]|\b(?:and|but|while|because|when|where|which|who)\b", re.IGNORECASE)


def judge_quote(text: str, citations: Sequence[Citation], archive: Archive) -> tuple[Verdict, tuple[Reason, ...]]:
    """``quoted`` when some citation's address holds exactly `text`, else ``unsupported`` with what was found there.

    Args:
        text: A sentence of the answer.
        citations: Those it carries. Their `quote` is not believed: the address is looked up again.
        archive: Where to look.
    """
    reasons = []
    for cited in citations:
        try:
            words = look_up(archive, cited.id).quote
        except CitationNotFound as error:
            reasons.append(Reason("no_such_citation", text, str(error)))
            continue
        if words == text:
            return "quoted", ()
        reasons.append(Reason("altered", text, words))
    return "unsupported", tuple(reasons) or (Reason("no_citation", text, ""),)


@dataclass(frozen=True)
class Found:
    """Where a claim stands word for word.

    Attributes:
        first: The first sentence of the evidence that holds it.
        last: The last.
        exact: Whether nothing differs, marks, spaces and capitals included.
        whole: Whether it begins where a sentence begins and ends where one ends.
    """

    first: int
    last: int
    exact: bool
    whole: bool


@lru_cache(maxsize=16384)
def folded(text: str) -> tuple[tuple[str, int, int], ...]:
    """The words of a text in lower case, without marks, each with its place."""
    return tuple(
        (
            m[0].casefold().replace("’", "'").removesuffix("'s")
            + ("'s" if m[0].casefold()[-2:] in ("'s", "’s") else ""),
            *m.span(),
        )
        for m in _TOKEN.finditer(text)
    )


def find_quote(claim: str, sentences: Sequence[str]) -> Found | None:
    """Where a whole claim stands in the evidence, but for quotation marks, dashes, spaces and capitals; None when nowhere.

    A stretch of fewer than four words that is no sentence is no quote, nor is one that the rest of its sentence undoes or leaves
    open ("denied that …", "fear that …", "… was a hoax").
    """
    wanted = [w for w, _, _ in folded(claim)]
    bare = claim.strip().rstrip(".")
    for first, sentence in enumerate(sentences):
        words = folded(sentence)
        own = [w for w, _, _ in words]
        place = _place(wanted, own)
        if place is not None and (len(wanted) >= _FEWEST or len(wanted) == len(own)):
            if _undoing(sentence, words[place][1], words[place + len(wanted) - 1][2]):
                continue
            return Found(first, first, bare in sentence, place == 0 and len(wanted) == len(own))
        if own and len(own) < len(wanted) and wanted[: len(own)] == own:
            last, total = first, own
            while len(total) < len(wanted) and last + 1 < len(sentences):
                last += 1
                total = total + [w for w, _, _ in folded(sentences[last])]
            if total == wanted:
                return Found(first, last, bare in " ".join(sentences[first : last + 1]), True)
    return None


def undone(claim: str, sentences: Sequence[str]) -> Iterator[Finding]:
    """A claim that is a stretch of a sentence whose other words undo it, or leave open what it states as a fact."""
    wanted = [w for w, _, _ in folded(claim)]
    for sentence in sentences if len(wanted) >= _FEWEST else ():
        words = folded(sentence)
        place = _place(wanted, [w for w, _, _ in words])
        if place is not None and (word := _undoing(sentence, words[place][1], words[place + len(wanted) - 1][2])):
            kind: FindingKind = "quantifier" if word.lower() in _DOUBTED else "negation"
            yield Finding(kind, "", word, contrary=True, certain=True)
            return


def _undoing(sentence: str, start: int, end: int) -> str | None:
    """What undoes a stretch of a sentence: a word before it, in its clause or anywhere before "that", or a phrase after it."""
    before = sentence[:start]
    if not re.search(r"\bthat\W*$", before):
        before = _CLAUSE.split(before)[-1]
    words = [m[0] for m in _TOKEN.finditer(before) if m[0].casefold() in _DENIED | _DOUBTED]
    after = _AFTER.match(sentence[end:])
    return words[-1] if words else after[0].strip(" ,") if after else None


def _place(wanted: Sequence[str], own: Sequence[str]) -> int | None:
    if not wanted or len(wanted) > len(own):
        return None
    return next((i for i in range(len(own) - len(wanted) + 1) if own[i : i + len(wanted)] == list(wanted)), None)


def quoted_parts(claim: str) -> list[str]:
    """What stands between quotation marks in a claim."""
    return [next(filter(None, m.groups())) for m in _QUOTED.finditer(claim)]


def quotations(claim: str, sentences: Sequence[str]) -> Iterator[Finding]:
    """Each quotation in a claim whose words are not the evidence's.

    Words left out and marked so ("…", "[he]") may be missing. What the evidence has in their place is given.
    """
    joined = [w for s in sentences for w, _, _ in folded(s)]
    for part in quoted_parts(claim):
        pieces = [[w for w, _, _ in folded(piece)] for piece in _LEFT_OUT.split(part)]
        if all(not piece or _place(piece, joined) is not None for piece in pieces):
            continue
        yield _altered(part, sentences)


def _altered(part: str, sentences: Sequence[str]) -> Finding:
    words = [w for w, _, _ in folded(part)]
    best, stretch = 0.0, ""
    for sentence in sentences:
        own = folded(sentence)
        matcher = SequenceMatcher(None, words, [w for w, _, _ in own], autojunk=False)
        blocks = [b for b in matcher.get_matching_blocks() if b.size]
        share = sum(b.size for b in blocks) / len(words)
        if blocks and share > best:
            best = share
            stretch = sentence[own[blocks[0].b][1] : own[blocks[-1].b + blocks[-1].size - 1][2]]
    if best >= ALTERED:
        return Finding("altered", part, stretch, contrary=True, certain=True)
    halves = [words[:i] for i in range(2, len(words) - 1)]
    every = [[w for w, _, _ in folded(s)] for s in sentences]
    for half in halves:
        rest = words[len(half) :]
        if any(_place(half, own) is not None for own in every) and any(_place(rest, own) is not None for own in every):
            return Finding("stitched", part, stretch, contrary=True, certain=True)
    return Finding("altered", part, stretch if best > 0.4 else "")
