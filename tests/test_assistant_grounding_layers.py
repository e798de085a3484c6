"""The layers of the judge that need no model: quotes, names, polarity, stitched sentences, who says it, and what is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.grounding.comparison import Comparison
from assistant.grounding.findings import Finding
from assistant.grounding.names import names, names_in
from assistant.grounding.polarity import polarity
from assistant.grounding.quotes import find_quote, quotations
from assistant.grounding.relevant import relevant
from assistant.grounding.speaking import speaking
from assistant.grounding.stitched import stitched
from assistant.grounding.words import words_of
from ingest.splitting import split_sentences

ARTICLE = (
    "The World Health Organization (WHO) did not approve the vaccine in March. "
    "Imran Khan said exports rose by 56% in the year after the war. "
    "He met Pakistani officials in Kabul, where at least 40 people were killed. "
    "Most analysts support the plan because it may help farmers. "
    "“We will never accept this illegal border,” said the spokesman Bilal Karimi."
)
SENTENCES = [ARTICLE[a:b] for a, b in split_sentences(ARTICLE)]


def kinds(findings: object) -> list[tuple[str, str, str]]:
    return [(f.kind, f.claim, f.evidence) for f in findings if isinstance(f, Finding)]  # type: ignore[attr-defined]


def test_a_contraction_is_its_two_words() -> None:
    assert [w.form for w in words_of("He didn't; she won’t; they can't; cannot.")] == [
        "he", "did", "not", "she", "will", "not", "thei", "can", "not", "can", "not",
    ]  # fmt: skip


def test_a_number_is_its_digits_whatever_the_separators() -> None:
    assert [w.form for w in words_of("2,640 km and 3.5%")][:2] == ["2640", "km"]
    assert words_of("2,640")[0].form == words_of("2640")[0].form


@given(st.text(max_size=80))
def test_words_slice_back(text: str) -> None:
    assert all(text[w.start : w.end] == w.text for w in words_of(text))


def test_a_sentence_of_the_article_is_a_quote_whatever_its_marks_and_capitals() -> None:
    found = find_quote("we will never accept this illegal border, said the spokesman Bilal Karimi", SENTENCES)
    assert found is not None
    assert (found.first, found.exact, found.whole) == (4, False, True)
    assert find_quote(SENTENCES[3], SENTENCES) is not None
    assert find_quote(SENTENCES[3].replace("may", "will"), SENTENCES) is None


def test_two_sentences_in_their_order_are_a_quote() -> None:
    found = find_quote(f"{SENTENCES[1]} {SENTENCES[2]}", SENTENCES)
    assert found is not None
    assert (found.first, found.last) == (1, 2)


def test_what_the_words_before_undo_is_no_quote() -> None:
    assert find_quote("the army fired on villagers", ["He denied that the army fired on villagers."]) is None
    assert find_quote("the army fired on villagers", ["He said the army fired on villagers."]) is not None


def test_a_quotation_with_a_changed_word_shows_what_the_article_has() -> None:
    (found,) = quotations("Karimi said: “We will never accept this legal border.”", SENTENCES)
    assert (found.kind, found.claim) == ("altered", "We will never accept this legal border.")
    assert found.evidence == "We will never accept this illegal border"


@pytest.mark.parametrize(
    "claim",
    [
        "Karimi spoke of “this illegal border”.",
        'Karimi said "we will never accept ... this illegal border".',
        "Karimi said “[we] will never accept this illegal border”.",
    ],
)
def test_a_true_quotation_passes_with_words_left_out_and_marked(claim: str) -> None:
    assert list(quotations(claim, SENTENCES)) == []


def test_a_quotation_from_two_places_is_stitched() -> None:
    (found,) = quotations("It says “exports rose by 56% we will never accept this illegal border”.", SENTENCES)
    assert found.kind == "stitched"


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("Ahmed Shah said exports rose by 56% in the year after the war.", ("name", "Ahmed Shah", "Imran Khan")),
        ("He met Indian officials in Kabul, where at least 40 people were killed.", ("name", "Indian", "Pakistani")),
        ("He met Pakistani officials in Lahore, where at least 40 people were killed.", ("name", "Lahore", "Kabul")),
    ],
)
def test_another_name_in_the_same_place_is_found(claim: str, expected: tuple[str, str, str]) -> None:
    assert expected in kinds(names(Comparison(claim, SENTENCES)))


@pytest.mark.parametrize(
    "claim",
    [
        "Imran Khan met Pakistani officials in Kabul.",  # whom "he" stands for is named in the sentence before
        "The WHO did not approve the vaccine.",
        "Khan met officials from Pakistan.",
        "In March the World Health Organization did not approve the vaccine.",
    ],
)
def test_short_forms_pronouns_and_peoples_are_the_same_name(claim: str) -> None:
    assert kinds(names(Comparison(claim, SENTENCES))) == []


def test_the_first_word_of_a_sentence_is_no_name_by_its_capital_alone() -> None:
    assert [n.words[0].text for n in names_in("Officials met in Kabul with Imran Khan.")] == ["Kabul", "Imran"]


@pytest.mark.parametrize(
    ("claim", "kind"),
    [
        ("The World Health Organization (WHO) did approve the vaccine in March.", "negation"),
        ("Imran Khan did not say exports rose by 56% in the year after the war.", "negation"),
        ("Imran Khan said exports fell by 56% in the year after the war.", "direction"),
        ("Imran Khan said exports rose by 56% in the year before the war.", "direction"),
        ("Most analysts oppose the plan because it may help farmers.", "opposite"),
        ("“We will never accept this legal border,” said the spokesman Bilal Karimi.", "opposite"),
        ("All analysts support the plan because it may help farmers.", "quantifier"),
        ("He met Pakistani officials in Kabul, where at most 40 people were killed.", "quantifier"),
        ("Most analysts support the plan because it will help farmers.", "quantifier"),
    ],
)
def test_what_turns_a_sentence_round_is_found(claim: str, kind: str) -> None:
    assert kind in [f.kind for f in polarity(Comparison(claim, SENTENCES))]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_true_sentence_has_no_findings(sentence: str) -> None:
    comparison = Comparison(sentence, SENTENCES)
    assert [*polarity(comparison), *names(comparison), *stitched(comparison), *quotations(sentence, SENTENCES)] == []


def test_halves_of_two_sentences_are_stitched_and_whole_ones_are_joined() -> None:
    claim = "Imran Khan said exports rose where at least 40 people were killed."
    assert [f.kind for f in stitched(Comparison(claim, SENTENCES))] == ["stitched"]
    joined = f"{SENTENCES[1][:-1]} and {SENTENCES[3]}"
    assert list(stitched(Comparison(joined, SENTENCES))) == []


def test_another_speaker_is_found() -> None:
    spans = split_sentences(ARTICLE)
    claim = "“We will never accept this illegal border,” said Imran Khan."
    (found,) = speaking(Comparison(claim, SENTENCES), ARTICLE, spans)
    assert (found.kind, found.claim) == ("speaker", "Imran Khan")
    assert "Bilal Karimi" in found.evidence
    assert list(speaking(Comparison(SENTENCES[4], SENTENCES), ARTICLE, spans)) == []


def test_what_is_read_is_the_sentences_that_hold_most_of_the_claim() -> None:
    filler = [f"Nothing of note happened in village number {i}." for i in range(60)]
    sentences = [*filler[:30], *SENTENCES, *filler[30:]]
    chosen = relevant("Analysts support the plan since it may help farmers.", sentences)
    assert 33 in chosen
    assert sum(len(sentences[i].split()) for i in chosen) <= 130
    assert relevant("Zebras graze.", ["Nobody came."]) == []
