"""The archive: search that no string can break, many threads, and files that are no archive."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from fakes import HashEncoder
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.archive import FILE, Archive
from ingest.errors import ArchiveError, IndexMissing
from ingest.loading import Article
from ingest.pipeline import passage_key, passage_spans
from ingest.records import PreparedPassage


def store(archive: Archive, *articles: Article, limit: int = 4) -> None:
    """Stores articles in passages of four words at most, so that each paragraph of ARTICLES is one."""
    encoder = HashEncoder()
    with archive.transaction():
        for article in articles:
            spans = passage_spans(article, encoder, limit)  # type: ignore[arg-type]
            vectors = [encoder.encode([article.text[s.start : s.end] for s in span.sentences]) for span in spans]
            keys = [passage_key(article.text, span) for span in spans]
            archive.store(article, [PreparedPassage(*row) for row in zip(spans, keys, vectors, strict=True)])


ARTICLES = [
    Article("b", "Airstrikes killed eight\n\nnothing here", published="2024-03-01"),
    Article("a", "The airstrike was rare", published="2024-03-01", title="T", examples=("Why?",)),
    Article("z", "یہ جملہ کابل میں\n\nCafé in Kabul", published="1999"),
    Article("undated", "An unknown day"),
]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    opened = Archive(tmp_path_factory.mktemp("home"), create=True)
    store(opened, *ARTICLES)
    yield opened
    opened.close()


def matches(archive: Archive, *terms: str, among: Sequence[int] | None = None) -> list[str]:
    found = archive.lexical(terms, 10, among)
    text_of = {p.number: p.text for p in archive.passages("number", [number for number, _ in found])}
    return [text_of[number] for number, _ in found]


# Lexical search

HOSTILE = ['"', '""', "a\"b", "AND", "OR", "NOT", "NEAR(", "NEAR(a b, 2)", "*", "kab*", "^a", "text:kabul", "{a b}", "-", "+", "(", ")",
           "'", ";--", "\x00", "a\x00b", "\ud800", "\n", " ", "", "😀", "e\u0301", "۔", "%", "_", "\\", "a" * 10_000]  # fmt: skip


@pytest.mark.parametrize("term", HOSTILE, ids=lambda term: repr(term)[:20])
def test_no_mark_of_the_query_language_has_a_meaning(archive: Archive, term: str) -> None:
    assert archive.document_frequency(term) == 0
    assert matches(archive, term) == []
    assert matches(archive, "eight", term) == ["Airstrikes killed eight"]


@given(st.lists(st.text(max_size=12) | st.sampled_from(HOSTILE), max_size=5))
@example(["kabul", "\x00"])
def test_any_words_can_be_searched_for(archive: Archive, terms: list[str]) -> None:
    scores = [score for _, score in archive.lexical(terms, 3)]
    assert len(scores) <= 3
    assert scores == sorted(scores, reverse=True)
    assert all(score > 0 for score in scores)


def test_a_term_is_stemmed_and_its_case_and_accents_do_not_matter(archive: Archive) -> None:
    assert set(matches(archive, "AIRSTRIKES")) == {"Airstrikes killed eight", "The airstrike was rare"}
    assert matches(archive, "cafe") == ["Café in Kabul"]
    assert matches(archive, "کابل") == ["یہ جملہ کابل میں"]
    assert archive.document_frequency("airstrikes") == 2


def test_a_passage_with_more_of_the_terms_and_the_rarer_ones_comes_first(archive: Archive) -> None:
    assert matches(archive, "airstrike", "rare") == ["The airstrike was rare", "Airstrikes killed eight"]


def test_several_words_in_one_term_are_a_phrase(archive: Archive) -> None:
    assert matches(archive, "killed eight") == ["Airstrikes killed eight"]
    assert matches(archive, "eight killed") == []


def test_search_can_be_held_to_some_passages(archive: Archive) -> None:
    (rare,) = [p.number for p in archive.passages("article", ["a"])]
    assert matches(archive, "airstrike", among=[rare]) == ["The airstrike was rare"]
    assert matches(archive, "airstrike", among=[]) == []


def test_without_terms_nothing_is_found(archive: Archive) -> None:
    assert archive.lexical([], 5) == []


# Reading


def test_articles_come_by_date_then_id_and_those_without_a_date_last(archive: Archive) -> None:
    found = archive.articles()
    assert [(info.article, info.passages) for info in found] == [("z", 2), ("a", 1), ("b", 2), ("undated", 1)]
    assert (found[1].title, found[1].examples, found[1].characters) == ("T", ("Why?",), 22)
    assert (found[1].author, found[1].version) == (None, ARTICLES[1].version)


def test_an_article_is_given_back_as_it_was_taken_in(archive: Archive) -> None:
    assert [archive.article(article.id) for article in ARTICLES] == ARTICLES


def test_an_unknown_article_or_version_is_none(archive: Archive) -> None:
    assert archive.article("nobody") is None
    assert archive.source("nobody") is archive.source("a", "000000000000") is None
    assert (archive.knows("a"), archive.knows("nobody")) == (True, False)


def test_a_withdrawn_article_has_no_current_version_but_its_old_ones_stay(tmp_path: Path) -> None:
    archive = Archive(tmp_path, create=True)
    store(archive, ARTICLES[0])
    db = sqlite3.connect(tmp_path / FILE)
    db.execute("UPDATE articles SET current = NULL")
    db.commit()
    db.close()
    assert archive.articles() == []
    assert archive.article("b") is None
    assert archive.source("b") is None
    source = archive.source("b", ARTICLES[0].version)
    archive.close()
    assert source is not None
    assert source.status == "withdrawn"


def test_passages_and_sentences_slice_back_and_sentence_vectors_have_unit_length(archive: Archive) -> None:
    for article in ARTICLES:
        for passage in archive.passages("article", [article.id]):
            assert article.text[passage.start : passage.end] == passage.text
            (sentence,) = archive.sentences([passage.number])
            assert (sentence.passage, sentence.start, sentence.end) == (passage.number, passage.start, passage.end)
            assert np.linalg.norm(sentence.vector) == pytest.approx(1, abs=2e-3)
            assert archive.passages("key", [passage.key]) == archive.passages("number", [passage.number]) == [passage]


def test_only_known_columns_can_be_asked_for(archive: Archive) -> None:
    with pytest.raises(ValueError, match="text"):
        archive.passages("text", ["x"])


def test_the_number_of_a_passage_is_never_given_to_another(tmp_path: Path) -> None:
    archive = Archive(tmp_path, create=True)
    seen: set[int] = set()
    for text in ("One", "Two", "One"):
        store(archive, Article("a", text))
        (passage,) = archive.passages("article", ["a"])
        assert passage.number not in seen
        seen.add(passage.number)
    archive.close()


# Transactions and threads


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    archive = Archive(tmp_path, create=True)
    with pytest.raises(RuntimeError, match="stop"), archive.transaction():  # noqa: PT012
        archive.set_meta("generation", "g")
        raise RuntimeError("stop")
    assert archive.meta("generation") is None
    archive.close()


def test_a_reader_sees_nothing_of_a_transaction_before_it_ends(tmp_path: Path) -> None:
    writer = Archive(tmp_path, create=True)
    reader = Archive(tmp_path)
    with writer.transaction():
        writer.set_meta("generation", "g")
        assert reader.meta("generation") is None
    assert reader.meta("generation") == "g"
    writer.close()
    reader.close()


def test_many_threads_can_search_one_archive(archive: Archive) -> None:
    wrong: list[object] = []

    def search() -> None:
        for _ in range(50):
            if matches(archive, "eight") != ["Airstrikes killed eight"] or archive.document_frequency("airstrike") != 2:
                wrong.append("found something else")

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# Files that are no archive


def test_a_home_without_an_archive_says_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="run: onrecord ingest"):
        Archive(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize(
    "content", [b"This is a text and no database. " * 100, b"SQLite format 3\x00" + b"\xff" * 4096]
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes, create: bool) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ArchiveError, match="another --home"):
        Archive(tmp_path, create=create)
    assert (tmp_path / FILE).read_bytes() == content


def test_the_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / FILE)
    db.execute("CREATE TABLE notes (text)")
    db.close()
    for create in (False, True):
        with pytest.raises(ArchiveError, match="not an archive of onrecord"):
            Archive(tmp_path, create=create)


def test_an_archive_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    Archive(tmp_path, create=True).close()
    db = sqlite3.connect(tmp_path / FILE)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(ArchiveError, match=r"newer release.*upgrade onrecord"):
        Archive(tmp_path)


def test_a_damaged_archive_names_the_remedy(tmp_path: Path) -> None:
    archive = Archive(tmp_path, create=True)
    store(archive, *(Article(f"a{n}", f"Text {n} " * 500) for n in range(50)), limit=160)
    archive.close()
    data = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(data[:8192] + b"\xff" * (len(data) - 8192))
    damaged = Archive(tmp_path)
    with pytest.raises(ArchiveError, match="restore it from a backup"):
        [damaged.source(f"a{n}") for n in range(50)]
    with pytest.raises(ArchiveError, match="restore it from a backup"), damaged.transaction():
        store_directly(damaged)
    damaged.close()


def store_directly(archive: Archive) -> None:
    archive.store(Article("new", "Text."), [])
    for n in range(50):
        archive.knows(f"a{n}")
        archive.set_examples(f"a{n}", ["Why?"])


def test_a_home_may_have_an_odd_name(tmp_path: Path) -> None:
    home = tmp_path / "a #?%20&mode=ro' home 😀"
    home.mkdir()
    Archive(home, create=True).close()
    assert (home / FILE).is_file()
    Archive(home).close()


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises((ArchiveError, IndexMissing), match="home"):
        Archive(tmp_path / "home", create=True)


FIRST_RELEASE = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (id TEXT PRIMARY KEY, current TEXT, examples TEXT NOT NULL DEFAULT '[]');
CREATE TABLE versions (
    article TEXT NOT NULL, version TEXT NOT NULL, text TEXT NOT NULL, body_start INTEGER NOT NULL,
    title TEXT, author TEXT, outlet TEXT, published TEXT, language TEXT, source TEXT, licence TEXT,
    description TEXT, markup TEXT NOT NULL, encoding TEXT, characters INTEGER NOT NULL, ingested_at TEXT NOT NULL,
    PRIMARY KEY (article, version)
);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL,
    article TEXT NOT NULL, version TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, text TEXT NOT NULL
);
CREATE TABLE sentences (passage INTEGER, position INTEGER, start INTEGER, "end" INTEGER, heading INTEGER, vector BLOB);
CREATE VIRTUAL TABLE passages_fts USING fts5(
    text, content='passages', content_rowid='number', tokenize='porter unicode61 remove_diacritics 2'
);
CREATE TRIGGER passages_added AFTER INSERT ON passages BEGIN
    INSERT INTO passages_fts (rowid, text) VALUES (new.number, new.text);
END;
CREATE TRIGGER passages_removed AFTER DELETE ON passages BEGIN
    INSERT INTO passages_fts (passages_fts, rowid, text) VALUES ('delete', old.number, old.text);
END;
INSERT INTO articles (id, current) VALUES ('ferry', 'v1');
INSERT INTO versions VALUES ('ferry', 'v1', 'The ferry left.', 0, 'Harbour news', NULL, NULL, '2021-05-03', NULL, NULL,
    NULL, NULL, 'plain', NULL, 15, '2021-05-04');
INSERT INTO passages (key, article, version, start, "end", text) VALUES ('k', 'ferry', 'v1', 0, 15, 'The ferry left.');
PRAGMA user_version = 1;
"""


