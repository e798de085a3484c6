"""How much may be asked at once, how large it may be, and how slow."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send
from test_assistant_ui import PORT, Ferry

from assistant.ui import limits
from assistant.ui.desk import open_desk
from assistant.ui.limits import LARGEST_BODY, LARGEST_UPLOAD, MOST_OF_ONE_CLIENT, MOST_WAITING, Limits
from assistant.ui.site import Site
from ingest.settings import IngestSettings

PROXIED = Site(("https://desk.example",), proxied=True)
Sent = list[Message]


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Says how much it was sent."""
    body = await Request(scope, receive).body()
    await PlainTextResponse(str(len(body)))(scope, receive, send)


def request(path: str = "/", client: str = "10.0.0.1") -> Scope:
    return {"type": "http", "method": "POST", "path": path, "client": (client, 5), "headers": []}


def pieces(*sizes: int, forever: bool = False) -> Callable[[], Awaitable[Message]]:
    """A `receive` that gives pieces of these sizes; `forever` never says that it was the last one."""
    left = list(sizes)

    async def receive() -> Message:
        if not left:
            await asyncio.Event().wait()
        size = left.pop(0)
        return {"type": "http.request", "body": b"x" * size, "more_body": bool(left) or forever}

    return receive


def ask(limited: Limits, scope: Scope, receive: Receive) -> Sent:
    sent: Sent = []

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(limited(scope, receive, send))
    return sent


def words(sent: Sent) -> str:
    content = json.loads(sent[1]["body"])
    assert content["message"] == content["detail"]
    return str(content["message"])


def test_a_request_of_the_largest_size_is_taken_and_a_byte_more_is_not() -> None:
    limited = Limits(echo, Site.local(PORT))
    taken = ask(limited, request(), pieces(LARGEST_BODY - 1, 1))
    assert (taken[0]["status"], taken[1]["body"]) == (200, str(LARGEST_BODY).encode())
    refused = ask(limited, request(), pieces(LARGEST_BODY, 1))
    assert refused[0]["status"] == 413
    assert (b"connection", b"close") in refused[0]["headers"], "what is left of it is not read"
    assert "65,536 bytes" in words(refused)
    assert len(refused) == 2, "what the application says then is not heard"


def test_an_upload_may_be_larger_at_the_paths_that_take_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UPLOADS", frozenset({"/files"}))
    limited = Limits(echo, Site.local(PORT))
    assert ask(limited, request("/files"), pieces(LARGEST_UPLOAD))[0]["status"] == 200
    assert ask(limited, request("/files"), pieces(LARGEST_UPLOAD, 1))[0]["status"] == 413
    assert ask(limited, request("/files/"), pieces(LARGEST_UPLOAD))[0]["status"] == 413


@pytest.mark.parametrize("arrived", [(), (3,), (3, 4)])
def test_a_request_that_never_arrives_is_given_up(monkeypatch: pytest.MonkeyPatch, arrived: tuple[int, ...]) -> None:
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.01)
    refused = ask(Limits(echo, Site.local(PORT)), request(), pieces(*arrived, forever=True))
    assert refused[0]["status"] == 408
    assert "did not arrive" in words(refused)


def test_waiting_for_a_client_to_go_away_is_no_slow_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event stream listens for that as long as it lasts, after the request is complete."""
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.01)

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(receive(), 0.05)
        await PlainTextResponse("done")(scope, receive, send)

    assert ask(Limits(stream, Site.local(PORT)), request(), pieces(0))[1]["body"] == b"done"


def test_one_client_has_so_many_requests_at_once_and_another_is_not_kept_waiting() -> None:
    async def scenario() -> list[int]:
        let_go = asyncio.Event()

        async def hold(scope: Scope, receive: Receive, send: Send) -> None:
            await let_go.wait()
            await PlainTextResponse("")(scope, receive, send)

        limited, statuses = Limits(hold, PROXIED), []

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        def one(client: str) -> Any:
            named = {**request(), "headers": [(b"x-forwarded-for", client.encode())]}
            return asyncio.ensure_future(limited(named, pieces(0), send))

        running = [one("1.2.3.4") for _ in range(MOST_OF_ONE_CLIENT + 1)] + [one("5.6.7.8")]
        await asyncio.wait([running[-2]])
        let_go.set()
        await asyncio.gather(*running)
        assert not limited._running
        await one("1.2.3.4")
        return statuses

    assert asyncio.run(scenario()) == [429] + [200] * (MOST_OF_ONE_CLIENT + 2)


@pytest.mark.parametrize("arrived", [(), (3,)])
def test_a_client_that_goes_away_is_no_fault_of_ours(arrived: tuple[int, ...]) -> None:
    limited, came = Limits(echo, Site.local(PORT)), pieces(*arrived, 1)

    async def receive() -> Message:
        message = await came()
        return message if message["more_body"] else {"type": "http.disconnect"}

    assert ask(limited, request(), receive) == []
    assert not limited._running


def test_a_request_that_fails_counts_no_longer() -> None:
    async def fail(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError

    limited = Limits(fail, Site.local(PORT))
    with pytest.raises(RuntimeError):
        ask(limited, request(), pieces(0))
    assert not limited._running


def test_the_queue_of_the_page_has_an_end(tmp_path: Path) -> None:
    import gradio as gr

    from assistant.ui.app import unguarded_app

    with open_desk(Ferry(), tmp_path, IngestSettings()) as desk:
        application = unguarded_app(desk, PORT)
    mounted = [getattr(route, "app", None) for route in application.routes]
    (page,) = (app for app in mounted if isinstance(app, gr.routes.App))
    assert page.get_blocks()._queue.max_size == MOST_WAITING
