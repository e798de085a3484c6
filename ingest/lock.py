"""One writer at a time for a home; a second is refused at once, with the pid of the first."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ingest.errors import ArchiveError


@contextmanager
def writing(home: Path) -> Iterator[None]:
    """Holds the writer's lock of `home`; the operating system drops it when the process dies.

    Raises:
        ArchiveError: Another process holds it, or the home cannot be written to.
    """
    note = home / "writer.pid"
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / "writer.lock", timeout=0)
        lock.acquire()
    except Timeout:
        raise ArchiveError(
            f"Process {_holder(note)} is writing to {home}; wait until it is done, or end it, and try again."
        ) from None
    except OSError as error:
        raise ArchiveError(f"{home} cannot be written to ({error.strerror}); choose another --home.") from error
    try:
        note.write_text(f"{os.getpid()}\n")
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def alive(pid: int) -> bool:
    """Whether there is such a process on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _holder(note: Path) -> str:
    try:
        return note.read_text().strip() or "unknown"
    except OSError:  # it has just ended, or not yet begun
        return "unknown"
