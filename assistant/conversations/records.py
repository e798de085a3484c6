"""What is kept of a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assistant.types import Answer, Scope

State = Literal["waiting", "answered", "failed", "stopped"]
Rating = Literal["up", "down"]

INTERRUPTED = "The answer was interrupted; ask the question again."
STOPPED = "The answer was stopped; ask the question again."
UNREADABLE = "The kept answer could not be read when an article was purged, and was dropped; ask the question again."
OVERTAKEN = "An article was purged while this was being answered; ask the question again."


@dataclass(frozen=True)
class KeptTurn:
    """A question and what came of it.

    Attributes:
        number: Names the turn within its conversation; it grows, and none is given twice, also when turns are dropped.
        question: As typed; half a surrogate pair is a question mark.
        asked_at: ISO 8601, UTC.
        state: `waiting` while it is being answered; `failed` with an `error`; `stopped` when somebody stopped it or the
            process that answered it ended.
        answer: Of a turn that is `answered`, else None.
        error: For the reader, ending in the remedy; None for a turn that waits or is answered.
        rating: What the reader thought of the answer; None when not said.
        rating_reason: In the reader's words, or "".
        scope: What the question was limited to; None for the whole archive.
    """

    number: int
    question: str
    asked_at: str
    state: State
    answer: Answer | None
    error: str | None
    rating: Rating | None
    rating_reason: str
    scope: Scope | None = None


@dataclass(frozen=True)
class Conversation:
    """A whole conversation.

    Attributes:
        id: Random, 32 hex digits: 128 bits that nobody can guess.
        title: The one it was given, else its first question on one line.
        created_at: ISO 8601, UTC.
        changed_at: When a turn began, ended or was dropped, or the title changed.
        turns: Oldest first.
    """

    id: str
    title: str
    created_at: str
    changed_at: str
    turns: tuple[KeptTurn, ...]


@dataclass(frozen=True)
class Summary:
    """A conversation in a list; `turns` is how many there are, the other fields are those of `Conversation`."""

    id: str
    title: str
    created_at: str
    changed_at: str
    turns: int


def clock(at: str) -> str:
    """A time of a record as people read it: ``2024-04-23 10:00 UTC``."""
    return f"{at[:16].replace('T', ' ')} UTC"
