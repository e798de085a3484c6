"""Evaluation sets, checked when they are loaded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant import Scope, Turn
from eval.samples import Sample, Suite, find_suite
from ingest.errors import DatasetError
from ingest.loading import Article, Failure, load_corpus

TEXT = "The ferry left at dawn.\r\nIt came back at noon. 🚢"
EVIDENCE = {"doc_id": "ferry", "start": 0, "end": 23, "text": "The ferry left at dawn."}
QUESTION = {"qid": "one", "question": "When did the ferry leave?", "answerable": True, "evidence": [EVIDENCE]}
GOLD = find_suite("article")


def lines(path: Path, *records: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(record if isinstance(record, str) else json.dumps(record) for record in records)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def suite(
    folder: Path, *questions: Any, corpus: tuple[Any, ...] = ({"doc_id": "ferry", "title": None, "text": TEXT},)
) -> Suite:
    return Suite("mine", lines(folder / "questions.jsonl", *questions), lines(folder / "corpus.jsonl", *corpus))


def test_a_right_suite_is_counted(tmp_path: Path) -> None:
    checked = suite(tmp_path, QUESTION, {**QUESTION, "qid": "two"}).check()
    assert (checked.questions, checked.articles) == (2, frozenset({"ferry"}))


def test_the_digest_tells_suites_apart(tmp_path: Path) -> None:
    other = {"doc_id": "other", "title": None, "text": "More."}
    ferry = {"doc_id": "ferry", "title": None, "text": TEXT}
    suites = [
        suite(tmp_path / "a", QUESTION),
        suite(tmp_path / "b", {**QUESTION, "question": "When did it leave?"}),
        suite(tmp_path / "c", QUESTION, corpus=(ferry, other)),
        suite(tmp_path / "d", QUESTION, corpus=({**ferry, "title": "A ferry"},)),
    ]
    assert len({one.check().sha256 for one in suites}) == 4
    assert suite(tmp_path / "e", QUESTION).check().sha256 == suites[0].check().sha256


def test_checking_reads_the_corpus_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []

    def counted(path: Path) -> Iterator[Article | Failure]:
        read.append(path)
        return load_corpus(path)

    monkeypatch.setattr("eval.samples.load_corpus", counted)
    suite(tmp_path, QUESTION).check()
    assert len(read) == 1


def test_a_stretch_is_gold_when_one_character_is_shared() -> None:
    sample = Sample.model_validate({**QUESTION, "evidence": [{**EVIDENCE, "start": 10, "end": 20}]})
    assert [sample.is_gold("ferry", *place) for place in ((19, 25), (5, 11), (20, 25), (5, 10))] == [
        True,
        True,
        False,
        False,
    ]
    assert not sample.is_gold("other", 12, 15)


def test_texts_are_kept_character_for_character(tmp_path: Path) -> None:
    (article,) = suite(tmp_path, QUESTION).articles()
    assert isinstance(article, Article)
    assert article.text == TEXT


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("{", "questions.jsonl:2: not JSON"),
        ("3", "questions.jsonl:2: not a JSON object"),
        ({"question": "x"}, "questions.jsonl:2: field 'qid'"),
        ({"qid": "x"}, "questions.jsonl:2: field 'question'"),
        ({**QUESTION, "qid": 7}, "questions.jsonl:2: field 'qid'"),
        ({**QUESTION, "qid": "x", "answerable": "perhaps"}, "questions.jsonl:2: field 'answerable'"),
        ({**QUESTION, "qid": "x", "history": [{"q": "x"}]}, "questions.jsonl:2: field 'history.0.a'"),
        (
            {**QUESTION, "qid": "x", "evidence": [{"doc_id": "ferry", "start": "0", "end": 1}]},
            "field 'evidence.0.start'",
        ),
        (QUESTION, "questions.jsonl:2: field 'qid': 'one' stands twice"),
    ],
)
def test_a_wrong_line_names_file_line_and_field(tmp_path: Path, line: Any, named: str) -> None:
    with pytest.raises(DatasetError, match=re.escape(named)):
        suite(tmp_path, QUESTION, line).check()


@pytest.mark.parametrize("field", ["evidence", "scope"])
@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"doc_id": "other"}, "no document 'other'"),
        ({"end": 999, "text": None}, "0-999 lies outside 'ferry'"),
        ({"start": -1, "text": None}, "-1-23 lies outside"),
        ({"end": 0, "text": None}, "0-0 lies outside"),
        ({"end": 22}, "the text at 0-22 is not the one given"),
    ],
)
def test_a_wrong_stretch_names_file_line_and_field(
    tmp_path: Path, field: str, changed: dict[str, Any], named: str
) -> None:
    wrong = {**QUESTION, "qid": "two", field: [{**EVIDENCE, **changed}]}
    with pytest.raises(DatasetError) as caught:
        suite(tmp_path, QUESTION, wrong).check()
    assert named in str(caught.value)
    assert f"field '{field}'" in str(caught.value)
    assert "questions.jsonl:2" in str(caught.value)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ({"doc_id": "x"}, "corpus.jsonl:2: field 'text'"),
        ({"text": "x"}, "corpus.jsonl:2: field 'doc_id'"),
        ({"doc_id": "x", "text": "x", "title": 3}, "corpus.jsonl:2: field 'title'"),
        ({"doc_id": "ferry", "text": "Other words."}, "corpus.jsonl:2: field 'doc_id'"),
    ],
)
def test_a_wrong_line_of_the_corpus_names_file_line_and_field(tmp_path: Path, line: Any, named: str) -> None:
    with pytest.raises(DatasetError, match=re.escape(named)):
        suite(tmp_path, QUESTION, corpus=({"doc_id": "ferry", "text": TEXT}, line)).check()


def test_a_suite_without_questions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"questions\.jsonl"):
        suite(tmp_path, "").check()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"none\.jsonl"):
        Suite("mine", tmp_path / "none.jsonl", lines(tmp_path / "corpus.jsonl", {"doc_id": "x", "text": "x"})).check()


def test_fields_of_other_benchmarks_are_let_be() -> None:
    assert Sample.model_validate({"qid": "x", "question": "y", "level": "hard"}).answerable is None


def test_history_and_scope_are_as_the_assistant_takes_them() -> None:
    sample = Sample.model_validate({**QUESTION, "history": [{"q": "a", "a": "b"}], "scope": [EVIDENCE]})
    assert sample.turns == [Turn("a", "b")]
    assert sample.asked_of == Scope(stretches=(("ferry", 0, 23),))
    assert Sample.model_validate(QUESTION).asked_of is None


def test_a_suite_is_found_by_its_folder(tmp_path: Path) -> None:
    suite(tmp_path / "mine", QUESTION)
    assert find_suite(str(tmp_path / "mine")).check().questions == 1


def test_an_unknown_suite_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"'other'.*article"):
        find_suite("other")


def test_the_gold_suite_is_whole() -> None:
    """`check` compares every slice with its text."""
    samples = list(GOLD.samples())
    assert GOLD.check().questions == len(samples) == len({sample.qid for sample in samples})
    assert len(samples) >= 60
    assert all(e.text for sample in samples for e in sample.evidence)


def test_the_gold_suite_says_of_each_question_whether_it_can_be_answered() -> None:
    for sample in GOLD.samples():
        assert sample.answerable is not None, sample.qid
        assert sample.tags, sample.qid
        assert bool(sample.evidence) == sample.answerable, sample.qid


def test_the_gold_suite_has_enough_of_what_must_be_abstained_from() -> None:
    assert sum(sample.answerable is False for sample in GOLD.samples()) >= 15


def test_an_unanswerable_gold_question_with_evidence_is_refused(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "ferry.txt").write_text(TEXT)
    record = {**QUESTION, "answerable": False, "evidence": [{"doc_id": "x", "start": 0, "end": 1}]}
    wrong = Suite("mine", lines(tmp_path / "questions.jsonl", record), tmp_path / "corpus")
    with pytest.raises(DatasetError, match=r"questions\.jsonl:1.*'evidence'"):
        wrong.check()
