"""Who asks the assistant next: people at the page before programs, and of either whoever came first."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

from ingest.errors import RequestError


class OneAtATime:
    """A lock that is handed on in order, where Python's own goes to whoever is quickest.

    Entered as it is, it is for the page; programs enter `after_the_page`.
    """

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._held = False
        self._people: deque[threading.Event] = deque()
        self._programs: deque[threading.Event] = deque()
        self._closed = False

    def close(self) -> None:
        """Programs are refused from now on, also those that wait."""
        self._closed = True

    def __enter__(self) -> None:
        """Return when it is the page's turn."""
        self._wait_in(self._people)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let the next one have its turn."""
        self._hand_on()

    @contextmanager
    def after_the_page(self) -> Iterator[Callable[[], None]]:
        """A program's turn. What it gets lets all others who wait go before, and is called where the work can be interrupted.

        Raises:
            RequestError: The chat is being stopped; also of what it gets.
        """
        self._wait_in(self._programs)
        try:
            self._refuse_late()
            yield self._give_way
        finally:
            self._hand_on()

    def locked(self) -> bool:
        """Whether it is somebody's turn."""
        return self._held

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._people) + len(self._programs)

    def _give_way(self) -> None:
        if self.waiting:
            self._wait_in(self._programs, leave=True)
        self._refuse_late()

    def _refuse_late(self) -> None:
        if self._closed:
            raise RequestError("The chat is being stopped; start it again, and ask once more.")

    def _wait_in(self, queue: deque[threading.Event], *, leave: bool = False) -> None:
        turn = threading.Event()
        with self._changing:
            if not self._held:
                self._held = True
                return
            queue.append(turn)
            if leave:
                self._call_next()
        turn.wait()

    def _hand_on(self) -> None:
        with self._changing:
            self._call_next()

    def _call_next(self) -> None:
        queue = self._people or self._programs
        if queue:
            queue.popleft().set()
        else:
            self._held = False
