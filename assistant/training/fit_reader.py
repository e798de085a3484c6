"""Fits the two linear models of the reader on question sets in the benchmark format.

    python -m assistant.training.fit_reader SETS --work DIR --out assistant/weights/reader.json

SETS holds folders with `corpus.jsonl` and `questions.jsonl`. Each set is asked twice: over its whole corpus and over small
homes of a few documents, since people ask one article as often as many. A third kind of question is asked over the corpus
of another set, where nothing can answer it. Documents are parted by a hash of their id: three quarters to fit, the rest to
report; no question of a document in the rest is seen in fitting.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

from assistant.evidence import Linear, logistic
from assistant.features import (
    QUESTION_FEATURES,
    SENTENCE_FEATURES,
    Rarity,
    candidates,
    question_features,
    sentence_features,
)
from assistant.interaction import LateInteraction
from assistant.retrieval import PassageRetriever
from assistant.settings import RetrievalSettings
from assistant.training.softmax import fit_softmax
from ingest.archive import Archive
from ingest.embedding import Encoder
from ingest.index import VectorIndex
from ingest.json_lines import read_json_lines
from ingest.loading import Article, load_corpus
from ingest.pipeline import ingest
from ingest.records import Floats
from ingest.settings import IngestSettings

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


def held_out(document: str) -> bool:
    """Whether a document's questions are kept for the report."""
    return hashlib.sha256(document.encode()).digest()[0] < 64


def document_of(record: dict[str, Any]) -> str:
    """The document that a question was written about; `read_questions` has seen to it that it is known."""
    return str(record["document"])


def read_questions(path: Path) -> list[dict[str, Any]]:
    """The questions that say whether they are answerable and that no earlier turn is needed for, with their document.

    An unanswerable question of SQuAD names only its paragraph's place; its document is that of the answerable questions
    about the same place.
    """
    records = [r for _, r in read_json_lines(path) if r["answerable"] is not None and not r["history"]]
    places = {_place(r): r["evidence"][0]["doc_id"] for r in records if r["evidence"]}
    for record in records:
        stated = record["evidence"][0]["doc_id"] if record["evidence"] else None
        record["document"] = stated or record["meta"].get("doc_id") or places.get(_place(record)) or record["qid"]
    return records


def _place(record: dict[str, Any]) -> tuple[Any, ...]:
    meta = record["meta"]
    return (meta["para"], meta["para_start"], meta["para_end"]) if "para" in meta else (record["qid"],)


class Home:
    """A corpus, ingested, that questions are asked of."""

    def __init__(self, folder: Path, articles: Sequence[Article], encoder: Encoder) -> None:
        ingest(folder, articles, IngestSettings())
        self.archive = Archive(folder)
        index = VectorIndex(folder, self.archive.meta("generation") or "")
        self.retriever = PassageRetriever(self.archive, index, encoder, RetrievalSettings())
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
            group, held_out(document_of(record)), answerable, record["question"],
            sentence_features(asked, self.rarity, self.interaction), np.array(gold, np.float32), [p.text for p in passages],
        )  # fmt: skip


def is_gold(record: dict[str, Any], article: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` of an article overlaps the question's gold evidence."""
    return any(e["doc_id"] == article and e["start"] < end and start < e["end"] for e in record["evidence"])


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
        document = document_of(record)
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


def hash_share(text: str) -> float:
    """A number in 0..1 that depends on the text alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") / 2**32


def fit(asked: Sequence[Asked]) -> tuple[Linear, Linear]:
    """The sentence model on questions whose evidence is marked by sentence, then the question model on its scores."""
    marked = [a for a in asked if not a.held_out and a.gold.any() and a.group.startswith(SENTENCE_SETS)]
    sentence = fit_ranking([a.features for a in marked], [a.gold for a in marked])
    for a in asked:
        a.scores = sentence(a.features)
    fitted = [a for a in asked if not a.held_out]
    sizes = Counter((a.group, a.answerable) for a in fitted)
    labels = np.array([a.answerable for a in fitted])
    weight = np.array([1 / np.sqrt(sizes[a.group, a.answerable]) for a in fitted])
    for label in (False, True):
        weight[labels == label] *= len(fitted) / 2 / weight[labels == label].sum()
    rows, middle, spread = _scaled(np.stack([a.row() for a in fitted]))
    model = LogisticRegression(max_iter=3000).fit(rows, labels, sample_weight=weight)
    return sentence, _unscaled(model.coef_[0], float(model.intercept_[0]), middle, spread)


def fit_ranking(features: Sequence[Floats], gold: Sequence[Floats]) -> Linear:
    """Weights under which, of each question's sentences, the gold ones get the largest share of the softmax.

    Args:
        features: For each question, shape ``(sentences, features)``.
        gold: For each question, 1 for gold and 0 for all others, shape ``(sentences,)``; at least one is gold.
    """
    scaled, middle, spread = _scaled(np.concatenate(features))
    rows = np.split(scaled, np.cumsum([len(f) for f in features])[:-1])
    weights = fit_softmax(rows, gold, lambda share: -(share + 1e-12).log().mean(), penalty=1e-3, iterations=200)
    return _unscaled(weights, 0.0, middle, spread)


def _scaled(rows: Floats) -> tuple[Floats, Floats, Floats]:
    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    return (rows - middle) / spread, middle, spread


def _unscaled(weights: Floats, bias: float, middle: Floats, spread: Floats) -> Linear:
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
    """Stores both models with the names of their features, which the reader checks when it loads them."""
    stored = {}
    for name, model, columns in (("sentence", sentence, SENTENCE_FEATURES), ("question", question, QUESTION_FEATURES)):
        weights = {column: round(float(w), 5) for column, w in zip(columns, model.weights, strict=True)}
        stored[name] = {"weights": weights, "bias": round(model.bias, 5)}
    out.write_text(json.dumps(stored, indent=1) + "\n")


if __name__ == "__main__":
    main()
