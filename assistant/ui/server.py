"""Serves the chat until it is told to stop: on this machine, or where `reach` says."""

from __future__ import annotations

import errno
import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType

import uvicorn

from assistant.ui.answering import Answering
from assistant.ui.desk import open_desk
from assistant.ui.limits import MOST_CONNECTIONS, MOST_OF_ONE_CLIENT, Connection
from assistant.ui.reach import LOOPBACK, Reach
from assistant.ui.site import Site
from ingest.errors import ServerError
from ingest.settings import IngestSettings

# Before gradio and the hub's client are imported, which is why `serve` imports the app late: both read these once.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ.setdefault("HF_HUB_OFFLINE", "1")

DEFAULT_PORT = 7860
PORTS_TRIED = 20


def serve(
    assistant: Answering, home: Path, settings: IngestSettings, port: int | None, on_ready: Callable[[str], None],
    reach: Reach | None = None,
) -> None:  # fmt: skip
    """Serve the chat until SIGINT or SIGTERM.

    Args:
        assistant: What answers; its models are loaded in the background while the page is already up.
        home: Where articles and conversations are kept.
        settings: How added files are taken in.
        port: Where to listen; None means 7860, or on this machine alone the next free one of the 20 from there.
        on_ready: Called once with the page's address, as soon as it really answers.
        reach: From where; None means from this machine, without a password.

    Raises:
        ServerError: The port is busy or may not be used; the message ends in the remedy.
    """
    from assistant.ui.app import build_app

    reach = reach or Reach()
    # Others cannot look up which port was free.
    with (
        listen(DEFAULT_PORT if port is None and reach.shared else port, str(reach.ip)) as listening,
        open_desk(assistant, home, settings) as desk,
    ):
        site = reach.site(listening.getsockname()[1])
        app = build_app(desk, site, reach.password)
        threading.Thread(target=desk.start, name="onrecord-start", daemon=True).start()
        desk.inbox.start()
        ChatServer(app, listening, on_ready, site, reach.tls, desk.talk.end).run()


def listen(port: int | None, address: str = LOOPBACK) -> socket.socket:
    """A bound socket; see `serve` for `port` and errors."""
    if port is not None:
        return _bind(port, address)
    for candidate in range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED):
        try:
            return _bind(candidate, address)
        except ServerError:
            continue
    last = DEFAULT_PORT + PORTS_TRIED - 1
    raise ServerError(f"the ports {DEFAULT_PORT} to {last} are all busy; name a free one with --port")


def _bind(port: int, address: str) -> socket.socket:
    if not 0 <= port <= 65535:
        raise ServerError(f"{port} is not a port; give --port a number from 1024 to 65535")
    try:
        if ":" not in address:
            return socket.create_server((address, port))
        both = address == "::" and socket.has_dualstack_ipv6()
        return socket.create_server((address, port), family=socket.AF_INET6, dualstack_ipv6=both)
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise ServerError(f"this machine has no address {address}; give --host one of its own") from error
        why = "is busy" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        raise ServerError(f"port {port} {why}; choose another one, or leave out --port to take a free one") from error


class ChatServer:
    """One listening chat, which can be stopped from a signal or from another thread."""

    def __init__(
        self, app: object, listening: socket.socket, on_ready: Callable[[str], None], site: Site | None = None,
        tls: ssl.SSLContext | None = None, on_end: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Get ready to serve `app`.

        Args:
            app: The ASGI application.
            listening: A bound socket; it stays the caller's to close.
            on_ready: Called with the address once it answers.
            site: The addresses it has; None for those of this machine alone.
            tls: What to encrypt with, if at all.
            on_end: Called once when it is told to stop, before it waits for what is under way; it must not take long.
        """
        site = site or Site.local(listening.getsockname()[1])
        # Every connection may be the proxy's.
        protocol = partial(Connection, most_of_one=MOST_CONNECTIONS if site.proxied else MOST_OF_ONE_CLIENT)
        # The handlers and levels of the log are the command line's business. What `X-Forwarded-For` says is believed in
        # `site` alone: uvicorn would believe it of every program of this machine.
        config = uvicorn.Config(
            app,  # type: ignore[arg-type]  # any ASGI application
            http=protocol,  # type: ignore[arg-type]  # what makes one is as good as its class
            log_config=None, access_log=False, server_header=False, proxy_headers=False, lifespan="on",
            timeout_graceful_shutdown=1,
        )  # fmt: skip
        config.load()
        config.ssl = tls
        self._listening = listening
        self._server = _Server(config, lambda: on_ready(site.address), on_end)

    def run(self) -> None:
        """Serve until `stop`, SIGINT or SIGTERM; signals only when this is the main thread."""
        self._server.run(sockets=[self._listening])

    def stop(self) -> None:
        """Let `run` return soon."""
        self._server.should_exit = True


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], on_end: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self._on_end = on_end

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_end()
        # The event streams of open pages never end by themselves. A closed connection ends them in order, where
        # uvicorn's own time limit would cancel them with a traceback each.
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.close()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's own raises the signal again when it is done, which ends the process; here `serve` returns.
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {sig: signal.signal(sig, self._on_signal) for sig in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for sig, handler in before.items():
                signal.signal(sig, handler)

    def _on_signal(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True
