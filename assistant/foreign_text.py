"""Text that others wrote, made fit to stand in a document of ours."""

from __future__ import annotations

import re

_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_MARKS = re.compile(r"[\\`*_{}\[\]<>#|~$&@]|:(?=/)|(?<=[wW]{3})\.")


def clean(text: str) -> str:
    """The text with a replacement character for all that HTML, XML or UTF-8 cannot hold; line ends become newlines."""
    return _UNFIT.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str, most: int | None = None) -> str:
    """The text on one line, clean, cut with an ellipsis where it has more than `most` characters."""
    line = " ".join(clean(text).split())
    return line if most is None or len(line) <= most else line[: most - 1].rstrip() + "…"


def escaped(text: str) -> str:
    """Text of others on one line, without any meaning to Markdown or HTML, in a table's cell too."""
    return _MARKS.sub(_entity, one_line(text))


def _entity(found: re.Match[str]) -> str:
    """As a character reference: unlike a backslash, it holds in tables, in raw HTML and before a link that makes itself."""
    return f"&#{ord(found[0])};"


def undirected(text: str) -> str:
    """The text without the signs that turn the direction of what follows them; marks of a single place stay."""
    return _DIRECTIONS.sub("", text)
