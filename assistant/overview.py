"""Questions that ask what an article says as a whole: "Summarise the article", "What is this about?", "tl;dr"."""

from __future__ import annotations

import re
from dataclasses import dataclass

USUAL = 4
"""Sentences of a summary when no number is asked for."""
MOST = 6
"""Sentences of the longest summary."""

_LONGEST = 300
"""A longer question asks for more than a summary."""
_WORDS_A_SENTENCE = 25
"""About how long a sentence of the news is; "in 50 words" asks for two."""

_NUMBERS = {w: n for n, w in enumerate("zero one two three four five six seven eight nine ten".split())} | {
    "a": 1, "single": 1, "a single": 1, "an": 1, "a couple of": 2, "a few": 3, "few": 3, "several": 4,
}  # fmt: skip
_NUMBER = rf"(?P<number>\d{{1,4}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_ADJECTIVE = (
    r"(?:main|key|major|central|core|important|most important|principal|essential|top|short|brief|quick|concise|general|good"
    r"|very short|crucial|overall|simple|whole|big|primary)"
)
_POINTS = r"(?:points?|takeaways?|take-aways|messages?|ideas?|facts|findings|arguments?|highlights?|things|claims?)"
_COUNTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf",?\s*\b(?:in|with|using|within) (?:(?:only|just|about|around|at most|no more than|under|less than|up to|max(?:imum)?) )*"
        rf"{_NUMBER} (?:(?:short|simple|brief|plain|bullet|key|main) )*(?P<unit>sentences?|lines?|words|points?|bullets?)\b",
        rf"\b(?:(?:a|the) )?{_NUMBER}[- ](?P<unit>sentence|line|word|point)s?(?= (?:summary|overview|recap|synopsis|version|digest))",
        rf"\b(?<!top ){_NUMBER} (?=(?:{_ADJECTIVE},? )*(?P<unit>points|takeaways|take-aways|ideas|facts|highlights)\b)",
        rf"(?<=top ){_NUMBER} (?=(?:{_ADJECTIVE} )?(?P<unit>points|takeaways|take-aways|ideas|facts|highlights)\b)",
    )
)  # fmt: skip
_POLITE = re.compile(
    r"^\W*(?:(?:hi|hello|hey|ok|okay|so|and|now|well|then|please|first|kindly|briefly|in short|in brief|in a nutshell|overall)\b[\s,!.:]*)*"
    r"(?:(?:can|could|would|will) (?:you|i|we) (?:please |kindly |quickly |briefly |just |get |have )*"
    r"|i(?:'d| would) (?:like|love) (?:you )?(?:to )?|i (?:want|need) (?:you )?(?:to )?|let us |let's |help me )?"
    r"(?:(?:please|briefly|quickly|shortly|just|get|see|have) )*",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:,?\s*\b(?:please|for me|for us|to me|to us|briefly|quickly|concisely|in short|in brief|in a nutshell|in general|overall"
    r"|in (?:a|one|your own) (?:short |single )?(?:words?|paragraphs?)|in (?:a )?few words"
    r"|then|now|again|here|exactly|thanks|thank you))*\W*$",
    re.IGNORECASE,
)  # fmt: skip

_KIND = r"(?:article|text|piece|story|report|document|analysis|source|essay|post|column)"
_SINGLE = rf"(?:(?:this|the|that|your|entire|whole|full|news|following) )+{_KIND}"
_SEVERAL = (
    r"(?P<several>(?:(?:all|these|the|those|your|news|of) )+(?:articles|texts|pieces|stories|reports|documents|sources)"
    r"|(?:the|this|your) (?:archive|corpus|collection)|everything)"
)
_NAMED = (
    rf"(?:(?:(?:this|the|that|your|news) )+{_KIND} (?:(?:about|on|regarding|concerning|titled|called|entitled|headlined|named) )?"
    r"(?P<name>(?!(?:of|by|that|which|who)\b)\S.*?)|(?P<title>[\"“‘][^\"“”]+[\"”’]))"
)
_IT = r"(?P<it>it)"
_NOUN = (
    rf"(?:(?:{_ADJECTIVE},? (?:and )?)*(?:summary|overview|synopsis|recap|gist|outline|run-?down|tl;? ?dr|highlights|takeaways|take-aways"
    rf"|short version|big picture|bottom line|key facts|essentials|essence)|(?:{_ADJECTIVE},? (?:and )?)+{_POINTS})"
)
_TOPIC = rf"(?:{_ADJECTIVE} )*(?:topics?|subjects?|themes?|focus|thesis|contents?|substance)"
_FORMS = (
    r"(?:summari[sz]e|sum up|recap|condense|give (?:me |us )?the gist of)(?: {thing})?",
    r"(?:sum|boil) {thing} (?:up|down)",
    r"(?:shorten|condense) {thing}",
    r"(?:(?:give|show|tell|write|provide|offer|make|create|do|want|need|have|list|name)(?: me| us)? )?(?:with )?"
    r"(?:(?:an?|the|your|some) )?{noun}(?: (?:of|for|from|in|about|on|to) {thing})?",
    r"what(?:'s| is| are| was| were) (?:(?:the|your|an?|some of the) )?{noun}(?: (?:of|for|from|in) {thing})?",
    r"what(?:'s| is| are) {article}'s? {noun}",
    r"what(?:'s| is| are) the {topic} (?:of|in) {article}",
    r"what {topic} (?:does|do) {article} (?:cover|discuss|address|deal with)",
    r"what(?:'s| is| was| are| were) {this}(?: (?:all|mainly|mostly|really|basically|actually|generally|even|primarily))*"
    r" (?:about|saying)",
    r"(?:(?:tell (?:me|us)|explain|describe|know|say) )?what {this} (?:is|was|are)(?: (?:all|mainly|mostly|really))* about",
    r"(?:(?:tell (?:me|us)|explain|describe|know) )?what {this} says?",
    r"(?:(?:tell (?:me|us)|explain) )?what (?:does|do|did) {this}"
    r" (?:say|state|tell(?: (?:us|me))?|discuss|cover|report|talk about|deal with|describe|contain|argue)",
    r"what(?:'s| is| are| happens| happened) in {article}",
    r"what can you (?:tell|say)(?: (?:me|us))? about {article}",
    r"(?:explain|describe|outline|tell (?:me|us) about|walk (?:me|us) through) {article}",
)


@dataclass(frozen=True)
class Overview:
    """What is asked for.

    Attributes:
        sentences: How many, 1..6.
        several: Of all articles together, not of one.
        name: The words by which one article is named, as typed; None for "this article".
        it: The article is only called "it", which may as well be whatever was spoken of last.
    """

    sentences: int = USUAL
    several: bool = False
    name: str | None = None
    it: bool = False


def overview(question: str) -> Overview | None:
    """What kind of summary of an article a question asks for; None for one that asks for anything else.

    What the articles say of a topic ("an overview of the treaty") is no summary of an article.
    """
    if len(question) > _LONGEST:
        return None
    plain = " ".join(question.replace("’", "'").split())
    rest, sentences = _counted(plain)
    core = _TAIL.sub("", _POLITE.sub("", " ".join(rest.split())))
    for pattern in _PATTERNS:
        if match := pattern.fullmatch(core):
            named = match.groupdict()
            name = named.get("name") or named.get("title")
            return Overview(
                sentences, bool(named.get("several")), name and name.strip("\"“”‘’' "), bool(named.get("it"))
            )
    return None


def _counted(question: str) -> tuple[str, int]:
    """The question without the number of sentences that it asks for, and that number."""
    for pattern in _COUNTS:
        if match := pattern.search(question):
            spelt = match["number"].casefold()
            number = int(spelt) if spelt.isdigit() else _NUMBERS[spelt]
            if match["unit"].casefold().startswith("word"):
                number = round(number / _WORDS_A_SENTENCE)
            return question[: match.start()] + question[match.end() :], min(MOST, max(1, number))
    return question, USUAL


def _patterns() -> tuple[re.Pattern[str], ...]:
    """All forms of question, those in which the article is not named first."""
    unnamed = {
        "thing": rf"(?:{_SEVERAL}|{_SINGLE}|this|that|it)",
        "this": rf"(?:{_SEVERAL}|{_SINGLE}|this|{_IT})",
        "article": rf"(?:{_SEVERAL}|{_SINGLE})",
    }
    ways = (unnamed, dict.fromkeys(unnamed, _NAMED))
    filled = [form.format(**way, noun=_NOUN, topic=_TOPIC) for way in ways for form in _FORMS]
    return tuple(re.compile(form, re.IGNORECASE) for form in filled)


_PATTERNS = _patterns()
