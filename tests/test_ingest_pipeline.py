"""Articles into archive and index, over a real SQLite and a real Chroma; only the encoder is a stand-in."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import StartPython
from fakes import HashEncoder, bag_of_words

import ingest.pipeline as pipeline
from ingest.archive import FILE, Archive
from ingest.errors import ArchiveError, IndexMissing, IndexStale, ModelUnavailable
from ingest.index import FOLDER, IndexWriter, VectorIndex
from ingest.loading import Article, Failure
from ingest.report import IngestReport
from ingest.settings import IngestSettings

SETTINGS = IngestSettings()


def story(name: str, paragraphs: int = 3, **stated: Any) -> Article:
    """An article of `paragraphs` passages of some 130 words, all different."""
    parts = [[f"Part {part} goes on about {name}{n} for a while." for part in range(13)] for n in range(paragraphs)]
    lines = [f"Paragraph {n} of {name} begins. {' '.join(more)}" for n, more in enumerate(parts)]
    return Article(name, "\n\n".join(lines), **stated)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "a home"


@contextmanager
def opened(home: Path) -> Iterator[tuple[Archive, VectorIndex]]:
    archive = Archive(home)
    index = VectorIndex(home, archive.meta("generation") or "")
    try:
        yield archive, index
    finally:
        index.close()
        archive.close()


def take(home: Path, *articles: Article | Failure, settings: IngestSettings = SETTINGS) -> IngestReport:
    return pipeline.ingest(home, articles, settings)


def found(home: Path, text: str) -> list[str]:
    """The texts of the passages whose vectors are nearest, best first."""
    with opened(home) as (archive, index):
        by_key = {
            p.key: p.text for key, _ in index.query(bag_of_words(text), 5) for p in archive.passages("key", [key])
        }
        return [by_key[key] for key, _ in index.query(bag_of_words(text), 5) if key in by_key]


def generations(home: Path) -> set[str]:
    return {folder.name for folder in (home / FOLDER).glob("generation-*")}


def assert_agree(home: Path) -> None:
    """Every current passage slices back, has its vector in the index and its sentences in the archive."""
    with opened(home) as (archive, index):
        live = archive.live_keys()
        vectors = index.vectors(sorted(live))
        assert set(vectors) == live
        for info in archive.articles():
            source = archive.source(info.article)
            assert source is not None
            passages = archive.passages("article", [info.article])
            assert len(passages) == info.passages
            for passage in passages:
                assert source.text[passage.start : passage.end] == passage.text
                assert passage.version == source.version
                assert vectors[passage.key] == pytest.approx(bag_of_words(passage.text), abs=1e-6)
                for sentence in archive.sentences([passage.number]):
                    expected = bag_of_words(source.text[sentence.start : sentence.end])
                    assert sentence.vector == pytest.approx(expected, abs=1e-3)


# Taking in


def test_an_article_can_be_read_and_found(home: Path, encoder: HashEncoder) -> None:
    report = take(home, story("kabul"), story("lahore"))
    of_each = [{"path": None, "article": name, "outcome": "added", "reason": None} for name in ("kabul", "lahore")]
    assert report.to_json() == {
        "added": 2, "updated": 0, "unchanged": 0, "failed": [], "passages": 6, "embedded": 6, "notes": [], "articles": of_each,
    }  # fmt: skip
    assert "of lahore begins" in found(home, "lahore")[0]
    assert_agree(home)


def test_ingesting_twice_changes_nothing(home: Path, encoder: HashEncoder) -> None:
    take(home, story("kabul"), story("lahore"))
    before, published, encoded = contents(home), generations(home), len(encoder.encoded)
    report = take(home, story("kabul"), story("lahore"))
    assert (report.added, report.updated, report.unchanged, report.embedded) == (0, 0, 2, 0)
    assert (contents(home), generations(home), len(encoder.encoded)) == (before, published, encoded)


def test_an_unchanged_article_is_not_written_again(
    home: Path, encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each write of its own waits for the disk: thousands of unchanged articles would take as long as new ones."""
    take(home, story("kabul", examples=("Why?",)))
    before = (home / FILE).stat().st_mtime_ns, changes(home)
    take(home, story("kabul", examples=("Why?",)))
    assert ((home / FILE).stat().st_mtime_ns, changes(home)) == before


