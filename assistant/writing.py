"""Files that are there as a whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write_atomically(file: Path, text: str) -> None:
    """Writes a file as a whole or not at all; what UTF-8 cannot hold is replaced."""
    half = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        half.write_bytes(text.encode("utf-8", "replace"))
        half.replace(file)
    finally:
        half.unlink(missing_ok=True)
