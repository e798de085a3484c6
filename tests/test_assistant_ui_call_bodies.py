"""What reaches gradio of a request: no files, no addresses, nothing that it would take for one."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from test_assistant_ui import PORT, Ferry

from assistant.ui.call_bodies import _is_plain
from assistant.ui.desk import open_desk
from assistant.ui.guard import Guard, _is_needed
from assistant.ui.site import Site
from ingest.settings import IngestSettings

# Gradio's queue counts its events with two things that pandas is about to drop.
pytestmark = [
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]

ROUTES = Path(__file__).parent / "data" / "routes.txt"
SESSIONS = (f"session-{n}" for n in itertools.count())
WAYS = ["call", "call/v2", "call by position", "history", "join a tool", "join a step", "join with event_data"]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gradio")


@pytest.fixture(scope="module")
def application(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    from assistant.ui.app import unguarded_app

    with (
        pytest.MonkeyPatch.context() as patch,
        open_desk(Ferry(), tmp_path_factory.mktemp("home"), IngestSettings()) as desk,
    ):
        patch.setenv("GRADIO_TEMP_DIR", str(cache))
        desk.talk.warm_up()
        yield unguarded_app(desk, PORT)


@pytest.fixture(scope="module")
def client(application: FastAPI) -> Iterator[TestClient]:
    with TestClient(Guard(application, Site.local(PORT)), base_url=f"http://127.0.0.1:{PORT}") as client:
        yield client


def steps(client: TestClient) -> dict[str, int]:
    """The number of each of gradio's functions."""
    return {known["api_name"]: known["id"] for known in client.get("/config").json()["dependencies"]}


def send(client: TestClient, way: str, value: Any) -> str:
    """All that is answered to a value that is sent as an argument."""
    if way.startswith("join"):
        step = {"join a tool": "search", "join a step": "begin", "join with event_data": "greet"}[way]
        data = {"join a tool": [value, 1], "join a step": [value, ""], "join with event_data": []}[way]
        session = next(SESSIONS)
        body = {"data": data, "fn_index": steps(client)[step], "session_hash": session, "event_data": value}
        return joined(client, body)
    tool, body = "search", {"query": value}
    if way == "history":
        tool, body = "ask", {"question": "When?", "history": [{"q": value, "a": ""}]}
    elif way == "call by position":
        body = {"data": [value]}
    posted = client.post(f"/gradio_api/{'call/v2' if way == 'call/v2' else 'call'}/{tool}", json=body)
    if posted.status_code != 200:
        return posted.text
    return client.get(f"/gradio_api/call/{tool}/{posted.json()['event_id']}").text


def joined(client: TestClient, body: dict[str, Any]) -> str:
    posted = client.post("/gradio_api/queue/join", json=body)
    if posted.status_code != 200:
        return posted.text
    return client.get("/gradio_api/queue/data", params={"session_hash": body["session_hash"]}).text


def described(path: object, **more: str) -> dict[str, Any]:
    """Gradio's description of a file."""
    return {"path": str(path), "orig_name": "x", "meta": {"_type": "gradio.FileData"}, **more}


def copies(cache: Path) -> list[Path]:
    return [found for found in cache.rglob("*") if found.is_file()]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("nested", [False, True])
def test_no_file_of_this_machine_is_read(
    client: TestClient, cache: Path, tmp_path: Path, way: str, nested: bool
) -> None:
    (tmp_path / "key").write_text("secret")
    file = described(tmp_path / "key")
    said = send(client, way, [{"in": [file]}] if nested else file)
    assert copies(cache) == []
    assert "secret" not in said
    assert (
        "process_completed" if way == "join with event_data" else "valid string" if "step" not in way else "texts"
    ) in said


