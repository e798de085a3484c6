"""A conversation as a document of its own, that can be read anywhere and verified again.

Whatever its format, a document is made from one *record*, a JSON object, and from nothing else. JSON is that record. HTML and
Markdown show it to people and carry it too, in a comment. So a document can be verified as a whole: the record is taken out
of the comment, the document is made from it anew, and the two must be the same. A reader sees no word that was not compared,
be it a quote, a heading or a style that hides something; and nothing has to be guessed back out of a rendered page. The price
is that a document that some program has saved in its own way is told to be altered; line ends, and spaces at the end of
lines, do not matter.

The page that a format number stands for never changes, or documents of today could not be verified by a later release: a
change of what is shown is a new number.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Literal

from assistant.conversations.html import html
from assistant.conversations.markdown import markdown
from assistant.conversations.record_form import Record, form_of
from assistant.conversations.records import Conversation, KeptTurn
from assistant.foreign_text import one_line
from assistant.types import Citation
from ingest.errors import DatasetError

Format = Literal["markdown", "html", "json"]
FORMAT = 1
"""Counts up when records or pages change; see the module's docstring."""

_COMMENT = re.compile(r"<!-- onrecord-export (\{.*\}) -->")
_UNSAFE = re.compile("[<>&]")


def record_of(conversation: Conversation) -> Record:
    """The record of a conversation as it is now.

    Turns are numbered from 1. Every citation also has its `byline`, and the `sha256` of its quote in UTF-8; `sha256` of the
    whole is `seal`.
    """
    record = {
        "onrecord": "conversation",
        "format": FORMAT,
        "onrecord_version": version("onrecord"),
        "exported_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "id": conversation.id,
        "title": conversation.title,
        "created_at": conversation.created_at,
        "changed_at": conversation.changed_at,
        "turns": [_turn(number, turn) for number, turn in enumerate(conversation.turns, 1)],
    }
    record = json.loads(json.dumps(record))  # tuples as lists, as whoever reads it will have it
    return {**record, "sha256": seal(record)}


def export(record: Record, how: Format) -> str:
    """The document; the same for the same record."""
    if how == "json":
        return json.dumps(record, ensure_ascii=True, indent=1) + "\n"
    return (html if how == "html" else markdown)(asdict(form_of(record)), _comment(record))


def record_in(document: str, name: str) -> tuple[Format, Record]:
    """The format of a document, and the record that it carries, which nobody has compared with anything yet.

    Args:
        document: Its text.
        name: Of the file, for messages.

    Raises:
        DatasetError: It is no export of a conversation, or one of a newer release; or a field stands in it twice, of which
            readers may take either.
    """
    remedy = "give a file that was written by: onrecord conversations export"
    found = None if document.lstrip().startswith("{") else _COMMENT.search(document)
    text = found[1] if found else document
    try:
        record = json.loads(text, object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        record = None
    except DatasetError as error:
        raise DatasetError(f"{name}: {error}; {remedy}") from error
    if not isinstance(record, dict) or record.get("onrecord") != "conversation":
        raise DatasetError(f"{name}: no export of a conversation; {remedy}")
    if record.get("format") != FORMAT:
        raise DatasetError(f"{name}: field 'format' is not {FORMAT}: of a newer release, or altered; upgrade onrecord.")
    if not found:
        return "json", record
    return ("html" if document.lstrip().startswith("<!DOCTYPE") else "markdown"), record


def seal(record: Record) -> str:
    """The sha256 of a record without its own field `sha256`: of JSON with sorted keys, no spaces, and ASCII only.

    A whole number is written without a point, so that programs that print JSON anew do not break the seal.
    """
    body = {name: value for name, value in record.items() if name != "sha256"}
    text = json.dumps(_plain_numbers(body), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def byline(cited: Mapping[str, Any]) -> str:
    """Who wrote it, where and when, as far as it is known."""
    return ", ".join(cited[name] for name in ("author", "outlet", "published") if cited[name]) or "no byline stated"


def quote_sha256(quote: str) -> str:
    """Of its UTF-8."""
    return hashlib.sha256(quote.encode("utf-8", "replace")).hexdigest()


def _turn(number: int, turn: KeptTurn) -> Record:
    answer = None if turn.answer is None else turn.answer.to_json()
    if answer is not None and turn.answer is not None:
        answer["citations"] = list(map(_citation, turn.answer.citations))
        answer["nearest"] = list(map(_citation, turn.answer.nearest))
    return {
        "number": number, "question": turn.question, "asked_at": turn.asked_at, "state": turn.state, "error": turn.error,
        "scope": None if turn.scope is None else asdict(turn.scope), "answer": answer,
    }  # fmt: skip


def _citation(citation: Citation) -> Record:
    stated = asdict(citation)
    return {**stated, "byline": byline(stated), "sha256": quote_sha256(citation.quote)}


def _comment(record: Record) -> str:
    """The record as a comment of HTML, which nothing in it can end."""
    text = _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(record, ensure_ascii=True))
    return f"<!-- onrecord-export {text} -->"


def _each_once(pairs: Sequence[tuple[str, Any]]) -> Record:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise DatasetError(f"was altered: field '{one_line(twice, 80)}' stands in one object twice")
    return found


def _plain_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain_numbers(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain_numbers(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
