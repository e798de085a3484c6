"""An answer examined: its addresses opened, its claims judged anew, and every metric scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assistant import Sentence
from assistant.grounding.evidence_text import EvidenceText
from assistant.grounding.judge import Judge, is_claim
from assistant.retrieval import Hit
from assistant.types import Verdict
from eval.metrics.case import HELD, Case, Claim
from eval.samples import Sample
from eval.systems import Answered
from ingest.records import Passage

APART = "\n\n"
"""Between two passages that are judged by together."""


class Examiner:
    """Turns answers into cases; of the verdicts that an answer gives itself none is believed.

    Args:
        judge: Without a language model, so that the same answer is always judged the same.
        quote_at: What the archive holds at an address; None where it does not resolve.
        passages_of: The passages that are searched, of these articles.
    """

    def __init__(
        self,
        judge: Judge,
        quote_at: Callable[[str], str | None],
        passages_of: Callable[[Sequence[str]], Sequence[Passage]],
    ) -> None:
        self._judge = judge
        self._quote_at = quote_at
        self._passages_of = passages_of

    def examine(self, sample: Sample, answered: Answered) -> Case:
        """All that the metrics look at."""
        answer = answered.answer
        quotes = {cited.id: self._quote_at(cited.id) for cited in (*answer.citations, *answer.nearest)}
        by_marker = {cited.marker: quotes[cited.id] for cited in answer.citations}
        claims = [
            self._claim(sentence, [by_marker.get(marker) for marker in sentence.citations], answered.hits)
            for sentence in answer.sentences
            if is_claim(sentence.text)
        ]
        gold = self._passages_of(sorted({stretch.doc_id for stretch in sample.evidence}))
        count = sum(sample.is_gold(passage.article, passage.start, passage.end) for passage in gold)
        return Case(sample, answer, answered.hits, quotes, claims, count)

    def _claim(self, sentence: Sentence, cited: Sequence[str | None], hits: Sequence[Hit]) -> Claim:
        text, held = sentence.text, [quote for quote in cited if quote]
        verdict = self._verdict(text, held)
        retrieved = [*held, *(hit.passage.text for hit in hits)]
        found = verdict if verdict in HELD else self._verdict(text, retrieved)
        useful = [
            quote is not None and verdict in HELD and self._is_of_use(text, n, cited) for n, quote in enumerate(cited)
        ]
        return Claim(text, verdict, found, tuple(useful))

    def _is_of_use(self, text: str, place: int, cited: Sequence[str | None]) -> bool:
        others = [quote for n, quote in enumerate(cited) if quote and n != place]
        alone = [quote for quote in cited[place : place + 1] if quote]
        return not others or self._verdict(text, alone) in HELD or self._verdict(text, others) not in HELD

    def _verdict(self, text: str, passages: Sequence[str]) -> Verdict:
        if not passages:
            return "unsupported"
        return self._judge.judge_text(text, EvidenceText.of(APART.join(passages))).verdict
