"""Questions for a number: how many, how much, how long, by how much."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eval.asking.clauses import ADVERBS, AUXILIARIES, BE, Clause
from eval.asking.drafts import Draft, draft_of
from eval.asking.sentences import NAME, Sentence
from eval.asking.verbs import base_of_past
from eval.asking.wording import asked, place_lead, with_word

_NUMBER_WORD = (
    r"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty"
    r"|thirty|forty|fifty|sixty|seventy|eighty|ninety"
)

_AMOUNT = (
    r"(?:(?:at least|more than|over|about|around|nearly|almost|some|up to|approximately|an estimated|fewer than|less than|only|roughly"
    rf"|another) )?(?:\d[\d,.]*(?: (?:million|billion|thousand|hundred))?|(?:{_NUMBER_WORD})(?: (?:hundred|thousand|million|billion))?)"
)
_PLURAL = (
    r"(?:people|men|women|children|police|troops|(?!(?:is|was|has|its|his|this|us|as|hours|minutes|times|percent|points|across|towards"
    r"|versus|plus|less|perhaps|always|besides|thus)\b)[a-z-]{2,}(?<!s)s)"
)
_COUNTED = re.compile(
    rf"(?P<amount>{_AMOUNT}) (?P<noun>(?:(?!(?:and|or|of|in|to|the|by|for|with|at|from|on|per|million|billion)\b)[a-z-]+ ){{0,2}}"
    rf"{_PLURAL})(?=[.,]|$| (?:in|at|from|to|of|by|for|on|across|during|with|against|inside|near|over|between|after|since|worldwide|each"
    r"|under|before|under|through|out|as|into|around|within|among)\b)",
    re.IGNORECASE,
)
_COUNTED_SUBJECT = re.compile(
    rf"(?P<amount>{_AMOUNT}) (?P<noun>(?:[a-z-]+ ){{0,2}}?{_PLURAL}) (?P<said>(?:were|are|have been|had been|died|live|took part|fled"
    r"|lost their lives|attended) .+)$",
    re.IGNORECASE,
)
_PERCENT = re.compile(
    rf"(?P<amount>{_AMOUNT}(?:%| per ?cent)) (?P<of>of (?!(?:them|those|these|its|his|their|which|whom)\b)[^,;:()]{{3,60}}?)"
    r" (?P<said>(?:were|are|have|had|was|is|live|lived|voted|said)\b [^,;:()]+)$",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"(?P<amount>(?:(?:at least|more than|over|about|around|nearly|almost|up to|an estimated) )?(?:US|CA?|A|Rs )?[$€£][\d,.]+"
    r"(?:\d|(?: ?(?:million|billion|trillion|bn|m)\b))?)(?=[.,]|$| (?:for|in|to|on|from|of|by|at|over|per|during|towards?|a|each)\b)"
)
_MONEY_VERBS = frozenset(
    "cost pay spend raise receive invest donate earn lose contribute borrow win lend pledge".split()
)
_CHANGES = frozenset("rise fall increase decrease drop grow decline climb jump plunge shrink soar".split())
_CHANGE = re.compile(
    rf" (?:by )?(?P<amount>{_AMOUNT}(?:%| per ?cent| percentage points?))"
    r"(?=[.,]|$| (?:in|to|from|on|over|during|after|since|between|at)\b)",
    re.I,
)
_SIZE = re.compile(
    rf" (?P<amount>{_AMOUNT} (?:km|kilomet\w+|miles?|met(?:er|re)s?|feet|ft|m|years?))"
    r" (?P<how>long|wide|tall|high|deep|old)(?=[.,]|$)",
    re.I,
)
_SPAN = re.compile(
    rf" for (?P<amount>{_AMOUNT} (?:years|months|weeks|days|hours|minutes))"
    r"(?=[.,]|$| (?:in|at|from|with|as|by|on|before|during)\b)",
    re.I,
)
_HARM = {"killing": "killed", "injuring": "injured", "wounding": "wounded", "displacing": "displaced"}
_HARMED = re.compile(
    rf"(?:, | and )(?P<harm>{'|'.join(_HARM)}) (?P<amount>{_AMOUNT}) (?P<noun>(?:[a-z]+ )?{_PLURAL})(?=[,.]| and )"
)


def amounts_in(sentence: Sentence, clause: Clause | None) -> Iterator[Draft]:
    """What can be asked for a number of one sentence."""
    drafts = [_counted_subject(sentence), _share(sentence)]
    if clause:
        drafts += [_how_many_harmed(clause)]
        drafts += [way(clause) for way in (_how_many, _how_much, _by_how_much, _how_big, _how_long)]
    yield from (found for found in drafts if found)


def _how_many_harmed(clause: Clause) -> Draft | None:
    """As in "The army shelled the town, killing eight people"."""
    text = clause.text
    found = _HARMED.search(text, clause.core[1])
    if found is None or not clause.past or _unsteady(found["noun"]):
        return None
    did = f"{clause.subject} {clause.verb}{clause.rest} {place_lead(clause) or ''}"
    question = f"How many {found['noun']} were {_HARM[found['harm']]} when {did}"
    return draft_of("number", clause.sentence, question, found["amount"])


def _by_how_much(clause: Clause) -> Draft | None:
    """As in "Prices rose 5% in May"."""
    place = place_lead(clause)
    found = _CHANGE.match(clause.text, clause.core[0], clause.core[1])
    if place is None or found is None or clause.main_verb not in _CHANGES or clause.verb in AUXILIARIES:
        return None
    return asked("number", clause, with_word("By how much", clause, found.span(), place), found["amount"])


def _how_big(clause: Clause) -> Draft | None:
    """As in "The line is 2,640 km long"."""
    found = _SIZE.match(clause.text, clause.core[0], clause.core[1])
    if found is None or clause.verb not in BE or clause.lead[0] < clause.lead[1]:
        return None
    return asked("number", clause, with_word(f"How {found['how']}", clause, found.span()), found["amount"])


def _how_long(clause: Clause) -> Draft | None:
    """As in "The strike lasted for three weeks"."""
    found = _SPAN.search(clause.text, clause.core[0], clause.core[1])
    if found is None or not clause.past or clause.lead[0] < clause.lead[1]:
        return None
    return asked("number", clause, with_word("For how long", clause, found.span()), found["amount"])


def _how_many(clause: Clause) -> Draft | None:
    """A number that the object begins with."""
    place = place_lead(clause)
    if place is None or clause.verb in BE:
        return None
    begin = clause.core[0]
    taken = re.match(rf"(?: {ADVERBS}| been)? ([a-z]+) ", clause.text[begin:])
    if clause.verb in AUXILIARIES and taken and not re.match(_AMOUNT + " ", taken[0].strip() + " ", re.I):
        begin += len(taken[0]) - 1
    found = _COUNTED.match(clause.text, begin + 1, clause.core[1])
    if found is None or _is_measure(found["noun"]) or _unsteady(found["noun"]):
        return None
    return asked("number", clause, with_word(f"How many {found['noun']}", clause, found.span(), place), found["amount"])


def _is_measure(noun: str) -> bool:
    return noun.split()[-1] in ("metres", "meters", "miles", "feet", "kilometres", "kilometers", "inches", "degrees", "acres",
                                "dollars", "euros", "pounds", "tons", "tonnes", "rupees", "others", "hectares", "square")  # fmt: skip


def _unsteady(noun: str) -> bool:
    """Whether the row of words holds a verb or adverb, so that it may be no noun phrase."""
    return any(
        (base_of_past(w) and not w.endswith("ed")) or w.endswith("ly") or w in AUXILIARIES for w in noun.split()
    ) or bool(re.search(r"\b(?:more|other|additional|further|separate|new|most|old)\b", noun))


def _how_much(clause: Clause) -> Draft | None:
    """A sum that somebody paid, raised or lost, or that something cost."""
    place = place_lead(clause)
    found = _MONEY.match(clause.text, clause.core[0] + 1, clause.core[1])
    if place is None or found is None or clause.main_verb not in _MONEY_VERBS or clause.verb in AUXILIARIES:
        return None
    word = "How much" if clause.main_verb in ("cost", "pay", "spend") else "How much money"
    return asked("number", clause, with_word(word, clause, found.span(), place), found["amount"])


def _counted_subject(sentence: Sentence) -> Draft | None:
    """As in "At least eight people were killed in ..."."""
    text = sentence.text.rstrip('.!"” ')
    lead = re.match(rf"(?:In|At|Near|On|During) (?P<place>(?:the )?(?:{NAME}|[^,]*\d{{4}})), ", text)
    other = (
        None if lead else re.match(r"(?:In|On|Earlier|Last|Meanwhile|Overall|Since)\b[^,]{0,30}, (?=[\d]|[a-z])", text)
    )
    if other and not re.search(r"\d", other[0]):
        text = text[other.end() :]
    match = _COUNTED_SUBJECT.match(text, lead.end() if lead else 0)
    if match is None or _is_measure(match["noun"]) or _unsteady(match["noun"]):
        return None
    said = re.split(
        r"[;:—,(]| [–-] | (?:and|when|while|as|after|because|including|who|which|that|but) ", match["said"]
    )[0]
    if re.search(
        r"\b(?:he|she|it|they|his|her|its|this|these|those|I|we|our|my|here|there|not|also|more|likely|said)\b|[“”\"]",
        said,
    ):
        return None
    lower = lead[0][0].lower() + lead[0][1:-2] if lead else ""
    return draft_of("number", sentence, f"How many {match['noun']} {said.strip()} {lower}", match["amount"])


def _share(sentence: Sentence) -> Draft | None:
    """As in "56% of the voters were ..."."""
    text = sentence.text.rstrip('.!"” ')
    match = _PERCENT.match(text)
    if match is None or re.search(
        r"\b(?:and|who|which|that|when|while|it|they|he|she|this|these|we|our|not|as)\b|[“”\"]", match["said"]
    ):
        return None
    return draft_of("number", sentence, f"What percentage {match['of']} {match['said']}", match["amount"])
