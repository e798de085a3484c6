"""The verbs of kept conversations, and the one that verifies an export of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.assistant import home_of
from assistant.cli_options import errors_as_messages, home_option, json_option
from assistant.view import plain, show_answer
from assistant.writing import write_atomically
from ingest.archive import Archive
from ingest.errors import ArticleError, ConversationNotFound

if TYPE_CHECKING:
    from assistant.conversations import Conversations, KeptTurn, Summary
    from assistant.conversations.export import Format
    from assistant.conversations.verify import CitationCheck, Verified

_HEAD = ("id", "title", "created_at", "changed_at")


@contextmanager
def _kept(home: Path | None) -> Iterator[Conversations]:
    """The conversations of a home, which is not made when it is not there."""
    from assistant.conversations import Conversations
    from assistant.conversations.store import FILE

    with errors_as_messages():
        folder = home_of(home)
        if not (folder / FILE).is_file():
            raise ConversationNotFound(f"No conversations are kept in {folder}; begin one with: onrecord chat")
        store = Conversations(folder)
        try:
            yield store
        finally:
            store.close()


@click.group()
def conversations() -> None:
    """List, show, rename, delete and export the conversations that the chat has kept, and what was rated in them."""


@conversations.command("list")
@click.argument("query", required=False)
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="At most this many.")
@click.option("--offset", type=click.IntRange(0), default=0, help="How many to pass over.")
@home_option
@json_option
def list_kept(query: str | None, limit: int, offset: int, home: Path | None, as_json: bool) -> None:
    """List conversations, the last changed first; with QUERY, those in which every word of it stands."""
    with _kept(home) as store:
        for found in store.list(limit, offset, query):
            click.echo(json.dumps(asdict(found), ensure_ascii=False) if as_json else _line(found))


@conversations.command()
@click.argument("id", metavar="ID")
@home_option
@json_option
def show(id: str, home: Path | None, as_json: bool) -> None:
    """Show the questions of a conversation and their answers."""
    with _kept(home) as store:
        found = store.get(id)
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False))
        return
    click.echo("\n\n".join([click.style(plain(found.title), bold=True), *map(_turn, found.turns)]))


@conversations.command()
@click.argument("id", metavar="ID")
@click.argument("title")
@home_option
@json_option
def rename(id: str, title: str, home: Path | None, as_json: bool) -> None:
    """Give a conversation a title; an empty one gives back its first question."""
    with _kept(home) as store:
        store.rename(id, title)
        title = store.get(id).title
    click.echo(json.dumps({"id": id, "title": title}, ensure_ascii=False) if as_json else plain(title))


@conversations.command()
@click.argument("id", metavar="ID")
@home_option
@json_option
def delete(id: str, home: Path | None, as_json: bool) -> None:
    """Delete a conversation for good: nothing of it stays on the disk."""
    with _kept(home) as store:
        store.delete(id)
    click.echo(json.dumps({"deleted": id}) if as_json else f"deleted {id}")


@conversations.command("export")
@click.argument("id", metavar="ID")
@click.option("--format", "how", type=click.Choice(["markdown", "html", "json"]), help="  [default: markdown]")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it there.  [default: stdout]")
@home_option
@json_option
def export_one(id: str, how: Format | None, out: Path | None, home: Path | None, as_json: bool) -> None:
    """Write a conversation as a document that `onrecord verify` can check; --json is --format json."""
    from assistant.conversations.export import export, record_of

    if as_json and how not in (None, "json"):
        raise click.UsageError("--json and --format name different formats; give one of them.")
    with _kept(home) as store:
        document = export(record_of(store.get(id)), "json" if as_json else how or "markdown")
        if out is None:
            sys.stdout.buffer.write(document.encode())
            return
        try:
            write_atomically(out, document)
        except OSError as error:
            raise ArticleError(f"{out}: cannot be written ({error.strerror}); name another --out.") from error
        click.echo(f"written to {out}", err=True)


@conversations.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder of the suite.")
@home_option
@json_option
def samples(out: Path, home: Path | None, as_json: bool) -> None:
    """Write the answers that were rated in the chat as a suite for `onrecord eval run`, to be corrected by hand."""
    from assistant.conversations.feedback import write_suite

    with _kept(home) as store:
        archive = Archive(home_of(home))
        try:
            count = write_suite(store.draft_samples(), archive, out)
        finally:
            archive.close()
    click.echo(json.dumps({"suite": str(out), "samples": count}) if as_json else f"{count} drafts: {out}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@home_option
@json_option
def verify(file: Path, home: Path | None, as_json: bool) -> None:
    """Check an exported conversation: do its citations still hold, and is its text as it was written?

    Needs no network and no model. Exits 3 when a citation does not hold, or something was altered. A citation of a version
    that is superseded or withdrawn holds: its words still stand in the archive.
    """
    with errors_as_messages():
        from assistant.conversations.verify import verify as verify_export

        archive = Archive(home_of(home))
        try:
            found = verify_export(file, archive)
        finally:
            archive.close()
    click.echo(json.dumps(found.to_json(), ensure_ascii=False) if as_json else _verified(found))
    if not found.holds:
        sys.exit(3)


def _line(found: Summary) -> str:
    number = "1 question" if found.turns == 1 else f"{found.turns} questions"
    return f"{click.style(found.id, dim=True)}  {found.changed_at[:16]}  {plain(found.title)} ({number})"


def _turn(turn: KeptTurn) -> str:
    question = click.style(f"Q: {plain(turn.question)}", bold=True)
    if turn.answer is None:
        return f"{question}\n({turn.state}) {plain(turn.error or '')}".rstrip()
    return f"{question}\n{show_answer(turn.answer)}"


def _verified(found: Verified) -> str:
    lines = [
        f"{plain(found.title)}\nexported {plain(found.exported_at)} by onrecord {plain(found.onrecord_version)} as {found.format}",
        "",
    ]
    lines += map(_check, found.citations)
    lines += [click.style(f"ALTERED  {plain(text)}", fg="red") for text in found.altered]
    broken = sum(not check.holds for check in found.citations)
    number = "1 citation" if len(found.citations) == 1 else f"{len(found.citations)} citations"
    held = "all hold" if not broken else f"{broken} of them not as in the articles or not as exported"
    altered = "the text was altered" if found.altered else "the text is as it was written"
    return "\n".join([*lines, "", f"{number}, {held}; {altered}"])


def _check(check: CitationCheck) -> str:
    name = f"{'nearest ' if check.nearest else ''}[{check.marker}] of question {check.turn}"
    status = "" if check.status in ("current", None) else f" ({check.status})"
    line = f"{'holds' if check.holds else 'FAILS':<8} {name}{status}  {plain(check.id)}"
    faults = "".join(f"\n{'':<9}{plain(fault)}" for fault in check.faults)
    return line if check.holds else click.style(line + faults, fg="red")
