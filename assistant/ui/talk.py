"""Questions asked on behalf of every tab, and the turns that come of them. It knows nothing of gradio."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from assistant.conversations import Conversations
from assistant.mentions import TURNS
from assistant.types import Answer, Citation, Scope, Sentence
from assistant.ui import render
from assistant.ui.answering import Answering
from assistant.ui.one_at_a_time import OneAtATime
from ingest.errors import OnRecordError, RequestError, TooMany

LONGEST_QUESTION = 4_000
MOST_WAITING = 16
"""Questions that wait for others to be answered, of all tabs together."""
EVERY = 0.1
"""Seconds between two updates of an answer that is being written."""
EXAMPLES_SHOWN = 4
FIRST_QUESTIONS = ("When was this article published?", "Who wrote this?")
WENT_WRONG = "Something went wrong; the terminal shows the details."
CUT_OFF = "The answer broke off before it was complete. Please ask again."

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wish:
    """What a page asks for.

    Attributes:
        question: As typed.
        chat: The id of the conversation that it belongs to; None begins one.
        instead_of: A turn that is asked anew: it and all after it are dropped.
        scope: What the question is limited to; None for all articles.
        last_seen: The last turn of the conversation that the page shows; None where it does not say.
    """

    question: str
    chat: str | None = None
    instead_of: int | None = None
    scope: Scope | None = None
    last_seen: int | None = None


@dataclass(frozen=True)
class Asked:
    """A turn that has begun."""

    chat: str
    turn: int
    question: str


class _Writing:
    """An answer in the making: what of it is to be seen, and whether it is wanted still."""

    def __init__(self, blocks: list[str]) -> None:
        self._changed = threading.Condition()
        self.blocks = blocks
        self.done = False
        self.stopped = False

    def show(self, blocks: list[str], *, done: bool = False) -> None:
        with self._changed:
            if not self.done:
                self.blocks, self.done = blocks, done
            self._changed.notify_all()

    def wait(self, known: list[str]) -> None:
        """Returns when there is something else to be seen."""
        with self._changed:
            self._changed.wait_for(lambda: self.done or self.blocks is not known)


class Talk:
    """Asks one assistant, one question at a time, and keeps what comes of it.

    An answer is written in a thread of its own, so that it is finished and kept also when its tab is closed.

    Args:
        assistant: Answers: whoever holds `one_at_a_time`.
        conversations: Where the turns are kept.
    """

    def __init__(self, assistant: Answering, conversations: Conversations) -> None:
        self._assistant = assistant
        self._conversations = conversations
        self._warm = threading.Event()
        self.one_at_a_time = OneAtATime()
        self._writer = ThreadPoolExecutor(1, "onrecord-answer")
        self._under_way: dict[tuple[str, int], _Writing] = {}
        self._ended = False

    def warm_up(self) -> None:
        """Load the models; call it in a thread of its own, questions wait for it."""
        try:
            with self.one_at_a_time:
                self._assistant.warm_up()
        except OnRecordError as error:
            _log.warning("%s", error)
        except Exception:  # noqa: BLE001 - the page must still come up; the first question meets the same error
            if not self._ended:  # else it was the interpreter's end that kept them from being loaded
                _log.exception("the models could not be loaded")
        finally:
            self._warm.set()

    def end(self) -> None:
        """Drops what waits, lets go of the answer that is being written, and lets everybody go who follows one; at once."""
        self._ended = True
        self.one_at_a_time.close()
        self._writer.shutdown(wait=False, cancel_futures=True)
        self._give_up()
        for writing in list(self._under_way.values()):
            writing.show(writing.blocks, done=True)

    def close(self) -> None:
        """Ends, and waits until nothing is written any more."""
        self.end()
        self._writer.shutdown(wait=True)

    def welcome(self) -> list[str]:
        """The blocks of a page on which nothing was asked yet."""
        try:
            articles = self._assistant.articles()
        except OnRecordError as error:
            return [render.error_block(str(error), heading="There is nothing to ask yet")]
        except Exception:  # noqa: BLE001 - shown as a card; the details go to the terminal
            _log.exception("the articles could not be listed")
            return [render.error_block(WENT_WRONG, heading="There is nothing to ask yet")]
        if not articles:
            return render.empty_blocks()
        examples = list(dict.fromkeys(question for info in articles for question in info.examples))
        return render.welcome_blocks(examples[:EXAMPLES_SHOWN] or FIRST_QUESTIONS)

    def ask(self, wish: Wish) -> Asked:
        """Begins a turn: it is kept when this returns, and answered in its time.

        Raises:
            RequestError: The question is too long, too many wait, the conversation has turns that the page does not show, or
                the chat is being stopped.
            ConversationNotFound: The conversation, or the turn that is asked anew, was deleted in the meantime.
        """
        if len(wish.question) > LONGEST_QUESTION:
            raise RequestError(
                f"The question has {len(wish.question):,} characters; at most {LONGEST_QUESTION:,} can be asked. "
                "Please shorten it."
            )
        if self._ended:
            raise RequestError("The chat is being stopped; start it again, and ask once more.")
        if sum(not writing.stopped for writing in list(self._under_way.values())) > MOST_WAITING:
            raise TooMany(
                f"{MOST_WAITING} questions are waiting already, and one is answered. Please ask again in a moment."
            )
        if wish.instead_of is not None and not wish.chat:
            raise RequestError("The page does not say of which conversation this is to be asked anew; load it again.")
        chat = wish.chat or self._conversations.create()
        turn = self._conversations.begin_turn(chat, wish.question, wish.scope, wish.instead_of, wish.last_seen)
        if wish.instead_of is not None:
            self._give_up(chat, wish.instead_of)
        asked = Asked(chat, turn, wish.question)
        writing = _Writing(self._waiting(asked, wish.scope))
        self._under_way[chat, turn] = writing
        self._writer.submit(self._write, asked, wish.scope, writing)
        return asked

    def follow(self, asked: Asked) -> Iterator[list[str]]:
        """The blocks of a turn, again when they change, at most every `EVERY` seconds; the last ones are those of the kept turn."""
        writing = self._under_way.get((asked.chat, asked.turn))
        while writing and not writing.done:
            shown = writing.blocks
            yield shown
            last = time.monotonic()
            writing.wait(shown)
            time.sleep(max(0.0, last + EVERY - time.monotonic()))
        yield writing.blocks if writing else self.kept(asked.chat, asked.turn)

    def stop(self, chat: str, turn: int) -> None:
        """Ends an answer that is being written; what of it was written stays in sight until the page is loaded again.

        An answer that is kept already stays.

        Raises:
            ConversationNotFound: There is no such conversation or turn.
        """
        if not self._conversations.stop_turn(chat, turn):
            self._conversations.turn(chat, turn)  # so that an unknown one is told of
        elif writing := self._under_way.get((chat, turn)):
            writing.stopped = True
            head = [block for block in writing.blocks if not block.startswith(render.WAITING)]
            writing.show([*head, *render.stopped_blocks(), render.tools_block(chat, turn, "stopped")], done=True)

    def delete(self, chat: str) -> None:
        """Takes a conversation off the disk; its answers are not written to their end.

        Raises:
            ConversationNotFound: It was deleted before.
        """
        self._conversations.delete(chat)
        self._give_up(chat)

    def kept(self, chat: str, turn: int) -> list[str]:
        """The blocks of a turn as it is kept.

        Raises:
            ConversationNotFound: It was deleted.
        """
        return render.turn_blocks(chat, self._conversations.turn(chat, turn))

    def _give_up(self, chat: str | None = None, turn: int = 0) -> None:
        """Lets go of answers that nobody waits for: of a conversation's turns from this one on, or of all."""
        for key, writing in list(self._under_way.items()):
            if chat is None or (key[0] == chat and key[1] >= turn):
                writing.stopped = True

    def _waiting(self, asked: Asked, scope: Scope | None) -> list[str]:
        return [
            render.question_block(asked.question, asked.chat, asked.turn),
            *render.scope_blocks(scope),
            render.waiting_block(loading=not self._warm.is_set()),
        ]

    def _write(self, asked: Asked, scope: Scope | None, writing: _Writing) -> None:
        key = asked.chat, asked.turn
        try:
            self._warm.wait()
            with self.one_at_a_time:
                answer = None if writing.stopped else self._answered(asked, scope, writing)
            if answer:
                self._conversations.finish_turn(*key, answer)
            elif not writing.stopped:
                self._conversations.fail_turn(*key, CUT_OFF)
            writing.show(self.kept(*key), done=True)
        except OnRecordError as error:
            self._failed(asked, scope, str(error), writing)
        except Exception:  # noqa: BLE001 - shown as a card; the details go to the terminal
            _log.exception("a question could not be answered")
            self._failed(asked, scope, WENT_WRONG, writing)
        finally:
            self._under_way.pop(key, None)

    def _answered(self, asked: Asked, scope: Scope | None, writing: _Writing) -> Answer | None:
        """The whole answer; None when it was stopped, or broke off."""
        head = [render.question_block(asked.question, asked.chat, asked.turn), *render.scope_blocks(scope)]
        sentences: list[Sentence] = []
        citations: list[Citation] = []
        history = self._conversations.history(asked.chat, 2 * TURNS)
        for part in self._assistant.stream(asked.question, history, scope):
            if writing.stopped:
                return None
            if part.answer:
                return part.answer
            citations += part.citations
            if part.sentence is not None:
                sentences.append(part.sentence)
                writing.show([*head, *render.sentence_blocks(sentences, citations)])
        return None

    def _failed(self, asked: Asked, scope: Scope | None, message: str, writing: _Writing) -> None:
        try:
            self._conversations.fail_turn(asked.chat, asked.turn, message)
        except OnRecordError:
            _log.exception("a failed question could not be kept")
        tools = render.tools_block(asked.chat, asked.turn, "failed")
        head = [writing.blocks[0], *render.scope_blocks(scope)]
        writing.show([*head, render.error_block(message), tools], done=True)
