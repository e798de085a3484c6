"""Conversations kept in one SQLite file of the home."""

from __future__ import annotations

import json
import logging
import os
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from filelock import FileLock

from assistant.conversations.answer_json import answer_from_json
from assistant.conversations.forgetting import articles_of, forget
from assistant.conversations.reading import OF_ONE, Reading
from assistant.conversations.records import OVERTAKEN, STOPPED, UNREADABLE, Rating, State
from assistant.conversations.rows import LONGEST_TITLE, bounded, storable
from assistant.conversations.schema import CONVERSATIONS
from assistant.foreign_text import one_line
from assistant.types import Answer, Scope
from ingest.database import guarded
from ingest.errors import ArchiveError, DatasetError, RequestError
from ingest.holding import Holder

FILE = "conversations.sqlite"
_log = logging.getLogger(__name__)


class Conversations(Reading):
    """The conversations of a home; safe to use from several threads, and by several processes at once.

    A turn is kept before it is answered; it is given as stopped when the process that answered it has ended.

    Args:
        home: The folder; it and the file, which only its owner can read, are made when they are missing.

    Raises:
        ArchiveError: The file is damaged or from a newer release, or the folder cannot be written to.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        try:
            home.mkdir(parents=True, exist_ok=True)
            with FileLock(home / "conversations.lock", timeout=30):  # two processes may make the file at once
                os.close(os.open(home / FILE, os.O_CREAT | os.O_RDWR, 0o600))
                super().__init__(home / FILE, CONVERSATIONS, create=True)
        except OSError as error:
            raise ArchiveError(f"{home} cannot be written to ({error.strerror}); choose another --home.") from error
        self._db.execute("PRAGMA secure_delete = ON")
        self._db.execute("PRAGMA temp_store = MEMORY")  # what VACUUM copies must not reach the disk elsewhere
        self._holder = Holder(home / "conversations.answering")
        self._stop_abandoned()

    def close(self) -> None:
        """Stops what this store began and has not ended, and lets go of the file."""
        with self._one_thread:
            if self._holder.release():
                self._stop_turns_of(self._holder.name)
            super().close()

    @guarded
    def create(self) -> str:
        """The id of a new conversation, which has no turn yet."""
        now = _now()
        id = secrets.token_hex(16)
        self._db.execute("INSERT INTO conversations (id, created_at, changed_at) VALUES (?, ?, ?)", (id, now, now))
        return id

    @guarded
    def begin_turn(
        self, id: str, question: str, scope: Scope | None = None, instead_of: int | None = None, last_seen: int | None = None
    ) -> int:  # fmt: skip
        """The number of a new turn, which waits for its answer; it is on the disk when this returns.

        Args:
            id: The conversation.
            question: As typed.
            scope: What it is limited to; None for the whole archive.
            instead_of: The turn that is asked differently: it and all after it are dropped in the same moment.
            last_seen: The last turn that whoever asks knows of, 0 for none; None where that is not said.

        Raises:
            ConversationNotFound: There is no such conversation, or no such turn in it; nothing is changed then.
            RequestError: The conversation has turns after `last_seen`; nothing is changed then.
        """
        self._holder.hold()
        kept = None if scope is None else json.dumps(asdict(scope))
        with self.transaction():
            self._refuse_unseen(id, last_seen)
            if instead_of is not None:
                self._need_turn(id, instead_of)
                self._db.execute(f"DELETE FROM turns WHERE conversation = {OF_ONE} AND number >= ?", (id, instead_of))
            row = self._db.execute(
                "UPDATE conversations SET turns_begun = turns_begun + 1, changed_at = ? WHERE id = ?"
                " RETURNING number, turns_begun",
                (_now(), id),
            ).fetchone()
            if row is None:
                raise self._not_found(id)
            self._db.execute(
                "INSERT INTO turns (conversation, number, question, asked_at, state, holder, scope)"
                " VALUES (?, ?, ?, ?, 'waiting', ?, ?)",
                (row["number"], row["turns_begun"], storable(question), _now(), self._holder.name, kept),
            )
        return int(row["turns_begun"])

    def finish_turn(self, id: str, number: int, answer: Answer) -> bool:
        """Keeps the answer; False, and nothing is kept, where the turn no longer waits: it was stopped, dropped or deleted."""
        return self._end(id, number, "answered", _json(answer), storable(answer.answer), None)

    def fail_turn(self, id: str, number: int, error: str) -> bool:
        """Keeps why there is no answer; False where the turn no longer waits."""
        return self._end(id, number, "failed", None, None, storable(error))

    def stop_turn(self, id: str, number: int) -> bool:
        """Keeps that nobody wants the answer any more; False where the turn no longer waits."""
        return self._end(id, number, "stopped", None, None, STOPPED)

    @guarded
    def rename(self, id: str, title: str) -> None:
        """Gives a title, on one line and cut at 120 characters; a blank one gives back the first question."""
        self._row(id)
        shown = one_line(title, LONGEST_TITLE) or None
        self._db.execute("UPDATE conversations SET title = ?, changed_at = ? WHERE id = ?", (shown, _now(), id))

    @guarded
    def delete(self, id: str) -> None:
        """Takes the conversation off the disk, with its bytes."""
        self._row(id)  # so that an unknown one is told of
        self._db.execute("DELETE FROM conversations WHERE id = ?", (id,))
        if not self._scrub("optimize"):
            _log.warning("another process reads %s; the last traces go when it is done", self._path)

    @guarded
    def rate(self, id: str, number: int, rating: Rating | None, reason: str = "") -> None:
        """Keeps what the reader thinks of an answer; None takes it back.

        Raises:
            ConversationNotFound: There is no such conversation or turn.
        """
        self._need_turn(id, number)
        self._db.execute(
            f"UPDATE turns SET rating = ?, rating_reason = ? WHERE conversation = {OF_ONE} AND number = ?",
            (rating, storable(reason) if rating else "", id, number),
        )

    @guarded
    def forget_articles(self, is_purged: Callable[[str], bool]) -> int:
        """In how many answers words of purged articles were replaced by a note of it, their bytes on the disk with them.

        Questions stay. An answer that cannot be read is dropped as a whole, since it may hold such words, and counts too. What
        waits for an answer fails: it might cite such an article. May be called again.

        Args:
            is_purged: Whether the article with this id is to be forgotten.

        Raises:
            ArchiveError: Another process reads the file for so long that its old bytes cannot be cleared yet.
        """
        with self.transaction():
            self._db.execute("UPDATE turns SET state = 'failed', error = ? WHERE state = 'waiting'", (OVERTAKEN,))
            changed = self._forget(cache(is_purged))
        if not self._scrub("rebuild", "VACUUM"):
            raise ArchiveError(f"{self._path} is read by another process; end it, and purge the article again.")
        return changed

    def _refuse_unseen(self, id: str, last_seen: int | None) -> None:
        unseen = f"SELECT 1 FROM turns WHERE conversation = {OF_ONE} AND number > ?"
        if last_seen is not None and self._db.execute(unseen, (id, bounded(last_seen))).fetchone():
            raise RequestError("This conversation went on elsewhere; load it again, then ask once more.")

    def _forget(self, is_purged: Callable[[str], bool]) -> int:
        changed, touched = 0, set()
        rows = self._db.execute("SELECT * FROM turns WHERE answer IS NOT NULL ORDER BY conversation, number").fetchall()
        for row in rows:
            if (answer := self._readable(row)) is None:
                touched.add(row["conversation"])
                changed += 1
                continue
            without = answer
            if purged := {article for article in articles_of(answer) if is_purged(article)}:
                touched.add(row["conversation"])
                without = forget(answer, purged)
            elif row["conversation"] in touched:  # what was searched may hold names from the answers before
                without = replace(answer, standalone_question=answer.question)
            if without != answer:
                values = _json(without), without.answer, row["key"]
                self._db.execute("UPDATE turns SET answer = ?, said = ? WHERE key = ?", values)
                changed += bool(purged)
        return changed

    def _readable(self, row: sqlite3.Row) -> Answer | None:
        """The answer of a turn; one that cannot be read is dropped, for nobody can tell whose words it holds."""
        try:
            return answer_from_json(row["answer"])
        except DatasetError:
            self._db.execute(
                "UPDATE turns SET state = 'failed', error = ?, answer = NULL, said = NULL WHERE key = ?",
                (UNREADABLE, row["key"]),
            )
            return None

    def _scrub(self, fts: str, *more: str) -> bool:
        """Clears what was dropped from the index of words and the log too; whether nobody was in the way."""
        for table in ("turns_fts", "titles_fts"):
            self._db.execute(f"INSERT INTO {table} ({table}) VALUES (?)", (fts,))
        for statement in more:
            self._db.execute(statement)
        return not self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]

    @guarded
    def _end(self, id: str, number: int, state: State, answer: str | None, said: str | None, error: str | None) -> bool:
        ended = self._db.execute(
            f"UPDATE turns SET state = ?, answer = ?, said = ?, error = ? WHERE conversation = {OF_ONE} AND number = ?"
            " AND state = 'waiting' RETURNING 1",
            (state, answer, said, error, id, bounded(number)),
        ).fetchone()
        if ended:
            self._change(id)
        return ended is not None

    def _change(self, id: str) -> None:
        self._db.execute("UPDATE conversations SET changed_at = ? WHERE id = ?", (_now(), id))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _json(answer: Answer) -> str:
    return storable(json.dumps(answer.to_json(), ensure_ascii=False))
