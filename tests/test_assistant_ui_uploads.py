"""Files that are sent to the chat: refused with a reason before they are read, written as they come, nothing left behind."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from starlette.types import Message

from assistant.ui import uploads as module
from assistant.ui.desk import Desk
from assistant.ui.inbox import Inbox
from assistant.ui.limits import LARGEST_UPLOAD
from assistant.ui.routes import add_routes
from assistant.ui.uploads import Uploads
from ingest.arrivals import FOLDER
from ingest.errors import ArticleError, RequestError, TooLarge, TooMany
from ingest.settings import IngestSettings


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    with closing(Inbox(tmp_path, IngestSettings(max_file_bytes=1000))) as found:
        yield found


def files(home: Path) -> list[bytes]:
    return [file.read_bytes() for file in sorted((home / FOLDER).iterdir())]


def send(inbox: Inbox, name: str, *body: Message | Callable[[], Message], size: int | None = None) -> tuple[int, str]:
    """The status and the body of the answer to an upload whose body comes in these messages, each read only when asked for."""
    app = FastAPI()
    add_routes(app, cast(Desk, SimpleNamespace(inbox=inbox, assistant=None, conversations=None, talk=None)))
    coming, sent = iter(body), []

    async def receive() -> Message:
        message = next(coming)
        return message() if callable(message) else message

    async def answer(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "http", "method": "POST", "path": "/onrecord/add", "query_string": f"name={quote(name)}".encode(),
        "headers": [] if size is None else [(b"content-length", str(size).encode())],
    }  # fmt: skip
    asyncio.run(app(scope, receive, answer))
    return sent[0]["status"], sent[1]["body"].decode()


def part(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


GONE: Message = {"type": "http.disconnect"}


def test_a_file_is_on_the_disk_as_it_comes_and_waits_when_it_is_complete(inbox: Inbox, tmp_path: Path) -> None:
    def second() -> Message:
        (file,) = (tmp_path / FOLDER).iterdir()
        assert file.name.endswith("-ferry.txt.part")
        assert inbox.state() == []
        return part(b"left.", more=False)

    assert send(inbox, "ferry.txt", part(b"The ferry "), second)[0] == 200
    assert files(tmp_path) == [b"The ferry left."]
    assert [(one.name, one.state) for one in inbox.state()] == [("ferry.txt", "waiting")]


@pytest.mark.parametrize(
    ("name", "size", "status", "words"),
    [
        ("../out.txt", 1, 400, "no name for a file"),
        ("a.png", 1, 415, "type that is not read"),
        ("a.txt", 1001, 413, "at most 1,000 are taken"),
        ("a.txt", 900, 429, "waiting already"),
    ],
)
def test_what_can_be_refused_is_before_its_body_is_read(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, size: int, status: int, words: str
) -> None:
    assert send(inbox, "first.txt", part(b"x" * 200, more=False))[0] == 200
    monkeypatch.setattr(module, "MOST_BYTES", 1001)
    found, body = send(inbox, name, size=size)  # a body that nobody sends
    assert (found, words in body) == (status, True)
    assert len(files(tmp_path)) == 1


def test_a_file_that_turns_out_to_be_too_large_leaves_nothing(inbox: Inbox, tmp_path: Path) -> None:
    status, body = send(inbox, "a.txt", part(b"x" * 600), part(b"x" * 600))
    assert (status, "at most 1,000 are taken" in body) == (413, True)
    assert files(tmp_path) == []


def test_an_upload_whose_sender_goes_away_leaves_nothing_and_no_traceback(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "MOST_AT_ONCE", 1)
    for _ in range(3):
        send(inbox, "a.txt", part(b"x" * 600), GONE)
    assert (files(tmp_path), inbox.state()) == ([], [])
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_only_a_few_are_sent_at_once(inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_AT_ONCE", 2)
    uploads = inbox.uploads
    first, second = uploads.begin("a.txt"), uploads.begin("b.txt")
    with pytest.raises(TooMany, match=r"2 files are being sent already; add c\.txt again in a moment\."):
        uploads.begin("c.txt")
    uploads.end(first)
    third = uploads.begin("c.txt")
    uploads.end(second)
    uploads.end(third)


def test_what_is_being_sent_counts_with_what_waits(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 2)
    first, second = inbox.uploads.begin("a.txt"), inbox.uploads.begin("b.txt")
    inbox.keep(second)
    inbox.uploads.end(second)
    with pytest.raises(TooMany, match="2 files are waiting"):
        inbox.uploads.begin("c.txt")
    inbox.uploads.end(first)
    inbox.uploads.end(inbox.uploads.begin("c.txt"))


@pytest.mark.parametrize(
    "name",
    ["", ".hidden.txt", "../out.txt", "a/b.txt", "a\\b.txt", "nul\x00.txt", "line\nend.txt", "x" * 250 + ".txt"],
)
def test_a_name_that_is_none_is_refused(inbox: Inbox, tmp_path: Path, name: str) -> None:
    with pytest.raises(RequestError, match=r"no name for a file here.*add it again"):
        inbox.uploads.begin(name)
    assert not (tmp_path / FOLDER).exists()


@pytest.mark.parametrize("name", ["a.png", "a", "a.txt.part"])
def test_a_type_that_is_not_read_is_refused(inbox: Inbox, tmp_path: Path, name: str) -> None:
    with pytest.raises(ArticleError, match="save it as text, and add it again"):
        inbox.uploads.begin(name)
    assert not (tmp_path / FOLDER).exists()


def test_the_longest_name_that_is_taken_fits_the_file_system(inbox: Inbox, tmp_path: Path) -> None:
    inbox.keep(inbox.uploads.begin("é" * 98 + ".txt"))
    assert len(files(tmp_path)) == 1


@pytest.mark.parametrize(
    ("allowed", "size", "remedy"),
    [
        (1000, 1001, "split it, or raise ingest.max_file_bytes"),
        (1000, LARGEST_UPLOAD + 1, "split it, or raise ingest.max_file_bytes and run: onrecord ingest FILE"),
        (2 * LARGEST_UPLOAD, LARGEST_UPLOAD + 1, "split it, or run: onrecord ingest FILE"),
    ],
)
def test_what_is_too_large_names_the_remedy_that_helps(tmp_path: Path, allowed: int, size: int, remedy: str) -> None:
    uploads = Uploads(tmp_path, allowed)
    with pytest.raises(TooLarge) as refused:
        uploads.begin("a.txt", size)
    assert str(refused.value).endswith(remedy)
    uploads.end(uploads.begin("a.txt", min(allowed, LARGEST_UPLOAD)))
