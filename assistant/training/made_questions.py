"""Questions that nobody asked: made from statements, or turned from one that a passage answers into one that it does not.

From statements: a name, date, number or reason is cut out of a sentence, and the rest is asked for it with the question word
that fits (cloze questions in the manner of Lewis, Denoyer and Riedel 2019, "Unsupervised Question Answering by Cloze
Translation"). Turned: a name or a number of the question becomes another, or a word its opposite, so that the sentence that
answered it is about something else (the kinds of Rajpurkar, Jia and Liang 2018, "Know What You Don't Know").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from assistant.terms import FUNCTION_WORDS, stems
from assistant.training.reading_examples import Stretch, Studied
from ingest.records import Passage
from ingest.splitting import split_sentences

_NAME = re.compile(r"\b[A-Z][\w’'\-]+(?:(?: (?:of|the|de|von|van))? [A-Z][\w’'\-]+)*")
_DATE = re.compile(
    r"\b(?:(?:in|on|by|since|until|during|from|around) )?(?:(?:early|late|mid) )?(?:(?:\d{1,2} )?(?:January|February|March|April|May|June"
    r"|July|August|September|October|November|December)(?: \d{1,2})?(?:,? \d{4})?|(?:1[0-9]|20)\d\d)\b"
)
_NUMBER = re.compile(r"\b(?:\d[\d,.]*\d|\d)(?: (?:percent|per cent|million|billion|thousand))?(?:%| ([a-z]+))?")
_REASON = re.compile(r",? (?:because|due to|as a result of|in order to|owing to|thanks to)\b[^.;]{12,150}")
_CLAUSE = re.compile(r"[;:(),–—]")
OPPOSITE = {
    a: b
    for pair in (
        "first last", "largest smallest", "most least", "more fewer", "before after", "highest lowest", "oldest youngest",
        "increase decrease", "increased decreased", "northern southern", "eastern western", "north south", "east west",
        "longest shortest", "best worst", "win lose", "won lost", "allowed forbidden", "support oppose", "supported opposed",
        "rise fall", "rose fell", "accept reject", "accepted rejected", "begin end", "began ended", "started stopped",
        "born died", "same different", "public private", "male female", "early late", "inside outside", "above below",
    )
    for a, b in (pair.split(), pair.split()[::-1])
}  # fmt: skip
_LONGEST = 22
_SHORTEST = 5


def from_statements(passages: Sequence[Passage], random: Random) -> list[Studied]:
    """At most one question a sentence, for passages in any order; a quarter of them turned so that they have no answer."""
    made = []
    for passage in passages:
        spans = split_sentences(passage.text)
        for start, end in random.sample(spans, min(2, len(spans))):
            asked = _ask(passage.text[start:end], random)
            if asked is None:
                continue
            question, (first, last) = asked
            whole = Stretch(passage.heading, passage.text, ((start + first, start + last),))
            if random.random() < 0.25 and (other := turned(question, whole, random)):
                made.append(Studied("statements", other, (), (Stretch(whole.heading, whole.text),), ()))
            else:
                made.append(Studied("statements", question, (whole,), (), ()))
    return made


def _ask(sentence: str, random: Random) -> tuple[str, tuple[int, int]] | None:
    """A question and the place of its answer in the sentence; None where nothing in it can be asked for."""
    choices = [(m, "date") for m in _DATE.finditer(sentence)]
    choices += [(m, "number") for m in _NUMBER.finditer(sentence) if not any(_meet(m, d) for d, _ in choices)]
    choices += [(m, "reason") for m in _REASON.finditer(sentence)]
    choices += [
        (m, "name") for m in _NAME.finditer(sentence) if not _ordinary(m) and not any(_meet(m, d) for d, _ in choices)
    ]
    random.shuffle(choices)
    for match, kind in choices:
        rest = _around(sentence, match, kind)
        if rest is not None:
            return _worded(rest, match, kind, random), match.span()
    return None


def _meet(a: re.Match[str], b: re.Match[str]) -> bool:
    return a.start() < b.end() and b.start() < a.end()


def _ordinary(match: re.Match[str]) -> bool:
    return match.start() == 0 and " " not in match[0] and match[0].casefold() in FUNCTION_WORDS


def _around(sentence: str, match: re.Match[str], kind: str) -> tuple[list[str], list[str]] | None:
    """The words before and after the answer, cut to its own clause where the sentence is long; None when too few or many."""
    before, after = sentence[: match.start()], sentence[match.end() :].rstrip('.!?"” ')
    if len(sentence.split()) > _LONGEST:
        before, after = _CLAUSE.split(before)[-1], _CLAUSE.split(after)[0]
    left, right = before.split(), after.split()
    if not _SHORTEST <= len(left) + len(right) <= _LONGEST:
        return None
    return left, right


def _worded(rest: tuple[list[str], list[str]], match: re.Match[str], kind: str, random: Random) -> str:
    left, right = rest
    if kind == "name" and not left:
        return " ".join([random.choice(("Who", "What", "Which one")), *right]) + "?"
    if left and left[0].casefold() in FUNCTION_WORDS | {"however"}:
        left = [left[0].lower(), *left[1:]]
    word = {
        "date": random.choice(("When did", "When was", "In what year did", "When")),
        "reason": random.choice(("Why did", "Why", "Why was")),
        "number": f"How many {match[1]}" if kind == "number" and match[1] else random.choice(("How many", "How much")),
        "name": random.choice(("What", "Who", "Which", "Where did", "What did")),
    }[kind]
    body = [w for w in [*left, *right] if w.casefold() not in ("the", "a", "an") or random.random() < 0.7]
    if random.random() < 0.4:  # noise, so that the order of words alone does not give the answer away
        body = [
            w for _, w in sorted((i + random.uniform(0, 3), w) for i, w in enumerate(body) if random.random() > 0.15)
        ]
    elif random.random() < 0.3:  # the question word after what it is asked of
        return " ".join([*body, word.split()[0].lower()]) + "?"
    return f"{word} {' '.join(body)}?"


def turned(question: str, read: Stretch, random: Random) -> str | None:
    """A question that the passage does not answer, though it is nearly one that it does; None where there is no way."""
    ways = [_other_name, _other_number, _other_word]
    random.shuffle(ways)
    return next((found for way in ways if (found := way(question, read, random))), None)


def _answers(read: Stretch) -> str:
    """The sentences that hold the answer."""
    return " ".join(read.text[a:b] for a, b in split_sentences(read.text) if any(s < b and a < e for s, e in read.gold))


def _other_name(question: str, read: Stretch, random: Random) -> str | None:
    """A name that the answering sentence holds becomes one that stands elsewhere in the passage and not in that sentence."""
    answering = set(stems(_answers(read)))
    named = [m for m in _NAME.finditer(question) if m.start() and set(stems(m[0])) & answering]
    others = [m[0] for m in _NAME.finditer(read.text) if not _ordinary(m) and m[0].casefold() not in FUNCTION_WORDS]
    others = sorted({o for o in others if not set(stems(o)) & (answering | set(stems(question)))})
    if not named or not others:
        return None
    old = random.choice(named)
    return question[: old.start()] + random.choice(others) + question[old.end() :]


def _other_number(question: str, read: Stretch, random: Random) -> str | None:
    found = re.search(r"\b\d[\d,]*\b", question)
    if not found:
        return None
    value = int(found[0].replace(",", ""))
    near = value + random.choice((-30, -12, -7, -3, -2, -1, 1, 2, 3, 5, 11, 20))
    new = str(near if near > 0 else value + 4)
    return None if new in read.text else question[: found.start()] + new + question[found.end() :]


def _other_word(question: str, read: Stretch, random: Random) -> str | None:
    del read
    found = [m for m in re.finditer(r"\b[a-z]+\b", question) if m[0] in OPPOSITE]
    if not found:
        return None
    old = random.choice(found)
    return question[: old.start()] + OPPOSITE[old[0]] + question[old.end() :]
