"""Files added from the page: refused with a reason, or kept until they are taken in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fakes import HashEncoder

from assistant.ui import inbox as module
from assistant.ui.inbox import Added, Inbox
from ingest.archive import Archive
from ingest.errors import ArticleError, RequestError
from ingest.lock import writing
from ingest.pipeline import ingest
from ingest.settings import IngestSettings

FERRY = b"The ferry Aurora left Tallinn at dawn. It carried 212 people."


@pytest.fixture
def inbox(encoder: HashEncoder, tmp_path: Path) -> Iterator[Inbox]:
    with closing(Inbox(tmp_path, IngestSettings(max_file_bytes=1000))) as found:
        yield found


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


def test_files_are_taken_in_and_again_under_the_same_name_updated(inbox: Inbox, tmp_path: Path) -> None:
    inbox.start()
    inbox.add("ferry.txt", FERRY)
    (first,) = waited(inbox, ended)
    assert (first.name, first.state, first.reason) == ("ferry.txt", "added", "")
    inbox.add("ferry.txt", FERRY)
    assert waited(inbox, ended)[0].state == "unchanged"
    inbox.add("ferry.txt", FERRY + b" A storm came.")
    (last,) = waited(inbox, ended)
    assert (last.state, last.article) == ("updated", first.article)
    with closing(Archive(tmp_path)) as archive:
        assert [info.source for info in archive.articles()] == ["ferry.txt"]
    assert list((tmp_path / module.FOLDER).iterdir()) == []


def test_each_that_fails_has_its_reason_and_the_others_are_taken_in(inbox: Inbox) -> None:
    inbox.add("empty.txt", b" ")
    inbox.add("ferry.md", FERRY)
    inbox.start()
    state = {one.name: one for one in waited(inbox, lambda state: len(state) == 2 and ended(state))}
    assert state["ferry.md"].state == "added"
    assert state["empty.txt"].state == "failed"
    assert "empty" in state["empty.txt"].reason


def test_what_waits_is_taken_in_after_a_restart(encoder: HashEncoder, tmp_path: Path) -> None:
    with closing(Inbox(tmp_path, IngestSettings())) as before:
        before.add("ferry.txt", FERRY)
    with closing(Inbox(tmp_path, IngestSettings())) as after:
        after.start()
        assert waited(after, ended)[0].state == "added"


def test_while_another_process_writes_a_file_waits_and_says_for_what(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.05)
    with writing(tmp_path):
        inbox.start()
        inbox.add("ferry.txt", FERRY)
        (waiting,) = waited(inbox, lambda state: bool(state[0].reason))
        assert (waiting.state, "is writing to" in waiting.reason) == ("waiting", True)
    assert waited(inbox, ended)[0].state == "added"


def test_a_file_of_the_same_name_that_comes_while_the_first_is_read_is_taken_in_too(
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
    inbox.add("ferry.txt", FERRY)
    assert reading.wait(20)
    inbox.add("ferry.txt", FERRY + b" A storm came.")
    let.set()
    assert waited(inbox, ended)[0].state == "updated"


def test_a_fault_of_ours_is_told_and_ends_nothing(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ingest", lambda *_: 1 / 0)
    inbox.start()
    inbox.add("ferry.txt", FERRY)
    assert waited(inbox, ended)[0].reason == module.WENT_WRONG
    monkeypatch.setattr(module, "ingest", ingest)
    inbox.add("ferry.txt", FERRY)
    assert waited(inbox, ended)[0].state == "added"


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".hidden.txt",
        "../out.txt",
        "a/b.txt",
        "a\\b.txt",
        "nul\x00.txt",
        "line\nend.txt",
        "x" * 250 + ".txt",
        "a.png",
        "a",
    ],
)
def test_a_name_that_is_none_is_refused(inbox: Inbox, tmp_path: Path, name: str) -> None:
    with pytest.raises(ArticleError, match="add it again"):
        inbox.add(name, FERRY)
    assert not (tmp_path / module.FOLDER).exists()


def test_what_is_too_large_or_too_much_is_refused(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox.add("a.txt", b"x" * 1000)
    with pytest.raises(RequestError, match="at most 1,000 are taken"):
        inbox.add("b.txt", b"x" * 1001)
    monkeypatch.setattr(module, "MOST_BYTES", 1500)
    with pytest.raises(RequestError, match="1 files are waiting"):
        inbox.add("b.txt", b"x" * 600)
    monkeypatch.setattr(module, "MOST_WAITING", 1)
    with pytest.raises(RequestError, match="1 files are waiting"):
        inbox.add("b.txt", b"x")
