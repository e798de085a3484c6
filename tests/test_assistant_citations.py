"""Addresses: there and back."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import HashEncoder
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.citations import FIELDS, Address, citation, look_up, metadata_citation, parse
from ingest.archive import FILE, Archive
from ingest.errors import CitationNotFound
from ingest.loading import Article
from ingest.pipeline import ingest
from ingest.records import Source
from ingest.settings import IngestSettings

VERSION = "0123456789ab"
ARTICLE = Article(
    "wire: ferry/1 @dawn",
    "By ANA LILL\n\nThe ferry left at dawn. 🚢 It came back at noon.",
    author="Ana Lill",
    outlet="The Sound",
    published="2021-05-03",
    body_start=13,
)

any_id = st.text(st.one_of(st.sampled_from("@:#/ -é🚢"), st.characters(exclude_categories=["Cs"])), min_size=1)
spans = st.tuples(st.integers(0, 10**9), st.integers(1, 10**6)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@pytest.fixture
def archive(encoder: HashEncoder, tmp_path: Path) -> Iterator[Archive]:
    ingest(tmp_path, [ARTICLE], IngestSettings())
    opened = Archive(tmp_path)
    yield opened
    opened.close()


def source_of(archive: Archive) -> Source:
    found = archive.source(ARTICLE.id)
    assert found is not None
    return found


@given(any_id, spans)
@example("a@0123456789ab:1-2", (3, 4))
@example("a#title", (0, 1))
@example(" spaced ", (0, 1))
def test_an_address_of_any_article_comes_back_as_it_was(article: str, span: tuple[int, int]) -> None:
    address = Address(article, VERSION, span=span)
    assert parse(str(address)) == address


@given(any_id, st.sampled_from(FIELDS))
def test_an_address_of_metadata_comes_back_as_it_was(article: str, field: str) -> None:
    address = Address(article, VERSION, field=field)
    assert parse(str(address)) == address


def test_white_space_behind_a_pasted_address_does_not_matter() -> None:
    assert parse(f"ferry@{VERSION}:1-2\n") == Address("ferry", VERSION, span=(1, 2))


@given(st.text())
def test_any_text_is_an_address_or_not_found(text: str) -> None:
    with suppress(CitationNotFound):
        assert str(parse(text)) == text.strip()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "'@'"),
        ("ferry", "'@'"),
        (f"@{VERSION}:1-2", "'@'"),
        ("ferry@0123:1-2", "'0123'"),
        ("ferry@0123456789AB:1-2", "'0123456789AB'"),
        (f"ferry@{VERSION}#body", "'body'"),
        (f"ferry@{VERSION}:x-2", "'x-2'"),
        (f"ferry@{VERSION}:2-2", "'2-2'"),
        (f"ferry@{VERSION}:3-2", "'3-2'"),
        (f"ferry@{VERSION}", "range"),
    ],
)
def test_a_bad_address_names_its_bad_part(text: str, part: str) -> None:
    with pytest.raises(CitationNotFound, match=re.escape(part)):
        parse(text)


def test_an_address_gives_its_words_in_their_context(archive: Archive) -> None:
    text = source_of(archive).text
    start = text.index("🚢")
    cited = look_up(archive, f"{ARTICLE.id}@{ARTICLE.version}:{start}-{start + 1}")
    assert (cited.quote, cited.status) == ("🚢", "current")
    assert cited.before + cited.quote + cited.after == text
    assert (cited.author, cited.outlet, cited.published) == ("Ana Lill", "The Sound", "2021-05-03")


def test_context_is_300_characters_on_each_side(encoder: HashEncoder, tmp_path: Path) -> None:
    text = "a" * 400 + " b " + "c" * 400
    ingest(tmp_path, [Article("long", text)], IngestSettings())
    archive = Archive(tmp_path)
    cited = look_up(archive, f"long@{Article('long', text).version}:401-402")
    archive.close()
    assert (cited.before, cited.quote, cited.after) == ("a" * 299 + " ", "b", " " + "c" * 299)


@pytest.mark.parametrize(
    ("address", "part"),
    [
        (f"other@{VERSION}:0-1", "No article 'other'"),
        (f"{ARTICLE.id}@{VERSION}:0-1", f"no version {VERSION}"),
        (f"{ARTICLE.id}@{ARTICLE.version}:0-9999", "0-9999"),
        (f"{ARTICLE.id}@{ARTICLE.version}#title", "title"),
    ],
)
def test_an_unknown_part_of_an_address_is_named(archive: Archive, address: str, part: str) -> None:
    with pytest.raises(CitationNotFound, match=re.escape(part)):
        look_up(archive, address)


def test_a_citation_of_an_older_version_is_superseded_and_keeps_its_words(
    archive: Archive, encoder: HashEncoder
) -> None:
    old = citation(source_of(archive), (13, 36), marker=1, score=0.5)
    ingest(archive.home, [replace(ARTICLE, text=ARTICLE.text.replace("dawn", "ten"))], IngestSettings())
    cited = look_up(archive, old.id)
    assert cited.quote == old.quote == "The ferry left at dawn."
    assert cited.status == "superseded"


def test_a_citation_of_an_article_that_was_taken_out_is_withdrawn(archive: Archive) -> None:
    cited = citation(source_of(archive), (13, 36), marker=1, score=0.5)
    with sqlite3.connect(archive.home / FILE) as db:
        db.execute("UPDATE articles SET current = NULL")
    db.close()
    assert look_up(archive, cited.id).status == "withdrawn"
    assert look_up(archive, cited.id).quote == cited.quote


def test_metadata_that_stands_before_the_body_is_cited_by_its_slice(archive: Archive) -> None:
    source = source_of(archive)
    cited = metadata_citation(source, "author", marker=1)
    assert cited is not None
    assert (cited.start, cited.end, cited.quote) == (3, 11, "ANA LILL")
    assert look_up(archive, cited.id).quote == "ANA LILL"


def test_metadata_that_stands_nowhere_is_cited_by_its_field(archive: Archive) -> None:
    cited = metadata_citation(source_of(archive), "outlet", marker=2)
    assert cited is not None
    assert cited.id == f"{ARTICLE.id}@{ARTICLE.version}#outlet"
    assert (cited.start, cited.end, cited.quote, cited.marker) == (None, None, "The Sound", 2)
    assert look_up(archive, cited.id).quote == "The Sound"


def test_metadata_that_is_not_stated_has_no_citation(archive: Archive) -> None:
    assert metadata_citation(source_of(archive), "title", marker=1) is None


def test_metadata_that_is_an_empty_text_has_no_citation(archive: Archive) -> None:
    assert metadata_citation(replace(source_of(archive), title=""), "title", marker=1) is None


def test_metadata_is_not_found_inside_a_longer_word(archive: Archive) -> None:
    source = replace(source_of(archive), outlet="AP", text="APRIL 2021. " + source_of(archive).text)
    cited = metadata_citation(source, "outlet", marker=1)
    assert cited is not None
    assert cited.start is None
