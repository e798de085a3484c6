"""Addresses: from text to address and back, exactly."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.speakers.of_sentence import speaker_of
from assistant.types import Citation, Cited, Found, SearchResults, Source, Speaker
from ingest.archive import Archive
from ingest.errors import CitationNotFound
from ingest.records import Passage

if TYPE_CHECKING:
    from assistant.retrieval import Hit

FIELDS = ("published", "author", "title", "outlet", "source")
CONTEXT = 300
"""Characters shown on each side of a cited passage."""

_VERSION = re.compile(r"[0-9a-f]{12}")
_OFFSETS = re.compile(r"(\d{1,12})-(\d{1,12})")


@dataclass(frozen=True)
class Address:
    """``<article>@<version>:<start>-<end>``, or ``<article>@<version>#<field>``; exactly one of `span`, `field` is set."""

    article: str
    version: str
    span: tuple[int, int] | None = None
    field: str | None = None

    def __str__(self) -> str:
        place = f"#{self.field}" if self.span is None else f":{self.span[0]}-{self.span[1]}"
        return f"{self.article}@{self.version}{place}"


def passage_address(passage: Passage) -> str:
    """The address of a whole passage."""
    return str(Address(passage.article, passage.version, span=(passage.start, passage.end)))


def search_results(query: str, hits: Sequence[Hit]) -> SearchResults:
    """What a search found, each passage with its address."""
    return SearchResults(
        query,
        tuple(
            Found(passage_address(p), p.article, p.start, p.end, p.text, round(hit.score, 4))
            for hit in hits
            for p in (hit.passage,)
        ),
    )


def parse(text: str) -> Address:
    """The address that a text spells, read from the right: an article's id may hold any of the signs.

    Raises:
        CitationNotFound: It is no address; the message says which part is wrong.
    """
    article, at, rest = text.rstrip().rpartition("@")
    example = "an address looks like ARTICLE@0123456789ab:10-42, as `onrecord ask --json` prints it."
    if not at or not article:
        raise CitationNotFound(f"'{text}' has no '@' after an article's id; {example}")
    version, sign, place = rest.partition("#") if "#" in rest else rest.partition(":")
    if not _VERSION.fullmatch(version):
        raise CitationNotFound(f"'{version}' is not a version (12 hex digits); {example}")
    if sign == "#" and place in FIELDS:
        return Address(article, version, field=place)
    if sign == "#":
        raise CitationNotFound(f"'{place}' is not a field of metadata; the fields are {', '.join(FIELDS)}.")
    offsets = _OFFSETS.fullmatch(place)
    if not offsets or int(offsets[1]) >= int(offsets[2]):
        raise CitationNotFound(f"'{place}' is not a range such as 10-42; {example}")
    return Address(article, version, span=(int(offsets[1]), int(offsets[2])))


def version_of(archive: Archive, address: Address) -> Source:
    """The version that an address names.

    Raises:
        CitationNotFound: The article or the version is unknown.
    """
    found = archive.source(address.article, address.version)
    if found is None and not archive.knows(address.article):
        raise CitationNotFound(f"No article '{address.article}' in {archive.home}; list them with: onrecord articles")
    if found is None:
        raise CitationNotFound(
            f"Article '{address.article}' has no version {address.version} in {archive.home}; "
            "it was made in another home, or the address was changed: copy it again."
        )
    return found


def look_up(archive: Archive, text: str) -> Cited:
    """The exact words of an address, in their context.

    Raises:
        CitationNotFound: Some part of the address is unknown.
    """
    address = parse(text)
    source = version_of(archive, address)
    start, end = address.span or (None, None)
    before = after = ""
    if start is not None and end is not None:
        if end > len(source.text):
            raise CitationNotFound(
                f"Characters {start}-{end} lie behind the end of {address.article}@{address.version}, which has "
                f"{len(source.text)}; copy the address again."
            )
        quote = source.text[start:end]
        before, after = source.text[max(0, start - CONTEXT) : start], source.text[end : end + CONTEXT]
    else:
        quote = getattr(source, address.field or "")
        if quote is None:
            raise CitationNotFound(f"The record of {address.article} does not state its {address.field}.")
    return Cited(
        id=str(address), status=source.status, quote=quote, before=before, after=after, article=source.article,
        version=source.version, title=source.title, author=source.author, outlet=source.outlet, published=source.published,
        source=source.source, page=None, start=start, end=end,
    )  # fmt: skip


def citation(source: Source, span: tuple[int, int], *, marker: int, score: float) -> Citation:
    """The citation of ``source.text[start:end]``, and whose words it holds."""
    return _of(
        source,
        Address(source.article, source.version, span=span),
        source.text[span[0] : span[1]],
        marker,
        score,
        speaker_of(source.text, *span, source.body_start),
    )


def metadata_citation(source: Source, field: str, *, marker: int) -> Citation | None:
    """The citation of a field: of its words before the body where they stand there, else of the stored value.

    Returns None when the record does not state the field.
    """
    value = getattr(source, field)
    if not value:
        return None
    head = source.text[: source.body_start]
    stands = re.search(rf"(?<!\w){re.escape(value)}(?!\w)", head, re.IGNORECASE)
    if stands:
        return citation(source, stands.span(), marker=marker, score=1.0)
    return _of(source, Address(source.article, source.version, field=field), value, marker, 1.0, None)


def _of(source: Source, address: Address, quote: str, marker: int, score: float, speaker: Speaker | None) -> Citation:
    start, end = address.span or (None, None)
    return Citation(
        marker=marker, id=str(address), article=source.article, version=source.version, title=source.title,
        author=source.author, outlet=source.outlet, published=source.published, source=source.source, page=None,
        start=start, end=end, quote=quote, speaker=speaker, score=round(score, 4),
    )  # fmt: skip
