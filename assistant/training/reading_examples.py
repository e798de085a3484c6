"""What the span reader learns from: questions with a passage, and where in it the answer stands, if it does."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from assistant.conversation import standalone
from assistant.training.questions import held_out, read_questions
from assistant.training.trial_home import TrialHome
from assistant.types import Turn
from ingest.embedding import Encoder
from ingest.json_lines import read_json_lines
from ingest.loading import load_corpus
from ingest.records import Passage

SETS = ("squad2_dev", "nq_oracle", "quac_val", "clapnq_dev", "inscit_dev")
DIALOGUES = "canard_dev"
MINED = 4
"""Passages kept for a question that were found for it and do not answer it."""
_NO_ANSWER = "i don't know"


@dataclass(frozen=True)
class Stretch:
    """A passage to read for a question, and the answer's places in it: ``text[start:end]``; empty when it holds none."""

    heading: str
    text: str
    gold: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Studied:
    """A question with what can be read for it.

    Attributes:
        source: The set it is from.
        question: As the reader gets it: no earlier turn is needed to understand it.
        answering: Passages that hold the answer; empty for a question that its document does not answer.
        lacking: Passages of its own document that do not answer it; the hardest kind, written to mislead.
        mined: Passages that the search found for it and that do not answer it.
    """

    source: str
    question: str
    answering: tuple[Stretch, ...]
    lacking: tuple[Stretch, ...]
    mined: tuple[Stretch, ...]


def study(sets: Path, work: Path) -> Iterator[Studied]:
    """All questions of all sets whose documents are not kept out, with their passages as the product cuts them.

    Args:
        sets: Folder with a folder a set, in the benchmark format.
        work: Where the corpora are ingested.
    """
    encoder = Encoder()
    for name in SETS:
        home = TrialHome(work / name, list(load_corpus(sets / name / "corpus.jsonl")), encoder)
        records = [
            r for r in read_questions(sets / name / "questions.jsonl", follow_ups=True) if not held_out(r["document"])
        ]
        for record in records:
            if (
                record["answerable"] or not record["evidence"]
            ):  # evidence without an answer: partly answerable, left out
                yield _studied(name, record, home)
        sys.stderr.write(f"{name}: {len(records)} questions\n")
    yield from from_dialogues([r for _, r in read_json_lines(sets / DIALOGUES / "questions.jsonl")])


def _studied(name: str, record: dict[str, Any], home: TrialHome) -> Studied:
    question = standalone(record["question"], [Turn(t["q"], t["a"]) for t in record["history"]])
    found = [hit.passage for hit in home.retriever.search(question, 10).hits]
    answering = [
        s for p in home.passages_of({e["doc_id"] for e in record["evidence"]}) if (s := stretch(p, record)).gold
    ]
    own = [p for p in home.passages_of({record["document"]}) if _about(p, record)]
    ranks = {p.number: rank for rank, p in enumerate(found)}
    own.sort(key=lambda p: ranks.get(p.number, len(found)))
    lacking = [] if record["answerable"] else [stretch(p, record) for p in (own or found)[:2]]
    answers = [a.casefold() for a in record["answers"] if len(a) > 1]
    mined = [
        s for p in found
        if p.article != record["document"] or name == "squad2_dev"
        if not (s := stretch(p, record)).gold and not any(a in p.text.casefold() for a in answers)
    ]  # fmt: skip
    mined = [s for s in mined if s not in lacking][:MINED]
    return Studied(name, question, tuple(answering), tuple(lacking), tuple(mined))


def _about(passage: Passage, record: dict[str, Any]) -> bool:
    """Whether a passage belongs to the paragraph that the question was written about; true when that is not said."""
    meta = record["meta"]
    return "para_start" not in meta or (passage.start < meta["para_end"] and meta["para_start"] < passage.end)


def stretch(passage: Passage, record: dict[str, Any]) -> Stretch:
    """A passage with the parts of the question's gold evidence that lie in it."""
    gold = {
        (max(e["start"], passage.start) - passage.start, min(e["end"], passage.end) - passage.start)
        for e in record["evidence"]
        if e["doc_id"] == passage.article and e["start"] < passage.end and passage.start < e["end"]
    }
    return Stretch(passage.heading, passage.text, tuple(sorted(gold)))


def from_dialogues(records: Sequence[dict[str, Any]], seed: int = 13) -> Iterator[Studied]:
    """Rewritten follow-ups over the other answers of their own conversation, which stand in for the passage.

    The answers are stretches of one section of an article; in which order they stood there is not known, so they are shuffled.
    """
    random = Random(seed)
    talks: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        talks.setdefault(record["qid"].rpartition("_")[0], []).append(record)
    for turns in talks.values():
        turns.sort(key=lambda r: len(r["history"]))
        said = turns[-1]["history"]
        heading = ". ".join(filter(None, (turns[0]["meta"].get("title"), turns[0]["meta"].get("section"))))
        answers = sorted({turn["a"].strip() for turn in said if _NO_ANSWER not in turn["a"].casefold()})
        if len(answers) < 3:
            continue
        for record in turns[: len(said)]:
            answer = said[len(record["history"])]["a"].strip()
            order = random.sample(answers, len(answers))
            text, gold = _joined(order, answer)
            own = Stretch(heading, text, gold)
            without = Stretch(heading, _joined([a for a in order if a != answer], answer)[0])
            yield Studied(
                DIALOGUES, record["rewrite"], (own,) if gold else (), () if gold else (own,), (without,) if gold else ()
            )


def _joined(answers: Sequence[str], wanted: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    text, gold = "", []
    for answer in answers:
        text += " " if text else ""
        if answer == wanted:
            gold.append((len(text), len(text) + len(answer)))
        text += answer if answer[-1:] in '.!?"”' else answer + "."
    return text, tuple(gold)


def store(studied: Sequence[Studied], out: Path) -> None:
    """One JSON object a line."""
    out.write_text("".join(json.dumps(asdict(s)) + "\n" for s in studied), encoding="utf-8")


def stored(file: Path) -> list[Studied]:
    """What `store` wrote."""
    return [
        Studied(r["source"], r["question"], *(tuple(map(_stretch, r[k])) for k in ("answering", "lacking", "mined")))
        for _, r in read_json_lines(file)
    ]


def _stretch(record: dict[str, Any]) -> Stretch:
    return Stretch(record["heading"], record["text"], tuple((int(a), int(b)) for a, b in record["gold"]))
