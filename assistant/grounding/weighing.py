"""How likely a claim is borne out, from what the layers found: a linear model over named features.

Fitted by `assistant.training.fit_judge`; `assistant/weights/judge.md` says on what, and how well the score is calibrated.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from assistant.grounding.claim_reader import ClaimRead
from assistant.grounding.comparison import Comparison
from assistant.grounding.findings import Finding, FindingKind
from assistant.linear import Linear, logistic, stored
from ingest.records import Floats

CONTRARY: tuple[FindingKind, ...] = (
    "altered", "stitched", "speaker", "number", "date", "name", "negation", "opposite", "direction", "quantifier",
)  # fmt: skip
MISSING: tuple[FindingKind, ...] = ("altered", "number", "date", "name", "quantifier")
FINDING_FEATURES = (*(f"contrary_{kind}" for kind in CONTRARY), *(f"missing_{kind}" for kind in MISSING))
WORD_FEATURES = (
    "coverage", "uncovered", "nearest_coverage", "alike", "near_copy", "unkept", "length", "sentences", *FINDING_FEATURES,
)  # fmt: skip
"""Columns of `word_features`: shares of the claim's content words, by rarity, that the evidence has, that it lacks altogether
(0 or 1), and that the nearest stretch has; share of words in its order, and whether that makes it a version; the claim's words
that differ, as log(1 + n); its length and the number of sentences of evidence, the same way; then each kind of finding, 0 or
1."""
READ_FEATURES = (
    "supported", "most_wrong", "second_wrong", "wrong_in_changes", "near_copy_wrong", "near_copy_supported",
)  # fmt: skip
"""Columns of `read_features`: the claim reader's log-odds for the whole claim; the highest and second highest of a content word
being wrong; the highest among words that the nearest stretch lacks; that and the first for versions of a sentence alone."""
FAR_FEATURES = ("coverage", "nearest_coverage", *FINDING_FEATURES, "supported")
"""What is looked at of a claim in words of its own against evidence as long as an article: among many sentences something is
always alike, so that the other features of words mislead."""
COLUMNS = {"layers": WORD_FEATURES, "all": (*WORD_FEATURES, *READ_FEATURES), "far": FAR_FEATURES}
"""The models of `judge.json` and what each looks at."""
FAR_COLUMNS = [COLUMNS["all"].index(name) for name in FAR_FEATURES]
LONG = 10
"""Sentences of evidence from which on it is as long as an article. Of 8, 10 and 12 it did best on claims left out of the fit."""
LLM_FEATURES = ("odds", "llm")
"""Log-odds of layers and claim reader, and of a language model."""
CERTAIN = 0.2
"""The most that a claim can score of which a layer is certain that the evidence has the contrary: an altered or stitched
quotation, another speaker, figures that stand nowhere, and in a version of a sentence any contrary. `assistant/weights/judge.md`
says how often a layer is certain of what is true."""
CERTAIN_ODDS = float(np.log(CERTAIN / (1 - CERTAIN)))
"""The same as log-odds."""
_LEAST_WRONG = -6.0
WRONG_WORD = 0.5
"""Probability of being wrong from which on a word is named in a reason."""


def word_features(comparison: Comparison, findings: Sequence[Finding]) -> Floats:
    """One row, a column a name in `WORD_FEATURES`."""
    total = len(comparison.words)
    unkept = round((1 - comparison.alike) * total)
    kinds = {(f.kind, f.contrary) for f in findings}
    row = [
        comparison.coverage,
        float(comparison.coverage < 0.999),
        comparison.nearest_coverage,
        comparison.alike,
        float(comparison.near_copy),
        np.log1p(unkept),
        np.log1p(total),
        np.log1p(len(comparison.sentences)),
        *(float((kind, True) in kinds) for kind in CONTRARY),
        *(float((kind, False) in kinds) for kind in MISSING),
    ]
    return np.array(row, np.float32)


def read_features(comparison: Comparison, read: ClaimRead) -> Floats:
    """One row, a column a name in `READ_FEATURES`."""
    wrong = sorted((odds for _, odds, _ in _word_odds(comparison, read)), reverse=True)
    changed = [odds for _, odds, kept in _word_odds(comparison, read) if not kept]
    most = wrong[0] if wrong else _LEAST_WRONG
    in_changes = max(changed, default=_LEAST_WRONG)
    row = [
        read.supported,
        most,
        wrong[1] if len(wrong) > 1 else _LEAST_WRONG,
        in_changes,
        (in_changes - _LEAST_WRONG) * comparison.near_copy,
        read.supported * comparison.near_copy,
    ]
    return np.array(row, np.float32)


def _word_odds(comparison: Comparison, read: ClaimRead) -> list[tuple[int, float, bool]]:
    """For each of the claim's words its place, the highest log-odds of its tokens being wrong, and whether it is kept."""
    kept = comparison.nearest.kept if comparison.nearest else (False,) * len(comparison.words)
    found = []
    for place, word in enumerate(comparison.words):
        inside = (read.offsets[:, 0] < word.end) & (read.offsets[:, 1] > word.start)
        if inside.any() and (not word.empty or not kept[place]):
            found.append((place, float(max(read.wrong[inside].max(), _LEAST_WRONG)), kept[place]))
    return found


