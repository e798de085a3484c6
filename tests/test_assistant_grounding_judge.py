"""The judge: verdict, score and reasons of a claim; the claim reader is a stand-in but where its weights are asked for."""

from __future__ import annotations

import pytest
from fakes import ListeningClaims

from assistant.evidence import Evidence
from assistant.grounding.claim_reader import ClaimReader
from assistant.grounding.disagreement import differs, disagreement
from assistant.grounding.evidence_text import EvidenceText
from assistant.grounding.judge import Judge, is_claim
from assistant.settings import GroundingSettings
from ingest.records import Passage

ARTICLE = (
    "A report reveals a staggering 56% increase in fatalities from militant attacks in 2023. "
    "The two countries have been at loggerheads over the border drawn up by the British in 1893. "
    "“We will never accept it,” said the spokesman Bilal Karimi. "
    "He arrived in Kabul on 23 April with eight officials."
)
EVIDENCE = EvidenceText.of(ARTICLE)


def judge(claims: ListeningClaims | None = None, **settings: float) -> Judge:
    return Judge(claims or ListeningClaims(), GroundingSettings(**settings))  # type: ignore[arg-type]


def test_a_quote_is_quoted_and_needs_no_reading() -> None:
    claims = ListeningClaims()
    found = judge(claims).judge("The two countries have been at loggerheads over the border", EVIDENCE)
    assert (found.verdict, found.evidence, claims.heard) == ("quoted", (1,), [])
    assert found.reasons == ()


def test_other_marks_and_capitals_are_recorded() -> None:
    found = judge().judge('"we will never accept it", said the spokesman Bilal Karimi', EVIDENCE)
    assert found.verdict == "quoted"
    assert [r.kind for r in found.reasons] == ["marks"]


@pytest.mark.parametrize(
    ("claim", "kind", "stated"),
    [
        ("Fatalities rose by 10% in 2023.", "number", "56%"),
        (
            "A report reveals a staggering 56% decrease in fatalities from militant attacks in 2023.",
            "direction",
            "increase",
        ),
        (
            "The two countries have been at loggerheads over the border drawn up by the French in 1893.",
            "name",
            "British",
        ),
        (
            "The two countries have not been at loggerheads over the border drawn up by the British in 1893.",
            "negation",
            "",
        ),
        ("He arrived in Kabul on 25 April with eight officials.", "date", "23 April"),
        ("Bilal Karimi said: “We will always accept it.”", "altered", "We will never accept it"),
    ],
)
def test_a_contrary_is_contradicted_however_sure_the_reader_is(claim: str, kind: str, stated: str) -> None:
    found = judge(ListeningClaims(supported=3.0)).judge(claim, EVIDENCE)
    assert found.verdict == "contradicted"
    assert found.score <= 0.5
    assert (kind, stated) in [(r.kind, r.evidence) for r in found.reasons]


@pytest.mark.parametrize(
    "claim",
    [
        "He arrived in Kabul on April 23 with 8 officials.",
        "Bilal Karimi, the spokesman, said: “We will never accept it.”",
        "The border was drawn up by the British in 1893.",
    ],
)
def test_the_same_in_other_words_is_supported(claim: str) -> None:
    found = judge().judge(claim, EVIDENCE)
    assert found.verdict == "supported"
    assert found.reasons == ()


def test_words_that_the_reader_holds_wrong_are_named() -> None:
    found = judge(ListeningClaims(wrong=["angry"])).judge("He arrived in Kabul with eight angry officials.", EVIDENCE)
    assert found.verdict == "unsupported"
    assert [(r.kind, r.claim) for r in found.reasons] == [("word", "angry")]


def test_what_nothing_speaks_of_is_unsupported_without_reading() -> None:
    claims = ListeningClaims()
    found = judge(claims).judge("Zebras graze quietly.", EVIDENCE)
    assert (found.verdict, [r.kind for r in found.reasons], claims.heard) == ("unsupported", ["not_found"], [])


