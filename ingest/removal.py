"""What is taken out of an archive: out of its answers, out of its tables, off the disk."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ingest.archive import Archive
from ingest.database import guarded
from ingest.errors import ArchiveError
from ingest.records import heading

_PURGING = "purging"
"""The key under which the digests of ids stand whose bytes may still be on the disk."""


class Removal(Archive):
    """An archive, open to take articles out of it; hold `ingest.lock.writing`."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._db.execute("PRAGMA secure_delete = ON")

    @guarded
    def withdraw(self, articles: Sequence[str]) -> None:
        """Takes articles out of every answer; their versions stay readable. All of them, or none."""
        with self.transaction():
            self._out_of_answers(json.dumps(list(articles)))

    @guarded
    def forget(self, articles: Sequence[str]) -> None:
        """Deletes all rows of articles, and notes that their bytes are still to be cleaned off. All of them, or none."""
        ids = json.dumps(list(articles))
        with self.transaction():
            self._out_of_answers(ids)
            self._db.execute("DELETE FROM articles WHERE id IN (SELECT value FROM json_each(?))", (ids,))
            self._db.execute("DELETE FROM versions WHERE article IN (SELECT value FROM json_each(?))", (ids,))
            self.set_meta(_PURGING, json.dumps(sorted(self._purging() | set(map(_digest, articles)))))

    def _out_of_answers(self, ids: str) -> None:
        self._db.execute("DELETE FROM passages WHERE article IN (SELECT value FROM json_each(?))", (ids,))
        self._db.execute("UPDATE articles SET current = NULL WHERE id IN (SELECT value FROM json_each(?))", (ids,))

    def is_being_purged(self, article: str) -> bool:
        """Whether a purge of it was begun and not ended: no row of it is left, but maybe its bytes."""
        return _digest(article) in self._purging()

    @property
    def has_begun_purge(self) -> bool:
        """Whether the bytes of some article that was purged may still be there."""
        return bool(self._purging())

    def _purging(self) -> set[str]:
        return set(json.loads(self.meta(_PURGING) or "[]"))

    @guarded
    def wipe(self) -> None:
        """Cleans the files of all that was ever deleted: the full text and the tables are written anew, the log is cut off.

        Raises:
            ArchiveError: It cannot be done now; rows that were deleted stay deleted.
        """
        rows = self._db.execute("SELECT DISTINCT title, section FROM passages")
        needed = json.dumps(sorted({heading(row["title"], row["section"]) for row in rows}))
        try:
            self._db.execute("DELETE FROM headings WHERE text NOT IN (SELECT value FROM json_each(?))", (needed,))
            self._db.execute("INSERT INTO passages_fts (passages_fts) VALUES ('rebuild')")
            self._db.execute("VACUUM")
            self._cut_off_log()
        except sqlite3.OperationalError as error:
            raise ArchiveError(
                f"Nothing shows the articles any more, but their words may still be in the files of {self.home} ({error}); "
                "make room on the disk, end what else reads there, then repeat the command."
            ) from error

    @guarded
    def end_purge(self) -> None:
        """Drops the note of `forget`: no file has anything of those articles any more."""
        self._db.execute("DELETE FROM meta WHERE key = ?", (_PURGING,))
        with suppress(sqlite3.OperationalError):  # what another process reads just now is the note, and no article
            self._cut_off_log()

    def _cut_off_log(self) -> None:
        """Moves all of the write-ahead log into the file, and leaves the log empty."""
        if self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            raise sqlite3.OperationalError("another process is in the midst of reading")


def _digest(article: str) -> str:
    return hashlib.sha256(article.encode("utf-8", "replace")).hexdigest()
