"""Kept conversations: what is kept stays as it was, what is dropped is gone, and a crash loses no question."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import StartPython
from fakes import cited_answer
from hypothesis import given
from hypothesis import strategies as st

from assistant.conversations import Conversations, answer_from_json
from assistant.conversations.forgetting import PURGED, forget
from assistant.conversations.records import INTERRUPTED
from assistant.conversations.store import FILE
from assistant.types import Answer, Scope
from eval.samples import Sample
from ingest.errors import ArchiveError, ConversationNotFound, DatasetError, RequestError

ANSWER = cited_answer("The ferry left at dawn.", "It carried 212 people.")
HALF = "\ud800"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Conversations]:
    opened = Conversations(tmp_path / "home")
    yield opened
    opened.close()


def asked(store: Conversations, *questions: str, answer: Answer = ANSWER) -> str:
    """The id of a conversation in which every question got the answer."""
    id = store.create()
    for question in questions:
        assert store.finish_turn(id, store.begin_turn(id, question), replace(answer, question=question))
    return id


def test_an_answer_comes_back_as_it_was(store: Conversations) -> None:
    scope = Scope(articles=("a",), stretches=(("a", 1, 2),), since="2024-01-01")
    id = store.create()
    number = store.begin_turn(id, " When did\nit leave? ", scope)
    assert store.finish_turn(id, number, ANSWER)
    kept = store.get(id)
    assert kept.title == "When did it leave?"
    (turn,) = kept.turns
    assert turn == store.turn(id, number)
    assert turn.scope == scope
    assert (turn.number, turn.question, turn.state, turn.error) == (number, " When did\nit leave? ", "answered", None)
    assert turn.answer == ANSWER
    assert turn.answer is not None
    assert turn.answer.to_json() == ANSWER.to_json()


@given(st.text(st.characters(), max_size=30))
def test_any_answer_survives_its_json(text: str) -> None:
    answer = replace(ANSWER, answer=text, notes=(text,), reason=text)
    if not any("\ud800" <= c <= "\udfff" for c in text):
        assert answer_from_json(json.loads(json.dumps(answer.to_json()))) == answer


def test_a_field_that_came_later_has_its_default_and_a_wrong_one_is_named() -> None:
    older = {name: value for name, value in ANSWER.to_json().items() if name != "notes"}
    assert answer_from_json(older).notes == ()
    for field, wrong in (("confidence", "high"), ("outcome", "maybe"), ("sentences", None)):
        with pytest.raises(DatasetError, match=field):
            answer_from_json({**ANSWER.to_json(), field: wrong})
    with pytest.raises(DatasetError, match=r"citations\.0\.start"):
        answer_from_json({**ANSWER.to_json(), "citations": [{**ANSWER.to_json()["citations"][0], "start": "1"}]})


def test_a_question_is_on_the_disk_before_it_is_answered(store: Conversations) -> None:
    id = store.create()
    store.begin_turn(id, "Who?")
    with sqlite3.connect(store.home / FILE) as other:
        assert other.execute("SELECT question, state FROM turns").fetchall() == [("Who?", "waiting")]
    other.close()


def test_an_answer_that_comes_too_late_is_not_kept(store: Conversations) -> None:
    id = store.create()
    first = store.begin_turn(id, "Who?")
    assert store.stop_turn(id, first)
    assert not store.finish_turn(id, first, ANSWER)
    second = store.begin_turn(id, "What?")
    third = store.begin_turn(id, "Why?", instead_of=second)
    assert third > second
    assert not store.finish_turn(id, second, ANSWER)
    assert store.fail_turn(id, third, "No weights; run: make")
    assert [(t.state, t.answer) for t in store.get(id).turns] == [("stopped", None), ("failed", None)]


def test_history_has_the_answered_turns_and_the_articles_they_cite(store: Conversations) -> None:
    id = asked(store, "One?", "Two?")
    store.stop_turn(id, store.begin_turn(id, "Three?"))
    assert [(t.question, t.answer, t.articles) for t in store.history(id)] == [
        ("One?", ANSWER.answer, ("ferry",)),
        ("Two?", ANSWER.answer, ("ferry",)),
    ]


def test_a_question_asked_differently_takes_the_place_of_its_turn_and_of_all_after_it(store: Conversations) -> None:
    id = asked(store, "One?", "Two?", "Three?")
    assert store.begin_turn(id, "Too?", instead_of=2) == 4
    assert [turn.question for turn in store.get(id).turns] == ["One?", "Too?"]
    with pytest.raises(ConversationNotFound, match="no turn 2"):
        store.begin_turn(id, "Two?", instead_of=2)
    assert [turn.question for turn in store.get(id).turns] == ["One?", "Too?"]


def test_what_is_asked_differently_is_dropped_only_with_the_new_question_kept(
    store: Conversations, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = asked(store, "One?", "Two?")
    monkeypatch.setattr("assistant.conversations.store.storable", lambda _: object())  # SQLite refuses it
    with pytest.raises(ArchiveError):
        store.begin_turn(id, "Too?", instead_of=1)
    assert [turn.question for turn in store.get(id).turns] == ["One?", "Two?"]


@pytest.mark.parametrize("instead_of", [None, 2])
def test_a_conversation_that_went_on_elsewhere_is_told_of_and_not_changed(
    store: Conversations, instead_of: int | None
) -> None:
    id = asked(store, "One?", "Two?", "Three?")
    before = store.get(id)
    for last_seen in (0, 2, -(10**20)):
        with pytest.raises(RequestError, match="went on elsewhere; load it again"):
            store.begin_turn(id, "Too?", instead_of=instead_of, last_seen=last_seen)
    assert store.get(id) == before
    store.begin_turn(id, "Too?", instead_of=instead_of, last_seen=3)
    store.begin_turn(store.create(), "New?", last_seen=0)
    left = ["One?", "Two?", "Three?"][: 1 if instead_of else 3]
    assert [turn.question for turn in store.get(id).turns] == [*left, "Too?"]


@pytest.mark.parametrize("number", [10**20, -(10**20)])
def test_a_number_that_no_turn_can_have_is_not_found(store: Conversations, number: int) -> None:
    id = asked(store, "One?")
    for call in (
        lambda: store.turn(id, number),
        lambda: store.rate(id, number, "up"),
        lambda: store.begin_turn(id, "Two?", instead_of=number),
    ):
        with pytest.raises(ConversationNotFound):
            call()
    assert not store.stop_turn(id, number)
    assert len(store.list(offset=number)) == (number < 0)
    assert len(store.get(id, before=number).turns) == (number > 0)


def test_the_slices_that_a_conversation_cites_are_given_once(store: Conversations) -> None:
    id = asked(store, "One?", "Two?")
    assert store.sentences_cited(id) == {"ferry@0123456789ab": [(0, 23), (24, 46)]}


def test_conversations_are_listed_by_change_and_found_by_any_word(store: Conversations) -> None:
    quakes = asked(store, "What of the earthquakes?")
    ferry = asked(store, "When did the ferry go?")
    store.rename(quakes, "Herāt")
    store.begin_turn(quakes, "And then?")
    assert [s.id for s in store.list()] == [quakes, ferry]
    assert [s.id for s in store.list(1, 1)] == [ferry]
    assert [(s.title, s.turns) for s in store.list(query="herat")] == [("Herāt", 2)]
    assert [s.id for s in store.list(query="herat earthquake dawn")] == [quakes]
    assert [s.id for s in store.list(query="ferry ea")] == [quakes]  # stands in its answer; "ea" begins a word of it
    assert store.list(query="ferry volcano") == []
    assert store.list(query="?!") == []
    assert len(store.list(query="  ")) == 2
    store.rename(quakes, " ")
    assert store.get(quakes).title == "What of the earthquakes?"


@given(st.text(st.one_of(st.sampled_from('"*():^-+{}\x00\ud800 ANDORNEARé½'), st.characters()), max_size=40))
def test_any_text_can_be_searched_for(tmp_path_factory: pytest.TempPathFactory, query: str) -> None:
    found = SEARCHED.setdefault("store", Conversations(tmp_path_factory.getbasetemp() / "searched"))
    assert isinstance(found.list(query=query), list)


SEARCHED: dict[str, Conversations] = {}


def test_a_very_long_search_is_answered(store: Conversations) -> None:
    asked(store, "Who?")
    assert store.list(query="word " * 50_000) == []
    assert store.list(query="x" * 1_000_000) == []


def bytes_of(home: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(home.glob("conversations.sqlite*")))


def test_what_is_deleted_leaves_no_byte_on_the_disk(store: Conversations) -> None:
    kept = asked(store, "What of Ouagadougou?")
    id = asked(store, "What of Zanzibar?", "And Xylophone?", answer=cited_answer("The Quetzal flew."))
    store.rename(id, "About Tegucigalpa")
    store.rate(id, 1, "down", "Yttrium")
    held = bytes_of(store.home).lower()
    words = b"zanzibar xylophon quetzal tegucigalpa yttrium".split()
    assert all(word in held for word in words)
    store.delete(id)
    held = bytes_of(store.home).lower()
    assert [word for word in words if word in held] == []
    assert b"ouagadougou" in held
    assert [s.id for s in store.list()] == [kept]
    with pytest.raises(ConversationNotFound, match=id):
        store.get(id)


def test_a_purged_article_leaves_its_place_and_no_word(store: Conversations) -> None:
    other = asked(store, "Who?", answer=ANSWER_ELSEWHERE)
    id = asked(
        store,
        "What flew?",
        answer=replace(cited_answer("The Quetzal flew. " * 999, "It sang."), notes=("Quetzal news",)),
    )
    store.finish_turn(
        id, store.begin_turn(id, "And it?"), replace(ANSWER_ELSEWHERE, standalone_question="And Quetzal?")
    )
    late = store.begin_turn(id, "More?")
    assert store.forget_articles({"ferry"}.__contains__) == 1
    assert not store.finish_turn(id, late, ANSWER)
    first, second, _ = store.get(id).turns
    assert first.answer is not None
    assert second.answer is not None
    assert first.question == "What flew?"
    assert first.answer.answer == f"{PURGED} [1] {PURGED} [2]"
    assert [first.answer.answer[s.start : s.end] for s in first.answer.sentences] == [PURGED] * 2
    assert [(c.quote, c.title, c.author, c.outlet, c.published, c.source) for c in first.answer.citations] == [
        (PURGED, None, None, None, None, None)
    ] * 2
    assert second.answer.standalone_question == second.answer.question
    assert second.answer.sentences == ANSWER_ELSEWHERE.sentences
    kept = store.get(other).turns[0].answer
    assert kept is not None
    assert "harbour" in kept.answer
    held = bytes_of(store.home).lower()
    assert [word for word in (b"quetzal", b"sang", b"ana lill", b"the sound") if word in held] == []
    assert store._db.execute("PRAGMA freelist_count").fetchone()[0] == 0
    assert store.forget_articles({"ferry"}.__contains__) == 0


ANSWER_ELSEWHERE = cited_answer("The harbour closed.", article="harbour", byline=False)


def test_a_sentence_that_rests_on_two_articles_goes_with_either() -> None:
    mixed = cited_answer("The ferry left.", "The harbour closed.", "Both differ.")
    first, second, third = mixed.citations
    mixed = replace(
        mixed,
        citations=(first, replace(second, article="harbour"), third),
        sentences=(*mixed.sentences[:2], replace(mixed.sentences[2], citations=())),
    )
    without = forget(mixed, {"ferry"})
    assert [s.text for s in without.sentences] == [PURGED, "The harbour closed.", PURGED]
    assert forget(without, {"ferry"}) == without


def test_a_purge_that_another_reader_blocks_says_so(store: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(store, "Who?")
    store._db.execute("PRAGMA busy_timeout = 50")
    with sqlite3.connect(store.home / FILE, isolation_level=None) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM turns").fetchall()
        with pytest.raises(ArchiveError, match="end it, and purge the article again"):
            store.forget_articles({"ferry"}.__contains__)
    reader.close()
    assert store.forget_articles({"ferry"}.__contains__) == 0


CRASHES = """
import os, sys
from pathlib import Path
from assistant.conversations import Conversations
store = Conversations(Path(sys.argv[1]))
id = store.create()
store.begin_turn(id, "Will it be answered?")
print(id, flush=True)
sys.stdin.readline()
os._exit(9)
"""


def test_a_turn_waits_while_its_process_lives_and_is_stopped_when_it_died(
    store: Conversations, start_python: StartPython
) -> None:
    process = start_python(CRASHES, store.home)
    assert process.stdout is not None
    id = process.stdout.readline().strip()
    assert store.get(id).turns[0].state == "waiting"
    assert store.turn(id, 1).state == "waiting"
    process.communicate("\n")
    turn = store.turn(id, 1)
    assert (turn.state, turn.error) == ("stopped", INTERRUPTED)
    assert store.get(id).turns == (turn,)
    assert store.finish_turn(id, store.begin_turn(id, turn.question, instead_of=turn.number), ANSWER)
    assert len(list((store.home / "conversations.answering").iterdir())) == 1  # its own


def test_a_store_that_is_closed_leaves_nothing_waiting(tmp_path: Path) -> None:
    first, second = Conversations(tmp_path), Conversations(tmp_path)
    id = first.create()
    first.begin_turn(id, "Who?")
    assert second.get(id).turns[0].state == "waiting"
    first.close()
    assert second.get(id).turns[0].state == "stopped"
    assert list((tmp_path / "conversations.answering").iterdir()) == []
    second.close()


MANY = """
import sys
from pathlib import Path
from assistant.conversations import Conversations
from fakes import cited_answer
store = Conversations(Path(sys.argv[1]))
for i in range(20):
    id = store.create()
    assert store.finish_turn(id, store.begin_turn(id, f"Question {i}?"), cited_answer("The ferry left."))