def changes(home: Path) -> bytes:
    """SQLite's own counter of changes to the file, bytes 24 to 28 of its head."""
    return (home / FILE).read_bytes()[24:28]


def contents(home: Path) -> list[str]:
    db = sqlite3.connect(home / FILE)
    try:
        return list(db.iterdump())
    finally:
        db.close()


def test_new_examples_are_kept_without_a_new_version(home: Path, encoder: HashEncoder) -> None:
    take(home, story("kabul"))
    assert take(home, story("kabul", examples=("Why?",))).unchanged == 1
    archive = Archive(home)
    assert [info.examples for info in archive.articles()] == [("Why?",)]
    archive.close()


def test_a_changed_article_leaves_old_citations_readable(home: Path, encoder: HashEncoder) -> None:
    old, new = story("kabul"), replace(story("lahore"), id="kabul")
    take(home, old)
    report = take(home, new)
    assert (report.added, report.updated, report.passages) == (0, 1, 3)
    archive = Archive(home)
    before, now = archive.source("kabul", old.version), archive.source("kabul")
    archive.close()
    assert before is not None
    assert now is not None
    assert (before.text, before.status) == (old.text, "superseded")
    assert (now.text, now.status) == (new.text, "current")


def test_an_old_version_is_out_of_search(home: Path, encoder: HashEncoder) -> None:
    take(home, story("kabul"))
    take(home, replace(story("lahore"), id="kabul"))
    assert all("lahore" in text for text in found(home, "kabul"))
    archive = Archive(home)
    assert archive.lexical(["kabul"], 5) == []
    assert len(archive.lexical(["lahore"], 5)) == 3
    archive.close()
    assert_agree(home)


@pytest.mark.parametrize("stated", [{"title": "T"}, {"author": "A"}, {"published": "2024"}, {"description": "D"}])
def test_a_change_of_metadata_makes_a_new_version_and_embeds_nothing(
    home: Path, encoder: HashEncoder, stated: dict[str, Any]
) -> None:
    take(home, story("kabul"))
    report = take(home, story("kabul", **stated))
    assert (report.updated, report.embedded, len(encoder.encoded)) == (1, 0, 3)
    archive = Archive(home)
    assert archive.source("kabul") != archive.source("kabul", story("kabul").version)
    archive.close()
    assert_agree(home)


def test_an_edited_paragraph_is_the_only_one_that_is_embedded(home: Path, encoder: HashEncoder) -> None:
    take(home, story("kabul", 5))
    changed = story("kabul", 5).text.replace("Paragraph 2 of kabul begins.", "Paragraph 2 of kabul ends.")
    assert take(home, Article("kabul", changed)).embedded == 1
    assert_agree(home)


def test_going_back_to_an_earlier_text_makes_its_version_current_again(home: Path, encoder: HashEncoder) -> None:
    first, second = story("kabul"), replace(story("lahore"), id="kabul")
    for article in (first, second, first):
        take(home, article)
        assert_agree(home)
    archive = Archive(home)
    statuses = {a.version: source.status for a in (first, second) if (source := archive.source("kabul", a.version))}
    archive.close()
    assert statuses == {first.version: "current", second.version: "superseded"}
    assert "of kabul begins" in found(home, "kabul")[0]


def test_equal_articles_are_encoded_once_and_both_are_found(home: Path, encoder: HashEncoder) -> None:
    wire = story("kabul").text
    report = take(home, Article("one", wire), Article("two", wire))
    assert (report.added, report.passages, report.embedded, len(encoder.encoded)) == (2, 6, 3, 3)
    take(home, Article("three", wire), Article("one", "Another text."))
    assert len(encoder.encoded) == 4
    with opened(home) as (archive, index):
        (key, _), *_ = index.query(bag_of_words("Paragraph 1 of kabul begins. kabul1"), 1)
        assert [p.article for p in archive.passages("key", [key])] == ["three", "two"]
    assert_agree(home)


def test_a_failed_article_does_not_stop_the_batch(home: Path, encoder: HashEncoder) -> None:
    failure = Failure("b.txt", "b.txt: holds no text; ingest a file that does.")
    report = take(home, story("kabul"), failure, story("lahore"))
    assert (report.added, report.failed) == (2, [failure])
    assert report.to_json()["failed"] == [{"path": "b.txt", "reason": failure.reason}]


