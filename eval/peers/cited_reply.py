"""A language model's reply with markers, read: which sentence cites which of the sources that were shown."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.types import Sentence
from ingest.splitting import split_sentences

_NUMBER = r"(?:sources?\s*)?\d{1,3}"
_MARK = re.compile(rf"\s*\[\s*({_NUMBER}(?:\s*(?:,|;|&|\band\b)\s*{_NUMBER})*)\s*\]", re.IGNORECASE)
"""``[1]``, ``[1, 2]`` and ``[Source 1]``; a year in brackets is none."""
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class CitedReply:
    """What a reply says and cites.

    Attributes:
        text: Its words, with markers numbered anew from 1, each behind its sentence.
        sentences: Their verdict is ``unsupported``, which means no more than that nothing has judged them.
        sources: The number of the source, as it was shown, that each new marker stands for.
    """

    text: str
    sentences: tuple[Sentence, ...]
    sources: tuple[int, ...]


def read_reply(reply: str, shown: int) -> CitedReply:
    """The reply's sentences, each with the markers that stand in it or right after it.

    A marker that opens the reply belongs to the first sentence. One that names no source is left out.

    Args:
        reply: As the language model wrote it.
        shown: How many sources it was shown, numbered from 1.
    """
    plain, marks = _without_marks(reply)
    spans = split_sentences(plain)
    cited: list[list[int]] = [[] for _ in spans]
    for place, numbers in marks if spans else ():
        of = max((i for i, (start, _) in enumerate(spans) if start < place), default=0)
        cited[of] += [number for number in numbers if 1 <= number <= shown]
    sources = tuple(dict.fromkeys(number for numbers in cited for number in numbers))
    text, last, sentences = "", 0, []
    for (start, end), numbers in zip(spans, cited, strict=True):
        text += plain[last:start] if text else ""
        markers = tuple(dict.fromkeys(sources.index(number) + 1 for number in numbers))
        words = plain[start:end]
        sentences.append(Sentence(words, len(text), len(text) + len(words), "unsupported", markers))
        text += words + "".join(f" [{marker}]" for marker in markers)
        last = end
    return CitedReply(text, tuple(sentences), sources)


def _without_marks(reply: str) -> tuple[str, list[tuple[int, list[int]]]]:
    """The reply without its markers, and where in it they stood, with the numbers that each of them names."""
    plain, last = "", 0
    marks: list[tuple[int, list[int]]] = []
    for mark in _MARK.finditer(reply):
        plain += reply[last : mark.start()]
        marks.append((len(plain), [int(number) for number in _DIGITS.findall(mark[1])]))
        last = mark.end()
        plain += " " if reply[last : last + 1].isalnum() else ""
    return plain + reply[last:], marks
