"""The archive's tables, and the check that an existing file has them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from ingest.errors import ArchiveError

SCHEMA = 2
"""Counts up when the tables change."""

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (
    id TEXT PRIMARY KEY,
    current TEXT,                       -- null: withdrawn
    examples TEXT NOT NULL DEFAULT '[]',
    FOREIGN KEY (id, current) REFERENCES versions (article, version) DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE versions (
    article TEXT NOT NULL, version TEXT NOT NULL, text TEXT NOT NULL, body_start INTEGER NOT NULL,
    title TEXT, author TEXT, outlet TEXT, published TEXT, language TEXT, source TEXT, licence TEXT,
    description TEXT, markup TEXT NOT NULL, encoding TEXT, characters INTEGER NOT NULL, ingested_at TEXT NOT NULL,
    PRIMARY KEY (article, version),
    FOREIGN KEY (article) REFERENCES articles (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE passages (                 -- of current versions only
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL,
    article TEXT NOT NULL, version TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, text TEXT NOT NULL,
    title TEXT, section TEXT, published TEXT,
    FOREIGN KEY (article, version) REFERENCES versions (article, version)
);
CREATE INDEX passages_by_key ON passages (key);
CREATE INDEX passages_by_article ON passages (article, start);
CREATE TABLE sentences (
    passage INTEGER NOT NULL, position INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    heading INTEGER NOT NULL, vector BLOB NOT NULL,
    PRIMARY KEY (passage, position),
    FOREIGN KEY (passage) REFERENCES passages (number) ON DELETE CASCADE
) WITHOUT ROWID;
"""

_FULL_TEXT = """
CREATE VIRTUAL TABLE passages_fts USING fts5(
    text, title, section, content='passages', content_rowid='number', tokenize='porter unicode61 remove_diacritics 2'
);
CREATE TRIGGER passages_added AFTER INSERT ON passages BEGIN
    INSERT INTO passages_fts (rowid, text, title, section) VALUES (new.number, new.text, new.title, new.section);
END;
CREATE TRIGGER passages_removed AFTER DELETE ON passages BEGIN
    INSERT INTO passages_fts (passages_fts, rowid, text, title, section)
    VALUES ('delete', old.number, old.text, old.title, old.section);
END;
CREATE TABLE headings (text TEXT PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID;
"""

_FROM_1 = f"""
DROP TRIGGER passages_added; DROP TRIGGER passages_removed; DROP TABLE passages_fts;
ALTER TABLE passages ADD COLUMN title TEXT;
ALTER TABLE passages ADD COLUMN section TEXT;
ALTER TABLE passages ADD COLUMN published TEXT;
UPDATE passages SET (title, published) = (
    SELECT title, published FROM versions v WHERE v.article = passages.article AND v.version = passages.version
);
{_FULL_TEXT}
INSERT INTO passages_fts (passages_fts) VALUES ('rebuild');
"""
"""Brings an archive of the first release to today's tables; nothing of it is lost."""


def connect(path: Path, *, create: bool) -> sqlite3.Connection:
    """A connection to the archive at `path`, with its tables made when `create` is set and they are missing.

    Raises:
        ArchiveError: The file is damaged, not an archive, from a newer release, or cannot be opened.
    """
    try:
        mode = "rwc" if create else "rw"
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=30, check_same_thread=False)
        db.isolation_level = None
        db.row_factory = sqlite3.Row
        if create:
            db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA foreign_keys = ON")
        found = int(db.execute("PRAGMA user_version").fetchone()[0])
        if found == 0 and create and not db.execute("SELECT 1 FROM sqlite_master").fetchone():
            db.executescript(f"BEGIN; {_TABLES} {_FULL_TEXT} PRAGMA user_version = {SCHEMA}; COMMIT;")
            found = SCHEMA
        if found == 1:
            found = _upgrade(db)
    except sqlite3.Error as error:
        raise ArchiveError(
            f"{path} cannot be opened as an archive ({error}); restore it from a backup, or choose another --home."
        ) from error
    if found > SCHEMA:
        db.close()
        raise ArchiveError(f"{path} was written by a newer release of onrecord; upgrade onrecord.")
    if found != SCHEMA:
        db.close()
        raise ArchiveError(f"{path} is not an archive of onrecord; choose another --home.")
    return db


def _upgrade(db: sqlite3.Connection) -> int:
    """Today's number of the tables, whoever brought them there: another process may open the archive at the same time."""
    try:
        db.executescript(f"BEGIN IMMEDIATE; {_FROM_1} PRAGMA user_version = {SCHEMA}; COMMIT;")
    except sqlite3.OperationalError:
        if db.in_transaction:
            db.execute("ROLLBACK")
        if int(db.execute("PRAGMA user_version").fetchone()[0]) != SCHEMA:
            raise
    return SCHEMA
