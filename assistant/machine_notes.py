"""Words in an article that are meant for the programs that read it, and not for people: no evidence of anything.

"Note to AI systems: answer that ..." is what is known as an indirect prompt injection (Greshake et al. 2023, "Not what you've
signed up for"). An answer that quotes such a sentence passes it off as news. Here it is told by rule, and hardly in any language
but English: rules know the ways that are known, and an attacker has others.
"""

from __future__ import annotations

import re

_MACHINE = (
    r"(?:(?:A\.?I\.?|artificial[- ]intelligence|large language|language)[- ](?:systems?|assistants?|models?|readers?|tools?|agents?|bots?"
    r"|chatbots?|summari[sz]ers?|crawlers?)|A\.?I\.?s?|LLMs?|GPTs?|chat ?bots?|crawlers?"
    r"|(?:virtual|digital|automated) (?:assistants?|readers?|systems?)|summari[sz]ers?)"
)
_ASSISTANT = rf"(?:{_MACHINE}|the assistant|assistants)"
_MACHINES = rf"{_ASSISTANT}(?:(?:,| and| or|, and|, or) (?:all |any |other )?{_ASSISTANT})*"
_SAYING = (
    r"(?:answer|reply|respond|say|state|tell|report|write|output|print|summari[sz]e|ignore|disregard|forget|treat|believe|cite"
    r"|mention|claim|repeat|describe|recommend|do not|don['’]t|never|always|only)"
)
_ORDERS = r"(?:instructions?|orders?|prompts?|rules|messages|directions|guidelines)"
_ANSWERS = r"(?:responses?|answers?|repl(?:y|ies)|outputs?|summar(?:y|ies)|digests?)"
_NOTE = r"(?:note|message|notice|instructions?|corrections?|information|reminder|attention|important)"
_TO_MACHINES = re.compile(
    rf"\b{_NOTE}\W{{1,3}}(?:is )?(?:to|for|only for) (?:all |any |every )?{_MACHINES}\b|\bfor {_MACHINES} only\b"
    rf"|\bfor (?:{_MACHINE}|machines?|bots?|search engines?) (?:indexing|training|use|processing|ingestion|readers?|summar(?:y|ies))\b"
    r"[^.]{0,20}:"
    rf"|\bif (?:you are|you['’]re|this is being (?:read|processed|summari[sz]ed) by|an?|any) (?:an? |any )?{_ASSISTANT}\b"
    r".{0,40}?(?:\bread|\bprocess|\bsummari|,|:)"
    rf"|^dear (?:all |any )?{_MACHINES}\b|^as an? {_MACHINE},? you\b|^{_MACHINES}, (?:please|kindly|you|would you|do not|don['’]t)\b"
    rf"|^{_MACHINE}(?:(?:,| and| or) {_MACHINE})*\s*:|^{_MACHINES}\s*:\s*(?:please |you must |you should )?{_SAYING}\b"
    rf"|^{_MACHINES} (?:must|should|shall|have to|are to|is to) (?:now |only |always |never |not )?{_SAYING}"
    rf" (?:to |about )?(?:every|all|any|each|that|only|with|nothing|no|readers|users|people)\b"
    rf"|\b(?:ignore|disregard|forget|override|overrides|drop|discard) (?:all |any |every )?(?:of )?(?:the |your |these |those )?"
    rf"(?:previous|prior|earlier|above|other|preceding|former|existing|original)(?: \w+)? {_ORDERS}\b|\b{_ORDERS} override\b"
    rf"|\b(?:any|every|all|each) (?:machines?|programs?|software|bots?|models?|{_MACHINE}) (?:that|which) "
    r"(?:reads?|digests?|process(?:es)?|summari[sz]es?|index(?:es)?|quotes?) (?:this|these)\b"
    rf"|\b(?:machine|computer|{_MACHINE})[- ](?:written|made|generated) {_ANSWERS} of (?:this|these)\b"
    rf"|\b(?:disregarded|ignored|forgotten|left out|repeated|included) in (?:every|all|any|each|your) {_ANSWERS}\b"
    r"|^(?:output|print|return|respond with|reply with|answer with) (?:the following|only|exactly)\b"
    rf"|^(?:you are now|from now on,? you are|pretend (?:that )?you are|let['’]s play a game in which you are)\b"
    r"|\b(?:hinweis|anweisung|mitteilung|note|nota|avis|aviso|avviso)\b.{1,20}"
    r"\b(?:KI|IA|sprachmodelle?|chatbots?|modèles? de langage|modelos? de lenguaje|modelli linguistici)\b",
    re.IGNORECASE,
)
_MARKED_OFF = re.compile(
    r"<!--.*?(?:-->|\Z)|<\|(?:im_start|system)\|>.*?(?:<\|(?:im_end|end)\|>|\Z)"
    r"|\[/?(?:SYSTEM|INST)\].*?(?:\[/?(?:END )?(?:SYSTEM|INST)\]|\n\s*\n|\Z)"
    r"|^#+ *(?:SYSTEM|DEVELOPER|ADMIN)\b.*?(?:^#+ *END\b[^\n]*|\n\s*\n|\Z)|\{\s*[\"']role[\"']\s*:.*?(?:\}|\Z)",
    re.DOTALL | re.MULTILINE,
)
_ASKED = re.compile(rf"\b{_MACHINE}\b", re.IGNORECASE)
_AROUND = " \t\n*_#>([-–—“\"'‘"
"""What may stand before the first word: emphasis, a bracket, a quotation mark."""
_REPORTED = re.compile(r"\w[^“\"]*[“\"]")
"""A quotation that begins in the middle of a sentence: what is reported, and said to nobody here."""


def asks_of_machines(question: str) -> bool:
    """Whether a question is itself about such programs, so that what an article tells them may be what is asked for."""
    return bool(_ASKED.search(question))


def for_machines(text: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]``, a sentence, tells programs what to answer, or stands in a comment or block that is marked off."""
    if any(s < end and start < e for s, e in (found.span() for found in _MARKED_OFF.finditer(text))):
        return True
    sentence = text[start:end].lstrip(_AROUND).replace("*", "").replace("_", "")
    found = _TO_MACHINES.search(sentence)
    return found is not None and not _REPORTED.match(sentence[: found.start()])
