"""Question sets in the benchmark format: `corpus.jsonl` and `questions.jsonl`, and which of their documents are kept out."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from ingest.json_lines import read_json_lines


def hash_share(text: str) -> float:
    """A number in 0..1 that depends on the text alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") / 2**32


def held_out(document: str) -> bool:
    """Whether a document's questions are kept for the report: a quarter of all documents."""
    return hash_share(document) < 0.25


def read_questions(path: Path, *, follow_ups: bool = False) -> list[dict[str, Any]]:
    """The questions that say whether they are answerable, each with its ``document``.

    An unanswerable question of SQuAD names only its paragraph's place; its document is that of the answerable questions
    about the same place.

    Args:
        path: `questions.jsonl`.
        follow_ups: With those that an earlier turn is needed for.
    """
    every = [r for _, r in read_json_lines(path) if r["answerable"] is not None]
    records = [r for r in every if follow_ups or not r["history"]]
    places = {_place(r): r["evidence"][0]["doc_id"] for r in records if r["evidence"]}
    for record in records:
        stated = record["evidence"][0]["doc_id"] if record["evidence"] else None
        meta = record["meta"]
        record["document"] = (
            stated or meta.get("doc_id") or meta.get("dialog") or places.get(_place(record)) or record["qid"]
        )
    return records


def _place(record: dict[str, Any]) -> tuple[Any, ...]:
    meta = record["meta"]
    return (meta["para"], meta["para_start"], meta["para_end"]) if "para" in meta else (record["qid"],)


def is_gold(record: dict[str, Any], article: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` of an article overlaps the question's gold evidence."""
    return any(e["doc_id"] == article and e["start"] < end and start < e["end"] for e in record["evidence"])


def main() -> None:
    """Copies the questions about documents that are kept out: `onrecord eval run --questions` on them is an honest figure."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m assistant.training.questions QUESTIONS.jsonl > kept_out.jsonl")
    for record in read_questions(Path(sys.argv[1]), follow_ups=True):
        if held_out(record.pop("document")):
            sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
