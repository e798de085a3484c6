"""Fits the model of `assistant.antecedents` to people's rewrites of follow-up questions.

    python -m assistant.training.fit_antecedents QUESTIONS --out assistant/weights/antecedents.json

QUESTIONS is a ``questions.jsonl`` whose questions carry `history` and `rewrite`, as CANARD's (Elgohary et al. 2019). Every
option of a pronoun is filled in and compared with the rewrite (token F1); the weights make the expected gain over the
question as typed greatest. Earlier turns are resolved by the weights of the round before. Conversations are parted by a hash
of their id: three quarters to fit, the rest to report.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.antecedents import FEATURES, bare, features, filled, options, resolve, slots
from assistant.mentions import Said
from assistant.terms import words
from assistant.training.questions import held_out
from assistant.training.softmax import fit_softmax
from ingest.json_lines import read_json_lines
from ingest.records import Floats

ROUNDS = 3
CERTAIN = 0.05
"""What a topic put behind a question must gain in F1: a wrong one leads the search astray."""


@dataclass(frozen=True)
class Choice:
    """One pronoun: the features of its options, shape ``(options, features)``, and what each gains in F1."""

    rows: Floats
    gains: Floats


def token_f1(one: str, other: str) -> float:
    """F1 of the words of two texts as bags, 0..1 (Rajpurkar et al. 2016, without dropping articles)."""
    a, b = Counter(words(one)), Counter(words(other))
    return 2 * (a & b).total() / max(a.total() + b.total(), 1)


def history_of(record: dict[str, Any], weights: Floats | None) -> list[Said]:
    """The turns before a question, their pronouns resolved when there are weights to do so."""
    said: list[Said] = []
    for turn in record["history"]:
        question, antecedents = resolve(turn["q"], said, weights) if said and weights is not None else (turn["q"], ())
        said.append(Said(question, turn["a"], antecedents))
    return said


def choices(records: Sequence[dict[str, Any]], weights: Floats | None) -> list[Choice]:
    """The first pronoun of each question that has one, or the place of its missing topic."""
    found = []
    for record in records:
        question, wanted, said = record["question"], record["rewrite"], history_of(record, weights)
        for slot in (slots(question) or bare(question))[:1]:
            known = options(slot, question, said)
            cost = token_f1(question, wanted) + (CERTAIN if slot.kind == "none" else 0)
            gains = [token_f1(filled(question, [(slot, mention.text)]), wanted) - cost for mention in known]
            found.append(Choice(features(slot, said, known, question), np.array([*gains, 0.0], np.float32)))
    return found


def fit(found: Sequence[Choice]) -> Floats:
    """The weights under which a choice by softmax gains most in F1."""
    rows, gains = [c.rows for c in found], [c.gains for c in found]
    return fit_softmax(rows, gains, lambda gain: -10 * gain.mean(), penalty=2e-4, iterations=900)


def main() -> None:
    """Fits, reports token F1 on both parts, and writes the weights."""
    options_ = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options_.add_argument("questions", type=Path)
    options_.add_argument("--out", type=Path, required=True)
    chosen = options_.parse_args()
    records = [record for _, record in read_json_lines(chosen.questions) if record["history"]]
    held = [held_out(r["qid"].rsplit("_", 1)[0]) for r in records]
    parts = {
        name: [r for r, h in zip(records, held, strict=True) if h == of]
        for name, of in (("fitted", False), ("kept out", True))
    }
    weights: Floats | None = None
    for _ in range(ROUNDS):
        weights = np.round(fit(choices(parts["fitted"], weights)), 4)
    for name, part in parts.items():
        raw = np.mean([token_f1(r["question"], r["rewrite"]) for r in part])
        ours = np.mean(
            [token_f1(resolve(r["question"], history_of(r, weights), weights)[0], r["rewrite"]) for r in part]
        )
        sys.stdout.write(f"{name}: n {len(part)}, token F1 as typed {raw:.3f}, resolved {ours:.3f}\n")
    assert weights is not None
    chosen.out.write_text(json.dumps(dict(zip(FEATURES, weights.tolist(), strict=True)), indent=1) + "\n")


if __name__ == "__main__":
    main()
