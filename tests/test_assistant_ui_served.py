"""The chat as it is really served: over https, on a socket, to clients that are slow, many or ill-mannered."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
import trustme
from fastapi import FastAPI
from starlette.types import ASGIApp
from test_assistant_ui import Ferry

from assistant.ui import limits
from assistant.ui.app import build_app
from assistant.ui.desk import open_desk
from assistant.ui.password import Password
from assistant.ui.reach import Reach
from assistant.ui.server import ChatServer, listen
from assistant.ui.site import Site
from ingest.settings import IngestSettings

RIGHT = "correct horse battery staple"
NAME = "desk.example"
Serve = Callable[..., tuple[int, Site]]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def encrypted(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Reach:
    """Over https, on this machine, under a public name."""
    folder = tmp_path_factory.mktemp("pem")
    issued = authority.issue_cert(NAME)
    issued.cert_chain_pems[0].write_to_path(folder / "certificate.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    password = Password(RIGHT, n=16)
    return Reach(
        password=password, certificate=folder / "certificate.pem", key=folder / "key.pem", public_url=f"https://{NAME}"
    )


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Serves a chat until the test ends; gives its port and its site."""
    with ExitStack() as stack:

        def begin(reach: Reach, app: ASGIApp | None = None) -> tuple[int, Site]:
            listening = stack.enter_context(listen(0))
            port = listening.getsockname()[1]
            site, ready = reach.site(port), threading.Event()
            app = app or build_app(
                stack.enter_context(open_desk(Ferry(), tmp_path, IngestSettings())), site, reach.password
            )

            def on_ready(url: str) -> None:
                assert url == site.address
                ready.set()

            server = ChatServer(app, listening, on_ready, site, reach.tls)
            thread = threading.Thread(target=server.run)
            thread.start()
            stack.callback(thread.join, 30)
            stack.callback(server.stop)
            assert ready.wait(30)
            return port, site

        yield begin


def browser(authority: trustme.CA, port: int) -> httpx.Client:
    """A client that trusts the authority and finds the public name on this machine."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    client = httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=context, headers={"host": NAME}, trust_env=False)
    client.event_hooks["request"] = [lambda request: request.extensions.update(sni_hostname=NAME)]
    return client


def test_over_https_one_logs_in_asks_and_logs_out(serve: Serve, authority: trustme.CA, encrypted: Reach) -> None:
    port, site = serve(encrypted)
    assert site.address == f"https://{NAME}"
    with browser(authority, port) as client:
        assert client.get("/onrecord/articles").status_code == 401
        assert client.post("/", data={"password": "wrong"}).status_code == 401
        answer = client.post("/?cite=x", data={"password": RIGHT}, headers={"origin": f"https://{NAME}"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/?cite=x")
        cookie = answer.headers["set-cookie"].split(";")[0]
        assert cookie.startswith("__Host-onrecord-443=")
        inside = {"cookie": cookie}
        assert client.get("/onrecord/articles", headers=inside).status_code == 200
        assert client.get("/config", headers=inside).json()["root"] == f"https://{NAME}"
        lied = {**inside, "x-forwarded-host": "evil.example", "x-forwarded-proto": "http"}
        assert client.get("/config", headers=lied).json()["root"] == f"https://{NAME}"
        assert client.get("/config", headers={**inside, "host": "evil.example"}).status_code == 403
        assert client.get("/config", headers={**inside, "host": f"127.0.0.1:{port}"}).status_code == 200
        assert "strict-transport-security" not in client.get("/", headers=inside).headers
        assert client.post("/onrecord/logout", headers=inside).status_code == 303
        assert client.get("/config", headers=inside).status_code == 401


def test_nobody_is_served_unencrypted_or_by_an_old_protocol(
    serve: Serve, authority: trustme.CA, encrypted: Reach
) -> None:
    port, _ = serve(encrypted)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ECDHE+AES256+SHA1:@SECLEVEL=0")  # as uvicorn's own choice would still allow
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection(("127.0.0.1", port)) as raw, pytest.raises(ssl.SSLError):
        old.wrap_socket(raw, server_hostname=NAME)


def test_a_program_behind_a_proxy_is_counted_by_its_own_address(serve: Serve) -> None:
    port, _ = serve(Reach(password=Password(RIGHT, n=16), behind_proxy=f"https://{NAME}"))
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"host": NAME}, trust_env=False) as proxy:
        guessing = {"authorization": "Bearer guess", "x-forwarded-for": "spoofed, 1.2.3.4"}
        assert [proxy.get("/config", headers=guessing).status_code for _ in range(7)] == [401] * 5 + [429] * 2
        right = {"authorization": f"Bearer {RIGHT}", "x-forwarded-for": "5.6.7.8"}
        answer = proxy.get("/config", headers=right)
        assert (answer.status_code, answer.json()["root"]) == (200, f"https://{NAME}")


def test_without_a_proxy_nobody_gets_more_tries_by_naming_other_addresses(serve: Serve) -> None:
    _, site = serve(Reach(password=Password(RIGHT, n=16)))
    with httpx.Client(base_url=site.address, trust_env=False) as client:
        guesses = [{"authorization": "Bearer guess", "x-forwarded-for": f"1.2.3.{n}"} for n in range(7)]
        assert [client.get("/config", headers=guess).status_code for guess in guesses] == [401] * 5 + [429] * 2


def read_all(connection: socket.socket) -> bytes:
    """What comes until the other side closes."""
    connection.settimeout(20)
    received = b""
    try:
        while piece := connection.recv(65_536):
            received += piece
    except ConnectionResetError:
        pass
    return received


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HTTP/1.1\r\nHost: 127", b"GET /onrecord/articles HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\nG"]
)
def test_a_connection_whose_request_does_not_arrive_is_closed(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(limits, "HEADER_SECONDS", 0.1)
    port, _ = serve(Reach())
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(sent.replace(b"%d", str(port).encode()))
        received = read_all(slow)
    assert (received[:15] == b"HTTP/1.1 200 OK") == (b"articles" in sent)


def test_an_answer_that_takes_long_is_not_cut_off(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = FastAPI()

    @slow.get("/")
    async def answer() -> str:
        await asyncio.sleep(5 * limits.HEADER_SECONDS)
        return "at last"

    monkeypatch.setattr(limits, "HEADER_SECONDS", 0.05)
    port, _ = serve(Reach(), slow)
    assert httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).json() == "at last"


def test_a_body_that_never_arrives_is_answered_and_the_connection_closed(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.1)
    port, _ = serve(Reach(password=Password(RIGHT, n=16)))
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 30\r\n\r\npass" % port)
        assert read_all(slow).startswith(b"HTTP/1.1 408 ")


def test_headers_without_end_are_not_read(serve: Serve) -> None:
    port, _ = serve(Reach())
    with socket.create_connection(("127.0.0.1", port)) as endless:
        endless.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n" % port + b"x: %s\r\n" % (b"y" * 40_000))
        assert read_all(endless).startswith(b"HTTP/1.1 400 ")


def test_too_many_connections_are_told_so_and_the_first_ones_go_on(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.ui.server.MOST_OF_ONE_CLIENT", 3)
    port, _ = serve(Reach())
    request = b"GET /onrecord/articles HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n" % port
    with ExitStack() as stack:
        opened = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(4)]
        assert read_all(opened[3]).startswith(b"HTTP/1.1 503 ")
        for connection in opened[:3]:
            connection.sendall(request)
            assert read_all(connection).startswith(b"HTTP/1.1 200 ")
