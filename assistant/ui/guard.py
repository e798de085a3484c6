"""What may reach the chat, and what its answers may do in a browser.

Every web page that is open in the same browser can send requests to the page, also where it listens on this machine only.
So each request says which host it means (`Host`, against DNS rebinding) and which page it comes from (`Origin` and
`Sec-Fetch-Site`, against forged requests); anything but our own is refused, on every route, gradio's own included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.ui.document import rewrite, script_hashes
from assistant.ui.site import Site

# What the page fetches, found by recording whole conversations, and what gradio's Python client needs to call a named
# endpoint. An allow-list, because gradio has some sixty other routes: uploads, files, proxies, monitoring, logins.
_NAME = r"[A-Za-z0-9_-][A-Za-z0-9_.-]*"
_TOOL = r"(?:ask|search|get_citation|check)"
_ALLOWED = [
    (methods, re.compile(pattern))
    for methods, pattern in (
        ({"GET", "HEAD", "POST"}, r"/"),  # the page; to log in
        ({"POST"}, r"/onrecord/logout"),
        (
            {"GET"},
            rf"/onrecord/(?:articles|source|cite|conversations|conversation|turn|cited|export|inbox|welcome|assets/{_NAME})",
        ),
        ({"POST"}, r"/onrecord/(?:conversation/(?:rename|delete)|turn/(?:rate|stop)|add|withdraw)"),
        ({"GET"}, rf"/(?:assets|static/fonts|static/img)/{_NAME}"),
        ({"GET"}, r"/(?:config|theme\.css)"),
        ({"GET"}, r"/gradio_api/(?:info|startup-events|theme\.css|queue/data)"),
        ({"GET"}, rf"/gradio_api/heartbeat/{_NAME}"),
        ({"POST"}, r"/gradio_api/(?:queue/join|cancel|reset)"),
        ({"POST"}, rf"/gradio_api/call/(?:v2/)?{_TOOL}"),
        ({"GET"}, rf"/gradio_api/call/(?:v2/)?{_TOOL}/{_NAME}"),
        # All but POST is answered by what a client of MCP expects there: that the method is not offered.
        ({"GET", "POST", "DELETE"}, r"/gradio_api/mcp/?"),
    )
]
_FOREIGN = (
    b"Forbidden: this page answers only to itself. A proxy in front of it must pass on the Host that was asked for."
)
# What gradio would make the page's own addresses of; `Site` knows better.
_MISLEADING = frozenset({b"x-forwarded-host", b"x-forwarded-proto", b"x-gradio-server"})
_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    # Nothing to others; but with "no-referrer" our own forms would come from the origin "null".
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
}


class Guard:
    """ASGI middleware: 403 for foreign requests, 404 for routes that the page does not need, safe headers on all."""

    def __init__(self, app: ASGIApp, site: Site, *, leave: bool = False) -> None:
        """Put this outermost.

        Args:
            app: The application behind it.
            site: Where the page is really served.
            leave: Whether people log in, and so want to log out.
        """
        self._app = app
        self._site = site
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection, or hand it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            # The page uses none: an allow-list of none. Closed before it is accepted, which the client sees as a 403.
            await send({"type": "websocket.close", "code": 1008})
        elif not self._is_ours(scope):
            await _refuse(_Guarded(send), 403, _FOREIGN)
        elif not _is_needed(scope):
            await _refuse(_Guarded(send), 404, b"Not found")
        else:
            # Gradio would compress the document, which could then not be read on its way out.
            is_page = scope["path"] == "/"
            left_out = _MISLEADING | ({b"accept-encoding"} if is_page else set())
            headers = [(k, v) for k, v in scope["headers"] if k.lower() not in left_out]
            ours = {"headers": headers, "scheme": self._site.scheme}
            await self._app({**scope, **ours}, receive, _Guarded(send, is_page=is_page, leave=self._leave))

    def _is_ours(self, scope: Scope) -> bool:
        hosts, origins, sites = (_values(scope, name) for name in (b"host", b"origin", b"sec-fetch-site"))
        if len(hosts) != 1 or not self._site.has_host(hosts[0]):
            return False
        if origins and (len(origins) != 1 or not self._site.has_origin(origins[0])):
            return False
        # "same-site" is foreign too: another port of this machine is another program. Only a link that opens the page
        # as a document of its own may come from elsewhere, as it runs nothing that the page itself would not run.
        return all(site in (b"same-origin", b"none") for site in sites) or _is_followed_link(scope)


class _Guarded:
    """A `send` that adds our headers to a response, and rewrites it if it is the page."""

    def __init__(self, send: Send, *, is_page: bool = False, leave: bool = False) -> None:
        self._send = send
        self._is_page = is_page  # and no export, which is HTML too
        self._leave = leave
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kinds = [(k.lower(), v.split(b";")[0]) for k, v in message["headers"]]
            if self._is_page and message["status"] == 200 and (b"content-type", b"text/html") in kinds:
                self._start = message
            else:
                await self._send(_with_headers(message, []))
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_page(self._start)
        else:
            await self._send(message)

    async def _send_page(self, start: Message) -> None:
        # An empty body is the answer to HEAD, whose length then is the length of another text: it is left out.
        html = rewrite(self._body.decode(), leave=self._leave)
        body = html.encode() if self._body else b""
        headers = [(k, v) for k, v in start["headers"] if k.lower() != b"content-length"]
        length = [(b"content-length", str(len(body)).encode())] if body else []
        kept = [*headers, *length, (b"cache-control", b"no-store")]
        await self._send(_with_headers({**start, "headers": kept}, script_hashes(html)))
        await self._send({"type": "http.response.body", "body": body})


def policy(hashes: Iterable[str]) -> str:
    """The Content-Security-Policy of a response whose inline scripts have these hashes."""
    return "; ".join(
        [
            "default-src 'self'",
            " ".join(["script-src 'self'", *hashes]),
            # Gradio's components set style attributes and insert style elements whose text is not known beforehand.
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "object-src 'none'",
            "frame-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ]
    )


def _with_headers(start: Message, hashes: list[str]) -> Message:
    ours = {**_HEADERS, b"content-security-policy": policy(hashes).encode()}
    # Of two policies a browser obeys both: what asks for a stricter one keeps it.
    kept = ours.keys() - {b"content-security-policy"}
    theirs = [(k, v) for k, v in start["headers"] if k.lower() not in kept]
    return {**start, "headers": [*theirs, *ours.items()]}


def _values(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key.lower() == name]


def _is_followed_link(scope: Scope) -> bool:
    return (
        scope["method"] == "GET"
        and scope["path"] == "/"
        and _values(scope, b"sec-fetch-mode") == [b"navigate"]
        and _values(scope, b"sec-fetch-dest") == [b"document"]
    )


def _is_needed(scope: Scope) -> bool:
    return any(scope["method"] in methods and path.fullmatch(scope["path"]) for methods, path in _ALLOWED)


async def _refuse(send: _Guarded, status: int, text: bytes) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
