"""The vector index: the one module that knows chromadb.

An index is a folder that is never changed once it is published. Chroma 1.5 is not safe for two processes on one folder: a
reader can see stale vectors or hang (chroma-core/chroma#3792, #7040), a writer killed in mid-flush can leave a folder that
crashes whoever opens it (#7238). So a writer fills a copy under a new name and publishes it by naming it in the archive's
own transaction; a reader opens a private copy of the published folder. Nothing is ever deleted from a collection (#7758):
when too much of one is no longer needed, the next is filled anew from its vectors.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import struct
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ingest.errors import ArchiveError, IndexMissing
from ingest.lock import alive
from ingest.records import Floats

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

FOLDER = "index"
GARBAGE_ALLOWED = 0.2
"""Share of vectors that no current passage needs, above which the next index is filled anew."""

_COLLECTION = "passages"
_BATCH = 1000
_HNSW = {"space": "cosine", "ef_construction": 200, "max_neighbors": 32, "ef_search": 200}
_HEADER = struct.Struct("<i4Q")
"""How ``header.bin`` of Chroma's HNSW begins: version, offset, elements that there is room for, elements, bytes of each."""


class _Opened:
    """A Chroma folder that this process alone has open."""

    def __init__(self, folder: Path) -> None:
        import chromadb
        from chromadb.config import Settings

        try:
            self._client: ClientAPI = chromadb.PersistentClient(
                str(folder), settings=Settings(anonymized_telemetry=False)
            )
            self.collection: Collection = self._client.get_or_create_collection(
                _COLLECTION, embedding_function=None, configuration=cast(Any, {"hnsw": _HNSW})
            )
        except Exception as error:  # chromadb raises bare and Rust errors alike
            raise ArchiveError(f"The index in {folder} cannot be opened ({error}); run: onrecord rebuild") from error

    def close(self) -> None:
        cast(Any, self._client).close()


class VectorIndex:
    """A published index, open for reading.

    Args:
        home: The folder of the archive.
        generation: The name that the archive gives.

    Raises:
        IndexMissing: The folder is not there.
        ArchiveError: Chroma cannot open it.
    """

    def __init__(self, home: Path, generation: str) -> None:
        self.generation = generation
        copies = home / FOLDER / "copies"
        _sweep(copies)
        self._folder = copies / f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        try:
            shutil.copytree(home / FOLDER / generation, self._folder)
        except OSError as error:
            self._remove()
            if not (home / FOLDER / generation).is_dir():
                raise IndexMissing(f"The index of {home} is gone; run: onrecord rebuild") from error
            raise ArchiveError(f"The index of {home} cannot be copied ({error}); make room on the disk.") from error
        atexit.register(self._remove)
        try:
            self._opened = _Opened(self._folder)
        except ArchiveError:
            self._remove()
            raise

    def close(self) -> None:
        """Lets go of the index and removes the private copy."""
        self._opened.close()
        self._remove()
        atexit.unregister(self._remove)

    def _remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def count(self) -> int:
        """How many vectors there are."""
        return self._opened.collection.count()

    def query(self, vector: Floats, limit: int) -> list[tuple[str, float]]:
        """``(key, cosine similarity)`` of the nearest vectors, best first.

        Args:
            vector: Unit length, shape ``(dimensions,)``.
            limit: At most this many.
        """
        limit = min(limit, self.count())
        if limit < 1:
            return []
        found = self._opened.collection.query(
            query_embeddings=cast(Any, vector[np.newaxis]), n_results=limit, include=["distances"]
        )
        distances = (found["distances"] or [[]])[0]
        return [(key, 1.0 - float(distance)) for key, distance in zip(found["ids"][0], distances, strict=True)]

    def vectors(self, keys: Sequence[str]) -> dict[str, Floats]:
        """The stored vectors of those `keys` that are in the index."""
        return _vectors(self._opened.collection, keys)


