"""Names of people, bodies and places, and who said something: another one of the same kind in their place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from eval.planting.sentences import PLAIN_WORDS, Change, Shelf, Span, Told, content, replaced
from eval.planting.values import DAYS, MONTHS

PLACES = {
    "country": "Afghanistan Albania Algeria Angola Argentina Armenia Australia Austria Bangladesh Belarus Belgium Bolivia Brazil"
    " Bulgaria Cambodia Cameroon Canada Chile China Colombia Croatia Cuba Cyprus Denmark Ecuador Egypt England Estonia Ethiopia"
    " Finland France Germany Ghana Greece Guatemala Haiti Hungary Iceland India Indonesia Iran Iraq Ireland Israel Italy Jamaica"
    " Japan Kazakhstan Kenya Kuwait Laos Latvia Libya Lithuania Luxembourg Malaysia Mali Malta Mexico Mongolia Morocco"
    " Myanmar Nepal Nicaragua Nigeria Norway Pakistan Paraguay Peru Poland Portugal Qatar Romania Russia Rwanda Scotland Senegal"
    " Serbia Singapore Slovakia Slovenia Somalia Spain Sudan Sweden Switzerland Syria Taiwan Tanzania Thailand Tunisia Turkey"
    " Uganda Ukraine Uruguay Venezuela Vietnam Wales Yemen Zambia Zimbabwe",
    "city": "Amsterdam Ankara Athens Atlanta Baghdad Bangkok Barcelona Beijing Beirut Berlin Boston Brisbane Brussels Bucharest"
    " Budapest Cairo Calcutta Chicago Cleveland Copenhagen Dallas Damascus Delhi Denver Detroit Dhaka Dublin Edinburgh Frankfurt"
    " Geneva Glasgow Hamburg Hanoi Helsinki Houston Istanbul Jakarta Jerusalem Johannesburg Kabul Karachi Kiev Kyiv Lagos Lahore"
    " Leeds Lima Lisbon Liverpool London Lyon Madrid Manchester Manila Marseille Melbourne Miami Milan Montreal Moscow Mumbai"
    " Munich Nairobi Naples Newcastle Oslo Paris Perth Philadelphia Prague Rome Rotterdam Seattle Seoul Shanghai Stockholm"
    " Sydney Tehran Tokyo Toronto Vancouver Venice Vienna Warsaw Zurich",
    "state": "Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware Florida Hawaii Idaho Illinois Indiana Iowa"
    " Kansas Kentucky Louisiana Maine Maryland Massachusetts Michigan Minnesota Mississippi Missouri Montana Nebraska Nevada Ohio"
    " Oklahoma Oregon Pennsylvania Tennessee Texas Utah Vermont Virginia Wisconsin Wyoming Queensland Tasmania",
    "continent": "Africa Asia Europe Antarctica",
}  # fmt: skip
"""Common places by kind: what may take the place of what."""
_WITHIN = ({"england", "britain", "wales", "scotland"}, {"mongolia", "china"}, {"mumbai", "bombay"}, {"kiev", "kyiv"})
_KIND_OF_PLACE = {place: kind for kind, row in PLACES.items() for place in row.split()}
_PLACE = re.compile(rf"\b(?:{'|'.join(_KIND_OF_PLACE)})\b(?!['’]s? [A-Z]| [A-Z]|[\-–]|\.\w)")
_GIVEN = frozenset(
    "Adam Alan Albert Alex Alexander Alice Andrew Anna Anne Anthony Arthur Barbara Ben Benjamin Bill Bob Brian Carl Carol"
    " Charles Chris Christopher Daniel David Donald Edward Elizabeth Emily Emma Eric Frank Frederick Gary George Gordon Harold"
    " Harry Helen Henry Howard Jack James Jane Jason Jean Jennifer Jim Joe John Jonathan Joseph Karl Kate Kevin Larry Laura Linda"
    " Lisa Louis Margaret Maria Mark Martin Mary Matthew Michael Mike Mohammed Muhammad Nancy Neil Nicholas Oliver Patricia"
    " Patrick Paul Peter Philip Ralph Richard Robert Roger Ronald Ruth Samuel Sarah Scott Simon Stephen Steve Steven Susan"
    " Thomas Tim Timothy Tom Victor Walter William".split()
)
_TITLE = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof|Sen|Rep|Gov|Gen|Sir|President|Senator|Professor|Judge|Justice|Minister|General)\.? $"
)
_BODY = frozenset(
    "agency army association authority bank board church club college commission committee company corporation council court"
    " department foundation group inc institute league ltd ministry museum organization parliament party school senate society"
    " union university".split()
)
_HEADS = _BODY | frozenset(
    "academy act agreement airport award bay bowl bridge canal castle cathedral championship city convention county"
    " creek cup dynasty empire entertainment festival fort garden gardens hall hill hills hospital hotel island islands journal"
    " lake library mountain mountains observatory pact palace park pictures plan prize railway records republic"
    " revolution river road sea stadium station street studios theater theatre times tower treaty valley war wars zoo".split()
)
"""Last words of names that say what kind of thing it is."""
_NOT_A_NAME = frozenset(MONTHS) | frozenset(DAYS) | {"I", "English", "Internet", "Earth", "God"}
_CAPITAL = r"[A-Z][a-zà-ÿ]+(?:[A-Z][a-z]+)?(?:-[A-Z][a-z]+)*"
_NAME = re.compile(
    rf"(?<![\w’'\-.@/\"“]){_CAPITAL}(?: (?:(?:of|de|von|van|of the) )?{_CAPITAL}| [A-Z]\.(?= [A-Z]))*(?![\w@/\-])"
)
SPOKE = (
    r"(?:said|says|told|stated|states|argued|argues|argue|claimed|claims|wrote|writes|announced|suggested|suggests|suggest|noted"
    r"|notes|warned|insisted|reported|believed|believes|believe|observed|explained|predicted|concluded|asserted|asserts|declared"
    r"|denied|maintained|contended|acknowledged|added|thought|felt)"
)
_FOUND = r"(?:found|discovered|showed|proposed|hypothesized|estimated|estimates|recommends|recommended|demonstrated|proved|held|ruled)"
_PART = rf"(?:{_CAPITAL}|[A-Z]\.)"
_NAMED = (
    r"(?!(?:In|On|At|By|For|When|While|As|If|Although|However|But|And|The|Some|Many|Most|Other|Several|Since)\b)"
    rf"{_PART}(?: (?:(?:of|de|von|van) )?{_PART}){{0,3}}"
)
_GROUP = (
    r"(?:[Tt]he|[Ss]ome|[Mm]any|[Mm]ost|[Oo]ther|[Ss]everal)"
    r"(?: (?!ha[sd]\b|have\b|did\b|do\b|not\b)[a-z]+){1,2}(?: [A-Z][a-z]+){0,2}|[A-Z][a-z]+s"
)
_WHO = rf"(?P<who>{_NAMED}|{_GROUP})"
_SAID = (
    re.compile(
        rf"(?:^|[,;]? ){_WHO}(?:, [^,]{{3,60}},)?(?: have| has| had)?(?: also| later)? (?:{SPOKE}|{_FOUND})(?: {_CAPITAL})? that\b"
    ),
    re.compile(rf"(?:^|[,;]? ){_WHO}(?:, [^,]{{3,60}},)? {SPOKE}(?:,|:| in [^,\"“]{{3,40}}[,:])? ?[\"“]"),
    re.compile(
        rf"^{_WHO} (?:said|says|argued|claimed|believed|believes|believe|insisted|added|suggested) (?:he|she|they|it|the|its|their)\b"
    ),
    re.compile(rf"\b[Aa]ccording to (?P<who>{_NAMED}|the [a-z]+)(?=[,.])"),
    re.compile(rf"[\"”,] (?P<who>{_NAMED}|the [a-z]+) {SPOKE}(?=[.,:]|$)"),
    re.compile(rf"[\"”,] {SPOKE} (?P<who>{_NAMED}|the [a-z]+)(?=[.,])"),
)
_BEFORE_SPEAKER = re.compile(
    r"(?:^|[,;\"”] |\b(?:and|but|while|when|as|that|though|whereas|since|where|which|later|to"
    r"|(?:in|by) \d{4}|said|says|argued|wrote|added) )$",
    re.I,
)
_NO_SPEAKER = re.compile(
    r"\b(?:he|she|it|they|we|you|who|which|that|this|these|also|not|is|was|has|had|and|or|by|of|in|as|if|though|while|with"
    r"|[a-z]+ly|january|february|march|april|may|june|july|august|september|october|november|december|there|one|results|latter|former|others|have)\b",
    re.IGNORECASE,
)
_ROLES = (
    "the prosecutor",
    "the union",
    "the finance minister",
    "a spokeswoman for the regulator",
    "the city council",
    "critics",
)


@dataclass(frozen=True)
class Name:
    """A name at ``sentence[start:end]``; only names of one kind may stand for each other."""

    start: int
    end: int
    text: str
    kind: str


def names(sentence: str) -> list[Name]:
    """Names whose kind can be told: people by a title or a common given name, others by their last word."""
    found = []
    for m in _NAME.finditer(sentence):
        start, text = m.start(), m[0]
        around = sentence[:start][-3:], sentence[m.end() :]
        if re.search(r"[A-Z]\. $|\d\w* ?$|[–—]$", around[0]) or re.match(
            r" (?:[IVX]+|\d+)\b|[–—]| \(?[A-Z]", around[1]
        ):
            continue
        while (first := text.partition(" "))[2] and first[0].casefold() in PLAIN_WORDS:
            start, text = start + len(first[0]) + 1, first[2]
        if set(text.split()) & _NOT_A_NAME or text.casefold() in PLAIN_WORDS:
            continue
        kind = _kind(sentence[:start], text)
        if kind:
            found.append(Name(start, start + len(text), text, kind))
    return found


def _kind(before: str, text: str) -> str | None:
    words = text.split()
    if _TITLE.search(before):
        return f"person {min(len(words), 2)}"
    if (
        words[0] in _GIVEN
        and 2 <= len(words) <= 3
        and not {"of", "the"} & set(words)
        and words[-1].casefold() not in _BODY
    ):
        return "person 2"
    if len(words) < 2 or words[0] in _GIVEN or (words[0].endswith(("ese", "ish")) and len(words) == 2):
        return None
    if "of" in words:
        return f"{words[0]} of" if words[0].casefold() in _BODY else None
    return words[-1] if words[-1].casefold() in _HEADS else None


class NameBook:
    """The names of each article by kind, and of all articles."""

    def __init__(self, shelf: Shelf) -> None:
        self.by_article: dict[str, dict[str, list[str]]] = {}
        self.all: dict[str, list[str]] = {}
        for article, sentences in shelf.told.items():
            kinds: dict[str, set[str]] = {}
            for told in sentences:
                for name in names(told.sentence):
                    kinds.setdefault(name.kind, set()).add(name.text)
            self.by_article[article] = {kind: sorted(found) for kind, found in kinds.items()}
            for kind, found in kinds.items():
                self.all[kind] = sorted({*self.all.get(kind, ()), *found})


@lru_cache(maxsize=1)
def _book(shelf: Shelf) -> NameBook:
    return NameBook(shelf)


def other_name(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """A person or body becomes another of its kind, from the same article where it has one."""
    found = names(told.sentence)
    random.shuffle(found)
    book = _book(shelf)
    for old in found:
        here = book.by_article[told.of.id].get(old.kind, [])
        every = book.all.get(old.kind, [])
        for new in (*random.sample(here, len(here)), *random.sample(every, min(20, len(every)))):
            if _may_stand(told, shelf, old.text, new):
                return replaced(told.sentence, old.start, old.end, new)
    return None


def _may_stand(told: Told, shelf: Shelf, old: str, new: str) -> bool:
    shared = set(new.casefold().split()[:-1] or [new.casefold()]) & set(
        told.sentence.casefold().replace(",", "").split()
    )
    person_shared = content(new) & content(old) if old.split()[-1] != new.split()[-1] else set()
    return not (shared or person_shared or new in told.sentence or shelf.says_so(told.of.id, told.sentence, new))


def other_place(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """A country, city, state or continent becomes another, from the same article where that names one."""
    found = [m for m in _PLACE.finditer(told.sentence) if not _within_name(told.sentence, m.start())]
    random.shuffle(found)
    for old in found:
        kind = _KIND_OF_PLACE[old[0]]
        near = sorted({m[0] for m in _PLACE.finditer(told.of.text) if _KIND_OF_PLACE[m[0]] == kind})
        every = PLACES[kind].split()
        listed = re.match(r"(?:,? and|,|,? or) [A-Z]", told.sentence[old.end() :]) or re.search(
            r"[A-Z][a-z]+,?(?: and| or|,) $", told.sentence[: old.start()]
        )
        first = [] if listed else random.sample(near, len(near))
        for new in (*first, *random.sample(every, len(every))):
            if not _same_place(told.sentence, new) and not shelf.says_so(told.of.id, told.sentence, new):
                return replaced(told.sentence, *old.span(), new)
    return None


def _within_name(sentence: str, start: int) -> bool:
    return re.search(r"[A-Z][\w.’']* (?:of |of the |and )?$|-$", sentence[:start]) is not None and not re.search(
        r"^(?:In|From|At|Near|Across|Throughout|Within|Like|Unlike) $", sentence[:start]
    )


def _same_place(sentence: str, new: str) -> bool:
    low = sentence.casefold()
    return new[:4].casefold() in low or any(
        new.casefold() in group and any(p in low for p in group) for group in _WITHIN
    )


def speakers(sentence: str) -> list[Span]:
    """Where a sentence names who said, wrote or argued what it reports."""
    found = []
    for pattern in _SAID:
        for m in pattern.finditer(sentence):
            start, end = m.span("who")
            end -= len(m["who"]) - len(m["who"].rstrip())
            who = sentence[start:end]
            if len(who) > 3 and _BEFORE_SPEAKER.search(sentence[:start]) and not _NO_SPEAKER.search(who) and _says(who):
                found.append((start, end))
    return found


def _says(who: str) -> bool:
    return who.casefold() not in PLAIN_WORDS and not who.startswith(("In ", "At "))


def other_speaker(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """What one said is put into the mouth of another: of the same article, of another one, or of some role."""
    found = speakers(told.sentence)
    if not found:
        return None
    start, end = random.choice(found)
    old = told.sentence[start:end]
    here = sorted(_said_by(shelf)[told.of.id])
    away = sorted({w for found in _said_by(shelf).values() for w in found})
    for new in (*random.sample(here, len(here)), *random.sample(away, min(12, len(away))), random.choice(_ROLES)):
        one_kind = _grouped(new) == _grouped(old)
        if one_kind and not content(new) & content(told.sentence) and not shelf.says_so(told.of.id, told.sentence, new):
            return replaced(told.sentence, start, end, new)
    return None


def _grouped(who: str) -> tuple[bool, bool]:
    group = who.split()[0].casefold() in PLAIN_WORDS
    return group, group and who.endswith("s")


@lru_cache(maxsize=1)
def _said_by(shelf: Shelf) -> dict[str, set[str]]:
    return {
        article: {_as_speaker(told, a, b) for told in every for a, b in speakers(told.sentence)}
        for article, every in shelf.told.items()
    }


def _as_speaker(told: Told, start: int, end: int) -> str:
    who = told.sentence[start:end]
    return who[0].lower() + who[1:] if who.split()[0].casefold() in PLAIN_WORDS else who
