"""Fits the models that join the cross-encoder's reading to the first scores, on documents that it was not trained on.

    python -m assistant.training.fit_second_reading SETS --work DIR --out assistant/weights/second_reading.json

Only questions of documents that `held_out` keeps are asked, since on its own training documents the cross-encoder is surer
than it should be. What is printed is measured by leaving documents out: they are dealt into five parts, and each part is
judged by models fitted on the other four. What is stored is fitted on all.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import brier_score_loss, roc_auc_score

from assistant.conversation import context, standalone
from assistant.cross_encoder import CrossEncoder, load
from assistant.evidence import first_models
from assistant.features import Rarity, candidates, question_features, sentence_features
from assistant.interaction import LateInteraction
from assistant.linear import Linear, logistic
from assistant.second_reading import SECOND_QUESTION_FEATURES, SECOND_SENTENCE_FEATURES, SecondReading, read_again
from assistant.settings import ReadingSettings, RetrievalSettings
from assistant.training.fit_reader import fit_answerable, fit_ranking, store_models
from assistant.training.questions import hash_share, held_out, is_gold, read_questions
from assistant.training.trial_home import TrialHome
from assistant.types import Scope, Turn
from ingest.embedding import Encoder
from ingest.loading import load_corpus
from ingest.records import Floats

SETS = ("squad2_dev", "clapnq_dev", "nq_oracle", "inscit_dev", "mtrag_human")
RANKED = ("squad2_dev", "clapnq_dev", "nq_oracle")
"""Those whose evidence is marked by sentence or shorter."""
PARTS = 5
STRENGTH = 0.03
"""Inverse of the regularisation of the question model; see the model card for what others gave."""
FOREIGN, IN_ARTICLE = 0.2, 0.35
"""Share of the questions that are also asked over the corpus of another set, where nothing can answer them, and of those of
SQuAD that are also asked of their article alone."""


@dataclass
class Asked:
    """One question as it was read twice: what was measured of its candidate sentences, and which of them are gold."""

    group: str
    document: str
    answerable: bool
    question: str
    features: Floats
    first: Floats
    second: SecondReading
    gold: Floats
    passages: list[str]
    places: list[tuple[str, int, int]]
    scores: Floats = field(default_factory=lambda: np.zeros(0, np.float32))

    def row(self) -> Floats:
        """The question's own features under the current scores."""
        best = self.passages[int(np.argmax(self.scores))]
        return self.second.question_features(
            question_features(self.question, self.scores, self.features, best), self.scores
        )


class Readers:
    """All that is needed to read a question over one corpus."""

    def __init__(self, home: TrialHome, encoder: Encoder, cross_encoder: CrossEncoder) -> None:
        self.home = home
        self._rarity = Rarity(home.archive)
        self._interaction = LateInteraction(encoder, kept=2000)
        self._cross_encoder = cross_encoder

    def ask(self, group: str, record: dict[str, Any], scope: Scope | None, *, answerable: bool) -> Asked | None:
        """Searches and reads twice; None when there is nothing to weigh."""
        turns = [Turn(t["q"], t["a"]) for t in record["history"]]
        question = standalone(record["question"], turns)
        found = self.home.retriever.search(question, RetrievalSettings().passages, scope, context(turns))
        weighed = candidates(self.home.archive, question, found, scope)
        if not weighed.sentences:
            return None
        features = sentence_features(weighed, self._rarity, self._interaction)
        first = first_models()[0](features)
        second = read_again(self._cross_encoder, weighed, first, ReadingSettings().passages_read)
        passages = [weighed.passages[s.passage] for s in weighed.sentences]
        places = [(p.article, s.start, s.end) for p, s in zip(passages, weighed.sentences, strict=True)]
        gold = [answerable and is_gold(record, *place) for place in places]
        return Asked(
            group, record["document"], answerable, question, features, first, second, np.array(gold, np.float32),
            [p.text for p in passages], places,
        )  # fmt: skip


def ask_all(sets: Path, work: Path, cross_encoder: CrossEncoder, most: int) -> Iterator[Asked]:
    """Every question about a document that is kept out, over its corpus, its article, its paragraph, and a foreign corpus."""
    encoder = Encoder()
    homes = {
        name: Readers(
            TrialHome(work / name, list(load_corpus(sets / name / "corpus.jsonl")), encoder), encoder, cross_encoder
        )
        for name in SETS
    }
    for position, name in enumerate(SETS):
        foreign = homes[SETS[(position + 1) % len(SETS)]]
        records = read_questions(sets / name / "questions.jsonl", follow_ups=name == "inscit_dev")
        records = sorted((r for r in records if held_out(r["document"])), key=lambda r: hash_share(r["qid"]))[:most]
        for record in records:
            answerable = bool(record["answerable"])
            asked = [homes[name].ask(f"{name}/corpus", record, None, answerable=answerable)]
            if name == "squad2_dev":
                meta, document = record["meta"], record["document"]
                paragraph = Scope((document,), stretches=((document, meta["para_start"], meta["para_end"]),))
                asked.append(homes[name].ask(f"{name}/paragraph", record, paragraph, answerable=answerable))
                if hash_share(f"article {record['qid']}") < IN_ARTICLE:
                    asked.append(homes[name].ask(f"{name}/article", record, Scope((document,)), answerable=answerable))
            if hash_share(f"foreign {record['qid']}") < FOREIGN:
                asked.append(foreign.ask(f"{name}/foreign", record, None, answerable=False))
            yield from filter(None, asked)
        sys.stderr.write(f"{name}: {len(records)} questions\n")


