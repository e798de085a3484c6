"""What the reader of articles may be told, and which of it changes the vectors."""

from __future__ import annotations

from pathlib import Path

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from ingest.language import LANGUAGES

LAYOUT = 2
"""Counts up when the code changes what a passage or a vector is; an index of another layout is rebuilt."""


class IngestSettings(BaseModel):
    """Settings of the room `ingest`; the section ``[ingest]`` of ``settings.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(default="bundled", description="'bundled', or the folder of a sentence-transformers model")
    passage_tokens: int = Field(
        default=200,
        ge=32,
        le=240,
        description="short paragraphs share a passage up to this; one of up to twice it is whole",
    )
    max_file_bytes: int = Field(default=20_000_000, ge=1, description="a larger file is refused")
    languages: tuple[str, ...] | None = Field(
        default=None,
        description="what the model knows, as ISO 639-1 codes; others are noted; by default 'en' for 'bundled', else not noted",
    )

    @field_validator("languages", mode="before")
    @classmethod
    def _codes(cls, value: object) -> object:
        """A text, as a variable gives it, is split at commas."""
        codes = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        for code in codes if isinstance(codes, list | tuple) else ():
            if code not in LANGUAGES:
                known = ", ".join(LANGUAGES)
                raise PydanticCustomError("language", "'{code}' is none of {known}", {"code": code, "known": known})
        return codes

    @property
    def known_languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes of the languages that the model knows; none when nobody has said."""
        return (("en",) if self.model == "bundled" else ()) if self.languages is None else self.languages

    def fingerprint(self, weights: str, splitter: str) -> dict[str, str]:
        """All that changes vectors, by the name of the setting.

        Args:
            weights: sha256 of the weights in use.
            splitter: Name and version of the sentence splitter.
        """
        return {
            "ingest.model": weights,
            "ingest.passage_tokens": str(self.passage_tokens),
            "sentence splitter": splitter,
            "index layout": str(LAYOUT),
        }


def default_home() -> Path:
    """The folder of archive and index when neither ``--home`` nor ``ONRECORD_HOME`` names one."""
    return Path(platformdirs.user_data_dir("onrecord", appauthor=False))
