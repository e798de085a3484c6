"""Fits the weights of `assistant.settings.RetrievalSettings` on question sets in the benchmark format.

    python -m assistant.training.fit_retrieval SETS --work DIR

SETS holds folders with ``corpus.jsonl`` and ``questions.jsonl``. Each question is asked over its set's whole corpus; the
weights are those under which passages with gold evidence get the largest share of the softmax over the candidates. Documents
are parted by a hash of their id: three quarters to fit, the rest to report.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.retrieval import PassageRetriever
from assistant.settings import RetrievalSettings
from assistant.training.fit_reader import fit_ranking
from assistant.training.questions import held_out, is_gold
from ingest.archive import Archive
from ingest.embedding import Encoder
from ingest.index import VectorIndex
from ingest.json_lines import read_json_lines
from ingest.loading import load_corpus
from ingest.pipeline import ingest
from ingest.records import Floats
from ingest.settings import IngestSettings

SETS = ("squad2_dev", "nq_oracle", "clapnq_dev", "inscit_dev", "mtrag_human")
AT_MOST = 1500
"""Questions of a set: the larger ones would outweigh the others."""
MEASURES = ("dense_weight", "sentence_weight", "lexical_weight", "pair_weight")


@dataclass(frozen=True)
class Searched:
    """One question: what was measured of its candidates, shape ``(passages, 4)``, and which hold gold evidence."""

    held_out: bool
    measures: Floats
    gold: Floats


def search_all(folder: Path, work: Path, encoder: Encoder) -> list[Searched]:
    """The answerable questions of a set, over its whole corpus."""
    ingest(work, load_corpus(folder / "corpus.jsonl"), IngestSettings())
    archive = Archive(work)
    index = VectorIndex(work, archive.meta("generation") or "")
    retriever = PassageRetriever(archive, index, encoder, RetrievalSettings())
    records = [r for _, r in read_json_lines(folder / "questions.jsonl") if r["answerable"] and r["evidence"]]
    found = []
    for record in records[:: 1 + len(records) // AT_MOST]:
        passages, measures = retriever.measure(record["question"])
        gold = [is_gold(record, p.article, p.start, p.end) for p in passages]
        found.append(Searched(held_out(record["evidence"][0]["doc_id"]), measures, np.array(gold, np.float32)))
    index.close()
    archive.close()
    return found


def hits(searched: list[Searched], weights: Floats) -> str:
    """Hit@1, Hit@5 and Hit@10."""
    ranks = []
    for one in searched:
        order = np.argsort(-(one.measures @ weights), kind="stable")
        ranks.append(np.flatnonzero(one.gold[order])[0] if one.gold.any() else len(one.gold))
    return " / ".join(f"{np.mean(np.array(ranks) < k):.3f}" for k in (1, 5, 10))


def main() -> None:
    """Fits, and prints the weights and what they find."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("sets", type=Path)
    options.add_argument("--work", type=Path, required=True)
    chosen = options.parse_args()
    encoder = Encoder()
    found = {name: search_all(chosen.sets / name, chosen.work / name, encoder) for name in SETS}
    fitted = [one for searched in found.values() for one in searched if not one.held_out and one.gold.any()]
    model = fit_ranking([one.measures for one in fitted], [one.gold for one in fitted])
    settings = RetrievalSettings()
    shipped = np.array([getattr(settings, name) for name in MEASURES], np.float32)
    for name, weight, now in zip(MEASURES, model.weights, shipped, strict=True):
        sys.stdout.write(f"{name}: {weight:.2f} (shipped: {now:.2f})\n")
    for name, searched in found.items():
        kept_out = [one for one in searched if one.held_out]
        for part, of in (("all", searched), ("kept out", kept_out)):
            sys.stdout.write(
                f"{name}, {part}, n {len(of)}: fitted {hits(of, model.weights)}, shipped {hits(of, shipped)}\n"
            )


if __name__ == "__main__":
    main()
