"""What the archive gives back: versions to read, passages to find, sentences to weigh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ingest.splitting import PassageSpan

Status = Literal["current", "superseded", "withdrawn"]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class ArticleInfo:
    """What is known of an article; unknown fields are None.

    Attributes:
        passages: How many can be searched; 0 when it is withdrawn.
        examples: Questions that whoever made the manifest suggests to start with.
        status: ``current`` when it can be asked, or ``withdrawn``; then `version` is the one that was current last.
    """

    article: str
    version: str
    title: str | None
    author: str | None
    outlet: str | None
    published: str | None
    language: str | None
    source: str | None
    licence: str | None
    description: str | None
    characters: int
    passages: int
    examples: tuple[str, ...]
    status: Status = "current"


@dataclass(frozen=True)
class Source:
    """One version of an article, to be read in full."""

    article: str
    version: str
    status: Status
    title: str | None
    author: str | None
    outlet: str | None
    published: str | None
    source: str | None
    description: str | None
    body_start: int
    text: str


@dataclass(frozen=True)
class Passage:
    """A stored passage of a current version: ``text == source.text[start:end]``.

    Attributes:
        number: The archive's own number for it; it lasts as long as the version is current.
        key: Names its vector in the index; equal passages share one.
        title: The article's.
        section: The heading that it stands under; None when there is none.
        published: The article's date, ISO 8601.
    """

    number: int
    key: str
    article: str
    version: str
    start: int
    end: int
    text: str
    title: str | None = None
    section: str | None = None
    published: str | None = None

    @property
    def heading(self) -> str:
        """What stands above the passage: title and section, "" when there is neither."""
        return heading(self.title, self.section)


def heading(title: str | None, section: str | None) -> str:
    """Title and section as one line; a section that is named as its article is left out."""
    return ". ".join(part for part in dict.fromkeys((title, section)) if part)


@dataclass(frozen=True)
class TokenStates:
    """The tokens of a text as the encoder sees them in their context, special ones left out.

    Attributes:
        offsets: First character and one past the last, shape ``(tokens, 2)``.
        states: Unit vectors, shape ``(tokens, dimensions)``.
    """

    offsets: NDArray[np.int64]
    states: Floats


@dataclass(frozen=True)
class StoredSentence:
    """A sentence of a passage with its vector (unit length, shape ``(dimensions,)``, kept in half precision)."""

    passage: int
    start: int
    end: int
    heading: bool
    vector: Floats


@dataclass(frozen=True)
class PreparedPassage:
    """A passage ready to be stored; `sentence_vectors` has shape ``(sentences, dimensions)``."""

    span: PassageSpan
    key: str
    sentence_vectors: Floats
