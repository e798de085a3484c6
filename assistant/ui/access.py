"""Who is let in: the sessions of people that gave the password, and how often it may be tried.

Everything is kept in memory, within bounds, and is gone when the chat stops.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]

IDLE_SECONDS = 12 * 3600
SESSION_SECONDS = 7 * 24 * 3600
MOST_SESSIONS = 1_000

MOST_CLIENTS = 4_096
FORGOTTEN_AFTER_SECONDS = 3600
MOST_GLANCES = 100
"""Wrong passwords that are sent during a wait and compared, all the same, with one that was right before."""


class Sessions:
    """Tokens of 256 random bits, each good for 12 hours without use and for 7 days in all."""

    def __init__(self, clock: Clock) -> None:
        """Begin with none.

        Args:
            clock: Seconds that never run backwards.
        """
        self._clock = clock
        # By digest, so that a lookup compares nothing with a token itself. Since when, and when last used; least recent first.
        self._used: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def begin(self) -> str:
        """The token of a new session; the least recently used one ends when there are too many."""
        token, now = secrets.token_urlsafe(32), self._clock()
        self._used[_digest(token)] = (now, now)
        if len(self._used) > MOST_SESSIONS:
            self._used.popitem(last=False)
        return token

    def goes_on(self, token: str) -> bool:
        """Whether that is a session's token; it counts as used now."""
        digest, now = _digest(token), self._clock()
        begun, last = self._used.pop(digest, (float("-inf"), float("-inf")))
        if now - begun >= SESSION_SECONDS or now - last >= IDLE_SECONDS:
            return False
        self._used[digest] = (begun, now)
        return True

    def end(self, token: str) -> None:
        """No request with that token is let in any more."""
        self._used.pop(_digest(token), None)


@dataclass(frozen=True)
class Patience:
    """How many wrong tries are free, and how long the wait after the next ones is.

    Attributes:
        free: Tries without a wait. The wait after one more is a second, and doubles with each.
        longest: The longest wait, in seconds.
    """

    free: int
    longest: float

    def wait(self, wrong: int) -> float:
        """Seconds between one try and the next, after `wrong` wrong ones."""
        return 0 if wrong < self.free else min(2.0 ** min(wrong - self.free, 32), self.longest)


ONE_CLIENT = Patience(free=5, longest=900)
ALL_CLIENTS = Patience(free=50, longest=30)
_ALL = ""


class Tries:
    """Wrong passwords of each client and of all together; an hour without any, and they are forgotten.

    A client is an address, or a browser that logged in before. A try counts as wrong from its start, so that a burst of them
    at once gains nothing; one that comes during a wait is none. Who has been let in before is not kept waiting by the tries
    of others: else anybody could lock everybody out.
    """

    def __init__(self, clock: Clock) -> None:
        """Begin with none.

        Args:
            clock: Seconds that never run backwards.
        """
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()  # how many, and when the last one was
        self._known: OrderedDict[str, None] = OrderedDict()

    def wait(self, client: str) -> float:
        """Seconds until this client may try again; 0 when it may now."""
        of_all = 0 if self.knows(client) else self._left(_ALL, ALL_CLIENTS)
        return max(self._left(client, ONE_CLIENT), of_all)

    def begin(self, client: str) -> None:
        """Count a try, as a wrong one."""
        self._add(client)
        self._add(_ALL)

    def was_right(self, client: str) -> None:
        """Take back the try that was begun. Earlier ones still count: another may sit behind the same address."""
        for key in (client, _ALL):
            if key in self._wrong:
                self._wrong[key] = (max(self._wrong[key][0] - 1, 0), self._wrong[key][1])
        self.remember(client)

    def knows(self, client: str) -> bool:
        """Whether this client has been let in before."""
        return client in self._known

    def remember(self, client: str) -> None:
        """This client has been let in."""
        self._known[client] = None
        self._known.move_to_end(client)
        if len(self._known) > MOST_CLIENTS:
            self._known.popitem(last=False)

    def may_glance(self, client: str) -> bool:
        """Whether what is sent during a wait may be compared with what this client's address was let in with before."""
        return self.knows(client) and self._count(_glances_of(client)) < MOST_GLANCES

    def glanced(self, client: str) -> None:
        """Count such a comparison that failed, lest they be tries without end."""
        self._add(_glances_of(client))

    def _add(self, key: str) -> None:
        self._wrong[key] = (self._count(key) + 1, self._clock())
        self._wrong.move_to_end(key)
        if len(self._wrong) > MOST_CLIENTS:
            self._wrong.popitem(last=False)

    def _count(self, key: str) -> int:
        wrong, last = self._wrong.get(key, (0, float("-inf")))
        return wrong if self._clock() - last < FORGOTTEN_AFTER_SECONDS else 0

    def _left(self, key: str, patience: Patience) -> float:
        wrong = self._count(key)
        return max(0.0, self._wrong[key][1] + patience.wait(wrong) - self._clock()) if wrong else 0.0


def _glances_of(client: str) -> str:
    return f"glances {client}"


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
