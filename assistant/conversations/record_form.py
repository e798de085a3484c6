"""The form of an exported record, by which one from outside is checked before anything is read from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter

from assistant.conversations.answer_json import read_strictly
from assistant.conversations.records import State
from assistant.types import Answer, Citation, Scope

Record = dict[str, Any]


@dataclass(frozen=True)
class ExportedCitation(Citation):
    """A citation with its byline, and the sha256 of its quote in UTF-8."""

    byline: str
    sha256: str


@dataclass(frozen=True)
class ExportedAnswer(Answer):
    """An answer whose citations are exported ones."""

    citations: tuple[ExportedCitation, ...]
    nearest: tuple[ExportedCitation, ...]


@dataclass(frozen=True)
class ExportedTurn:
    """A turn; `number` counts from 1."""

    number: int
    question: str
    asked_at: str
    state: State
    error: str | None
    scope: Scope | None
    answer: ExportedAnswer | None


@dataclass(frozen=True)
class Exported:
    """A whole record; `sha256` is that of `export.seal`."""

    onrecord: Literal["conversation"]
    format: Literal[1]
    onrecord_version: str
    exported_at: str
    id: str
    title: str
    created_at: str
    changed_at: str
    turns: tuple[ExportedTurn, ...]
    sha256: str


def form_of(record: Record) -> Exported:
    """The record with all its types checked.

    Raises:
        DatasetError: A field is missing or of another type; the message names it.
    """
    return read_strictly("export", _records(), record)


@cache
def _records() -> TypeAdapter[Exported]:
    return TypeAdapter(Exported)
