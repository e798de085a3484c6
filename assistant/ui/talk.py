"""One visitor's conversation: what is shown after each step. It knows nothing of gradio."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace

from assistant.types import Answer, Citation, Part, Sentence, Turn
from assistant.ui import render
from assistant.ui.answering import Answering
from ingest.errors import OnRecordError

LONGEST_QUESTION = 4_000
EXAMPLES_SHOWN = 4
FIRST_QUESTIONS = ("When was this article published?", "Who wrote this?")
WENT_WRONG = "Something went wrong; the terminal shows the details."
CUT_OFF = "The answer broke off before it was complete. Please ask again."

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Session:
    """All that is remembered of one browser tab.

    Attributes:
        turns: What was asked and answered, oldest first; what follow-ups are understood by.
        earlier: The blocks of all turns but the latest.
        latest: The blocks of the latest turn, once it is finished.
        asked: A question that waits for its answer.
        busy: True while an answer is being written.
    """

    turns: tuple[Turn, ...] = ()
    earlier: tuple[str, ...] = ()
    latest: tuple[str, ...] = ()
    asked: str | None = None
    busy: bool = False


class Talk:
    """Asks one assistant on behalf of every tab."""

    def __init__(self, assistant: Answering) -> None:
        """Share one assistant between all tabs.

        Args:
            assistant: Called by one answer at a time.
        """
        self._assistant = assistant
        self._warm = threading.Event()
        self._one_at_a_time = threading.Lock()

    def warm_up(self) -> None:
        """Load the models; call it in a thread of its own, questions wait for it."""
        try:
            self._assistant.warm_up()
        except OnRecordError as error:
            _log.warning("%s", error)
        except Exception:  # noqa: BLE001 - the page must still come up; the first question meets the same error
            _log.exception("the models could not be loaded")
        finally:
            self._warm.set()

    def welcome(self) -> list[str]:
        """The blocks of a page on which nothing was asked yet."""
        try:
            articles = self._assistant.articles()
        except OnRecordError as error:
            return [render.error_block(str(error), heading="There is nothing to ask yet")]
        except Exception:  # noqa: BLE001 - shown as a card; the details go to the terminal
            _log.exception("the articles could not be listed")
            return [render.error_block(WENT_WRONG, heading="There is nothing to ask yet")]
        examples = list(dict.fromkeys(question for info in articles for question in info.examples))
        return render.welcome_blocks(examples[:EXAMPLES_SHOWN] or FIRST_QUESTIONS)

    def refusal(self, question: str) -> str | None:
        """Why this text cannot be asked, or None."""
        if len(question) <= LONGEST_QUESTION:
            return None
        return (
            f"The question has {len(question):,} characters; at most {LONGEST_QUESTION:,} can be asked. "
            "Please shorten it."
        )

    def begin(self, question: str, session: Session) -> tuple[Session, list[str]]:
        """The session with the question in it, and the blocks of the waiting turn."""
        waiting = [render.question_block(question), render.waiting_block(loading=not self._warm.is_set())]
        earlier = session.earlier + session.latest
        return replace(session, earlier=earlier, latest=(), asked=question), waiting

    def answer(self, session: Session) -> Iterator[tuple[Session, list[str]]]:
        """The session and the blocks of the turn, again with each sentence; at last no longer busy."""
        question = session.asked
        if question is None:
            return
        session = replace(session, asked=None, busy=True)
        head = render.question_block(question)
        yield session, [head, render.waiting_block(loading=not self._warm.is_set())]
        answer: Answer | None = None
        try:
            self._warm.wait()
            sentences: list[Sentence] = []
            citations: list[Citation] = []
            for part in self._parts(question, session):
                answer = part.answer or answer
                citations += part.citations
                if part.sentence is not None:
                    sentences.append(part.sentence)
                    yield session, [head, *render.sentence_blocks(sentences, citations)]
            blocks = render.answer_blocks(answer) if answer else [render.error_block(CUT_OFF)]
        except OnRecordError as error:
            answer, blocks = None, [render.error_block(str(error))]
        except Exception:  # noqa: BLE001 - shown as a card; the details go to the terminal
            _log.exception("a question could not be answered")
            answer, blocks = None, [render.error_block(WENT_WRONG)]
        turns = session.turns + ((_turn(answer),) if answer else ())
        yield replace(session, turns=turns, latest=(head, *blocks), busy=False), [head, *blocks]

    def _parts(self, question: str, session: Session) -> Iterator[Part]:
        # An answer that was cancelled may still be inside one step, so the lock is held for a step and not for an
        # answer: a generator that nobody closes can then not keep the next question waiting for ever.
        with self._one_at_a_time:
            parts = iter(self._assistant.stream(question, session.turns))
        while True:
            with self._one_at_a_time:
                part = next(parts, None)
            if part is None:
                return
            yield part


def _turn(answer: Answer) -> Turn:
    articles = dict.fromkeys(citation.article for citation in answer.citations)
    return Turn(question=answer.question, answer=answer.answer, articles=tuple(articles))
