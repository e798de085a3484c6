"""Files added from the page: kept until they are taken in, whatever happens in between."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fakes import HashEncoder

from assistant.ui import inbox as module
from assistant.ui.inbox import Added, Inbox
from ingest.archive import Archive
from ingest.arrivals import FOLDER
from ingest.errors import ArchiveError
from ingest.lock import writing
from ingest.pipeline import ingest, rebuild
from ingest.settings import IngestSettings

FERRY = b"The ferry Aurora left Tallinn at dawn. It carried 212 people."
HOURS = 3600.0


@pytest.fixture
def inbox(encoder: HashEncoder, tmp_path: Path) -> Iterator[Inbox]:
    with closing(Inbox(tmp_path, IngestSettings(max_file_bytes=1000))) as found:
        yield found


def add(inbox: Inbox, name: str, content: bytes = FERRY) -> None:
    upload = inbox.uploads.begin(name, len(content))
    inbox.uploads.write(upload, content)
    inbox.keep(upload)
    inbox.uploads.end(upload)


def waited(inbox: Inbox, done: Callable[[list[Added]], bool]) -> list[Added]:
    over = threading.Event()
    for _ in range(1000):
        state = inbox.state()
        if done(state):
            return state
        over.wait(0.02)
    raise AssertionError(inbox.state())


def ended(state: list[Added]) -> bool:
    return all(one.state not in ("waiting", "reading") for one in state)


def put_off(state: list[Added]) -> bool:
    return all(one.state == "waiting" and one.reason for one in state)


def left(home: Path) -> list[str]:
    """The names of the files that wait, without what the inbox puts before them."""
    return sorted(file.name.split("-", 2)[2] for file in (home / FOLDER).iterdir())


def texts(home: Path) -> list[str]:
    with closing(Archive(home)) as archive:
        return [archive.source(info.article).text for info in archive.articles()]  # type: ignore[union-attr]


def test_files_are_taken_in_and_again_under_the_same_name_updated(inbox: Inbox, tmp_path: Path) -> None:
    inbox.start()
    add(inbox, "ferry.txt")
    (first,) = waited(inbox, ended)
    assert (first.name, first.state, first.reason) == ("ferry.txt", "added", "")
    add(inbox, "ferry.txt")
    assert waited(inbox, ended)[0].state == "unchanged"
    add(inbox, "ferry.txt", FERRY + b" A storm came.")
    (last,) = waited(inbox, ended)
    assert (last.state, last.article) == ("updated", first.article)
    with closing(Archive(tmp_path)) as archive:
        assert [info.source for info in archive.articles()] == ["ferry.txt"]
    assert left(tmp_path) == []


def test_each_that_fails_has_its_reason_and_the_others_are_taken_in(inbox: Inbox, tmp_path: Path) -> None:
    add(inbox, "empty.txt", b" ")
    add(inbox, "ferry.md")
    inbox.start()
    state = {one.name: one for one in waited(inbox, lambda state: len(state) == 2 and ended(state))}
    assert state["ferry.md"].state == "added"
    assert state["empty.txt"].state == "failed"
    assert state["empty.txt"].reason.startswith("empty.txt: holds no text")
    assert left(tmp_path) == []


def test_what_waits_is_taken_in_after_a_restart_and_of_one_name_the_newest(
    encoder: HashEncoder, tmp_path: Path
) -> None:
    with closing(Inbox(tmp_path, IngestSettings())) as before:
        add(before, "ferry.txt", b"The first words.")
        for number in range(12):  # more than one digit
            add(before, "ferry.txt", b"The words of version %d." % number)
    with closing(Inbox(tmp_path, IngestSettings())) as after:
        after.start()
        assert [one.state for one in waited(after, lambda state: bool(state) and ended(state))] == ["added"]
    assert (texts(tmp_path), left(tmp_path)) == (["The words of version 11."], [])


def test_while_another_process_writes_a_file_waits_and_says_for_what(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.05)
    with writing(tmp_path):
        inbox.start()
        add(inbox, "ferry.txt")
        (waiting,) = waited(inbox, put_off)
        assert "is writing to" in waiting.reason
    assert waited(inbox, ended)[0].state == "added"


def test_of_all_that_come_under_a_name_while_the_first_is_read_the_last_is_kept(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, let = threading.Event(), threading.Event()

    def slow(*of: Any) -> Any:
        report = ingest(*of)
        reading.set()
        assert let.wait(20)
        return report

    monkeypatch.setattr(module, "ingest", slow)
    inbox.start()
    add(inbox, "ferry.txt")
    assert reading.wait(20)
    add(inbox, "ferry.txt", b"The second words.")
    add(inbox, "ferry.txt", b"The third words.")
    let.set()
    assert waited(inbox, ended)[0].state == "updated"
    assert (texts(tmp_path), left(tmp_path)) == (["The third words."], [])


def test_of_a_file_that_came_while_another_of_its_name_was_read_it_is_told_that_it_waits(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(*of: Any) -> Any:
        report = ingest(*of)
        add(inbox, "ferry.txt", b"The second words.")
        return report

    monkeypatch.setattr(module, "ingest", meanwhile)
    add(inbox, "ferry.txt")
    inbox._round()
    assert [one.state for one in inbox.state()] == ["waiting"]


def test_where_the_home_is_at_fault_all_wait_with_the_remedy_and_are_taken_in_when_it_is_mended(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = IngestSettings(passage_tokens=100)
    ingest(tmp_path, [], changed)
    with closing(Inbox(tmp_path, changed)) as before:
        before.start()
        add(before, "harbour.txt", b"The harbour was quiet.")
        waited(before, ended)
    monkeypatch.setattr(module, "AGAIN", 0.05)
    add(inbox, "ferry.txt")
    add(inbox, "apples.txt", b"The frost came in a single night.")
    inbox.start()
    for one in waited(inbox, put_off):
        assert "onrecord rebuild" in one.reason
    assert left(tmp_path) == ["apples.txt", "ferry.txt"]
    rebuild(tmp_path, IngestSettings())
    assert [one.state for one in waited(inbox, ended)] == ["added", "added"]
    assert left(tmp_path) == []


def test_what_a_full_disk_put_off_is_tried_again_when_another_file_is_added(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: Any) -> Any:
        raise shutil.Error([("/from", "/to", "[Errno 28] No space left on device")])

    monkeypatch.setattr(module, "AGAIN", HOURS)
    monkeypatch.setattr(module, "ingest", full)
    inbox.start()
    add(inbox, "ferry.txt")
    (waiting,) = waited(inbox, put_off)
    assert waiting.reason == module.NO_ROOM
    assert "No space left" in caplog.text
    assert left(tmp_path) == ["ferry.txt"]
    monkeypatch.setattr(module, "ingest", ingest)
    add(inbox, "apples.txt", b"The frost came in a single night.")
    assert {one.name: one.state for one in waited(inbox, ended)} == {"ferry.txt": "added", "apples.txt": "added"}


def test_a_file_that_breaks_the_ingest_keeps_no_other_from_being_taken_in(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaking(home: Path, articles: Iterable[Any], *more: Any) -> Any:
        read = list(articles)
        assert "poison.txt" not in [one.source for one in read]
        return ingest(home, read, *more)

    monkeypatch.setattr(module, "AGAIN", 0.01)
    monkeypatch.setattr(module, "ingest", breaking)
    for name in ("apples.txt", "poison.txt", "ferry.txt"):
        add(inbox, name)
    inbox.start()
    state = waited(inbox, lambda state: sum(one.state == "added" for one in state) == 2)
    (poison,) = (one for one in waited(inbox, lambda s: any(map(put_off, [[o] for o in s]))) if one.state != "added")
    assert (len(state), poison.name, poison.reason) == (3, "poison.txt", module.WENT_WRONG)
    assert left(tmp_path) == ["poison.txt"]
    monkeypatch.setattr(module, "ingest", ingest)
    assert {one.name for one in waited(inbox, ended)} == {"apples.txt", "ferry.txt", "poison.txt"}


def test_the_pauses_between_two_tries_grow_and_begin_anew_with_another_file(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "newest", lambda home: 1 / 0)
    assert [inbox._round() for _ in range(7)] == [2, 4, 8, 16, 32, 60, 60]
    add(inbox, "ferry.txt")
    assert inbox._wait(None)
    assert inbox._round() == 2


def test_an_inbox_that_cannot_be_read_ends_nothing(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked = threading.Event()

    def unreadable(home: Path) -> Any:
        asked.set()
        raise ArchiveError("It cannot be read; check its permissions.")

    with monkeypatch.context() as faulty:
        faulty.setattr(module, "newest", unreadable)
        faulty.setattr(module, "drop_dead_parts", unreadable)
        inbox.start()
        assert asked.wait(20)
    add(inbox, "ferry.txt")
    assert waited(inbox, ended)[0].state == "added"
    assert caplog.record_tuples == []


def test_what_another_chat_on_the_home_took_in_waits_no_longer(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(inbox, "ferry.txt")
    assert inbox.state()[0].state == "waiting"
    with closing(Inbox(tmp_path, IngestSettings())) as other:
        other.start()
        waited(other, lambda state: bool(state) and ended(state))
    (gone,) = inbox.state()
    assert (gone.state, "Another process" in gone.reason) == ("elsewhere", True)


def test_what_another_chat_took_in_just_before_it_is_read_has_not_failed(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*of: Any) -> Any:
        for file in (tmp_path / FOLDER).glob("*-ferry.txt"):
            file.unlink()
        return ingest(*of)

    monkeypatch.setattr(module, "ingest", late)
    add(inbox, "ferry.txt")
    add(inbox, "apples.txt", b"The frost came in a single night.")
    inbox.start()
    assert {one.name: one.state for one in waited(inbox, ended)} == {"ferry.txt": "elsewhere", "apples.txt": "added"}


@pytest.mark.parametrize("loading", [True, False], ids=["while files are read", "while passages are encoded"])
def test_closing_in_the_midst_of_a_batch_ends_it_and_the_next_start_takes_it_in(
    encoder: HashEncoder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    loading: bool,
) -> None:
    caplog.set_level(logging.ERROR)
    inbox = Inbox(tmp_path, IngestSettings())
    alive_after: list[bool] = []

    def closed() -> None:
        inbox.close()
        alive_after.append(inbox._thread.is_alive())

    closer = threading.Thread(target=closed)
    counted, encoded = encoder.count_tokens, encoder.encode_passages

    def close() -> None:
        closer.start()
        while not inbox._closed:
            pass

    def count(*of: Any) -> Any:
        if loading and not closer.ident:
            close()
        return counted(*of)

    def encode(*of: Any) -> Any:
        if not closer.ident:
            close()
        return encoded(*of)

    monkeypatch.setattr(encoder, "count_tokens", count)
    monkeypatch.setattr(encoder, "encode_passages", encode)
    add(inbox, "ferry.txt")
    add(inbox, "apples.txt", b"The frost came in a single night.")
    inbox.start()
    inbox._thread.join(20)
    closer.join(20)
    assert alive_after == [False]
    assert (texts(tmp_path), left(tmp_path)) == ([], ["apples.txt", "ferry.txt"])
    assert caplog.record_tuples == []
    with closing(Inbox(tmp_path, IngestSettings())) as after:
        after.start()
        assert len(waited(after, lambda state: len(state) == 2 and ended(state))) == 2
    assert (len(texts(tmp_path)), left(tmp_path)) == (2, [])
