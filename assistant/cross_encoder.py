"""The cross-encoder: reads a question and a passage together, and says which of its sentences states the answer, if one does.

Our own is a span reader in the manner of BERT on SQuAD 2.0 (Devlin et al. 2019): the encoder's six layers, trained further,
give every token a logit for beginning and for ending the answer, and the first token one for there being none. Its word
embeddings are those of the bundled encoder, so that only the layers are stored. `assistant/weights/span_reader.md` says how
it was made and what it is bad at.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.stored_model import StoredModel
from ingest.errors import ModelUnavailable
from ingest.records import Floats

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder as TransformersCrossEncoder
    from tokenizers import Tokenizer
    from transformers import BertConfig, BertForQuestionAnswering

WEIGHTS = "weights/span_reader.safetensors"
WEIGHTS_SHA256 = "0621a4ecc62c76c2049d39ef718afa58438f66355e355bc66d6b974fca37c709"
MOST_QUESTION, MOST_HEADING, MOST_TOKENS = 72, 28, 510
"""Tokens of a question, of the heading above a passage, and of all that is read at once, special ones included."""
_LEAST = -30.0
"""Log-odds of a sentence that the model did not reach."""
_CLS, _SEP = "[CLS]", "[SEP]"


@dataclass(frozen=True)
class Read:
    """A passage to read for a question.

    Attributes:
        heading: What stands above it, "" when nothing does.
        text: Its words.
        sentences: Those that are scored, as offsets into `text`.
    """

    heading: str
    text: str
    sentences: Sequence[tuple[int, int]]


class CrossEncoder(Protocol):
    """Reads a question together with a passage."""

    def log_odds(self, question: str, passages: Sequence[Read]) -> list[Floats]:
        """For each passage the log-odds that a sentence states the answer, against that none does; shape ``(sentences,)``."""
        ...


@dataclass(frozen=True)
class Pair:
    """A question and a passage as token ids.

    Attributes:
        ids: ``[CLS] question [SEP] heading [SEP] passage [SEP]``.
        first: Where the passage's tokens begin in `ids`.
        asked: Where the question ends, its ``[SEP]`` included.
        offsets: Characters of the passage's tokens in its text, shape ``(tokens, 2)``; what the model cannot take is left out.
    """

    ids: list[int]
    first: int
    asked: int
    offsets: NDArray[np.int64]


def pair(tokenizer: Tokenizer, question: str, heading: str, text: str) -> Pair:
    """Question, heading and passage as the span reader takes them."""
    cls, sep = (tokenizer.encode(mark, add_special_tokens=False).ids[0] for mark in (_CLS, _SEP))
    asked = tokenizer.encode(question, add_special_tokens=False).ids[:MOST_QUESTION]
    above = tokenizer.encode(heading, add_special_tokens=False).ids[:MOST_HEADING]
    read = tokenizer.encode(text, add_special_tokens=False)
    room = MOST_TOKENS - len(asked) - len(above) - 4
    front = [cls, *asked, sep, *above, sep]
    offsets = np.array(read.offsets[:room], np.int64).reshape(-1, 2)
    return Pair([*front, *read.ids[:room], sep], len(front), len(asked) + 2, offsets)


class SpanReader:
    """Our own cross-encoder.

    Args:
        weights: The stored layers; None for those that are shipped.

    Raises:
        ModelUnavailable: The weights are missing or differ from their checksum.
    """

    def __init__(self, weights: Path | None = None) -> None:
        file = weights or Path(str(files("assistant").joinpath(WEIGHTS)))
        self._model = StoredModel(file, None if weights else WEIGHTS_SHA256, _span_model)

    def log_odds(self, question: str, passages: Sequence[Read]) -> list[Floats]:
        """See `CrossEncoder`; passages are read at once, one on each core."""
        tokenizer = self._model.tokenizer
        pairs = [pair(tokenizer, question, read.heading, read.text) for read in passages]
        logits = self._model.on_each_core(_begins_and_ends, pairs)
        return [
            sentence_log_odds(found, p, read.sentences) for found, p, read in zip(logits, pairs, passages, strict=True)
        ]


def _span_model(config: BertConfig) -> BertForQuestionAnswering:
    from transformers import BertForQuestionAnswering

    return BertForQuestionAnswering(config)


def _begins_and_ends(model: BertForQuestionAnswering, p: Pair) -> Floats:
    """Logits of beginning and of ending at each token, shape ``(2, tokens)``."""
    import torch

    types = [0] * p.asked + [1] * (len(p.ids) - p.asked)
    out = model(torch.tensor([p.ids]), token_type_ids=torch.tensor([types]))
    return np.stack([out.start_logits[0].numpy(), out.end_logits[0].numpy()])


def sentence_log_odds(logits: Floats, p: Pair, sentences: Sequence[tuple[int, int]]) -> Floats:
    """The log-odds that an answer begins and ends in a sentence, against that there is none; shape ``(sentences,)``.

    Args:
        logits: Of beginning and of ending at each token, shape ``(2, tokens)``; those of the first token are for no answer.
        p: What was read.
        sentences: As offsets into the passage's text.
    """
    none = float(logits[:, 0].sum())
    inside = logits[:, p.first : p.first + len(p.offsets)]
    found = np.full(len(sentences), _LEAST, np.float32)
    for i, (start, end) in enumerate(sentences):
        of = (p.offsets[:, 0] < end) & (p.offsets[:, 1] > start)
        if of.any():
            found[i] = float(np.logaddexp.reduce(inside[:, of], axis=1).sum()) - none
    return found


class PairScorer:
    """Any cross-encoder that sentence-transformers loads: it scores a question with a sentence and those around it.

    Args:
        model: A folder, or the id of a model on a hub.

    Raises:
        ModelUnavailable: It cannot be loaded.
    """

    def __init__(self, model: str) -> None:
        self._name = model
        self._loading = threading.Lock()

    def log_odds(self, question: str, passages: Sequence[Read]) -> list[Floats]:
        """See `CrossEncoder`: the model's raw score of relevance, which is a logit in all but name."""
        texts = [_with_neighbours(read, i) for read in passages for i in range(len(read.sentences))]
        if not texts:
            return [np.zeros(0, np.float32) for _ in passages]
        with self._loading:
            model = self._model
        import torch

        scores = np.asarray(
            model.predict(
                [(question, text) for text in texts], activation_fn=torch.nn.Identity(), show_progress_bar=False
            )
        )
        rows = scores.reshape(len(texts), -1)[:, -1].astype(np.float32)
        return np.split(rows, np.cumsum([len(read.sentences) for read in passages])[:-1])

    @cached_property
    def _model(self) -> TransformersCrossEncoder:
        return _foreign(self._name, "reading.cross_encoder")


