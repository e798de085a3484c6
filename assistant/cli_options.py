"""What the verbs share: their options, and errors as messages."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from ingest.errors import OnRecordError


@contextmanager
def errors_as_messages() -> Iterator[None]:
    """Prints what a user can mend, without a traceback, and exits 1."""
    try:
        yield
    except OnRecordError as error:
        click.echo(f"onrecord: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        click.echo(
            "onrecord: interrupted; nothing is half done. The same command goes on from here (a run of eval: with its --out).",
            err=True,
        )
        sys.exit(130)


home_option = click.option(
    "--home", type=click.Path(path_type=Path), help="Folder of archive and index.  [env: ONRECORD_HOME]"
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
article_option = click.option(
    "--article", "articles", multiple=True, metavar="ID", help="Only this article; may be repeated."
)
author_option = click.option(
    "--author", "authors", multiple=True, help="Only articles by this author, a surname will do; may be repeated."
)
outlet_option = click.option(
    "--outlet", "outlets", multiple=True, help="Only articles from this outlet; may be repeated."
)
since_option = click.option("--since", metavar="DATE", help="Only articles published on this day or later.")
until_option = click.option("--until", metavar="DATE", help="Only articles published on this day or earlier.")
