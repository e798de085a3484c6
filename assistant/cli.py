"""The command `onrecord`: verbs, with the result on stdout and everything else on stderr."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, get_args

import click

from assistant.assistant import Assistant, home_of
from assistant.citation_formats import CitationFormat, format_citation
from assistant.citations import search_results
from assistant.cli_chat import reach_of, reach_options
from assistant.cli_conversations import conversations, verify
from assistant.cli_input import read_draft, read_history, scope_of
from assistant.cli_library import articles, withdraw
from assistant.cli_options import (
    article_option,
    author_option,
    errors_as_messages,
    home_option,
    json_option,
    outlet_option,
    since_option,
    until_option,
)
from assistant.progress import show_progress
from assistant.purging import finish_purge
from assistant.scope import anything_fits, nothing_fits
from assistant.settings import Settings
from assistant.view import show_answer, show_checked, show_cited, show_hit, show_report
from ingest.archive import begin
from ingest.loading import load, shipped_corpus
from ingest.pipeline import ingest as ingest_articles
from ingest.pipeline import rebuild as rebuild_index


class Verbs(click.Group):
    """The verbs of this room, and those that rooms above it register under the entry point ``onrecord.verbs``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All verbs, in the order in which people meet them."""
        return [*self.commands, *sorted(point.name for point in entry_points(group="onrecord.verbs"))]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The verb; one of another room is imported only when it is called."""
        for point in entry_points(group="onrecord.verbs", name=name):
            command = point.load()
            return command if isinstance(command, click.Command) else None
        return super().get_command(ctx, name)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="onrecord")
@click.option("-v", "--verbose", is_flag=True, help="Log what is done to stderr.")
def onrecord(verbose: bool) -> None:
    """Ask a set of articles. Every sentence of the answer is on the record: it opens the passage it stands on."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO if verbose else logging.ERROR,
        format="%(levelname)s %(name)s: %(message)s",
    )


@onrecord.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@home_option
@json_option
def ingest(paths: Sequence[Path], home: Path | None, as_json: bool) -> None:
    """Take in text and Markdown files, folders of them, or a manifest; without PATHS, the shipped corpus.

    What was taken in before and has not changed costs nothing.
    """
    with errors_as_messages(), show_progress() as progress:
        folder = home_of(home)
        settings = Settings.load(folder).ingest
        finish_purge(folder)
        articles = load(list(paths) or [shipped_corpus()], settings.max_file_bytes)
        report = ingest_articles(folder, articles, settings, progress)
    click.echo(json.dumps(report.to_json(), ensure_ascii=False) if as_json else show_report(report))
    if report.failed:
        sys.exit(1)


@onrecord.command()
@home_option
@json_option
def rebuild(home: Path | None, as_json: bool) -> None:
    """Make the index anew from the archive, under today's settings. Citations keep their addresses."""
    with errors_as_messages(), show_progress() as progress:
        folder = home_of(home)
        report = rebuild_index(folder, Settings.load(folder).ingest, progress)
    click.echo(json.dumps(report.to_json(), ensure_ascii=False) if as_json else show_report(report))