def test_an_archive_of_the_first_release_is_brought_to_todays_tables(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / FILE)
    db.executescript(FIRST_RELEASE)
    db.close()
    for _ in range(2):  # the second time it is one of today's
        archive = Archive(tmp_path)
        (passage,) = archive.passages("article", ["ferry"])
        assert (passage.text, passage.title, passage.published) == ("The ferry left.", "Harbour news", "2021-05-03")
        assert [number for number, _ in archive.lexical(["harbour"], 5)] == [passage.number]
        assert archive.lexical(["ferry"], 5)
        source = archive.source("ferry")
        assert source is not None
        assert source.text == "The ferry left."
        archive.close()


def test_two_processes_may_bring_an_archive_up_to_date_at_once(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / FILE)
    db.executescript(FIRST_RELEASE)
    db.close()
    with ThreadPoolExecutor(8) as pool:
        archives = list(pool.map(lambda _: Archive(tmp_path), range(8)))
    assert all(len(archive.passages("article", ["ferry"])) == 1 for archive in archives)
    for archive in archives:
        archive.close()


def test_headings_are_kept_and_those_without_a_vector_are_named(archive: Archive) -> None:
    assert archive.headings(["Harbour news"]) == {}
    vector = np.eye(1, 64, 3, dtype=np.float32)[0]
    with archive.transaction():
        archive.store_headings({"Harbour news": vector})
    assert archive.headings(["Harbour news", "other"])["Harbour news"] == pytest.approx(vector)
    assert "Harbour news" not in archive.unknown_headings()
