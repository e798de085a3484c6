"""What a text file says about itself before its body: YAML between two lines of dashes, as note takers and site makers write it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

from ingest.errors import ArticleError
from ingest.manifest import is_iso_date
from ingest.splitting import Markup

_BLOCK = re.compile(r"---[ \t]*\n(.{0,65536}?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"\s*#[ \t]+(\S[^\n]*?)[ \t]*#*[ \t]*(?:\n|\Z)")
_WIKI_LINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]+)\]\]")
_URL = re.compile(r"https?://\S+")
_FIELDS = {
    "title": ("title",),
    "author": ("author", "authors", "byline"),
    "outlet": ("outlet", "publication", "publisher", "site", "site_name"),
    "published": ("published", "date", "date_published", "publish_date"),
    "language": ("language", "lang"),
    "source": ("source", "url", "link", "canonical_url"),
    "licence": ("licence", "license"),
}
"""A field of an article, and the names that it goes by, the first that is stated counts."""


def read_front_matter(text: str, name: str, markup: Markup) -> tuple[dict[str, str], int]:
    """The fields of `Article` that a text states of itself, and where its body begins.

    YAML that is no mapping, is broken, or has none of the known names is no front matter but the body's own. The title of
    Markdown without one is its heading of the first level, where that is the first thing in the body.

    Args:
        text: Normalised.
        name: Of the file, for messages.
        markup: How the body is written.

    Raises:
        ArticleError: The date is no ISO 8601 date.
    """
    block = _BLOCK.match(text)
    stated = _stated(block[1]) if block else {}
    start = block.end() if block and stated else 0
    published = stated.get("published")
    if published and not is_iso_date(published):
        raise ArticleError(
            f"{name}: its front matter says it was published on '{published[:40]}', which is no date such as 2024-04-23; "
            "correct it, and ingest the file again."
        )
    if markup == "markdown" and "title" not in stated and (heading := _TITLE.match(text, start)):
        stated["title"] = heading[1]
    return stated, start


def _stated(block: str) -> dict[str, str]:
    try:
        found = yaml.safe_load(block)
    except (yaml.YAMLError, ValueError, RecursionError):  # ValueError: a date such as 2024-13-45
        return {}
    if not isinstance(found, Mapping):
        return {}
    given = {str(key).strip().lower(): value for key, value in found.items()}
    stated = {field: next(filter(None, (_text(given.get(key)) for key in keys)), "") for field, keys in _FIELDS.items()}
    if not _URL.fullmatch(stated["source"]):
        stated["source"] = ""
    return {field: value for field, value in stated.items() if value}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(filter(None, (_text(one) for one in value if not isinstance(one, list))))
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, str | int) and not isinstance(value, bool):
        return " ".join(_WIKI_LINK.sub(r"\1", str(value)).replace("\x00", "").split())
    return ""
