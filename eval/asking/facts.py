"""Questions that one clause answers: when, how many, why, where, who and what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from assistant.grounding.calendar_dates import dates
from assistant.speakers.source_words import ORGANISATIONS, PEOPLE
from eval.asking.amounts import amounts_in
from eval.asking.appositions import described_in
from eval.asking.clauses import AUXILIARIES, BE, OWNS, Clause, clause_of
from eval.asking.drafts import Draft, draft_of
from eval.asking.sentences import CAPITAL, NAME, Sentence, Span
from eval.asking.verbs import past_of_participle
from eval.asking.wording import asked, place_lead, with_word

_AFTER_DATE = re.compile(
    r"(?:[.,]|$| (?:by|at|in|to|for|with|after|from|as|under|on|near|and|inside|during|against|between|over|following|amid|because"
    r"|when|while|targeting)\b)(?! (?:1\d|20)\d\d| (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)"
)
_REASON = re.compile(
    r",? (?P<because>because|due to|in order to|owing to|as a result of|in protest (?:at|of|against|over)|in response to|to protest"
    r"|to avoid|to prevent|so that|in retaliation for|in an effort to|in an attempt to)(?= (?!of course))"
)
_AFTER = re.compile(r",? (?P<because>after|over|for) (?=[\w’']+ing|the |an? |[A-Z]|its |his |her |being)")
_CAUSED = frozenset(
    "arrested sacked fined convicted suspended evacuated hospitalised hospitalized cancelled canceled banned dismissed closed"
    " postponed sentenced criticised criticized condemned resign recalled fired jailed sue apologise apologize".split()
)
_LOCAL = frozenset(
    "born held killed found arrested buried founded opened die live located based built happen erupt begin meet arrive graduate"
    " study crash signed hold open launch grow land injured published filmed detained discovered captured established headquartered"
    " take sentenced build establish raised educated shot".split()
)
_PLACE = re.compile(
    rf" (?:in|at|near|outside|inside|on the (?:coast|border|outskirts|banks) of) (?P<place>(?:the )?{NAME}(?:, {NAME})?)$"
)
_OBJECT = re.compile(
    r" (?P<object>(?:an?|the|its|their|his|her) (?:[\w’'-]+ ){0,4}?[\w’'-]+)"
    r" (?=(?:in|at|to|for|with|from|against|during|on|between|across|inside|into|over|near|worth|called|named)\b)"
)
_TAKES = frozenset(
    "launch sign announce build found establish create introduce publish release open buy acquire sell ban approve reject adopt"
    " discover invent win write design develop unveil join host destroy impose abolish enact lift defeat propose receive"
    " sponsor paint launch hold form start seize capture donate purchase produce pass record file issue cancel suspend deploy".split()
)
_AGENT = re.compile(
    rf" by (?P<agent>(?:the )?(?:[a-z]+ ){{0,3}}{NAME}(?: and {NAME})?)(?=$| (?:in|on|at|for|from|during|with|after|to)\b)"
)


def questions_of(sentence: Sentence) -> Iterator[Draft]:
    """What can be asked of one sentence, the most trustworthy first."""
    ways: tuple[Callable[[Clause], Draft | None], ...] = (_why, _when, _who_did, _where, _role, _what)
    clause = clause_of(sentence)
    yield from amounts_in(sentence, clause)
    yield from described_in(sentence)
    if clause:
        yield from (found for way in ways if (found := way(clause)))


def _date_in(text: str, low: int, high: int) -> tuple[Span, Span] | None:
    """A date that is an adverbial of its own in ``text[low:high]``: the whole with its preposition, and the date."""
    for start, end, date in dates(text[low:high]):
        a, b = low + start, low + end
        before = re.search(r" (?:(?:[Ii]n|[Oo]n)(?: the)?(?: (?:early|late|mid))?|early|late)?[ -]?$", text[low:a])
        loose = date.relative is not None or date.weekday is not None
        if before is None or not (before[0].strip() or loose) or not _AFTER_DATE.match(text, b):
            continue
        if date.season or (
            re.search(r"(?:the|of|by|since|until|from|to|for|between|and|after|before) $", text[low:a])
            and not re.search(r"\b(?:[Ii]n|[Oo]n) the $", text[low:a])
        ):
            continue
        first = a - len(before[0]) if before else a
        shown = re.sub(r"^(?:[Ii]n|[Oo]n)(?: the)? ", "", text[first:b].strip())
        return (first, b), (b - len(shown), b)
    return None


def _when(clause: Clause) -> Draft | None:
    planned = clause.verb in BE and clause.main_verb in ("expected", "scheduled", "due", "set", "planned")
    if not (clause.past or clause.verb == "will" or planned):
        return None
    if (
        clause.verb in BE and not clause.passive and not planned
    ):  # the date may belong to a word behind "was", not to it
        return None
    lead = clause.text[slice(*clause.lead)]
    if lead:
        found = next(dates(lead), None)
        rest = lead[: found[0]] + lead[found[1] :] if found else ""
        if found is None or not re.fullmatch(r"(?:In|On)?(?: the)?(?: early| late| mid)?[ -]*", rest):
            return None
        answer = re.sub(r"^(?:In|On) (?:the )?", "", lead)
        return None if _date_in(clause.text, *clause.core) else asked("date", clause, with_word("When", clause), answer)
    spans = _date_in(clause.text, *clause.core)
    if spans is None or not clause.text[clause.core[0] : spans[0][0]].strip():
        return None
    return asked("date", clause, with_word("When", clause, spans[0]), clause.text[slice(*spans[1])])


def _why(clause: Clause) -> Draft | None:
    place = place_lead(clause)
    low = clause.core[0]
    text = clause.text
    last = len(text.rstrip(".!\"”’' "))
    found = _REASON.search(text, low, min(last, clause.core[1] + 12))
    if found is None and clause.main_verb in _CAUSED:
        found = _AFTER.search(text, low, min(last, clause.core[1] + 6))
    if (
        place is None
        or found is None
        or found.start() > clause.core[1]
        or clause.verb in ("may", "might", "could", "would")
    ):
        return None
    reason = re.split(r"[;:—(“\"]", text[found.start("because") : last])[0]
    if len(reason.split()) < 4 or (found["because"] == "to avoid" and clause.verb in BE and not clause.passive):
        return None
    if re.search(
        r"\b(?:partly|part|mainly|largely|only|just|probably|possibly|perhaps|primarily|mostly)$",
        text[low : found.start()],
    ):
        return None
    main = clause.cut(found.start())
    if len(main.rest.split()) < 2 or re.search(
        r"\b(?:designed|used|able|known|ways?|need|efforts?|plans?|enough|likely)$", main.rest
    ):
        return None
    return asked("reason", clause, with_word("Why", main, None, place), reason)


def _where(clause: Clause) -> Draft | None:
    if clause.lead[0] < clause.lead[1] or not _is_local(clause) or not (clause.passive or clause.past):
        return None
    end, dropped = clause.core[1], None
    spans = _date_in(clause.text, *clause.core)
    if spans and spans[0][1] == end:
        end = spans[0][0]
    place = _PLACE.search(clause.text, clause.core[0], end)
    if place is None or next(dates(place[0]), None) or not _names_place(clause, place["place"]):
        return None
    dropped = place.span()
    return asked("fact", clause, with_word("Where", clause, dropped), place["place"])


def _is_local(clause: Clause) -> bool:
    """Whether a verb tells of what has a place, so that "in" says where."""
    return clause.main_verb in _LOCAL or clause.rest.startswith(" place ")


def _names_place(clause: Clause, place: str) -> bool:
    return not clause.sentence.of.is_person(place) and len(place.split()) < 7


def _who_did(clause: Clause) -> Draft | None:
    """The agent of a passive: "was built by X" to "Who built ...?"."""
    if (
        not clause.passive
        or clause.verb not in ("was", "were")
        or OWNS.search(clause.rest)
        or clause.lead[0] < clause.lead[1]
    ):
        return None
    found = _AGENT.search(clause.text, *clause.core)
    past = past_of_participle(clause.main_verb)
    if found is None or past is None or next(dates(found["agent"]), None):
        return None
    between = clause.text[clause.core[0] : found.start()].split(clause.main_verb, 1)[1]
    behind = clause.text[found.end("agent") : clause.core[1]]
    question = f"Who {past} {clause.subject} {between} {behind}"
    return None if between.startswith((" to", " from")) else draft_of("fact", clause.sentence, question, found["agent"])


def _role(clause: Clause) -> Draft | None:
    """As in "X is the president of Y" and "X is a river in Y"."""
    if (
        clause.verb not in BE
        or not re.fullmatch(rf"(?:the )?{NAME}", clause.subject)
        or clause.lead[0] < clause.lead[1]
    ):
        return None
    rest = clause.rest.strip()
    if re.match(r"an? ", rest) and len(rest.split()) >= 4 and not clause.plural:
        noun = re.split(r" (?:of|in|from|for|at|who|based|on|and|that|with|under|about) |,", rest)[0].split()[-1]
        organised = noun in ORGANISATIONS
        person = not organised and (
            noun in PEOPLE or (noun.endswith(("ist", "ian", "er", "or")) and len(clause.subject.split()) in (2, 3))
        )
        if person and not re.fullmatch(rf"{CAPITAL}(?: {CAPITAL}){{0,3}}", clause.subject):
            return None
        person = person or clause.sentence.of.is_person(clause.subject)
        if not person and (noun in PEOPLE or clause.sentence.of.pronoun(clause.subject)):
            return None
        word = "Who" if person else "What"
        question = f"{word} {clause.verb} {clause.subject}"
        return _short(clause, question, rest)
    if re.match(r"the (?!same|case|most\b)[\w’' -]+? (?:of|for|in|to) ", rest) and re.search(rf"\b{CAPITAL}|\d", rest):
        if OWNS.search(rest):
            return None
        role = re.split(r" (?:of|for|in|to) ", rest)[0].split()[-1]
        bare = not clause.subject.startswith("the ")
        known = bare and (clause.sentence.of.is_person(clause.subject) or clause.sentence.of.pronoun(clause.subject))
        word = "Who" if known or (role in PEOPLE - ORGANISATIONS and bare) else "What"
        return draft_of("fact", clause.sentence, f"{word} {clause.verb} {rest}", clause.subject)
    return None


def _short(clause: Clause, question: str, answer: str) -> Draft | None:
    """A question of few words, which no other check lets pass."""
    return Draft(
        "fact", clause.sentence.of.article.id, question + "?", answer, ((clause.sentence.start, clause.sentence.end),)
    )


def _what(clause: Clause) -> Draft | None:
    """The object of a verb that takes one, where enough is left to tell what is asked for."""
    place = place_lead(clause)
    if place is None or clause.main_verb not in _TAKES or clause.verb in AUXILIARIES:
        return None
    found = _OBJECT.match(clause.text, clause.core[0], clause.core[1])
    if found is None or re.search(r" (?:in|at|to|for|with|from|of|and|that|which|who) ", found["object"] + " "):
        return None
    behind = clause.text[found.end() : clause.core[1]]
    if not re.search(rf"\b{CAPITAL}|\d", behind):
        return None
    return asked("fact", clause, with_word("What", clause, found.span("object"), place), found["object"])
