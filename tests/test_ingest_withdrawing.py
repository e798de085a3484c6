"""Articles out of archive and index, over a real SQLite and a real Chroma; only the encoder is a stand-in."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import StartPython
from fakes import HashEncoder, bag_of_words
from hypothesis import given, settings
from hypothesis import strategies as st
from test_ingest_pipeline import SETTINGS, assert_agree, found, generations, opened, story, take

import ingest.pipeline as pipeline
import ingest.withdrawing as withdrawing
from ingest.archive import FILE, Archive
from ingest.errors import ArchiveError, ArticleNotFound, IndexMissing, IndexStale
from ingest.index import FOLDER, IndexWriter, VectorIndex
from ingest.loading import Article
from ingest.lock import writing
from ingest.removal import Removal
from ingest.settings import IngestSettings
from ingest.withdrawing import finish_purge, purge, withdraw

SECRET = Article(
    "vault: Zwölf/7 @dawn",
    "# Xylograph\n\nThe quibbler Vexmorph signed at noon. Jukebox prices fell.\n\nNobody heard Vexmorph afterwards.",
    title="Qophmarginal",
    author="Ann Wyzzle",
    source="https://example.org/vqx",
    markup="markdown",
)
OLDER = replace(SECRET, text=SECRET.text.replace("quibbler", "zephyrist"), title="Yttriumgate")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "a home"


def statuses(home: Path) -> Mapping[str, str]:
    archive = Archive(home)
    listed = {info.article: info.status for info in archive.articles(withdrawn=True)}
    archive.close()
    return listed


def traces(home: Path, *articles: Article) -> set[str]:
    """What of these articles stands in the bytes of any file of a home, or in the index of its full text."""
    needles: dict[str, bytes] = {}
    for article in articles:
        texts = [article.id, article.version, *article.text.split(), article.title, article.author, article.source]
        needles |= {text: text.encode() for text in texts if text and len(text) > 6}
        whole = bag_of_words(article.text)
        needles |= {f"{article.id} as {kind}": whole.astype(kind).tobytes() for kind in ("float32", "float16")}
    held = {name for content in contents_of_files(home) for name, needle in needles.items() if needle in content}
    return held | ({f"term {term}" for term in terms(home)} & {f"term {name.lower()}" for name in needles})


def contents_of_files(home: Path) -> list[bytes]:
    return [path.read_bytes() for path in home.rglob("*") if path.is_file()]


def terms(home: Path) -> list[str]:
    db = sqlite3.connect(home / FILE)
    db.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, passages_fts, row)")
    held = [row[0] for row in db.execute("SELECT term FROM terms")]
    db.close()
    return held


# Withdrawing


def test_a_withdrawn_article_is_out_of_search_and_its_citations_still_open(home: Path, encoder: HashEncoder) -> None:
    take(home, story("kabul"), story("lahore"))
    done = withdraw(home, ["kabul"])
    assert (done.withdrawn, done.unchanged) == (("kabul",), ())
    archive = Archive(home)
    source = archive.source("kabul", story("kabul").version)
    assert source is not None
    assert (source.status, source.text) == ("withdrawn", story("kabul").text)
    assert [info.article for info in archive.articles()] == ["lahore"]
    assert archive.lexical(["kabul"], 5) == []
    assert archive.passages("article", ["kabul"]) == []
    archive.close()
    assert all("lahore" in text for text in found(home, "kabul"))
    assert_agree(home)


def test_withdrawing_twice_changes_nothing(home: Path, encoder: HashEncoder) -> None:
    take(home, story("kabul"), story("lahore"))
    withdraw(home, ["kabul"])
    before = generations(home)
    done = withdraw(home, ["kabul", "lahore", "kabul"])
    assert (done.withdrawn, done.unchanged) == (("lahore",), ("kabul",))
    assert generations(home) != before
    before = generations(home)
    assert withdraw(home, ["lahore"]).unchanged == ("lahore",)
    assert generations(home) == before


@pytest.mark.parametrize("take_out", [withdraw, purge])
@pytest.mark.parametrize("unknown", ["nobody", "", "KABUL", "\udcff", "a\x00b", "' OR 1=1"])
def test_an_unknown_id_is_named_and_nothing_is_taken_out(
    home: Path, encoder: HashEncoder, take_out: Any, unknown: str
) -> None:
    take(home, story("kabul"))
    with pytest.raises(ArticleNotFound) as refused:
        take_out(home, ["kabul", unknown])
    assert f"'{unknown}'" in str(refused.value)
    assert "'kabul'" not in str(refused.value)
    assert str(refused.value).endswith("onrecord articles")
    assert statuses(home) == {"kabul": "current"}
    assert_agree(home)


@pytest.mark.parametrize("take_out", [withdraw, purge])
def test_nothing_is_made_where_nothing_was_ingested(tmp_path: Path, take_out: Any) -> None:
    with pytest.raises(IndexMissing, match="onrecord ingest"):
        take_out(tmp_path, ["kabul"])
    assert not (tmp_path / FILE).exists()


@pytest.mark.parametrize("take_out", [withdraw, purge])
def test_another_writer_is_waited_for_by_nobody(home: Path, encoder: HashEncoder, take_out: Any) -> None:
    take(home, story("kabul"))
    with writing(home), pytest.raises(ArchiveError, match="is writing to"):
        take_out(home, ["kabul"])
    assert statuses(home) == {"kabul": "current"}


def test_the_list_has_withdrawn_articles_on_demand_as_they_were_last(home: Path, encoder: HashEncoder) -> None:
    first, second = story("kabul", title="First"), story("kabul", title="Second")
    take(home, story("lahore"), first)
    take(home, second)
    take(home, first)  # back to what it was
    withdraw(home, ["kabul"])
    archive = Archive(home)
    listed = [(i.article, i.status, i.title, i.passages) for i in archive.articles(withdrawn=True)]
    archive.close()
    assert listed == [("kabul", "withdrawn", "First", 0), ("lahore", "current", None, 3)]


def test_a_rebuild_leaves_out_what_is_withdrawn(home: Path, encoder: HashEncoder) -> None:
    take(home, story("kabul"), story("lahore"))
    withdraw(home, ["kabul"])
    assert pipeline.rebuild(home, SETTINGS).passages == 3
    assert statuses(home) == {"kabul": "withdrawn", "lahore": "current"}
    assert_agree(home)


def test_settings_can_be_changed_when_everything_is_withdrawn(home: Path, encoder: HashEncoder) -> None:
    take(home, story("kabul"))
    withdraw(home, ["kabul"])
    other = IngestSettings(passage_tokens=60)
    with pytest.raises(IndexStale, match="onrecord rebuild"):
        take(home, story("lahore"), settings=other)
    pipeline.rebuild(home, other)
    assert take(home, story("lahore"), settings=other).added == 1
    assert_agree(home)


def test_of_equal_articles_one_can_be_taken_out(home: Path, encoder: HashEncoder) -> None:
    wire = story("kabul").text
    take(home, Article("one", wire), Article("two", wire), Article("three", wire))
    withdraw(home, ["one"])
    purge(home, ["two"])
    assert "of kabul begins" in found(home, "kabul")[0]
    assert statuses(home) == {"one": "withdrawn", "three": "current"}
    assert_agree(home)


def test_an_index_that_is_mostly_of_no_use_is_filled_anew(home: Path, encoder: HashEncoder) -> None:
    take(home, *(story(f"a{n}", 1) for n in range(10)))
    withdraw(home, ["a0"])
    with opened(home) as (_, index):
        assert index.count() == 10
    withdraw(home, [f"a{n}" for n in range(1, 8)])
    with opened(home) as (_, index):
        assert index.count() == 2
    assert_agree(home)


def stored(home: Path) -> list[Any]:
    """Articles, passages and sentences with their vectors; the numbers of passages are the archive's own."""
    archive = Archive(home)
    infos = archive.articles(withdrawn=True)
    passages = archive.passages("article", [info.article for info in infos])
    sentences = [[(s.start, s.end, s.vector.tolist()) for s in archive.sentences([p.number])] for p in passages]
    sources = [archive.source(info.article) for info in infos]
    archive.close()
    return [infos, [replace(p, number=0) for p in passages], sentences, sources]