def test_an_article_whose_body_has_no_sentence_is_kept_for_its_metadata(home: Path, encoder: HashEncoder) -> None:
    take(home, Article("rule", "* * *", title="T", markup="markdown"), story("kabul"))
    archive = Archive(home)
    assert {info.article: info.passages for info in archive.articles()} == {"kabul": 3, "rule": 0}
    archive.close()
    assert take(home, Article("rule", "* * *", title="T", markup="markdown")).unchanged == 1


def test_a_passage_without_words_does_no_harm(home: Path, encoder: HashEncoder) -> None:
    take(home, Article("dots", "…\n\n\u200b\n\n😀"))
    assert_agree(home)


def test_of_two_articles_with_one_id_the_last_wins_each_time(home: Path, encoder: HashEncoder) -> None:
    first, last = story("kabul"), replace(story("lahore"), id="kabul")
    for _ in range(3):
        take(home, first, last)
        archive = Archive(home)
        source = archive.source("kabul")
        archive.close()
        assert source is not None
        assert source.version == last.version


def test_progress_is_told_of_every_article_and_of_the_passages_being_encoded(
    home: Path, encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "ENCODE_AT_ONCE", 4)
    take(home, story("unchanged"))
    told: list[tuple[str, int, int | None]] = []
    articles: list[Article | Failure] = [story("unchanged"), Failure("b.txt", "no"), story("kabul"), story("lahore")]
    pipeline.ingest(home, articles, SETTINGS, lambda *said: told.append(said))
    assert [done for what, done, _ in told if what == "articles"] == [1, 2, 3, 4]
    assert [(done, total) for what, done, total in told if what == "passages"] == [(4, 6), (6, 6)]


# Interruptions


def test_an_exception_in_the_midst_keeps_what_was_committed_and_nothing_of_the_rest(
    home: Path, encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "COMMIT_EVERY", 6)

    def articles() -> Iterator[Article]:
        yield from (story("a"), story("b"), story("c"))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pipeline.ingest(home, articles(), SETTINGS)
    archive = Archive(home)
    assert [info.article for info in archive.articles()] == ["a", "b"]
    archive.close()
    assert_agree(home)
    assert take(home, story("a"), story("b"), story("c")).added == 1


