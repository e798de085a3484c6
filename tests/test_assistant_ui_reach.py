"""From where the chat may be reached: what is refused, what its address is, and the verb's options."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import trustme
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from assistant.cli import onrecord
from assistant.cli_chat import reach_of
from assistant.settings import Settings
from assistant.ui.password import Password
from assistant.ui.reach import Reach
from assistant.ui.server import listen
from assistant.ui.site import Site
from ingest.errors import ServerError
from ingest.settings import IngestSettings

RIGHT = "correct horse battery staple"
PASSWORD = Password(RIGHT, n=16)
PROXY = "https://desk.example"


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A certificate and its key."""
    folder = tmp_path_factory.mktemp("pem")
    issued = trustme.CA().issue_cert("desk.example")
    issued.cert_chain_pems[0].write_to_path(folder / "certificate.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    return {"certificate": folder / "certificate.pem", "key": folder / "key.pem"}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_this_machine_needs_nothing(host: str) -> None:
    reach = Reach(host)
    assert not reach.shared
    assert reach.tls is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3", "192.168.0.7", "fe80::1", "0", "::ffff:127.0.0.1"])
def test_other_machines_need_a_password_and_encryption(host: str, pem: dict[str, Any]) -> None:
    with pytest.raises(
        ServerError, match=r"--password-file FILE or --password-prompt, or in the variable ONRECORD_PASSWORD$"
    ):
        Reach(host, **pem)
    with pytest.raises(ServerError, match=r"--tls-cert FILE .* --behind-proxy https://desk.example$"):
        Reach(host, PASSWORD)
    assert Reach(host, PASSWORD, **pem, public_url=PROXY).shared
    assert Reach(host, PASSWORD, behind_proxy=PROXY).shared


def test_a_proxy_or_a_public_name_needs_a_password_also_on_this_machine(pem: dict[str, Any]) -> None:
    asks: list[dict[str, Any]] = [{"behind_proxy": PROXY}, {"public_url": PROXY, **pem}]
    for asked in asks:
        with pytest.raises(ServerError, match="without a password"):
            Reach(**asked)
        Reach(password=PASSWORD, **asked)
    with pytest.raises(ServerError, match="unencrypted"):
        Reach(password=PASSWORD, public_url="http://desk.example")


@pytest.mark.parametrize(
    ("asked", "remedy"),
    [({"behind_proxy": "http://desk.example"}, "let the proxy serve https"),
     ({"behind_proxy": PROXY, "public_url": PROXY}, "leave out --public-url"),
     ({"behind_proxy": f"{PROXY}/news"}, "like https://desk.example"), ({"behind_proxy": "desk.example"}, "like https"),
     ({"behind_proxy": "https://"}, "like https"), ({"behind_proxy": "https://a b"}, "like https"),
     ({"behind_proxy": f"{PROXY}:x"}, "like https"), ({"behind_proxy": "https://me@desk.example"}, "like https"),
     ({"behind_proxy": f"{PROXY}?x"}, "like https"), ({"behind_proxy": "https://*.example"}, "like https"),
     ({"behind_proxy": "https://[::g]"}, "like https"), ({"behind_proxy": "https://a..b"}, "like https"),
     ({"certificate": Path("x.pem")}, "give both"), ({"key": Path("x.pem")}, "give both"),
     ({"host": "a b"}, "0.0.0.0 stands for all"),
     ({"public_url": "https://localhost:9000"}, "starts with http://")],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_the_remedy(asked: dict[str, Any], remedy: str) -> None:
    with pytest.raises(ServerError, match=remedy):
        Reach(password=PASSWORD, **asked)


def test_every_address_is_no_address_to_open(pem: dict[str, Any]) -> None:
    for host in ("0.0.0.0", "::"):
        with pytest.raises(ServerError, match=r"--public-url https://NAME:PORT$"):
            Reach(host, PASSWORD, **pem)


def test_a_certificate_that_cannot_be_used_is_an_error_before_anything_is_served(
    pem: dict[str, Any], tmp_path: Path
) -> None:
    other = trustme.CA().issue_cert("desk.example").private_key_pem
    other.write_to_path(tmp_path / "other.pem")
    for wrong in ({**pem, "key": tmp_path / "other.pem"}, {**pem, "certificate": pem["key"]},
                  {**pem, "key": tmp_path / "nowhere"}):  # fmt: skip
        with pytest.raises(ServerError, match="key without a passphrase"):
            Reach("10.0.0.1", PASSWORD, **wrong)


def test_a_key_with_a_passphrase_is_refused_and_not_asked_for(pem: dict[str, Any], tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
        load_pem_private_key,
    )

    key = load_pem_private_key(pem["key"].read_bytes(), None)
    locked = tmp_path / "locked.pem"
    locked.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")))
    with pytest.raises(ServerError, match="key without a passphrase"):
        Reach("10.0.0.1", PASSWORD, pem["certificate"], locked)


# ---- addresses -------------------------------------------------------------------------------------------------------


def test_the_site_is_named_by_what_people_open(pem: dict[str, Any]) -> None:
    assert Reach().site(7860) == Site.local(7860)
    assert Reach().site(7860).address == "http://127.0.0.1:7860"
    assert Reach(**pem).site(443).address == "https://127.0.0.1"
    assert Reach("::1").site(7860).address == "http://[::1]:7860"
    assert Reach("10.1.2.3", PASSWORD, **pem).site(7860).origins == ("https://10.1.2.3:7860",)
    named = Reach("10.1.2.3", PASSWORD, **pem, public_url="HTTPS://Desk.Example:443/").site(7860)
    assert named.origins == ("https://desk.example", "https://10.1.2.3:7860")
    assert Reach("0.0.0.0", PASSWORD, **pem, public_url="https://b\u00fccher.example:7860").site(7860).origins == (
        "https://xn--bcher-kva.example:7860",
    )
    proxied = Reach("0.0.0.0", PASSWORD, behind_proxy=PROXY).site(7860)
    assert (proxied.origins, proxied.proxied, proxied.secure, proxied.port) == ((PROXY,), True, True, 443)


@pytest.mark.parametrize(
    ("host", "ours"),
    [(b"desk.example", True), (b"Desk.Example", True), (b"desk.example:443", True), (b"desk.example:80", False),
     (b"desk.example:7860", False), (b"desk.example.", False), (b"evil.desk.example", False), (b"", False),
     (b"127.0.0.1:7860", False), (b"desk.example/x", False), (b"x@desk.example", False), (b"\xff", False),
     (b"desk.example:443:443", False)],
)  # fmt: skip
def test_a_proxys_host_is_ours_and_no_other(host: bytes, ours: bool) -> None:
    assert Site((PROXY,), proxied=True).has_host(host) == ours


@pytest.mark.parametrize(
    ("sent", "ours"),
    [(b"https://desk.example", True), (b"http://desk.example", False), (b"https://desk.example:443", False),
     (b"null", False), (b"https://evil.example", False), (b"https://desk.example/", False)],
)  # fmt: skip
def test_an_origin_is_ours_to_the_letter(sent: bytes, ours: bool) -> None:
    assert Site((PROXY,)).has_origin(sent) == ours


def scope(peer: str, *forwarded: str) -> dict[str, Any]:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    return {"type": "http", "client": (peer, 5), "headers": headers}


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [((), "10.0.0.1"), (("1.2.3.4",), "1.2.3.4"), (("9.9.9.9, 1.2.3.4",), "1.2.3.4"), (("9.9.9.9", "1.2.3.4"), "1.2.3.4"),
     (("unknown",), "10.0.0.1"), (("1.2.3.4, ",), "10.0.0.1"), (("2001:db8:1:2:3::4",), "2001:db8:1:2::/64"),
     (("::ffff:1.2.3.4",), "1.2.3.4"), (("\xff" * 9_000,), "10.0.0.1")],
)  # fmt: skip
def test_behind_a_proxy_a_client_is_the_last_one_named(forwarded: tuple[str, ...], client: str) -> None:
    assert Site((PROXY,), proxied=True).client(scope("10.0.0.1", *forwarded)) == client


def test_without_a_proxy_nobody_can_say_that_they_are_another() -> None:
    assert Site((PROXY,)).client(scope("10.0.0.1", "1.2.3.4")) == "10.0.0.1"
    assert Site((PROXY,)).client(scope("fe80::1%eth0")) == "fe80::/64"
    assert Site((PROXY,)).client({"type": "http", "client": None, "headers": []}) == ""


@given(st.binary(max_size=80))
def test_no_header_breaks_the_reading_of_it(value: bytes) -> None:
    site = Site((PROXY,), proxied=True)
    assert site.has_host(value) == (value.lower() in (b"desk.example", b"desk.example:443"))
    site.client({"type": "http", "client": ("10.0.0.1", 5), "headers": [(b"x-forwarded-for", value)]})


def test_an_address_of_another_machine_cannot_be_listened_on() -> None:
    with pytest.raises(ServerError, match="give --host one of its own"):
        listen(0, "192.0.2.1")


# ---- the verb --------------------------------------------------------------------------------------------------------


def options(**given: Any) -> Reach:
    nothing = {"password_file": None, "password_prompt": False, "tls_cert": None, "tls_key": None, "public_url": None}
    return reach_of(**{"host": "127.0.0.1", "behind_proxy": None, **nothing, **given})


def test_the_password_comes_from_a_file_before_the_variable_which_no_child_inherits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "password"
    file.write_text(f"{RIGHT}\n")
    file.chmod(0o600)
    for asked, right in (({"password_file": file}, RIGHT), ({}, "of the variable, long enough")):
        monkeypatch.setenv("ONRECORD_PASSWORD", "of the variable, long enough")
        password = options(**asked).password
        assert password is not None
        assert password.fits(right)
        assert "ONRECORD_PASSWORD" not in os.environ
    assert options().password is None


def test_an_empty_variable_does_not_open_the_chat_to_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRECORD_PASSWORD", "")
    with pytest.raises(ServerError, match="at least 15"):
        options()


def test_a_password_is_asked_for_at_a_terminal_hidden_and_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ServerError, match=r"no terminal .* --password-file"):
        options(password_prompt=True)
    asked: dict[str, Any] = {}
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(click, "prompt", lambda text, **how: asked.update(how) or RIGHT)
    password = options(password_prompt=True).password
    assert password is not None
    assert password.fits(RIGHT)
    assert (asked["hide_input"], bool(asked["confirmation_prompt"]), asked["err"]) == (True, True, True)


