"""Planted errors and harmless rewordings: what is changed, what is not, and that it can be done again."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.planted import ERRORS, HARMLESS, KINDS, Planted, Text, as_pairs, main, plant, read_texts
from eval.planting.sentences import PLAIN_WORDS, Shelf, replaced, usable
from eval.planting.values import numbers
from ingest.errors import DatasetError

FERRY = Text(
    "ferry",
    "The ferry",
    "The Harbour Shipping Company (HSC) opened the new route between Norway and Denmark on April 23, 2014. The board of the"
    " company had approved the plan after eight months of talks. Captain John Miller said that the crossing was safe in the"
    " winter of 2012. The ferry can carry at least 2,640 passengers and 300 cars on most of the days. The Harbour Shipping"
    " Company did not raise the price of the ticket in 2016. About 40 people were hired in Oslo, and the island school, which"
    ' has twelve rooms, was painted. "The end of the season is good for the business," David Turner said. The old terminal is'
    " often closed because the northern pier was damaged in March 2011. Some shops in the town (the bakery and the bank) were"
    " sold to the council. The council of the town has rejected a larger harbour in 2009.",
)
BRIDGE = Text(
    "bridge",
    None,
    "The bridge over the river was built by the Mountain Railway Company in 1998, after a flood in Sweden. The engineer Peter"
    " Holm argued that the northern arch was stronger than the southern one. The tunnel under the hill has seven lamps and it"
    " is not lit at night. Mary Jones said that 90 percent of the money was spent on steel. All of the arches were"
    " inspected in May 2004, because the inspectors of Finland had found a crack. The Lake Transport Company is the owner of the"
    " railway station near Helsinki.",
)
BOTH = [FERRY, BRIDGE]


def planted(kind: str, text: str, *others: Text) -> Planted:
    found = plant([Text("one", None, text), *others], kinds=[kind])
    return next(p for p in found if p.source == "one")


def test_the_same_seed_gives_the_same_claims() -> None:
    assert plant(BOTH) == plant(BOTH)


def test_the_claims_of_a_kind_do_not_depend_on_the_other_kinds() -> None:
    assert plant(BOTH, kinds=["number"]) == [p for p in plant(BOTH) if p.kind == "number"]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_whatever_the_seed_every_claim_can_be_traced_to_its_sentence(seed: int) -> None:
    texts = {text.id: text.text for text in BOTH}
    for p in plant(BOTH, seed=seed):
        assert p.original == texts[p.source][p.start : p.end]
        assert all(0 <= a < b <= len(p.claim) for a, b in p.changed)
        assert p.harmless == (p.kind in HARMLESS)
        if p.kind == "untouched":
            assert p.claim == p.original
        elif p.harmless or p.kind not in ("wrong_article", "citation_shifted"):
            assert p.changed
            assert p.claim != p.original
            assert p.harmless or p.claim not in texts[p.article]
        else:
            assert p.claim == p.original
            assert p.article != p.source or p.cited != (p.start, p.end)


def test_a_sentence_serves_once_a_kind_and_no_more_than_asked_are_made() -> None:
    found = plant(BOTH, most=3)
    assert max(Counter(p.kind for p in found).values()) <= 3
    assert len({(p.kind, p.source, p.start) for p in found}) == len(found)


def test_claims_are_spread_over_the_articles() -> None:
    assert {p.source for p in plant(BOTH, kinds=["untouched"], most=2)} == {"ferry", "bridge"}


def test_every_kind_can_be_planted() -> None:
    made = {p.kind for seed in range(6) for p in plant(BOTH, seed=seed)}
    assert set(KINDS) - made <= {"stitched", "outside_fact"}
    assert set(ERRORS) | set(HARMLESS) == set(KINDS)


def test_a_planted_number_is_none_that_the_sentence_holds() -> None:
    for seed in range(20):
        for p in plant(BOTH, seed=seed, kinds=["number"]):
            new = {n.amount for n in numbers(p.claim)} - {n.amount for n in numbers(p.original)}
            assert len(new) == 1


def test_more_than_a_number_never_becomes_more_than_a_smaller_one() -> None:
    for seed in range(20):
        p = plant([Text("one", None, "The old ferry can carry more than 500 people.")], seed=seed, kinds=["number"])[0]
        assert numbers(p.claim)[0].amount > 500


@pytest.mark.parametrize(
    "sentence",
    [
        "The answer is on page 12 of the report.",
        "The ship was built in 1998 by a yard.",
        "The team came 3rd in the race of the year.",
        "Apollo 11 was the first to land on it.",
    ],
)
def test_pages_years_ordinals_and_names_are_no_numbers_to_plant(sentence: str) -> None:
    assert plant([Text("one", None, sentence)], kinds=["number"]) == []


def test_a_year_keeps_its_place_among_the_years_of_the_sentence() -> None:
    text = "The war lasted from 1914 to 1918 and the peace was made in 1919 by the victors."
    for seed in range(20):
        p = plant([Text("one", None, text)], seed=seed, kinds=["date"])[0]
        years = [int(w.strip(".")) for w in p.claim.split() if w.strip(".").isdigit()]
        assert years == sorted(set(years))


def test_a_country_becomes_another_country() -> None:
    p = planted("place", "The new factory was built in Norway by the family.")
    assert p.claim != p.original
    assert "Norway" not in p.claim


def test_the_may_of_a_sentence_is_no_name() -> None:
    assert plant([Text("one", None, "In May the committee may decide on the plan of the town.")], kinds=["name"]) == []


def test_not_is_inserted_and_taken_away() -> None:
    assert planted("negation", "The committee has approved the plan of the town.").claim.startswith(
        "The committee has not "
    )
    assert planted("negation", "The committee did not approve the plan.").claim == "The committee did approve the plan."


def test_some_never_becomes_what_it_implies() -> None:
    claims = [p.claim for seed in range(20) for p in plant(BOTH, seed=seed, kinds=["quantifier"])]
    assert claims
    assert not any(claim.startswith("Some of the arches") for claim in claims)


def test_an_opposite_gets_the_article_that_fits() -> None:
    p = planted("polarity", "The court said it was a legal contract of the town.")
    assert p.claim == "The court said it was an illegal contract of the town."


def test_a_speaker_is_changed_only_where_one_is_named() -> None:
    claim = planted("speaker", "Anna Berg said that the bridge was closed in winter.", BRIDGE).claim
    assert claim.endswith("said that the bridge was closed in winter.")
    assert "Anna Berg" not in claim
    assert plant([Text("one", None, "The bridge was closed in the winter of the year.")], kinds=["speaker"]) == []


def test_the_changed_word_stands_between_quotation_marks() -> None:
    for p in plant(BOTH, kinds=["word_changed"]):
        ((start, end),) = p.changed
        assert p.claim[:start].count('"') == 1
        assert p.claim[end:].count('"') == 1


def test_a_stitched_claim_has_the_subject_of_one_sentence_and_the_rest_of_another() -> None:
    text = (
        "The town museum was founded by a rich merchant from the coast. A new railway station was designed by three young"
        " architects of the capital."
    )
    assert {p.claim for p in plant([Text("one", None, text)], kinds=["stitched"])} == {
        "The town museum was designed by three young architects of the capital.",
        "A new railway station was founded by a rich merchant from the coast.",
    }


def test_a_shifted_citation_is_a_neighbour_and_the_only_context_that_is_written() -> None:
    found = plant(BOTH, kinds=["citation_shifted"])
    for p, record in zip(found, as_pairs(BOTH, found), strict=True):
        assert p.claim == p.original
        assert p.claim not in str(record["context"])


def test_the_wrong_article_does_not_hold_the_sentence() -> None:
    texts = {text.id: text.text for text in BOTH}
    found = plant(BOTH, kinds=["wrong_article"])
    assert found
    assert all(p.cited is None and p.article != p.source and p.claim not in texts[p.article] for p in found)


@pytest.mark.parametrize(
    ("kind", "sentence", "claims"),
    [
        (
            "number_written",
            "The town has eight schools for the children.",
            ["The town has 8 schools for the children."],
        ),
        ("number_written", "The town lost 2,640 people in it.", ["The town lost 2640 people in it."]),
        ("number_written", "The town lost 5% of its people.", ["The town lost 5 percent of its people."]),
        (
            "number_written",
            "The town paid 500,000 for the old hall.",
            ["The town paid half a million for the old hall."],
        ),
        (
            "date_written",
            "The hall was opened on April 23, 2024 by Ann.",
            ["The hall was opened on 23 April 2024 by Ann.", "The hall was opened on 2024-04-23 by Ann."],
        ),
        ("contraction", "The town did not sell the old hall.", ["The town didn't sell the old hall."]),
        ("contraction", "The town didn't sell the old hall.", ["The town did not sell the old hall."]),
        ("aside_dropped", "The hall (the old one) was sold again.", ["The hall was sold again."]),
        ("aside_dropped", "The hall, which is very old, was sold again.", ["The hall was sold again."]),
        ("said_last", "Ann Berg said that the town was poor.", ["The town was poor, Ann Berg said."]),
        ("synonym", "The hall was sold because it was old.", ["The hall was sold since it was old."]),
    ],
)
def test_a_rewording_says_the_same(kind: str, sentence: str, claims: list[str]) -> None:
    assert planted(kind, sentence).claim in claims


def test_a_short_form_is_used_only_where_the_article_equates_it() -> None:
    text = "The World Health Organization (WHO) was asked. The World Health Organization has answered the letter of the town."
    assert planted("short_form", text).claim == "The WHO has answered the letter of the town."
    assert plant([Text("one", None, text.replace(" (WHO)", ""))], kinds=["short_form"]) == []


def test_somebodys_own_words_are_not_reworded() -> None:
    text = '"We did not sell it because it was old," Ann Berg said.'
    assert plant([Text("one", None, text)], kinds=["contraction", "synonym"]) == []


def test_joined_sentences_are_both_the_original() -> None:
    p = planted("joined", "The hall was sold by the town. The school was painted by the pupils.")
    assert p.original == "The hall was sold by the town. The school was painted by the pupils."
    assert p.claim.replace(", and the", ". The").replace("; the", ". The") == p.original


@pytest.mark.parametrize(
    "stub",
    [
        "Breaking News",
        "Was the hall sold by the town in the winter?",
        "He was sold the hall by the town council.",
        "Click the button to open the page of the hall.",
        "- the hall was sold by the town",
    ],
)
def test_headings_questions_commands_and_what_leans_on_a_pronoun_are_left_alone(stub: str) -> None:
    assert not usable(stub)


def test_the_article_before_a_new_word_is_made_to_fit() -> None:
    assert replaced("It was a legal act.", 9, 14, "illegal").claim == "It was an illegal act."
    assert replaced("It was an old union.", 10, 13, "uniform").claim == "It was a uniform union."


def test_plain_words_are_small_letters_only() -> None:
    assert all(word == word.casefold() for word in PLAIN_WORDS)


def test_articles_without_usable_sentences_give_nothing() -> None:
    assert plant([]) == []
    assert plant([Text("one", None, ""), Text("two", None, "Short one.")]) == []
    assert Shelf([Text("one", None, "")]).told == {"one": []}


def test_an_unknown_kind_or_an_id_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        plant(BOTH, kinds=["typo"])
    with pytest.raises(ValueError, match="twice"):
        plant([FERRY, FERRY])
    with pytest.raises(ValueError, match="negative"):
        plant(BOTH, most=-1)


def test_the_command_writes_pairs_that_say_what_was_done(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus.jsonl"
    lines = [json.dumps({"doc_id": text.id, "title": text.title, "text": text.text}) for text in BOTH]
    corpus.write_text("\n".join(lines), encoding="utf-8")
    result = CliRunner().invoke(main, [str(corpus), "--most", "2"])
    assert result.exit_code == 0
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert {"id", "context", "claim", "label", "meta"} == set(records[0])
    assert all(record["label"] == (record["meta"]["kind"] in HARMLESS) for record in records)
    assert len({record["id"] for record in records}) == len(records)


def test_a_faulty_corpus_is_refused_with_its_line(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text(
        '{"doc_id": "one", "title": null, "text": "x"}\n{"doc_id": "one", "text": "y"}\n', encoding="utf-8"
    )
    with pytest.raises(DatasetError, match=r"corpus.jsonl:2.*twice"):
        read_texts(corpus)
    corpus.write_text('{"doc_id": "one"}\n', encoding="utf-8")
    assert CliRunner().invoke(main, [str(corpus)]).exit_code == 1
