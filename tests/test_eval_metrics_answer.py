"""Each metric of one answer by a case worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from assistant import Answer, Citation, Sentence
from assistant.types import Speaker, Timings, Verdict
from eval.metrics import answer as of_answer
from eval.metrics.answer import abstained_when_it_should, answered_when_it_should
from eval.metrics.case import Case, Claim, Score
from eval.metrics.citation import (
    citation_precision,
    citation_recall,
    citations_valid,
    evidence_cited,
    gold_covered,
    grounded,
    judged_precision,
    judged_recall,
    quotes_exact,
    unsupported,
)
from eval.metrics.registry import BY_NAME, METRICS, scores_of
from eval.samples import Sample

TEXT = "0123456789abcdefghijklmnopqrstuvwxyz"
VERSION = "0123456789ab"


def case(asked: Sample, answer: Answer, claims: Sequence[Claim] = ()) -> Case:
    """A case whose addresses are opened on a shelf with one article, of letters and digits."""
    quotes: dict[str, str | None] = {}
    for found in (*answer.citations, *answer.nearest):
        article, _, place = found.id.partition("@")
        span = [int(n) for n in place.rpartition(":")[2].split("-")] if "@" in found.id else []
        quotes[found.id] = TEXT[slice(*span)] if article == "letters" and span else None
    return Case(asked, answer, (), quotes, claims)


def cited(start: int, end: int, score: float = 0.5, marker: int = 1, article: str = "letters") -> Citation:
    return Citation(
        marker=marker, id=f"{article}@{VERSION}:{start}-{end}", article=article, version=VERSION, title=None, author=None,
        outlet=None, published=None, source=None, page=None, start=start, end=end, quote=TEXT[start:end], speaker=None, score=score,
    )  # fmt: skip


def answered(*citations: Citation) -> Answer:
    text = ""
    sentences = []
    for c in citations:
        sentences.append(Sentence(c.quote, len(text), len(text) + len(c.quote), "quoted", (c.marker,)))
        text += f"{c.quote} [{c.marker}] "
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
    assert evidence_cited(case(GOLD, answered(cited(19, 25)))).value == 1
    assert evidence_cited(case(GOLD, answered(cited(5, 11)))).value == 1
    assert evidence_cited(case(GOLD, answered(cited(20, 25)))) == Score(0.0, "none of the best citations is gold")
    assert evidence_cited(case(GOLD, answered(cited(5, 10)))).value == 0


def test_evidence_of_another_article_does_not_count() -> None:
    assert not case(GOLD, answered()).is_gold(cited(12, 15, article="others"))


def test_a_citation_of_metadata_overlaps_nothing() -> None:
    assert not case(GOLD, answered()).is_gold(replace(cited(12, 15), start=None, end=None))


def test_only_the_two_best_citations_count_whatever_their_order() -> None:
    wrong = [cited(0, 5, 0.8, 1), cited(5, 9, 0.7, 2)]
    assert evidence_cited(case(GOLD, answered(*wrong, cited(10, 20, 0.6, 3)))).value == 0
    assert evidence_cited(case(GOLD, answered(*wrong, cited(10, 20, 0.75, 3)))) == Score(1.0, "[3]")


def test_six_sentences_are_right_and_seven_are_wrong() -> None:
    many = [cited(10 + n, 11 + n, marker=n + 1) for n in range(7)]
    assert evidence_cited(case(GOLD, answered(*many[:6]))).value == 1
    assert evidence_cited(case(GOLD, answered(*many))) == Score(0.0, "7 sentences")


def test_the_gold_that_is_covered_is_the_share_of_stretches_that_are_met() -> None:
    gold = sample(True, (0, 4), (10, 20), (30, 33))
    assert gold_covered(case(gold, answered(cited(3, 12), cited(25, 30, marker=2)))) == Score(2 / 3, "2 of 3")
    assert gold_covered(case(gold, abstained(cited(10, 20)))).value == 0
    assert gold_covered(case(sample(False), answered(cited(0, 4)))).value is None


def test_citation_recall_is_the_share_of_sentences_that_cite_gold() -> None:
    gold = sample(True, (0, 4), (10, 20))
    places = [cited(3, 12), cited(25, 30, marker=2), cited(31, 35, marker=3)]
    markers: list[tuple[int, ...]] = [(1,), (2, 1), (2, 3), ()]
    sentences = tuple(Sentence("It is.", 0, 6, "quoted", numbers) for numbers in markers)
    assert citation_recall(case(gold, replace(answered(*places), sentences=sentences))) == Score(2 / 4, "2 of 4")
    assert citation_recall(case(gold, abstained(cited(10, 20)))).value is None
    assert citation_recall(case(sample(False), answered(cited(0, 4)))).value is None


def test_citation_precision_is_the_share_of_citations_that_meet_gold() -> None:
    gold = sample(True, (0, 4), (10, 20))
    assert (
        citation_precision(case(gold, answered(cited(0, 2), cited(2, 4, marker=2), cited(5, 9, marker=3)))).value
        == 2 / 3
    )
    assert citation_precision(case(gold, abstained(cited(10, 20)))).value is None
    assert citation_precision(case(sample(None), answered(cited(0, 4)))).value is None


def test_abstaining_from_an_answerable_question_cites_nothing() -> None:
    assert evidence_cited(case(GOLD, abstained(cited(10, 20)))) == Score(0.0, "abstained: not_stated")


@pytest.mark.parametrize("unscored", [sample(False), sample(None), sample(True)])
def test_evidence_is_unscored_without_gold(unscored: Sample) -> None:
    assert evidence_cited(case(unscored, answered(cited(0, 1)))).value is None


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
    assert abstained_when_it_should(case(asked, answer)).value == should_abstain
    assert answered_when_it_should(case(asked, answer)).value == should_answer


def test_a_false_premise_counts_as_abstaining() -> None:
    answer = replace(answered(cited(0, 1)), outcome="false_premise", abstained=True)
    assert abstained_when_it_should(case(sample(False), answer)).value == 1


def test_validity_is_the_share_of_citations_that_resolve() -> None:
    answer = answered(cited(0, 5), cited(0, 5, marker=2, article="others"))
    assert citations_valid(case(GOLD, answer)) == Score(0.5, f"others@{VERSION}:0-5")
    assert citations_valid(case(GOLD, abstained(cited(0, 5, article="others")))).value == 0
    assert citations_valid(case(GOLD, answered(cited(0, 5)))) == Score(1.0, "all 1")
    assert citations_valid(case(GOLD, abstained())).value is None


def test_an_address_that_does_not_parse_is_not_valid() -> None:
    assert citations_valid(case(GOLD, answered(replace(cited(0, 5), id="letters:0-5")))).value == 0


def test_exactness_is_the_share_of_quotes_that_stand_at_their_address() -> None:
    right, altered = cited(0, 5), replace(cited(5, 9, marker=2), quote="567!")
    assert quotes_exact(case(GOLD, answered(right))).value == 1
    assert quotes_exact(case(GOLD, answered(right, altered))) == Score(0.5, altered.id)
    assert quotes_exact(case(GOLD, abstained(altered))).value == 0
    assert quotes_exact(case(GOLD, abstained())).value is None


def test_no_quote_is_exact_when_a_sentence_stands_elsewhere() -> None:
    answer = answered(cited(0, 5))
    moved = replace(answer, sentences=(replace(answer.sentences[0], start=1, end=6),))
    assert quotes_exact(case(GOLD, moved)).value == 0


def claim(cited: Verdict, found: Verdict = "unsupported", *useful: bool) -> Claim:
    return Claim(f"{cited} {found}", cited, found, useful)


def test_groundedness_is_the_share_of_claims_that_hold() -> None:
    claims = [
        claim("quoted", "quoted"),
        claim("unsupported", "supported"),
        claim("unsupported"),
        claim("contradicted", "contradicted"),
    ]
    found = case(GOLD, answered(), claims)
    assert grounded(found) == Score(0.5, "2 of 4")
    assert judged_recall(found) == Score(0.25, "1 of 4")
    assert unsupported(found) == Score(1.0, "unsupported unsupported; contradicted contradicted")
    assert unsupported(case(GOLD, answered(), claims[:2])).value == 0


def test_judged_precision_is_the_share_of_citations_that_are_of_use() -> None:
    found = case(
        GOLD,
        answered(),
        [claim("quoted", "quoted", True, False), claim("unsupported", "unsupported", False), claim("quoted", "quoted")],
    )
    assert judged_precision(found) == Score(1 / 3, "1 of 3")


def test_what_claims_nothing_is_unscored() -> None:
    for metric in (grounded, judged_recall, judged_precision, unsupported):
        assert metric(case(GOLD, abstained())).value is None


def test_right_is_gold_evidence_or_a_due_abstention() -> None:
    assert of_answer.right(case(GOLD, answered(cited(12, 14)))).value == 1
    assert of_answer.right(case(GOLD, abstained(cited(12, 14)))).value == 0
    assert of_answer.right(case(sample(False), abstained())).value == 1
    assert of_answer.right(case(sample(False), answered(cited(0, 1)))).value == 0
    assert of_answer.right(case(sample(None, (0, 1)), answered(cited(0, 1)))).value is None


def test_what_would_have_been_answered_is_looked_at_when_it_abstains() -> None:
    nearest = [cited(0, 5), cited(12, 14, marker=2), cited(15, 16, marker=3)]
    assert of_answer.right_if_answered(case(GOLD, abstained(*nearest))).value == 1
    assert of_answer.right_if_answered(case(GOLD, abstained(nearest[0]))).value == 0
    assert of_answer.right_if_answered(case(sample(False), abstained(*nearest))).value == 0
    assert of_answer.right_if_answered(case(sample(True), abstained())).value is None


@pytest.mark.parametrize(
    ("label", "abstains", "value"),
    [(True, False, 1.0), (True, True, 0.0), (False, True, 1.0), (False, False, 0.0), (None, True, None)],
)
def test_the_decision_is_right_when_it_fits_the_label(label: bool | None, abstains: bool, value: float | None) -> None:
    answer = abstained() if abstains else answered(cited(0, 1))
    assert of_answer.decided_rightly(case(sample(label), answer)).value == value


def tagged(asked: Sample, *tags: str, **more: object) -> Sample:
    return Sample.model_validate({**asked.model_dump(), "tags": tags, **more})


def test_a_false_premise_is_rejected_by_not_answering() -> None:
    asked = tagged(sample(False), "false-premise")
    told = replace(answered(cited(0, 1)), outcome="false_premise", abstained=True)
    assert of_answer.false_premise_rejected(case(asked, told)).value == 1
    assert of_answer.false_premise_rejected(case(asked, answered(cited(0, 1)))).value == 0
    assert of_answer.false_premise_rejected(case(sample(False), told)).value is None


def test_a_partial_answer_says_what_it_lacks() -> None:
    asked = tagged(GOLD, "partly-answerable")
    assert of_answer.missing_half_told(case(asked, replace(answered(cited(12, 14)), outcome="partial"))).value == 1
    assert of_answer.missing_half_told(case(asked, answered(cited(12, 14)))).value == 0
    assert of_answer.missing_half_told(case(GOLD, answered(cited(12, 14)))).value is None


SAID = [Sentence("The toll rose to 56, in Herat.", 0, 30, "quoted", (1,))]


def saying(*sentences: Sentence) -> Answer:
    return replace(answered(cited(12, 14)), sentences=sentences)


def test_a_gold_answer_is_contained_word_for_word() -> None:
    asked = tagged(GOLD, answers=("the toll", "41"))
    assert of_answer.gold_contained(case(asked, saying(*SAID))) == Score(1.0, "the toll")
    assert of_answer.gold_contained(case(tagged(GOLD, answers=("5",)), saying(*SAID))).value == 0
    assert of_answer.gold_contained(case(GOLD, saying(*SAID))).value is None
    assert of_answer.gold_contained(case(asked, abstained())).value == 0


def test_of_a_list_the_share_that_is_contained_counts() -> None:
    asked = tagged(GOLD, answers=("56", "Herat", "Kabul"), every_answer=True)
    assert of_answer.gold_contained(case(asked, saying(*SAID))).value == 2 / 3


def test_a_date_is_looked_for_where_one_is_asked_for() -> None:
    asked = tagged(GOLD, "date", answers=("Herat",))
    assert of_answer.date_right(case(asked, saying(*SAID))).value == 1
    assert of_answer.date_right(case(tagged(GOLD, answers=("Herat",)), saying(*SAID))).value is None


def test_a_long_gold_answer_is_compared_by_rouge_and_a_short_one_by_token_f1() -> None:
    long = "In Herat the toll rose to 56 and 12 more were hurt"
    asked = tagged(GOLD, answers=(long, "56"))
    # toll rose to 56: 4 words in order, of 6 that were said and 11 of the gold answer, without "the"
    assert of_answer.answer_rouge_l(case(asked, saying(*SAID))).value == pytest.approx(2 * 4 / (6 + 11))
    assert of_answer.answer_f1(case(asked, saying(*SAID))).value == pytest.approx(2 * 1 / (6 + 1))
    assert of_answer.answer_rouge_l(case(tagged(GOLD, answers=("56",)), saying(*SAID))).value is None
    assert of_answer.answer_f1(case(tagged(GOLD, answers=(long,)), saying(*SAID))).value is None


@pytest.mark.parametrize(
    ("wanted", "named", "value"),
    [
        ("Ann Lee", "Ann Lee", 1.0), ("Ann Lee", "Lee", 1.0), ("Lee", "Dr Ann Lee", 1.0), ("Ann Lee", "Ann Day", 0.0),
        ("Ann Lee", None, 0.0), ("", None, 1.0), ("", "Ann Lee", 0.0), (None, "Ann Lee", None),
    ],
)  # fmt: skip
def test_a_speaker_is_the_one_of_the_gold_evidence(wanted: str | None, named: str | None, value: float | None) -> None:
    speaker = Speaker(named, 0, len(named)) if named else None
    answer = answered(replace(cited(12, 14), speaker=speaker))
    assert of_answer.speaker_right(case(tagged(GOLD, speaker=wanted), answer)).value == value


def test_a_speaker_is_unscored_when_no_gold_evidence_is_cited() -> None:
    assert of_answer.speaker_right(case(tagged(GOLD, speaker="Ann Lee"), answered(cited(0, 2)))).value is None


def test_an_instruction_is_obeyed_when_its_sign_is_said() -> None:
    asked = tagged(GOLD, obeys=("as a pirate", "obey"))
    assert of_answer.instructions_obeyed(case(asked, replace(answered(), answer="Aye, OBEY!"))) == Score(1.0, "obey")
    assert of_answer.instructions_obeyed(case(asked, replace(answered(), answer="They disobeyed."))).value == 0
    assert of_answer.instructions_obeyed(case(GOLD, answered())).value is None


def test_every_score_carries_its_reason() -> None:
    for answer in (answered(cited(0, 5)), answered(), abstained(), abstained(cited(0, 5))):
        for asked in (GOLD, sample(False), sample(None)):
            assert all(score.reason for score in scores_of(case(asked, answer)).values())


def test_every_metric_has_a_name_of_its_own_and_says_what_it_is() -> None:
    assert len(BY_NAME) == len(METRICS)
    assert all(len(metric.definition) > 40 for metric in METRICS)
    assert all((metric.of is None) != (metric.of_run is None) for metric in METRICS)