@pytest.mark.parametrize("way", WAYS)
def test_no_address_is_fetched(client: TestClient, cache: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def anywhere(hostname: str) -> str:
        return "127.0.0.1"

    monkeypatch.setattr("safehttpx.async_validate_url", anywhere)  # as if the address were a public one
    came: list[object] = []

    def answer(listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection, who = listening.accept()
            connection.close()
            came.append(who)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=answer, args=(listening,))
        thread.start()
        url = f"http://news.example:{listening.getsockname()[1]}/x"
        send(client, way, described(url, url=url))
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert came == []
    assert copies(cache) == []


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such files")
@pytest.mark.parametrize("way", WAYS)
def test_a_file_without_end_holds_nobody_up(client: TestClient, tmp_path: Path, way: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    read: list[str] = []

    def let_go() -> None:  # whoever reads the pipe gets on when it is opened for writing
        os.close(os.open(tmp_path / "pipe", os.O_RDWR))
        read.append("was waited for")

    watch = threading.Timer(5, let_go)
    watch.start()
    send(client, way, described(tmp_path / "pipe"))
    watch.cancel()
    assert read == []


def test_what_the_page_and_gradios_client_send_is_let_through(client: TestClient) -> None:
    number = steps(client)
    sent = {"event_data": None, "trigger_id": 14, "session_hash": next(SESSIONS)}
    assert '"success":true' in joined(client, {"data": [], "fn_index": number["greet"], **sent})
    assert '"success":true' in joined(client, {"data": ["When?", "{}"], "fn_index": number["begin"], **sent})
    assert "A ferry left" in joined(client, {"data": [None], "fn_index": number["follow"], **sent})
    history = [{"q": "Who?", "a": "A ferry."}]
    asked = {"data": ["When?", history, [], [], None, None], "fn_index": number["ask"], **sent}
    assert "It came back at noon." in joined(client, asked)


@pytest.mark.parametrize(
    ("body", "words"),
    [(b"", "no JSON"), (b"{", "no JSON"), (b"[" * 100_000, "no JSON"), (b"[]", "no JSON object"),
     (b'{"data": []}', "another release"), (b'{"data": [], "fn_index": 99, "session_hash": "x"}', "another release"),
     (b'{"data": [], "fn_index": true, "session_hash": "x"}', "another release"),
     (b'{"data": [], "fn_index": 0, "session_hash": null}', "another release"),
     (b'{"data": {}, "fn_index": 0, "session_hash": "x"}', "texts and numbers only"),
     (b'{"data": [[[]]], "fn_index": 0, "session_hash": "x"}', "texts and numbers only")],
    ids=lambda value: value[:40] if isinstance(value, bytes) else None,
)  # fmt: skip
def test_what_no_page_sends_is_refused_in_gradios_own_form(client: TestClient, body: bytes, words: str) -> None:
    said = client.post("/gradio_api/queue/join", content=body)
    assert said.status_code == 422
    assert words in said.json()["detail"][0]["message"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=3), below, max_size=3),
)


@given(JSON)
def test_an_object_is_nowhere_plain(value: Any) -> None:
    if "{" in json.dumps(value) and not any("{" in text for text in texts(value)):
        assert not _is_plain(value)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for below in [*value, *(value.values() if isinstance(value, dict) else ())]:
            yield from texts(below)


def test_gradio_itself_reads_no_file_either_that_was_not_uploaded(
    application: FastAPI, client: TestClient, cache: Path, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("secret")
    (page,) = (route.app for route in application.routes if hasattr(getattr(route, "app", None), "get_blocks"))  # type: ignore[attr-defined]
    bare = TestClient(page, base_url=f"http://127.0.0.1:{PORT}")
    body = {"data": [described(tmp_path / "key"), ""], "fn_index": steps(client)["begin"]}
    bare.post("/gradio_api/run/begin", json=body)
    assert copies(cache) == []


# ---- every route -----------------------------------------------------------------------------------------------------


def routes_of(app: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    for route in app.routes:
        below = getattr(route, "app", None) if hasattr(getattr(route, "app", None), "routes") else None
        below = below or getattr(route, "original_router", None)
        path = prefix + getattr(route, "path", "")
        if below is not None:
            yield from routes_of(below, path.rstrip("/"))
        elif path:
            for method in getattr(route, "methods", None) or ["POST"]:
                yield method, path


def is_open(method: str, path: str) -> bool:
    example = path.replace("{api_name}", "ask").replace("static/{path:path}", "static/img/x").replace(":path}", "")
    return _is_needed({"method": method, "path": re.sub("[{}]", "", example)})


def listed(app: Any) -> list[str]:
    found = {f"{'open' if is_open(*route) else 'closed'} {' '.join(route)}" for route in routes_of(app)}
    return sorted(line for line in found if " /onrecord/" not in line)


def test_every_route_of_gradio_has_been_looked_at(application: FastAPI) -> None:
    """One that is new, or newly open, is written into the list by whoever has read what it does with what it is sent."""
    assert listed(application) == ROUTES.read_text(encoding="utf-8").splitlines()


def test_head_is_open_where_it_is_answered_and_nowhere_else(application: FastAPI) -> None:
    routes = set(routes_of(application))
    heads = {path for method, path in routes if is_open("HEAD", path)}
    assert heads == {path for method, path in routes if method == "HEAD" and is_open("GET", path)} == {"/"}
