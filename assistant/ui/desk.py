"""All that the page needs behind it: who answers, what is kept, and what is being taken in."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from assistant.conversations import Conversations
from assistant.purging import finish_purge
from assistant.purging import purge as purge_articles
from assistant.ui.answering import Answering
from assistant.ui.inbox import Inbox
from assistant.ui.talk import Talk
from ingest.errors import OnRecordError
from ingest.settings import IngestSettings
from ingest.withdrawing import withdraw as withdraw_articles

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Desk:
    """What one running chat has.

    Attributes:
        home: Of archive, index and conversations.
        assistant: Answers.
        conversations: Are kept.
        talk: Asks.
        inbox: Takes in files.
    """

    home: Path
    assistant: Answering
    conversations: Conversations
    talk: Talk
    inbox: Inbox

    def start(self) -> None:
        """Ends a purge that was interrupted, and loads the models; call it in a thread of its own, questions wait for it."""
        try:
            if finish_purge(self.home):
                _log.info("a purge that was interrupted is ended")
        except OnRecordError as error:
            _log.warning("a purge that was interrupted is not ended: %s", error)
        self.talk.warm_up()

    def withdraw(self, article: str, *, purge: bool = False) -> None:
        """Takes an article out of every answer; with `purge` every trace of it, in conversations too.

        Raises:
            OnRecordError: There is no such article, or another process is writing.
        """
        if purge:
            purge_articles(self.home, [article])
            threading.Thread(
                target=self.talk.warm_up, name="onrecord-warm-up", daemon=True
            ).start()  # drops its old vectors
        else:
            withdraw_articles(self.home, [article])


@contextmanager
def open_desk(assistant: Answering, home: Path, settings: IngestSettings) -> Iterator[Desk]:
    """Opens what a chat needs over a home, and closes it."""
    with (
        closing(Conversations(home)) as conversations,
        closing(Talk(assistant, conversations)) as talk,
        closing(Inbox(home, settings)) as inbox,
    ):
        yield Desk(home, assistant, conversations, talk, inbox)
