"""Samples drafted from articles: what is asked, that it stands there, and that a drafted suite can be run."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from eval.asking.clauses import clause_of, inverted
from eval.asking.facts import questions_of
from eval.asking.sentences import Reading
from eval.asking.spoken import who_said
from eval.asking.verbs import base_of_past, base_of_present, past_of_participle
from eval.cli import eval_command
from eval.drafting import draft, write_suite
from eval.samples import DRAFT, find_suite
from ingest.errors import DatasetError
from ingest.loading import Article, Failure, load, shipped_corpus

HARBOUR = Article(
    "harbour",
    "2014-05-01 Ann Holm\n\n"
    "The Harbour Shipping Company opened the new route between Norway and Denmark on April 23, 2014. At least 40 people\n"
    "were injured in a storm near Bergen in 2012. “The new ferry is much safer than the old one,” said John Miller, its\n"
    "captain. The Northern Pier was closed in March 2011 because its pillars had rusted. The Lake Bank lent £3 million to\n"
    "the town of Arendal.\n\n"
    "The Harbour Shipping Company is the largest employer in Arendal. Miller said that the crossing to Denmark took four\n"
    "hours in winter. The Long Bridge was built by Peter Holm in 1931. The Long Bridge is 230 metres long.\n",
    title="The ferry",
    author="Ann Holm",
    published="2014-05-01",
)
BAKERY = Article(
    "bakery",
    "Mary Jones founded the Corner Bakery in Oslo in 1998. The Corner Bakery sold 300 cakes in its first week. Sales of the"
    " Corner Bakery rose 12% in 2003. Flour prices in Oslo fell, however, and they never recovered.",
)
EMPTY = Article("empty", "I think so.\n\nNot at all! They went there, and it was good.\n")


def asked(text: str, *more: str) -> list[tuple[str, str]]:
    """Questions and answers of the first sentence of a text."""
    reading = Reading(Article("a", " ".join((text, *more))))
    first = next(reading.sentences())
    return [(d.question, d.answer) for d in questions_of(first)]


def line(path: Path) -> list[dict[str, Any]]:
    return [json.loads(one) for one in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        (
            "In 1893, Mortimer Durand signed an agreement in Kabul.",
            "When did Mortimer Durand sign an agreement in Kabul?",
            "1893",
        ),
        (
            "The Old Town Hall was painted by Karl Voss in May 1950.",
            "When was the Old Town Hall painted by Karl Voss?",
            "May 1950",
        ),
        (
            "The Old Town Hall was painted by Karl Voss in May 1950.",
            "Who painted the Old Town Hall in May 1950?",
            "Karl Voss",
        ),
        (
            "At least eight people were killed in two attacks in Khost.",
            "How many people were killed in two attacks in Khost?",
            "At least eight",
        ),
        (
            "About 56% of the voters were older than Smith.",
            "What percentage of the voters were older than Smith?",
            "About 56%",
        ),
        (
            "The Lake Bank lent £3 million to the town of Arendal.",
            "How much money did the Lake Bank lend to the town of Arendal?",
            "£3 million",
        ),
        (
            "Last month, Bolivia bombed the port of Arica, targeting a bank and killing eight soldiers.",
            "How many soldiers were killed when Bolivia bombed the port of Arica?",
            "eight",
        ),
        (
            "In May 2009, Congress passed a bill that bans old ferries from the port of Arica.",
            "When did Congress pass a bill that bans old ferries from the port of Arica?",
            "May 2009",
        ),
        (
            "Ann Holm, a lawyer from Bergen, met Bolivia's chief prosecutor, Karl Voss, in May.",
            "Who is Ann Holm?",
            "a lawyer from Bergen",
        ),
        (
            "Ann Holm, a lawyer from Bergen, met Bolivia's chief prosecutor, Karl Voss, in May.",
            "Who is Bolivia's chief prosecutor?",
            "Karl Voss",
        ),
        (
            "The Lake Bank, along with Bolivia, recognised the Water Act in 1996.",
            "When did the Lake Bank recognise the Water Act?",
            "1996",
        ),
        (
            "The strike at the Lake Bank lasted for three weeks in 2009.",
            "For how long did the strike at the Lake Bank last in 2009?",
            "three weeks",
        ),
        ("The Long Bridge is 230 metres long.", "How long is the Long Bridge?", "230 metres"),
        (
            "Sales of the Corner Bakery rose 12% in 2003.",
            "By how much did sales of the Corner Bakery rise in 2003?",
            "12%",
        ),
        ("Bolivia has nine large departments.", "How many large departments does Bolivia have?", "nine"),
        (
            "The Lake Bank closed in 2009 because it had lent too much.",
            "Why did the Lake Bank close in 2009?",
            "because it had lent too much",
        ),
        ("Peter Holm was born in Oslo in 1931.", "Where was Peter Holm born in 1931?", "Oslo"),
        ("The Rhine is the longest river in Germany.", "What is the longest river in Germany?", "the Rhine"),
        ("Peter Holm is the mayor of Oslo.", "Who is the mayor of Oslo?", "Peter Holm"),
        (
            "The Harbour Museum bought a Dutch painting from Peter Holm.",
            "What did the Harbour Museum buy from Peter Holm?",
            "a Dutch painting",
        ),
    ],
)
def test_a_plain_sentence_is_asked_about(sentence: str, question: str, answer: str) -> None:
    more = "Many sales were made. The Rhine is wide, and the Rhine is deep. Near Bolivia and in Bolivia, a bank. In Congress, men."
    assert (question, answer) in asked(sentence, more)


@pytest.mark.parametrize(
    "sentence",
    [
        "It opened the new route between Norway and Denmark on April 23, 2014.",
        "The team lost the match in 1998.",
        "The man accused of robbing the Lake Bank in 2009 was freed.",
        "Congress did not pass the Water Act in 2009.",
        "In 2012 the Post ranked Warsaw as the best city for cyclists.",
        "We opened the Harbour Museum in 2009.",
        "Did the Lake Bank close in 2009?",
        "THE LAKE BANK CLOSED in 2009.",
        "See [the list](https://example.org) of Oslo for 2009.",
    ],
)
def test_a_sentence_that_points_out_of_itself_or_is_not_plain_is_left_alone(sentence: str) -> None:
    reading = Reading(Article("a", sentence))
    assert [d for s in reading.sentences() for d in questions_of(s)] == []


@pytest.mark.parametrize(
    ("text", "question", "speaker"),
    [
        (
            "“The new ferry is much safer than the old one,” said John Miller.",
            "Who said: “The new ferry is much safer than the old one”?",
            "John Miller",
        ),
        (
            "John Miller warned that the crossing to Denmark was closed in winter.",
            "Who warned that the crossing to Denmark was closed in winter?",
            "John Miller",
        ),
        (
            "The crossing to Denmark was closed for the winter, John Miller said.",
            "Who said that the crossing to Denmark was closed for the winter?",
            "John Miller",
        ),
    ],
)
def test_who_said_it_is_asked_where_the_sentence_names_the_speaker(text: str, question: str, speaker: str) -> None:
    found = who_said(next(Reading(Article("a", text)).sentences()))
    assert found is not None
    assert (found.question, found.answer, found.speaker) == (question, speaker, speaker)


def test_whoever_something_is_said_according_to_said_it() -> None:
    text = "The crossing to Denmark was closed for the winter, according to John Miller."
    found = who_said(next(Reading(Article("a", text)).sentences()))
    assert found is not None
    assert (found.question, found.answer) == (
        "Who said that the crossing to Denmark was closed for the winter?",
        "John Miller",
    )


def test_a_quotation_is_not_cut_at_an_abbreviation() -> None:
    text = "“The reason for the strike is that Mr. Voss does not want to be seen,” said John Miller."
    found = who_said(next(Reading(Article("a", text)).sentences()))
    assert found is not None
    assert found.question == "Who said: “The reason for the strike is that Mr. Voss does not want to be seen”?"


def test_a_speaker_behind_a_pronoun_is_shown_where_he_is_named() -> None:
    text = "Gina Holm, a lawyer from Bergen, spoke in Oslo on Monday. “It is hard to bring the banks here at all,” she said."
    sentences = list(Reading(Article("a", text)).sentences())
    found = who_said(sentences[-1])
    assert found is not None
    assert found.speaker == "Gina Holm"
    assert [text[a:b] for a, b in found.evidence] == [s.text for s in sentences]


def test_nobody_is_asked_for_where_the_claim_cannot_stand_alone() -> None:
    for text in (
        "John Miller said that he would not close it for them this year.",
        "Officials said that the crossing to Denmark was closed in winter.",
        "John Miller called it “much safer than the old one” in Oslo.",
    ):
        assert who_said(next(Reading(Article("a", text)).sentences())) is None


@pytest.mark.parametrize(
    ("words", "within"),
    [
        ("The bank", "the bank"),
        ("Gentle Giant", "Gentle Giant"),
        ("Oslo", "Oslo"),
        ("Prices", "prices"),
        ("NATO", "NATO"),
        ("Nobody-knows", None),
    ],
)
def test_a_first_word_keeps_its_capital_only_where_it_is_a_name(words: str, within: str | None) -> None:
    assert Reading(Article("a", "In Oslo, prices rose.")).lowered(words) == within


def test_forms_of_verbs() -> None:
    assert [base_of_past(w) for w in ("signed", "wrote", "banned", "carried", "table")] == [
        "sign",
        "write",
        "ban",
        "carry",
        None,
    ]
    assert [base_of_present(w) for w in ("signs", "has", "carries", "reaches")] == ["sign", "have", "carry", "reach"]
    assert [past_of_participle(w) for w in ("written", "built", "taken")] == ["wrote", "built", "took"]


def test_a_clause_ends_where_another_begins() -> None:
    text = "The Lake Bank opened a branch in Oslo on 4 May 2009, which Peter Holm ran."
    clause = clause_of(next(Reading(Article("a", text)).sentences()))
    assert clause is not None
    assert (clause.subject, clause.verb, clause.rest) == ("the Lake Bank", "opened", " a branch in Oslo on 4 May 2009")
    assert inverted(clause) == "did the Lake Bank open a branch in Oslo on 4 May 2009"


def test_every_evidence_slice_is_the_text_and_every_sample_is_a_draft() -> None:
    articles = [HARBOUR, BAKERY, *(a for a in load([shipped_corpus()], 10**6) if not isinstance(a, Failure))]
    texts = {article.id: article.text for article in articles}
    samples = draft(articles)
    assert len(samples) > 15
    for sample in samples:
        assert sample["tags"][-1] == DRAFT
        assert sample["answerable"] == bool(sample["evidence"]) == bool(sample["answers"])
        for e in sample["evidence"]:
            assert texts[e["doc_id"]][e["start"] : e["end"]] == e["text"]
        if sample["evidence"] and "metadata" not in sample["tags"]:
            shown = " ".join(" ".join(e["text"] for e in sample["evidence"]).split())
            assert sample["answers"][0].casefold().removeprefix("the ").split()[-1] in shown.casefold()
    asked_of = [(s["question"], tuple(map(str, s["history"]))) for s in samples]
    assert len(set(asked_of)) == len(asked_of)
    assert len({s["qid"] for s in samples}) == len(samples)


def test_kinds_are_spread_and_the_same_is_drafted_twice() -> None:
    articles = [HARBOUR, BAKERY]
    samples = draft(articles)
    assert {s["tags"][0] for s in samples} >= {
        "number",
        "date",
        "who-says-it",
        "reason",
        "fact",
        "near-miss",
        "metadata",
        "off-topic",
    }
    assert draft(articles) == samples
    assert {e["doc_id"] for s in samples for e in s["evidence"]} == {"harbour", "bakery"}
    assert len(draft(articles, 5)) == 5


def test_an_article_answers_for_its_author_only_where_its_text_names_them() -> None:
    found = [s for s in draft([HARBOUR]) if "metadata" in s["tags"]]
    assert [(s["question"], s["evidence"][0]["text"]) for s in found][:1] == [("Who wrote “The ferry”?", "Ann Holm")]
    unsaid = Article("b", BAKERY.text, title="Cakes", author="Nobody Here")
    assert not [s for s in draft([unsaid]) if "metadata" in s["tags"]]


def test_what_any_article_tells_of_a_name_is_no_near_miss() -> None:
    born = Article(
        "born", "John Miller, 57, was born in Bergen. John Miller went to school in Oslo with his wife and son."
    )
    samples = draft([Article("a", "John Miller opened the Harbour Museum in 2009."), born])
    assert not [s for s in samples if "near-miss" in s["tags"] and "Miller" in s["question"]]
    alone = draft([Article("a", "John Miller opened the Harbour Museum in 2009.")])
    assert [s for s in alone if "near-miss" in s["tags"] and "John Miller" in s["question"]]


def test_a_follow_up_has_a_pronoun_for_what_the_turn_before_was_about() -> None:
    text = (
        "The Northern Rail Union is in Oslo. The Northern Rail Union was founded by Karl Voss in Bergen in 1931."
        " The Northern Rail Union was dissolved in 1990 because its members had left."
    )
    samples = [s for s in draft([Article("a", text)]) if "follow-up" in s["tags"]]
    assert [s["question"].split()[2] for s in samples] == ["it"]
    assert samples[0]["history"][0]["q"] == "What do the articles say about the Northern Rail Union?"


def test_off_topic_words_stand_in_no_article() -> None:
    eggs = Article("eggs", BAKERY.text + " Boiled eggs were sold in Oslo. A cello has strings. Bees make honey.")
    questions = [s["question"] for s in draft([eggs]) if "off-topic" in s["tags"]]
    assert not [q for q in questions if "egg" in q or "cello" in q or "honey" in q]


def test_nothing_is_drafted_from_a_text_with_nothing() -> None:
    assert draft([EMPTY]) == []


def test_a_drafted_suite_loads_and_checks(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "harbour.txt").write_bytes(HARBOUR.text.replace("\n", "\r\n").encode())
    done = CliRunner().invoke(eval_command, ["init", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    checked = find_suite(str(tmp_path / "out")).check()
    assert checked.questions == told["samples"] == sum(told["kinds"].values())
    assert told["suite"] == str(tmp_path / "out")
    assert DRAFT in (tmp_path / "out" / "README.md").read_text(encoding="utf-8")


def test_a_corpus_file_is_taken_as_it_is(tmp_path: Path) -> None:
    corpus = tmp_path / "mine.jsonl"
    records = [{"doc_id": a.id, "title": a.title, "text": a.text} for a in (HARBOUR, BAKERY)]
    corpus.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    drafted = write_suite([corpus], tmp_path / "out")
    assert line(tmp_path / "out" / "corpus.jsonl") == records
    assert drafted.samples == len(line(tmp_path / "out" / "questions.jsonl"))


def test_the_suite_is_named_after_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "bakery.txt").write_text(BAKERY.text, encoding="utf-8")
    done = CliRunner().invoke(eval_command, ["init", "news", "--most", "3"])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("3 drafts: ")
    assert (tmp_path / "news-suite" / "questions.jsonl").is_file()


def test_corrected_questions_are_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "bakery.txt").write_text(BAKERY.text, encoding="utf-8")
    command = ["init", str(tmp_path / "bakery.txt"), "--out", str(tmp_path / "out")]
    assert CliRunner().invoke(eval_command, command).exit_code == 0
    before = (tmp_path / "out" / "questions.jsonl").read_bytes()
    again = CliRunner().invoke(eval_command, command)
    assert again.exit_code == 1
    assert "name another --out" in again.stderr
    assert (tmp_path / "out" / "questions.jsonl").read_bytes() == before


def test_an_unreadable_file_is_named_and_the_others_are_used(tmp_path: Path) -> None:
    (tmp_path / "bakery.txt").write_text(BAKERY.text, encoding="utf-8")
    paths = [str(tmp_path / "absent.txt"), str(tmp_path / "bakery.txt")]
    done = CliRunner().invoke(eval_command, ["init", *paths, "--out", str(tmp_path / "out")])
    assert done.exit_code == 1
    assert "absent.txt" in done.stderr
    assert find_suite(str(tmp_path / "out")).check().questions


def test_where_nothing_can_be_drafted_the_remedy_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text(EMPTY.text, encoding="utf-8")
    with pytest.raises(DatasetError, match="name more articles"):
        write_suite([tmp_path / "empty.txt"], tmp_path / "out")
    with pytest.raises(DatasetError, match=r"absent\.txt.*check the path"):
        write_suite([tmp_path / "absent.txt"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["A" * 20_000, "A a " * 5_000, "1," * 5_000, "“" * 5_000 + "x"])
def test_a_text_that_is_no_prose_costs_no_more_than_seconds(text: str) -> None:
    started = time.monotonic()
    draft([Article("odd", text)])
    assert time.monotonic() - started < 10
