"""The archive's tables, and how those of older releases become today's."""

from __future__ import annotations

from ingest.database import Schema

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

ARCHIVE = Schema(
    name="an archive",
    number=2,  # counts up when the tables change
    tables=_TABLES + _FULL_TEXT,
    upgrades={1: _FROM_1},
    remedy="restore it from a backup, or ingest the articles into another --home.",
)
