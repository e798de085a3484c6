"""The judge: a claim and its evidence in; a verdict, a score and reasons out. A layer a line, cheap and certain ones first."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assistant.grounding.claim_reader import ClaimRead, Claims
from assistant.grounding.claim_reader import load as load_claims
from assistant.grounding.comparison import Comparison
from assistant.grounding.evidence_text import EvidenceText
from assistant.grounding.findings import Finding
from assistant.grounding.llm_support import LlmSupport, Support
from assistant.grounding.names import names
from assistant.grounding.polarity import polarity
from assistant.grounding.quotes import Found, find_quote, quotations, undone
from assistant.grounding.relevant import relevant
from assistant.grounding.speaking import speaking
from assistant.grounding.stated_quantities import only_written_otherwise, stated_quantities
from assistant.grounding.stitched import stitched
from assistant.grounding.weighing import is_certain, odds_of, odds_of_text, score_of, wrong_words
from assistant.grounding.words import words_of
from assistant.linear import logistic
from assistant.settings import GroundingSettings
from assistant.types import Reason, Verdict
from ingest.splitting import split_sentences

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

QUOTED = 0.99
"""Score of a quote: what stands there word for word is said there, but for irony and what the words around it undo."""
SAME_VALUES = 0.97
"""Score of a version of a sentence that differs from it in nothing but how numbers and dates are written."""
NO_EVIDENCE = 0.01
SAME_SUBJECT = 0.4
"""Share of a claim's content words, by rarity, that evidence must have in order to contradict it."""
FAIR_SHARE = 0.2
"""Share of a claim's content words, by rarity, that a further sentence must add in order to be cited as well."""
MOST_CITED = 3
_NO_CLAIM = re.compile(
    r"^\W*(?:(?:hi|hello|hey|thanks|thank you|sure|certainly|of course|great|ok|okay|sorry)\b[\w ]{0,20}\W*|(?:yes|no)\W*"
    r"|https?://\S+\W*|\|.*|(?:let me|please|here (?:is|are))\b.{0,40}"
    r"|(?:i (?:(?:do not|don['’]t|cannot|can['’]t) (?:have|know|find|see|provide|answer|say)|am (?:not able|unable))"
    r"|i['’]m (?:sorry|unable|not able))\b.*)$",
    re.IGNORECASE | re.DOTALL,
)
_FEWEST = 2
_GOOD = frozenset(("quoted", "supported"))


@dataclass(frozen=True)
class Judgement:
    """What the judge says of a claim.

    Attributes:
        verdict: One of the five.
        score: How likely the evidence supports it, 0..1.
        reasons: What is not borne out, and what the evidence has there.
        evidence: The sentences that it was checked against first, as places in `EvidenceText.spans`, in order.
    """

    verdict: Verdict
    score: float
    reasons: tuple[Reason, ...] = ()
    evidence: tuple[int, ...] = ()


@dataclass(frozen=True)
class Examined:
    """A claim after the layers that need no model; `pair` is what the claim reader reads, None where nothing is left to read."""

    judgement: Judgement | None
    comparison: Comparison
    findings: tuple[Finding, ...] = ()
    pair: tuple[str, str] | None = None

    @property
    def certain(self) -> bool:
        """Whether a layer is certain of the contrary, so that a language model need not be asked."""
        return is_certain(self.comparison, self.findings)


class Judge:
    """Checks claims against evidence.

    Args:
        claims: The claim reader; None to judge by the other layers alone.
        settings: How strict it is.
        llm: A language model as the last layer, asked of what the others leave open; None for none.
    """

    def __init__(self, claims: Claims | None, settings: GroundingSettings, llm: Support | None = None) -> None:
        self._claims = claims
        self._settings = settings
        self._llm = llm

    def judge(self, claim: str, evidence: EvidenceText) -> Judgement:
        """The verdict on one sentence."""
        return self.judge_all([(claim, evidence)])[0]

    def judge_all(self, pairs: Sequence[tuple[str, EvidenceText]]) -> list[Judgement]:
        """The verdicts on several, read at once."""
        examined = [examine(claim, evidence) for claim, evidence in pairs]
        unread = [e.pair for e in examined if e.pair]
        reads = iter(self._claims.read(unread)) if self._claims and unread else iter(())
        unsure = [e.pair for e in examined if e.pair and not e.certain]
        llms = iter(self._llm.log_odds(unsure)) if self._llm and unsure else iter(())
        return [
            e.judgement or self._weighed(e, next(reads, None), None if e.certain else next(llms, None))
            for e in examined
        ]

    def _weighed(self, examined: Examined, read: ClaimRead | None, llm: float | None) -> Judgement:
        odds = odds_of(examined.comparison, examined.findings, read)
        score = score_of(odds, llm, certain=examined.certain)
        supported = score >= self._settings.min_score
        findings = list(examined.findings)
        if not supported and not any(f.contrary for f in findings):
            findings += wrong_words(examined.comparison, findings, read)
        contrary = any(f.contrary for f in findings) and speaks_of(examined.comparison, findings)
        verdict: Verdict = "supported" if supported else "contradicted" if contrary else "unsupported"
        if not supported and not findings:
            findings = [Finding("not_found", examined.comparison.claim, "")]
        reasons = () if supported else tuple(Reason(f.kind, f.claim, f.evidence) for f in findings)
        return Judgement(verdict, score, reasons, standing_on(examined.comparison))

    def judge_text(self, text: str, evidence: EvidenceText) -> Judgement:
        """The verdict on a text of one sentence or several.

        Of several see `odds_of_text`; one that is contradicted settles it.
        """
        return self.judge_texts([(text, evidence)])[0]

    def judge_texts(self, texts: Sequence[tuple[str, EvidenceText]]) -> list[Judgement]:
        """The same for several texts, read at once."""
        parts = [[text[a:b] for a, b in split_sentences(text)] or [text] for text, _ in texts]
        whole = [[text] if len(part) > 1 else [] for part, (text, _) in zip(parts, texts, strict=True)]
        every = [
            (claim, evidence)
            for part, again, (_, evidence) in zip(parts, whole, texts, strict=True)
            for claim in (*part, *again)
        ]
        judged = iter(self.judge_all(every))
        return [
            self._of_text([next(judged) for _ in part], [next(judged) for _ in again])
            for part, again in zip(parts, whole, strict=True)
        ]

    def _of_text(self, sentences: Sequence[Judgement], whole: Sequence[Judgement]) -> Judgement:
        claims = [j for j in sentences if j.verdict != "not_a_claim"]
        if len(claims) < 2 or not whole:
            return claims[0] if claims else sentences[0]
        worst = min(claims, key=lambda j: j.score)
        joined = odds_of_text([_log_odds(j.score) for j in claims], _log_odds(whole[0].score))
        score = round(float(logistic(np.array(joined, np.float32))), 4)
        if worst.verdict == "contradicted":
            score = min(score, worst.score)
        supported = score >= self._settings.min_score
        verdict: Verdict = "supported" if supported else "unsupported" if worst.verdict in _GOOD else worst.verdict
        if all(j.verdict == "quoted" for j in claims):
            verdict = "quoted"
        return Judgement(verdict, score, tuple(r for j in claims for r in j.reasons), worst.evidence)


