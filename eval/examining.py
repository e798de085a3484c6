"""An answer examined: its addresses opened, its claims judged anew, and every metric scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assistant import Answer, Sentence
from assistant.grounding.evidence_text import EvidenceText
from assistant.grounding.judge import Judge, is_claim
from assistant.retrieval import Hit
from assistant.types import Verdict
from eval.metrics.case import HELD, Case, Claim
from eval.samples import Sample
from eval.systems import Answered

APART = "\n\n"
"""Between two passages that are judged by together."""


class Examiner:
    """Turns answers into cases. Of the verdicts that an answer gives itself one is believed: that a sentence is no claim.

    Args:
        judge: Without a language model, so that the same answer is always judged the same.
        quote_at: What the archive holds at an address; None where it does not resolve.
    """

    def __init__(self, judge: Judge, quote_at: Callable[[str], str | None]) -> None:
        self._judge = judge
        self._quote_at = quote_at

    def examine(self, sample: Sample, answered: Answered) -> Case:
        """All that the metrics look at."""
        answer = answered.answer
        quotes = {cited.id: self._quote_at(cited.id) for cited in (*answer.citations, *answer.nearest)}
        by_marker = {cited.marker: quotes[cited.id] for cited in answer.citations}
        claims = [
            self._claim(sentence, [by_marker.get(marker) for marker in sentence.citations], answered.hits)
            for sentence in _claims(answer)
        ]
        return Case(sample, answer, answered.hits, quotes, claims)

    def _claim(self, sentence: Sentence, cited: Sequence[str | None], hits: Sequence[Hit]) -> Claim:
        text, held = sentence.text, [quote for quote in cited if quote]
        verdict = self._verdict(text, held)
        retrieved = [*held, *(hit.passage.text for hit in hits)]
        found = verdict if verdict in HELD else self._verdict(text, retrieved)
        useful = [quote is not None and verdict in HELD and self._is_of_use(text, quote, held) for quote in cited]
        return Claim(text, verdict, found, tuple(useful))

    def _is_of_use(self, text: str, quote: str, held: Sequence[str]) -> bool:
        others = [other for other in held if other != quote]
        return not others or self._verdict(text, [quote]) in HELD or self._verdict(text, others) not in HELD

    def _verdict(self, text: str, passages: Sequence[str]) -> Verdict:
        if not passages:
            return "unsupported"
        return self._judge.judge_text(text, EvidenceText.of(APART.join(passages))).verdict


def _claims(answer: Answer) -> list[Sentence]:
    return [s for s in answer.sentences if s.verdict != "not_a_claim" and is_claim(s.text)]
