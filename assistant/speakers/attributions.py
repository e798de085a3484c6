"""Who a single sentence says is speaking: `X said that`, `"…," said X`, `according to X`, in English."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.speakers.clauses import after, apposed, author, before
from assistant.speakers.named import Phrase, Token, is_document, is_source, pure_name, tokens_of, trimmed
from assistant.speakers.quotations import Page
from assistant.speakers.source_words import (
    ADVERBS,
    BE,
    BOUNDARIES,
    CLAUSE,
    DAYS,
    DETERMINERS,
    FREE,
    HAVE,
    INVERTED,
    MODAL,
    NOT,
    NOUNS_TOO,
    OPENERS,
    OTHER_PRONOUNS,
    PLURAL,
    PREPOSITIONS,
    PRONOUNS,
    QUOTING,
    REJECTING,
    SAYING,
    STRICT,
    TO_BELIEVE,
)
from assistant.speakers.speech_verbs import DASHES, allowed, ends, left_of_adverbs, means_something_else, plural

_WORDS_QUOTED = 20
"""A quotation of at least so many characters is speech and no name or term."""


@dataclass(frozen=True)
class Attribution:
    """Where a sentence names its speaker, and the pronoun by which it does so, if by one."""

    start: int
    end: int
    pronoun: str = ""


def attribution(page: Page, start: int, end: int) -> Attribution | None:
    """Whose words or claim ``text[start:end]`` says that it holds; None for the paper's own."""
    tokens = tokens_of(page, start, end)
    quoting = any(token.kind == "q" for token in tokens)
    if tokens and tokens[-1].text == "?" and not quoting:
        return None
    found = min(_candidates(tokens), default=None)
    if found is None:
        return None
    _, _, (low, high) = found
    first, last = tokens[low], tokens[high - 1]
    pronoun = first.low if high - low == 1 and first.low in PRONOUNS else ""
    stop = (
        last.end - 2
        if last.low.endswith(("'s", "s'")) and last.capital and high < len(tokens) and _owns(tokens, high)
        else last.end
    )
    return Attribution(first.start, stop, pronoun)


def leading(tokens: Sequence[Token]) -> Phrase | None:
    """The noun phrase that a sentence begins with, what stands before its first comma left out when that is an adverbial."""
    low = 0
    if tokens and tokens[0].low in PREPOSITIONS | OPENERS | ADVERBS | DAYS:
        comma = next((i for i, t in enumerate(tokens[:14]) if t.text == ","), None)
        low = comma + 1 if comma is not None else 1
    if low >= len(tokens) or tokens[low].kind != "w":
        return None
    if tokens[low].low in PRONOUNS:
        return low, low + 1
    high = low + (tokens[low].low in DETERMINERS)
    while high < len(tokens) and _goes_on(tokens, high, low):
        high += 1
    head = next((i for i in range(low, high) if tokens[i].low in PREPOSITIONS), high)
    if head > low and is_document(tokens[head - 1].low):
        return author(tokens, head, min(len(tokens), head + 8)) or (low, head)
    if tokens[low].low in DETERMINERS or not tokens[low].capital:
        return _described(tokens, low, head)
    if high < len(tokens) and is_source(tokens[high].low):  # "Israeli airlines"
        return low, high + 1
    return trimmed(tokens, low, high)


def _described(tokens: Sequence[Token], low: int, head: int) -> Phrase | None:
    """As in "The Port Authority", "the minister": what follows an article as far as its noun, as well as one can tell."""
    named = low + 1
    while named < head and tokens[named].capital:
        named += 1
    while named < head and is_source(tokens[named].low):
        named += 1
    if named > low + 1:
        return (low, named) if tokens[named - 1].text.islower() else trimmed(tokens, low, named)
    noun = next((i for i in range(head - 1, low, -1) if is_source(tokens[i].low)), head - 1)
    return (low, noun + 1) if noun > low else None


def _goes_on(tokens: Sequence[Token], i: int, low: int) -> bool:
    token = tokens[i]
    if token.kind != "w" or token.low in BOUNDARIES | ADVERBS | SAYING:
        return False
    if tokens[low].low in DETERMINERS:
        return not token.low.endswith("ed") and token.low not in FREE | CLAUSE | QUOTING
    following = i + 1 < len(tokens) and tokens[i + 1].capital
    return token.capital or (token.low in ("of", "and", "the", "for", "de", "van", "von", "bin", "al") and following)


