"""Files that were added from the page: kept on disk first, then taken in one batch after another, also after a restart."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import ArchiveError, ArticleError, OnRecordError, RequestError
from ingest.loading import MARKUP_OF_SUFFIX, load
from ingest.pipeline import ingest
from ingest.settings import IngestSettings

FOLDER = "inbox"
MOST_WAITING = 500
MOST_BYTES = 500_000_000
"""Of all files that wait together."""
LONGEST_NAME = 200
TOLD = 500
"""Files of which the outcome is remembered."""
AGAIN = 2.0
"""Seconds until another try, while another process writes to the home."""
WENT_WRONG = "It could not be taken in; the terminal shows the details. Add it again."
_PART = ".part"
_NO_NAME = re.compile(r"[\x00-\x1f\x7f/\\]|^\.")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Added:
    """A file, and how far it has come.

    Attributes:
        name: The file's.
        state: `waiting`, `reading`, or how it ended: `added`, `updated`, `unchanged`, `failed`.
        article: The id that it got; None before, and where it failed.
        reason: Why it failed, or what it waits for; empty otherwise.
    """

    name: str
    state: str
    article: str | None = None
    reason: str = ""


class Inbox:
    """Takes in files beside the chat, in a thread of its own.

    Args:
        home: The home that the chat answers from. Files wait in its folder ``inbox``; under the same name again, a file
            updates the article that it became.
        settings: How they are taken in.
    """

    def __init__(self, home: Path, settings: IngestSettings) -> None:
        self._home = home
        self._settings = settings
        self._folder = home / FOLDER
        self._changed = threading.Condition()
        self._known: dict[str, Added] = {}
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="onrecord-inbox", daemon=True)

    @property
    def largest(self) -> int:
        """Bytes that a file may have."""
        return self._settings.max_file_bytes

    def start(self) -> None:
        """Begins to take in what waits, also from before a restart."""
        for file in self._waiting():
            self._tell(Added(file.name, "waiting"))
        self._thread.start()

    def close(self) -> None:
        """Ends when the batch that is being taken in is; what waits is taken in after the next start."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout=1)

    def add(self, name: str, content: bytes) -> None:
        """Keeps a file until it is taken in; on disk when this returns.

        Raises:
            ArticleError: Its name or type is none that is taken in.
            RequestError: It is too large, or too many wait.
            ArchiveError: It cannot be kept.
        """
        self._refuse(name, len(content))
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part = self._folder / f"{name}{_PART}"
            part.write_bytes(content)
            with self._changed:
                part.replace(self._folder / name)
                self._tell(Added(name, "waiting"))
                self._changed.notify_all()
        except OSError as error:
            raise ArchiveError(f"{name} cannot be kept ({error.strerror}); make room, and add it again.") from error

    def state(self) -> list[Added]:
        """What was added since the start, the latest last."""
        with self._changed:
            return list(self._known.values())

    def _refuse(self, name: str, size: int) -> None:
        if not name or len(name.encode()) > LONGEST_NAME or _NO_NAME.search(name):
            raise ArticleError(
                f"'{name[:60]}' is no name for a file here; give it a shorter, plain one, and add it again."
            )
        if Path(name).suffix.lower() not in MARKUP_OF_SUFFIX:
            types = ", ".join(MARKUP_OF_SUFFIX)
            raise ArticleError(
                f"{name} is of a type that is not read ({types} are); save it as text, and add it again."
            )
        if size > self.largest:
            raise RequestError(
                f"{name} has {size:,} bytes, and at most {self.largest:,} are taken; split it, or raise ingest.max_file_bytes."
            )
        waiting = self._waiting()
        if len(waiting) >= MOST_WAITING or sum(file.stat().st_size for file in waiting) + size > MOST_BYTES:
            raise RequestError(
                f"{len(waiting)} files are waiting already; add {name} again when some of them are taken in."
            )

    def _waiting(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        files = [file for file in self._folder.iterdir() if file.suffix.lower() in MARKUP_OF_SUFFIX]
        return sorted(files, key=lambda file: (file.stat().st_mtime, file.name))

    def _tell(self, added: Added) -> None:
        with self._changed:
            self._known.pop(added.name, None)
            self._known[added.name] = added
            while len(self._known) > TOLD:
                self._known.pop(next(iter(self._known)))

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or bool(self._waiting()))
                if self._closed:
                    return
            batch = self._batch()
            try:
                self._take_in(batch)
            except ArchiveError as error:  # another process is writing; what waits keeps
                for file in batch:
                    self._tell(Added(file.name, "waiting", reason=str(error)))
                with self._changed:
                    self._changed.wait_for(lambda: self._closed, AGAIN)
            except Exception as error:  # noqa: BLE001 - one bad batch must not end the thread
                message = str(error) if isinstance(error, OnRecordError) else WENT_WRONG
                _log.exception("files could not be taken in")
                self._end(batch, {file.name: Added(file.name, "failed", reason=message) for file in batch})

    def _batch(self) -> dict[Path, int]:
        """What waits, and the inode of each: a file of the same name that is added meanwhile is another."""
        with self._changed:
            batch = {file: file.stat().st_ino for file in self._waiting()}
            for file in batch:
                self._tell(Added(file.name, "reading"))
        return batch

    def _take_in(self, batch: Mapping[Path, int]) -> None:
        report = ingest(self._home, load(list(batch), self._settings.max_file_bytes), self._settings)
        ended = {}
        for found in report.articles:
            name = Path(found.path or "").name
            ended[name] = Added(name, found.outcome, found.article, found.reason or "")
        self._end(batch, ended)

    def _end(self, batch: Mapping[Path, int], ended: Mapping[str, Added]) -> None:
        """Tells how each ended. What failed goes too: whoever added it has it still."""
        with self._changed:
            for file, inode in batch.items():
                if file.exists() and file.stat().st_ino != inode:
                    continue
                file.unlink(missing_ok=True)
                self._tell(ended.get(file.name, Added(file.name, "failed", reason=WENT_WRONG)))
