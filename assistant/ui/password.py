"""The one password of a chat: where it comes from, what it must be like, and how it is compared."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
import unicodedata
from pathlib import Path

from ingest.errors import ServerError

VARIABLE = "ONRECORD_PASSWORD"
# NIST SP 800-63B-4, 3.1.1.2: at least 15 characters where nothing but the password is asked for.
SHORTEST = 15
LONGEST = 256
MAKE_ONE = "python3 -c 'import secrets; print(secrets.token_urlsafe(18))'"


class Password:
    """A password that is kept as a hash only: scrypt with a salt of its own."""

    # The first choice of OWASP's Password Storage Cheat Sheet: 128 MiB, and .4 s of one core of ours.
    def __init__(self, text: str, n: int = 2**17, r: int = 8, p: int = 1) -> None:
        """Hash a password.

        Args:
            text: The password, 15 to 256 characters; forms of one letter that look alike are one (NFKC).
            n: scrypt's cost of memory and time, a power of two.
            r: scrypt's block size; n * r * 128 bytes are used.
            p: How often that is done.

        Raises:
            ServerError: It is too short, too long or holds a line break or another control character.
        """
        chosen = unicodedata.normalize("NFKC", text)
        if any(unicodedata.category(character) in ("Cc", "Cs") for character in chosen) or chosen != chosen.strip():
            raise ServerError("the password must be one line of text, without spaces around it; choose another one")
        if len(chosen) < SHORTEST:
            raise ServerError(
                f"the password has {len(chosen)} characters, and at least {SHORTEST} are needed; take four words that have "
                f"nothing to do with each other, or make one with: {MAKE_ONE}"
            )
        if len(chosen) > LONGEST:
            raise ServerError(f"the password has {len(chosen)} characters; choose one of at most {LONGEST}")
        self._n, self._r, self._p = n, r, p
        self._salt = secrets.token_bytes(16)
        self._hash = self._scrypt(chosen)

    def fits(self, tried: str) -> bool:
        """Whether that is the password, in a time that does not tell how nearly; to be called in a thread."""
        return hmac.compare_digest(self._scrypt(unicodedata.normalize("NFKC", tried)), self._hash)

    def _scrypt(self, text: str) -> bytes:
        memory = 128 * self._r * (self._n + self._p + 2)  # what OpenSSL asks for, to the byte
        return hashlib.scrypt(
            text.encode(errors="replace"), salt=self._salt, n=self._n, r=self._r, p=self._p, maxmem=memory
        )


def read_password(file: Path) -> str:
    """The password in a file that nobody else can read; a line break at its end is no part of it.

    Raises:
        ServerError: The file cannot be read, is not UTF-8, or may be read by other users.
    """
    try:
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
                raise ServerError(f"other users may read {file}; keep it to yourself first: chmod 600 {file}")
            text = opened.read(8 * LONGEST).decode("utf-8-sig")
    except OSError as error:
        raise ServerError(
            f"{file} cannot be read ({error.strerror}); name another file with --password-file"
        ) from error
    except UnicodeDecodeError as error:
        raise ServerError(f"{file} is not UTF-8 text; write the password into it as one line") from error
    return text.removesuffix("\n").removesuffix("\r")
