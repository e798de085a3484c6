"""An answer taken apart: its sentences, and what stands between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_MARKER = re.compile(r"\s*\[\d+\]\s*")


def pieces(answer: Mapping[str, Any]) -> Iterator[str | Mapping[str, Any]]:
    """The answer in order, as its JSON has it: its sentences, and as texts whatever is more than markers between them."""
    text, at = answer["answer"], 0
    for sentence in sorted(answer.get("sentences", ()), key=lambda sentence: sentence["start"]):
        yield from _between(text[at : sentence["start"]])
        yield sentence
        at = max(at, sentence["end"])
    yield from _between(text[at:])


def _between(text: str) -> Iterator[str]:
    rest = _MARKER.sub(" ", text).strip()
    if rest:
        yield rest
