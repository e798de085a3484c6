"""One SQLite file that threads and processes share: opened, checked, upgraded, guarded."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from ingest.errors import ArchiveError

_D = TypeVar("_D", bound="Database")
_P = ParamSpec("_P")
_R = TypeVar("_R")


_PASSING = {
    sqlite3.SQLITE_BUSY: "another process is writing to it; wait until that is done, then try again.",
    sqlite3.SQLITE_LOCKED: "something else is writing to it; wait until that is done, then try again.",
    sqlite3.SQLITE_FULL: "make room on the disk, then try again.",
    sqlite3.SQLITE_READONLY: "make the file and its folder writable, then try again.",
    sqlite3.SQLITE_IOERR: "check the disk and the room on it, then try again.",
}
"""What to do about faults that are not the file's own."""


@dataclass(frozen=True)
class Schema:
    """What a file must hold.

    Attributes:
        name: What the file is called in messages: "an archive".
        number: Counts up when the tables change; kept in ``user_version``.
        tables: The script that makes them in an empty file.
        upgrades: By the number that a file has: the script that brings it to the next number.
        remedy: What to do when the file cannot be used; the end of a message.
    """

    name: str
    number: int
    tables: str
    upgrades: Mapping[int, str]
    remedy: str


def connect(path: Path, schema: Schema, *, create: bool) -> sqlite3.Connection:
    """A connection to the file at `path`, with its tables made when `create` is set and it is empty.

    Raises:
        ArchiveError: The file is damaged, something else, from a newer release, or cannot be opened.
    """
    try:
        mode = "rwc" if create else "rw"
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=30, check_same_thread=False)
        db.isolation_level = None
        db.row_factory = sqlite3.Row
        if create:
            db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA foreign_keys = ON")
        found = _number(db)
        if found == 0 and create and not db.execute("SELECT 1 FROM sqlite_master").fetchone():
            found = _bring(db, schema.tables, schema.number)
        while found in schema.upgrades:
            found = _bring(db, schema.upgrades[found], found + 1)
    except sqlite3.Error as error:
        raise ArchiveError(f"{path} cannot be opened as {schema.name} ({error}); {_remedy(error, schema)}") from error
    if found > schema.number:
        db.close()
        raise ArchiveError(f"{path} was written by a newer release of onrecord; upgrade onrecord.")
    if found != schema.number:
        db.close()
        raise ArchiveError(f"{path} is not {schema.name} of onrecord; choose another --home.")
    return db


def _remedy(error: sqlite3.Error, schema: Schema) -> str:
    """That of the schema where the file itself is at fault, which is not replaced because something is in the way."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return _PASSING.get(code & 0xFF, schema.remedy)  # the low byte is the kind, the others say more of it


def _number(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _bring(db: sqlite3.Connection, script: str, number: int) -> int:
    """The number of the tables afterwards, whoever brought them there: another process may open the file at the same time."""
    try:
        db.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")
    except sqlite3.OperationalError:
        if db.in_transaction:
            db.execute("ROLLBACK")
        if _number(db) < number:
            raise
    return _number(db)


def guarded(method: Callable[Concatenate[_D, _P], _R]) -> Callable[Concatenate[_D, _P], _R]:
    """One thread at a time, and a fault of SQLite becomes an ArchiveError."""

    @wraps(method)
    def call(self: _D, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        with self._one_thread:
            try:
                return method(self, *args, **kwargs)
            except sqlite3.DatabaseError as error:
                raise self._unusable(error) from error

    return call


class Database:
    """An open file; safe to use from several threads.

    Raises:
        ArchiveError: It cannot be used.
    """

    def __init__(self, path: Path, schema: Schema, *, create: bool) -> None:
        self._path = path
        self._schema = schema
        self._db = connect(path, schema, create=create)
        self._one_thread = threading.RLock()

    def close(self) -> None:
        """Lets go of the file; it cannot be used afterwards."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, also when the process is killed."""
        with self._one_thread:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield
                self._db.execute("COMMIT")
            except sqlite3.DatabaseError as error:
                raise self._unusable(error) from error
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    def _unusable(self, error: sqlite3.DatabaseError) -> ArchiveError:
        return ArchiveError(f"{self._path} cannot be used ({error}); {_remedy(error, self._schema)}")


def fts_string(term: str) -> str:
    """A string of FTS5's query language; it ends at a NUL, and no half surrogate pair can be stored."""
    plain = term.replace("\x00", " ").encode("utf-8", "replace").decode()
    return '"' + plain.replace('"', '""') + '"'
