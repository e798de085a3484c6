"""What a peer says, in the form of our answers, so that the same metrics can be taken of it."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from assistant import Answer, Sentence
from assistant.retrieval import Hit
from assistant.types import ABSTAINED, NOTHING_ABOUT_THIS, Citation, Mode, Outcome, Timings
from eval.peers.passage_index import clipped


class Clock:
    """Milliseconds of the steps of one answer, by their names in `Timings`; runs from when it is made."""

    def __init__(self) -> None:
        self._started = self._last = perf_counter()
        self._steps: dict[str, float] = {}

    def did(self, step: str) -> None:
        """Counts the time since the last step as this step's."""
        now = perf_counter()
        self._steps[step] = round(1000 * (now - self._last), 2)
        self._last = now

    @property
    def timings(self) -> Timings:
        """The steps so far, and the time since the beginning."""
        return Timings(**self._steps, total=round(1000 * (perf_counter() - self._started), 2))


def answer_to(
    question: str, hits: Sequence[Hit], clock: Clock, outcome: Outcome, mode: Mode, text: str, *,
    reason: str | None = None, sentences: Sequence[Sentence] = (), citations: Sequence[Citation] = (),
    nearest: Sequence[Citation] = (),
) -> Answer:  # fmt: skip
    """An answer whose confidence is the cosine of the passage that was found first, and 0 when none was."""
    return Answer(
        question=question, standalone_question=question, outcome=outcome, abstained=outcome in ABSTAINED, reason=reason,
        missing=(), answer=text, mode=mode, confidence=clipped(hits[0].dense) if hits else 0.0, sentences=tuple(sentences),
        citations=tuple(citations), nearest=tuple(nearest), timings_ms=clock.timings,
    )  # fmt: skip


def nothing_found(question: str, clock: Clock, mode: Mode) -> Answer:
    """What is said when no passage was found, as in an empty scope."""
    return answer_to(question, (), clock, "nothing_found", mode, NOTHING_ABOUT_THIS, reason=NOTHING_ABOUT_THIS)
