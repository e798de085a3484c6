"""Fits how the judge's layers and its claim reader are weighed, on claims over documents that the claim reader never saw.

    python -m assistant.training.fit_judge SETS --wordnet DIR [--claim-reader FILE] [--out assistant/weights/judge.json]

Prints, for claims of documents and contexts that this fit does not see either, how well verdicts and scores agree with the
labels: with the layers alone, with the claim reader alone, and with both.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from sklearn.linear_model import LogisticRegression

from assistant.grounding.claim_reader import ClaimRead, ClaimReader
from assistant.grounding.evidence_text import EvidenceText
from assistant.grounding.judge import Examined, examine
from assistant.grounding.weighing import (
    CERTAIN_ODDS,
    COLUMNS,
    FAR_COLUMNS,
    FINDING_FEATURES,
    READ_FEATURES,
    is_certain,
    is_far,
    odds_of_text,
    read_features,
    word_features,
)
from assistant.linear import Linear
from assistant.training.claim_examples import (
    LABELLED,
    Case,
    documents,
    from_articles,
    from_questions,
    kept_out,
    sentences_of,
)
from assistant.training.fit_reader import scaled, store_models, unscaled
from assistant.training.questions import hash_share
from assistant.training.spoiling import Spoiler
from assistant.training.wordnet import WordNet
from ingest.json_lines import read_json_lines
from ingest.records import Floats
from ingest.splitting import split_sentences

SEED = 29
FROM_ARTICLES, FROM_QUESTIONS = 1500, 700
AT_ONCE = 100
FOLDS = 5
REGULARISATION = 0.3
NEVER_SEEN = ("mtrag_human",)
"""Labelled pairs of which the claim reader saw none."""
FEW = frozenset({"summedits_news"})
"""Sets of so few contexts that all are needed for the fit."""


@dataclass(frozen=True)
class Weighed:
    """A sentence of a claim as the models see it.

    Attributes:
        source: The set it is from.
        group: Its document or context; a group is fitted on or reported on, never both.
        claim: Which claim it is a sentence of.
        supported: Whether the claim is borne out.
        words: One row of `word_features`.
        read: One row of `read_features`.
        certain: Whether a layer is certain that it is not borne out, so that its odds are at most `CERTAIN_ODDS`.
        far: Whether `weighing.is_far` holds.
        decided: The log-odds of a sentence that is decided without weighing; it is reported on and not fitted on.
        whole: Whether it is the whole of a claim of several sentences, read as one.
    """

    source: str
    group: str
    claim: int
    supported: bool
    words: Floats
    read: Floats
    certain: bool
    far: bool
    decided: float | None
    whole: bool


def evidence_text(sentences: Sequence[str]) -> EvidenceText:
    """Sentences as one text."""
    spans, text = [], ""
    for sentence in sentences:
        text += " " if text else ""
        spans.append((len(text), len(text) + len(sentence)))
        text += sentence
    return EvidenceText(text, tuple(spans))


def weighed(cases: Sequence[tuple[str, Case]], reader: ClaimReader) -> Iterator[Weighed]:
    """What the models see of each sentence of each claim, and of one of several sentences read as one."""
    for first in range(0, len(cases), AT_ONCE):
        sys.stderr.write(f"{first}/{len(cases)}\n")
        examined: list[tuple[int, Examined, bool]] = []
        for number, (_, case) in enumerate(cases[first : first + AT_ONCE], first):
            evidence = evidence_text(case.sentences)
            sentences = [case.claim[a:b] for a, b in split_sentences(case.claim)]
            examined += [(number, examine(sentence, evidence), False) for sentence in sentences]
            examined += [(number, examine(case.claim, evidence), True)] if len(sentences) > 1 else []
        reads = iter(reader.read([e.pair for _, e, _ in examined if e.pair]))
        for number, e, whole in examined:
            group, case = cases[number]
            read = next(reads) if e.pair else None
            yield _weighed((case.source, group, number, case.supported), e, read, whole)


def _weighed(about: tuple[str, str, int, bool], e: Examined, read: ClaimRead | None, whole: bool) -> Weighed:
    words = word_features(e.comparison, e.findings)
    if read is not None:
        certain, far = is_certain(e.comparison, e.findings), is_far(e.comparison)
        return Weighed(*about, words, read_features(e.comparison, read), certain, far, None, whole)
    score = e.judgement.score if e.judgement and e.judgement.verdict != "not_a_claim" else None
    odds = float(np.log(score / (1 - score))) if score else np.inf
    return Weighed(*about, words, np.zeros(len(READ_FEATURES), np.float32), False, False, odds, whole)


def cases(sets: Path, wordnet: Path, random: Random) -> list[tuple[str, Case]]:
    """Claims over documents and contexts that the claim reader never saw, each with its group."""
    spoiler = Spoiler(WordNet(wordnet), random)
    held = [article for corpus in documents(sets, held=True).values() for article in corpus if len(article) > 1]
    made = list(from_articles(held, spoiler, random, FROM_ARTICLES))
    asked = list(from_questions(sets, random, held=True))
    made += random.sample(asked, min(FROM_QUESTIONS, len(asked)))
    found = [(" ".join(case.sentences)[:80], case) for case in made]
    for name in (*LABELLED, *NEVER_SEEN):
        for _, r in read_json_lines(sets / name / "pairs.jsonl"):
            if r["label"] is not None and (name in NEVER_SEEN or kept_out(r["context"])):
                found.append((r["context"], Case(name, r["claim"], sentences_of(r["context"]), bool(r["label"]))))
    return found


def fold_of(row: Weighed, few: Sequence[str]) -> int:
    """Which of `FOLDS` parts a document or context is in; the contexts of sets with few are dealt out in turn."""
    return few.index(row.group) % FOLDS if row.group in few else int(hash_share("judge " + row.group) * FOLDS)


def fit(rows: Sequence[Weighed], name: str) -> Linear:
    """A logistic regression over sentences; of a claim that is not borne out, the one that reads worst stands for it.

    A finding never speaks for a claim. Each source weighs as the square root of its size, and within it both labels the same.
    """
    worst: dict[int, Weighed] = {}
    rows = [r for r in rows if r.decided is None and not r.certain]
    for row in rows:
        if not (row.supported or row.whole) and (row.claim not in worst or row.read[0] < worst[row.claim].read[0]):
            worst[row.claim] = row
    chosen = [*(row for row in rows if row.supported or row.whole), *worst.values()]
    if name != "layers":
        chosen = [row for row in chosen if row.far == (name == "far")]
    sizes = Counter((r.source, r.supported) for r in chosen)
    both = Counter(r.source for r in chosen)
    weight = np.array([np.sqrt(both[r.source]) / sizes[r.source, r.supported] for r in chosen])
    every = np.stack([_row(r, name) for r in chosen])
    labels = [r.supported for r in chosen]
    used = np.ones(every.shape[1], bool)
    findings = np.array([column in FINDING_FEATURES for column in COLUMNS[name]])
    while True:
        features, middle, spread = scaled(every * used)
        model = LogisticRegression(max_iter=3000, C=REGULARISATION)
        model.fit(features, labels, sample_weight=weight * len(chosen) / weight.sum())
        found = unscaled(model.coef_[0] * used, float(model.intercept_[0]), middle, spread)
        wrong = (found.weights > 0) & findings & used
        if not wrong.any():
            return found
        used &= ~wrong


def _row(row: Weighed, name: str) -> Floats:
    every = np.append(row.words, row.read)
    return {"layers": row.words, "all": every, "far": every[FAR_COLUMNS]}[name]


def main() -> None:
    """Reads the claims, fits, prints the report, and writes the weights."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("sets", type=Path)
    options.add_argument("--wordnet", type=Path, required=True)
    options.add_argument("--claim-reader", type=Path)
    options.add_argument("--out", type=Path)
    chosen = options.parse_args()
    os.environ["HF_HUB_OFFLINE"] = "1"
    rows = list(weighed(cases(chosen.sets, chosen.wordnet, Random(SEED)), ClaimReader(chosen.claim_reader)))
    for line in report(rows):
        sys.stdout.write(line + "\n")
    if chosen.out:
        store_models(chosen.out, {name: fit(rows, name) for name in COLUMNS}, COLUMNS)


