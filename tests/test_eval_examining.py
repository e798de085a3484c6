"""An answer examined: addresses opened, claims judged anew."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_eval_metrics_answer import GOLD, answered, cited

from assistant import Answer, Citation, Sentence
from assistant.grounding.judge import Judge
from assistant.retrieval import Hit
from assistant.settings import GroundingSettings
from eval.examining import Examiner
from eval.metrics.case import Case
from eval.samples import Sample, Stretch
from eval.systems import Answered
from ingest.records import Passage

TOLL = "The quake near Herat killed 56 people on Tuesday."
AID = "The ministry sent tents and food to the villages on Wednesday."
SHELF = {"toll": TOLL, "aid": AID}


def source(marker: int, name: str) -> Citation:
    return replace(cited(0, 1, marker=marker), id=name, quote=SHELF.get(name, ""))


def said(*sentences: tuple[str, tuple[int, ...]], names: tuple[str, ...] = ("toll", "aid")) -> Answer:
    """An answer whose sentences all call themselves quoted."""
    citations = tuple(source(n, name) for n, name in enumerate(names, 1))
    return replace(
        answered(*citations),
        sentences=tuple(Sentence(text, 0, len(text), "quoted", markers) for text, markers in sentences),
    )


def examined(answer: Answer, *retrieved: str) -> Case:
    hits = [Hit(Passage(n, "k", "a", "0" * 12, 0, len(t), t), 1.0, 0.5, 0.0) for n, t in enumerate(retrieved)]
    examiner = Examiner(Judge(None, GroundingSettings()), SHELF.get, lambda ids: [])
    return examiner.examine(GOLD, Answered(answer, hits))


def test_addresses_are_opened_nearest_ones_too() -> None:
    answer = replace(said((TOLL, (1,))), nearest=(source(1, "nowhere"),))
    assert examined(answer).quotes == {"toll": TOLL, "aid": AID, "nowhere": None}


def test_what_an_answer_says_of_itself_is_not_believed() -> None:
    (claim,) = examined(said(("The quake near Herat killed 91 people on Tuesday.", (1,)))).claims
    assert (claim.cited, claim.found, claim.useful) == ("contradicted", "contradicted", (False,))


def test_a_sentence_that_cites_nothing_is_unsupported_but_may_be_grounded() -> None:
    (claim,) = examined(said((TOLL, ())), f"Yesterday. {TOLL}").claims
    assert (claim.cited, claim.found, claim.useful) == ("unsupported", "quoted", ())


def test_a_citation_is_of_use_when_it_bears_the_claim_out_alone() -> None:
    (claim,) = examined(said((TOLL, (1, 2)))).claims
    assert (claim.cited, claim.useful) == ("quoted", (True, False))


def test_citations_that_bear_a_claim_out_only_together_are_both_of_use() -> None:
    both = f"{TOLL} {AID}"
    (claim,) = examined(said((both, (1, 2)))).claims
    assert claim.cited in ("quoted", "supported")
    assert claim.useful == (True, True)


def test_an_address_that_resolves_to_nothing_is_of_no_use() -> None:
    (claim,) = examined(said((TOLL, (1, 2)), names=("toll", "nowhere"))).claims
    assert claim.useful == (True, False)


def test_a_claim_that_calls_itself_no_claim_is_judged_all_the_same() -> None:
    answer = said(("The quake near Herat killed 91 people on Tuesday.", (1,)))
    evasive = replace(answer, sentences=(replace(answer.sentences[0], verdict="not_a_claim"),))
    assert [claim.found for claim in examined(evasive).claims] == ["contradicted"]


def test_the_same_words_at_two_addresses_are_both_of_use() -> None:
    (claim,) = examined(said((TOLL, (1, 2)), names=("toll", "toll"))).claims
    assert claim.useful == (True, True)


def test_all_passages_of_the_index_that_hold_gold_evidence_are_counted() -> None:
    stretch = Stretch(doc_id="a", start=5, end=15)
    gold = Sample(qid="q", question="Who?", answerable=True, evidence=(stretch,))
    shelf = [Passage(n, "k", "a", "0" * 12, start, start + 10, "x" * 10) for n, start in enumerate((0, 10, 20))]
    examiner = Examiner(Judge(None, GroundingSettings()), SHELF.get, lambda ids: shelf if ids == ["a"] else [])
    assert examiner.examine(gold, Answered(said((TOLL, (1,))), [])).gold_passages == 2


@pytest.mark.parametrize("remark", ["Is that so?", "Hello!", "I do not know that."])
def test_what_claims_nothing_is_not_judged(remark: str) -> None:
    assert examined(said((remark, (1,)))).claims == []
