"""Questions that no article answers: details of which the articles say nothing, and quite other subjects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from assistant.terms import FUNCTION_WORDS, stem, words
from eval.asking.drafts import Draft
from eval.asking.sentences import Reading
from eval.planting.names import PLACES, names

_NEAR = 400
"""Characters on each side of a name in which the detail would be stated."""
_NAMES = 4
"""Of an article, so many of the most frequent names are asked about."""
_Asked = tuple[tuple[str, str], ...]
_OF_PERSON: _Asked = (
    (
        "How old is {}?",
        r"\b(?:aged?|years? old|year-old|born|birthday|birth|old|\d\ds)\b|, \d\d,|\(\d\d\)|\((?:1[89]|20)\d\d",
    ),
    ("Where was {} born?", r"\b(?:born|native|birth\w*|hometown|grew up|raised|from)\b"),
    (
        "Who is {} married to?",
        r"\b(?:wife|husband|wives|marri\w+|spouse|widow\w*|wed|wedding|partner|divorc\w+|couple|bride|consort)\b",
    ),
    (
        "Which university did {} attend?",
        r"\b(?:universit\w+|college|stud\w+|degree|graduat\w+|school|educat\w+|alma|academy|institute)\b",
    ),
    (
        "How many children does {} have?",
        r"\b(?:child\w*|sons?|daughters?|father|mother|parents?|family|kids?|heirs?)\b",
    ),
)
_POPULATION = (
    "What is the population of {}?",
    r"\b(?:population|inhabitants?|residents?|people|populous|million|citizens|census)\b",
)
_RAIN = (
    "What is the average yearly rainfall in {}?",
    r"\b(?:rain\w*|precipitation|climate|mm|inches|wet|dry|weather)\b",
)
_MAYOR = ("Who is the mayor of {}?", r"\b(?:mayors?|mayoral\w*|city hall|council\w*)\b")
_CURRENCY = (
    "What is the currency of {}?",
    r"\b(?:currenc\w+|dollars?|euros?|pounds?|rupees?|yen|yuan|roubles?|rubles?|pesos?|francs?|lira)\b|[$€£¥]",
)
_OF_COUNTRY: _Asked = (_POPULATION, _CURRENCY, _RAIN)
_OF_CITY: _Asked = (_MAYOR, _POPULATION, _RAIN)
_OF_BODY: _Asked = (
    (
        "How many employees does {} have?",
        r"\b(?:employ\w*|staff\w*|work\w*|jobs?|personnel|people|hire\w*|hiring|members?)\b",
    ),
    (
        "When was {} founded?",
        r"\b(?:found\w*|establish\w*|since|creat\w+|set up|form\w*|start\w*|began|open\w*|launch\w*|origin\w*|1\d\d\d|20\d\d)\b",
    ),
    (
        "Who is the head of {}?",
        r"\b(?:head\w*|chair\w*|chief|president|director|led|lead\w*|secretary|dean|rector|boss|ceo|said|says|executive|spokes\w+"
        r"|minister|governor|manager|commissioner|chancellor)\b",
    ),
)
_ELSEWHERE = (
    "How long does it take to boil an egg?", "What is the boiling point of mercury?", "How many strings does a cello have?",
    "Which planet has the most moons?", "Who painted the Mona Lisa?", "How do bees make honey?", "What is the square root of 144?",
    "How tall is the Eiffel Tower?", "Who wrote Moby-Dick?", "What do pandas eat?", "How many bones does a giraffe's neck contain?",
    "How is parmesan cheese ripened?", "What is the offside rule in football?", "Which chess piece moves diagonally?",
)  # fmt: skip
_LIGHT = frozenset(("take", "make", "long", "most", "s"))
"""Words of those questions that say nothing of what they are about."""
_BODIES = frozenset("agency association bank club college commission company corporation department foundation institute ministry museum"
                    " party society union university league hospital".split())  # fmt: skip


class Unstated:
    """What a whole set of articles is silent about."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self._flat = [reading.flat for reading in readings]
        self._stems = {stem(word) for flat in self._flat for word in words(flat)}

    def near_misses(self, reading: Reading) -> Iterator[Draft]:
        """One question a name, for a detail that no article states near it."""
        for n, (name, asked) in enumerate(islice(_typed_names(reading), _NAMES)):
            around = self._around(name)
            ways = asked[n % len(asked) :] + asked[: n % len(asked)]
            silent = [way for way, told in ways if not re.search(told, around, re.IGNORECASE)]
            if silent:
                yield Draft("near-miss", reading.article.id, silent[0].format(name))

    def off_topic(self) -> Iterator[Draft]:
        """Questions of which no word that says something stands in any article."""
        for question in _ELSEWHERE:
            said = {stem(w) for w in words(question) if w not in FUNCTION_WORDS | _LIGHT}
            if not said & self._stems:
                yield Draft("off-topic", "", question)

    def _around(self, name: str) -> str:
        """What stands near each mention of a name, by its last word too."""
        last = re.compile(rf"\b{re.escape(name.removeprefix('the ').split()[-1])}\b")
        return " \n ".join(
            flat[max(0, m.start() - _NEAR) : m.end() + _NEAR] for flat in self._flat for m in last.finditer(flat)
        )


def _typed_names(reading: Reading) -> Iterator[tuple[str, _Asked]]:
    """Names whose kind can be told, the most frequent first, with what can be asked of each."""
    found: dict[str, tuple[int, _Asked]] = {}
    for person in sorted(reading.people):
        found[person] = reading.flat.find(person), _OF_PERSON
    for name in names(reading.flat):
        if name.text.split()[-1].lower() in _BODIES and " " in name.text:
            the = "the " if re.search(r"\bthe $", reading.flat[: name.start][-4:], re.IGNORECASE) else ""
            found.setdefault(the + name.text, (name.start, _OF_BODY))
    for kind, asked in (("country", _OF_COUNTRY), ("city", _OF_CITY)):
        for place in PLACES[kind].split():
            if match := re.search(rf"\b{place}\b(?![’'-]| [A-Z])", reading.flat):
                found.setdefault(place, (match.start(), asked))
    order = sorted(found, key=lambda name: (-reading.flat.count(name), found[name][0], name))
    yield from ((name, found[name][1]) for name in order)