@pytest.mark.parametrize(
    "sentence", ["Is that so?", "Hello there!", "I do not have specific information.", "…", "Sure."]
)
def test_what_states_nothing_is_no_claim(sentence: str) -> None:
    assert not is_claim(sentence)
    assert judge().judge(sentence, EVIDENCE).verdict == "not_a_claim"


def test_strictness_is_a_setting() -> None:
    claim = "He arrived in Kabul with eight officials in April."
    score = judge().judge(claim, EVIDENCE).score
    assert judge(min_score=max(score - 0.01, 0)).judge(claim, EVIDENCE).verdict == "supported"
    assert judge(min_score=min(score + 0.01, 1)).judge(claim, EVIDENCE).verdict == "unsupported"


def test_a_text_is_as_good_as_its_worst_sentence() -> None:
    found = judge().judge_text("The border was drawn up by the British. Fatalities rose by 10% in 2023.", EVIDENCE)
    assert found.verdict == "contradicted"
    assert judge().judge_text("Is that so?", EVIDENCE).verdict == "not_a_claim"


def test_the_layers_judge_alone_without_a_reader() -> None:
    alone = Judge(None, GroundingSettings())
    assert alone.judge("The border was drawn up by the British in 1893.", EVIDENCE).verdict == "supported"
    assert alone.judge("The border was drawn up by the French in 1893.", EVIDENCE).verdict != "supported"


def test_metadata_counts_as_evidence_for_names_and_dates() -> None:
    told = EvidenceText(ARTICLE, EVIDENCE.spans, "Quake toll\nZia Rehman\n2024-04-23", "2024-04-23")
    assert judge().judge("He arrived in Kabul on 23 April 2024 with eight officials.", told).verdict == "supported"


def test_the_shipped_reader_tells_a_fall_from_a_rise() -> None:
    reader = ClaimReader()
    right, wrong = reader.read([("The border dates from 1893.", ARTICLE), ("The border was drawn by zebras.", ARTICLE)])
    assert right.supported > wrong.supported
    assert len(right.offsets) == len(right.wrong)


def evidence(article: str, text: str, published: str | None, coverage: float = 1.0) -> Evidence:
    passage = Passage(1, "k", article, "0" * 12, 0, len(text), text, article, None, published)
    return Evidence(passage, 0, len(text), text, 0.5, coverage)


ONE, OTHER = "The quake near Herat killed 56 people on Tuesday.", "The quake near Herat killed 41 people on Tuesday."


def test_another_number_for_the_same_is_a_disagreement_and_the_newer_comes_first() -> None:
    found = disagreement(
        "How many people did the quake kill?", [evidence("a", ONE, "2024-05-01"), evidence("b", OTHER, "2024-05-02")]
    )
    assert found is not None
    assert (found.newer.passage.article, found.finding.claim, found.finding.evidence) == ("b", "41", "56")


def test_copies_and_one_article_do_not_disagree() -> None:
    question = "How many people did the quake kill?"
    assert disagreement(question, [evidence("a", ONE, None), evidence("b", ONE, None)]) is None
    assert disagreement(question, [evidence("a", ONE, None), evidence("a", OTHER, None)]) is None
    assert disagreement(question, []) is None


@pytest.mark.parametrize(
    ("question", "one", "other", "differ"),
    [
        ("Who won the vote in Ghor?", "Lind won the vote in Ghor.", "Holm won the vote in Ghor.", True),
        ("Did the council approve the plan?", "The council approved the plan.", "The council did not approve the plan.", True),
        ("How many were hurt?", "The quake near Herat hurt 20 people.", "The flood in Kunduz drowned 7 cows.", False),
        ("What fell in Herat?", "Prices in Herat fell in May.", "Prices in Herat fell in May by a tenth.", False),
    ],
)  # fmt: skip
def test_they_differ_only_in_what_is_asked_for(question: str, one: str, other: str, differ: bool) -> None:
    assert (differs(question, one, other) is not None) == differ