LIBRARY = [story("kabul", 2), story("lahore", 1, title="T", published="2024"), SECRET, Article("wire", SECRET.text)]


@settings(max_examples=12)
@given(st.lists(st.sampled_from([article.id for article in LIBRARY]), min_size=1, unique=True), st.booleans())
def test_taking_out_and_ingesting_again_is_as_before_under_the_same_addresses(
    tmp_path_factory: pytest.TempPathFactory, ids: list[str], for_good: bool
) -> None:
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "Encoder", lambda model="bundled": HashEncoder())
        take(home, *LIBRARY)
        before = stored(home)
        (purge if for_good else withdraw)(home, ids)
        assert_agree(home)
        report = take(home, *LIBRARY)
    assert (report.added, report.updated) == ((len(ids), 0) if for_good else (0, len(ids)))
    assert report.unchanged == len(LIBRARY) - len(ids)
    assert stored(home) == before
    assert_agree(home)


# Purging


@pytest.mark.parametrize("withdrawn_before", [False, True])
def test_no_byte_of_a_purged_article_is_left(home: Path, encoder: HashEncoder, withdrawn_before: bool) -> None:
    take(home, story("kabul"), OLDER)
    take(home, SECRET)
    archive = Archive(home)
    keys = [passage.key.encode() for passage in archive.passages("article", [SECRET.id])]
    archive.close()
    assert all(any(key in content for content in contents_of_files(home)) for key in keys)
    before = traces(home, SECRET, OLDER)
    assert {"Qophmarginal", "Yttriumgate", "Vexmorph", SECRET.id, "term vexmorph", OLDER.version} <= before
    if withdrawn_before:
        withdraw(home, [SECRET.id])
        assert {"Qophmarginal", "Yttriumgate", SECRET.id, OLDER.version} <= traces(home, SECRET, OLDER)
    done = purge(home, [SECRET.id])
    assert (done.purged, done.readers) == ((SECRET.id,), ())
    assert traces(home, SECRET, OLDER) == set()
    assert not any(key in content for content in contents_of_files(home) for key in keys)
    assert statuses(home) == {"kabul": "current"}
    assert len(generations(home)) == 1
    assert_agree(home)


