"""An exported conversation checked again: against the archive, and against what it was when it was written.

`export` says how: the record that a document carries is compared with the archive, and the document with what is made of that
record. A seal shows that the record itself was edited by hand. Whoever edits it and seals it anew can still give no quote
that the archive does not have, no other speaker of it than this release finds, no quoted sentence that is not such a quote,
and no field that a record does not have. The document's word alone are: questions and titles, sentences that are not quoted
and all verdicts but `quoted`, notes, times and scores, and that a purged citation, of which only the address is left, was
ever there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Literal

from assistant.citations import look_up, parse, version_of
from assistant.conversations import html, markdown
from assistant.conversations.export import Format, byline, export, quote_sha256, record_in, seal
from assistant.conversations.forgetting import PURGED
from assistant.conversations.record_form import Exported, ExportedAnswer, ExportedCitation, Record, form_of
from assistant.foreign_text import one_line
from assistant.grounding.quotes import folded
from assistant.speakers.of_sentence import speaker_of
from assistant.types import Cited, Sentence, Speaker
from ingest.archive import Archive
from ingest.errors import CitationNotFound, DatasetError
from ingest.records import Status

_SHOWN = 80
_PAGES = (".html", ".htm", ".shtml", ".xhtml", ".xht", ".svg", ".xml", ".md", ".markdown")
_ELSEWHERE = "its fields name another place than its address"
_STATED = ("title", "author", "outlet", "published", "source", "page")


@dataclass(frozen=True)
class CitationCheck:
    """Whether a citation of an export holds.

    Attributes:
        turn: Counts from 1.
        marker: As shown.
        nearest: It is one of the nearest passages of an abstention.
        id: Its address.
        status: Of the version in the archive; None where the address leads nowhere; `purged` where it does and the words had
            been taken out of the conversation before it was exported.
        holds: There is no fault. What is superseded or withdrawn holds: its words still stand in the archive.
        faults: What is wrong.
    """

    turn: int
    marker: int
    nearest: bool
    id: str
    status: Status | Literal["purged"] | None
    holds: bool
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Verified:
    """What became of an export.

    Attributes:
        format: As what the file was read. What is JSON is no page, whatever a browser makes of it.
        altered: Where the text is not as it was written, or a quoted sentence is no quote of what it cites.
    """

    file: str
    format: Format
    title: str
    exported_at: str
    onrecord_version: str
    citations: tuple[CitationCheck, ...]
    altered: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Every citation holds, and nothing was altered."""
        return not self.altered and all(check.holds for check in self.citations)

    def to_json(self) -> dict[str, Any]:
        """The object that `onrecord verify --json` prints."""
        return {"holds": self.holds, **asdict(self)}


def verify(file: Path, archive: Archive) -> Verified:
    """What holds of an exported conversation.

    Raises:
        DatasetError: The file cannot be read, or is no export.
    """
    document = _read(file)
    how, record = record_in(document, file.name)
    try:
        form = form_of(record)
    except DatasetError as error:
        raise DatasetError(f"{file.name}: {error}") from error
    shown = None if how == "json" else _normal(document)
    checks = [
        _check(cited, turn.number, nearest, archive, how, shown)
        for turn in form.turns
        if turn.answer
        for nearest, all_cited in ((False, turn.answer.citations), (True, turn.answer.nearest))
        for cited in all_cited
    ]
    altered = [*_broken_seal(record), *_unknown(record, asdict(form)), *_not_quoted(form)]
    if how == "json" and file.suffix.lower() in _PAGES:
        altered.append(
            f"it is JSON, and named {file.suffix} a program would show its raw text as a page; name it .json"
        )
    if shown is not None:
        altered += _differences(shown, _normal(export(record, how)))
    return Verified(
        file.name, how, form.title, form.exported_at, form.onrecord_version, tuple(checks), tuple(altered)
    )  # fmt: skip


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DatasetError(f"{file}: cannot be read ({error.strerror}); check the path.") from error
    except UnicodeDecodeError as error:
        raise DatasetError(f"{file.name}: not UTF-8 ({error.reason}), so no export; export it again.") from error


def _normal(document: str) -> str:
    """Without spaces at the end of lines, and line breaks at the end of all."""
    return "\n".join(line.rstrip(" \t") for line in document.split("\n")).rstrip("\n")


def _check(
    cited: ExportedCitation, turn: int, nearest: bool, archive: Archive, how: Format, shown: str | None
) -> CitationCheck:
    status: Status | Literal["purged"] | None = None
    faults: list[str] = []
    try:
        found = look_up(archive, cited.id)
    except CitationNotFound as error:
        if cited.quote == PURGED:
            status = "purged"
            faults += _beyond_purged(cited)
        else:
            faults.append(str(error))
    else:
        status = found.status
        faults += _against(cited, found, archive)
    if cited.sha256 != quote_sha256(cited.quote):
        faults.append("its sha256 is not that of its quote")
    if cited.byline != byline(asdict(cited)):
        faults.append("its byline is not the one of its author, outlet and date")
    if shown is not None and _normal(_fragment(cited, turn, nearest, how)) not in shown:
        faults.append("what the file shows of it is not what was exported")
    return CitationCheck(turn, cited.marker, nearest, cited.id, status, not faults, tuple(faults))


