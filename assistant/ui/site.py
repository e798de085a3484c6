"""Where the chat is reached: which hosts and origins are ours, and who is asking.

Behind a proxy every connection comes from the proxy, and the client's address stands in `X-Forwarded-For`. Each proxy adds
the address that it sees at the end, so the last entry is the one that our own proxy wrote and all before it may be made up.
A proxy that writes none passes on whatever a client says; then limits that are counted by client can be evaded, which is
why each of them has a total beside it.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.types import Scope

from ingest.errors import ServerError

_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?")


@dataclass(frozen=True)
class Site:
    """The addresses of one running chat.

    Attributes:
        origins: Such as ``https://desk.example:7860``; the port left out where it is the scheme's own. All of one scheme; the
            first is the one that people are told.
        proxied: True when a proxy speaks for the clients.
    """

    origins: tuple[str, ...]
    proxied: bool = False

    @classmethod
    def local(cls, port: int) -> Site:
        """The chat of this machine alone, unencrypted."""
        return cls(tuple(origin("http", name, port) for name in ("127.0.0.1", "localhost", "::1")))

    @property
    def address(self) -> str:
        """What to open in a browser."""
        return self.origins[0]

    @property
    def secure(self) -> bool:
        """Whether browsers reach it encrypted."""
        return self.scheme == "https"

    @property
    def scheme(self) -> str:
        """``http`` or ``https``, as browsers see it."""
        return urlsplit(self.address).scheme

    @property
    def port(self) -> int:
        """The port that browsers use."""
        return urlsplit(self.address).port or _PORTS[self.scheme]

    def has_host(self, host: bytes) -> bool:
        """Whether a request with this `Host` means us."""
        said = f"{self.scheme}://{host.decode('latin-1').lower()}"
        return said.removesuffix(f":{_PORTS[self.scheme]}") in self.origins

    def has_origin(self, sent: bytes) -> bool:
        """Whether a request with this `Origin` comes from our own page."""
        return sent.decode("latin-1") in self.origins

    def client(self, scope: Scope) -> str:
        """Whom limits are counted for, as `network_of` them."""
        peer = scope["client"][0] if scope.get("client") else ""
        if self.proxied:
            said = [value for key, value in scope["headers"] if key.lower() == b"x-forwarded-for"]
            last = said[-1].decode("latin-1").rpartition(",")[2].strip() if said else ""
            return _network(last) or network_of(peer)
        return network_of(peer)


def origin(scheme: str, name: str, port: int | None) -> str:
    """``https://desk.example`` or ``http://[::1]:7860``: as browsers write an origin."""
    shown = f"[{name}]" if ":" in name else name
    return f"{scheme}://{shown}" if port in (None, _PORTS[scheme]) else f"{scheme}://{shown}:{port}"


def read_origin(url: str, option: str) -> str:
    """The origin of an address that somebody typed behind `option`.

    Raises:
        ServerError: It is no http or https address of a host alone; the message shows a right one.
    """
    try:
        parts = urlsplit(url.strip())
        name, port = _ascii(parts.hostname or ""), parts.port
    except ValueError:
        name, port = "", None
    beside = parts.path.strip("/") or parts.query or parts.fragment or parts.username if name else ""
    if not name or beside or parts.scheme not in _PORTS:
        raise ServerError(f"{option} {url!r} is not the address of a host; write it like https://desk.example")
    return origin(parts.scheme, name, port)


def network_of(address: str) -> str:
    """An IPv4 address itself, of an IPv6 address the /64 network that one customer has, and what is neither as it is."""
    return _network(address) or address


def _ascii(name: str) -> str:
    if ":" in name:
        return str(ipaddress.IPv6Address(name))
    encoded = name.encode("idna").decode().lower()
    return encoded if _NAME.fullmatch(encoded) else ""


def _network(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.IPv6Network((ip, 64), strict=False))
    return str(ip)
