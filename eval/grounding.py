"""Judges the judge: its verdicts on pairs of context and claim, beside the labels that people or a planter gave them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import Any

from assistant.grounding.evidence_text import EvidenceText
from assistant.grounding.judge import Judge
from eval.metrics.checker import auroc, balanced_accuracy, spearman
from eval.statistics import Figure, share
from ingest.errors import DatasetError
from ingest.json_lines import read_json_lines
from ingest.pipeline import Progress

AT_ONCE = 32
"""Pairs that are read at once, one on each core."""
VERDICTS = "verdicts.jsonl"
SUPPORTED = frozenset(("quoted", "supported"))


@dataclass(frozen=True)
class Pair:
    """A claim and the context that it is to be judged by.

    Attributes:
        id: Names it.
        context: Any length; an article.
        claim: A sentence or several.
        label: 1 supported, 0 not, None unclear or unknown.
        graded: How faithful people found it, higher is better; None when it is not graded.
        kind: What was planted in it or how it was reworded; None when that is not said.
    """

    id: str
    context: str
    claim: str
    label: int | None
    graded: float | None
    kind: str | None


@dataclass(frozen=True)
class Agreement:
    """How the judge agrees with the labels of a file.

    Attributes:
        pairs: How many were judged.
        labelled: How many of them have a label of 0 or 1.
        balanced_accuracy: Of the verdicts on those; None without both labels.
        auroc: Of the scores of those; None without both labels.
        spearman: Rank correlation of score and grade; None without grades.
        kinds: For each kind, in order of name, the share that was judged as labelled.
        claims_per_second: Of this run, on this machine.
    """

    pairs: int
    labelled: int
    balanced_accuracy: float | None
    auroc: float | None
    spearman: float | None
    kinds: tuple[Figure, ...]
    claims_per_second: float


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a file of JSON lines ``{id, context, claim, label}``.

    ``meta.kind`` and ``meta.faithfulness_ratings`` (numbers, whose mean is the grade) are looked at when they are there.

    Raises:
        DatasetError: A line lacks a field or holds something else in it, or an id comes twice.
    """
    found, seen = [], set()
    for where, record in read_json_lines(path):
        for name in ("id", "context", "claim"):
            if not isinstance(record.get(name), str) or not record[name].strip():
                raise DatasetError(f"{where}: field '{name}' must be a text that is not empty; correct the line.")
        label = record.get("label")
        if label not in (0, 1, None) or isinstance(label, float | bool):
            raise DatasetError(f"{where}: field 'label' must be 1 (supported), 0 (not) or null; correct the line.")
        if record["id"] in seen:
            raise DatasetError(f"{where}: field 'id' holds '{record['id']}' a second time; name each pair once.")
        seen.add(record["id"])
        meta = record.get("meta") if isinstance(record.get("meta"), dict) else {}
        found.append(Pair(record["id"], record["context"], record["claim"], label, *_meta(meta or {})))
    if not found:
        raise DatasetError(f"{path.name}: holds no pair; give JSON lines {{id, context, claim, label}}.")
    return found


def _meta(meta: dict[str, Any]) -> tuple[float | None, str | None]:
    given = meta.get("faithfulness_ratings")
    ratings = [r for r in given if isinstance(r, int | float)] if isinstance(given, list) else []
    kind = meta.get("kind")
    return (sum(ratings) / len(ratings) if ratings else None), kind if isinstance(kind, str) else None


def judge_pairs(judge: Judge, pairs: Sequence[Pair], out: Path, progress: Progress) -> Agreement:
    """Judges every pair, writes ``verdicts.jsonl`` into a folder, and says how verdicts and labels agree.

    Args:
        judge: The checker.
        pairs: What it judges.
        out: Folder, made when it is missing.
        progress: Is told of pairs judged.

    Raises:
        DatasetError: The folder cannot be made.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatasetError(f"{out}: no folder can be made there ({error.strerror}); name another --out.") from error
    evidence = lru_cache(maxsize=64)(EvidenceText.of)
    if pairs:
        judge.judge("The models are loaded now.", evidence("The models have been loaded by now."))
    scores, said = [], []
    started = perf_counter()
    progress("pairs", 0, len(pairs))
    with (out / VERDICTS).open("w", encoding="utf-8") as file:
        for first in range(0, len(pairs), AT_ONCE):
            some = pairs[first : first + AT_ONCE]
            for pair, found in zip(
                some, judge.judge_texts([(p.claim, evidence(p.context)) for p in some]), strict=True
            ):
                scores.append(found.score)
                said.append(found.verdict in SUPPORTED)
                reasons = [asdict(reason) for reason in found.reasons]
                line = {"id": pair.id, "verdict": found.verdict, "score": found.score, "reasons": reasons}
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
            progress("pairs", first + len(some), len(pairs))
    return agreement(pairs, scores, said, perf_counter() - started)


def agreement(pairs: Sequence[Pair], scores: Sequence[float], said: Sequence[bool], seconds: float) -> Agreement:
    """Verdicts and scores beside the labels."""
    known = [i for i, p in enumerate(pairs) if p.label is not None]
    labels = [pairs[i].label or 0 for i in known]
    graded = [i for i, p in enumerate(pairs) if p.graded is not None]
    return Agreement(
        pairs=len(pairs),
        labelled=len(known),
        balanced_accuracy=balanced_accuracy(labels, [said[i] for i in known]),
        auroc=auroc(labels, [scores[i] for i in known]),
        spearman=spearman([pairs[i].graded or 0.0 for i in graded], [scores[i] for i in graded]) if graded else None,
        kinds=tuple(_by_kind(pairs, said)),
        claims_per_second=round(len(pairs) / seconds, 1) if seconds else 0.0,
    )


def _by_kind(pairs: Sequence[Pair], said: Sequence[bool]) -> Iterator[Figure]:
    right: dict[str, list[bool]] = defaultdict(list)
    for pair, supported in zip(pairs, said, strict=True):
        if pair.kind is not None and pair.label is not None:
            right[f"{pair.kind} ({'passed' if pair.label else 'caught'})"].append(supported == bool(pair.label))
    for kind, found in sorted(right.items()):
        yield share(kind, len(found), sum(found))


def show(found: Agreement) -> str:
    """The agreement as lines for a terminal."""
    lines = [f"pairs               {found.pairs}, {found.labelled} labelled"]
    for name, value in (
        ("balanced accuracy", found.balanced_accuracy),
        ("AUROC", found.auroc),
        ("Spearman", found.spearman),
    ):
        if value is not None:
            lines.append(f"{name:<20}{value:.3f}")
    lines.append(f"{'pairs a second':<20}{found.claims_per_second}")
    if found.kinds:
        lines += ["", f"{'kind':<30}{'share':>7}  {'95 %':<12}{'n':>5}"]
        lines += [f"{k.name:<30}{k.mean or 0:>7.3f}  {k.low or 0:.3f}-{k.high or 0:.3f} {k.n:>5}" for k in found.kinds]
    return "\n".join(lines)