store.close()
"""


def test_two_processes_and_many_threads_write_at_once(tmp_path: Path, start_python: StartPython) -> None:
    processes = [start_python(MANY, tmp_path / "home") for _ in range(2)]
    store = Conversations(tmp_path / "home")
    threads = [threading.Thread(target=asked, args=(store, "One?", "Two?")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.wait() for process in processes] == [0, 0]
    assert len(store.list(100)) == 48
    assert len(store.list(100, query="ferry dawn")) == 8
    store.close()


def test_only_its_owner_can_read_the_file(store: Conversations) -> None:
    asked(store, "Who?")
    assert {file.stat().st_mode & 0o077 for file in store.home.glob("conversations.sqlite*")} == {0}


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda file: file.write_bytes(b"no database " * 1000), "cannot be opened"),
        (lambda file: run(file, "PRAGMA user_version = 99"), "newer release"),
        (lambda file: run(file, "PRAGMA user_version = 0"), "is not a file of conversations"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_of_with_a_remedy(tmp_path: Path, spoil: object, told: str) -> None:
    Conversations(tmp_path).close()
    assert callable(spoil)
    spoil(tmp_path / FILE)
    with pytest.raises(ArchiveError, match=told):
        Conversations(tmp_path)


def run(file: Path, statement: str) -> None:
    with sqlite3.connect(file) as db:
        db.execute(statement)
    db.close()


def test_a_file_that_another_writes_to_is_not_to_be_moved_away(store: Conversations) -> None:
    store._db.execute("PRAGMA busy_timeout = 20")
    with closing(sqlite3.connect(store.home / FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for call in (store.create, lambda: store.begin_turn("x", "Who?")):
            with pytest.raises(ArchiveError, match=r"is locked\); .*wait until that is done, then try again\.$"):
                call()
    assert store.create()


@pytest.mark.parametrize(
    ("pragma", "remedy"), [("max_page_count = 1", "make room on the disk"), ("query_only = ON", "folder writable")]
)
def test_a_full_disk_and_a_file_that_cannot_be_written_are_no_damage(
    store: Conversations, pragma: str, remedy: str
) -> None:
    store._db.execute(f"PRAGMA {pragma}")
    with pytest.raises(ArchiveError, match=remedy) as told:
        asked(store, "long " * 100_000)
    assert "backup" not in str(told.value)


def test_an_answer_that_was_damaged_on_the_disk_is_told_of(store: Conversations) -> None:
    id = asked(store, "Who?")
    run(store.home / FILE, "UPDATE turns SET answer = '{}'")
    with pytest.raises(ArchiveError, match="delete it"):
        store.get(id)


def test_a_home_that_is_a_file_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(ArchiveError, match="choose another --home"):
        Conversations(tmp_path / "home")


def test_what_is_no_text_is_kept_as_far_as_it_can_be(store: Conversations) -> None:
    id = asked(store, f"Who\x00is {HALF}?", answer=replace(ANSWER, notes=(HALF,)))
    (turn,) = store.get(id).turns
    assert turn.question == "Who\x00is ??"
    assert turn.answer is not None
    assert turn.answer.notes == ("?",)
    assert store.list(query="Who\x00is")[0].title == "Who\ufffdis ??"
    with pytest.raises(ConversationNotFound):
        store.get(HALF)


def test_rated_answers_become_drafts_of_samples(store: Conversations) -> None:
    id = asked(store, "One?", "Two?", "Three?", "Four?")
    silent = replace(ANSWER, outcome="not_stated", abstained=True, sentences=(), citations=())
    store.finish_turn(id, store.begin_turn(id, "Five?"), replace(silent, question="Five?"))
    store.rate(id, 1, "up")
    store.rate(id, 2, "down", "Wrong quote, again!")
    store.rate(id, 3, "down", "taken back")
    store.rate(id, 3, None)
    store.rate(id, 5, "up")
    one, two, five = store.draft_samples()
    assert one["evidence"][0] == {"doc_id": "ferry", "start": 0, "end": 23, "text": "The ferry left at dawn."}
    assert (one["answerable"], one["tags"], one["history"]) == (True, ["draft", "rated-up"], [])
    assert (two["answerable"], two["evidence"], two["note"]) == (None, [], "Wrong quote, again!")
    assert two["tags"] == ["draft", "rated-down", "wrong-quote-again"]
    assert two["history"] == [{"q": "One?", "a": ANSWER.answer}]
    assert (five["answerable"], five["evidence"]) == (False, [])
    assert [Sample.model_validate(found).qid for found in (one, two, five)] == [f"rated-{id}-{n}" for n in (1, 2, 5)]
    store.forget_articles({"ferry"}.__contains__)
    assert [found["answerable"] for found in store.draft_samples()] == [None, None, False]
    with pytest.raises(ConversationNotFound):
        store.rate(id, 9, "up")


def test_a_liked_answer_from_metadata_alone_has_no_label(store: Conversations) -> None:
    (cited, *_) = ANSWER.citations
    stored = replace(cited, id="ferry@0123456789ab#author", start=None, end=None, quote="Ana Lill")
    store.rate(asked(store, "Who wrote it?", answer=replace(ANSWER, citations=(stored,))), 1, "up")
    (sample,) = store.draft_samples()
    assert (sample["answerable"], sample["evidence"]) == (None, [])


def test_ids_cannot_be_guessed_and_need_no_escaping(store: Conversations) -> None:
    ids = {store.create() for _ in range(50)}
    assert len(ids) == 50
    assert all(len(id) == 32 and id.isalnum() for id in ids)
