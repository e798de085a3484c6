"""Reading a question and a passage together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.cross_encoder import (
    MOST_TOKENS,
    Entailment,
    Pair,
    PairScorer,
    Read,
    SpanReader,
    load,
    pair,
    sentence_log_odds,
)
from assistant.stored_model import tokenizer_of
from ingest.embedding import bundled_folder
from ingest.errors import ModelUnavailable

TOKENIZER = tokenizer_of(bundled_folder())
HARBOUR = "The harbour of Brandvik was closed in 1931. A storm had broken its pier. Fishing boats now land in Solvær."
SENTENCES = [(0, 43), (44, 73), (74, 108)]


def test_the_passage_stands_behind_question_and_heading() -> None:
    found = pair(TOKENIZER, "When?", "Harbours", "Closed in 1931.")
    assert (
        TOKENIZER.decode(found.ids, skip_special_tokens=False)
        == "[CLS] when? [SEP] harbours [SEP] closed in 1931. [SEP]"
    )
    assert found.ids[: found.asked] == TOKENIZER.encode("When?").ids
    assert ["Closed in 1931."[a:b] for a, b in found.offsets] == ["Closed", "in", "1931", "."]
    assert TOKENIZER.decode(found.ids[found.first : -1]) == "closed in 1931."


@given(st.text(max_size=400), st.text(max_size=200), st.text(max_size=4000))
def test_what_is_too_long_is_cut_and_offsets_stay_within_the_text(question: str, heading: str, text: str) -> None:
    found = pair(TOKENIZER, question, heading, text)
    assert len(found.ids) <= MOST_TOKENS
    assert found.first + len(found.offsets) + 1 == len(found.ids)
    assert all(0 <= a <= b <= len(text) for a, b in found.offsets)


def test_log_odds_are_those_of_beginning_and_ending_in_a_sentence_against_neither() -> None:
    p = Pair([0] * 6, 2, 1, np.array([[0, 3], [4, 6], [7, 9]], np.int64))
    logits = np.array([[0.5, 9, 1, 2, 3, 9], [0.25, 9, 0, 0, 4, 9]], np.float32)
    found = sentence_log_odds(logits, p, [(0, 6), (7, 9), (20, 25)])
    first = np.log(np.exp(1) + np.exp(2)) + np.log(2) - 0.75
    assert found[0] == pytest.approx(first, abs=1e-5)
    assert found[1] == pytest.approx(3 + 4 - 0.75)
    assert found[2] < -20  # nothing of it was read


def test_the_sentence_that_states_the_answer_is_told_from_its_neighbours() -> None:
    reader = SpanReader()
    asked = [
        "When was the harbour of Brandvik closed?",
        "What had broken the pier?",
        "Where do fishing boats land now?",
    ]
    for answer, question in enumerate(asked):
        found = reader.log_odds(question, [Read("", HARBOUR, SENTENCES)])[0]
        assert int(found.argmax()) == answer
        assert found[answer] > 0
    beside = reader.log_odds("Who won the football match on Sunday?", [Read("", HARBOUR, SENTENCES)])[0]
    assert beside.max() < -2


def test_several_passages_are_read_as_one_by_one() -> None:
    reader = SpanReader()
    reads = [Read("", HARBOUR, SENTENCES), Read("Solvær", "Solvær has two piers.", [(0, 21)]), Read("", "", [])]
    together = reader.log_odds("How many piers has Solvær?", reads)
    assert [len(row) for row in together] == [3, 1, 0]
    for one, row in zip(reads, together, strict=True):
        np.testing.assert_allclose(reader.log_odds("How many piers has Solvær?", [one])[0], row, rtol=1e-4, atol=1e-4)


def test_shipped_weights_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.cross_encoder.WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(ModelUnavailable, match="reinstall onrecord"):
        SpanReader()
    with pytest.raises(ModelUnavailable, match="missing"):
        SpanReader(tmp_path / "none.safetensors")


def test_any_cross_encoder_of_sentence_transformers_reads_too(tmp_path: Path) -> None:
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    small = BertConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, vocab_size=30522
    )
    small.num_labels = 1
    BertForSequenceClassification(small).save_pretrained(tmp_path)
    tokenizer: Any = PreTrainedTokenizerFast
    tokenizer(tokenizer_file=str(bundled_folder() / "tokenizer.json"), pad_token="[PAD]").save_pretrained(tmp_path)
    scorer = load(str(tmp_path))
    assert isinstance(scorer, PairScorer)
    found = scorer.log_odds(
        "When?", [Read("", HARBOUR, SENTENCES), Read("A", "", []), Read("B", "One. Two.", [(0, 4), (5, 9)])]
    )
    assert [len(row) for row in found] == [3, 0, 2]
    assert np.isfinite(np.concatenate(found)).all()
    assert [len(row) for row in scorer.log_odds("When?", [])] == []


def test_a_cross_encoder_that_is_not_there_names_the_setting(tmp_path: Path) -> None:
    scorer = load(str(tmp_path / "nowhere"))
    assert scorer is not None
    with pytest.raises(ModelUnavailable, match=r"reading\.cross_encoder"):
        scorer.log_odds("When?", [Read("", HARBOUR, SENTENCES)])


def test_none_reads_once() -> None:
    assert load("none") is None


class _Inference:
    """Stands in for a model of natural language inference."""

    def __init__(self, labels: dict[int, str], logits: list[list[float]]) -> None:
        self.config = type("Config", (), {"id2label": labels})()
        self._logits = logits

    def predict(self, pairs: list[tuple[str, str]], **_: object) -> Any:
        return np.array(self._logits, np.float32)


def test_a_model_for_inference_gives_the_odds_of_entailment(monkeypatch: pytest.MonkeyPatch) -> None:
    three = _Inference({0: "contradiction", 1: "entailment", 2: "neutral"}, [[0.0, 2.0, 0.0]])
    monkeypatch.setattr("assistant.cross_encoder._foreign", lambda name, setting: three)
    assert Entailment("some").log_odds([("evidence", "claim")])[0] == pytest.approx(2 - np.log(2))
    one = _Inference({0: "LABEL_0"}, [[1.5]])
    monkeypatch.setattr("assistant.cross_encoder._foreign", lambda name, setting: one)
    assert Entailment("some").log_odds([("evidence", "claim")])[0] == 1.5


def test_a_model_that_knows_no_entailment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    ranked = _Inference({0: "bad", 1: "good"}, [[0.0, 1.0]])
    monkeypatch.setattr("assistant.cross_encoder._foreign", lambda name, setting: ranked)
    with pytest.raises(ModelUnavailable, match="none for entailment"):
        Entailment("some").log_odds([("evidence", "claim")])
