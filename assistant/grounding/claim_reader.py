"""The claim reader: reads a claim together with evidence, and says whether that bears it out and which words it does not.

Six layers of the bundled encoder, trained further, with one linear head over token states: the first token's second logit is
that of the whole claim being borne out, each claim token's first logit that of its being wrong. `assistant/weights/claim_reader.md`
says how it was made and what it is bad at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.cross_encoder import Entailment
from assistant.stored_model import StoredModel
from ingest.records import Floats

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import BertConfig, BertForTokenClassification

WEIGHTS = "weights/claim_reader.safetensors"
WEIGHTS_SHA256 = "8959242dbeee4ab45dd0b4830a2897df3ef4d7ecd1581234517557a5653814ce"
MOST_CLAIM, MOST_TOKENS = 112, 384
"""Tokens of a claim, and of claim and evidence together."""
WRONG, SUPPORTED = 0, 1
"""Which logit of a token is which."""


@dataclass(frozen=True)
class ClaimPair:
    """A claim and its evidence as token ids.

    Attributes:
        ids: ``[CLS] claim [SEP] evidence [SEP]``.
        asked: Where the claim ends, its ``[SEP]`` included.
        offsets: Characters of the claim's tokens in it, shape ``(tokens, 2)``; the first of them is ``ids[1]``.
    """

    ids: list[int]
    asked: int
    offsets: NDArray[np.int64]


@dataclass(frozen=True)
class ClaimRead:
    """What was read.

    Attributes:
        supported: Log-odds that the evidence bears the claim out.
        offsets: Characters of the claim's tokens, shape ``(tokens, 2)``; empty where only the whole claim is read.
        wrong: Log-odds that each of them is not borne out, shape ``(tokens,)``.
    """

    supported: float
    offsets: NDArray[np.int64]
    wrong: Floats


class Claims(Protocol):
    """Reads claims with evidence."""

    def read(self, pairs: Sequence[tuple[str, str]]) -> list[ClaimRead]:
        """What is found for each pair of claim and evidence."""
        ...


def claim_pair(tokenizer: Tokenizer, claim: str, evidence: str) -> ClaimPair:
    """Claim and evidence as the claim reader takes them; what is too long is cut."""
    cls, sep = (tokenizer.encode(mark, add_special_tokens=False).ids[0] for mark in ("[CLS]", "[SEP]"))
    said = tokenizer.encode(claim, add_special_tokens=False)
    read = tokenizer.encode(evidence, add_special_tokens=False).ids
    ids = said.ids[:MOST_CLAIM]
    offsets = np.array(said.offsets[:MOST_CLAIM], np.int64).reshape(-1, 2)
    return ClaimPair([cls, *ids, sep, *read[: MOST_TOKENS - len(ids) - 3], sep], len(ids) + 2, offsets)


class ClaimReader:
    """Our own.

    Args:
        weights: The stored layers; None for those that are shipped.

    Raises:
        ModelUnavailable: The weights are missing or differ from their checksum.
    """

    def __init__(self, weights: Path | None = None) -> None:
        file = weights or Path(str(files("assistant").joinpath(WEIGHTS)))
        self._model = StoredModel(file, None if weights else WEIGHTS_SHA256, _claim_model)

    def read(self, pairs: Sequence[tuple[str, str]]) -> list[ClaimRead]:
        """See `Claims`; pairs are read at once, one on each core."""
        tokenizer = self._model.tokenizer
        made = [claim_pair(tokenizer, claim, evidence) for claim, evidence in pairs]
        logits = self._model.on_each_core(_forward, made)
        return [
            ClaimRead(float(found[0, SUPPORTED]), p.offsets, found[1 : 1 + len(p.offsets), WRONG])
            for p, found in zip(made, logits, strict=True)
        ]


def _claim_model(config: BertConfig) -> BertForTokenClassification:
    from transformers import BertForTokenClassification

    config.num_labels = 2
    return BertForTokenClassification(config)


def _forward(model: BertForTokenClassification, p: ClaimPair) -> Floats:
    """Logits of each token, shape ``(tokens, 2)``."""
    import torch

    types = [0] * p.asked + [1] * (len(p.ids) - p.asked)
    out = model(torch.tensor([p.ids]), token_type_ids=torch.tensor([types]))
    return np.asarray(out.logits[0].numpy(), np.float32)


class _Foreign:
    """A model for natural language inference in the place of ours; it says nothing of single words."""

    def __init__(self, name: str) -> None:
        self._model = Entailment(name)

    def read(self, pairs: Sequence[tuple[str, str]]) -> list[ClaimRead]:
        """See `Claims`."""
        found = self._model.log_odds([(evidence, claim) for claim, evidence in pairs])
        return [ClaimRead(float(x), np.zeros((0, 2), np.int64), np.zeros(0, np.float32)) for x in found]


def load(name: str) -> Claims | None:
    """What the setting `grounding.claim_reader` names: ``bundled``, ``none``, a folder or a hub's id.

    Raises:
        ModelUnavailable: The shipped weights are missing or damaged; others say so when they are first used.
    """
    if name == "none":
        return None
    return ClaimReader() if name == "bundled" else _Foreign(name)
