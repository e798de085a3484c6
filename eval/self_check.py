"""The checker checked in every run: errors planted in the run's own right answers, and what the judge says of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from assistant.grounding.evidence_text import EvidenceText
from assistant.grounding.judge import Judge
from eval.metrics.case import HELD
from eval.metrics.checker import balanced_accuracy
from eval.planted import HARMLESS, KINDS, Planted, Text, plant
from eval.run_folder import read_file
from eval.samples import Suite
from eval.statistics import Figure, share
from ingest.loading import Article
from ingest.pipeline import Progress

FILE = "checker.json"
MOST = 20
"""Claims of each kind: enough to see a kind that is not caught, few enough to judge in seconds."""
SEED = 13
TEXTS = 200
"""Articles that errors are taken from and planted in."""
_AT_ONCE = 32


@dataclass(frozen=True)
class KindFigure:
    """How a kind of claim fared: the share that was caught, or passed where it is harmless."""

    name: str
    harmless: bool
    figure: Figure

    def is_below(self, least: float) -> bool:
        """Whether the share is significantly less than `least` (exact binomial test, one-sided, p < .05): one miss is not."""
        from scipy.stats import binomtest

        n = self.figure.n
        return bool(binomtest(round((self.figure.mean or 0) * n), n, least, alternative="less").pvalue < 0.05)


@dataclass(frozen=True)
class WronglyJudged:
    """A planted error that passed, or a harmless claim that did not."""

    kind: str
    original: str
    claim: str
    verdict: str


@dataclass(frozen=True)
class CheckerFigures:
    """What the judge made of the planted claims.

    Attributes:
        planted: How many there were.
        balanced_accuracy: Of its verdicts; None when there were none of either sort.
        caught: The share of errors that it does not call supported.
        false_alarms: The share of harmless claims that it does not call supported.
        kinds: Every kind that could be planted, errors first.
        wrong: What it judged wrongly.
        not_planted: Kinds that the right answers offer no place for.
    """

    planted: int
    balanced_accuracy: float | None
    caught: Figure
    false_alarms: Figure
    kinds: tuple[KindFigure, ...]
    wrong: tuple[WronglyJudged, ...]
    not_planted: tuple[str, ...]


def check_checker(
    suite: Suite, records: Iterable[Mapping[str, Any]], judge: Judge, progress: Progress
) -> CheckerFigures:
    """Plants errors in the sentences that the right answers of a run quote, and has them judged against their articles.

    Args:
        suite: What was run.
        records: The run's.
        judge: The same that its groundedness was judged by.
        progress: Told of claims judged.
    """
    spans = right_spans(records)
    texts = _texts(suite, spans)
    claims = plant(texts, seed=SEED, most=MOST, within=spans)
    held = _judged(claims, texts, judge, progress)
    return figures(claims, held)


def right_spans(records: Iterable[Mapping[str, Any]]) -> dict[str, list[tuple[int, int]]]:
    """Where the citations of right answers lie, by article; those of all answers where the set does not say what is right."""
    right: dict[str, list[tuple[int, int]]] = defaultdict(list)
    every: dict[str, list[tuple[int, int]]] = defaultdict(list)
    known = False
    for record in records:
        value = record.get("scores", {}).get("evidence cited", {}).get("value")
        known = known or value is not None
        for cited in record.get("citations", ()):
            if cited["start"] is not None:
                every[cited["article"]].append((cited["start"], cited["end"]))
                if value == 1.0:
                    right[cited["article"]].append((cited["start"], cited["end"]))
    return right if known else every


def _texts(suite: Suite, spans: Mapping[str, object]) -> list[Text]:
    """At most `TEXTS` articles, those with right answers first."""
    told: list[Text] = []
    other: list[Text] = []
    for article in suite.articles():
        if isinstance(article, Article):
            text = Text(article.id, article.title, article.text)
            if article.id in spans:
                told.append(text)
            elif len(other) < TEXTS:
                other.append(text)
    return [*told, *other][:TEXTS]


def _judged(claims: list[Planted], texts: list[Text], judge: Judge, progress: Progress) -> list[str]:
    by_id = {text.id: text.text for text in texts}
    evidence = cache(EvidenceText.of)
    verdicts: list[str] = []
    for first in range(0, len(claims), _AT_ONCE):
        pairs = [(c.claim, evidence(c.context(by_id[c.article]))) for c in claims[first : first + _AT_ONCE]]
        verdicts += [found.verdict for found in judge.judge_texts(pairs)]
        progress("planted claims judged", len(verdicts), len(claims))
    return verdicts


def figures(claims: list[Planted], verdicts: list[str]) -> CheckerFigures:
    """What verdicts come to, one a claim."""
    passed = [verdict in HELD for verdict in verdicts]
    by_kind: dict[str, list[bool]] = defaultdict(list)
    for claim, ok in zip(claims, passed, strict=True):
        by_kind[claim.kind].append(ok == claim.harmless)
    errors = [not ok for claim, ok in zip(claims, passed, strict=True) if not claim.harmless]
    alarms = [not ok for claim, ok in zip(claims, passed, strict=True) if claim.harmless]
    wrong = (
        WronglyJudged(claim.kind, claim.original, claim.claim, verdict)
        for claim, verdict, ok in zip(claims, verdicts, passed, strict=True)
        if ok != claim.harmless
    )
    return CheckerFigures(
        planted=len(claims),
        balanced_accuracy=balanced_accuracy([int(claim.harmless) for claim in claims], passed),
        caught=share("planted errors caught", len(errors), sum(errors)),
        false_alarms=share("false alarms", len(alarms), sum(alarms)),
        kinds=tuple(
            KindFigure(kind, kind in HARMLESS, share(kind, len(right), sum(right)))
            for kind in KINDS
            if (right := by_kind.get(kind))
        ),
        wrong=tuple(wrong),
        not_planted=tuple(kind for kind in KINDS if kind not in by_kind),
    )


def write(found: CheckerFigures, out: Path) -> None:
    """Keeps the figures in a run's folder."""
    (out / FILE).write_text(json.dumps(asdict(found), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(out: Path) -> CheckerFigures | None:
    """The figures that a run's folder keeps; None when it keeps none."""
    return read_file(out / FILE, _from_json)


def _from_json(found: dict[str, Any]) -> CheckerFigures:
    return CheckerFigures(
        planted=found["planted"],
        balanced_accuracy=found["balanced_accuracy"],
        caught=Figure(**found["caught"]),
        false_alarms=Figure(**found["false_alarms"]),
        kinds=tuple(KindFigure(k["name"], k["harmless"], Figure(**k["figure"])) for k in found["kinds"]),
        wrong=tuple(WronglyJudged(**w) for w in found["wrong"]),
        not_planted=tuple(found["not_planted"]),
    )
