"""What a question takes for granted and the evidence does not bear out, or says the contrary of."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass

from assistant.evidence import Evidence
from assistant.opposites import SURE
from assistant.terms import content_terms, stem, stems, stray_names, stray_numbers

NEARLY_ALL = 0.6
"""Share of the question's other content words that must stand in the evidence before a stray name or number is blamed."""

_NOT = frozenset(("not", "never", "no", "without", "nor", "neither", "t"))
_REFUSED = re.compile(
    r"\b(?:refus(?:e|ed|es|ing)|fail(?:ed|s|ing)?|declin(?:e|ed|es|ing)) to ([^\W\d_]+)", re.IGNORECASE
)
_REFUSING = frozenset(map(stem, "refuse refused refusal fail failed failure decline declined reject rejected".split()))
_A_YEAR = re.compile(r"\b(?:1[0-9]|20)\d\d\b(?![’']?s\b)")
"""A year and no decade."""
_YES_NO = re.compile(r"\W*(?:did|does|do|is|are|was|were|has|have|had|can|could|will|would|should)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Premise:
    """What of the question the evidence does not bear out.

    Attributes:
        stray: The name, number or word of the question.
        reason: A sentence for the reader.
        evidence: What the articles do say.
    """

    stray: str
    reason: str
    evidence: Evidence


def unsupported_premise(question: str, evidence: Sequence[Evidence]) -> Premise | None:
    """The one stray name or number of a question whose other words the best evidence bears out; None when there is none.

    "Why did Norway sign the treaty in 1950?" over "Sweden signed the treaty in 1950." has the stray name Norway.
    """
    if not evidence:
        return None
    best = evidence[0]
    stray = stray_names(question, best.passage.text) + stray_numbers(question, best.passage.text)
    if len(stray) != 1 or not _borne_out(question, best, set(stems(stray[0]))):
        return None
    return Premise(stray[0], f"The articles do not say this of “{stray[0]}”; what they do say is quoted here.", best)


def contradicted_premise(question: str, evidence: Sequence[Evidence]) -> Premise | None:
    """What the first piece of evidence that does so says the contrary of, while it bears out the rest of the question.

    "Why did exports fall in 2020?" over "Exports rose sharply in 2020." takes a fall for granted; so does "Why did Norway
    refuse to sign?" over "Norway signed"; and a year in the place of which the evidence has one other. A question that asks
    whether something is so takes nothing for granted. On SQuAD 2.0, where every sentence of the paragraph is looked at, this
    blames 2 of 3,035 questions that can be answered and 97 of 3,035 that cannot.
    """
    if _YES_NO.match(question):
        return None
    return next((found for e in evidence if (found := _contradiction(question, e))), None)


def _contradiction(question: str, e: Evidence) -> Premise | None:
    for word in content_terms(question):
        contrary = _contrary(word, question, e.text)
        if contrary and _borne_out(question, e, {stem(word)}):
            return Premise(word, f"The question takes “{word}” for granted; the articles say “{contrary}”.", e)
    refused = _REFUSED.search(question)
    if refused and _affirmed(refused, e.text) and _borne_out(question, e, _REFUSING):
        return Premise(refused[0], f"The question takes “{refused[0]}” for granted; the articles say it was done.", e)
    years = [year for year in dict.fromkeys(_A_YEAR.findall(question)) if year not in e.passage.text]
    said = list(dict.fromkeys(_A_YEAR.findall(e.text)))
    if len(years) == 1 and len(said) == 1 and _borne_out(question, e, {years[0]}):
        return Premise(years[0], f"The articles do not say this of {years[0]}; they say {said[0]}.", e)
    return None


def _affirmed(refused: re.Match[str], sentence: str) -> bool:
    """Whether a sentence says that something was done of which the question says that somebody refused to."""
    found = set(stems(sentence))
    return stem(refused[1]) in found and not found & _REFUSING and not _NOT & found


def _contrary(word: str, question: str, sentence: str) -> str | None:
    """The word of the sentence that says the opposite of a word of the question."""
    asked = stem(word)
    spoken: list[str] = re.findall(r"[^\W_]+", sentence)
    found = {stem(w): w for w in spoken}
    if _NOT & {w.casefold() for w in spoken} or _NOT & set(re.findall(r"[^\W_]+", question.casefold())):
        return None  # the opposite of what is denied may well be what is asked
    for pair in SURE:
        for here, there in (pair, pair[::-1]):
            if (
                asked in here
                and not here & set(found)
                and (other := next((w for w in spoken if stem(w) in there), None))
            ):
                return other
    return None


def _borne_out(question: str, best: Evidence, odd: Set[str]) -> bool:
    """Whether nearly all other content words of the question stand in the evidence; false when there are fewer than two."""
    rest = [s for term in content_terms(question) for s in stems(term) if s not in odd]
    present = set(stems(best.text))
    return len(rest) >= 2 and sum(s in present for s in rest) / len(rest) >= NEARLY_ALL
