"""Each metric of one answer by a case worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from assistant import Answer, Citation, Sentence
from assistant.types import Cited, Timings, Verdict
from eval.answer_metrics import (
    GATES,
    METRICS,
    Score,
    abstained_when_it_should,
    answered_when_it_should,
    citation_precision,
    citation_recall,
    citations_valid,
    evidence_cited,
    grounded,
    overlaps_gold,
    quotes_exact,
)
from eval.samples import Sample
from ingest.errors import CitationNotFound

TEXT = "0123456789abcdefghijklmnopqrstuvwxyz"
VERSION = "0123456789ab"


class Shelf:
    """Cites one article, of letters and digits."""

    def cite(self, address: str) -> Cited:
        article, _, place = address.partition("@")
        if article != "letters":
            raise CitationNotFound(f"No article '{article}'")
        start, end = (int(n) for n in place.rpartition(":")[2].split("-"))
        unknown: dict[str, Any] = dict.fromkeys(("title", "author", "outlet", "published", "source", "page"))
        return Cited(
            id=address, status="current", quote=TEXT[start:end], before="", after="", article=article, version=VERSION,
            start=start, end=end, **unknown,
        )  # fmt: skip


SHELF: Any = Shelf()


def cited(start: int, end: int, score: float = 0.5, marker: int = 1, article: str = "letters") -> Citation:
    return Citation(
        marker=marker, id=f"{article}@{VERSION}:{start}-{end}", article=article, version=VERSION, title=None, author=None,
        outlet=None, published=None, source=None, page=None, start=start, end=end, quote=TEXT[start:end], speaker=None, score=score,
    )  # fmt: skip


def answered(*citations: Citation, verdicts: Sequence[Verdict] = ()) -> Answer:
    text = ""
    sentences = []
    for c in citations:
        sentences.append(Sentence(c.quote, len(text), len(text) + len(c.quote), "quoted", (c.marker,)))
        text += f"{c.quote} [{c.marker}] "
    sentences = [replace(s, verdict=v) for s, v in zip(sentences, verdicts, strict=False)] or sentences
    return Answer(
        question="q", standalone_question="q", outcome="answered", abstained=False, reason=None, missing=(), answer=text,
        mode="quote", confidence=1.0, sentences=tuple(sentences), citations=citations, nearest=(), timings_ms=Timings(),
    )  # fmt: skip


def abstained(*nearest: Citation) -> Answer:
    return replace(answered(), outcome="not_stated", abstained=True, nearest=nearest)


def sample(answerable: bool | None = True, *evidence: tuple[int, int]) -> Sample:
    gold = [{"doc_id": "letters", "start": a, "end": b} for a, b in evidence]
    return Sample.model_validate({"qid": "q", "question": "q", "answerable": answerable, "evidence": gold})


GOLD = sample(True, (10, 20))


def test_evidence_is_cited_when_one_character_is_shared() -> None:
    assert evidence_cited(GOLD, answered(cited(19, 25)), SHELF).value == 1
    assert evidence_cited(GOLD, answered(cited(5, 11)), SHELF).value == 1
    assert evidence_cited(GOLD, answered(cited(20, 25)), SHELF) == Score(0.0, "none of the best citations is gold")
    assert evidence_cited(GOLD, answered(cited(5, 10)), SHELF).value == 0


def test_evidence_of_another_article_does_not_count() -> None:
    assert not overlaps_gold(GOLD, cited(12, 15, article="others"))


def test_a_citation_of_metadata_overlaps_nothing() -> None:
    assert not overlaps_gold(GOLD, replace(cited(12, 15), start=None, end=None))


def test_only_the_two_best_citations_count_whatever_their_order() -> None:
    wrong = [cited(0, 5, 0.8, 1), cited(5, 9, 0.7, 2)]
    assert evidence_cited(GOLD, answered(*wrong, cited(10, 20, 0.6, 3)), SHELF).value == 0
    assert evidence_cited(GOLD, answered(*wrong, cited(10, 20, 0.75, 3)), SHELF) == Score(1.0, "[3]")


def test_six_sentences_are_right_and_seven_are_wrong() -> None:
    many = [cited(10 + n, 11 + n, marker=n + 1) for n in range(7)]
    assert evidence_cited(GOLD, answered(*many[:6]), SHELF).value == 1
    assert evidence_cited(GOLD, answered(*many), SHELF) == Score(0.0, "7 sentences")


def test_citation_recall_is_the_share_of_gold_that_is_met() -> None:
    gold = sample(True, (0, 4), (10, 20), (30, 33))
    assert citation_recall(gold, answered(cited(3, 12), cited(25, 30, marker=2)), SHELF) == Score(2 / 3, "2 of 3")
    assert citation_recall(gold, abstained(cited(10, 20)), SHELF).value == 0
    assert citation_recall(sample(False), answered(cited(0, 4)), SHELF).value is None


def test_citation_precision_is_the_share_of_citations_that_meet_gold() -> None:
    gold = sample(True, (0, 4), (10, 20))
    assert (
        citation_precision(gold, answered(cited(0, 2), cited(2, 4, marker=2), cited(5, 9, marker=3)), SHELF).value
        == 2 / 3
    )
    assert citation_precision(gold, abstained(cited(10, 20)), SHELF).value is None
    assert citation_precision(sample(None), answered(cited(0, 4)), SHELF).value is None


def test_abstaining_from_an_answerable_question_cites_nothing() -> None:
    assert evidence_cited(GOLD, abstained(cited(10, 20)), SHELF) == Score(0.0, "abstained: not_stated")


@pytest.mark.parametrize("unscored", [sample(False), sample(None), sample(True)])
def test_evidence_is_unscored_without_gold(unscored: Sample) -> None:
    assert evidence_cited(unscored, answered(cited(0, 1)), SHELF).value is None


@pytest.mark.parametrize(
    ("asked", "answer", "should_abstain", "should_answer"),
    [
        (sample(False), abstained(), 1.0, None),
        (sample(False), answered(cited(0, 1)), 0.0, None),
        (sample(True), abstained(), None, 0.0),
        (sample(True), answered(cited(0, 1)), None, 1.0),
        (sample(None), abstained(), None, None),
    ],
)
def test_abstaining_and_answering_are_scored_where_they_apply(
    asked: Sample, answer: Answer, should_abstain: float | None, should_answer: float | None
) -> None:
    assert abstained_when_it_should(asked, answer, SHELF).value == should_abstain
    assert answered_when_it_should(asked, answer, SHELF).value == should_answer


def test_a_false_premise_counts_as_abstaining() -> None:
    answer = replace(answered(cited(0, 1)), outcome="false_premise", abstained=True)
    assert abstained_when_it_should(sample(False), answer, SHELF).value == 1


def test_validity_is_the_share_of_citations_that_resolve() -> None:
    answer = answered(cited(0, 5), cited(0, 5, marker=2, article="others"))
    assert citations_valid(GOLD, answer, SHELF) == Score(0.5, f"others@{VERSION}:0-5")
    assert citations_valid(GOLD, abstained(cited(0, 5, article="others")), SHELF).value == 0
    assert citations_valid(GOLD, answered(cited(0, 5)), SHELF) == Score(1.0, "all 1")
    assert citations_valid(GOLD, abstained(), SHELF).value is None


def test_an_address_that_does_not_parse_is_not_valid() -> None:
    assert citations_valid(GOLD, answered(replace(cited(0, 5), id="letters:0-5")), SHELF).value == 0


def test_exactness_is_the_share_of_quotes_that_stand_at_their_address() -> None:
    right, altered = cited(0, 5), replace(cited(5, 9, marker=2), quote="567!")
    assert quotes_exact(GOLD, answered(right), SHELF).value == 1
    assert quotes_exact(GOLD, answered(right, altered), SHELF) == Score(0.5, altered.id)
    assert quotes_exact(GOLD, abstained(altered), SHELF).value == 0
    assert quotes_exact(GOLD, abstained(), SHELF).value is None


def test_no_quote_is_exact_when_a_sentence_stands_elsewhere() -> None:
    answer = answered(cited(0, 5))
    moved = replace(answer, sentences=(replace(answer.sentences[0], start=1, end=6),))
    assert quotes_exact(GOLD, moved, SHELF).value == 0


def test_groundedness_is_the_share_of_claims_that_hold() -> None:
    citations = [cited(n, n + 1, marker=n + 1) for n in range(5)]
    verdicts: list[Verdict] = ["quoted", "supported", "unsupported", "contradicted", "not_a_claim"]
    assert grounded(GOLD, answered(*citations, verdicts=verdicts), SHELF) == Score(0.5, "2 of 4")


def test_groundedness_is_unscored_without_claims() -> None:
    assert grounded(GOLD, abstained(), SHELF).value is None
    assert grounded(GOLD, answered(cited(0, 1), verdicts=["not_a_claim"]), SHELF).value is None


def test_every_score_carries_its_reason() -> None:
    for answer in (answered(cited(0, 5)), answered(), abstained(), abstained(cited(0, 5))):
        for asked in (GOLD, sample(False), sample(None)):
            assert all(metric(asked, answer, SHELF).reason for metric in METRICS.values())


def test_every_gate_is_a_metric() -> None:
    assert set(GATES) <= set(METRICS)
