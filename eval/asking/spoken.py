"""Questions for whose words or claim a sentence holds."""

from __future__ import annotations

import re

from assistant.speakers.named import is_document
from assistant.speakers.of_sentence import speaker_of
from assistant.speakers.source_words import TITLES
from assistant.types import Speaker
from eval.asking.drafts import Draft
from eval.asking.sentences import Sentence, Span
from ingest.splitting import split_sentences

_FAR = 500
"""Characters: a pronoun farther behind the name is not trusted to stand for it."""
_VERBS = (
    r"said|says|argued|argues|warned|claimed|claims|stated|announced|noted|insisted|explained|suggested|confirmed|denied|added|believes"
    r"|predicted|acknowledged|admitted|stressed|concluded|reported|declared|estimates|estimated|found|revealed"
)
_SEVERAL = re.compile(r"(?:Many|Some|Other|Others|Most|Several|Critics|Experts|Officials|Both)\b")
_PRONOUN = re.compile(r"\b(?:[Hh]e|[Ss]he|[Tt]hey)\b")
_ASKED_AS = {"says": "said", "argues": "argued", "claims": "claimed", "estimates": "estimated", "added": "said"}
_THAT = re.compile(
    rf"\b(?P<verb>{_VERBS})(?: (?:on )?(?:[A-Z][a-z]+day|[A-Z][a-z]+ \d+|\d+ [A-Z][a-z]+)| in a [a-z]+)?"
    r" that (?P<claim>[^“”\";:]+?)[.]?$"
)
_PLAIN = re.compile(
    r"\b(?P<verb>said|says) (?P<claim>(?:the |an? |(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)[A-Z])[^“”\";:,]+?)[.]?$"
)
_LAST = re.compile(
    r"^(?P<claim>[^“”\";:]+?), (?:[^,“”\"]{2,90}|[^“”\"]{2,140},) (?P<verb>said|says|told)(?: [^,“”\"]{2,40})?\.?$"
)
_FINITE = re.compile(r"\b(?:is|are|was|were|has|have|had|will|would|could|can|should|must|may|might)\b")
_LED = re.compile(r"(?:In|On|At|After|As|When|While|If|But|And|For|With|Despite|Although|According|Last|Earlier)\b")
_ACCORDING = re.compile(
    r"^According to [^,“”\"]+(?:, [^,“”\"]+,)?, (?P<claim>[^“”\";:]+?)\.?$"
    r"|^(?P<first>[^“”\";:]+?), according to [^“”\";:]+$"
)
_QUOTED = re.compile(r"(?:(?<=[,:] )|^|(?<= that ))[“\"](?P<words>[A-Z][^“”\"]+)[”\"]")
_POINTS = re.compile(
    r"\b(?:I|we|you|he|she|it|they|them|him|us|me|my|our|your|his|her|its|their|this|these|those|such|here|there|former|latter|same"
    r"|that|also|too)\b",
    re.IGNORECASE,
)


def who_said(sentence: Sentence) -> Draft | None:
    """Who said it; None where nobody is named in the sentence or what was said cannot stand alone."""
    question = _question(sentence)
    if question is None:
        return None
    article = sentence.of.article
    speaker = speaker_of(article.text, sentence.start, sentence.end, article.body_start)
    if speaker is None or not _is_name(speaker, sentence):
        return None
    name = re.sub(r"^The ", "the ", speaker.name)
    last = name.split()[-1]
    own = sentence.start, sentence.end
    naming = own if last in sentence.text else _sentence_at(sentence, speaker.start)
    if naming is not None and naming != own and not sentence.of.is_person(name):
        return None
    if naming is None or re.search(rf"\b{re.escape(last)}\b", question):
        return None
    there = (own,) if naming == own else (naming, own)
    return Draft("who-says-it", article.id, question, name, there, speaker=name)


def _is_name(speaker: Speaker, sentence: Sentence) -> bool:
    """Whether the speaker is called by a name, and is one."""
    name, text = speaker.name, sentence.of.flat
    if not name[:1].isupper() or "\n" in name or name.endswith(("'s", "’s", "s'", "s’")):
        return False
    if is_document(name.split()[-1].lower()) or _SEVERAL.match(name):
        return False
    if (
        re.match(r"An? ", name)
        or name.lower() in TITLES
        or (re.search(r"[A-Z]\w+ $", text[: speaker.start][-20:]) and " " not in name)
    ):
        return False
    if re.search(r"\b(?:\d+|two|three|four|five|six|several|many|some|other|most) $", text[: speaker.start][-9:]):
        return False
    if " " in name or name.isupper() or sentence.of.is_person(name):
        return True
    return re.search(rf"[a-z] {re.escape(name)}\b", text) is not None


def _sentence_at(sentence: Sentence, place: int) -> Span | None:
    """The sentence not far before this one that names the speaker, for whom a pronoun stands in this one."""
    text = sentence.of.article.text
    if not _PRONOUN.search(re.sub(r"[“\"][^“”\"]*[”\"]", "", sentence.text)):
        return None
    if not sentence.start - _FAR < place < sentence.start:
        return None
    low = max(0, place - _FAR)
    return next(
        (
            span
            for span in split_sentences(text, low, sentence.start)
            if span[0] <= place < span[1] and (span[0] > low or not low)
        ),
        None,
    )


def _question(sentence: Sentence) -> str | None:
    """The question for who said what a sentence reports, in its words."""
    text = sentence.text
    quoted = _QUOTED.search(text)
    if quoted and len(_QUOTED.findall(text)) <= 2:
        words = quoted["words"].strip(" ,")
        first = words[slice(*split_sentences(words)[0])].rstrip(".,")
        if 6 <= len(first.split()) <= 28 and not first.endswith("?"):
            return f"Who said: “{first}”?"
        return None
    if '"' in text or "“" in text:
        return None
    if according := _ACCORDING.match(text):
        return _said_that(sentence, according["claim"] or according["first"])
    found = _THAT.search(text) or _PLAIN.search(text)
    if found is None:
        last = _LAST.match(text)
        return _said_that(sentence, last["claim"]) if last else None
    claim = found["claim"].strip(" ,")
    if not _stands_alone(claim) or (found.re is _PLAIN and not _FINITE.search(claim)):
        return None
    verb = _ASKED_AS.get(found["verb"], found["verb"])
    return f"Who {verb} that {claim}?"


def _said_that(sentence: Sentence, claim: str) -> str | None:
    """The question for a claim that the sentence begins with, or that stands behind a comma."""
    if not _stands_alone(claim) or _LED.match(claim) or claim.endswith((" and", " as", " but")):
        return None
    lowered = sentence.of.lowered(claim)
    return f"Who said that {lowered}?" if lowered else None


def _stands_alone(claim: str) -> bool:
    """Whether a claim is of a fit length and nothing in it points to what stands before it."""
    if not 6 <= len(claim.split()) <= 24 or "(" in claim:
        return False
    return not _POINTS.search(claim) and not re.search(rf"\b(?:{_VERBS})\b", claim)
