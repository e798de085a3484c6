"""The verbs over the library: which articles there are, and taking some out."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.assistant import home_of
from assistant.cli_options import errors_as_messages, home_option, json_option
from assistant.view import plain, show_article
from ingest.archive import Archive

if TYPE_CHECKING:
    from ingest.withdrawing import Purged


@click.command()
@click.option("--withdrawn", is_flag=True, help="List also those that are withdrawn.")
@home_option
@json_option
def articles(withdrawn: bool, home: Path | None, as_json: bool) -> None:
    """List the articles that can be asked."""
    with errors_as_messages():
        archive = Archive(home_of(home))
        found = archive.articles(withdrawn=withdrawn)
        if not found:
            click.echo("There are no articles yet; run: onrecord ingest", err=True)
        for info in found:
            click.echo(json.dumps(asdict(info), ensure_ascii=False) if as_json else show_article(info))
        archive.close()


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option(
    "--purge", "purging", is_flag=True, help="Remove every trace of them, for good; their citations no longer open."
)
@click.option("--yes", is_flag=True, help="Purge without asking first.")
@home_option
@json_option
def withdraw(ids: Sequence[str], purging: bool, yes: bool, home: Path | None, as_json: bool) -> None:
    """Take articles out of all answers and searches. Citations of them still open, as withdrawn.

    To bring an article back, ingest it again.
    """
    from assistant.purging import finish_purge
    from ingest.withdrawing import withdraw as withdraw_articles

    folder = home_of(home)
    if purging:
        _purge(ids, folder, yes, as_json)
        return
    with errors_as_messages():
        finish_purge(folder)
        done = withdraw_articles(folder, ids)
    if as_json:
        click.echo(json.dumps(asdict(done), ensure_ascii=False))
    else:
        click.echo(f"{len(done.withdrawn)} withdrawn, {len(done.unchanged)} unchanged")


def _purge(ids: Sequence[str], home: Path, sure: bool, as_json: bool) -> None:
    from assistant.purging import purge

    if not (sure or sys.stdin.isatty()):
        raise click.UsageError("there is no terminal to ask in; to purge for good, add --yes.")
    if not sure:
        named = plain(", ".join(ids))
        click.confirm(f"Purge {named} from {home} for good? Nothing can bring it back", abort=True, err=True)
    with errors_as_messages():
        done = purge(home, ids)
    click.echo(json.dumps(asdict(done), ensure_ascii=False) if as_json else f"{len(done.purged)} purged")
    _tell_of_readers(done)


def _tell_of_readers(done: Purged) -> None:
    if done.readers:
        pids = ", ".join(map(str, done.readers))
        click.echo(
            f"Open in process {pids}, which keeps the vectors (numbers, no words) of what was purged until it is asked "
            "again or ends.",
            err=True,
        )