class IndexWriter:
    """A new generation of the index, private to the holder of the writer's lock until it is published.

    Args:
        home: The folder of the archive.
        base: The published generation, which stays as it is; None when there is none.
        live: The keys that are still needed.
        anew: Start empty, not from `base`.
        garbage: The share of vectors that may be of no use, see `GARBAGE_ALLOWED`.

    Raises:
        IndexMissing: The folder of `base` is gone, and with it the vectors of all that was ingested before.
    """

    def __init__(
        self, home: Path, base: str | None, live: set[str], *, anew: bool = False, garbage: float = GARBAGE_ALLOWED
    ) -> None:
        self._root = home / FOLDER
        self._garbage = garbage
        _remove_all_but(base, self._root)
        self.generation = f"generation-{uuid.uuid4().hex[:12]}"
        self._folder = self._root / self.generation
        if base is None or anew:
            self._folder.mkdir(parents=True)
            self._opened = _Opened(self._folder)
        elif not (self._root / base).is_dir():
            raise IndexMissing(f"The index of {home} is gone; run: onrecord rebuild")
        elif self._mostly_live(self._root / base, live):
            self._opened = _Opened(self._folder)

    def _mostly_live(self, base: Path, live: set[str]) -> bool:
        """Copies `base`; True when the copy can be used as it is, else `self` is filled anew from its live vectors."""
        shutil.copytree(base, self._folder)
        opened = _Opened(self._folder)
        stored = opened.collection.get(include=[])["ids"]
        keep = [key for key in stored if key in live]
        opened.close()
        if len(keep) >= (1 - self._garbage) * len(stored):
            return True
        previous = self._root / f"generation-{uuid.uuid4().hex[:12]}"
        self._folder.rename(previous)
        opened = _Opened(previous)
        self._folder.mkdir()
        self._opened = _Opened(self._folder)
        for first in range(0, len(keep), _BATCH):
            vectors = _vectors(opened.collection, keep[first : first + _BATCH])
            self.add(list(vectors), np.stack(list(vectors.values())))
        opened.close()
        shutil.rmtree(previous, ignore_errors=True)
        return False

    def missing(self, keys: Iterable[str]) -> set[str]:
        """Those of `keys` that have no vector yet."""
        wanted = list(dict.fromkeys(keys))
        stored: set[str] = set()
        for first in range(0, len(wanted), _BATCH):
            stored.update(self._opened.collection.get(ids=wanted[first : first + _BATCH], include=[])["ids"])
        return set(wanted) - stored

    def add(self, keys: Sequence[str], vectors: Floats) -> None:
        """Adds vectors of shape ``(keys, dimensions)``; keys that are there already are not to be given."""
        for first in range(0, len(keys), _BATCH):
            last = first + _BATCH
            self._opened.collection.add(ids=list(keys[first:last]), embeddings=cast(Any, vectors[first:last]))

    def close(self) -> bool:
        """Writes everything to disk. The generation may be published after this.

        Returns:
            Whether its files surely hold nothing but the index, see `_clear_unused`.
        """
        self._opened.close()
        return all([_clear_unused(header) for header in self._folder.glob("*/header.bin")])

    def discard(self) -> None:
        """Removes the generation, which was not published."""
        self._opened.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _clear_unused(header: Path) -> bool:
    """Zeroes the room for vectors to come, into which Chroma writes whatever its process had in memory before.

    Returns:
        False when the files are not as Chroma 1.5 writes them; they are left alone then.
    """
    vectors = header.with_name("data_level0.bin")
    begin = header.read_bytes()[: _HEADER.size]
    version, offset, room, used, size = _HEADER.unpack(begin.ljust(_HEADER.size, b"\0"))
    held = vectors.stat().st_size
    if (version, offset) != (1, 0) or not used * size <= held <= room * size:
        return False
    with vectors.open("r+b") as file:
        file.truncate(used * size)
        file.truncate(held)
    return True


def _vectors(collection: Collection, keys: Sequence[str]) -> dict[str, Floats]:
    vectors: dict[str, Floats] = {}
    for first in range(0, len(keys), _BATCH):  # SQLite takes 32,766 values a statement
        found = collection.get(ids=list(keys[first : first + _BATCH]), include=["embeddings"])
        vectors.update(zip(found["ids"], np.asarray(found["embeddings"], dtype=np.float32), strict=True))
    return vectors


def remove_older(home: Path, generation: str) -> None:
    """Removes all vectors but those of the published generation, and of the private copies of living processes.

    Raises:
        ArchiveError: A folder cannot be removed.
    """
    root = home / FOLDER
    _sweep(root / "copies")
    if left := _remove_all_but(generation, root):
        raise ArchiveError(f"{left[0]} cannot be removed; check its permissions, then repeat the command.")


def readers(home: Path) -> list[int]:
    """The processes that have a private copy of the index open, by their pids."""
    return sorted({int(copy.name.partition("-")[0]) for copy in (home / FOLDER / "copies").glob("[0-9]*-*")})


def _remove_all_but(published: str | None, root: Path) -> list[Path]:
    """Removes the other generations, and gives back what could not be removed.

    Under another name first, so that a reader in the midst of copying one fails and has no half of it.
    """
    for old in root.glob("*-*"):
        if old.name != published:
            with contextlib.suppress(OSError):
                shutil.rmtree(old.rename(root / f"removed-{uuid.uuid4().hex[:12]}"), ignore_errors=True)
    return [folder for folder in root.glob("*-*") if folder.name != published]


def _sweep(copies: Path) -> None:
    """Removes the private copies of processes that died without doing so."""
    for copy in copies.glob("*-*"):
        pid = copy.name.partition("-")[0]
        if pid.isdigit() and not alive(int(pid)):
            shutil.rmtree(copy, ignore_errors=True)
