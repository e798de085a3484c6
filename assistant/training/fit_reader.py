"""Fits the two linear models of the reader on question sets in the benchmark format.

    python -m assistant.training.fit_reader SETS --work DIR --out assistant/weights/reader.json

SETS holds folders with `corpus.jsonl` and `questions.jsonl`. Each set is asked twice: over its whole corpus and over small
homes of a few documents, since people ask one article as often as many. A third kind of question is asked over the corpus
of another set, where nothing can answer it. Documents are parted by a hash of their id: three quarters to fit, the rest to
report; no question of a document in the rest is seen in fitting.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

from assistant.features import (
    QUESTION_FEATURES,
    SENTENCE_FEATURES,
    Rarity,
    candidates,
    question_features,
    sentence_features,
)
from assistant.interaction import LateInteraction
from assistant.linear import Linear, logistic
from assistant.settings import RetrievalSettings
from assistant.training.questions import hash_share, held_out, is_gold, read_questions
from assistant.training.softmax import fit_softmax
from assistant.training.trial_home import TrialHome
from ingest.embedding import Encoder
from ingest.loading import Article, load_corpus
from ingest.records import Floats

SETS = ("squad2_dev", "clapnq_dev", "nq_oracle", "mtrag_human")
SENTENCE_SETS = ("squad2_dev", "clapnq_dev", "nq_oracle")
"""Those whose evidence is marked by sentence or shorter."""
SMALL = 6
AT_MOST = 1500
SEED = 13


@dataclass
class Asked:
    """One question as it was read: features of its candidate sentences, and which of them are gold."""

    group: str
    held_out: bool
    answerable: bool
    question: str
    features: Floats
    gold: Floats
    passages: list[str]
    scores: Floats = field(default_factory=lambda: np.zeros(0, np.float32))

    def row(self) -> Floats:
        """The question's own features under the current sentence scores."""
        best = self.passages[int(np.argmax(self.scores))]
        return question_features(self.question, self.scores, self.features, best)


class Home(TrialHome):
    """A corpus that questions are asked of, and their features measured."""

    def __init__(self, folder: Path, articles: Sequence[Article], encoder: Encoder) -> None:
        super().__init__(folder, articles, encoder)
        self.rarity = Rarity(self.archive)
        self.interaction = LateInteraction(encoder, kept=2000)

    def ask(self, group: str, record: dict[str, Any], *, answerable: bool) -> Asked | None:
        """Retrieves and measures; None when there is nothing to weigh, or when the gold sentence was not retrieved."""
        found = self.retriever.search(record["question"], RetrievalSettings().passages)
        asked = candidates(self.archive, record["question"], found)
        if not asked.sentences:
            return None
        passages = [asked.passages[s.passage] for s in asked.sentences]
        gold = [
            answerable and is_gold(record, p.article, s.start, s.end)
            for p, s in zip(passages, asked.sentences, strict=True)
        ]
        return Asked(
            group, held_out(record["document"]), answerable, record["question"],
            sentence_features(asked, self.rarity, self.interaction), np.array(gold, np.float32), [p.text for p in passages],
        )  # fmt: skip


