"""Articles out of a home without a trace: out of archive and index, and out of the conversations that are kept in it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from assistant.conversations import Conversations
from assistant.conversations.store import FILE
from ingest import withdrawing
from ingest.archive import Archive
from ingest.withdrawing import Purged


def purge(home: Path, articles: Sequence[str]) -> Purged:
    """Removes every trace of some articles; see `ingest.withdrawing.purge`.

    Conversations come first: a call that was interrupted between the two can be repeated, since the archive still knows the
    articles.

    Raises:
        ArticleNotFound: An id is unknown; nothing is purged then.
        IndexMissing, ArchiveError: Nothing was ingested; another process is in the way.
    """
    with closing(Archive(home)) as archive:
        known = all(archive.knows(article) for article in articles)
    if known and (home / FILE).is_file():
        with closing(Conversations(home)) as conversations:
            for article in dict.fromkeys(articles):
                conversations.forget_article(article)
    return withdrawing.purge(home, articles)
