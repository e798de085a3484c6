"""Text that others wrote, made fit to stand in a report, and what two texts differ in."""

from __future__ import annotations

import os
import re
from difflib import SequenceMatcher
from pathlib import Path

_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_WORDS = re.compile(r"\s+|\d[\d.,]*\d|\w+|[^\w\s]")

Pieces = list[tuple[str, bool]]
"""A text in pieces, each with whether it differs."""


def clean(text: str) -> str:
    """The text with a replacement character for all that HTML, XML or UTF-8 cannot hold; line ends become newlines."""
    return _UNFIT.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str, most: int | None = None) -> str:
    """The text on one line, clean, cut with an ellipsis where it has more than `most` characters."""
    line = " ".join(clean(text).split())
    return line if most is None or len(line) <= most else line[: most - 1].rstrip() + "…"


def apart(one: str, other: str) -> tuple[Pieces, Pieces]:
    """Two texts in pieces, those words marked that are not in the other at the same place."""
    words, others = _WORDS.findall(one), _WORDS.findall(other)
    left: Pieces = []
    right: Pieces = []
    for kind, a, b, c, d in SequenceMatcher(None, words, others, autojunk=False).get_opcodes():
        for pieces, text in ((left, "".join(words[a:b])), (right, "".join(others[c:d]))):
            if text:
                pieces.append((text, kind != "equal"))
    return left, right


def write_atomically(file: Path, text: str) -> None:
    """Writes a file as a whole or not at all; what UTF-8 cannot hold is replaced."""
    half = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        half.write_bytes(text.encode("utf-8", "replace"))
        half.replace(file)
    finally:
        half.unlink(missing_ok=True)
