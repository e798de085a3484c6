"""Files that were sent to a home and wait in its folder ``inbox`` to be taken in.

Each is written as ``<pid>-<random>-<name>.part``, and renamed to ``<number>-<random>-<name>`` when it is complete; the number
counts up. No file is ever written to again or replaced, so whoever has taken one in can delete it, whatever else came under
its name meanwhile; of two with one name the higher number is the newer. As an article, each stands for ``inbox/<name>``.
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import ArchiveError
from ingest.loading import MARKUP_OF_SUFFIX, Article, Failure, article_id, load_as
from ingest.lock import alive

FOLDER = "inbox"
_STORED = re.compile(r"(?:([0-9]+)-[0-9a-f]{8}-)?(.+?)(\.part)?", re.DOTALL)


@dataclass(frozen=True)
class Arrival:
    """A file in the inbox.

    Attributes:
        path: Where it is kept.
        name: What it was called by who sent it.
        number: Higher for what came later; of a part, the pid of the process that writes it.
        part: Whether it is not complete yet.
    """

    path: Path
    name: str
    number: int
    part: bool

    @property
    def place(self) -> Path:
        """What it stands for: the same for all that come under one name."""
        return self.path.with_name(self.name)

    def load(self, max_bytes: int) -> Article | Failure:
        """Its article; a failure has the name as path."""
        return load_as(self.path, self.place, max_bytes)


class Upload:
    """A file that is being sent; it waits in the inbox once it is kept, and leaves nothing behind if it is closed before.

    Raises:
        ArchiveError: It cannot be written; also of `write` and `keep`.
    """

    def __init__(self, home: Path, name: str) -> None:
        self.name = name
        self.size = 0
        self._home = home
        self._random = uuid.uuid4().hex[:8]
        self._part = home / FOLDER / f"{os.getpid()}-{self._random}-{name}.part"
        with _storing(name):
            self._part.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._part.open("xb")

    def write(self, chunk: bytes) -> None:
        """Adds to its end."""
        with _storing(self.name):
            self._file.write(chunk)
        self.size += len(chunk)

    def keep(self) -> None:
        """Complete: on disk when this returns, and newer than all that wait; of one process only one may be kept at a time."""
        with _storing(self.name):
            self._file.close()
            number = 1 + max((one.number for one in arrivals(self._home)), default=0)
            self._part.rename(self._part.with_name(f"{number:010}-{self._random}-{self.name}"))

    def close(self) -> None:
        """Drops what was not kept."""
        with suppress(OSError):  # a full disk says so again; what cannot be deleted goes at the next start
            self._file.close()
        with suppress(OSError):
            self._part.unlink()


def arrivals(home: Path) -> list[Arrival]:
    """All that are complete, oldest first.

    Raises:
        ArchiveError: The inbox cannot be read.
    """
    return sorted((one for one in _stored(home) if not one.part), key=lambda one: (one.number, one.path))


def newest(home: Path) -> list[Arrival]:
    """The newest under each name, oldest first; those that it replaces are deleted.

    Raises:
        ArchiveError: The inbox cannot be read or written to.
    """
    every = arrivals(home)
    last = {one.name: one for one in every}
    delete(one for one in every if last[one.name] != one)
    return sorted(last.values(), key=lambda one: (one.number, one.path))


def sizes(home: Path) -> list[int]:
    """The bytes of each file in the inbox, of those too that are being sent."""
    found = []
    for one in _stored(home):
        with suppress(FileNotFoundError):
            found.append(one.path.stat().st_size)
    return found


def drop_arrivals(home: Path, is_purged: Callable[[str], bool]) -> None:
    """Deletes every file that would become an article that is purged, also those that are being sent.

    Hold `ingest.lock.writing`, so that none of them is being taken in.

    Args:
        home: Where the inbox is.
        is_purged: Whether the article with this id is.

    Raises:
        ArchiveError: The inbox cannot be written to.
    """
    while found := [one for one in _stored(home) if is_purged(article_id(one.place))]:
        delete(found)  # and looks again: a part may just have been kept


def drop_dead_parts(home: Path) -> None:
    """Deletes what was being sent to a process that died. Call it before this process takes anything."""
    delete(one for one in _stored(home) if one.part and (one.number == os.getpid() or not alive(one.number)))


def delete(files: Iterator[Arrival] | Sequence[Arrival]) -> None:
    """Deletes files; others may have done it already.

    Raises:
        ArchiveError: The inbox cannot be written to.
    """
    try:
        for one in files:
            one.path.unlink(missing_ok=True)
    except OSError as error:
        raise _unusable(error) from error


def _stored(home: Path) -> list[Arrival]:
    try:
        paths = list((home / FOLDER).iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _unusable(error) from error
    found = []
    for path in paths:
        if match := _STORED.fullmatch(path.name):
            name = match[2].encode("utf-8", "replace").decode()
            if Path(name).suffix.lower() in MARKUP_OF_SUFFIX:
                found.append(Arrival(path, name, int(match[1] or 0), bool(match[3])))
    return found


@contextmanager
def _storing(name: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise ArchiveError(f"{name} was deleted while it was sent, as its article was purged; add it again.") from error
    except OSError as error:
        raise ArchiveError(f"{name} cannot be kept ({error.strerror}); make room, and add it again.") from error


def _unusable(error: OSError) -> ArchiveError:
    return ArchiveError(f"{error.filename} cannot be used ({error.strerror}); check its permissions, then try again.")