def _log_odds(score: float) -> float:
    kept = min(max(score, 0.001), 0.999)
    return math.log(kept / (1 - kept))


def load_judge(settings: GroundingSettings, llm: LLM | None = None) -> Judge:
    """The judge that the settings name.

    Args:
        settings: Its section.
        llm: A language model of llama-index as the last layer; None for none.

    Raises:
        ModelUnavailable: The claim reader's weights cannot be used.
    """
    return Judge(load_claims(settings.claim_reader), settings, LlmSupport(llm) if llm is not None else None)


def examine(claim: str, evidence: EvidenceText) -> Examined:
    """A claim through all layers but the claim reader.

    Args:
        claim: One sentence.
        evidence: What it is checked against.
    """
    sentences = evidence.sentences
    comparison = Comparison(claim, sentences)
    if not is_claim(claim):
        return Examined(Judgement("not_a_claim", 0.5), comparison)
    quote, speakers = find_quote(claim, sentences), _speakers(comparison, evidence)
    if quote is not None and not speakers:
        return Examined(_quoted(claim, quote, sentences), comparison)
    chosen = tuple(relevant(claim, sentences))
    if not chosen:
        return Examined(Judgement("unsupported", NO_EVIDENCE, (Reason("not_found", claim, ""),)), comparison)
    findings = (
        *quotations(claim, sentences),
        *stitched(comparison),
        *stated_quantities(comparison, evidence.day, evidence.known),
        *names(comparison, evidence.known),
        *polarity(comparison),
        *undone(claim, sentences),
        *speakers,
    )
    if not findings and only_written_otherwise(comparison, evidence.day):
        return Examined(Judgement("supported", SAME_VALUES, (), standing_on(comparison)), comparison)
    return Examined(None, comparison, findings, (claim, " ".join(sentences[i] for i in chosen)))


def speaks_of(comparison: Comparison, findings: Sequence[Finding]) -> bool:
    """Whether the nearest stretch is about the same as a claim, so that it can contradict it.

    It is when it has a fair share of the claim's content words, those left out that were found to be wrong.
    """
    if comparison.nearest is None:
        return False
    wrong = {w.form for f in findings for w in words_of(f.claim)}
    there = {w.form for w in comparison.nearest.words}
    rest = {form: weight for form, weight in comparison.weights.items() if form not in wrong}
    total = sum(rest.values())
    return total > 0 and sum(weight for form, weight in rest.items() if form in there) / total >= SAME_SUBJECT


def standing_on(comparison: Comparison) -> tuple[int, ...]:
    """The nearest stretch, and each further sentence that holds a fair share of what it lacks; places in order."""
    nearest = comparison.nearest
    if nearest is None:
        return ()
    chosen = list(range(nearest.first, nearest.last + 1))
    met = {w.form for w in nearest.words}
    total = sum(comparison.weights.values())
    while total:
        gains = [sum(comparison.weights[f] for f in held & set(comparison.weights) - met) for held in comparison.held]
        best = max(range(len(gains)), key=lambda i: gains[i])
        if best in chosen or gains[best] / total < FAIR_SHARE or len(chosen) >= MOST_CITED:
            return tuple(sorted(chosen))
        chosen.append(best)
        met |= comparison.held[best]
    return tuple(sorted(chosen))


def _speakers(comparison: Comparison, evidence: EvidenceText) -> list[Finding]:
    return list(speaking(comparison, evidence.text, evidence.spans, evidence.body_start))


def _quoted(claim: str, quote: Found, sentences: Sequence[str]) -> Judgement:
    stretch = " ".join(sentences[quote.first : quote.last + 1])
    reasons = () if quote.exact else (Reason("marks", claim, stretch),)
    return Judgement("quoted", QUOTED, reasons, tuple(range(quote.first, quote.last + 1)))


def is_claim(sentence: str) -> bool:
    """Whether a sentence states something that could be checked: no question, greeting, or remark on the answer itself."""
    words = words_of(sentence)
    content = [w for w in words if not w.empty]
    enough = len(content) >= _FEWEST or (bool(content) and len(words) > _FEWEST)
    return enough and not sentence.rstrip("\"”’') ").endswith("?") and not _NO_CLAIM.match(sentence)
