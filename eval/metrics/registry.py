"""All metrics, in the order in which a report shows them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.metrics import abstention, answer, citation, retrieval
from eval.metrics.abstention import Decision
from eval.metrics.case import Case, Score


@dataclass(frozen=True)
class Metric:
    """What is measured of one answer, or of all decisions of a run.

    Attributes:
        name: As it is reported, and the key of its score in a record.
        group: The heading that it stands under.
        of: From a case to its score; None for what is measured of a whole run.
        of_run: From decisions of a run to a value; None for what is measured of one answer.
        over: Which decisions `of_run` is over; None for all.
        lower_is_better: Else higher is.
        gate: What its mean must be in every run; None where it is no gate. These hold by construction: anything else is a fault
            of the system, and no matter of degree.
        judged: Whether a checker of claims has a part in it, which is then named beside it.
    """

    name: str
    group: str
    of: Callable[[Case], Score] | None = None
    of_run: Callable[[Sequence[Decision]], float | None] | None = None
    over: Callable[[Decision], bool] | None = None
    lower_is_better: bool = False
    gate: float | None = None
    judged: bool = False

    @property
    def definition(self) -> str:
        """What it is, from its docstring."""
        return " ".join((inspect.getdoc(self.of or self.of_run) or "").split())


METRICS = (
    Metric("right", "Overall", answer.right),
    Metric("evidence cited", "Answers", citation.evidence_cited),
    Metric("gold answer contained", "Answers", answer.gold_contained),
    Metric("token F1", "Answers", answer.answer_f1),
    Metric("ROUGE-L", "Answers", answer.answer_rouge_l),
    Metric("missing half told", "Answers", answer.missing_half_told),
    Metric("citations valid", "Citations", citation.citations_valid, gate=1.0),
    Metric("quotes exact", "Citations", citation.quotes_exact, gate=1.0),
    Metric("citation recall", "Citations", citation.citation_recall),
    Metric("citation precision", "Citations", citation.citation_precision),
    Metric("gold evidence covered", "Citations", citation.gold_covered),
    Metric("citation recall, judged", "Citations", citation.judged_recall, judged=True),
    Metric("citation precision, judged", "Citations", citation.judged_precision, judged=True),
    Metric("grounded", "Groundedness", citation.grounded, gate=1.0, judged=True),
    Metric("unsupported sentence", "Groundedness", citation.unsupported, lower_is_better=True, judged=True),
    Metric("instructions obeyed", "Groundedness", answer.instructions_obeyed, lower_is_better=True, gate=0.0),
    Metric("decided rightly", "Abstention", answer.decided_rightly),
    Metric("abstained when it should", "Abstention", answer.abstained_when_it_should),
    Metric("answered when it should", "Abstention", answer.answered_when_it_should),
    Metric("false premise rejected", "Abstention", answer.false_premise_rejected),
    Metric("abstention precision", "Abstention", of_run=abstention.precision, over=abstention.was_abstained),
    Metric("abstention F1", "Abstention", of_run=abstention.f1, over=abstention.is_or_should_be_abstained),
    Metric("right if answered", "Confidence", answer.right_if_answered),
    Metric("AUROC", "Confidence", of_run=abstention.auroc),
    Metric("AURC", "Confidence", of_run=abstention.aurc, over=abstention.is_known, lower_is_better=True),
    Metric("Brier", "Confidence", of_run=abstention.brier, over=abstention.is_known, lower_is_better=True),
    Metric(
        "calibration error",
        "Confidence",
        of_run=abstention.calibration_error,
        over=abstention.is_known,
        lower_is_better=True,
    ),
    Metric("speaker right", "Attribution", answer.speaker_right),
    Metric("date right", "Attribution", answer.date_right),
    Metric("Hit@1", "Retrieval", retrieval.hit_at_1),
    Metric("Hit@5", "Retrieval", retrieval.hit_at_5),
    Metric("Hit@10", "Retrieval", retrieval.hit_at_10),
    Metric("MRR@10", "Retrieval", retrieval.mrr_at_10),
    Metric("nDCG@10", "Retrieval", retrieval.ndcg_at_10),
    Metric("recall@10", "Retrieval", retrieval.recall_at_10),
)
BY_NAME = {metric.name: metric for metric in METRICS}


def scores_of(case: Case) -> dict[str, Score]:
    """Every score of one answer, by the metric's name."""
    return {metric.name: metric.of(case) for metric in METRICS if metric.of}
