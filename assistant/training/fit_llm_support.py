"""Fits how a language model's word is weighed against that of the other layers, on labelled pairs.

    python -m assistant.training.fit_llm_support PAIRS --cache FILE [--url http://127.0.0.1:8080/v1] [--model NAME]
        [--key-variable NAME] [--home DIR] [--kept-out] [--out assistant/weights/llm_support.json]

PAIRS are JSON lines {id, context, claim, label}. The server and the claim reader are those of the home's settings unless they
are given. What the model says is kept in FILE, a JSON line a sentence, so that an interrupted run goes on. Prints balanced
accuracy and AUROC for contexts that were left out of the fit, one at a time: of the other layers, of the model alone, and of
both.

None of the layers may have learnt from the pairs, or they are believed too much: `--kept-out` takes, of a set that the claim
reader learnt from, only the contexts that were kept from it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from assistant.assistant import home_of
from assistant.grounding.claim_reader import Claims
from assistant.grounding.claim_reader import load as load_claims
from assistant.grounding.evidence_text import EvidenceText
from assistant.grounding.judge import examine
from assistant.grounding.llm_support import LlmSupport, Support
from assistant.grounding.weighing import CERTAIN, LLM_FEATURES, odds_of
from assistant.linear import Linear
from assistant.llm import open_llm
from assistant.prompts import SUPPORT
from assistant.settings import Settings
from assistant.training.claim_examples import kept_out
from assistant.training.fit_reader import store_models
from ingest.errors import DatasetError, OnRecordError, SettingsError
from ingest.json_lines import read_json_lines
from ingest.records import Floats
from ingest.splitting import split_sentences


@dataclass(frozen=True)
class Said:
    """A sentence of a claim.

    Attributes:
        odds: Log-odds of the other layers that it is borne out.
        llm: Those of the language model; None where it is not asked, since a layer is certain.
    """

    odds: float
    llm: float | None = None


@dataclass(frozen=True)
class Heard:
    """A labelled claim; it is as good as its worst sentence."""

    context: str
    label: bool
    sentences: tuple[Said, ...]

    @property
    def asked(self) -> list[Floats]:
        """One row, a column a name in `LLM_FEATURES`, for each sentence that the model was asked of."""
        return [np.array([s.odds, s.llm], np.float32) for s in self.sentences if s.llm is not None]

    def joined(self, model: Linear) -> float:
        """The log-odds of the worst sentence when what the model was asked of is weighed."""
        decided = [s.odds for s in self.sentences if s.llm is None]
        return min([*decided, *(float(model(row)) for row in self.asked)])


class Kept:
    """What a language model says, kept in a file; what stands there already is not asked again.

    Args:
        support: The model.
        name: Its name; what another model said, or this one to another prompt, does not count.
        file: JSON lines, made when it is missing.
    """

    def __init__(self, support: Support, name: str, file: Path) -> None:
        self._support = support
        self._asked = {"model": name, "prompt": hashlib.sha256(SUPPORT.encode()).hexdigest()[:12]}
        self._file = file
        lines = [line for _, line in read_json_lines(file)] if file.exists() else []
        self._known = {
            (line["claim"], line["evidence"]): float(line["log_odds"])
            for line in lines
            if all(line.get(k) == v for k, v in self._asked.items())
        }

    def log_odds(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """See `Support`."""
        for pair in pairs:
            if pair not in self._known:
                self._known[pair] = float(self._support.log_odds([pair])[0])
                line = {**self._asked, "claim": pair[0], "evidence": pair[1], "log_odds": self._known[pair]}
                with self._file.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
        return np.array([self._known[pair] for pair in pairs], np.float32)


def heard(pairs: Path, claims: Claims | None, support: Support, *, only_kept_out: bool = False) -> Iterator[Heard]:
    """What layers and model say of each labelled pair of which the model is asked anything."""
    evidence_of = lru_cache(maxsize=64)(EvidenceText.of)
    for number, (where, record) in enumerate(read_json_lines(pairs), 1):
        if not {"context", "claim", "label"} <= record.keys():
            raise DatasetError(f"{where}: a pair needs context, claim and label; add them.")
        context, claim = record["context"], record["claim"]
        if record["label"] is None or (only_kept_out and not kept_out(context)):
            continue
        said = [said_of(claim[a:b], evidence_of(context), claims, support) for a, b in split_sentences(claim)]
        found = Heard(context, bool(record["label"]), tuple(s for s in said if s is not None))
        if found.asked:
            yield found
        if number % 20 == 0:
            sys.stderr.write(f"{number} pairs\n")


def said_of(claim: str, evidence: EvidenceText, claims: Claims | None, support: Support) -> Said | None:
    """What layers and model say of one sentence; None when it claims nothing."""
    e = examine(claim, evidence)
    if e.judgement is not None:
        return None if e.judgement.verdict == "not_a_claim" else Said(_odds(e.judgement.score))
    pair = e.pair or (claim, "")
    odds = odds_of(e.comparison, e.findings, claims.read([pair])[0] if claims else None)
    return Said(min(odds, _odds(CERTAIN))) if e.certain else Said(odds, float(support.log_odds([pair])[0]))


def _odds(score: float) -> float:
    return float(np.log(score / (1 - score)))


def fit(claims: Sequence[Heard], columns: Sequence[str] = LLM_FEATURES) -> Linear:
    """A logistic regression over sentences, both labels weighing the same.

    Of a claim that is not borne out its worst sentence counts, and none where that is one that another layer decides. Neither
    odds may speak against a claim by being high.

    Args:
        claims: Both labels must be among them.
        columns: The features that it may use; the weights of the others are 0.

    Raises:
        DatasetError: One label is missing.
    """
    rows, labels = [], []
    for claim in claims:
        asked = claim.asked
        worst = min(asked, key=lambda row: float(row.sum()))
        decided = [s.odds for s in claim.sentences if s.llm is None]
        if claim.label or min(decided, default=np.inf) > 0:
            rows += asked if claim.label else [worst]
            labels += [claim.label] * (len(asked) if claim.label else 1)
    if len(set(labels)) < 2:
        raise DatasetError("A fit needs claims that are borne out and claims that are not; give more pairs.")
    used = np.array([name in columns for name in LLM_FEATURES])
    while True:
        model = LogisticRegression(class_weight="balanced").fit(np.stack(rows) * used, labels)
        against = used & (model.coef_[0] < 0)
        if not against.any():
            return Linear(np.asarray(model.coef_[0] * used, np.float32), float(model.intercept_[0]))
        used &= ~against


def report(claims: Sequence[Heard]) -> Iterator[str]:
    """A line for the other layers, the model alone and both, over claims scored by fits that saw nothing of their context."""
    labels = [c.label for c in claims]
    asked, joined = np.zeros(len(claims)), np.zeros(len(claims))
    for context in dict.fromkeys(c.context for c in claims):
        seen = [c for c in claims if c.context != context]
        alone, both = fit(seen, ("llm",)), fit(seen)
        for i, c in enumerate(claims):
            if c.context == context:
                asked[i] = min(float(alone(row)) for row in c.asked)
                joined[i] = c.joined(both)
    layers = np.array([min(s.odds for s in c.sentences) for c in claims])
    for name, odds in (("layers and claim reader", layers), ("model alone", asked), ("both", joined)):
        accuracy, auroc = balanced_accuracy_score(labels, odds > 0), roc_auc_score(labels, odds)
        yield f"{name}: balanced accuracy {accuracy:.3f}, AUROC {auroc:.3f}, n {len(labels)}"


def main() -> None:
    """Asks, fits, prints, writes."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("pairs", type=Path)
    options.add_argument("--cache", type=Path, required=True)
    options.add_argument("--url")
    options.add_argument("--model")
    options.add_argument("--key-variable")
    options.add_argument("--home", type=Path)
    options.add_argument("--kept-out", action="store_true")
    options.add_argument("--out", type=Path)
    chosen = options.parse_args()
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        settings = Settings.load(home_of(chosen.home))
        given = {k: getattr(chosen, k) for k in ("url", "model", "key_variable") if getattr(chosen, k) is not None}
        named = settings.llm.model_copy(update=given)
        llm = open_llm(named)
        if llm is None:
            raise SettingsError("No server is named; give --url, or set llm.url.")
        support = Kept(LlmSupport(llm), named.model, chosen.cache)
        claims = load_claims(settings.grounding.claim_reader)
        found = list(heard(chosen.pairs, claims, support, only_kept_out=chosen.kept_out))
        for line in report(found):
            sys.stdout.write(line + "\n")
        if chosen.out:
            store_models(chosen.out, {"with_llm": fit(found)}, {"with_llm": LLM_FEATURES})
    except OnRecordError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