def test_no_vector_of_a_purged_article_is_left(home: Path, encoder: HashEncoder) -> None:
    one = Article("one", "Quibblingly unequalled zephyrs.")
    take(home, one, story("kabul", 9))
    assert {"one as float32", "one as float16"} <= traces(home, one)
    purge(home, ["one"])
    assert traces(home, one) == set()


def test_no_byte_of_a_version_that_was_replaced_is_left(
    home: Path, encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ingest need not overwrite the passages of the version before; whether SQLite does differs by how it was built."""
    init = Archive.__init__

    def sparing(archive: Archive, *arguments: Any, **options: Any) -> None:
        init(archive, *arguments, **options)
        archive._db.execute("PRAGMA secure_delete = OFF")

    monkeypatch.setattr(Archive, "__init__", sparing)
    before, after = replace(story("quibblewort", 40), id="x"), Article("x", "Tiny.")
    take(home, before)
    take(home, after, story("kabul"))
    purge(home, ["x"])
    assert not any(b"quibblewort" in content for content in contents_of_files(home))


def test_headings_that_another_article_has_too_stay(home: Path, encoder: HashEncoder) -> None:
    take(home, SECRET, replace(story("kabul"), title="Harbour"), replace(story("oslo"), title="Harbour"))
    archive = Archive(home)
    assert set(archive.headings(["Qophmarginal. Xylograph", "Harbour"])) == {"Qophmarginal. Xylograph", "Harbour"}
    archive.close()
    purge(home, [SECRET.id, "oslo"])
    archive = Archive(home)
    assert set(archive.headings(["Qophmarginal. Xylograph", "Harbour"])) == {"Harbour"}
    archive.close()


def test_what_else_is_kept_of_an_article_is_told_to_forget_it(home: Path, encoder: HashEncoder) -> None:
    take(home, story("kabul"))
    told: list[list[str]] = []

    def tell(is_purged: Callable[[str], bool]) -> None:
        told.append([article for article in ("kabul", "lahore") if is_purged(article)])

    def fail(is_purged: Callable[[str], bool]) -> None:
        tell(is_purged)
        raise RuntimeError("no room")

    with pytest.raises(RuntimeError):
        purge(home, ["kabul"], fail)
    assert statuses(home) == {}
    purge(home, ["kabul"], tell)
    assert told == [["kabul"], ["kabul"]]
    with pytest.raises(ArticleNotFound):
        purge(home, ["kabul"], tell)
    assert len(told) == 2


def test_a_purge_that_was_interrupted_is_ended_by_whoever_comes_next(
    home: Path, encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(home, SECRET, story("kabul"))
    assert not finish_purge(home)
    with monkeypatch.context() as patched:
        patched.setattr(Removal, "wipe", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            purge(home, [SECRET.id])
    told: list[bool] = []
    assert finish_purge(home, lambda is_purged: told.extend(map(is_purged, (SECRET.id, "kabul"))))
    assert told == [True, False]
    assert not finish_purge(home)


def test_the_last_article_can_be_purged_and_another_be_taken_in(home: Path, encoder: HashEncoder) -> None:
    take(home, SECRET)
    purge(home, [SECRET.id])
    assert traces(home, SECRET) == set()
    with opened(home) as (archive, index):
        assert (archive.passage_count(), index.count()) == (0, 0)
    assert take(home, story("kabul")).added == 1
    assert_agree(home)


def test_a_reader_in_the_midst_of_a_query_makes_the_purge_say_so_and_repeating_it_ends_it(
    home: Path, encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(home, SECRET, story("kabul"))
    init = Removal.__init__

    def impatient(archive: Removal, folder: Path) -> None:
        init(archive, folder)
        archive._db.execute("PRAGMA busy_timeout = 0")

    monkeypatch.setattr(Removal, "__init__", impatient)
    reader = sqlite3.connect(home / FILE)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM versions").fetchone()
    with pytest.raises(ArchiveError, match=r"their words may still be in the files.*repeat the command"):
        purge(home, [SECRET.id])
    assert statuses(home) == {"kabul": "current"}
    assert traces(home, SECRET)
    reader.close()
    assert purge(home, [SECRET.id]).purged == (SECRET.id,)
    assert traces(home, SECRET) == set()


def test_an_open_index_is_told_of_and_holds_no_words(home: Path, encoder: HashEncoder) -> None:
    take(home, SECRET, story("kabul"))
    with opened(home) as (archive, index):
        assert purge(home, [SECRET.id]).readers == (os.getpid(),)
        assert {name for name in traces(home, SECRET) if " as float32" not in name} == set()
        assert {
            p.article for key, _ in index.query(bag_of_words(SECRET.text), 9) for p in archive.passages("key", [key])
        } == {"kabul"}
    assert traces(home, SECRET) == set()


@pytest.mark.parametrize("take_out", [withdraw, purge])
def test_an_article_goes_out_of_the_answers_even_when_the_index_is_gone(
    home: Path, encoder: HashEncoder, take_out: Any
) -> None:
    take(home, SECRET, story("kabul"))
    shutil.rmtree(home / FOLDER)
    with pytest.raises(IndexMissing, match="run: onrecord rebuild, then repeat this command"):
        take_out(home, [SECRET.id])
    archive = Archive(home)
    assert [info.article for info in archive.articles()] == ["kabul"]
    archive.close()
    pipeline.rebuild(home, SETTINGS)
    take_out(home, [SECRET.id])
    assert (traces(home, SECRET) == set()) == (take_out is purge)
    assert_agree(home)


def test_a_folder_that_cannot_be_removed_is_named(
    home: Path, encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(home, SECRET, story("kabul"))
    with monkeypatch.context() as patch:
        patch.setattr("ingest.index.shutil.rmtree", lambda *_, **__: None)
        with pytest.raises(ArchiveError, match=r"removed-\w+ cannot be removed.*repeat the command"):
            purge(home, [SECRET.id])
    purge(home, [SECRET.id])
    assert traces(home, SECRET) == set()
    assert len(list((home / FOLDER).iterdir())) == 1 + (home / FOLDER / "copies").exists()


# Interruptions

POINTS = {
    "before the rows are deleted": (Removal, "forget"),
    "in the midst of the rows": (Removal, "set_meta"),
    "after the rows are deleted": (Removal, "forget"),
    "after the files are cleaned": (Removal, "wipe"),
    "while the index is copied": (IndexWriter, "_mostly_live"),
    "after the index is copied": (IndexWriter, "_mostly_live"),
    "before the index is closed": (IndexWriter, "close"),
    "after the index is closed": (IndexWriter, "close"),
    "before the older indexes go": (withdrawing, "remove_older"),
    "after the older indexes are gone": (withdrawing, "remove_older"),
    "after the note is dropped": (Removal, "end_purge"),
}
NOT_BEGUN = {"before the rows are deleted", "in the midst of the rows"}


def die_at_every_point(folder: Path) -> None:
    """In a process of its own: purges in a child for each point, which kills itself there."""
    import chromadb  # noqa: F401  # once, before the children
    from test_ingest_pipeline import _die_in

    for point, (owner, name) in POINTS.items():
        child = os.fork()
        if child == 0:
            try:
                setattr(pipeline, "Encoder", HashEncoder)  # noqa: B010
                take(folder / point, SECRET, story("kabul"))
                _die_in(owner, name, at_call=1, after="after" in point)  # type: ignore[arg-type]
                purge(folder / point, [SECRET.id])
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        sys.stdout.write(f"{point} {'killed' if killed else status}\n")


def test_a_purge_that_is_killed_at_any_point_leaves_a_home_that_opens_and_the_same_call_ends_it(
    tmp_path: Path, encoder: HashEncoder, start_python: StartPython
) -> None:
    code = "import sys, pathlib, test_ingest_withdrawing as t; t.die_at_every_point(pathlib.Path(sys.argv[1]))"
    out, _ = start_python(code, tmp_path).communicate(timeout=120)
    assert out.splitlines() == [f"{point} killed" for point in POINTS]
    for point in POINTS:
        home = tmp_path / point
        assert_agree(home)
        assert (SECRET.id in statuses(home)) == (point in NOT_BEGUN), point
        if point == "after the note is dropped":
            with pytest.raises(ArticleNotFound):
                purge(home, [SECRET.id])
        else:
            assert traces(home, SECRET) or point.startswith("after the"), point
            assert purge(home, [SECRET.id]).purged == (SECRET.id,)
        assert traces(home, SECRET) == set(), point
        assert statuses(home) == {"kabul": "current"}, point
        assert len(generations(home)) == 1, point
        assert_agree(home)
        assert take(home, SECRET, story("kabul")).added == 1


@pytest.fixture
def after_the_rows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What takes out is interrupted when the rows have gone."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(withdrawing, "_renew_index", interrupt)
        yield


@pytest.mark.usefixtures("after_the_rows")
def test_an_interrupted_withdrawal_is_in_force(home: Path, encoder: HashEncoder) -> None:
    take(home, story("kabul"), story("lahore"))
    with pytest.raises(KeyboardInterrupt):
        withdraw(home, ["kabul"])
    assert all("lahore" in text for text in found(home, "kabul"))
    assert withdraw(home, ["kabul"]).unchanged == ("kabul",)
    assert_agree(home)


def test_an_ingest_after_an_interrupted_purge_does_no_harm_to_it(
    home: Path, encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(home, SECRET, story("kabul"))
    with monkeypatch.context() as patch:
        patch.setattr(Removal, "wipe", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            purge(home, [SECRET.id])
    take(home, story("lahore"))
    assert traces(home, SECRET)
    purge(home, [SECRET.id])
    assert traces(home, SECRET) == set()
    assert statuses(home) == {"kabul": "current", "lahore": "current"}
    assert_agree(home)


# While others read

READ = """
import sys, pathlib
from ingest.archive import Archive
from ingest.index import VectorIndex
home = pathlib.Path(sys.argv[1])
archive = Archive(home)
index = VectorIndex(home, archive.meta("generation"))
print(len(archive.articles()), index.count(), flush=True)
sys.stdin.readline()
print(len(archive.articles()), index.count(), flush=True)
"""


@pytest.mark.parametrize("take_out", [withdraw, purge])
def test_a_process_that_has_the_home_open_sees_it_at_once_and_keeps_its_index(
    home: Path, encoder: HashEncoder, start_python: StartPython, take_out: Any
) -> None:
    take(home, SECRET, story("kabul"))
    reader = start_python(READ, home)
    assert reader.stdout is not None
    assert reader.stdout.readline() == "2 4\n"
    done = take_out(home, [SECRET.id])
    assert take_out is withdraw or done.readers == (reader.pid,)
    left, _ = reader.communicate("go on\n", timeout=30)
    assert left == "1 4\n"
    assert {name for name in traces(home, SECRET) if take_out is purge} == set()
    with opened(home) as (archive, index):
        assert isinstance(index, VectorIndex)
        assert archive.passage_count() == 3
