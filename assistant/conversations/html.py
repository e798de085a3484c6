"""A record as one page of HTML that asks nobody for anything: no script, no network, no other file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from assistant.answer_pieces import pieces
from assistant.conversations.records import clock
from assistant.foreign_text import clean, undirected
from assistant.scope import scope_words
from assistant.types import Scope

_Json = Mapping[str, Any]


def html(record: _Json, comment: str) -> str:
    """The page, with the comment that carries the record at its end."""
    css = _css()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    page = _environment().get_template("conversation.html.j2")
    return undirected(
        clean(page.render(record=record, css=Markup(css), digest=digest, comment=Markup(comment), pieces=pieces))
    )


def citation(cited: _Json, turn: int, nearest: bool) -> str:
    """The lines of a citation."""
    parts: Any = _environment().get_template("parts.html.j2").module
    return undirected(clean(str(parts.citation(cited, turn, nearest))))


def _css() -> str:
    environment = _environment()
    if environment.loader is None:
        raise RuntimeError("the templates of the page are not there")
    return environment.loader.get_source(environment, "conversation.css")[0]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("assistant.conversations"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["scope_words"] = lambda scope: scope_words(Scope(**scope))
    environment.filters["clock"] = clock
    return environment