def _owns(tokens: Sequence[Token], high: int) -> bool:
    return tokens[high].low in ("report", "view", "opinion", "words") or is_document(tokens[high].low)


def _candidates(tokens: Sequence[Token]) -> Iterator[tuple[int, int, Phrase]]:
    """The possible speakers, the smallest the likeliest: how it is said, where, and the noun phrase."""
    for i, token in enumerate(tokens):
        if token.kind != "w":
            continue
        if found := _by_phrase(tokens, i):
            yield 3, i, found
        elif token.text.islower() and (candidate := _by_verb(tokens, i)):
            yield candidate[0], i, candidate[1]
        elif token.low in SAYING and _says(tokens, i) and (beside := _by_participle(tokens, i)):
            yield 5, i, beside
    if (found := _caption(tokens)) or (found := _introduced(tokens)):
        yield 6, 0, found


def _says(tokens: Sequence[Token], i: int) -> bool:
    """Whether a participle is one of saying: "calling it “a menace”", not "calling her friend"."""
    return tokens[i].low not in ("calling", "describing", "writing") or any(token.kind == "q" for token in tokens[i:])


def _by_phrase(tokens: Sequence[Token], i: int) -> Phrase | None:
    """As in "according to X", "in X's view", "in the words of X", "X was quoted as saying"."""
    low = tokens[i].low
    nearby = [token.low for token in tokens[i + 1 : i + 9]]
    if low == "according" and nearby[:1] == ["to"]:
        return _noun_phrase(tokens, i + 2)
    if low == "in":
        if (
            nearby[:1] == ["the"]
            and nearby[1:2]
            and nearby[1] in ("words", "view", "opinion", "eyes")
            and nearby[2:3] == ["of"]
        ):
            return _noun_phrase(tokens, i + 4)
        owner = next(
            (j for j in range(i + 1, min(i + 8, len(tokens) - 1)) if tokens[j].low.endswith(("'s", "s'"))), None
        )
        if owner is not None and tokens[owner + 1].low in ("view", "opinion", "words", "account", "telling"):
            return after(tokens, i + 1, owner + 1)
    if low == "quoted" and "as" in nearby and i:
        j = left_of_adverbs(tokens, i)
        if j and tokens[j - 1].low in BE:
            return _noun_before(tokens, left_of_adverbs(tokens, j - 1), weak=False)[0]
        return _noun_phrase(tokens, i + 1)
    return None


def _noun_phrase(tokens: Sequence[Token], low: int) -> Phrase | None:
    if low < len(tokens) and tokens[low].low in ("him", "her", "them", *PRONOUNS):
        return None
    return after(tokens, low, len(tokens)) if low < len(tokens) else None


def _by_verb(tokens: Sequence[Token], i: int) -> tuple[int, Phrase] | None:
    verb = tokens[i].low
    if verb not in FREE | CLAUSE | QUOTING | PLURAL or means_something_else(tokens, i):
        return None
    if found := _inverted(tokens, i):
        return (0 if tokens[i - 1].kind == "q" or tokens[i - 2].kind == "q" else 2), found
    j = left_of_adverbs(tokens, i)
    if j > 1 and tokens[j - 1].low == "and" and allowed(tokens, i, -1) and (found := leading(tokens)):
        return (5, found) if found[1] < j - 1 else None
    doubted = j > 0 and tokens[j - 1].low in NOT and verb in TO_BELIEVE
    if doubted:
        j = left_of_adverbs(tokens, j - 1)
    if j == 0 or tokens[j - 1].low in BE | MODAL | NOT | OTHER_PRONOUNS:
        return None
    weak = verb not in STRICT
    found, bound, left = _noun_before(tokens, j, weak=weak)
    if found is None or bound in REJECTING or not allowed(tokens, i, left):
        return None
    if verb in NOUNS_TOO and tokens[found[1] - 1].low.endswith(("'s", "s'")):  # "Lee's claim that"
        return None
    if verb in PLURAL and not doubted and not plural(tokens, found):
        return None
    beside = left >= 0 and tokens[left].kind == "q" and tokens[left].end - tokens[left].start >= _WORDS_QUOTED
    last = left >= 0 and tokens[left].text in (",", *DASHES) and ends(tokens, i + 1)
    return (0 if beside else 2 if last else 4 if bound in ("while", "although", "though") else 3), found


