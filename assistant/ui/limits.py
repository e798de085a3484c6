"""How much may be asked at once: so that no client, by fault or on purpose, keeps the chat from the others.

What stands here already is not built again: h11, which reads the requests, takes at most 16 KiB of headers (the faster
httptools takes any number, so it is not used), uvicorn closes a connection that is idle between two requests after 5
seconds, and asyncio one whose TLS handshake takes a minute.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from assistant.ui.site import Site, network_of

# A question of 4,000 characters is at most 48 KB, each of them two escapes in JSON, and gradio's envelope less than one.
LARGEST_BODY = 64 * 1024
# The arguments of programs: a draft, a history.
LARGEST_CALL = 4 * 1024 * 1024
LARGEST_UPLOAD = 64 * 1024 * 1024
# The paths that take a file, each up to LARGEST_UPLOAD.
UPLOADS: frozenset[str] = frozenset({"/onrecord/add"})
CALLS = ("/gradio_api/call/", "/gradio_api/mcp")
BODY_SECONDS = 30.0
UPLOAD_SECONDS = 600.0

HEADER_SECONDS = 20.0
MOST_CONNECTIONS = 400
# An open page holds one event stream, a second one while it is answered, and a browser at most six in all.
MOST_OF_ONE_CLIENT = 100
# Steps that wait in gradio's queue, of all pages together; an answer takes some tenths of a second.
MOST_WAITING = 40

_TOO_MANY = "There are too many requests from your address at once. Close some pages of this chat, and try again."
_TOO_LARGE = "The request has more than {limit:,} bytes, which are the most that are taken. Send less at once."
_TOO_SLOW = "The request did not arrive within {seconds:.0f} seconds. Send it again, over a better connection."
_GONE: Message = {"type": "http.disconnect"}
_FULL = b"The chat has too many connections. Try again in a minute."


class Limits:
    """ASGI middleware: 413 for a request that is too large, 408 for one that does not arrive, 429 for too many at once."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        """Put this between the guard and everything that reads a request.

        Args:
            app: The application behind it.
            site: Where it is served.
        """
        self._app = app
        self._site = site
        self._running: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = self._site.client(scope)
        if self._running[client] >= MOST_OF_ONE_CLIENT:
            await _refuse(send, 429, _TOO_MANY)
            return
        self._running[client] += 1
        exchange = _Exchange(scope, receive, send)
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except ClientDisconnect:
            pass  # it went away by itself, or was refused: there is nobody to answer
        finally:
            self._running[client] -= 1
            if not self._running[client]:
                del self._running[client]


class _Exchange:
    """One request whose body is counted and timed; once it was refused, nobody hears of it any more."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_upload = scope["path"] in UPLOADS
        is_call = scope["path"].startswith(CALLS)
        self._limit = LARGEST_UPLOAD if is_upload else LARGEST_CALL if is_call else LARGEST_BODY
        self._seconds = UPLOAD_SECONDS if is_upload else BODY_SECONDS
        self._until = asyncio.get_running_loop().time() + self._seconds
        self._receive, self._send = receive, send
        self._size = 0
        self.refused = self._complete = self._answered = False

    async def receive(self) -> Message:
        if self.refused:
            return _GONE
        if self._complete:
            return await self._receive()  # waits for the client to go away
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            return await self._give_up(408, _TOO_SLOW.format(seconds=self._seconds))
        self._size += len(message.get("body", b""))
        if self._size > self._limit:
            return await self._give_up(413, _TOO_LARGE.format(limit=self._limit))
        self._complete = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        self._answered = True
        if not self.refused:
            await self._send(message)

    async def _give_up(self, status: int, words: str) -> Message:
        self.refused = True
        if not self._answered:
            await _refuse(self._send, status, words)
        return _GONE


class Connection(H11Protocol):
    """One connection to a client: refused when there are too many, closed when its next request does not arrive."""

    def __init__(self, *args: Any, most_of_one: int, **kwargs: Any) -> None:
        """As uvicorn does it.

        Args:
            *args: For uvicorn.
            most_of_one: Connections that one address may have.
            **kwargs: For uvicorn.
        """
        super().__init__(*args, **kwargs)
        self._most_of_one = most_of_one
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take it, or say that there are too many."""
        super().connection_made(transport)
        theirs = sum(_address(one) == _address(self) for one in self.connections)
        if len(self.connections) > MOST_CONNECTIONS or theirs > self._most_of_one:
            head = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 60\r\nconnection: close\r\n"
            kind = b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n\r\n" % len(_FULL)
            transport.write(head + kind + _FULL)
            transport.close()
        else:
            self._wait_for_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """A request whose headers are complete has no deadline here; its body has one of its own."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Wait for the next request, unless it is here already."""
        super().on_response_complete()
        if self.cycle.response_complete and not self.transport.is_closing():
            self._wait_for_request()

    def _wait_for_request(self) -> None:
        self._stop_waiting()
        self._deadline = self.loop.call_later(HEADER_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _address(connection: Any) -> str | None:
    return network_of(connection.client[0]) if connection.client else None


async def _refuse(send: Send, status: int, words: str) -> None:
    # Our own page reads "message", and gradio's "detail". The rest of the request is not read.
    body = json.dumps({"message": words, "detail": words}).encode()
    retry = [(b"retry-after", b"10")] if status == 429 else []
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        *retry,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