@pytest.mark.parametrize("step", ["encode", "store"])
def test_a_batch_that_fails_leaves_archive_and_index_as_they_were(
    home: Path, encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no room")

    take(home, story("a"))
    before = contents(home), generations(home)
    with monkeypatch.context() as patch:
        if step == "encode":
            patch.setattr(encoder, "encode_passages", fail)
        else:
            patch.setattr(Archive, "_store_passage", fail)
        with pytest.raises(RuntimeError, match="no room"):
            take(home, story("a", title="T"), story("b"))
    assert (contents(home), generations(home)) == before
    assert take(home, story("a", title="T"), story("b")).added == 1
    assert_agree(home)


def test_a_fault_of_the_disk_in_the_commit_is_an_archive_error(
    home: Path, encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(home, story("a"))
    archive = Archive(home)
    try:
        with pytest.raises(ArchiveError, match="restore it from a backup"), archive.transaction():  # noqa: PT012
            archive.set_examples("a", [])
            archive._db.execute("UPDATE articles SET current = 'no such version'")
    finally:
        archive.close()
    assert_agree(home)


def test_an_interrupt_just_after_the_commit_keeps_the_index_that_was_published(
    home: Path, encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    transaction = Archive.transaction

    @contextmanager
    def interrupted(archive: Archive) -> Iterator[None]:
        with transaction(archive):
            yield
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Archive, "transaction", interrupted)
        with pytest.raises(KeyboardInterrupt):
            take(home, story("a"))
    assert_agree(home)


NAMES = [f"article{n}" for n in range(6)]
POINTS = {
    "while encoding": (HashEncoder, "encode_passages"),
    "while filling the index": (IndexWriter, "add"),
    "before the index is closed": (IndexWriter, "close"),
    "after the index is closed": (IndexWriter, "close"),
    "in the midst of storing": (Archive, "store"),
    "before the commit": (Archive, "set_meta"),
    "after the commit": (pipeline._Run, "_commit"),
}


def die_at_every_point(folder: Path) -> None:
    """In a process of its own: ingests two batches in a child for each point, which kills itself there in the second."""
    import chromadb  # noqa: F401  # once, before the children

    pipeline.COMMIT_EVERY = 9
    setattr(pipeline, "Encoder", HashEncoder)  # noqa: B010
    for point, (owner, name) in POINTS.items():
        child = os.fork()
        if child == 0:
            try:
                _die_in(
                    owner,
                    name,
                    at_call=5 if name == "store" else 4 if name == "set_meta" else 2,
                    after="after" in point,
                )
                pipeline.ingest(folder / point, [story(name) for name in NAMES], SETTINGS)
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        sys.stdout.write(f"{point} {'killed' if killed else status}\n")


def _die_in(owner: type, name: str, at_call: int, after: bool) -> None:
    method: Callable[..., Any] = getattr(owner, name)
    calls = []

    def dying(*args: Any, **kwargs: Any) -> Any:
        calls.append(name)
        if len(calls) == at_call and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = method(*args, **kwargs)
        if len(calls) == at_call:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, dying)


def test_a_process_killed_at_any_point_leaves_each_article_wholly_in_or_wholly_out(
    tmp_path: Path, encoder: HashEncoder, start_python: StartPython
) -> None:
    code = "import sys, pathlib, test_ingest_pipeline as t; t.die_at_every_point(pathlib.Path(sys.argv[1]))"
    printed, _ = start_python(code, tmp_path).communicate(timeout=60)
    assert printed.splitlines() == [f"{point} killed" for point in POINTS]
    for point in POINTS:
        home = tmp_path / point
        assert_agree(home)
        archive = Archive(home)
        kept = [info.article for info in archive.articles()]
        archive.close()
        assert kept == (NAMES if point == "after the commit" else NAMES[:3]), point
        published = generations(home)
        report = take(home, *map(story, [*NAMES, "one more"]))
        assert (report.added, report.unchanged) == (7 - len(kept), len(kept)), point
        assert_agree(home)
        assert len(generations(home)) == 2, point  # the one in force and the one before it
        assert len(generations(home) & published) == 1, point
        assert list((home / FOLDER / "copies").iterdir()) == [], point


# Settings, and the index made anew


@pytest.mark.parametrize("name", ["ingest.passage_tokens", "ingest.model", "sentence splitter", "index layout"])
def test_an_index_made_under_other_settings_is_refused_by_name(
    home: Path, encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    take(home, story("kabul"))
    settings = change(name, encoder, monkeypatch)
    with pytest.raises(IndexStale, match=rf"{name} \(index: .*, now: .*onrecord rebuild") as refused:
        take(home, story("lahore"), settings=settings)
    assert str(refused.value).count("(index: ") == 1


def change(name: str, encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch) -> IngestSettings:
    if name == "ingest.model":
        encoder.sha256 = "6" * 64
    elif name == "sentence splitter":
        monkeypatch.setattr(pipeline, "splitter_name", lambda: "nupunkt 99")
    elif name == "index layout":
        monkeypatch.setattr("ingest.settings.LAYOUT", 99)
    return IngestSettings(passage_tokens=100) if name == "ingest.passage_tokens" else SETTINGS


def test_rebuilding_mends_other_settings_and_keeps_old_citations(home: Path, encoder: HashEncoder) -> None:
    old, new = story("kabul"), replace(story("lahore"), id="kabul", title="T", published="2024", examples=("Why?",))
    take(home, old)
    take(home, new, Article("note", "# Head\n\nBody.", markup="markdown", body_start=0))
    before = len(encoder.encoded)
    smaller = IngestSettings(passage_tokens=60)
    report = pipeline.rebuild(home, smaller)
    assert report.passages == report.embedded == len(encoder.encoded) - before > 4
    assert_agree(home)
    archive = Archive(home)
    source, info = archive.source("kabul", old.version), archive.article("kabul")
    archive.close()
    assert source is not None
    assert (source.text, source.status, info) == (old.text, "superseded", new)
    assert take(home, new, settings=smaller).unchanged == 1
    with pytest.raises(IndexStale):
        take(home, new)


def test_rebuilding_under_the_same_settings_gives_the_same_passages(home: Path, encoder: HashEncoder) -> None:
    take(home, story("kabul"), Article("note", "# Head\n\nBody.", markup="markdown"))

    def stored() -> list[tuple[str, int, int, str]]:
        archive = Archive(home)
        passages = archive.passages("article", ["kabul", "note"])
        archive.close()
        return [(p.article, p.start, p.end, p.key) for p in passages]

    before = stored()
    pipeline.rebuild(home, SETTINGS)
    assert stored() == before
    assert_agree(home)


def test_an_interrupted_rebuild_leaves_the_old_index_in_force(
    home: Path, encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(home, story("kabul"))

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(encoder, "encode_passages", interrupt)
        with pytest.raises(KeyboardInterrupt):
            pipeline.rebuild(home, SETTINGS)
    assert_agree(home)


def test_an_index_can_be_opened_while_another_process_rebuilds(
    home: Path, encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(home, story("kabul"))
    encode = encoder.encode_passages

    def looking(*args: Any) -> Any:
        assert found(home, "kabul") != []
        return encode(*args)

    monkeypatch.setattr(encoder, "encode_passages", looking)
    pipeline.rebuild(home, SETTINGS)
    assert_agree(home)


def test_there_is_nothing_to_rebuild_in_a_home_without_an_archive(home: Path, encoder: HashEncoder) -> None:
    with pytest.raises(IndexMissing, match="onrecord ingest"):
        pipeline.rebuild(home, SETTINGS)


def test_rebuilding_mends_an_index_folder_that_is_gone(home: Path, encoder: HashEncoder) -> None:
    take(home, story("kabul"))
    shutil.rmtree(home / FOLDER)
    pipeline.rebuild(home, SETTINGS)
    assert_agree(home)


def test_an_ingest_over_an_index_that_is_gone_hides_no_article(home: Path, encoder: HashEncoder) -> None:
    """Refusing with the remedy is as good as mending it; taking in the new article alone is not."""
    take(home, story("kabul"))
    shutil.rmtree(home / FOLDER)
    with suppress(IndexMissing, IndexStale, ArchiveError):
        take(home, story("lahore"))
        assert_agree(home)


def test_many_passages_can_be_asked_for_at_once(home: Path, encoder: HashEncoder) -> None:
    """SQLite, and Chroma with it, takes 32,766 values a statement; a rebuild asks for all keys of the archive."""
    take(home, story("kabul"))
    with opened(home) as (archive, index):
        (key,) = {p.key for p in archive.passages("article", ["kabul"])[:1]}
        assert set(index.vectors([key, *map(str, range(33_000))])) == {key}
        writer = IndexWriter(home, index.generation, archive.live_keys())
        assert len(writer.missing([key, *map(str, range(33_000))])) == 33_000
        writer.discard()


# Vectors that are no longer needed


def test_vectors_that_nobody_needs_are_left_until_they_are_a_fifth(home: Path, encoder: HashEncoder) -> None:
    take(home, *(story(f"a{n}", 1) for n in range(9)))
    counts = []
    for n in range(4):
        take(home, Article(f"a{n}", f"Other text {n}."))
        assert_agree(home)
        with opened(home) as (archive, index):
            counts.append(index.count())
            assert archive.passage_count() == 9
    # 9 + 1 each time; before the fourth, 3 of 12 are garbage: more than a fifth, so 9 live ones and the new one stay
    assert counts == [10, 11, 12, 10]
    assert len(generations(home)) == 2


def test_a_passage_that_comes_back_after_its_vector_was_dropped_is_embedded_again(
    home: Path, encoder: HashEncoder
) -> None:
    take(home, *(story(f"a{n}", 1) for n in range(4)))
    for n in range(3):
        take(home, Article(f"a{n}", f"Other text {n}."))
    take(home, story("more", 1))
    with opened(home) as (_, index):
        assert index.count() < 8
    take(home, *(story(f"a{n}", 1) for n in range(4)))
    assert_agree(home)


# Weights


def test_without_weights_nothing_is_made_that_looks_like_an_archive(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(model: str) -> None:
        raise ModelUnavailable("no weights")

    monkeypatch.setattr(pipeline, "Encoder", missing)
    with pytest.raises(ModelUnavailable):
        take(home, story("kabul"))
    with pytest.raises(IndexMissing):
        Archive(home)


def test_the_stored_fingerprint_names_all_that_changes_vectors(home: Path, encoder: HashEncoder) -> None:
    take(home, story("kabul"))
    archive = Archive(home)
    stored = json.loads(archive.meta("fingerprint") or "")
    archive.close()
    assert set(stored) == {"ingest.model", "ingest.passage_tokens", "sentence splitter", "index layout"}
    assert stored["ingest.model"] == encoder.sha256