def _noun_before(tokens: Sequence[Token], j: int, *, weak: bool) -> tuple[Phrase | None, str, int]:
    """The subject that ends before token `j`, the word that bounds it, and the token left of it (-1: none)."""
    if j == 0:
        return None, "", -1
    last = tokens[j - 1]
    if last.low in PRONOUNS:
        return (j - 1, j), tokens[j - 2].low if j > 1 else "", j - 2
    if last.text == ",":
        found = apposed(tokens, j - 1)
        return found, "", _edge(tokens, found[0]) if found else -1
    if last.text in DASHES:
        opening = next((k for k in range(j - 2, max(-1, j - 20), -1) if tokens[k].text in DASHES), None)
        inner = before(tokens, opening, weak=weak) if opening else None
        return (inner[0], inner[1], inner[0][0] - 1) if inner else (None, "", -1)
    if last.kind == "q" or last.low in ("who", "which", "that"):
        return None, "", -1
    described = before(tokens, j, weak=weak)
    return (described[0], described[1], _edge(tokens, described[0][0])) if described else (None, "", -1)


def _edge(tokens: Sequence[Token], low: int) -> int:
    """The nearest token left of a phrase that is no title and no role before a name."""
    low -= 1
    while low >= 0 and tokens[low].kind == "w" and tokens[low].low not in BOUNDARIES:
        low -= 1
    return low


def _inverted(tokens: Sequence[Token], i: int) -> Phrase | None:
    """The subject behind its verb: `"…," said Ann Lee, a farmer`."""
    beside = i > 0 and (tokens[i - 1].kind == "q" or tokens[i - 1].text == ",")
    if not beside or tokens[i].low not in INVERTED or i + 1 >= len(tokens):
        return None
    if tokens[i + 1].low in PRONOUNS:
        return (i + 1, i + 2) if ends(tokens, i + 2) else None
    raw = i + 1
    while raw < len(tokens) and tokens[raw].kind == "w" and tokens[raw].low not in BOUNDARIES | PREPOSITIONS:
        raw += 1
    if raw < len(tokens) and tokens[raw].low in BE | HAVE | MODAL | {"said", "says"}:
        return None
    if any(token.low in FREE | CLAUSE and token.text.islower() for token in tokens[i + 1 : raw]):
        return None
    last = left_of_adverbs(tokens, raw) - 1
    if tokens[i - 1].kind != "q" and not (tokens[last].capital or is_source(tokens[last].low)):
        return None  # "Ann Lee, a pilot, said one boat left"
    return after(tokens, i + 1, len(tokens))


def _by_participle(tokens: Sequence[Token], i: int) -> Phrase | None:
    """The subject of "…, adding that" and of "with a spokesman saying"."""
    if i and (tokens[i - 1].text == "," or tokens[i - 1].kind == "q"):
        return leading(tokens)
    opening = next((j for j in range(i - 1, max(-1, i - 10), -1) if tokens[j].low == "with"), None)
    if opening is None or opening + 1 >= i:
        return None
    return after(tokens, opening + 1, i)


def _caption(tokens: Sequence[Token]) -> Phrase | None:
    """The name behind a quotation that stands alone: `"…" - Ann Lee, farmer`."""
    if not tokens or tokens[0].kind != "q" or tokens[0].end - tokens[0].start < _WORDS_QUOTED:
        return None
    low = 1
    while low < len(tokens) and tokens[low].kind == "p":
        low += 1
    high = low
    while high < len(tokens) and tokens[high].kind == "w":
        high += 1
    stands = high >= len(tokens) or tokens[high].text in (",", ".", "(")
    return pure_name(tokens, low, high) if stands and high > low else None


def _introduced(tokens: Sequence[Token]) -> Phrase | None:
    """The subject of a sentence that ends in a colon and a quotation: `Lee was blunt: "…"`."""
    for i, token in enumerate(tokens[:-1]):
        if token.text == ":" and tokens[i + 1].kind == "q" and any(t.text.islower() for t in tokens[:i]):
            found = leading(tokens)
            return found if found and (tokens[found[1] - 1].capital or tokens[found[0]].low in PRONOUNS) else None
    return None