def ask_all(sets: Path, work: Path) -> Iterator[Asked]:
    """Every question of every set, over large, small and foreign corpora."""
    encoder = Encoder()
    random = np.random.default_rng(SEED)
    corpora = {name: list(load_corpus(sets / name / "corpus.jsonl")) for name in SETS}
    large = {name: Home(work / name, corpora[name], encoder) for name in SETS}
    for position, name in enumerate(SETS):
        records = read_questions(sets / name / "questions.jsonl")
        random.shuffle(records)
        foreign = large[SETS[(position + 1) % len(SETS)]]
        for kind, asked in (("large", records[:AT_MOST]), ("foreign", records[: AT_MOST // 5])):
            for record in asked:
                home, answerable = (foreign, False) if kind == "foreign" else (large[name], bool(record["answerable"]))
                if found := home.ask(f"{name}/{kind}", record, answerable=answerable):
                    yield found
        sys.stderr.write(f"{name}: {len(records)} questions\n")
        yield from _ask_small(name, records[: 2 * AT_MOST], corpora[name], work, encoder)


def _ask_small(
    name: str, records: Sequence[dict[str, Any]], corpus: Sequence[Article], work: Path, encoder: Encoder
) -> Iterator[Asked]:
    """Over homes of a few documents, each question over the one that holds its document and over one that does not."""
    size = 1 if name == "squad2_dev" else SMALL
    groups = [corpus[i : i + size] for i in range(0, len(corpus), size)][:40]
    homes = [Home(work / "small" / f"{name}-{i}", group, encoder) for i, group in enumerate(groups)]
    place = {article.id: i for i, group in enumerate(groups) for article in group}
    for record in records:
        document = record["document"]
        own = place.get(document)
        if own is None:
            continue
        if found := homes[own].ask(f"{name}/small", record, answerable=bool(record["answerable"])):
            yield found
        other = (own + 1) % len(homes)
        if hash_share(record["qid"]) < 0.3 and (
            found := homes[other].ask(f"{name}/small-foreign", record, answerable=False)
        ):
            yield found


def fit(asked: Sequence[Asked]) -> tuple[Linear, Linear]:
    """The sentence model on questions whose evidence is marked by sentence, then the question model on its scores."""
    marked = [a for a in asked if not a.held_out and a.gold.any() and a.group.startswith(SENTENCE_SETS)]
    sentence = fit_ranking([a.features for a in marked], [a.gold for a in marked])
    for a in asked:
        a.scores = sentence(a.features)
    return sentence, fit_answerable([a for a in asked if not a.held_out])


class Scored(Protocol):
    """A question whose sentences have their scores."""

    group: str
    answerable: bool

    def row(self) -> Floats:
        """The question's own features under the current sentence scores."""
        ...


def fit_answerable(asked: Sequence[Scored], strength: float = 1.0) -> Linear:
    """Whether a question's best sentence answers it: answerable ones and others weigh the same, large groups less than their size.

    Args:
        asked: Both kinds of questions, scored.
        strength: Inverse of the regularisation, > 0.
    """
    sizes = Counter((a.group, a.answerable) for a in asked)
    labels = np.array([a.answerable for a in asked])
    weight = np.array([1 / np.sqrt(sizes[a.group, a.answerable]) for a in asked])
    for label in (False, True):
        weight[labels == label] *= len(asked) / 2 / weight[labels == label].sum()
    rows, middle, spread = scaled(np.stack([a.row() for a in asked]))
    model = LogisticRegression(max_iter=3000, C=strength).fit(rows, labels, sample_weight=weight)
    return unscaled(model.coef_[0], float(model.intercept_[0]), middle, spread)


def fit_ranking(features: Sequence[Floats], gold: Sequence[Floats]) -> Linear:
    """Weights under which, of each question's sentences, the gold ones get the largest share of the softmax.

    Args:
        features: For each question, shape ``(sentences, features)``.
        gold: For each question, 1 for gold and 0 for all others, shape ``(sentences,)``; at least one is gold.
    """
    every, middle, spread = scaled(np.concatenate(features))
    rows = np.split(every, np.cumsum([len(f) for f in features])[:-1])
    weights = fit_softmax(rows, gold, lambda share: -(share + 1e-12).log().mean(), penalty=1e-3, iterations=200)
    return unscaled(weights, 0.0, middle, spread)


def scaled(rows: Floats) -> tuple[Floats, Floats, Floats]:
    """Rows with mean 0 and spread 1 in each column, and that mean and spread."""
    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    return (rows - middle) / spread, middle, spread


def unscaled(weights: Floats, bias: float, middle: Floats, spread: Floats) -> Linear:
    """A model of scaled rows as one of the rows themselves."""
    plain = np.asarray(weights / spread, np.float32)
    return Linear(plain, bias - float(plain @ middle))


def report(asked: Sequence[Asked], question: Linear) -> Iterator[str]:
    """A line a group, over the held-out documents."""
    yield "group | n | evidence@1 | share judged answerable | AUROC with the foreign ones | Brier"
    rest = [a for a in asked if a.held_out]
    for group in sorted({a.group for a in rest}):
        members = [a for a in rest if a.group == group]
        chance = logistic(question(np.stack([a.row() for a in members])))
        truth = np.array([a.answerable for a in members])
        marked = [a for a in members if a.gold.any()]
        at_one = np.mean([a.gold[np.argmax(a.scores)] for a in marked]) if marked else float("nan")
        area = roc_auc_score(truth, chance) if len(set(truth)) == 2 else float("nan")
        yes = chance >= 0.5
        shares = " / ".join(
            f"{yes[truth == label].mean():.3f}" if (truth == label).any() else "-" for label in (True, False)
        )
        yield f"{group} | {len(members)} | {at_one:.3f} | {shares} (answerable / not) | {area:.3f} | {brier_score_loss(truth, chance):.3f}"


def main() -> None:
    """Fits, reports on the held-out documents, and writes the weights."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("sets", type=Path)
    options.add_argument("--work", type=Path, required=True)
    options.add_argument("--out", type=Path, required=True)
    chosen = options.parse_args()
    asked = list(ask_all(chosen.sets, chosen.work))
    sentence, question = fit(asked)
    for line in report(asked, question):
        sys.stdout.write(line + "\n")
    write(chosen.out, sentence, question)


def write(out: Path, sentence: Linear, question: Linear) -> None:
    """Stores both models."""
    store_models(
        out,
        {"sentence": sentence, "question": question},
        {"sentence": SENTENCE_FEATURES, "question": QUESTION_FEATURES},
    )


def store_models(out: Path, models: Mapping[str, Linear], columns: Mapping[str, Sequence[str]]) -> None:
    """Stores linear models with the names of their features, which the reader checks when it loads them."""
    stored = {
        name: {
            "weights": {column: round(float(w), 5) for column, w in zip(columns[name], model.weights, strict=True)},
            "bias": round(model.bias, 5),
        }
        for name, model in models.items()
    }
    out.write_text(json.dumps(stored, indent=1) + "\n")


if __name__ == "__main__":
    main()
