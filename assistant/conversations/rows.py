"""From the rows of the tables to what is kept, and from what somebody types to a search of them."""

from __future__ import annotations

import sqlite3
from typing import Any

from assistant.conversations.answer_json import answer_from_json, scope_from_json
from assistant.conversations.records import KeptTurn
from assistant.foreign_text import one_line
from ingest.database import fts_string

UNTITLED = "New conversation"
LONGEST_TITLE = 120
MOST_TERMS, LONGEST_TERM = 32, 100
"""Of a search: what is beyond them does not narrow it further."""

HEAD = (
    "c.number, c.id, c.created_at, c.changed_at, coalesce(c.title, (SELECT question FROM turns t"
    " WHERE t.conversation = c.number ORDER BY t.number LIMIT 1)) AS title"
)
"""The columns that `head` reads, of ``conversations c``."""

_LARGEST = 2**63 - 1
_HOLDS_TERM = (
    "c.number IN (SELECT t.conversation FROM turns_fts f JOIN turns t ON t.key = f.rowid WHERE turns_fts MATCH ?"
    " UNION SELECT rowid FROM titles_fts WHERE titles_fts MATCH ?)"
)


def head(row: sqlite3.Row) -> dict[str, Any]:
    """What a conversation and its summary have in common."""
    return {
        "id": row["id"],
        "title": one_line(row["title"] or "", LONGEST_TITLE) or UNTITLED,
        "created_at": row["created_at"],
        "changed_at": row["changed_at"],
    }


def turn(row: sqlite3.Row) -> KeptTurn:
    """A turn; a DatasetError where its answer is none."""
    fields = {name: row[name] for name in KeptTurn.__dataclass_fields__ if name not in ("answer", "scope")}
    return KeptTurn(
        **fields,
        answer=None if row["answer"] is None else answer_from_json(row["answer"]),
        scope=None if row["scope"] is None else scope_from_json(row["scope"]),
    )


def matching(query: str) -> tuple[str, list[str]]:
    """A condition on ``conversations c``, and its values: every word of the query stands somewhere in the conversation.

    Marks have no meaning in it. The last word may be the beginning of one.
    """
    if not query.strip():
        return "TRUE", []
    words = [word[:LONGEST_TERM] for word in query.split() if any(map(str.isalnum, word))][:MOST_TERMS]
    if not words:
        return "FALSE", []
    terms = [*map(fts_string, words[:-1]), fts_string(words[-1]) + "*"]
    return " AND ".join([_HOLDS_TERM] * len(terms)), [term for term in terms for _ in ("turns", "titles")]


def bounded(number: int) -> int:
    """The number, or the nearest that SQLite can hold; no turn has one so large."""
    return max(-_LARGEST, min(number, _LARGEST))


def storable(text: str) -> str:
    """The text with a question mark for each half of a surrogate pair, which is no character."""
    return text.encode("utf-8", "replace").decode()