class Entailment:
    """Any cross-encoder that was trained on natural language inference, as sentence-transformers loads it.

    Args:
        model: A folder, or the id of a model on a hub. One with a single output is taken to score support.

    Raises:
        ModelUnavailable: It cannot be loaded, or has several outputs of which none is named entailment.
    """

    def __init__(self, model: str) -> None:
        self._name = model
        self._loading = threading.Lock()

    def log_odds(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """For each pair of evidence and claim the log-odds that the first entails the second, shape ``(pairs,)``."""
        import torch

        with self._loading:
            model, place = self._model
        logits = np.asarray(model.predict(list(pairs), activation_fn=torch.nn.Identity(), show_progress_bar=False))
        rows = logits.reshape(len(pairs), -1).astype(np.float32)
        if rows.shape[1] == 1:
            return rows[:, 0]
        others = np.delete(rows, place, axis=1)
        return np.asarray(rows[:, place] - np.logaddexp.reduce(others, axis=1), np.float32)

    @cached_property
    def _model(self) -> tuple[TransformersCrossEncoder, int]:
        model = _foreign(self._name, "grounding.claim_reader")
        stated = getattr(model.config, "id2label", None) or {0: ""}
        labels = {int(place): str(label).lower() for place, label in stated.items()}
        place = next((place for place, label in labels.items() if label.startswith("entail")), 0)
        if len(labels) > 1 and not labels[place].startswith("entail"):
            raise ModelUnavailable(
                f"{self._name} has the outputs {', '.join(labels.values())} and none for entailment; set grounding.claim_reader "
                'to a model trained on natural language inference, or to "bundled".'
            )
        return model, place


def _foreign(name: str, setting: str) -> TransformersCrossEncoder:
    from sentence_transformers import CrossEncoder

    try:
        loaded: TransformersCrossEncoder = CrossEncoder(name, device="cpu")
        return loaded
    except Exception as error:  # of every kind: it may come from the hub, the network, the disk or the model
        raise ModelUnavailable(
            f"{name} cannot be loaded as a cross-encoder ({error}); set {setting} to a folder or id of one, or to "
            '"bundled".'
        ) from error


def _with_neighbours(read: Read, i: int) -> str:
    """A sentence after the heading and the sentence before it, and before the one that follows."""
    first, last = max(i - 1, 0), min(i + 1, len(read.sentences) - 1)
    context = read.text[read.sentences[first][0] : read.sentences[last][1]]
    return f"{read.heading}: {context}" if read.heading else context


def load(name: str) -> CrossEncoder | None:
    """The cross-encoder that the setting `reading.cross_encoder` names: ``bundled``, ``none``, a folder or a hub's id.

    Raises:
        ModelUnavailable: The shipped weights are missing or damaged; others say so when they are first used.
    """
    if name == "none":
        return None
    return SpanReader() if name == "bundled" else PairScorer(name)
