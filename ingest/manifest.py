"""The manifest of a corpus: what is known about each of its articles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ingest.errors import DatasetError
from ingest.json_lines import json_lines

MANIFEST = "manifest.jsonl"
_ISO_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2}([T ][0-9:.+\-Z]+)?)?)?")


class ManifestLine(BaseModel):
    """One line of ``manifest.jsonl``; `id` and `path` are required."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f]+$")
    path: str = Field(min_length=1)
    title: str | None = None
    author: str | None = None
    outlet: str | None = None
    published: str | None = None
    language: str | None = None
    sha256: str | None = None
    source: str | None = None
    licence: str | None = None
    description: str | None = None
    body_start: int = Field(default=0, ge=0)
    examples: tuple[str, ...] = ()

    @field_validator("published")
    @classmethod
    def _iso_date(cls, value: str | None) -> str | None:
        if value is not None and not is_iso_date(value):
            raise ValueError("not an ISO 8601 date such as 2024-04-23")
        return value


def is_iso_date(value: str) -> bool:
    """Whether it is a year, a month, a day or a moment of ISO 8601."""
    try:
        datetime.fromisoformat(value + "0001-01-01"[len(value) :])
    except ValueError:
        return False
    return _ISO_DATE.fullmatch(value) is not None


def read_manifest(manifest: Path) -> Iterator[tuple[str, ManifestLine | DatasetError]]:
    """Each line with its place; one that cannot be used is the error that says why, and the next lines are read."""
    seen: set[str] = set()
    for where, record in json_lines(manifest):
        if isinstance(record, DatasetError):
            yield where, record
            continue
        try:
            line = ManifestLine.model_validate(record)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            said = (
                "there is no such field"
                if first["type"] == "extra_forbidden"
                else first["msg"].removeprefix("Value error, ")
            )
            yield where, DatasetError(f"{where}: field '{field}': {said}; correct the line.")
            continue
        if line.id in seen:
            yield where, DatasetError(f"{where}: id '{line.id}' stands twice; give each article its own.")
            continue
        seen.add(line.id)
        yield where, line
