"""The tables of kept conversations."""

from __future__ import annotations

from ingest.database import Schema

_TABLES = """
CREATE TABLE conversations (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT,                         -- null: its first question
    created_at TEXT NOT NULL, changed_at TEXT NOT NULL,
    turns_begun INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX conversations_by_change ON conversations (changed_at);
CREATE TABLE turns (
    key INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
    number INTEGER NOT NULL, question TEXT NOT NULL, asked_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'answered', 'failed', 'stopped')),
    holder TEXT NOT NULL,               -- who answers it, see holding.py
    scope TEXT,                         -- JSON
    answer TEXT,                        -- JSON
    said TEXT,                          -- the answer's text, to be searched
    error TEXT, rating TEXT, rating_reason TEXT NOT NULL DEFAULT '',
    UNIQUE (conversation, number)
);
CREATE INDEX turns_that_wait ON turns (holder) WHERE state = 'waiting';

CREATE VIRTUAL TABLE turns_fts USING fts5(
    question, said, content='turns', content_rowid='key', tokenize='porter unicode61 remove_diacritics 2'
);
CREATE TRIGGER turns_added AFTER INSERT ON turns BEGIN
    INSERT INTO turns_fts (rowid, question, said) VALUES (new.key, new.question, new.said);
END;
CREATE TRIGGER turns_removed AFTER DELETE ON turns BEGIN
    INSERT INTO turns_fts (turns_fts, rowid, question, said) VALUES ('delete', old.key, old.question, old.said);
END;
CREATE TRIGGER turns_changed AFTER UPDATE OF said ON turns BEGIN
    INSERT INTO turns_fts (turns_fts, rowid, question, said) VALUES ('delete', old.key, old.question, old.said);
    INSERT INTO turns_fts (rowid, question, said) VALUES (new.key, new.question, new.said);
END;

CREATE VIRTUAL TABLE titles_fts USING fts5(
    title, content='conversations', content_rowid='number', tokenize='porter unicode61 remove_diacritics 2'
);
CREATE TRIGGER titles_added AFTER INSERT ON conversations BEGIN
    INSERT INTO titles_fts (rowid, title) VALUES (new.number, new.title);
END;
CREATE TRIGGER titles_removed AFTER DELETE ON conversations BEGIN
    INSERT INTO titles_fts (titles_fts, rowid, title) VALUES ('delete', old.number, old.title);
END;
CREATE TRIGGER titles_changed AFTER UPDATE OF title ON conversations BEGIN
    INSERT INTO titles_fts (titles_fts, rowid, title) VALUES ('delete', old.number, old.title);
    INSERT INTO titles_fts (rowid, title) VALUES (new.number, new.title);
END;
"""

CONVERSATIONS = Schema(
    name="a file of conversations",
    number=1,  # counts up when the tables change
    tables=_TABLES,
    upgrades={},
    remedy="restore it from a backup, or move it away, and a new one is begun.",
)
