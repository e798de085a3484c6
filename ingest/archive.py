"""The archive: articles, versions, passages and sentences in one SQLite database, the truth behind every citation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ingest.database import Database, fts_string
from ingest.database import guarded as _guarded
from ingest.errors import IndexMissing
from ingest.loading import Article
from ingest.lock import writing
from ingest.records import ArticleInfo, Floats, Passage, PreparedPassage, Source, Status, StoredSentence, heading
from ingest.schema import ARCHIVE

FILE = "archive.sqlite"


class Archive(Database):
    """An open archive. Readers never wait for a writer (WAL); a writer holds `ingest.lock.writing`.

    Args:
        home: The folder that holds it.
        create: Make folder and tables when they are missing.

    Raises:
        IndexMissing: There is none and `create` is not set.
        ArchiveError: It is damaged or from a newer release.
    """

    def __init__(self, home: Path, *, create: bool = False) -> None:
        self.home = home
        if not create and not (home / FILE).is_file():
            raise IndexMissing(f"Nothing has been ingested into {home}; run: onrecord ingest")
        super().__init__(home / FILE, ARCHIVE, create=create)

    @_guarded
    def meta(self, key: str) -> str | None:
        """The stored value of `key` (`generation`, `fingerprint`), or None."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    @_guarded
    def set_meta(self, key: str, value: str) -> None:
        """Stores `value` under `key`."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    @_guarded
    def articles(self, *, withdrawn: bool = False) -> list[ArticleInfo]:
        """All articles that can be asked, by date (unknown last), then id.

        Args:
            withdrawn: Also those that are withdrawn, as they were when they were last taken in.
        """
        rows = self._db.execute(
            "SELECT v.article, v.version, v.title, v.author, v.outlet, v.published, v.language, v.source, v.licence,"
            " v.description, v.characters, a.examples, iif(a.current IS NULL, 'withdrawn', 'current') AS status,"
            " (SELECT count(*) FROM passages p WHERE p.article = a.id) AS passages"
            " FROM articles a JOIN versions v ON v.article = a.id AND v.version = coalesce(a.current,"
            " (SELECT version FROM versions WHERE article = a.id ORDER BY ingested_at DESC LIMIT 1))"
            " WHERE a.current IS NOT NULL OR ? ORDER BY v.published IS NULL, v.published, a.id",
            (withdrawn,),
        )
        fields = [name for name in ArticleInfo.__dataclass_fields__ if name != "examples"]
        return [
            ArticleInfo(**{name: row[name] for name in fields}, examples=tuple(json.loads(row["examples"])))
            for row in rows
        ]

    @_guarded
    def source(self, article: str, version: str | None = None) -> Source | None:
        """A version of an article, the current one when `version` is None; None when there is none such."""
        row = self._db.execute(
            "SELECT v.*, a.current FROM versions v JOIN articles a ON a.id = v.article"
            " WHERE v.article = ? AND v.version = coalesce(?, a.current)",
            (article, version),
        ).fetchone()
        if row is None:
            return None
        status: Status = "current" if row["version"] == row["current"] else "superseded"
        if row["current"] is None:
            status = "withdrawn"
        fields = {name: row[name] for name in Source.__dataclass_fields__ if name != "status"}
        return Source(**fields, status=status)

    @_guarded
    def article(self, article: str) -> Article | None:
        """The current version as it was taken in; None when there is none."""
        row = self._db.execute(
            "SELECT v.*, a.examples FROM articles a JOIN versions v ON v.article = a.id AND v.version = a.current"
            " WHERE a.id = ?",
            (article,),
        ).fetchone()
        if row is None:
            return None
        stated = {name: row[name] for name in Article.__dataclass_fields__ if name not in ("id", "examples")}
        return Article(id=article, examples=tuple(json.loads(row["examples"])), **stated)

    @_guarded
    def knows(self, article: str) -> bool:
        """Whether any version of the article was ever stored."""
        return self._db.execute("SELECT 1 FROM articles WHERE id = ?", (article,)).fetchone() is not None

    @_guarded
    def standing(self, articles: Sequence[str]) -> dict[str, Status]:
        """Of those ids that were ever stored: whether the article is current or withdrawn."""
        rows = self._db.execute(
            "SELECT id, iif(current IS NULL, 'withdrawn', 'current') FROM articles"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(articles)),),
        )
        return dict(rows.fetchall())

    @_guarded
    def store(self, article: Article, prepared: Sequence[PreparedPassage]) -> None:
        """Makes this the article's current version; older versions stay readable. Call it in a transaction."""
        self._db.execute("DELETE FROM passages WHERE article = ?", (article.id,))
        self._db.execute(
            "INSERT INTO articles (id, current, examples) VALUES (?, ?, ?) ON CONFLICT (id)"
            " DO UPDATE SET current = excluded.current, examples = excluded.examples",
            (article.id, article.version, json.dumps(article.examples)),
        )
        self._db.execute(
            "INSERT INTO versions (article, version, text, body_start, title, author, outlet, published, language,"
            " source, licence, description, markup, encoding, characters, ingested_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (article, version) DO UPDATE SET ingested_at = excluded.ingested_at",
            (article.id, article.version, article.text, article.body_start, article.title, article.author, article.outlet,
             article.published, article.language, article.source, article.licence, article.description, article.markup,
             article.encoding, len(article.text), datetime.now(UTC).isoformat(timespec="microseconds")),
        )  # fmt: skip
        for passage in prepared:
            self._store_passage(article, passage)

    def _store_passage(self, article: Article, passage: PreparedPassage) -> None:
        span = passage.span
        number = self._db.execute(
            'INSERT INTO passages (key, article, version, start, "end", text, title, section, published)'
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (passage.key, article.id, article.version, span.start, span.end, article.text[span.start : span.end],
             article.title, span.section, article.published),
        ).lastrowid  # fmt: skip
        self._db.executemany(
            'INSERT INTO sentences (passage, position, start, "end", heading, vector) VALUES (?, ?, ?, ?, ?, ?)',
            (
                (number, position, s.start, s.end, s.heading, vector.astype(np.float16).tobytes())
                for position, (s, vector) in enumerate(zip(span.sentences, passage.sentence_vectors, strict=True))
            ),
        )

    @_guarded
    def set_examples(self, article: str, examples: Sequence[str]) -> None:
        """Replaces the suggested questions, which belong to no version."""
        self._db.execute("UPDATE articles SET examples = ? WHERE id = ?", (json.dumps(list(examples)), article))

    @_guarded
    def live_keys(self) -> set[str]:
        """The keys of all vectors that some current passage needs."""
        return {row[0] for row in self._db.execute("SELECT DISTINCT key FROM passages")}

    @_guarded
    def sentence_vectors(self, keys: Iterable[str]) -> Mapping[str, Floats]:
        """Of those `keys` that are stored: the sentence vectors, shape ``(sentences, dimensions)``."""
        found: dict[str, Floats] = {}
        for key in set(keys):
            rows = self._db.execute(
                "SELECT vector FROM sentences WHERE passage = (SELECT min(number) FROM passages WHERE key = ?)"
                " ORDER BY position",
                (key,),
            ).fetchall()
            if rows:
                found[key] = np.stack([_vector(row[0]) for row in rows])
        return found

    @_guarded
    def headings(self, texts: Iterable[str]) -> dict[str, Floats]:
        """Of those headings (`Passage.heading`) that are stored: the unit vector, shape ``(dimensions,)``."""
        rows = self._db.execute(
            "SELECT text, vector FROM headings WHERE text IN (SELECT value FROM json_each(?))",
            (json.dumps(list(texts)),),
        )
        return {row[0]: _vector(row[1]) for row in rows}

    @_guarded
    def store_headings(self, vectors: Mapping[str, Floats]) -> None:
        """Stores the vectors of headings. Call it in a transaction."""
        rows = ((text, vector.astype(np.float16).tobytes()) for text, vector in vectors.items())
        self._db.executemany("INSERT OR REPLACE INTO headings VALUES (?, ?)", rows)

    @_guarded
    def unknown_headings(self) -> list[str]:
        """The headings of current passages that have no vector yet, each once."""
        rows = self._db.execute("SELECT DISTINCT title, section FROM passages")
        every = {heading(row["title"], row["section"]) for row in rows} - {""}
        return sorted(every - {row[0] for row in self._db.execute("SELECT text FROM headings")})

    @_guarded
    def passages(self, column: str, values: Sequence[str] | Sequence[int]) -> list[Passage]:
        """The current passages whose `column` (``key``, ``number`` or ``article``) is one of `values`, in reading order."""
        if column not in ("key", "number", "article"):
            raise ValueError(column)
        rows = self._db.execute(
            f"SELECT * FROM passages WHERE {column} IN (SELECT value FROM json_each(?)) ORDER BY article, start",
            (json.dumps(list(values)),),
        )
        return [Passage(**dict(row)) for row in rows]

    @_guarded
    def sentences(self, passages: Sequence[int]) -> list[StoredSentence]:
        """The sentences of the passages with these numbers, in reading order within each."""
        rows = self._db.execute(
            "SELECT * FROM sentences WHERE passage IN (SELECT value FROM json_each(?)) ORDER BY passage, position",
            (json.dumps(list(passages)),),
        )
        return [
            StoredSentence(row["passage"], row["start"], row["end"], bool(row["heading"]), _vector(row["vector"]))
            for row in rows
        ]

    @_guarded
    def lexical(self, terms: Sequence[str], limit: int, among: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """``(passage number, BM25)`` of passages that hold any of the terms (stemmed), best first; higher is better.

        BM25 is SQLite FTS5's, k1 = 1.2 and b = 0.75.

        Args:
            terms: Words; marks of the query language have no meaning in them.
            limit: At most this many.
            among: Only these passages.
        """
        if not terms:
            return []
        query = " OR ".join(map(fts_string, terms))
        only = (
            "" if among is None else " AND +rowid IN (SELECT value FROM json_each(?))"
        )  # "+": match once, then filter
        values: tuple[object, ...] = (query,) if among is None else (query, json.dumps(list(among)))
        rows = self._db.execute(
            f"SELECT rowid, -bm25(passages_fts) FROM passages_fts WHERE passages_fts MATCH ?{only} ORDER BY 2 DESC, rowid LIMIT ?",
            (*values, limit),
        )
        return [(int(row[0]), float(row[1])) for row in rows]

    @_guarded
    def document_frequency(self, term: str) -> int:
        """In how many passages the term stands, stemmed."""
        row = self._db.execute(
            "SELECT count(*) FROM passages_fts WHERE passages_fts MATCH ?", (fts_string(term),)
        ).fetchone()
        return int(row[0])

    @_guarded
    def passage_count(self) -> int:
        """How many passages there are."""
        return int(self._db.execute("SELECT count(*) FROM passages").fetchone()[0])


def begin(home: Path) -> None:
    """Makes an archive without articles, where there is none.

    Raises:
        ArchiveError: The home cannot be written to.
    """
    if not (home / FILE).is_file():
        with writing(home):
            Archive(home, create=True).close()


def _vector(blob: bytes) -> Floats:
    return np.frombuffer(blob, dtype=np.float16).astype(np.float32)
