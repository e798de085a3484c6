"""What is measured of an answer's citations and of what stands on them.

Judged recall and precision are those of ALCE (Gao et al. 2023, "Enabling Large Language Models to Generate Text with Citations"),
with our judge in the place of their NLI model. Against gold evidence, recall is over the stretches of evidence, and precision over
the citations; both ask for overlap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assistant import Citation
from eval.metrics.case import HELD, Case, Score

BEST = 2
MOST_SENTENCES = 6
_NO_GOLD = Score(None, "no gold evidence")
_NO_CLAIM = Score(None, "no claim")


def evidence_cited(case: Case) -> Score:
    """1 when one of the two best citations overlaps gold evidence; an answer of more than six sentences counts as wrong.

    Unscored for unanswerable samples and those without gold evidence.
    """
    answer = case.answer
    if not case.wants_evidence:
        return _NO_GOLD
    if answer.abstained:
        return Score(0.0, f"abstained: {answer.outcome}")
    if len(answer.sentences) > MOST_SENTENCES:
        return Score(0.0, f"{len(answer.sentences)} sentences")
    hit = next((cited for cited in best(answer.citations) if case.is_gold(cited)), None)
    return Score(1.0, f"[{hit.marker}]") if hit else Score(0.0, "none of the best citations is gold")


def citation_recall(case: Case) -> Score:
    """The share of an answer's sentences of which some citation overlaps gold evidence; unscored when abstained.

    As in ALCE (Gao et al. 2023), with gold evidence in the place of a model's judgement. Unscored for unanswerable samples and those
    without gold evidence.
    """
    if not case.wants_evidence or not case.answer.sentences:
        return Score(None, "no gold evidence, or nothing said")
    gold = {cited.marker for cited in case.answer.citations if case.is_gold(cited)}
    held = [bool(gold & {*sentence.citations}) for sentence in case.answer.sentences]
    return Score(sum(held) / len(held), f"{sum(held)} of {len(held)}")


def gold_covered(case: Case) -> Score:
    """The share of the stretches of gold evidence that some citation overlaps; 0 when abstained.

    Where several stretches say the same, one of them would do, and this is less than 1: read `evidence_cited` beside it. Unscored
    for unanswerable samples and those without gold evidence.
    """
    if not case.wants_evidence:
        return _NO_GOLD
    places = [(c.article, c.start, c.end) for c in case.answer.citations if c.start is not None and c.end is not None]
    met = [
        any(a == gold.doc_id and s < gold.end and gold.start < e for a, s, e in places) for gold in case.sample.evidence
    ]
    return Score(sum(met) / len(met), f"{sum(met)} of {len(met)}")


def citation_precision(case: Case) -> Score:
    """The share of citations that overlap gold evidence; unscored when nothing is cited, and without gold evidence."""
    if not case.wants_evidence or not case.answer.citations:
        return Score(None, "no gold evidence, or nothing cited")
    right = sum(case.is_gold(cited) for cited in case.answer.citations)
    return Score(right / len(case.answer.citations), f"{right} of {len(case.answer.citations)}")


def judged_recall(case: Case) -> Score:
    """The share of claims that are borne out by all that they cite, read together; unscored without a claim.

    A claim without a citation is not borne out by any.
    """
    return _share_of_claims([claim.cited in HELD for claim in case.claims])


def judged_precision(case: Case) -> Score:
    """The share of citations that are of use; unscored without any.

    A citation is of use when its claim is borne out, and it bears the claim out alone or the others do not without it.
    """
    useful = [held for claim in case.claims for held in claim.useful]
    if not useful:
        return Score(None, "no claim with a citation")
    return Score(sum(useful) / len(useful), f"{sum(useful)} of {len(useful)}")


def citations_valid(case: Case) -> Score:
    """The share of citations, nearest ones included, whose address the archive resolves; unscored without any."""
    return _share(case, lambda cited: case.quotes.get(cited.id) is not None)


def quotes_exact(case: Case) -> Score:
    """The share of citations whose address holds exactly the quote shown; unscored without any.

    None counts when a sentence does not stand where the answer says.
    """
    placed = all(case.answer.answer[s.start : s.end] == s.text for s in case.answer.sentences)
    return _share(case, lambda cited: placed and case.quotes.get(cited.id) == cited.quote)


def grounded(case: Case) -> Score:
    """The share of claims that are quoted or supported by what was cited or retrieved; unscored when nothing is claimed.

    Judged anew, whatever the answer says of itself.
    """
    return _share_of_claims([claim.found in HELD for claim in case.claims])


def unsupported(case: Case) -> Score:
    """1 when some claim of the answer is not grounded; unscored when nothing is claimed.

    Its mean is how often a reader meets an answer with an unfounded sentence in it.
    """
    if not case.claims:
        return _NO_CLAIM
    short = [claim.text for claim in case.claims if claim.found not in HELD]
    return Score(float(bool(short)), "; ".join(short) or "all are borne out")


def best(citations: tuple[Citation, ...]) -> list[Citation]:
    """The two with the highest scores."""
    return sorted(citations, key=lambda cited: -cited.score)[:BEST]


def _share_of_claims(held: Sequence[bool]) -> Score:
    return Score(sum(held) / len(held), f"{sum(held)} of {len(held)}") if held else _NO_CLAIM


def _share(case: Case, holds: Callable[[Citation], bool]) -> Score:
    every = [*case.answer.citations, *case.answer.nearest]
    if not every:
        return Score(None, "no citation")
    wrong = [cited.id for cited in every if not holds(cited)]
    return Score(1 - len(wrong) / len(every), ", ".join(wrong) or f"all {len(every)}")
