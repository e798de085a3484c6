"""Serves the chat on this machine, and nowhere else, until it is told to stop."""

from __future__ import annotations

import errno
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from assistant.ui.answering import Answering
from assistant.ui.talk import Talk
from ingest.errors import ServerError

# Before gradio and the hub's client are imported, which is why `serve` imports the app late: both read these once.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ.setdefault("HF_HUB_OFFLINE", "1")

ADDRESS = "127.0.0.1"
DEFAULT_PORT = 7860
PORTS_TRIED = 20


def serve(assistant: Answering, port: int | None, on_ready: Callable[[str], None]) -> None:
    """Serve the chat until SIGINT or SIGTERM.

    Args:
        assistant: What answers; its models are loaded in the background while the page is already up.
        port: Where to listen; None means 7860, or the next free one of the 20 from there.
        on_ready: Called once with the page's address, as soon as it really answers.

    Raises:
        ServerError: The port is busy or may not be used; the message ends in the remedy.
    """
    from assistant.ui.app import build_app

    with listen(port) as listening:
        talk = Talk(assistant)
        app = build_app(assistant, talk, listening.getsockname()[1])
        threading.Thread(target=talk.warm_up, name="onrecord-warm-up", daemon=True).start()
        ChatServer(app, listening, on_ready).run()


def listen(port: int | None) -> socket.socket:
    """A bound socket; see `serve` for `port` and errors."""
    if port is not None:
        return _bind(port)
    for candidate in range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED):
        try:
            return _bind(candidate)
        except ServerError:
            continue
    last = DEFAULT_PORT + PORTS_TRIED - 1
    raise ServerError(f"the ports {DEFAULT_PORT} to {last} are all busy; name a free one with --port")


def _bind(port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise ServerError(f"{port} is not a port; give --port a number from 1024 to 65535")
    try:
        return socket.create_server((ADDRESS, port))
    except OSError as error:
        why = "is busy" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        raise ServerError(f"port {port} {why}; choose another one, or leave out --port to take a free one") from error


class ChatServer:
    """One listening chat, which can be stopped from a signal or from another thread."""

    def __init__(self, app: object, listening: socket.socket, on_ready: Callable[[str], None]) -> None:
        """Get ready to serve `app`.

        Args:
            app: The ASGI application.
            listening: A bound socket; it stays the caller's to close.
            on_ready: Called with the address once it answers.
        """
        # The handlers and levels of the log are the command line's business.
        config = uvicorn.Config(
            app,  # type: ignore[arg-type]  # any ASGI application
            log_config=None, access_log=False, server_header=False, lifespan="on", timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._listening = listening
        self._server = _Server(config, lambda: on_ready(f"http://{ADDRESS}:{listening.getsockname()[1]}"))

    def run(self) -> None:
        """Serve until `stop`, SIGINT or SIGTERM; signals only when this is the main thread."""
        self._server.run(sockets=[self._listening])

    def stop(self) -> None:
        """Let `run` return soon."""
        self._server.should_exit = True


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
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
