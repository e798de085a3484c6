"""A name that lasts as long as its process, so that others can tell what a process left behind that was killed."""

from __future__ import annotations

import secrets
from pathlib import Path

from filelock import FileLock, Timeout


class Holder:
    """Whoever makes things that are of no use without it. Its lock is dropped by the operating system with the process.

    Attributes:
        name: Random, and so never that of another process, as a pid can be; stands beside all that is held.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.name = secrets.token_hex(8)
        self._lock: FileLock | None = None

    def hold(self) -> None:
        """Shows others that whoever has this name is alive."""
        if self._lock is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = _lock(self._folder, self.name)
            lock.acquire()
            self._lock = lock

    def release(self) -> bool:
        """Lets go, and says whether anything was held: what still stands under this name was interrupted."""
        lock, self._lock = self._lock, None
        if lock is not None:
            _drop(lock)
        return lock is not None

    def is_gone(self, name: str) -> bool:
        """Whether no process holds this name any more."""
        if name == self.name:
            return False
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = _lock(self._folder, name)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return False
        _drop(lock)
        return True


def _lock(folder: Path, name: str) -> FileLock:
    return FileLock(folder / f"{name}.lock", thread_local=False)  # one thread begins a turn, another closes the store


def _drop(lock: FileLock) -> None:
    lock.release()
    Path(lock.lock_file).unlink(missing_ok=True)
