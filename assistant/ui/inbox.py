"""Files that were added from the page: kept on disk first, then taken in one batch after another, also after a restart."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from assistant.ui.uploads import Uploads
from ingest.arrivals import Arrival, Upload, arrivals, delete, drop_dead_parts, newest
from ingest.errors import OnRecordError
from ingest.loading import Article, Failure
from ingest.pipeline import ingest
from ingest.settings import IngestSettings

TOLD = 500
"""Files of which the outcome is remembered."""
AGAIN = 2.0
"""Seconds until another try, while the home cannot take anything in; twice as many each time."""
LONGEST_PAUSE = 60.0
NO_ROOM = "The files of the library cannot be written; make room on the disk. It is tried again by itself."
WENT_WRONG = "It could not be taken in; the terminal shows the details. It is tried again by itself."
ELSEWHERE = "Another process took it in, or its article was purged; the list of articles shows which."

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Added:
    """A file, and how far it has come.

    Attributes:
        name: The file's.
        state: `waiting`, `reading`, or how it ended: `added`, `updated`, `unchanged`, `failed`, or `elsewhere` when it was
            another process that took it out of the inbox.
        article: The id that it got; None before, and where it failed.
        reason: Why it failed, or what it waits for; empty otherwise.
    """

    name: str
    state: str
    article: str | None = None
    reason: str = ""


class _Closed(Exception):
    """The inbox was closed in the midst of a batch."""


class Inbox:
    """Takes in files beside the chat, in a thread of its own.

    A file is sent (`uploads`), kept, read in a batch with all others that wait, and deleted when the report says what became of
    it. Where the home itself cannot take anything in, it waits and is tried again: after a pause, when another file is
    kept, and after the next start. Other processes may have inboxes on the same home.

    Args:
        home: The home that the chat answers from. Under the same name again, a file updates the article that it became.
        settings: How they are taken in.
    """

    def __init__(self, home: Path, settings: IngestSettings) -> None:
        self.uploads = Uploads(home, settings.max_file_bytes)
        self._home = home
        self._settings = settings
        self._changed = threading.Condition()
        self._known: dict[str, Added] = {}
        self._broke: Counter[Path] = Counter()
        self._pause = AGAIN
        self._woken = True
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="onrecord-inbox", daemon=True)

    def start(self) -> None:
        """Begins to take in what waits, also from before a restart."""
        with suppress(OnRecordError):  # it is tried again, and told then
            drop_dead_parts(self._home)
        self._thread.start()

    def close(self) -> None:
        """Ends within the step that is under way; what is not taken in by then is after the next start."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def keep(self, upload: Upload) -> None:
        """Takes a file that was sent whole; it is on disk when this returns.

        Raises:
            ArchiveError: It cannot be kept.
        """
        with self._changed:
            upload.keep()
            self._tell(Added(upload.name, "waiting"))
            self._woken = True
            self._changed.notify_all()

    def state(self) -> list[Added]:
        """What was added since the start, the latest last."""
        with self._changed:
            waiting = [name for name, added in self._known.items() if added.state == "waiting"]
            if waiting:
                with suppress(OnRecordError):
                    there = {one.name for one in arrivals(self._home)}
                    self._known |= {n: Added(n, "elsewhere", reason=ELSEWHERE) for n in waiting if n not in there}
            return list(self._known.values())

    def _tell(self, added: Added) -> None:
        self._known.pop(added.name, None)
        self._known[added.name] = added
        while len(self._known) > TOLD:
            self._known.pop(next(iter(self._known)))

    def _work(self) -> None:
        pause: float | None = None
        while self._wait(pause):
            pause = self._round()

    def _wait(self, pause: float | None) -> bool:
        """Until something is added, or the pause is over; False when the inbox is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._woken, pause)
            if self._woken:
                self._pause = AGAIN
            self._woken = False
            return not self._closed

    def _round(self) -> float | None:
        """Takes in what waits; the seconds until the next, None when nothing waits any more."""
        batch: list[Arrival] = []
        try:
            batch = self._batch()
            if batch:
                self._take_in(batch)
                self._pause = AGAIN
            return 0.0 if batch else None
        except _Closed:
            return None
        except Exception as error:  # noqa: BLE001 - whatever happens to a batch, the files stay, and so does the thread
            self._put_back(batch, error)
        pause, self._pause = self._pause, min(2 * self._pause, LONGEST_PAUSE)
        return pause

    def _batch(self) -> list[Arrival]:
        """All that waits; what a batch broke on is tried alone, and when nothing else waits."""
        with self._changed:
            found = newest(self._home)
            batch = [one for one in found if one.path not in self._broke]
            batch = batch or sorted(found, key=lambda one: self._broke[one.path])[:1]
            for one in batch:
                self._tell(Added(one.name, "reading"))
        return batch

    def _take_in(self, batch: Sequence[Arrival]) -> None:
        report = ingest(self._home, self._articles(batch), self._settings, self._go_on)
        ended = {}
        for found in report.articles:
            name = found.path or ""
            ended[name] = Added(name, found.outcome, found.article, found.reason or "")
        self._end(batch, ended)

    def _articles(self, batch: Sequence[Arrival]) -> Iterator[Article | Failure]:
        for one in batch:
            self._go_on()
            yield one.load(self._settings.max_file_bytes)

    def _go_on(self, *_: object) -> None:
        if self._closed:
            raise _Closed

    def _end(self, batch: Sequence[Arrival], ended: Mapping[str, Added]) -> None:
        """Tells how each ended. What failed goes too: whoever added it has it still."""
        with self._changed:
            for one in batch:
                became = ended[one.name]
                if became.state == "failed" and not one.path.exists():
                    became = Added(one.name, "elsewhere", reason=ELSEWHERE)
                delete([one])
                del self._broke[one.path]
                self._tell_read(became)

    def _put_back(self, batch: Sequence[Arrival], error: Exception) -> None:
        """Tells why nothing was taken in. It is the fault of the home, or else maybe of one of the files."""
        reason = (
            str(error) if isinstance(error, OnRecordError) else NO_ROOM if isinstance(error, OSError) else WENT_WRONG
        )
        if not isinstance(error, OnRecordError):
            _log.error("files could not be taken in, and wait", exc_info=error)
        with self._changed:
            for one in batch:
                if reason == WENT_WRONG:
                    self._broke[one.path] += 1
                self._tell_read(Added(one.name, "waiting", reason=reason))

    def _tell_read(self, added: Added) -> None:
        """Unless another file came under its name meanwhile, which is what is told of then."""
        known = self._known.get(added.name)
        if known is None or known.state == "reading":
            self._tell(added)
