"""An error's message, as whoever asks may read it."""

from __future__ import annotations

from pathlib import Path

from ingest.errors import OnRecordError


def told(error: OnRecordError, hidden: Path | None) -> str:
    """The message, in which a folder that is not for everybody's eyes is called what it is.

    Args:
        error: What went wrong.
        hidden: The home, where others than its owner ask; None where its path helps.
    """
    return str(error) if hidden is None else str(error).replace(str(hidden), "the articles' folder")
