"""Verbs in their sentence: whether what stands around one makes it a verb of saying."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.speakers.named import Phrase, Token
from assistant.speakers.source_words import (
    ADJACENT,
    ADVERBS,
    BE,
    CLAUSE,
    DAYS,
    FREE,
    HAVE,
    MODAL,
    NOT_TOLD,
    NOUNS_TOO,
    OBJECT_TOO,
    PLURAL,
    PREPOSITIONS,
    PRONOUNS,
    QUOTING,
    TO_BELIEVE,
)

DASHES = ("-", "--", "–", "—")


def left_of_adverbs(tokens: Sequence[Token], i: int) -> int:
    """The first of the adverbs, auxiliaries and days that stand before a token; the token itself without any."""
    while i and tokens[i - 1].kind == "w" and (
        tokens[i - 1].low in ADVERBS | DAYS or (tokens[i - 1].low.endswith("ly") and not tokens[i - 1].capital)
    ):  # fmt: skip
        i -= 1
        if tokens[i].low in DAYS and i and tokens[i - 1].low == "on":
            i -= 1
    return i


def means_something_else(tokens: Sequence[Token], i: int) -> bool:
    """Whether a verb is used otherwise: "told them to leave", "said to be", "claimed 20 lives", "reported to"."""
    verb, following = tokens[i].low, [token.low for token in tokens[i + 1 : i + 7]]
    first = following[0] if following else ""
    if (
        verb in ("told", "tell", "tells")
        and "to" in following[1:5]
        and "that" not in following[: following.index("to")]
    ):
        return not any(token.kind == "q" for token in tokens[i + 1 : i + 4])
    if verb in ("said", "believed", "thought", "reported", "alleged", "claimed") and first == "to":
        return True
    if first == "by" or (first == "in" and verb in TO_BELIEVE) or (first == "of" and verb in ("accused", "suspected")):
        return True
    if verb in ("claimed", "claims"):
        return first[:1].isdigit() or bool(NOT_TOLD & set(following[:3]))
    if verb in ("said", "told", "denied", "denies", "tells", "says"):
        return bool(NOT_TOLD & set(following[:2]))
    return verb in ("fear", "fears", "feared", "hope") and first == "for"


def allowed(tokens: Sequence[Token], i: int, left: int) -> bool:
    """Whether what stands around a verb makes it one of saying."""
    verb, rest = tokens[i].low, tokens[i + 1 :]
    behind = left >= 0 and (tokens[left].kind == "q" or (tokens[left].text in (",", *DASHES) and ends(tokens, i + 1)))
    ahead = _quote_follows(rest)
    if verb in ADJACENT:
        return (
            ahead
            or (left >= 0 and tokens[left].kind == "q")
            or (verb == "began" and any(t.kind == "q" for t in tokens))
        )
    if verb in FREE and verb not in NOUNS_TOO | OBJECT_TOO:
        return True
    if behind or ahead:
        return True
    if verb in QUOTING and any(token.kind == "q" for token in rest):
        return True
    if verb in OBJECT_TOO and _verb_follows(rest):
        return True
    if verb not in CLAUSE | NOUNS_TOO | OBJECT_TOO | PLURAL:
        return False
    return _clause_follows(rest) or (verb in PLURAL and verb not in NOUNS_TOO)


def _quote_follows(rest: Sequence[Token]) -> bool:
    if rest[:1] and (rest[0].kind == "q" or rest[0].text == ":"):
        return True
    return len(rest) > 1 and rest[0].text == "," and rest[1].kind == "q"


def _clause_follows(rest: Sequence[Token]) -> bool:
    if rest[:1] and rest[0].low in PRONOUNS | {"there", "how", "why"}:
        return True
    for token in rest[:9]:
        if token.low == "that":
            return True
        if token.kind != "w":
            return False
    return False


def ends(tokens: Sequence[Token], i: int) -> bool:
    """Whether nothing but an adverbial follows."""
    return i >= len(tokens) or tokens[i].kind != "w" or tokens[i].low in PREPOSITIONS | DAYS | ADVERBS


def _verb_follows(rest: Sequence[Token]) -> bool:
    """Whether a clause without "that" follows: "admitted the firm failed"."""
    for token in rest[:12]:
        if token.kind != "w":
            return False
        if token.low in BE | HAVE | MODAL or token.low.endswith("ed"):
            return token.low != "to" or token is rest[0]
    return False


def plural(tokens: Sequence[Token], found: Phrase) -> bool:
    """Whether a noun phrase is in the plural, as "critics say" needs it."""
    words = [token.low for token in tokens[found[0] : found[1]]]
    head = next((i for i, word in enumerate(words) if i and word in PREPOSITIONS), len(words))
    return any(
        word.endswith("s") or word in ("people", "police", "they", "men", "women", "and") for word in words[:head]
    )
