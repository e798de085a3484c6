"""The door of a chat that has a password: people log in and get a cookie, programs send the password with each request."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import math
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.ui.access import IDLE_SECONDS, SESSION_SECONDS, Clock, Sessions, Tries
from assistant.ui.login import login_page, once_more_page, policy
from assistant.ui.password import Password
from assistant.ui.site import Site

LOGOUT = "/onrecord/logout"
LARGEST_LOGIN = 4_096
# scrypt fills 128 MiB and a core each time.
HASHED_AT_ONCE = 2
# A browser that was let in is known for as long as the chat runs; the time is for the browser, which wants one.
DEVICE_SECONDS = 365 * 24 * 3600

_WRONG = "That is not the password."
_NONE_GIVEN = "Type the password first."
_TOO_OFTEN = "Too many wrong tries. The next one is possible in {wait}."
_LOG_IN = (
    "This needs the password: open the page and log in (after 12 hours without use, again), or send the header "
    "Authorization: Bearer PASSWORD."
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Refusal:
    """Why a try was not let in: words for people, and the seconds to wait if it was one too many."""

    words: str
    wait: int = 0

    @property
    def status(self) -> int:
        return 429 if self.wait else 401

    @property
    def headers(self) -> dict[str, str]:
        # Bearer, because for Basic browsers would put up a window of their own.
        retry = {"retry-after": str(self.wait)} if self.wait else {"www-authenticate": 'Bearer realm="onrecord"'}
        return {**retry, "cache-control": "no-store"}


class Door:
    """ASGI middleware: 401 for everything, the login page for `/`, unless the password is or was given."""

    def __init__(self, app: ASGIApp, site: Site, password: Password, clock: Clock = time.monotonic) -> None:
        """Put this between the guard, which refuses other hosts and origins, and the application.

        Args:
            app: The application behind it.
            site: Where it is served.
            password: What lets in.
            clock: Seconds that never run backwards.
        """
        self._app = app
        self._site = site
        self._password = password
        self._clock = clock
        self._sessions = Sessions(clock)
        self._tries = Tries(clock)
        self._hashing = ThreadPoolExecutor(HASHED_AT_ONCE, thread_name_prefix="onrecord-password")
        # No cookie knows ports: two chats of one host must not log each other out.
        self._cookie = f"{'__Host-' if site.secure else ''}onrecord-{site.port}"
        # It opens nothing. Whoever brings it has tries of their own (OWASP's "device cookie"), so that nobody who shares their
        # address, or guesses from everywhere, can lock them out.
        self._device_cookie = f"{self._cookie}-device"
        # What a program sent that was right, so that not each of its requests costs a scrypt: a digest under a key that
        # nobody else has, for as long as a session lasts without use.
        self._key, self._proven, self._proven_until = secrets.token_bytes(32), b"", float("-inf")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection, or hand it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
        else:
            answer = await self._answer(Request(scope, receive))
            await (answer or self._app)(scope, receive, send)

    async def _answer(self, request: Request) -> Response | None:
        """What is said at the door; None lets in."""
        where = (request.method, request.scope["path"])
        if where == ("POST", "/"):
            return await self._log_in(request)
        if where == ("POST", LOGOUT):
            return self._log_out(request)
        if self._sessions.goes_on(self._token(request)):
            return None
        scheme, _, tried = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            refused = await self._refusal_of_program(self._site.client(request.scope), tried.strip())
            return _json(refused) if refused else None
        if where in (("GET", "/"), ("HEAD", "/")):
            from_elsewhere = request.headers.get("sec-fetch-site") == "cross-site"
            return _html(_Refusal(""), once_more_page(_where(request)) if from_elsewhere else login_page())
        return _json(_Refusal(_LOG_IN))

    async def _log_in(self, request: Request) -> Response:
        tried = await _password_in(request)
        device = self._device(request)
        address = self._site.client(request.scope)
        refused = await self._refusal(device or address, tried, address) if tried else _Refusal(_NONE_GIVEN)
        if refused:
            return _html(refused, login_page(refused.words))
        answer = RedirectResponse(_where(request), 303, {"cache-control": "no-store"})
        self._set_cookie(answer, self._cookie, self._sessions.begin(), SESSION_SECONDS)
        if not device:
            token = secrets.token_urlsafe(32)
            self._tries.remember(_device_of(token))
            self._set_cookie(answer, self._device_cookie, token, DEVICE_SECONDS)
        return answer

    def _log_out(self, request: Request) -> Response:
        self._sessions.end(self._token(request))
        answer = RedirectResponse("/", 303, {"cache-control": "no-store"})
        self._set_cookie(answer, self._cookie, "", 0)
        return answer

    def _token(self, request: Request) -> str:
        return request.cookies.get(self._cookie, "")

    def _device(self, request: Request) -> str:
        """What the tries of a browser that was let in before are counted by; empty for any other."""
        device = _device_of(request.cookies.get(self._device_cookie, ""))
        return device if self._tries.knows(device) else ""

    def _set_cookie(self, answer: Response, name: str, token: str, seconds: int) -> None:
        answer.set_cookie(
            name, token, max_age=seconds, path="/", secure=self._site.secure, httponly=True, samesite="strict"
        )

    async def _refusal(self, client: str, tried: str, address: str) -> _Refusal | None:
        """None when it is the password; at most two are looked at at once."""
        wait = math.ceil(self._tries.wait(client))
        if wait:
            return _Refusal(_TOO_OFTEN.format(wait=_spoken(wait)), wait)
        self._tries.begin(client)
        if await asyncio.get_running_loop().run_in_executor(self._hashing, self._password.fits, tried):
            self._tries.was_right(client)
            return None
        _log.warning("a wrong password from %s", address)
        return _Refusal(_WRONG)

    async def _refusal_of_program(self, client: str, tried: str) -> _Refusal | None:
        # Headers are bytes that starlette reads as Latin-1.
        password = tried.encode("latin-1").decode(errors="replace")
        digest = hmac.digest(self._key, password.encode(), hashlib.sha256)
        # During a wait a guess is compared too, so that nobody who shares its address keeps a program out; but only so many.
        waits = self._tries.wait(client) > 0
        if self._clock() < self._proven_until and (not waits or self._tries.may_glance(client)):
            if hmac.compare_digest(digest, self._proven):
                return None
            if waits:
                self._tries.glanced(client)
        refused = await self._refusal(client, password, client)
        if refused is None:
            self._proven, self._proven_until = digest, self._clock() + IDLE_SECONDS
        return refused


def _device_of(token: str) -> str:
    # As a digest, so that a lookup compares nothing with the token itself; it is the name of no address.
    return f"device {hashlib.sha256(token.encode(errors='replace')).hexdigest()}"


async def _password_in(request: Request) -> str:
    """The password of a login form; empty when there is none, or more than any form of ours would send."""
    body = b""
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > LARGEST_LOGIN:
                return ""
        fields = parse_qs(body.decode(errors="replace"), max_num_fields=4)
    except (ClientDisconnect, ValueError):
        return ""
    return fields.get("password", [""])[0]


def _where(request: Request) -> str:
    """The page that was asked for: always a path of ours, as only `/` is a page."""
    query = request.scope["query_string"].decode("latin-1")
    return f"/?{query}" if query else "/"


def _spoken(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} second{'' if seconds == 1 else 's'}"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} minute{'' if minutes == 1 else 's'}"


def _html(refusal: _Refusal, page: str) -> Response:
    return HTMLResponse(page, refusal.status, {**refusal.headers, "content-security-policy": policy()})


def _json(refusal: _Refusal) -> Response:
    # Our own page reads "message", and gradio's "detail".
    body = json.dumps({"message": refusal.words, "detail": refusal.words})
    return Response(body, refusal.status, refusal.headers, "application/json")