def is_certain(comparison: Comparison, findings: Sequence[Finding]) -> bool:
    """Whether a layer is certain that the evidence has the contrary, so that nothing else need be asked."""
    return any(f.certain or (f.contrary and comparison.near_copy) for f in findings)


def is_far(comparison: Comparison) -> bool:
    """Whether a claim is in words of its own and its evidence as long as an article."""
    return not comparison.near_copy and len(comparison.sentences) >= LONG


def odds_of(comparison: Comparison, findings: Sequence[Finding], read: ClaimRead | None) -> float:
    """The log-odds that the evidence bears the claim out.

    Args:
        comparison: Claim and evidence.
        findings: Of the layers.
        read: What the claim reader says; None when there is none. One that reads whole claims only replaces the features of
            words in the sum, as log-odds.
    """
    words = word_features(comparison, findings)
    alone, together, far = models()
    if read is None:
        return float(alone(words))
    if len(read.offsets) == 0:
        return read.supported + float(words[-len(FINDING_FEATURES) :] @ _finding_weights(alone))
    features = np.append(words, read_features(comparison, read))
    return float(far(features[FAR_COLUMNS]) if is_far(comparison) else together(features))


def odds_of_text(sentences: Sequence[float], whole: float) -> float:
    """The log-odds of a text of several claims: the mean of the worst's, of their mean, and of the text's when read as one claim.

    That told right from wrong better than any of the three alone, on claims left out of the fit.
    """
    return (min(sentences) + sum(sentences) / len(sentences) + whole) / 3


def score_of(odds: float, llm: float | None, *, certain: bool) -> float:
    """The chance that a claim is borne out, 0..1.

    Args:
        odds: Of layers and claim reader, as log-odds.
        llm: Those of a language model, within ±8; None when none was asked.
        certain: Whether a layer is certain of the contrary; then it is at most `CERTAIN`.
    """
    joined = odds if llm is None else float(with_llm()(np.array([odds, llm], np.float32)))
    score = float(logistic(np.array(joined, np.float32)))
    return round(min(score, CERTAIN) if certain else score, 4)


def _finding_weights(model: Linear) -> Floats:
    return np.minimum(model.weights[-len(FINDING_FEATURES) :], 0)


@cache
def models() -> tuple[Linear, Linear, Linear]:
    """The models of the layers alone, of layers and claim reader together, and of both where `is_far` holds."""
    alone, together, far = stored("judge.json", COLUMNS)
    return alone, together, far


@cache
def with_llm() -> Linear:
    """The model that joins a language model's log-odds to those of the other layers."""
    return stored("llm_support.json", {"with_llm": LLM_FEATURES})[0]


def wrong_words(comparison: Comparison, findings: Sequence[Finding], read: ClaimRead | None) -> list[Finding]:
    """The words that the claim reader holds to be wrong and that no other layer has named, neighbours together."""
    if read is None or not len(read.offsets):
        return []
    named = " ".join(f.claim for f in findings).split()
    runs: list[list[int]] = []
    for place, odds, _ in _word_odds(comparison, read):
        if logistic(np.array(odds, np.float32)) >= WRONG_WORD and comparison.words[place].text not in named:
            if runs and place - runs[-1][-1] <= 2:
                runs[-1].append(place)
            else:
                runs.append([place])
    found = []
    for run in runs:
        first, last = comparison.words[run[0]], comparison.words[run[-1]]
        change = comparison.change_at(first.start, last.end)
        stated = " ".join(w.text for w in change.evidence) if change and comparison.near_copy else ""
        found.append(Finding("word", comparison.claim[first.start : last.end], stated))
    return found
