"""What is measured of one answer; each metric is unscored (None) where it does not apply, which is not the same as 0."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assistant import Answer, Assistant, Citation
from eval.samples import Sample
from ingest.errors import CitationNotFound

BEST = 2
MOST_SENTENCES = 6


@dataclass(frozen=True)
class Score:
    """One value, 0..1, with its reason; a value of None means unscored."""

    value: float | None
    reason: str


def evidence_cited(sample: Sample, answer: Answer, _: Assistant) -> Score:
    """1 when one of the two best citations overlaps gold evidence; an answer of more than six sentences counts as wrong.

    Unscored for unanswerable samples and those without gold evidence.
    """
    if not sample.answerable or not sample.evidence:
        return Score(None, "no gold evidence")
    if answer.abstained:
        return Score(0.0, f"abstained: {answer.outcome}")
    if len(answer.sentences) > MOST_SENTENCES:
        return Score(0.0, f"{len(answer.sentences)} sentences")
    best = sorted(answer.citations, key=lambda cited: -cited.score)[:BEST]
    hit = next((cited for cited in best if overlaps_gold(sample, cited)), None)
    return Score(1.0, f"[{hit.marker}]") if hit else Score(0.0, "none of the best citations is gold")


def citation_recall(sample: Sample, answer: Answer, _: Assistant) -> Score:
    """The share of gold evidence that some citation overlaps; 0 when abstained.

    After ALCE (Gao et al. 2023), with overlap of gold evidence in the place of entailment. Unscored for unanswerable samples
    and those without gold evidence.
    """
    if not sample.answerable or not sample.evidence:
        return Score(None, "no gold evidence")
    met = [
        any(overlaps_gold(sample.model_copy(update={"evidence": (gold,)}), cited) for cited in answer.citations)
        for gold in sample.evidence
    ]
    return Score(sum(met) / len(met), f"{sum(met)} of {len(met)}")


def citation_precision(sample: Sample, answer: Answer, _: Assistant) -> Score:
    """The share of citations that overlap gold evidence (see `citation_recall`); unscored when nothing is cited."""
    if not sample.answerable or not sample.evidence or not answer.citations:
        return Score(None, "no gold evidence, or nothing cited")
    right = sum(overlaps_gold(sample, cited) for cited in answer.citations)
    return Score(right / len(answer.citations), f"{right} of {len(answer.citations)}")


def abstained_when_it_should(sample: Sample, answer: Answer, _: Assistant) -> Score:
    """1 when an unanswerable question is abstained from; unscored for all others."""
    if sample.answerable is not False:
        return Score(None, "not unanswerable")
    return Score(float(answer.abstained), answer.outcome)


def answered_when_it_should(sample: Sample, answer: Answer, _: Assistant) -> Score:
    """1 when an answerable question is answered, rightly or not; unscored for all others."""
    if not sample.answerable:
        return Score(None, "not answerable")
    return Score(float(not answer.abstained), answer.outcome)


def citations_valid(_: Sample, answer: Answer, assistant: Assistant) -> Score:
    """The share of citations, nearest ones included, whose address the archive resolves; unscored without any."""
    return _share(answer, lambda cited: _quote_at(assistant, cited.id) is not None)


def quotes_exact(_: Sample, answer: Answer, assistant: Assistant) -> Score:
    """The share of citations whose address holds exactly the quote shown; unscored without any.

    None counts when a sentence does not stand where the answer says.
    """
    placed = all(answer.answer[s.start : s.end] == s.text for s in answer.sentences)
    return _share(answer, lambda cited: placed and _quote_at(assistant, cited.id) == cited.quote)


def grounded(_: Sample, answer: Answer, __: Assistant) -> Score:
    """The share of claims that are quoted or supported; unscored when nothing is claimed."""
    claims = [s for s in answer.sentences if s.verdict != "not_a_claim"]
    if not claims:
        return Score(None, "no claim")
    held = sum(s.verdict in ("quoted", "supported") for s in claims)
    return Score(held / len(claims), f"{held} of {len(claims)}")


Metric = Callable[[Sample, Answer, Assistant], Score]
METRICS: Mapping[str, Metric] = {
    "evidence cited": evidence_cited,
    "citation recall": citation_recall,
    "citation precision": citation_precision,
    "abstained when it should": abstained_when_it_should,
    "answered when it should": answered_when_it_should,
    "citations valid": citations_valid,
    "quotes exact": quotes_exact,
    "grounded": grounded,
}
GATES: Mapping[str, float] = {"citations valid": 1.0, "quotes exact": 1.0, "grounded": 1.0}
"""What each must reach: these hold by construction, so anything less is a fault of the product."""


def overlaps_gold(sample: Sample, cited: Citation) -> bool:
    """Whether a citation shares a character with gold evidence."""
    return cited.start is not None and cited.end is not None and sample.is_gold(cited.article, cited.start, cited.end)


def _share(answer: Answer, holds: Callable[[Citation], bool]) -> Score:
    every = [*answer.citations, *answer.nearest]
    if not every:
        return Score(None, "no citation")
    wrong = [cited.id for cited in every if not holds(cited)]
    return Score(1 - len(wrong) / len(every), ", ".join(wrong) or f"all {len(every)}")


def _quote_at(assistant: Assistant, address: str) -> str | None:
    try:
        return assistant.cite(address).quote
    except CitationNotFound:
        return None
