"""Trains the claim reader of `assistant.grounding` on articles, question sets and labelled pairs in the benchmark format.

    python -m assistant.training.train_claim_reader SETS --wordnet DIR --out assistant/weights/claim_reader.safetensors

It starts from the span reader's layers. Each round sees other sentences of the articles, spoilt and reworded in other ways, and
the same questions and pairs. Documents that `held_out` keeps and contexts that `kept_out` keeps are never seen. Runs on the
processor; about an hour on two cores.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from random import Random

import numpy as np
import torch
from safetensors.torch import load_file
from transformers import BertForTokenClassification

from assistant.cross_encoder import WEIGHTS
from assistant.grounding.claim_reader import SUPPORTED, WRONG, ClaimPair, claim_pair
from assistant.stored_model import tokenizer_of
from assistant.training.claim_examples import Case, documents, from_answers, from_articles, from_questions, labelled
from assistant.training.rounds import batches, train
from assistant.training.spoiling import Spoiler
from assistant.training.wordnet import WordNet
from ingest.embedding import bundled_folder

SEED = 13
ROUNDS = 4
RATE = 1e-4
FROM_ARTICLES = 9000
"""Sentences of articles in each round."""
WRONG_WEIGHT = 3.0
"""Of a wrong word in the loss against a right one: most words are right."""

Item = tuple[ClaimPair, Case]


def rounds(sets: Path, wordnet: Path, random: Random) -> list[list[Case]]:
    """The examples of each round."""
    articles = [article for corpus in documents(sets).values() for article in corpus if len(article) > 1]
    spoiler = Spoiler(WordNet(wordnet), random)
    plan = []
    for _ in range(ROUNDS):
        plan.append(
            [
                *from_articles(articles, spoiler, random, FROM_ARTICLES),
                *from_questions(sets, random),
                *from_answers(sets),
                *labelled(sets),
            ]
        )
    sys.stderr.write(f"a round: {Counter((e.source, e.supported) for e in plan[0])}\n")
    return plan


def loss_of(model: BertForTokenClassification, batch: Sequence[Item]) -> torch.Tensor:
    """Cross-entropy of the verdict, and of each of the claim's words where it is known which are wrong."""
    longest = max(len(p.ids) for p, _ in batch)
    ids, mask, types = (torch.zeros(len(batch), longest, dtype=torch.long) for _ in range(3))
    wrong, known = (torch.zeros(len(batch), longest) for _ in range(2))
    for row, (p, example) in enumerate(batch):
        ids[row, : len(p.ids)] = torch.tensor(p.ids)
        mask[row, : len(p.ids)] = 1
        types[row, p.asked : len(p.ids)] = 1
        if example.wrong is not None and len(p.offsets):
            inside = np.zeros(len(p.offsets), bool)
            for start, end in example.wrong:
                inside |= (p.offsets[:, 0] < end) & (p.offsets[:, 1] > start)
            wrong[row, 1 : 1 + len(inside)] = torch.tensor(inside, dtype=torch.float)
            known[row, 1 : 1 + len(inside)] = 1 / len(inside)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(ids, attention_mask=mask, token_type_ids=types).logits
    logits = logits.float()
    supported = torch.tensor([float(example.supported) for _, example in batch])
    whole = torch.nn.functional.binary_cross_entropy_with_logits(logits[:, 0, SUPPORTED], supported)
    each = torch.nn.functional.binary_cross_entropy_with_logits(
        logits[:, :, WRONG], wrong, reduction="none", pos_weight=torch.tensor(WRONG_WEIGHT)
    )
    return whole + (each * known).sum() / known.sum().clamp(min=1e-6)


def fresh(folder: Path) -> BertForTokenClassification:
    """The bundled encoder's embeddings, which do not learn, under the span reader's layers and a new head."""
    torch.manual_seed(SEED)
    model = BertForTokenClassification.from_pretrained(
        str(folder),
        local_files_only=True,
        num_labels=2,
        attn_implementation="eager",  # the fused kernel's backward pass in bfloat16 takes twice as long on a processor
        attention_probs_dropout_prob=0.0,
    )
    layers = load_file(str(files("assistant").joinpath(WEIGHTS)))
    model.load_state_dict({k: v.float() for k, v in layers.items() if k.startswith("bert.")}, strict=False)
    model.bert.embeddings.requires_grad_(False)
    return model


def main() -> None:
    """Makes the examples, trains, and writes the weights."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("sets", type=Path)
    options.add_argument("--wordnet", type=Path, required=True, help="folder of WordNet's database files")
    options.add_argument("--out", type=Path, required=True)
    chosen = options.parse_args()
    os.environ["HF_HUB_OFFLINE"] = "1"
    random, folder = Random(SEED), bundled_folder()
    tokenizer, model = tokenizer_of(folder), fresh(folder)
    plan = []
    for examples in rounds(chosen.sets, chosen.wordnet, random):
        items = [(claim_pair(tokenizer, e.claim, e.evidence), e) for e in examples]
        plan.append(list(batches(items, lambda item: len(item[0].ids), random)))
    train(model, plan, lambda batch: loss_of(model, batch), RATE, chosen.out)


if __name__ == "__main__":
    main()
