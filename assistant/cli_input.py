"""What the verbs are given: drafts, histories, and the limits of what is asked."""

from __future__ import annotations

from pathlib import Path

import click

from assistant.assistant import Assistant
from assistant.scope import stated_scope
from assistant.types import Scope, Turn
from ingest.errors import ArticleError, DatasetError, RequestError
from ingest.json_lines import read_json_lines


def read_draft(path: Path) -> str:
    """The text of a file to be checked.

    Raises:
        ArticleError: It cannot be read as text.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ArticleError(f"{path}: cannot be read ({error.strerror}); check the path.") from error
    except UnicodeDecodeError as error:
        raise ArticleError(f"{path.name}: not UTF-8 ({error.reason}); save it as UTF-8 text.") from error
    if "\0" in text:
        raise ArticleError(f"{path.name}: holds NUL, so that it is no text; save it as UTF-8 text.")
    return text


def read_history(path: Path) -> list[Turn]:
    """The turns of a history file.

    Raises:
        DatasetError: A line is not ``{"q", "a"}``.
    """
    turns = []
    for where, record in read_json_lines(path):
        for field in ("q", "a"):
            if not isinstance(record.get(field), str):
                raise DatasetError(f"{where}: field '{field}' must be a text; correct the line.")
        turns.append(Turn(record["q"], record["a"]))
    return turns


def scope_of(
    assistant: Assistant, articles: tuple[str, ...], authors: tuple[str, ...], outlets: tuple[str, ...],
    since: str | None, until: str | None,
) -> Scope | None:  # fmt: skip
    """The scope of a verb's options; None when there are none."""
    try:
        return stated_scope(assistant.articles, articles, authors, outlets, since, until, ("--since", "--until"))
    except RequestError as error:
        raise click.UsageError(str(error)) from None
