"""A record as Markdown. What came from outside stands escaped and in mid-line, where it can begin no list or heading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from assistant.answer_pieces import pieces
from assistant.conversations.records import clock
from assistant.foreign_text import clean, escaped, undirected
from assistant.scope import scope_words
from assistant.types import Scope

_Json = Mapping[str, Any]


def markdown(record: _Json, comment: str) -> str:
    """The document, with the comment that carries the record at its end."""
    lines = [
        f"# Conversation: {escaped(record['title'])}",
        "",
        f"Exported {escaped(clock(record['exported_at']))} by onrecord {escaped(record['onrecord_version'])}. "
        f"Begun {escaped(clock(record['created_at']))}.",
    ]
    for turn in record["turns"]:
        lines += ["", f"## Question {turn['number']}: {escaped(turn['question'])}", "", *_turn(turn)]
    return undirected(clean("\n".join([*lines, "", comment, ""])))


def sentence(said: _Json) -> str:
    """The line of a sentence: its verdict, its markers, its words, and why it was judged so."""
    markers = "".join(f" [{marker}]" for marker in said["citations"])
    reasons = "".join(
        f" ({escaped(r['kind'])}: “{escaped(r['claim'])}” – “{escaped(r['evidence'])}”)" for r in said["reasons"]
    )
    return f"- **{said['verdict'].replace('_', ' ')}**{markers} – {escaped(said['text'])}{reasons}"


def citation(cited: _Json, turn: int, nearest: bool) -> str:
    """The lines of a citation."""
    page = f", page {cited['page']}" if cited["page"] is not None else ""
    by = f", said by {escaped(cited['speaker']['name'])}" if cited["speaker"] else ""
    title = f"“{escaped(cited['title'])}”, " if cited["title"] else ""
    name = f"{'nearest ' if nearest else ''}{turn}.{cited['marker']}"
    lines = "\n".join(
        [
            f"- **[{cited['marker']}]** {escaped(cited['quote'])}",
            f"  - from: {title}{escaped(cited['byline'])}{page}{by}",
            *([f"  - source: {escaped(cited['source'])}"] if cited["source"] else []),
            f"  - address: {escaped(cited['id'])}",
            f"  - sha256 of the quote ({name}): {escaped(cited['sha256'])}",
        ]
    )
    return undirected(clean(lines))


def _turn(turn: _Json) -> Iterator[str]:
    answer = turn["answer"]
    if turn["scope"]:
        yield from (f"Asked of: {escaped(scope_words(Scope(**turn['scope'])))}", "")
    if answer is None:
        yield f"No answer ({turn['state']}). {escaped(turn['error'] or '')}".rstrip()
        return
    yield f"Asked {escaped(clock(turn['asked_at']))}. Outcome: {answer['outcome'].replace('_', ' ')}."
    if answer["standalone_question"] != turn["question"]:
        yield from ("", f"Searched for: {escaped(answer['standalone_question'])}")
    reason = [answer["reason"]] if answer["reason"] and answer["reason"] not in answer["answer"] else []
    for note in (*reason, *answer["notes"]):
        yield from ("", f"Note: {escaped(note)}")
    yield from ("", *(_piece(piece) for piece in pieces(answer)))
    yield from (f"- Not answered: {escaped(part)}" for part in answer["missing"])
    for heading, nearest in (("citations", False), ("nearest", True)):
        if answer[heading]:
            yield from ("", f"### {'Nearest passages' if nearest else 'Citations'}", "")
            yield from (citation(cited, turn["number"], nearest) for cited in answer[heading])


def _piece(piece: str | _Json) -> str:
    return f"- text: {escaped(piece)}" if isinstance(piece, str) else sentence(piece)
