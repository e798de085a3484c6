"""The quote layer of grounding: an address is looked up again, whatever the citation says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import HashEncoder

from assistant.citations import citation
from assistant.grounding.quotes import judge_quote
from assistant.types import Citation
from ingest.archive import Archive
from ingest.loading import Article
from ingest.pipeline import ingest
from ingest.settings import IngestSettings

TEXT = "The ferry left at dawn. It came back at noon."
QUOTE = "The ferry left at dawn."


@pytest.fixture
def archive(encoder: HashEncoder, tmp_path: Path) -> Iterator[Archive]:
    ingest(tmp_path, [Article("ferry", TEXT)], IngestSettings())
    opened = Archive(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def cited(archive: Archive) -> Citation:
    source = archive.source("ferry")
    assert source is not None
    return citation(source, (0, len(QUOTE)), marker=1, score=1.0)


def test_a_quote_that_stands_at_its_address_is_quoted(archive: Archive, cited: Citation) -> None:
    assert judge_quote(QUOTE, [cited], archive) == ("quoted", ())


@pytest.mark.parametrize("altered", ["The ferry left at noon.", "The ferry left at dawn", "the ferry left at dawn."])
def test_an_altered_quote_is_unsupported_and_the_reason_has_both(
    archive: Archive, cited: Citation, altered: str
) -> None:
    verdict, reasons = judge_quote(altered, [replace(cited, quote=altered)], archive)
    assert verdict == "unsupported"
    assert [(r.kind, r.claim, r.evidence) for r in reasons] == [("altered", altered, QUOTE)]


def test_a_wrong_address_is_unsupported_and_the_reason_names_it(archive: Archive, cited: Citation) -> None:
    wrong = replace(cited, id=cited.id.replace("ferry@", "boat@"))
    verdict, reasons = judge_quote(QUOTE, [wrong], archive)
    assert verdict == "unsupported"
    assert reasons[0].kind == "no_such_citation"
    assert "'boat'" in reasons[0].evidence


def test_an_address_of_other_words_is_unsupported(archive: Archive, cited: Citation) -> None:
    verdict, reasons = judge_quote(QUOTE, [replace(cited, id=cited.id.replace(":0-23", ":0-22"))], archive)
    assert verdict == "unsupported"
    assert reasons[0].evidence == QUOTE[:-1]


def test_a_sentence_without_citations_is_unsupported(archive: Archive) -> None:
    verdict, reasons = judge_quote(QUOTE, [], archive)
    assert (verdict, reasons[0].kind) == ("unsupported", "no_citation")


def test_one_right_citation_among_wrong_ones_is_enough(archive: Archive, cited: Citation) -> None:
    wrong = replace(cited, id="nonsense")
    assert judge_quote(QUOTE, [wrong, cited], archive)[0] == "quoted"