@onrecord.command()
@click.argument("question")
@click.option("--history", type=click.Path(path_type=Path), help='JSON lines {"q", "a"}: earlier turns, oldest first.')
@article_option
@author_option
@outlet_option
@since_option
@until_option
@home_option
@json_option
def ask(
    question: str, history: Path | None, articles: tuple[str, ...], authors: tuple[str, ...], outlets: tuple[str, ...],
    since: str | None, until: str | None, home: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Ask the articles one question.

    It may limit itself: "in Rehman's article", "what did Dawn write about", "articles from April 2024".
    """
    if not question.strip():
        raise click.UsageError("the question is empty; ask one in words.")
    with errors_as_messages(), Assistant.open(home) as assistant:
        scope = scope_of(assistant, articles, authors, outlets, since, until)
        answer = assistant.answer(question, read_history(history) if history else (), scope)
    click.echo(json.dumps(answer.to_json(), ensure_ascii=False) if as_json else show_answer(answer))


@onrecord.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port to serve on; by default 7860 or the next free one.")
@reach_options
@home_option
def chat(port: int | None, home: Path | None, **reached: Any) -> None:
    """Serve the chat, to this machine alone unless told otherwise, and print its address."""
    with errors_as_messages():
        reach = reach_of(**reached)
        begin(home_of(home))
        with Assistant.open(home) as assistant:
            from assistant.ui import serve

            serve(
                assistant, assistant.home, assistant.settings.ingest, port,
                on_ready=lambda address: click.echo(address), reach=reach,
            )  # fmt: skip


@onrecord.command()
@home_option
def mcp(home: Path | None) -> None:
    """Serve the articles to a program that starts this command and speaks MCP with it on stdin and stdout."""
    with errors_as_messages(), Assistant.open(home) as assistant:
        from assistant.ui.mcp_server import serve_stdio

        serve_stdio(assistant)


@onrecord.command()
@click.argument("address", metavar="ID")
@click.option(
    "--format",
    "how",
    type=click.Choice(get_args(CitationFormat)),
    help="As a reference for a footnote or another program.",
)
@home_option
@json_option
def cite(address: str, how: CitationFormat | None, home: Path | None, as_json: bool) -> None:
    """Show the exact words of a citation, in their context, or as a reference to them."""
    if how and as_json:
        raise click.UsageError("--json shows the words and --format a reference; give one of them.")
    with errors_as_messages(), Assistant.open(home) as assistant:
        cited = assistant.cite(address)
    if how:
        click.echo(format_citation(cited, how))
        return
    click.echo(json.dumps(asdict(cited), ensure_ascii=False) if as_json else show_cited(cited))


@onrecord.command()
@click.argument("query")
@click.option("-k", "count", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many passages.")
@article_option
@author_option
@outlet_option
@since_option
@until_option
@home_option
@json_option
def search(
    query: str, count: int, articles: tuple[str, ...], authors: tuple[str, ...], outlets: tuple[str, ...],
    since: str | None, until: str | None, home: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Show the passages that are nearest to a query."""
    if not query.strip():
        raise click.UsageError("the query is empty; search for some words.")
    with errors_as_messages(), Assistant.open(home) as assistant:
        scope = scope_of(assistant, articles, authors, outlets, since, until)
        if scope and not anything_fits(scope, known := assistant.articles()):
            click.echo(nothing_fits(scope, known), err=True)
        hits = assistant.search(query, count, scope)
    if not as_json:
        click.echo("\n\n".join(show_hit(hit) for hit in hits))
        return
    click.echo(json.dumps(asdict(search_results(query, hits)), ensure_ascii=False))


@onrecord.command()
@click.argument("text", required=False)
@click.option("-f", "--file", type=click.Path(path_type=Path), help="Check the text of this file.")
@article_option
@author_option
@outlet_option
@since_option
@until_option
@home_option
@json_option
def check(
    text: str | None, file: Path | None, articles: tuple[str, ...], authors: tuple[str, ...], outlets: tuple[str, ...],
    since: str | None, until: str | None, home: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Check each sentence of TEXT, of a file, or of stdin (-) against the articles.

    Each is quoted, supported, contradicted or unsupported, with what it stands on and what is wrong. Exits 3 when a sentence
    is not borne out.
    """
    if (text is None) == (file is None):
        raise click.UsageError("give a TEXT, or a file with -f, or - for stdin.")
    with errors_as_messages(), show_progress() as progress, Assistant.open(home) as assistant:
        draft = read_draft(file) if file else sys.stdin.read() if text == "-" else text or ""
        if not draft.strip():
            raise click.UsageError("there is no text to check; give at least one sentence.")
        checked = assistant.check(draft, scope_of(assistant, articles, authors, outlets, since, until), progress)
    click.echo(json.dumps(checked.to_json(), ensure_ascii=False) if as_json else show_checked(checked))
    if checked.faults:
        sys.exit(3)


onrecord.add_command(articles)
onrecord.add_command(withdraw)


onrecord.add_command(conversations)
onrecord.add_command(verify)


STILL_AT_WORK = ("onrecord-", "AnyIO worker")
"""How the names of those threads of a chat begin that nobody waits for when it ends."""


def main() -> None:
    """The entry point of the command."""
    try:
        onrecord()
    except SystemExit as ended:
        if not any(thread.name.startswith(STILL_AT_WORK) for thread in threading.enumerate()):
            raise
        # Everything is written and closed; below a library that loads weights just now the interpreter cannot end in order.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ended.code if isinstance(ended.code, int) else 0)


if __name__ == "__main__":
    main()