def _against(cited: ExportedCitation, found: Cited, archive: Archive) -> Iterator[str]:
    """In what a citation differs from the archive."""
    if cited.quote != found.quote:
        yield f"the article has “{one_line(found.quote, _SHOWN)}” there"
    if (cited.article, cited.version, cited.start, cited.end) != (found.article, found.version, found.start, found.end):
        yield _ELSEWHERE
    for name in _STATED:
        stated, kept = getattr(cited, name), getattr(found, name)
        if stated != kept:
            yield f"its {name} is “{one_line(str(stated), _SHOWN)}”, and “{one_line(str(kept), _SHOWN)}” in the archive"
    source = version_of(archive, parse(cited.id))
    speaker = None
    if found.start is not None and found.end is not None:
        speaker = speaker_of(source.text, found.start, found.end, source.body_start)
    if cited.speaker != speaker:
        said, reads = (_named(who) for who in (cited.speaker, speaker))
        yield f"its speaker is {said}, and this release reads {reads} in the article"


def _named(speaker: Speaker | None) -> str:
    return f"“{one_line(speaker.name, _SHOWN)}” at {speaker.start}-{speaker.end}" if speaker else "nobody"


def _beyond_purged(cited: ExportedCitation) -> Iterator[str]:
    """What a purged citation says beyond its address; whether that was ever right, nobody can tell any more."""
    try:
        place = parse(cited.id)
    except CitationNotFound as error:
        yield str(error)
    else:
        start, end = place.span or (None, None)
        if (cited.article, cited.version, cited.start, cited.end) != (place.article, place.version, start, end):
            yield _ELSEWHERE
    said = [name for name in (*_STATED, "speaker") if getattr(cited, name) is not None]
    if said:
        yield f"it is purged, and still states its {', '.join(said)}"


def _fragment(cited: ExportedCitation, turn: int, nearest: bool, how: Format) -> str:
    page = html.citation if how == "html" else markdown.citation
    return page(asdict(cited), turn, nearest)


def _broken_seal(record: Record) -> Iterator[str]:
    if record["sha256"] != seal(record):
        yield "the record in the file was edited: its sha256 is not the one that it was sealed with"


def _unknown(record: Any, form: Any, where: str = "") -> Iterator[str]:
    """Fields that the form of a record does not have: whoever reads the JSON would take them for ours."""
    if isinstance(record, dict):
        for name, value in record.items():
            if name in form:
                yield from _unknown(value, form[name], f"{where}{name}.")
            else:
                yield f"the record has a field '{one_line(where + name, _SHOWN)}', which no export has"
    elif isinstance(record, list):
        for number, (one, known) in enumerate(zip(record, form, strict=True)):
            yield from _unknown(one, known, f"{where}{number}.")


def _not_quoted(form: Exported) -> Iterator[str]:
    for turn in form.turns:
        if turn.answer is None:
            continue
        for sentence in turn.answer.sentences:
            where = f"question {turn.number}: “{one_line(sentence.text, _SHOWN)}”"
            if turn.answer.answer[sentence.start : sentence.end] != sentence.text:
                yield f"{where} does not stand in the answer's text where it says"
            if sentence.verdict == "quoted" and not _is_quote(sentence, turn.answer):
                yield f"{where} is marked as quoted, and is not what it cites"


def _is_quote(sentence: Sentence, answer: ExportedAnswer) -> bool:
    """Whether its words stand one after another in a quote that it cites; marks, spaces and capitals may differ."""
    quotes = [cited.quote for cited in answer.citations if cited.marker in sentence.citations]
    if sentence.text in quotes:
        return True
    wanted = _words(sentence.text)
    return bool(wanted.strip()) and any(wanted in _words(quote) for quote in quotes)


def _words(text: str) -> str:
    return f" {' '.join(word for word, _, _ in folded(text))} "


def _differences(shown: str, written: str) -> Iterator[str]:
    """The first line that is not as it was written."""
    pairs = zip_longest(shown.split("\n"), written.split("\n"))
    for number, (found, wanted) in enumerate(pairs, 1):
        if found != wanted:
            one, other = found or "", wanted or ""
            same = next(
                (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
            )
            is_now, was = (one_line(line[max(0, same - _SHOWN // 4) :], _SHOWN) for line in (one, other))
            yield f"line {number} of the file is not as it was written: it has “{is_now}” instead of “{was}”"
            return
