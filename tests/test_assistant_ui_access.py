"""The door: what a password lets in, what it keeps out, and how often it may be tried."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import logging
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from test_assistant_ui import PORT, Ferry, Reader, paths_of

from assistant.ui import access, login
from assistant.ui.access import IDLE_SECONDS, MOST_GLANCES, SESSION_SECONDS, Sessions, Tries
from assistant.ui.desk import open_desk
from assistant.ui.door import DEVICE_SECONDS, LOGOUT, Door
from assistant.ui.guard import Guard
from assistant.ui.limits import Limits
from assistant.ui.password import SHORTEST, Password, read_password
from assistant.ui.site import Site
from ingest.errors import ServerError
from ingest.settings import IngestSettings

RIGHT = "correct horse battery staple"
CHEAP = 16  # scrypt's cost where it is not what is tested
PUBLIC = Site(("https://desk.example",))
Enter = Callable[..., TestClient]


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    from assistant.ui.app import unguarded_app

    with open_desk(Ferry(), tmp_path_factory.mktemp("home"), IngestSettings()) as desk:
        yield unguarded_app(desk, PORT)


@pytest.fixture
def enter(application: FastAPI, clock: Clock) -> Iterator[Enter]:
    """A client before the whole stack, as it is served."""
    opened: list[TestClient] = []

    def begin(site: Site = PUBLIC) -> TestClient:
        door = Door(application, site, Password(RIGHT, n=CHEAP), clock)
        guarded = Guard(Limits(door, site), site, leave=True)
        opened.append(TestClient(guarded, base_url=site.address, follow_redirects=False))
        return opened[-1].__enter__()

    yield begin
    for client in opened:
        client.__exit__(None, None, None)


def log_in(client: TestClient, password: str = RIGHT, path: str = "/", **headers: str) -> Any:
    return client.post(path, data={"password": password}, headers=headers)


# ---- the password ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [("x" * (SHORTEST - 1), "at least 15"), ("", "at least 15"), ("x" * 257, "at most 256"), ("two\nlines of text here", "one line"),
     (" a space before it all", "one line"), ("a bell \a and more text", "one line"), ("a broken \udcff character", "one line")],
)  # fmt: skip
def test_a_password_that_will_not_do_is_refused_in_words(text: str, why: str) -> None:
    with pytest.raises(ServerError, match=why):
        Password(text, n=CHEAP)


@given(st.text(min_size=SHORTEST, max_size=40), st.text(max_size=40))
def test_a_password_fits_itself_and_no_other(text: str, other: str) -> None:
    try:
        password = Password(text, n=2)
    except ServerError:
        return
    assert password.fits(text)
    assert password.fits(other) == (unicodedata.normalize("NFKC", other) == unicodedata.normalize("NFKC", text))


def test_the_same_letters_typed_on_another_system_fit() -> None:
    assert Password("caf\N{LATIN SMALL LETTER E WITH ACUTE} au lait, twice", n=CHEAP).fits(
        "cafe\N{COMBINING ACUTE ACCENT} au lait, twice"
    )


def test_it_is_kept_as_salted_scrypt_of_owasps_strength_and_compared_in_constant_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    password = Password(RIGHT)
    kept = vars(password)
    assert RIGHT not in str(kept)
    expected = hashlib.scrypt(RIGHT.encode(), salt=kept["_salt"], n=2**17, r=8, p=1, maxmem=2**28)
    assert kept["_hash"] == expected
    assert kept["_salt"] != Password(RIGHT, n=CHEAP)._salt
    compared: list[bytes] = []

    def compare(a: bytes, b: bytes) -> bool:
        compared.append(b)
        return True

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert password.fits("anything at all")
    assert compared == [expected]


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_password_file_may_end_in_a_line_break(tmp_path: Path, end: str) -> None:
    file = tmp_path / "password"
    file.write_bytes(RIGHT.encode() + end.encode())
    file.chmod(0o600)
    assert read_password(file) == RIGHT


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such modes")
@pytest.mark.parametrize("mode", [0o604, 0o640, 0o644, 0o602])
def test_a_password_file_that_others_may_touch_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "password"
    file.write_text(RIGHT)
    file.chmod(mode)
    with pytest.raises(ServerError, match=f"chmod 600 {file}$"):
        read_password(file)
    file.chmod(stat.S_IRUSR)
    assert read_password(file) == RIGHT


def test_a_password_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="--password-file"):
        read_password(tmp_path / "nowhere")
    with pytest.raises(ServerError, match="cannot be read"):
        read_password(tmp_path)
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")
    binary.chmod(0o600)
    with pytest.raises(ServerError, match="not UTF-8"):
        read_password(binary)


# ---- what is closed --------------------------------------------------------------------------------------------------

METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH")
KNOWN = (
    "/", "/config", "/queue/join", "/queue/data", "/upload", "/file=/etc/passwd", "/gradio_api/queue/join",
    "/gradio_api/queue/data", "/gradio_api/upload", "/gradio_api/file=/etc/passwd", "/gradio_api/info",
    "/gradio_api/heartbeat/x", "/gradio_api/mcp/", "/gradio_api/mcp/sse", "/mcp", "/mcp/sse", "/onrecord/articles",
    "/onrecord/source", "/onrecord/assets/page.js", "/onrecord/assets/page.css", "/onrecord/anything", "/login", "/logout",
    "/theme.css", "/assets/x.js", "/static/img/logo.svg", "//", "/?", "/./", "/%2e%2e/", "/onrecord/logout/",
)  # fmt: skip


def test_nothing_is_open_without_the_password(application: FastAPI, enter: Enter) -> None:
    """Every route that the application really has, so that a new one is closed before anybody thinks of it."""
    paths = sorted({*paths_of(application), *KNOWN})
    assert len(paths) > 80
    answers = {}
    with TestClient(Door(application, PUBLIC, Password(RIGHT, n=CHEAP)), base_url=PUBLIC.address) as bare:
        for path in paths:
            for method in METHODS:
                if (method, path) not in (("POST", "/"), ("POST", LOGOUT), ("POST", "/?")):
                    answers[method, path] = bare.request(method, path).status_code
    assert {where: status for where, status in answers.items() if status != 401} == {}
    served = enter()
    for method, path in answers:
        answer = served.request(method, path)
        assert answer.status_code in (401, 404), (method, path)
        assert "Ines Hale" not in answer.text


def test_the_same_routes_are_open_with_it(enter: Enter) -> None:
    client = enter()
    log_in(client)
    for path in ("/", "/config", "/onrecord/articles", "/onrecord/assets/page.js", "/theme.css", "/gradio_api/info"):
        assert client.get(path).status_code == 200, path


def test_a_websocket_is_refused_also_by_the_door_itself(application: FastAPI) -> None:
    with (
        TestClient(Door(application, PUBLIC, Password(RIGHT, n=CHEAP))) as bare,
        pytest.raises(WebSocketDisconnect),
        bare.websocket_connect("/gradio_api/queue/join"),
    ):
        pass


def test_a_program_is_told_in_json_how_to_get_in(enter: Enter) -> None:
    answer = enter().get("/onrecord/articles")
    assert answer.json()["message"] == answer.json()["detail"]
    assert "Authorization: Bearer" in answer.json()["message"]
    assert answer.headers["www-authenticate"] == 'Bearer realm="onrecord"'
    assert answer.headers["cache-control"] == "no-store"


def test_the_login_page_has_a_label_and_no_script_and_its_own_policy(enter: Enter) -> None:
    answer = enter().get("/")
    page = Reader(answer.text)
    tags = [tag for tag, _ in page.tags]
    assert answer.status_code == 401
    assert "script" not in tags
    (form,) = (attrs for tag, attrs in page.tags if tag == "form")
    assert form == {"method": "post"}
    (field,) = (attrs for tag, attrs in page.tags if tag == "input")
    assert (field["type"], field["autocomplete"], field["id"]) == ("password", "current-password", "password")
    assert "autofocus" in field
    assert ("label", {"for": "password"}) in page.tags
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style
    assert "--paper" in style[1], "the page's own colours"
    own = answer.headers.get_list("content-security-policy")[0]
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert own.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'")
    assert "script-src" not in own
    assert answer.headers["cache-control"] == "no-store"
    assert enter().head("/").status_code == 401


# ---- logging in and out ----------------------------------------------------------------------------------------------


def test_the_right_password_opens_and_its_cookie_is_kept_from_scripts_and_other_sites(enter: Enter) -> None:
    client = enter()
    answer = log_in(client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    session, device = answer.headers.get_list("set-cookie")
    assert re.match(r"__Host-onrecord-443=[\w-]{43}; ", session)
    assert re.match(r"__Host-onrecord-443-device=[\w-]{43}; ", device)
    for cookie, seconds in ((session, SESSION_SECONDS), (device, DEVICE_SECONDS)):
        assert {"HttpOnly", "Path=/", "SameSite=strict", "Secure", f"Max-Age={seconds}"} <= set(cookie.split("; "))
        assert "domain" not in cookie.lower()
    assert client.get("/onrecord/articles").status_code == 200


def test_without_encryption_on_this_machine_the_cookie_is_not_marked_secure(enter: Enter) -> None:
    cookie = log_in(enter(Site.local(PORT))).headers["set-cookie"]
    assert cookie.startswith(f"onrecord-{PORT}=")
    assert "Secure" not in cookie


def test_two_logins_get_two_tokens(enter: Enter) -> None:
    client = enter()
    assert log_in(client).headers["set-cookie"] != log_in(client).headers["set-cookie"]


@pytest.mark.parametrize("sent", ["wrong", RIGHT.upper(), RIGHT[:-1], f"{RIGHT} ", "\N{SNOWMAN}" * 20])
def test_a_wrong_password_is_the_page_again_with_words_and_no_cookie(enter: Enter, sent: str) -> None:
    client = enter()
    answer = log_in(client, sent)
    assert answer.status_code == 401
    assert "That is not the password." in Reader(answer.text).text
    assert 'role="alert"' in answer.text
    assert "set-cookie" not in answer.headers
    assert client.get("/config").status_code == 401


@pytest.mark.parametrize(
    "body", [b"", b"password=", b"other=x", b"\xff\xfe", b"password=" + b"x" * 5_000, b"&a=1" * 9, b"{}"], ids=len
)
def test_a_form_without_a_password_is_no_try(enter: Enter, body: bytes) -> None:
    client = enter()
    for _ in range(8):
        answer = client.post("/", content=body, headers={"content-type": "application/x-www-form-urlencoded"})
        assert (answer.status_code, "Type the password first." in answer.text) == (401, True)


@pytest.mark.parametrize(
    "query",
    ["?cite=harbour%40ba9876543210%3A3-9", "?chat=17", "?next=https://evil.example", "?//evil.example", "?a=%0d%0aX:y"],
)
def test_after_login_one_is_where_one_wanted_to_go_and_nowhere_else(enter: Enter, query: str) -> None:
    answer = log_in(enter(), path=f"/{query}")
    assert answer.headers["location"] == f"/{query}"
    assert "x" not in answer.headers


@pytest.mark.parametrize("path", ["//evil.example", "/%2f/evil.example", "/\\evil.example", "/.//evil.example"])
def test_a_login_is_possible_at_the_page_only(enter: Enter, path: str) -> None:
    assert enter().post(f"{PUBLIC.address}{path}", data={"password": RIGHT}).status_code in (401, 404)


def test_logging_out_ends_the_session_on_the_server_too(enter: Enter) -> None:
    client = enter()
    token = log_in(client).cookies["__Host-onrecord-443"]
    answer = client.post(LOGOUT)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    stolen = {"cookie": f"__Host-onrecord-443={token}"}
    assert client.get("/config", headers=stolen).status_code == 401
    assert client.get(LOGOUT).status_code == 404


def test_the_page_offers_to_log_out_only_where_one_logged_in(enter: Enter, application: FastAPI) -> None:
    client = enter()
    log_in(client)
    assert f'<form id="leave" method="post" action="{LOGOUT}">' in client.get("/").text
    with TestClient(Guard(application, PUBLIC), base_url=PUBLIC.address) as open_to_all:
        assert LOGOUT not in open_to_all.get("/").text


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"origin": "null"}, {"origin": "http://desk.example"},
     {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"},
     {"sec-fetch-site": "same-site"}],
    ids=str,
)  # fmt: skip
def test_another_site_can_neither_log_in_nor_out(enter: Enter, headers: dict[str, str]) -> None:
    client = enter()
    assert log_in(client, **headers).status_code == 403
    log_in(client, origin="https://desk.example")
    assert client.post(LOGOUT, headers=headers).status_code == 403
    assert client.get("/config").status_code == 200


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 9_000, '"', "\u00e9"])
def test_a_made_up_token_opens_nothing(enter: Enter, token: str) -> None:
    client = enter()
    log_in(client)
    client.cookies.clear()
    made_up = {"cookie": f"__Host-onrecord-443={token}".encode("latin-1")}
    assert client.get("/config", headers=made_up).status_code == 401  # type: ignore[arg-type]  # bytes are headers too


def test_whoever_follows_a_link_from_elsewhere_comes_back_with_their_cookie(enter: Enter) -> None:
    client = enter()
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    answer = client.get("/?cite=a%22%3E%3Cb%3E&x=1", headers=link)
    page = Reader(answer.text)
    assert answer.status_code == 401
    assert [attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv")] == [
        "0; url=/?cite=a%22%3E%3Cb%3E&x=1"
    ]
    assert "password" not in answer.text
    log_in(client)
    assert client.get("/?cite=a", headers=link).status_code == 200


@given(st.text())
def test_no_address_and_no_words_become_markup(text: str) -> None:
    for html in (login.login_page(text), login.once_more_page(f"/?{text}")):
        tags = [tag for tag, _ in Reader(html).tags]
        assert tags.count("script") == 0
        assert len(tags) <= 22


# ---- sessions --------------------------------------------------------------------------------------------------------


def test_a_session_ends_after_twelve_hours_without_use_and_after_seven_days_with_it(enter: Enter, clock: Clock) -> None:
    client = enter()
    log_in(client)
    clock.now += IDLE_SECONDS - 1
    assert client.get("/config").status_code == 200
    clock.now += IDLE_SECONDS
    assert client.get("/config").status_code == 401
    log_in(client)
    for _ in range(SESSION_SECONDS // (IDLE_SECONDS - 1)):
        clock.now += IDLE_SECONDS - 1
        assert client.get("/config").status_code == 200
    clock.now += IDLE_SECONDS - 1
    assert client.get("/config").status_code == 401


def test_there_are_never_too_many_sessions_and_the_least_used_goes_first(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "MOST_SESSIONS", 3)
    sessions = Sessions(clock)
    first, second, third = (sessions.begin() for _ in range(3))
    assert sessions.goes_on(first)
    fourth = sessions.begin()
    assert [sessions.goes_on(token) for token in (first, second, third, fourth)] == [True, False, True, True]
    assert first not in str(vars(sessions)), "a token is kept as its digest"


# ---- programs --------------------------------------------------------------------------------------------------------


def bearer(password: str = RIGHT, scheme: str = "Bearer") -> dict[str, str]:
    return {"authorization": f"{scheme} {password}"}


def test_a_program_sends_the_password_with_each_request_and_gets_no_cookie(enter: Enter) -> None:
    client = enter()
    for _ in range(3):
        answer = client.get("/onrecord/articles", headers=bearer())
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
    assert client.get("/onrecord/articles", headers=bearer(scheme="bearer")).status_code == 200
    assert client.get("/onrecord/articles").status_code == 401
    assert client.get("/onrecord/articles", headers=bearer(scheme="Basic")).status_code == 401


def test_the_password_of_a_program_is_hashed_again_only_after_twelve_hours(
    enter: Enter, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    fits = Password.fits

    def counted(self: Password, tried: str) -> bool:
        hashed.append(tried)
        return fits(self, tried)

    monkeypatch.setattr(Password, "fits", counted)
    client = enter()
    for _ in range(3):
        assert client.get("/config", headers=bearer()).status_code == 200
    assert len(hashed) == 1
    clock.now += IDLE_SECONDS
    assert client.get("/config", headers=bearer()).status_code == 200
    assert len(hashed) == 2


def test_a_program_that_guesses_is_stopped_and_one_that_was_let_in_goes_on(enter: Enter) -> None:
    client = enter()
    assert client.get("/config", headers=bearer()).status_code == 200
    for n in range(5):
        assert client.get("/config", headers=bearer(f"guess {n}")).status_code == 401
    answer = client.get("/config", headers=bearer("another guess"))
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "1"
    assert "possible in 1 second." in answer.json()["message"]
    assert client.get("/config", headers=bearer()).status_code == 200


def test_guessing_during_a_wait_has_an_end_after_which_a_right_guess_is_not_told(enter: Enter, clock: Clock) -> None:
    client = enter()
    assert client.get("/config", headers=bearer()).status_code == 200
    for n in range(5 + MOST_GLANCES):
        client.get("/config", headers=bearer(f"guess {n}"))
    assert client.get("/config", headers=bearer()).status_code == 429
    clock.now += 1
    assert client.get("/config", headers=bearer()).status_code == 200, "the wait is over"


def test_during_a_wait_no_guess_is_compared_for_an_address_that_was_never_let_in(enter: Enter) -> None:
    site = Site((PUBLIC.address,), proxied=True)
    client = enter(site)
    assert client.get("/config", headers={**bearer(), "x-forwarded-for": "198.51.100.1"}).status_code == 200
    stranger = {"x-forwarded-for": "198.51.100.2"}
    for n in range(5):
        client.get("/config", headers={**bearer(f"guess {n}"), **stranger})
    assert client.get("/config", headers={**bearer(), **stranger}).status_code == 429


def test_letters_beyond_ascii_may_be_sent_by_a_program(application: FastAPI) -> None:
    password = "\N{CYRILLIC SMALL LETTER ZHE}\N{LATIN SMALL LETTER E WITH ACUTE}" * 10
    with TestClient(Door(application, PUBLIC, Password(password, n=CHEAP))) as client:
        sent = {"authorization": b"Bearer " + password.encode()}
        assert client.get("/config", headers=sent).status_code == 200  # type: ignore[arg-type]  # bytes are headers too


# ---- how often it may be tried ---------------------------------------------------------------------------------------


def test_after_five_wrong_passwords_the_wait_doubles_and_is_forgotten_in_an_hour(enter: Enter, clock: Clock) -> None:
    client = enter()
    assert [log_in(client, "wrong").status_code for _ in range(5)] == [401] * 5
    waits = []
    for _ in range(14):
        answer = log_in(client)
        assert answer.status_code == 429
        waits.append(int(answer.headers["retry-after"]))
        assert "The next one is possible in" in Reader(answer.text).text
        clock.now += waits[-1]
        assert log_in(client, "wrong").status_code == 401
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]
    clock.now += 900
    assert log_in(client).status_code == 303
    clock.now += 3600
    assert [log_in(client, "wrong").status_code for _ in range(5)] == [401] * 5


def test_nobody_at_the_same_address_locks_out_a_browser_that_logged_in_before(enter: Enter, clock: Clock) -> None:
    client = enter()
    log_in(client)
    client.post(LOGOUT)
    device = {"__Host-onrecord-443-device": client.cookies["__Host-onrecord-443-device"]}
    client.cookies.clear()
    for _ in range(3600):  # somebody there tries each second
        log_in(client, "wrong")
        clock.now += 1
    assert log_in(client).status_code == 429
    client.cookies.update(device)
    answer = log_in(client)
    assert answer.status_code == 303
    assert len(answer.headers.get_list("set-cookie")) == 1, "it is known as the same one"


def test_a_browser_that_logged_in_before_has_no_more_tries_than_others(enter: Enter) -> None:
    client = enter()
    log_in(client)
    assert [log_in(client, "wrong").status_code for _ in range(6)] == [401] * 5 + [429]
    client.cookies.clear()
    assert log_in(client).status_code == 303, "its tries are none of its address"


@pytest.mark.parametrize("token", ["", "x" * 43])
def test_a_made_up_device_is_none(enter: Enter, token: str) -> None:
    client = enter()
    for _ in range(5):
        log_in(client, "wrong")
    client.cookies.set("__Host-onrecord-443-device", token)
    assert log_in(client).status_code == 429


def test_a_right_password_does_not_buy_its_neighbours_new_tries(clock: Clock) -> None:
    tries = Tries(clock)
    for _ in range(5):
        tries.begin("shared")
    clock.now += 1
    tries.begin("shared")
    tries.was_right("shared")
    tries.begin("shared")
    assert tries.wait("shared") == 2


def test_many_clients_together_are_slowed_down_but_not_who_was_in_before(clock: Clock) -> None:
    tries = Tries(clock)
    tries.begin("friend")
    tries.was_right("friend")
    for n in range(70):
        tries.begin(f"bot {n}")
    assert tries.wait("a new one") == 30
    assert tries.wait("friend") == 0
    clock.now += 3600
    assert tries.wait("a new one") == 0


def test_tries_take_bounded_memory(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "MOST_CLIENTS", 10)
    tries = Tries(clock)
    for n in range(100):
        tries.begin(str(n))
        tries.was_right(str(n))
    assert len(tries._wrong) <= 10
    assert len(tries._known) <= 10
    assert access._ALL in tries._wrong, "what all did is never forgotten for one of them"


def test_a_burst_gains_nothing_and_two_passwords_are_hashed_at_once(
    application: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once, most = [0], [0]
    door = Door(application, PUBLIC, Password(RIGHT, n=CHEAP))

    def slow(self: Password, tried: str) -> bool:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        for _ in range(2_000):
            hashlib.sha256(b"x" * 2048).digest()  # lets other threads run
        at_once[0] -= 1
        return False

    monkeypatch.setattr(Password, "fits", slow)

    async def burst() -> list[Any]:
        return await asyncio.gather(*(door._refusal("one", "guess", "one") for _ in range(40)))

    refusals = asyncio.run(burst())
    assert sorted(refusal.status for refusal in refusals) == [401] * 5 + [429] * 35
    assert most[0] <= 2


def test_a_wrong_password_is_logged_with_the_address_and_without_the_password(
    enter: Enter, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        log_in(enter(), "my other password")
    assert "a wrong password from testclient" in caplog.text
    assert "my other" not in caplog.text
