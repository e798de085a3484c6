"""From evidence to the text of an answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import HashEncoder

from assistant.answering import Draft, asks_for_several, choose, cite_all, in_reading_order, with_antecedent
from assistant.evidence import Evidence, Reading
from assistant.settings import ReadingSettings
from assistant.types import Citation, Speaker
from ingest.archive import Archive
from ingest.loading import Article
from ingest.pipeline import ingest
from ingest.records import Passage
from ingest.settings import IngestSettings

TEXT = "One boat left [12] at dawn. Two boats came back.\n\nThree boats were lost. Four boats sank."
SENTENCES = ["One boat left [12] at dawn.", "Two boats came back.", "Three boats were lost.", "Four boats sank."]


@pytest.fixture
def archive(encoder: HashEncoder, tmp_path: Path) -> Iterator[Archive]:
    ingest(tmp_path, [Article("boats", TEXT), Article("again", TEXT)], IngestSettings())
    opened = Archive(tmp_path)
    yield opened
    opened.close()


def evidence(sentence: str, score: float = 0.5, article: str = "boats") -> Evidence:
    start = TEXT.index(sentence)
    version = Article(article, TEXT).version
    passage = Passage(1, "key", article, version, 0, len(TEXT), TEXT)
    return Evidence(passage, start, start + len(sentence), sentence, score, 1.0)


def drafted(archive: Archive, citations: list[Citation]) -> tuple[Draft, str]:
    draft = Draft(archive)
    return draft, "".join(part.text for part in draft.write(citations))


def test_a_plain_question_takes_the_best_sentence_alone() -> None:
    reading = Reading((evidence(SENTENCES[0], 0.7), evidence(SENTENCES[1], 0.2)), 0.8)
    assert choose("What left?", reading, ReadingSettings()) == [reading.evidence[0]]


def test_in_doubt_a_plain_question_takes_a_second_sentence_and_no_third() -> None:
    reading = Reading(tuple(evidence(s, 0.3) for s in SENTENCES), 0.8)
    assert choose("What left?", reading, ReadingSettings()) == list(reading.evidence[:2])
    assert choose("What left?", reading, ReadingSettings(max_sentences=1)) == [reading.evidence[0]]


@pytest.mark.parametrize(
    "question", ["Why did it leave?", "Which boats left?", "What happened at dawn?", "How did it leave?"]
)
def test_a_question_for_several_things_takes_all_that_are_likely_enough(question: str) -> None:
    scores = (0.8, 0.1, 0.05, 0.05)
    reading = Reading(tuple(evidence(s, score) for s, score in zip(SENTENCES, scores, strict=True)), 0.8)
    assert choose(question, reading, ReadingSettings()) == list(reading.evidence[:2])


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("Which states signed?", True), ("What are the rules?", True), ("Describe the harbour.", True),
        ("What is the length?", False), ("Which city does she live in?", False), ("Who drew it?", False),
        ("In which province was it?", False), ("When was his bus late?", False),
    ],
)  # fmt: skip
def test_plurals_accounts_and_manners_ask_for_several(question: str, several: bool) -> None:
    assert asks_for_several(question) is several


LEANING = "Ada Lind built a boat. She sold it in May. It sank."


def leaning(sentence: str, score: float) -> Evidence:
    start = LEANING.index(sentence)
    passage = Passage(1, "key", "boats", "0" * 12, 40, 40 + len(LEANING), LEANING)
    return Evidence(passage, 40 + start, 40 + start + len(sentence), sentence, score, 1.0)


def test_a_sentence_that_opens_with_a_pronoun_brings_the_one_before_it() -> None:
    every = (leaning("She sold it in May.", 0.8), leaning("Ada Lind built a boat.", 0.1), leaning("It sank.", 0.1))
    (chosen,) = choose("When was it sold?", Reading(every, 0.9), ReadingSettings())
    assert chosen.text == "Ada Lind built a boat. She sold it in May."
    assert LEANING[chosen.start - 40 : chosen.end - 40] == chosen.text
    assert with_antecedent(every[1], every) is every[1]


def test_a_sentence_is_not_quoted_twice_when_it_is_brought_along() -> None:
    every = (leaning("Ada Lind built a boat.", 0.5), leaning("She sold it in May.", 0.5))
    chosen = choose("What happened?", Reading(every, 0.9), ReadingSettings())
    assert [e.text for e in chosen] == ["Ada Lind built a boat. She sold it in May."]


def test_nothing_is_brought_along_from_another_paragraph() -> None:
    far = "Ada Lind built a boat.\n\n\n\nShe sold it."
    passage = Passage(1, "key", "boats", "0" * 12, 0, len(far), far)
    first, second = (Evidence(passage, a, b, far[a:b], 0.5, 1.0) for a, b in ((0, 22), (26, 38)))
    assert with_antecedent(second, [first, second]) is second


def test_a_question_for_reasons_takes_no_more_than_is_set() -> None:
    reading = Reading(tuple(evidence(s, 0.9) for s in SENTENCES), 0.8)
    assert len(choose("Why did it leave?", reading, ReadingSettings(max_sentences=3))) == 3


def test_reading_order_is_that_of_the_article_and_holds_each_sentence_once() -> None:
    chosen = [evidence(SENTENCES[2]), evidence(SENTENCES[0]), evidence(SENTENCES[2])]
    assert [e.text for e in in_reading_order(chosen)] == [SENTENCES[0], SENTENCES[2]]


def test_the_article_of_the_best_sentence_comes_first() -> None:
    chosen = [evidence(SENTENCES[3], article="boats"), evidence(SENTENCES[0], article="again"), evidence(SENTENCES[1])]
    assert [(e.passage.article, e.text) for e in in_reading_order(chosen)] == [
        ("boats", SENTENCES[1]),
        ("boats", SENTENCES[3]),
        ("again", SENTENCES[0]),
    ]


def test_each_sentence_of_a_draft_stands_where_it_says(archive: Archive) -> None:
    draft, text = drafted(archive, cite_all([evidence(s) for s in SENTENCES], archive))
    assert text == draft.text
    assert [draft.text[s.start : s.end] for s in draft.sentences] == SENTENCES
    assert [s.citations for s in draft.sentences] == [(1,), (2,), (3,), (4,)]


def test_a_literal_marker_in_a_quote_is_part_of_the_sentence(archive: Archive) -> None:
    draft, text = drafted(archive, cite_all([evidence(SENTENCES[0])], archive))
    assert text == "One boat left [12] at dawn. [1]"
    assert (draft.sentences[0].start, draft.sentences[0].end) == (0, 27)
    assert [c.marker for c in draft.citations] == [1]


def test_neighbours_share_a_line_and_others_do_not(archive: Archive) -> None:
    _, text = drafted(
        archive, cite_all([evidence(SENTENCES[0]), evidence(SENTENCES[1]), evidence(SENTENCES[3])], archive)
    )
    assert text == f"{SENTENCES[0]} [1] {SENTENCES[1]} [2]\n\n{SENTENCES[3]} [3]"


def test_quotes_of_two_articles_stand_apart(archive: Archive) -> None:
    _, text = drafted(archive, cite_all([evidence(SENTENCES[0]), evidence(SENTENCES[1], article="again")], archive))
    assert text == f"{SENTENCES[0]} [1]\n\n{SENTENCES[1]} [2]"


def test_a_sentence_that_is_no_quote_is_left_out(archive: Archive) -> None:
    cited = cite_all([evidence(SENTENCES[0]), evidence(SENTENCES[1])], archive)
    draft, text = drafted(archive, [cited[0], replace(cited[1], quote="Two boats never came back.")])
    assert text == f"{SENTENCES[0]} [1]"
    assert len(draft.sentences) == len(draft.citations) == 1


def test_markers_count_from_1_also_when_a_sentence_is_left_out(archive: Archive) -> None:
    cited = cite_all([evidence(SENTENCES[0]), evidence(SENTENCES[1])], archive)
    draft, _ = drafted(archive, [replace(cited[0], quote="No boat left."), cited[1]])
    assert [c.marker for c in draft.citations] == [1]


def test_a_citation_says_whose_words_it_holds(tmp_path: Path, encoder: HashEncoder) -> None:
    text = "Ann Lee, a pilot, said one boat left. “It was dark.” Two boats came back."
    ingest(tmp_path, [Article("pilot", text)], IngestSettings())
    with closing(Archive(tmp_path)) as archive:
        passage = Passage(1, "key", "pilot", Article("pilot", text).version, 0, len(text), text)
        spans = [(0, 37), (38, 52), (53, len(text))]
        cited = cite_all([Evidence(passage, a, b, text[a:b], 0.5, 1.0) for a, b in spans], archive)
    lee = Speaker("Ann Lee", 0, 7)
    assert [citation.speaker for citation in cited] == [lee, lee, None]


def test_evidence_of_an_article_that_the_archive_does_not_hold_is_not_cited(archive: Archive) -> None:
    assert cite_all([evidence(SENTENCES[0], article="unknown")], archive) == []
