"""Questions for what a name is said to be beside it: "Ann Lee, a pilot from Oslo," and "the prosecutor, Ann Lee,"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.speakers.source_words import ORGANISATIONS, PEOPLE
from eval.asking.drafts import Draft
from eval.asking.sentences import CAPITAL, NAME, Sentence, name_is_persons
from eval.planting.sentences import PLAIN_WORDS

_DESCRIBED = re.compile(
    rf"(?<![\w’'-] )(?:(?<=^)|(?<=[,;“\" ]))(?P<name>{CAPITAL}(?: {CAPITAL}){{0,3}}),"
    r" (?P<what>(?:an?|the) (?P<head>[^,;:“”\"()]{6,90}))(?=[,.])"
)
_HELD = re.compile(
    rf"(?P<role>(?:{NAME}[’']s|[Tt]he) (?:[a-z-]+ ){{0,3}}[a-z-]+(?: (?:of|for|at) (?:the )?{NAME})?),"
    rf" (?P<name>{CAPITAL}(?: {CAPITAL}){{1,3}}),"
)
_POINTS = re.compile(
    r"\b(?:his|her|its|their|this|that|these|same|former|latter|one|other|said|says|was|were|is|are|has|had)\b"
)


def described_in(sentence: Sentence) -> Iterator[Draft]:
    """Who somebody is, what a body is, and who holds an office."""
    where = ((sentence.start, sentence.end),)
    for match in _DESCRIBED.finditer(sentence.text):
        word = _asked_with(match["name"], match["head"])
        if (
            word
            and not _POINTS.search(match["what"])
            and not re.match(r" and |, (?:and|or) ", sentence.text[match.end() :])
        ):
            yield Draft("fact", sentence.of.article.id, f"{word} is {match['name']}?", match["what"], where)
    for match in _HELD.finditer(sentence.text):
        role = match["role"][0].lower() + match["role"][1:] if match["role"].startswith("The ") else match["role"]
        head = re.split(r" (?:of|for|at) ", role)[0].split()[-1]
        told_apart = re.search(r"[A-Z]", role) is not None
        if head in PEOPLE and told_apart and name_is_persons(match["name"]) and not _POINTS.search(role):
            yield Draft("fact", sentence.of.article.id, f"Who is {role}?", match["name"], where)


def _asked_with(name: str, head: str) -> str | None:
    """The question word for what a name is; None where the description does not show what kind of thing it is."""
    noun = re.split(r" (?:of|in|from|for|at|who|based|on|with|that|which|and|to|by|[a-z]+ed|[a-z]+ing) ", head + " ")[
        0
    ].split()
    if not noun or len(head.split()) < 2 or name.split()[0].casefold() in PLAIN_WORDS:
        return None
    if noun[-1] in ORGANISATIONS and noun[-1] not in PEOPLE:
        return "What"
    person = noun[-1] in PEOPLE or re.search(r"(?:ist|ologist|ician)$", noun[-1])
    return "Who" if person and " " in name and name_is_persons(name) else None
