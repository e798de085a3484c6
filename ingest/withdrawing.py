"""Articles out of archive and index: withdrawn, so that citations of them still open, or purged without a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ingest.archive import FILE
from ingest.errors import ArchiveError, ArticleNotFound, IndexMissing
from ingest.index import GARBAGE_ALLOWED, IndexWriter, readers, remove_older
from ingest.lock import writing
from ingest.removal import Removal


@dataclass(frozen=True)
class Withdrawn:
    """What `withdraw` did, as ids.

    Attributes:
        unchanged: Those that were withdrawn already.
    """

    withdrawn: tuple[str, ...]
    unchanged: tuple[str, ...]


@dataclass(frozen=True)
class Purged:
    """What `purge` did.

    Attributes:
        purged: Ids; nothing of these articles is left in archive and index.
        readers: Pids of processes with the index open. Each has a private copy, with the vectors (numbers, no words) of what
            was purged, until it is asked again or ends.
    """

    purged: tuple[str, ...]
    readers: tuple[int, ...]


def withdraw(home: Path, articles: Iterable[str]) -> Withdrawn:
    """Takes articles out of every answer and search, at once; their versions stay readable, with the status ``withdrawn``.

    Ingesting an article again brings it back, under the same addresses. All or nothing, also when the process is killed.

    Args:
        home: Where they were ingested.
        articles: Ids.

    Raises:
        ArticleNotFound: An id is unknown; nothing is withdrawn then.
        IndexMissing, ArchiveError: Nothing was ingested; another process is writing; archive or index cannot be used.
    """
    with writing(home):
        archive = Removal(home)
        try:
            wanted = list(dict.fromkeys(articles))
            standing = archive.standing(wanted)
            _refuse_unknown(home, [article for article in wanted if article not in standing])
            current = [article for article in wanted if standing[article] == "current"]
            if current:
                archive.withdraw(current)
                _renew_index(archive, GARBAGE_ALLOWED)
            return Withdrawn(tuple(current), tuple(article for article in wanted if article not in current))
        finally:
            archive.close()


Forgetting = Callable[[Callable[[str], bool]], None]
"""Makes what else is kept of articles forget them: those of whose ids the function that it gets says so."""


def purge(
    home: Path,
    articles: Iterable[str],
    also: Forgetting | None = None,
    is_elsewhere: Callable[[str], bool] = lambda _: False,
) -> Purged:
    """Removes every trace of articles: all versions, and every byte of them in the files of archive and index.

    Nothing shows them from the first moment on. Where it was interrupted, the same call goes on. Words that another article
    has too stay, for that article. Time and room on the disk are those of writing the archive and the index once more.

    Args:
        home: Where they were ingested.
        articles: Ids, of withdrawn articles too.
        also: Called when no answer can cite the articles any more; and again when the call is repeated.
        is_elsewhere: Whether something else has words of an article that the archive does not know.

    Raises:
        ArticleNotFound: An id is unknown; nothing is purged then.
        IndexMissing, ArchiveError: Nothing was ingested; another process is writing; archive or index cannot be used, or
            not be cleaned now.
    """
    with writing(home):
        archive = Removal(home)
        try:
            wanted = list(dict.fromkeys(articles))
            standing = archive.standing(wanted)
            unknown = [a for a in wanted if a not in standing and not archive.is_being_purged(a)]
            _refuse_unknown(home, [article for article in unknown if not is_elsewhere(article)])
            archive.forget(wanted)
            _clean(archive, also)
            return Purged(tuple(wanted), tuple(readers(home)))
        finally:
            archive.close()


def finish_purge(home: Path, also: Forgetting | None = None) -> bool:
    """Ends a purge that was interrupted, by a crash or for want of room; whether there was one.

    Args:
        home: Where articles were ingested.
        also: As for `purge`.

    Raises:
        IndexMissing, ArchiveError: As for `purge`.
    """
    if not (home / FILE).is_file():
        return False
    with closing(Removal(home)) as archive:
        if not archive.has_begun_purge:
            return False
    with writing(home), closing(Removal(home)) as archive:
        _clean(archive, also)
        return True


def _clean(archive: Removal, also: Forgetting | None) -> None:
    """Takes off the disk what was deleted, and then the note of it."""
    if also:
        also(archive.is_being_purged)
    archive.wipe()
    if generation := _renew_index(archive, 0.0):
        remove_older(archive.home, generation)
    archive.end_purge()


def _refuse_unknown(home: Path, unknown: Sequence[str]) -> None:
    if unknown:
        named = ", ".join(f"'{article}'" for article in unknown)
        raise ArticleNotFound(
            f"No article {named} in {home}, so nothing was taken out; list them with: onrecord articles"
        )


def _renew_index(archive: Removal, garbage: float) -> str | None:
    """Publishes an index with at most this share of vectors that nobody needs, and gives back its name.

    It has another name even when its vectors are the same, so that whoever has it open forgets what it remembers.
    """
    base = archive.meta("generation")
    if base is None:
        return None
    try:
        writer = IndexWriter(archive.home, base, archive.live_keys(), garbage=garbage)
        clean = writer.close()
    except IndexMissing as error:
        raise IndexMissing(f"{error}, then repeat this command") from error
    except OSError as error:
        raise ArchiveError(f"The index cannot be written ({error}); make room on the disk, then repeat it.") from error
    if not (garbage or clean):
        raise ArchiveError(
            "This version of chromadb keeps its files in a way that cannot be cleaned; install chromadb 1.5, then repeat the "
            "command."
        )
    archive.set_meta("generation", writer.generation)
    return writer.generation
