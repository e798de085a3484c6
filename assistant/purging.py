"""Articles out of a home without a trace: out of archive, index and inbox, and out of the conversations that are kept in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from assistant.conversations import Conversations
from assistant.conversations.store import FILE
from ingest import withdrawing
from ingest.arrivals import drop_arrivals
from ingest.withdrawing import Purged


def purge(home: Path, articles: Sequence[str]) -> Purged:
    """Removes every trace of some articles; see `ingest.withdrawing.purge`.

    Raises:
        ArticleNotFound: An id is unknown, and no kept answer quotes an article of it; nothing is purged then.
        IndexMissing, ArchiveError: Nothing was ingested; another process is in the way. Where a part is done already, no answer
            has the articles any more, and the same call goes on.
    """
    return withdrawing.purge(home, articles, partial(_forget_elsewhere, home), partial(_is_quoted, home))


def finish_purge(home: Path) -> bool:
    """Ends a purge that was interrupted; whether there was one. See `purge` for errors."""
    return withdrawing.finish_purge(home, partial(_forget_elsewhere, home))


def _is_quoted(home: Path, article: str) -> bool:
    """Whether words of it are in a conversation, maybe without an article: older releases could be interrupted in between."""
    if not (home / FILE).is_file():
        return False
    with closing(Conversations(home)) as conversations:
        return conversations.quotes(article)


def _forget_elsewhere(home: Path, is_purged: Callable[[str], bool]) -> None:
    """Clears inbox and conversations: what is answered from here on cannot cite the articles, what waits for its answer might."""
    drop_arrivals(home, is_purged)
    if (home / FILE).is_file():
        with closing(Conversations(home)) as conversations:
            conversations.forget_articles(is_purged)
