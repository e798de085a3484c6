"""What may be sent to the inbox, how large, and how many at once; a file goes to the disk as it comes."""

from __future__ import annotations

import re
import threading
from pathlib import Path

from assistant.ui.limits import LARGEST_UPLOAD
from ingest.arrivals import Upload, sizes
from ingest.errors import ArticleError, RequestError, TooLarge, TooMany
from ingest.loading import MARKUP_OF_SUFFIX

MOST_WAITING = 500
MOST_BYTES = 500_000_000
"""Of all files that wait together."""
MOST_AT_ONCE = 10
LONGEST_NAME = 200
"""Bytes; what the inbox puts before and after it fits into the 255 that a file system takes."""
_NO_NAME = re.compile(r"[\x00-\x1f\x7f/\\]|^\.")


class Uploads:
    """Files that are being sent to a home.

    Args:
        home: Theirs.
        max_file_bytes: The setting ``ingest.max_file_bytes``.
    """

    def __init__(self, home: Path, max_file_bytes: int) -> None:
        self._home = home
        self._max_file_bytes = max_file_bytes
        self._lock = threading.Lock()
        self._under_way = 0

    @property
    def largest(self) -> int:
        """Bytes that a file may have."""
        return min(self._max_file_bytes, LARGEST_UPLOAD)

    def begin(self, name: str, size: int = 0) -> Upload:
        """A file that can be written to; to be ended, whatever happens.

        Args:
            name: The file's.
            size: Bytes that it is said to have; 0 when nobody has said.

        Raises:
            RequestError: Its name is none; TooLarge, TooMany as they say.
            ArticleError: It is of a type that is not taken in.
            ArchiveError: It cannot be kept.
        """
        _check_name(name)
        self._check_size(name, size)
        with self._lock:
            if self._under_way >= MOST_AT_ONCE:
                raise TooMany(f"{self._under_way} files are being sent already; add {name} again in a moment.")
            held = sizes(self._home)
            if len(held) >= MOST_WAITING or sum(held) + size > MOST_BYTES:
                raise TooMany(
                    f"{len(held)} files are waiting already; add {name} again when some of them are taken in."
                )
            upload = Upload(self._home, name)
            self._under_way += 1
            return upload

    def write(self, upload: Upload, chunk: bytes) -> None:
        """Adds to a file.

        Raises:
            TooLarge, ArchiveError: As of `begin`.
        """
        self._check_size(upload.name, upload.size + len(chunk))
        upload.write(chunk)

    def end(self, upload: Upload) -> None:
        """Drops it if it was not kept, and makes room for another."""
        upload.close()
        with self._lock:
            self._under_way -= 1

    def _check_size(self, name: str, size: int) -> None:
        if size <= self.largest:
            return
        ways = ["raise ingest.max_file_bytes"] if size > self._max_file_bytes else []
        ways += ["run: onrecord ingest FILE"] if size > LARGEST_UPLOAD else []
        raise TooLarge(
            f"{name} has {size:,} bytes or more, and at most {self.largest:,} are taken here; "
            f"split it, or {' and '.join(ways)}"
        )


def _check_name(name: str) -> None:
    if not name or len(name.encode("utf-8", "replace")) > LONGEST_NAME or _NO_NAME.search(name):
        raise RequestError(f"'{name[:60]}' is no name for a file here; give it a shorter, plain one, and add it again.")
    if Path(name).suffix.lower() not in MARKUP_OF_SUFFIX:
        types = ", ".join(MARKUP_OF_SUFFIX)
        raise ArticleError(f"{name} is of a type that is not read ({types} are); save it as text, and add it again.")
