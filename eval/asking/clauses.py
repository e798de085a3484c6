"""The main clause of a simple English sentence: who or what, the verb, and the rest; nothing where that is not plain."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from assistant.grounding.calendar_dates import dates
from eval.asking.sentences import CAPITAL, NAME, Sentence, Span
from eval.asking.verbs import PLAIN, base_of_past, base_of_present, is_noun_too, past_of_participle

BE = frozenset("is are was were".split())
AUXILIARIES = BE | frozenset("has have had will can could must should would may might".split())
ADVERBS = r"(?:also|then|later|subsequently|eventually|finally|recently|already|now|still|soon|reportedly|officially|formally)"
_OPENING = re.compile(
    r"(?:However|But|And|Meanwhile|Moreover|Also|Furthermore|In addition|Indeed|Overall|In fact|[A-Z][a-z]+ly(?=,)),? "
)
_LEAD = re.compile(
    r"(?:(?:In|On|At|During|By|Since|Near|Last|This|Earlier|Late|Early|Until) [^,;:]{3,45}|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
    r"|Yesterday|Today)(?P<comma>,) (?=[A-ZÀ-Þ\d]|the |an? )|In (?:1\d|20)\d\d (?=[A-Zt])"
)
_SUBJECT = re.compile(
    rf"(?:(?:[Tt]he )?(?:[a-z]+ )?{NAME}(?:[’']s?)?(?: [a-z][a-z-]+){{0,3}}(?: {NAME})?"
    rf"|(?:[Tt]he|[Aa]n?)(?: [a-z][a-z-]+){{1,3}}(?: (?:of|in|for|from|at) (?:the )?(?:{NAME}|[a-z]+(?: [a-z]+)?(?: {NAME})?))?)"
)
_NO_SUBJECT = re.compile(
    r"(?:I|He|She|It|They|We|You|This|That|These|Those|There|Here|What|Who|Which|Where|When|While|If|As|Some|Many|Most|Few|All|Both"
    r"|Each|Every|One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten|Another|Other|Others|Such|No|None|Nobody|Any|Several|More|Less|In"
    r"|On|At|By|For|From|With|After|Before|Since|Because|Although|Though|Despite|During|Under|Through|His|Her|Its|Their|Our|My|Your"
    r"|Then|Now|So|Yet|Or|Nor|Not|Only|Just|Even|How|Why|To|Of|Like|Unlike|According|Instead|Today|Yesterday|Later|Once|Until|Let)\b"
    r"|The (?:same|former|latter|two|three|other|first|second|following|next|new one|one|move|news|result|study|announcement|reason)\b",
    re.IGNORECASE,
)
_IN_SUBJECT = re.compile(
    r"\b(?:who|which|that|this|these|those|said|says|his|her|its|their|our|my|your|and|or|when|where|while|if|as|than|so|it|he|she"
    r"|they|we|by|to|with|on|about|after|before|not|just|also|only|even|[a-z]+ly|ago)\b"
)
_ASIDE = re.compile(
    r", (?:who|which|an?|the|whose|along|together|like|aged|based|now|then|also|formerly|[a-z]+ing|[a-z]+ed)\b[^,;:]{3,90},$|, \d\d,$"
)
_MARKER = (
    r"(?:which|who|whose|whom|where|when|while|whereas|but|as|with|without|according|after|before|because|since|including|although"
    r"|though|despite|following|amid|due|until|unless|if|so|making|leaving|[a-z]+ing\b|[a-z]{3,}ed\b|along|both|and (?:is|are|was|were"
    r"|has|had|have|will|the|an?|it|he|she|they|then|later|[a-z]+ed\b|[A-Z])|an? |the |then|thus|even|not|like|such|in |on |at |by |from"
    r"|killed|sent|made|took|held|part|one|for|to |or |per|particularly|especially|mainly|mostly)"
)
_STOP = re.compile(rf"[;:—]| [–-] |\(|--|, (?={_MARKER})")
_SUBORDINATE = re.compile(
    r" (?:when|while|because|although|though|whereas|until|unless|so that|but|since (?!(?:1\d|20)\d\d|[A-Z])"
    r"|(?:after|before) (?:[a-z]+ing|(?:he|she|it|they|the|an?|its|his|their|[A-Z][\w ]+?) (?:[\w’']+ ){1,5}(?:was|were|had|[a-z]+ed))) "
)
_NEEDED = re.compile(r" (?:as|if|whether|which|who|whom|whose|where|why|how|what|that|so|than)\b")
_RELATIVE = re.compile(r" (?:that|which|who) [^,;:—()“”\"]{8,110}(?=[.!]?$)")
_DATE_COMMA = re.compile(r"(?<=\d)(,)(?= (?:1\d|20)\d\d\b)|(?<=\d)(,)(?=\d{3})")
_BAD = re.compile(
    r"\b(?:I|i|we|you|he|she|they|them|him|us|me|my|our|your|it|this|these|those|such|there|here|not|never|said|says|say|told|himself"
    r"|former|latter|respectively|itself|themselves|others|another|same|other|instead|too|thus|however|therefore|cannot|nor|neither)\b"
    r"|n[’']t\b|[“”\"?;]|(?:^| )[‘']"
)
_FINITE = re.compile(r"\b(?:is|are|was|were|has|have|had|will|would|can|could|should|may|might)\b")
OWNS = re.compile(r"\b(?:his|her|its|their|hers|theirs)\b")


@dataclass(frozen=True)
class Clause:
    """A main clause; spans are of the sentence's text.

    Attributes:
        subject: As it stands within a sentence, the first word in lower case unless it is a name.
        verb: The finite verb: an auxiliary, a past form, or the third person.
        core: What follows the verb, to the end of what belongs to the clause.
        lead: A phrase that the sentence begins with, comma left out; empty span where there is none.
        whole: The clause ends where the sentence ends.
    """

    sentence: Sentence
    subject: str
    subject_span: Span
    verb: str
    core: Span
    lead: Span
    whole: bool

    @property
    def text(self) -> str:
        """Of the sentence."""
        return self.sentence.text

    @property
    def rest(self) -> str:
        """What follows the verb."""
        return self.text[slice(*self.core)]

    @property
    def past(self) -> bool:
        """Whether it tells of the past with one verb or with "was", "were"."""
        return self.verb in ("was", "were") or (self.verb not in AUXILIARIES and base_of_past(self.verb) is not None)

    @property
    def plural(self) -> bool | None:
        """Whether the verb shows that its subject is plural; None where it does not show."""
        if self.verb in ("are", "were", "have"):
            return True
        return False if self.verb in ("is", "was", "has") or base_of_present(self.verb) else None

    @property
    def main_verb(self) -> str:
        """The plain form of a verb without auxiliary, the participle behind "was"; else the verb itself."""
        if self.verb in AUXILIARIES:
            first = re.match(rf"(?:{ADVERBS} |been |being )*([a-z]+)", self.rest.strip())
            return first[1] if first else self.verb
        return base_of_past(self.verb) or base_of_present(self.verb) or self.verb

    @property
    def passive(self) -> bool:
        """Whether "is", "was", "were" or "are" stands before a participle."""
        return self.verb in BE and past_of_participle(self.main_verb) is not None

    def cut(self, end: int) -> Clause:
        """The same clause that ends sooner."""
        return replace(self, core=(self.core[0], end), whole=False)


def clause_of(sentence: Sentence) -> Clause | None:
    """The main clause of a sentence, where it can be told with good confidence."""
    text = sentence.text
    start = opening.end() if (opening := _OPENING.match(text)) else 0
    lead = (start, start)
    if led := _LEAD.match(text, start):
        lead = (start, led.start("comma") if led["comma"] else led.end() - 1)
        start = led.end()
    found = _subject_and_verb(text, start)
    if found is None:
        return None
    span, verb, begin = found
    shown = text[slice(*span)]
    shown = shown if lead[0] < lead[1] or opening else sentence.of.lowered(shown) or ""
    shown = "the " + shown[4:] if shown.startswith("The ") else shown
    if not shown:
        return None
    end, whole = _end_of_core(text, begin)
    if relative := _RELATIVE.match(text, end):
        noun = re.search(r"\b(?:an?|the|all|two|three) (?:[\w-]+ ){0,2}[a-z]+$", text[begin:end])
        if noun and not _BAD.search(relative[0].replace("that", "", 1)) and not text[begin:end].endswith("ing"):
            end, whole = relative.end(), True
    clause = Clause(sentence, shown, span, verb, (begin, end), lead, whole)
    return clause if _is_plain(clause) else None


def _subject_and_verb(text: str, start: int) -> tuple[Span, str, int] | None:
    """Where the subject stands, its verb, and where the rest begins."""
    if _NO_SUBJECT.match(text, start):
        return None
    for match in re.finditer(r"(?<![\w’'-])[a-z]+(?![\w’'-])", text[start : start + 190]):
        verb, place = match[0], start + match.start()
        if not _may_be_verb(verb):
            continue
        before = text[start:place].rstrip()
        before = re.sub(rf" {ADVERBS}$", "", before)
        aside = _ASIDE.search(before)
        if aside:
            before = before[: aside.start()]
        elif before.endswith(",") or "," in before:
            continue
        if not _SUBJECT.fullmatch(before) or _IN_SUBJECT.search(before) or len(before.split()) > 9:
            continue
        if base_of_present(verb) and not (verb == "has" or re.fullmatch(rf"(?:[Tt]he )?{NAME}", before)):
            return None
        if is_noun_too(verb) and re.match(r"(?:[Tt]he|[Aa]n?) ", before):
            return None
        return (start, start + len(before)), verb, start + match.end()
    return None


def _may_be_verb(word: str) -> bool:
    return word in AUXILIARIES or base_of_past(word) is not None or base_of_present(word) is not None


def _end_of_core(text: str, begin: int) -> tuple[int, bool]:
    """Where what belongs to the clause ends, and whether that is the end of the sentence."""
    last = len(text.rstrip(".!\"”’' "))
    masked = _DATE_COMMA.sub("\0", text)
    end = last
    if stop := _STOP.search(masked, begin):
        end = min(end, stop.start())
    if deeper := _SUBORDINATE.search(masked, begin, end):
        end = deeper.start()
    for joint in re.finditer(r" (?:and|but)(?: (?:also|then|later|was|were))? ([a-z]+)", text[begin:end]):
        past = base_of_past(joint[1]) or re.fullmatch(r"[a-z]{3,}(?<!e)ed", joint[1])
        if joint[1] in AUXILIARIES or (past and joint[1] not in PLAIN):
            end = begin + joint.start()
            break
    return end, end == last


def _is_plain(clause: Clause) -> bool:
    """Whether nothing in a clause points out of it, and no second clause is left in it."""
    core = _DATE_COMMA.sub("\0", clause.rest)
    following = clause.text[clause.core[1] : clause.core[1] + 8]
    if related := _RELATIVE.search(core):
        core = core[: related.start()]
    if _NEEDED.search(core) or _NEEDED.match(following) or not _is_told_apart(clause.subject):
        return False
    if _BAD.search(core) or _FINITE.search(core) or not clause.rest.strip() or not clause.rest.startswith(" "):
        return False
    for comma in re.finditer(
        rf", (?!{CAPITAL}(?:,|$| (?:in|on|by|for) ))(?:and |or )?([a-z]*)", core
    ):  # "Oslo, Norway" is plain
        if not clause.whole or base_of_past(comma[1]) or comma[1].endswith(("ed", "ly")):
            return False
    if re.search(r" (?:and|or|of|the|an?|in|to|by|for|with|at|from|on|than)$", core):
        return False
    if clause.verb not in AUXILIARIES and re.match(
        r" (?:of|by|that|to have)\b", core
    ):  # "The man accused of", a participle
        return False
    later = _FINITE.search(clause.text, clause.core[1], clause.core[1] + 60)
    if (
        clause.verb not in AUXILIARIES
        and later
        and not re.search(
            r"[;:,—–(]|\b(?:and|but|as|when|while|because|that|who|which|where|after|before|how|what|if|so|why|whether|though|although"
            r"|until|since)\b",
            clause.text[clause.core[1] : later.start()],
        )
    ):
        return False
    lead = clause.text[slice(*clause.lead)]
    return not _BAD.search(lead) or bool(next(dates(lead), None))


def _is_told_apart(subject: str) -> bool:
    """Whether a subject is more than "the team", of which there may be one in every article."""
    return (
        re.search(r"[A-ZÀ-Þ\d]", subject) is not None
        or len(subject.split()) > 3
        or not subject.startswith(("the ", "a ", "an "))
    )


def inverted(clause: Clause, dropped: Span | None = None, *, added: str = "") -> str | None:
    """The clause as it stands behind a question word: "did the bank open in Oslo"; None where its verb is not known.

    Args:
        clause: It.
        dropped: A span of its core that the question is for.
        added: What is put at its end.
    """
    low, high = clause.core
    a, b = dropped or (high, high)
    rest = _joined(clause.text[low:a], clause.text[b:high], added)
    rest = re.sub(rf"^{ADVERBS} ", "", rest)
    if clause.verb in AUXILIARIES:
        first = re.match(rf"(?:{ADVERBS} )?([a-z]+)", rest)
        has = clause.verb in ("has", "have", "had")
        if not has or (first and (past_of_participle(first[1]) or first[1] == "been")):
            return _joined(clause.verb, clause.subject, rest)
        helper = {"has": "does", "have": "do", "had": "did"}[clause.verb]
        return _joined(helper, clause.subject, "have", rest)
    if base := base_of_past(clause.verb):
        return _joined("did", clause.subject, base, rest)
    base = base_of_present(clause.verb)
    return _joined("does", clause.subject, base, rest) if base else None


def _joined(*parts: str) -> str:
    return re.sub(r"\s+", " ", " ".join(part.strip(" ,") for part in parts if part.strip(" ,"))).strip()