def scored(rows: Sequence[Weighed]) -> dict[str, dict[int, float]]:
    """For each way of weighing the log-odds of each claim, by models that saw nothing of its document or context."""
    few = sorted({r.group for r in rows if r.source in FEW})
    found: dict[str, dict[int, float]] = {"layers": {}, "claim reader": {}, "both": {}}
    for fold in range(FOLDS):
        models = {name: fit([r for r in rows if fold_of(r, few) != fold], name) for name in COLUMNS}
        claims: dict[int, list[Weighed]] = defaultdict(list)
        for r in rows:
            if fold_of(r, few) == fold:
                claims[r.claim].append(r)
        for claim, parts in claims.items():
            for way, scores in found.items():
                scores[claim] = _joined(parts, [_odds(r, way, models) for r in parts])
    return found


def _odds(r: Weighed, way: str, models: Mapping[str, Linear]) -> float:
    if r.decided is not None:
        return r.decided
    if way == "claim reader":
        return float(r.read[0])
    name = "layers" if way == "layers" else "far" if r.far else "all"
    return min(float(models[name](_row(r, name))), CERTAIN_ODDS if r.certain else np.inf)


def _joined(parts: Sequence[Weighed], odds: Sequence[float]) -> float:
    """As `Judge.judge_text` joins sentences; a claim that states nothing is not called supported."""
    sentences = [o for r, o in zip(parts, odds, strict=True) if not r.whole and np.isfinite(o)]
    whole = next((o for r, o in zip(parts, odds, strict=True) if r.whole and np.isfinite(o)), 0.0)
    if len(sentences) < 2:
        return sentences[0] if sentences else -0.01
    joined = odds_of_text(sentences, whole)
    return min(joined, *sentences) if any(r.certain and not r.whole for r in parts) else joined


def report(rows: Sequence[Weighed]) -> Iterator[str]:
    """A line a source: balanced accuracy at .5 and AUROC over claims, for the layers, the claim reader, and both."""
    yield "source | n | balanced accuracy: layers, claim reader, both | AUROC: the same"
    scores = scored(rows)
    for source in sorted({r.source for r in rows}):
        truth = {r.claim: r.supported for r in rows if r.source == source and r.claim in scores["both"]}
        labels = list(truth.values())
        figures = [
            (_accuracy(labels, [s[c] > 0 for c in truth]), _auroc(labels, [s[c] for c in truth]))
            for s in scores.values()
        ]
        yield f"{source} | {len(truth)} | {', '.join(f'{a:.3f}' for a, _ in figures)} | {', '.join(f'{b:.3f}' for _, b in figures)}"


def _accuracy(labels: Sequence[bool], said: Sequence[bool]) -> float:
    from sklearn.metrics import balanced_accuracy_score

    return float(balanced_accuracy_score(labels, said))


def _auroc(labels: Sequence[bool], scores: Sequence[float]) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, scores)) if len(set(labels)) == 2 else float("nan")


if __name__ == "__main__":
    main()
