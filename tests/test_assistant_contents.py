"""What ranking knows of a passage, and that a title is found without being encoded into its passages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fakes import HashEncoder, bag_of_words

from assistant.contents import HEADING_SHARE, Contents, ContentsCache, pairs
from ingest.archive import Archive
from ingest.loading import Article
from ingest.pipeline import ingest
from ingest.report import IngestReport
from ingest.settings import IngestSettings

TEXT = "The ferry left at dawn. It carried apples."


def take(home: Path, *articles: Article) -> IngestReport:
    return ingest(home, articles, IngestSettings())


def contents_of(home: Path, encoder: HashEncoder, kept: int = 10) -> tuple[ContentsCache, Contents, Archive]:
    archive = Archive(home)
    cache = ContentsCache(archive, encoder, kept)  # type: ignore[arg-type]
    (contents,) = cache.of(archive.passages("article", ["a"])).values()
    return cache, contents, archive


def test_a_sentence_stands_under_its_title(tmp_path: Path, encoder: HashEncoder) -> None:
    take(tmp_path, Article("a", TEXT, title="Harbour news"))
    _, contents, archive = contents_of(tmp_path, encoder)
    wanted = [bag_of_words(s) + HEADING_SHARE * bag_of_words("Harbour news") for s in TEXT.split(". ")]
    for found, vector in zip(contents.sentences, wanted, strict=True):
        assert found == pytest.approx(vector / np.linalg.norm(vector), abs=1e-2)
    archive.close()


def test_without_a_title_sentences_are_as_stored(tmp_path: Path, encoder: HashEncoder) -> None:
    take(tmp_path, Article("a", TEXT))
    _, contents, archive = contents_of(tmp_path, encoder)
    assert contents.sentences[0] == pytest.approx(bag_of_words("The ferry left at dawn."), abs=1e-2)
    archive.close()


def test_stems_and_pairs_are_those_of_title_and_text(tmp_path: Path, encoder: HashEncoder) -> None:
    take(tmp_path, Article("a", TEXT, title="Harbour news"))
    _, contents, archive = contents_of(tmp_path, encoder)
    assert {"harbour", "ferri", "appl"} <= contents.stems
    assert {("harbour", "new"), ("the", "ferri"), ("carri", "appl")} <= contents.pairs
    assert ("new", "the") not in contents.pairs  # the title does not run on into the text
    archive.close()


def test_pairs_of_a_question_hold_a_word_with_a_meaning() -> None:
    assert pairs("What is the Durand Line of the Durand Line?") == [
        ("the", "durand"), ("durand", "line"), ("line", "of"),
    ]  # fmt: skip
    assert pairs("") == []


def test_a_new_title_embeds_nothing_and_is_found_at_once(tmp_path: Path, encoder: HashEncoder) -> None:
    take(tmp_path, Article("a", TEXT, title="Harbour news"))
    before = len(encoder.encoded)
    report = take(tmp_path, Article("a", TEXT, title="Shipping forecast"))
    assert (report.updated, report.embedded, len(encoder.encoded)) == (1, 0, before)
    _, contents, archive = contents_of(tmp_path, encoder)
    assert archive.unknown_headings() == ["Shipping forecast"]
    wanted = bag_of_words("The ferry left at dawn.") + HEADING_SHARE * bag_of_words("Shipping forecast")
    assert contents.sentences[0] == pytest.approx(wanted / np.linalg.norm(wanted), abs=1e-2)
    archive.close()
    take(tmp_path, Article("b", "Something else entirely happened here."))
    archive = Archive(tmp_path)
    assert archive.unknown_headings() == []  # stored by the next ingest that encodes anything
    archive.close()


def test_no_more_than_the_limit_are_remembered(tmp_path: Path, encoder: HashEncoder) -> None:
    take(tmp_path, Article("a", TEXT), *(Article(f"b{i}", f"{TEXT} Number {i}.") for i in range(5)))
    cache, first, archive = contents_of(tmp_path, encoder, kept=3)
    passages = archive.passages("article", ["a", *(f"b{i}" for i in range(5))])
    assert len(cache.of(passages)) == 6
    assert len(cache._kept) == 3
    (again,) = cache.of(passages[:1]).values()
    assert np.array_equal(again.sentences, first.sentences)
    archive.close()
