"""From where the chat may be reached, and what that takes.

| reached from                         | password | encryption                                             |
|--------------------------------------|----------|--------------------------------------------------------|
| this machine (127.0.0.0/8, ::1)      | optional | optional                                               |
| other machines, directly             | needed   | needed: a certificate and its key                      |
| other machines, through a proxy      | needed   | the proxy's: its address starts with https://          |

No `Strict-Transport-Security` is sent. It holds for a whole host, all its ports and for months: it would lock people out of
whatever else that host serves, and out of the chat itself once its certificate is self-signed. On our port there is nothing to
downgrade to, and the session's cookie is never sent unencrypted. A proxy that has a host of its own can add it.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from assistant.ui.password import VARIABLE, Password
from assistant.ui.site import Site, origin, read_origin
from ingest.errors import ServerError

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Reach:
    """How the chat was asked to be reached; whether that is safe is checked when it is made.

    Attributes:
        host: The name or address of this machine to listen on.
        password: What lets people in; None lets in everybody who reaches it.
        certificate: PEM file with the certificate and those between it and its root; needs `key`.
        key: PEM file with the certificate's key, without a passphrase.
        public_url: The address that people open, where it is not made of `host` and port.
        behind_proxy: The address of the proxy that people open. Only the proxy is to reach us.

    Raises:
        ServerError: The rule above is broken, or a value is wrong; the message ends in the remedy.
    """

    host: str = LOOPBACK
    password: Password | None = None
    certificate: Path | None = None
    key: Path | None = None
    public_url: str | None = None
    behind_proxy: str | None = None

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.key is None):
            raise ServerError("a certificate and its key belong together; give both --tls-cert and --tls-key")
        if self.public_url and self.behind_proxy:
            raise ServerError("the address of the proxy is the public one; leave out --public-url")
        if self.proxy and not self.proxy.startswith("https:"):
            raise ServerError(f"--behind-proxy {self.behind_proxy!r} is not encrypted; let the proxy serve https")
        if self.shared and self.password is None:
            raise ServerError(
                "other machines could ask without a password; give one with --password-file FILE or --password-prompt, "
                f"or in the variable {VARIABLE}"
            )
        if self.shared and not (self.tls or self.proxy):
            raise ServerError(
                "the password would cross the network unencrypted; give a certificate with --tls-cert FILE and "
                "--tls-key FILE, or put a proxy that serves https before it: --behind-proxy https://desk.example"
            )
        if self.public and urlsplit(self.public).scheme != self._scheme:
            raise ServerError(
                f"--public-url {self.public_url!r} is not what is served; it starts with {self._scheme}://"
            )
        if self.ip.is_unspecified and not (self.public or self.proxy):
            raise ServerError(
                f"{self.host} stands for every address of this machine, and none that a browser can open; say which one "
                "people open: --public-url https://NAME:PORT"
            )

    @cached_property
    def ip(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
        """The address to listen on."""
        try:
            found = socket.getaddrinfo(self.host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            return ipaddress.ip_address(str(found[0][4][0]))
        except (OSError, UnicodeError, ValueError) as error:
            raise ServerError(
                f"--host {self.host!r} is no name or address of this machine; 0.0.0.0 stands for all that it has"
            ) from error

    @property
    def shared(self) -> bool:
        """Whether other machines may get in."""
        named = urlsplit(self.public).hostname or LOOPBACK if self.public else LOOPBACK
        return not self.ip.is_loopback or bool(self.proxy) or not _is_local(named)

    @cached_property
    def public(self) -> str | None:
        """The origin of `public_url`."""
        return read_origin(self.public_url, "--public-url") if self.public_url else None

    @cached_property
    def proxy(self) -> str | None:
        """The origin of `behind_proxy`."""
        return read_origin(self.behind_proxy, "--behind-proxy") if self.behind_proxy else None

    @cached_property
    def tls(self) -> ssl.SSLContext | None:
        """What to encrypt with, in Python's own choice of protocols and ciphers; None for none."""
        if self.certificate is None or self.key is None:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        try:
            # Without a passphrase given here, OpenSSL would ask for it on the terminal.
            context.load_cert_chain(self.certificate, self.key, password="")
        except (OSError, ValueError) as error:
            raise ServerError(
                f"{self.certificate} and {self.key} cannot be used ({error}); give a certificate and its own key as PEM, the "
                "key without a passphrase"
            ) from error
        return context

    def site(self, port: int) -> Site:
        """The addresses of the chat that listens on `port`."""
        if self.proxy:
            return Site((self.proxy,), proxied=True)
        names = [] if self.ip.is_unspecified else [self.host.lower(), str(self.ip)]
        names += ["127.0.0.1", "localhost", "::1"] if self.ip.is_loopback else []
        named = [origin(self._scheme, name, port) for name in names]
        return Site(tuple(dict.fromkeys([self.public, *named] if self.public else named)))

    @property
    def _scheme(self) -> str:
        return "https" if self.certificate else "http"


def _is_local(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
