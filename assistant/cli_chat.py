"""The options of `onrecord chat`: from where it may be reached, and the password."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from ingest.errors import ServerError

if TYPE_CHECKING:
    from assistant.ui.reach import Reach

Command = TypeVar("Command", bound=Callable[..., None])

_FILE = click.Path(path_type=Path, dir_okay=False)
_OPTIONS = (
    click.option("--host", default="127.0.0.1", show_default=True,
                 help="Name or address of this machine to listen on. One that other machines reach needs "
                 "a password, and a certificate or a proxy."),
    click.option("--password-file", type=_FILE, help="Ask for the password in this file.  [env: ONRECORD_PASSWORD]"),
    click.option("--password-prompt", is_flag=True, help="Ask for a password that is typed now."),
    click.option("--tls-cert", type=_FILE, help="Serve https with this certificate (PEM)."),
    click.option("--tls-key", type=_FILE, help="The key of that certificate (PEM)."),
    click.option("--public-url", metavar="URL", help="The address that people open, where it is not host and port."),
    click.option("--behind-proxy", metavar="URL", help="The https address of a proxy, through which alone people come."),
)  # fmt: skip


def reach_options(command: Command) -> Command:
    """Adds the options whose values `reach_of` takes."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def reach_of(
    host: str, password_file: Path | None, password_prompt: bool, tls_cert: Path | None, tls_key: Path | None,
    public_url: str | None, behind_proxy: str | None,
) -> Reach:  # fmt: skip
    """From where the chat may be reached.

    Raises:
        ServerError: That is not safe, or something it needs cannot be used.
    """
    from assistant.ui.password import Password
    from assistant.ui.reach import Reach

    text = _password(password_file, password_prompt)
    password = None if text is None else Password(text)
    return Reach(host, password, tls_cert, tls_key, public_url, behind_proxy)


def _password(file: Path | None, prompt: bool) -> str | None:
    from assistant.ui.password import VARIABLE, read_password

    # Taken out of the environment, so that no program started from here inherits it.
    given = os.environ.pop(VARIABLE, None)
    if file and prompt:
        raise click.UsageError("give --password-file or --password-prompt, not both.")
    if file:
        return read_password(file)
    if not prompt:
        return given
    if not sys.stdin.isatty():
        raise ServerError("there is no terminal to type a password at; give it with --password-file")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt="The same again", err=True)
    return typed