def test_the_variable_is_no_misspelt_setting(tmp_path: Path) -> None:
    assert Settings.load(tmp_path, {"ONRECORD_PASSWORD": "x"}) == Settings()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [(["--host", "0.0.0.0"], 1, "onrecord: other machines could ask without a password; "),
     (["--password-file", "/nowhere/at/all"], 1, "cannot be read"),
     (["--password-file", "x", "--password-prompt"], 2, "not both"), (["--password", "x"], 2, "No such option")],
)  # fmt: skip
def test_the_verb_says_what_is_wrong_before_it_opens_anything(
    tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    done = CliRunner().invoke(onrecord, ["chat", "--home", str(tmp_path / "nothing"), *arguments])
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr


def test_the_port_of_a_shared_chat_is_not_the_next_free_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from assistant.ui import server

    listened: list[Any] = []

    def listening(port: int | None, address: str) -> Any:
        listened.append((port, address))
        raise ServerError("not now")

    monkeypatch.setattr(server, "listen", listening)
    for reach in (None, Reach(), Reach(password=PASSWORD, behind_proxy=PROXY)):
        with pytest.raises(ServerError):
            server.serve(None, tmp_path, IngestSettings(), None, print, reach)  # type: ignore[arg-type]  # nothing is asked
    assert listened == [(None, "127.0.0.1"), (None, "127.0.0.1"), (server.DEFAULT_PORT, "127.0.0.1")]
