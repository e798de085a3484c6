"""True words in the wrong place: of another article, put together from two sentences, or with another sentence's citation."""

from __future__ import annotations

import re
from functools import lru_cache
from random import Random

from eval.planting.sentences import AUXILIARIES, PLAIN_WORDS, Change, Shelf, Told, content

NEW_WORDS = 4
"""A text holds so few of a sentence's words that it cannot support it when at least this many are missing."""
_TRIED = 12
_VERB = re.compile(
    rf" (?P<verb>{'|'.join(AUXILIARIES)}|became|began|made|took|led|included|includes|provides|provided|contains|received|remained)"
    r" (?!that\b|why\b|not only\b)"
)
_EARLIER_VERB = re.compile(
    rf"\b(?:{'|'.join(AUXILIARIES)}|that|which|who|whom|whose|when|where|while|if|because|although|as|became|said|it|he|she|they|you|we|i|[a-z]{{3,}}ed)\b|[,;:(\"“]",
    re.I,
)
_LOOSE_SUBJECT = re.compile(
    r"^(?:\W|it|he|she|they|we|this|that|these|those|there|its|his|her|their|one|some|many|most|all|in|on|at|by|with|plus|further|after|before|for|from|as|to|under|during|since|according|however|only|well|your|less|more|later)\b",
    re.I,
)
_TAIL = re.compile(
    r"(?: (?:because|after|before|during|despite|as part of|in response to|in order to|with the help of|in (?=[A-Z\d])|under (?=[A-Z])"
    r"|near (?=[A-Z])|at the (?=[A-Z]))|, (?:which|where|after which|although|despite|partly because|because)\b)[^,;:()\"“”]{12,90}(?=\.$)"
)
_LEANS = re.compile(
    r"\b(?:he|she|it|they|we|you|i|his|her|its|their|our|this|that|these|those|such|one|other|others|same|them|him|us|your|my"
    r"|following|above|below|former|latter|was|were)\b",
    re.IGNORECASE,
)


def of_another_article(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """The sentence as it is, to be judged against the nearest of some articles that do not support it."""
    others = [article for article in shelf.told if article != told.of.id]
    said = content(told.sentence)
    best: tuple[int, str] | None = None
    for article in random.sample(others, min(_TRIED, len(others))):
        held = said & shelf.content(article)
        if len(said) - len(held) >= max(NEW_WORDS, len(said) // 3) and (best is None or len(held) > best[0]):
            best = len(held), article
    return Change(told.sentence, (), article=best[1]) if best else None


def stitched(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """What one sentence is about, and what another of the same article says of something else."""
    halves = _halves(told)
    if halves is None:
        return None
    subject, verb, own = halves
    others = [h for h in _stitches(shelf)[told.of.id] if h[1] == verb and h[0] != subject]
    for about, _, said in random.sample(others, min(_TRIED, len(others))):
        claim = f"{subject} {verb} {said}"
        apart = not content(subject) & (content(about) | content(said)) and not content(said) & content(own)
        plural = [bool(re.search(r"s$", s)) for s in (subject, about)]
        if apart and plural[0] == plural[1] and not {"The", "This"} >= {subject.split()[0], about.split()[0]}:
            start = len(subject) + 1
            return Change(claim, ((start, len(claim)),))
    return None


@lru_cache(maxsize=1)
def _stitches(shelf: Shelf) -> dict[str, list[tuple[str, str, str]]]:
    return {article: [h for t in every if (h := _halves(t))] for article, every in shelf.told.items()}


def _halves(told: Told) -> tuple[str, str, str] | None:
    """Subject, verb and the rest, where the subject is a plain one."""
    m = _VERB.search(told.sentence)
    if not m or '"' in told.sentence or "“" in told.sentence:
        return None
    subject, rest = told.sentence[: m.start()], told.sentence[m.end() :]
    if _EARLIER_VERB.search(subject) or _LOOSE_SUBJECT.match(subject) or not 2 <= len(subject.split()) <= 9:
        return None
    if re.search(r"\b(?:you|your|i|my|we|our|look)\b", rest, re.I):
        return None
    if len(rest.split()) < 5 or _LEANS.match(rest) or len(content(rest)) < 3 or len(content(subject)) < 2:
        return None
    return subject, m["verb"], rest


def with_shifted_citation(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """The sentence as it is, but it cites the one before or after it, which does not say the same."""
    del shelf
    said = content(told.sentence)
    fits = []
    for neighbour in (told.before, told.after):
        if neighbour is not None:
            text = told.of.text[slice(*neighbour)]
            if len(text.split()) >= 5 and len(said - content(text)) >= max(NEW_WORDS, len(said) // 2):
                fits.append(neighbour)
    return Change(told.sentence, (), cited=random.choice(fits)) if fits else None


def with_outside_fact(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """A phrase or clause from the end of another article's sentence, at the end of this one."""
    if not re.search(r"[a-z]\.$", told.sentence) or _TAIL.search(told.sentence) or len(told.sentence.split()) > 40:
        return None
    held = shelf.content(told.of.id)
    others = [article for article in shelf.told if article != told.of.id and _tails(shelf)[article]]
    for article in random.sample(others, min(_TRIED, len(others))):
        tail = random.choice(_tails(shelf)[article])
        if len(content(tail) - held) >= 2:
            body = told.sentence[:-1]
            return Change(f"{body}{tail}.", ((len(body), len(body) + len(tail)),))
    return None


@lru_cache(maxsize=1)
def _tails(shelf: Shelf) -> dict[str, list[str]]:
    return {
        article: [m[0] for t in every for m in _TAIL.finditer(t.sentence) if not _leans(m[0])]
        for article, every in shelf.told.items()
    }


def _leans(tail: str) -> bool:
    """Whether the phrase can be understood, or fits, only where it stood."""
    first = tail.strip(" ,").split()[0]
    rest = tail.strip(" ,").partition(" ")[2]
    names = [w for w in rest.split() if w[0].isupper() or w[0].isdigit()]
    content_words = [w for w in rest.split() if w.casefold() not in PLAIN_WORDS]
    named = bool(names) or first == "because"
    verbless = first not in ("because", "which", "where", "although", "after", "before", "partly")
    if verbless and re.search(r"\b(?:is|are|has|have|had|can|will|would|could|whether|that|which)\b", rest):
        return True
    return bool(_LEANS.search(rest)) or not named or len(content_words) < 3
