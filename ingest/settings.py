"""What the reader of articles may be told, and which of it changes the vectors."""

from __future__ import annotations

from pathlib import Path

import platformdirs
from pydantic import BaseModel, ConfigDict, Field

LAYOUT = 1
"""Counts up when the code changes what a passage or a vector is; an index of another layout is rebuilt."""


class IngestSettings(BaseModel):
    """Settings of the room `ingest`; the section ``[ingest]`` of ``settings.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(default="bundled", description="'bundled', or the folder of a sentence-transformers model")
    passage_tokens: int = Field(default=160, ge=32, le=240, description="a passage is closed before it grows past this")
    max_file_bytes: int = Field(default=20_000_000, ge=1, description="a larger file is refused")

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
