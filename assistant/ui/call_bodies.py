"""What reaches gradio's queue: the arguments of a program's function, each written as JSON, and plain values from the page.

Gradio walks through all that is sent to a function before it is called. Every object in it that looks like gradio's own
description of a file counts as one: it is copied from whatever path it names, or fetched from whatever address (6.31, where an
application that is mounted in another one counts as not launched yet). So gradio is given no objects at all.

Besides, gradio answers a missing or unknown name with a 500 and a traceback, and too few values with an error that says nothing.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.ui.tools import Tools
from ingest.errors import RequestError

JOIN = "/gradio_api/queue/join"
_CALL = re.compile(r"/gradio_api/call/(?:v2/)?(\w+)/?")
_NO_LENGTH = frozenset({b"content-length", b"content-type", b"transfer-encoding"})


class CallBodies:
    """ASGI middleware: what is sent to a function becomes a list of plain values; 422 says what is wrong with it."""

    def __init__(
        self, app: ASGIApp, tools: Tools, steps: Mapping[int, str | None], before: Callable[[], None] = lambda: None
    ) -> None:
        """Put this around gradio's routes.

        Args:
            app: The application behind it.
            tools: The functions that can be called.
            steps: The number of each of gradio's functions, and the name of the tool that it is; None for a step of the page.
            before: Is called before something is sent to a function.
        """
        self._app = app
        self._parameters = {tool.name: inspect.signature(tool.run) for tool in tools.all}
        self._steps = steps
        self._before = before

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on one connection; with a body of ours, if something is sent to a function."""
        path = scope["path"] if scope["type"] == "http" and scope["method"] == "POST" else ""
        call = _CALL.fullmatch(path)
        if path.rstrip("/") != JOIN and not call:
            await self._app(scope, receive, send)
            return
        try:
            given = _object_in(await Request(scope, receive).body())
            body = self._arguments(call[1], given) if call else self._joined(given)
        except ClientDisconnect:
            return
        except (RequestError, RecursionError) as error:
            await _refuse(str(error), as_list=not call)(scope, receive, send)
            return
        path = f"/gradio_api/call/{call[1]}" if call else JOIN
        self._before()
        sent = json.dumps(body).encode()
        headers = [(k, v) for k, v in scope["headers"] if k not in _NO_LENGTH]
        headers += [(b"content-length", str(len(sent)).encode()), (b"content-type", b"application/json")]
        ours = {"path": path, "raw_path": path.encode(), "headers": headers}
        await self._app({**scope, **ours}, Replay(sent, receive), send)

    def _arguments(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        if name not in self._parameters:
            raise RequestError(f"there is no '{name}'; call one of: {', '.join(self._parameters)}.")
        by_position = given.get("data")
        values, named = (by_position, {}) if isinstance(by_position, list) else ([], given)
        try:
            bound = self._parameters[name].bind(*values, **named)
        except TypeError as error:
            raise RequestError(f"{error}; the arguments are: {', '.join(self._parameters[name].parameters)}.") from None
        bound.apply_defaults()
        return {"data": [json.dumps(value) for value in bound.arguments.values()]}

    def _joined(self, given: dict[str, Any]) -> dict[str, Any]:
        """What the page or gradio's client sends, and of it what gradio needs here."""
        step, session, trigger = (given.get(name) for name in ("fn_index", "session_hash", "trigger_id"))
        if type(step) is not int or step not in self._steps or not isinstance(session, str):
            raise RequestError("the page is of another release than the chat; load it again.")
        name, data = self._steps[step], given.get("data")
        if name:
            data = self._arguments(name, {"data": data if isinstance(data, list) else []})["data"]
        elif not isinstance(data, list) or not all(map(_is_plain, data)):
            raise RequestError("a step of the page takes texts and numbers only; send a list of them.")
        trigger = trigger if type(trigger) is int else None
        return {"data": data, "fn_index": step, "trigger_id": trigger, "session_hash": session}


def _object_in(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RequestError(f"the body is no JSON ({error}); send an object of the arguments by name.") from None
    if not isinstance(given, dict):
        raise RequestError("the body is no JSON object; send one of the arguments by name.")
    return given


def _is_plain(value: object) -> bool:
    """A text, a number, or a list of them, which is what several choices are; nothing else that JSON has."""
    plain = str | int | float | None
    return isinstance(value, plain) or (isinstance(value, list) and all(isinstance(one, plain) for one in value))


def _refuse(words: str, *, as_list: bool) -> JSONResponse:
    # Where a queue is joined, gradio's client reads nothing but its own form of a fault.
    detail = [{"__type__": "validate", "is_valid": False, "message": words}] if as_list else words
    return JSONResponse({"detail": detail}, 422)


class Replay:
    """A `receive` that gives a body, and then what the connection really brings."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        """Give `body` first, and then what `receive` gives."""
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        """The next message."""
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}
