"""What gradio's queue keeps of callers that are gone: it never drops an answer that nobody fetched, nor the note of one that was."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradio.queueing import Queue

KEPT_SECONDS = 600.0
"""How long an answer can be fetched."""
EVERY_SECONDS = 60.0
"""Between two looks, which are taken when something is sent: without that nothing grows."""


class Leftovers:
    """Drops what is left of a session of gradio's in which nothing was under way, and nothing fetched, for ten minutes."""

    def __init__(self, queue: Queue, clock: Callable[[], float] = time.monotonic) -> None:
        """Look after one queue.

        Args:
            queue: Gradio's; a session that is dropped begins anew when something is sent in it.
            clock: Seconds that never run backwards.
        """
        self._queue = queue
        self._clock = clock
        self._next = float("-inf")
        # Since when a session rests with the same answers unfetched; with other ones it was in use meanwhile.
        self._resting: dict[tuple[str, frozenset[str]], float] = {}

    def drop(self) -> None:
        """Call it in the event loop of the queue, as often as is easy."""
        now = self._clock()
        if now < self._next:
            return
        self._next = now + EVERY_SECONDS
        answers, messages = self._queue.pending_event_ids_session, self._queue.pending_messages_per_session
        under_way = self._queue.event_ids_to_events.keys()
        states = [(session, frozenset(answers.get(session, ()))) for session in answers.keys() | messages.keys()]
        self._resting = {state: self._resting.get(state, now) for state in states if under_way.isdisjoint(state[1])}
        for (session, _), since in self._resting.items():
            if now - since >= KEPT_SECONDS:
                answers.pop(session, None)
                messages.pop(session, None)
