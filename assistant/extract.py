"""A fair extract of a text: the few whole sentences that together stand for most of what it says.

The method is budgeted submodular maximisation (Lin and Bilmes 2010, "Multi-document Summarization via Budgeted Maximization
of Submodular Functions"): sentences are taken greedily, and each is worth how much nearer it brings every sentence of the
text to its nearest quoted one. So a sentence that repeats a quoted one is worth nothing. A sentence counts by how near it is
to all others (the centrality of Erkan and Radev 2004, LexRank), so that what is said in passing need not be covered, and the
beginning counts more (`LEAD`), since the news puts first what matters most (Edmundson 1969 was the first to weigh that).

Measured on the contexts of SummEdits' news, whose true claims are summaries by people: `LEAD` and `FADE` were chosen on six
of them, where values near these do as well. On the other six the recall of the claims' words (ROUGE-1) by 1, 2, 3 and 4
sentences is .36, .49, .56 and .59, against .30, .47, .52 and .58 for as many from the beginning, which are a fifth shorter.
Six articles settle little; what is sure is that it is no worse, and from all over the article.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.terms import FUNCTION_WORDS, names, words
from ingest.records import Floats

LEAD = 2.0
"""How many times more than the rest the first sentence counts on top of its own worth."""
FADE = 4.0
"""Sentences after which what is left of that is a third."""
LEAST = 0.005
"""A further sentence that adds less than this share of the whole is padding."""

_MOST_COVERED = 300
"""Of a longer text this many sentences, spread evenly, stand for all of it: its cost stays linear."""
_FEWEST_WORDS = 6
_MOST_WORDS = 80
_END = 12
"""Last characters of a sentence in which its stop is looked for."""

_WHOLE = re.compile(r"[.!…۔।॥。！][\"”’»」』)\]]*$")
_NO_PROSE = re.compile(
    r"^\W*(?:photo|image|picture|caption|credit|editor['’]s note|file photo|video|watch|read more|see also|also read|also see"
    r"|related|sign up|subscribe|click|advertisement|follow us|listen|get (?:the latest|news)|explore|discover|access|join"
    r"|copyright|editing by|reporting by|additional reporting|this (?:article|story) (?:was|has been|is|originally|first))\b",
    re.IGNORECASE,
)
"""Captions, notices and invitations open so: they stand in the text of a page and are no part of what its article says."""
_NOTICES = (
    "(also see", "(see also", "(read", "(photo", "©", "http://", "https://", "www.", "your inbox", "newsletter", "getty images",
    "shutterstock", "all rights reserved", "photo:", "image:", "picture:", "photo by", "photo credit", "image credit",
)  # fmt: skip
_CUT_OFF = re.compile(
    r"\b(?:Reps?|Sens?|Govs?|Gen|Mr|Mrs|Ms|Drs?|Prof|St|Lt|Col|Sgt|Capt|Maj|Cpl|Adm|Rev|Hon|No|vs|U\.S|U\.K|E\.U)\.$"
)
"""A sentence ends so where the splitter took an abbreviation for a stop."""
_LEANS = re.compile(
    r"^\W*(?i:but|and|or|so|yet|nor|however|also|then|thus|hence|therefore|instead|moreover|furthermore|meanwhile|nevertheless"
    r"|nonetheless|still|similarly|likewise|besides|consequently|accordingly|additionally|otherwise|conversely|rather|indeed"
    r"|specifically|finally|later|afterwards?|there|here|both|neither|another|others?|for (?:example|instance|that)|since then"
    r"|because of this|as (?:a result|such)|in (?:addition|contrast|turn|fact|other words|response)|by contrast|even so|that said"
    r"|on the (?:one|other) hand|at the (?:same|that) time|to that end|(?:the )?(?:former|latter|same)"
    r"|(?:in |at |after |since |with |while )?(?:this|that|these|those|such)(?! (?:week|month|year|morning|weekend|summer|winter)))\b"
    r"(?! of\b)|^[\"“«]?[a-z]"
)  # fmt: skip
_DEFINITE = re.compile(
    r"^\W*(?:(?:While|When|Although|Though|As|After|Before|If|Once|Since|Unlike) t|T)he (?![\w'’-]+ (?:in|on|over|with|by|at|from)\b"
    r"|(?:[\w'’-]+ ){1,2}(?:of|between|for|against|who|that|to)\b)[a-z]"
)
"""A known thing that is not said to be which: "The line divided ..." but not "The border between ..."."""
_PERSON = re.compile(r"\b(?:he|him|his|she|her|hers|himself|herself)\b", re.IGNORECASE)
_THING = re.compile(r"\b(?:it|its|itself|they|them|their|theirs|themselves)\b", re.IGNORECASE)
_NO_ANTECEDENT = frozenset(
    "last next month week year day days weeks months years ago yesterday today tomorrow monday tuesday wednesday thursday friday"
    " saturday sunday january february march april june july august september october november december asked said says added"
    " told according earlier recently now time first second several dozens hundreds thousands half".split()
)  # fmt: skip
_SAYS = r"(?:said|says|told|noted|added|spoke|suggested|argued|explained|warned|wrote|claimed|recalled|stressed|began)"
_SPEAKER = re.compile(
    rf"\b(?P<before>(?:[A-Z][\w.'’-]+ )*[A-Z][\w'’-]+),? {_SAYS}\b|\b{_SAYS} (?P<after>[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*)"
)
_HE_SAID = re.compile(rf"[\"”»],? (?:he|she|they|it)\b|\b(?:it|they) (?:has |had |also )?{_SAYS}\b")
_FULL_NAME = re.compile(r"\b[A-Z][\w'’-]+ (?:[A-Z]\. )?([A-Z][\w'’-]+)")
_QUOTES = ("“", "”"), ("«", "»")


def extract(texts: Sequence[str], vectors: Floats, most: int) -> tuple[list[int], float]:
    """Which sentences to quote, in reading order, and the share of the text that they stand for, 0..1.

    A sentence that leans on the one before it is quoted only together with that one. Fewer than `most` are quoted when the
    rest would repeat them, or cannot be quoted alone.

    Args:
        texts: The sentences, headings left out.
        vectors: Of unit length, shape ``(sentences, dimensions)``.
        most: How many sentences at most.
    """
    prose = [i for i, text in enumerate(texts) if is_prose(text)] or list(range(len(texts)))
    if not prose:
        return [], 0.0
    covered = prose[:: -(-len(prose) // _MOST_COVERED)]
    units = _units(texts, prose, most)
    worth, weights = _worth(vectors, covered)
    taken = _greedy(
        np.stack([worth[list(unit)].max(axis=0) for unit in units]),
        weights / weights.sum(),
        np.array([len(unit) for unit in units]),
        most,
    )
    chosen = sorted({i for unit in taken for i in units[unit]})
    return chosen, _share(vectors[prose], vectors[chosen])


def _worth(vectors: Floats, covered: Sequence[int]) -> tuple[Floats, Floats]:
    """How near each sentence is to each of those that are to be covered, and what each of these counts.

    A sentence is only half way nearer to itself than the next is: else one like no other would be worth a quote for that alone.
    """
    nearness = np.maximum(vectors @ vectors[covered].T, 0)
    own = covered, np.arange(len(covered))
    nearness[own] = 0
    central = np.maximum(nearness[covered].mean(axis=0), 1e-6)
    nearness[own] = (1 + nearness.max(axis=0)) / 2
    return nearness, central * (1 + LEAD * np.exp(-np.array(covered, np.float32) / FADE))


def _share(text: Floats, quoted: Floats) -> float:
    """How near the nearest quoted sentence is on average: 1 when all are quoted, 0 when as near as any two of the text are."""
    near = float((text @ quoted.T).max(axis=1).mean())
    count = len(text)
    usual = (float(np.square(text.sum(axis=0)).sum()) - count) / max(1, count * (count - 1))
    return min(1.0, max(0.0, (near - usual) / max(1 - usual, 1e-6)))


def _units(texts: Sequence[str], prose: Sequence[int], most: int) -> list[tuple[int, ...]]:
    """What can be quoted: a sentence that stands alone, or one that leans together with the one before it, which does."""
    alone, usable, introduced = [], set(prose), set[str]()
    for i, text in enumerate(texts):
        if i in usable and (i == 0 or (stands_alone(text) and not _speakers(text) & introduced)):
            alone.append(i)
        introduced.update(_FULL_NAME.findall(text))
    alone = alone or [prose[0]]
    pairs = sorted({i + 1 for i in alone} & usable - set(alone)) if most > 1 else []
    return [(i,) for i in alone] + [(i - 1, i) for i in pairs]


def _speakers(text: str) -> set[str]:
    """Those whom a sentence quotes by one name only."""
    found = {match["before"] or match["after"] for match in _SPEAKER.finditer(text)}
    return {name for name in found if " " not in name}


def _greedy(worth: Floats, weights: Floats, sizes: NDArray[np.int64], most: int) -> list[int]:
    """The units that add most for each of their sentences, one after the other, while there is room and something to add."""
    taken: list[int] = []
    near, room = np.zeros(worth.shape[1], np.float32), most
    while room:
        gains = np.maximum(worth - near, 0) @ weights / sizes
        gains[sizes > room] = 0
        best = int(np.argmax(gains))
        if taken and gains[best] < LEAST:
            break
        taken.append(best)
        near = np.maximum(near, worth[best])
        room -= int(sizes[best])
    return taken


def is_prose(text: str) -> bool:
    """Whether a sentence says something: it ends in a stop, is of a usual length and is no caption, byline or notice."""
    length = len(words(text))
    spelt = length >= _FEWEST_WORDS or not text.isascii()
    whole = _WHOLE.search(text[-_END:]) and not _CUT_OFF.search(text[-_END:]) and not text.isupper()
    folded = text.casefold()
    notice = _NO_PROSE.match(text) or any(part in folded for part in _NOTICES)
    return bool(spelt and length <= _MOST_WORDS and whole and not notice)


def stands_alone(text: str) -> bool:
    """Whether a sentence can be understood without the one before it, as far as its words show.

    It does not when it opens by going on ("But", "Instead", "This"), holds a pronoun with nothing before it that it could
    stand for, opens with a known thing ("The line"), or is a quotation of nobody or a half of one.
    """
    if _LEANS.match(text) or _DEFINITE.match(text) or _HE_SAID.search(text) or _half_quoted(text):
        return False
    person, thing = _PERSON.search(text), _THING.search(text)
    if person and not set(words(" ".join(names(text[: person.start()])))) - _NO_ANTECEDENT:
        return False
    return not thing or bool(set(words(text[: thing.start()])) - FUNCTION_WORDS - _NO_ANTECEDENT)


def _half_quoted(text: str) -> bool:
    if text.count('"') % 2 or any(text.count(opening) != text.count(closing) for opening, closing in _QUOTES):
        return True
    return bool(re.fullmatch(r"[\"“«].*[\"”»][.!]?", text, re.DOTALL)) and len(re.findall(r"[\"“«]", text)) <= 2
