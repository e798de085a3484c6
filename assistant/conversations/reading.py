"""What is kept, read: conversations, their turns, what they cite, and what readers rated."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from assistant.conversations.answer_json import answer_from_json
from assistant.conversations.feedback import draft_samples
from assistant.conversations.forgetting import PURGED
from assistant.conversations.records import INTERRUPTED, Conversation, KeptTurn, Summary
from assistant.conversations.rows import HEAD, bounded, head, matching, storable, turn
from assistant.types import Turn
from ingest.database import Database, guarded
from ingest.errors import ArchiveError, ConversationNotFound, DatasetError
from ingest.holding import Holder

OF_ONE = "(SELECT number FROM conversations WHERE id = ?)"
Summaries = list[Summary]
Turns = list[Turn]
Samples = list[dict[str, Any]]
Spans = dict[str, list[tuple[int, int]]]


class Reading(Database):
    """Reads conversations; see `assistant.conversations.store.Conversations`."""

    home: Path
    _holder: Holder

    @guarded
    def get(self, id: str, last: int = -1, before: int = sys.maxsize) -> Conversation:
        """The conversation, whole or a part of its turns.

        Args:
            id: Which.
            last: The last so many turns alone; a negative number for all.
            before: Those before the turn of this number.

        Raises:
            ConversationNotFound: There is no such conversation.
            ArchiveError: What is kept of it cannot be read.
        """
        self._stop_abandoned()
        row = self._row(id)
        turns = self._db.execute(
            "SELECT * FROM turns WHERE conversation = ? AND number < ? ORDER BY number DESC LIMIT ?",
            (row["number"], bounded(before), bounded(last)),
        ).fetchall()
        return Conversation(**head(row), turns=tuple(self._turn(id, turn) for turn in reversed(turns)))

    @guarded
    def turn(self, id: str, number: int) -> KeptTurn:
        """One turn.

        Raises:
            ConversationNotFound: There is no such conversation or turn.
        """
        row = self._need_turn(id, number)
        if row["state"] == "waiting":
            self._stop_abandoned()
            row = self._need_turn(id, number)
        return self._turn(id, row)

    def _turn(self, id: str, row: sqlite3.Row) -> KeptTurn:
        try:
            return turn(row)
        except DatasetError as error:
            raise ArchiveError(f"Conversation '{id}' of {self._path} cannot be read ({error}); delete it.") from error

    @guarded
    def list(self, limit: int = 50, offset: int = 0, query: str | None = None) -> Summaries:
        """Conversations, the last changed first.

        Args:
            limit: At most this many.
            offset: How many to pass over.
            query: Any text: every word of it stands, stemmed, in the title, a question or an answer; the last word may be the
                beginning of one. None, or blank, for all.
        """
        where, terms = matching(query or "")
        rows = self._db.execute(
            f"SELECT {HEAD}, (SELECT count(*) FROM turns t WHERE t.conversation = c.number) AS turns FROM conversations c"
            f" WHERE {where} ORDER BY c.changed_at DESC, c.number DESC LIMIT ? OFFSET ?",
            (*terms, bounded(limit), bounded(offset)),
        )
        return [Summary(**head(row), turns=row["turns"]) for row in rows]

    def history(self, id: str, last: int = -1) -> Turns:
        """The answered ones among the last so many turns, oldest first, as the assistant takes them for a follow-up."""
        turns = self.get(id, last).turns
        return [replace(Turn.of(turn.answer), question=turn.question) for turn in turns if turn.answer]

    def sentences_cited(self, id: str) -> Spans:
        """Where the answers' citations stand: by ``article@version``, each ``(start, end)`` once and in order."""
        found: dict[str, set[tuple[int, int]]] = {}
        for cited in (c for kept in self.get(id).turns if kept.answer for c in kept.answer.citations):
            if cited.start is not None and cited.end is not None:
                found.setdefault(f"{cited.article}@{cited.version}", set()).add((cited.start, cited.end))
        return {version: sorted(spans) for version, spans in found.items()}

    @guarded
    def quotes(self, article: str) -> bool:
        """Whether a kept answer has words of the article with this id, cited or shown as near; one that cannot be read has none."""
        for row in self._db.execute("SELECT answer FROM turns WHERE answer IS NOT NULL"):
            with suppress(DatasetError):
                answer = answer_from_json(row["answer"])
                if any(c.article == article and c.quote != PURGED for c in (*answer.citations, *answer.nearest)):
                    return True
        return False

    @guarded
    def draft_samples(self) -> Samples:
        """What readers rated, as samples of ``questions.jsonl`` that somebody has still to correct; see `feedback`."""
        rated = "SELECT 1 FROM turns t WHERE t.conversation = c.number AND t.rating IS NOT NULL"
        rows = self._db.execute(f"SELECT id FROM conversations c WHERE EXISTS ({rated}) ORDER BY number").fetchall()
        return [*draft_samples(self.get(row["id"]) for row in rows)]

    @guarded
    def _stop_abandoned(self) -> None:
        for row in self._db.execute("SELECT DISTINCT holder FROM turns WHERE state = 'waiting'").fetchall():
            if self._holder.is_gone(row["holder"]):
                self._stop_turns_of(row["holder"])

    def _stop_turns_of(self, holder: str) -> None:
        self._db.execute(
            "UPDATE turns SET state = 'stopped', error = ? WHERE state = 'waiting' AND holder = ?",
            (INTERRUPTED, holder),
        )

    def _row(self, id: str) -> sqlite3.Row:
        row = self._db.execute(f"SELECT {HEAD} FROM conversations c WHERE c.id = ?", (storable(id),)).fetchone()
        if row is None:
            raise self._not_found(id)
        return cast(sqlite3.Row, row)

    def _need_turn(self, id: str, number: int) -> sqlite3.Row:
        of = self._row(id)["number"], bounded(number)
        row = self._db.execute("SELECT * FROM turns WHERE conversation = ? AND number = ?", of).fetchone()
        if row is None:
            raise ConversationNotFound(f"Conversation '{id}' has no turn {number}; see: onrecord conversations show")
        return cast(sqlite3.Row, row)

    def _not_found(self, id: str) -> ConversationNotFound:
        return ConversationNotFound(f"No conversation '{id}' in {self.home}; see: onrecord conversations list")