def fit(asked: Sequence[Asked]) -> tuple[Linear, Linear]:
    """The sentence model on questions whose evidence is marked by sentence, then the question model on its scores."""
    marked = [a for a in asked if a.gold.any() and a.group.startswith(RANKED)]
    sentence = fit_ranking([a.second.sentence_features(a.first) for a in marked], [a.gold for a in marked])
    score(asked, sentence)
    return sentence, fit_answerable(asked, STRENGTH)


def score(asked: Sequence[Asked], sentence: Linear) -> None:
    """Gives each question its sentences' scores under both readings."""
    for a in asked:
        a.scores = sentence(a.second.sentence_features(a.first))


def cross_validated(asked: Sequence[Asked]) -> Floats:
    """The confidence in each answer by models that saw no question of its document; sets `Asked.scores` likewise."""
    documents = sorted({a.document for a in asked}, key=hash_share)
    part = {document: i % PARTS for i, document in enumerate(documents)}
    chances = np.zeros(len(asked), np.float32)
    kept: dict[int, Floats] = {}
    for left_out in range(PARTS):
        sentence, question = fit([a for a in asked if part[a.document] != left_out])
        for i, a in enumerate(asked):
            if part[a.document] == left_out:
                kept[i] = sentence(a.second.sentence_features(a.first))
                a.scores = kept[i]
                chances[i] = logistic(question(a.row()))
    for i, a in enumerate(asked):
        a.scores = kept[i]
    return chances


def report(asked: Sequence[Asked], chances: Floats) -> Iterator[str]:
    """A line a group: what each reading finds alone and both find together."""
    yield "group | n | evidence@1: first / cross-encoder / both (n) | AUROC: first / cross-encoder / both | Brier"
    question = first_models()[1]
    for group in [*sorted({a.group for a in asked}), "all"]:
        members = [i for i, a in enumerate(asked) if group in (a.group, "all")]
        of = [asked[i] for i in members]
        truth = np.array([a.answerable for a in of])
        marked = [a for a in of if a.gold.any()]
        at_one = [
            float(np.mean(right)) if right else float("nan")
            for right in (
                [a.gold[np.argmax(a.first)] for a in marked],
                [a.gold[np.argmax(a.second.log_odds)] for a in marked],
                [a.gold[np.argmax(a.scores)] for a in marked],
            )
        ]
        first = np.array([_first_chance(a, question) for a in of])
        most = np.array([a.second.log_odds.max() for a in of])
        areas = [
            roc_auc_score(truth, chance) if len(set(truth)) == 2 else float("nan")
            for chance in (first, most, chances[members])
        ]
        yield (
            f"{group} | {len(of)} | {_joined(at_one)} ({len(marked)}) | {_joined(areas)}"
            f" | {brier_score_loss(truth, chances[members]):.3f}"
        )


def _first_chance(a: Asked, question: Linear) -> float:
    best = a.passages[int(np.argmax(a.first))]
    return float(logistic(question(question_features(a.question, a.first, a.features, best))))


def _joined(values: Sequence[float]) -> str:
    return " / ".join(f"{value:.3f}" for value in values)


def reliability(asked: Sequence[Asked], chances: Floats) -> Iterator[str]:
    """Tenths of confidence with how often they were right, and what each threshold costs."""
    truth = np.array([a.answerable for a in asked])
    right = np.array([bool(a.answerable and a.gold[np.argmax(a.scores)]) for a in asked])
    for low in np.arange(0, 1, 0.1):
        inside = (chances >= low) & (chances < low + 0.1)
        if inside.any():
            yield f"confidence {low:.1f} to {low + 0.1:.1f}: {truth[inside].mean():.3f} answerable (n {inside.sum()})"
    for threshold in np.arange(0.2, 0.85, 0.05):
        yes = chances >= threshold
        yield (
            f"threshold {threshold:.2f}: answers {yes[truth].mean():.3f} of the answerable, abstains from "
            f"{(~yes)[~truth].mean():.3f} of the others; of what it answers {1 - right[yes].mean():.3f} is wrong"
        )


def main() -> None:
    """Asks (once a work folder), fits, reports, and writes the weights."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("sets", type=Path)
    options.add_argument("--work", type=Path, required=True)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--cross-encoder", default="bundled", help="bundled, a folder, or the id of a model on a hub")
    options.add_argument("--most", type=int, default=600, help="questions of a set that are asked")
    chosen = options.parse_args()
    cross_encoder = load(chosen.cross_encoder)
    if cross_encoder is None:
        raise SystemExit("There is nothing to fit without a cross-encoder.")
    asked = list(ask_all(chosen.sets, chosen.work, cross_encoder, chosen.most))
    chances = cross_validated(asked)
    for line in (*report(asked, chances), *reliability(asked, chances)):
        sys.stdout.write(line + "\n")
    write(chosen.out, *fit(asked))


def write(out: Path, sentence: Linear, question: Linear) -> None:
    """Stores both models with the names of their features, which the reader checks when it loads them."""
    columns = {"sentence": SECOND_SENTENCE_FEATURES, "question": SECOND_QUESTION_FEATURES}
    store_models(out, {"sentence": sentence, "question": question}, columns)


if __name__ == "__main__":
    main()
