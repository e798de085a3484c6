"""The arguments of a call by plain HTTP, made whole before gradio sees them.

Gradio answers a missing or unknown name with a 500 and a traceback, and too few values with an error that says nothing.
"""

from __future__ import annotations

import inspect
import json
import re

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.ui.tools import Tools
from ingest.errors import RequestError

_CALL = re.compile(r"/gradio_api/call/(?:v2/)?(\w+)/?")


class CallBodies:
    """ASGI middleware: arguments by name or by position become all of a function's values; 422 says what is wrong."""

    def __init__(self, app: ASGIApp, tools: Tools) -> None:
        """Put this around gradio's routes.

        Args:
            app: The application behind it.
            tools: The functions that can be called.
        """
        self._app = app
        self._parameters = {tool.name: inspect.signature(tool.run) for tool in tools.all}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on one connection, with a whole body if it is a call."""
        call = _CALL.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if call is None or call[1] not in self._parameters:
            await self._app(scope, receive, send)
            return
        try:
            body = self._whole(call[1], await Request(scope, receive).body())
        except ClientDisconnect:
            return
        except RequestError as error:
            await JSONResponse({"detail": str(error)}, 422)(scope, receive, send)
            return
        path = f"/gradio_api/call/{call[1]}"
        headers = [
            (k, v) for k, v in scope["headers"] if k not in (b"content-length", b"content-type", b"transfer-encoding")
        ]
        headers += [(b"content-length", str(len(body)).encode()), (b"content-type", b"application/json")]
        await self._app(
            {**scope, "path": path, "raw_path": path.encode(), "headers": headers}, _Replay(body, receive), send
        )

    def _whole(self, name: str, body: bytes) -> bytes:
        try:
            given = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise RequestError(f"the body is no JSON ({error}); send an object of the arguments by name.") from None
        if not isinstance(given, dict):
            raise RequestError("the body is no JSON object; send one of the arguments by name.")
        by_position = given.get("data")
        values, named = (by_position, {}) if isinstance(by_position, list) else ([], given)
        try:
            bound = self._parameters[name].bind(*values, **named)
        except TypeError as error:
            raise RequestError(f"{error}; the arguments are: {', '.join(self._parameters[name].parameters)}.") from None
        bound.apply_defaults()
        return json.dumps({"data": list(bound.arguments.values())}).encode()


class _Replay:
    """A `receive` that gives a body, and then what the connection really brings."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}
