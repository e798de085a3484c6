"""What readers rated, as drafts of samples for an evaluation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from assistant.conversations.forgetting import PURGED
from assistant.conversations.records import Conversation, KeptTurn
from assistant.scope import scope_words
from assistant.types import Answer
from assistant.writing import write_atomically
from ingest.archive import Archive
from ingest.errors import ArticleError, RequestError

_LONGEST_TAG = 40


def draft_samples(conversations: Iterable[Conversation]) -> Iterator[dict[str, Any]]:
    """Each rated answer as a sample of ``questions.jsonl``, with the tag ``draft``: nobody has checked it.

    A liked answer gives the slices that it cites as evidence, and is answerable; a liked abstention is unanswerable. Of a
    disliked one, and of one whose evidence stands in no text, such as an author's name from metadata, `answerable` is null.
    `note` says why it was rated so, and what its questions were limited to; `answers` is empty, because a rating names no short
    answer. Evidence is in the version that was cited.
    """
    for conversation in conversations:
        history: list[dict[str, str]] = []
        for turn in conversation.turns:
            if turn.answer is None:
                continue
            if turn.rating:
                yield _sample(conversation, turn, turn.answer, list(history))
            history.append({"q": turn.question, "a": turn.answer.answer})


def _sample(
    conversation: Conversation, turn: KeptTurn, answer: Answer, history: list[dict[str, str]]
) -> dict[str, Any]:
    purged = any(citation.quote == PURGED for citation in answer.citations)
    liked = turn.rating == "up" and not purged
    evidence = _evidence(answer) if liked and not answer.abstained else []
    tags = ["draft", f"rated-{turn.rating}", _tag(turn.rating_reason)]
    limit = f"Asked of {scope_words(turn.scope)}." if turn.scope else ""
    note = " ".join(filter(None, (turn.rating_reason, limit, PURGED if purged else "")))
    return {
        "qid": f"rated-{conversation.id}-{turn.number}",
        "question": turn.question,
        "history": history,
        "answers": [],
        "answerable": not answer.abstained if evidence or (liked and answer.abstained) else None,
        "evidence": evidence,
        "tags": [tag for tag in tags if tag],
        **({"note": note} if note else {}),
    }


def _evidence(answer: Answer) -> list[dict[str, Any]]:
    """The cited slices; a value of metadata that stands in no text has none."""
    return [
        {"doc_id": cited.article, "start": cited.start, "end": cited.end, "text": cited.quote}
        for cited in answer.citations
        if cited.start is not None
    ]


def _tag(reason: str) -> str:
    return "-".join(re.findall(r"[^\W_]+", reason.casefold()))[:_LONGEST_TAG].strip("-")


def write_suite(samples: Iterable[dict[str, Any]], archive: Archive, folder: Path) -> int:
    """Writes rated answers as a suite of the evaluation, with the articles that can be asked, and says how many there are.

    Evidence whose article has changed since, or was withdrawn, is left out, and the sample is without a label then.

    Raises:
        RequestError: No answer is rated.
        ArticleError: The folder cannot be written to, or holds questions already.
    """
    texts = {info.article: archive.source(info.article) for info in archive.articles()}
    current = [_of_today(sample, {id: source.text for id, source in texts.items() if source}) for sample in samples]
    if not current:
        raise RequestError("No answer is rated yet; press Good or Not good under an answer of the chat.")
    if (folder / "questions.jsonl").exists():
        raise ArticleError(f"{folder}: holds questions that may be corrected already; name another --out.")
    articles = ({"doc_id": id, "title": source.title, "text": source.text} for id, source in texts.items() if source)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / "corpus.jsonl", _lines(articles))
        write_atomically(folder / "questions.jsonl", _lines(current))
    except OSError as error:
        raise ArticleError(f"{folder}: cannot be written to ({error.strerror}); name another --out.") from error
    return len(current)


def _of_today(sample: dict[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    holds = all(texts.get(e["doc_id"], "")[e["start"] : e["end"]] == e["text"] for e in sample["evidence"])
    return sample if holds else {**sample, "evidence": [], "answerable": None}


def _lines(records: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
