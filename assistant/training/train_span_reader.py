"""Trains the span reader of `assistant.cross_encoder` on question sets in the benchmark format.

    python -m assistant.training.train_span_reader SETS --work DIR --out assistant/weights/span_reader.safetensors

SETS holds the folders that `assistant.training.reading_examples` names. First the model sees questions made from statements
and rewritten follow-ups, once; then people's questions, several times, each time with other passages that do not answer them
and other turned questions. Documents that `held_out` keeps are never seen. Runs on the processor; about an hour on two cores.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import numpy as np
import torch
from transformers import BertForQuestionAnswering

from assistant.cross_encoder import Pair, pair
from assistant.stored_model import tokenizer_of
from assistant.training.made_questions import from_statements, turned
from assistant.training.questions import held_out
from assistant.training.reading_examples import DIALOGUES, SETS, Stretch, Studied, store, stored, study
from assistant.training.rounds import batches, train
from ingest.archive import Archive
from ingest.embedding import Encoder

SEED = 13
EPOCHS = 5
RATE = 1e-4
MINED, TURNED, DIALOGUE, LONG = 0.35, 0.4, 0.35, 2
"""Share of answerable questions that also come with a passage found for them, and in turned form; share of the rewritten
follow-ups that come again in each epoch; how often the few questions with long answers come in each."""
LONG_SETS = frozenset({"clapnq_dev", "inscit_dev"})

Example = tuple[str, Stretch]


def first_round(studied: Sequence[Studied], work: Path, random: Random) -> list[Example]:
    """Questions made from the statements of documents that are not kept out, and the rewritten follow-ups."""
    passages = []
    for name in SETS:
        archive = Archive(work / name)
        seen = [info.article for info in archive.articles() if not held_out(info.article)]
        passages += archive.passages("article", seen)
        archive.close()
    made = from_statements(passages, random) + [s for s in studied if s.source == DIALOGUES]
    return [example for s in made for example in _examples(s, random)]


def epoch(studied: Sequence[Studied], random: Random) -> list[Example]:
    """People's questions, each with one passage that answers it or fails to, and some once more with another that fails."""
    found: list[Example] = []
    for s in studied:
        if s.source == DIALOGUES and random.random() > DIALOGUE:
            continue
        for _ in range(LONG if s.source in LONG_SETS else 1):
            found += _examples(s, random)
    return found


def _examples(s: Studied, random: Random) -> Iterator[Example]:
    read = random.choice(s.answering or s.lacking or s.mined or (Stretch("", ""),))
    if read.text:
        yield s.question, read
    if s.answering and s.mined and random.random() < MINED:
        yield s.question, random.choice(s.mined)
    if s.answering and random.random() < TURNED and (other := turned(s.question, read, random)):
        yield other, Stretch(read.heading, read.text)


def tensors(batch: Sequence[Pair]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ids, attention mask, token types, and where an answer may begin or end: in the passage, or at the first token for none."""
    longest = max(len(p.ids) for p in batch)
    ids, mask, types, open_ = (torch.zeros(len(batch), longest, dtype=torch.long) for _ in range(4))
    for row, p in enumerate(batch):
        ids[row, : len(p.ids)] = torch.tensor(p.ids)
        mask[row, : len(p.ids)] = 1
        types[row, p.asked : len(p.ids)] = 1
        open_[row, p.first : p.first + len(p.offsets)] = 1
        open_[row, 0] = 1
    return ids, mask, types, open_.bool()


def targets(batch: Sequence[tuple[Pair, Stretch]], longest: int) -> torch.Tensor:
    """Which tokens begin and which end a gold stretch, shape ``(2, batch, tokens)``; the first token where there is none."""
    gold = torch.zeros(2, len(batch), longest, dtype=torch.bool)
    for row, (p, read) in enumerate(batch):
        for start, end in read.gold:
            inside = np.flatnonzero((p.offsets[:, 0] < end) & (p.offsets[:, 1] > start))
            if len(inside):
                gold[0, row, p.first + int(inside[0])] = True
                gold[1, row, p.first + int(inside[-1])] = True
        if not gold[:, row].any():
            gold[:, row, 0] = True
    return gold


def loss_of(model: BertForQuestionAnswering, batch: Sequence[tuple[Pair, Stretch]]) -> torch.Tensor:
    """Mean negative log-likelihood of the gold beginnings and endings, summed over those that are right."""
    ids, mask, types, open_ = tensors([p for p, _ in batch])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        out = model(ids, attention_mask=mask, token_type_ids=types)
    gold = targets(batch, ids.shape[1])
    total = torch.zeros(())
    for logits, right in zip((out.start_logits, out.end_logits), gold, strict=True):
        shares = logits.float().masked_fill(~open_, -1e4).log_softmax(-1)
        total = total - torch.logsumexp(shares.masked_fill(~right, -1e4), -1).mean()
    return total / 2


def fresh(folder: Path) -> BertForQuestionAnswering:
    """The bundled encoder with a new head; its embeddings do not learn."""
    torch.manual_seed(SEED)
    model = BertForQuestionAnswering.from_pretrained(
        str(folder),
        local_files_only=True,
        attn_implementation="eager",  # the fused kernel's backward pass in bfloat16 takes twice as long on a processor
        attention_probs_dropout_prob=0.0,
    )
    model.bert.embeddings.requires_grad_(False)
    return model


def main() -> None:
    """Gathers the examples (once a work folder), trains, and writes the weights."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("sets", type=Path)
    options.add_argument("--work", type=Path, required=True)
    options.add_argument("--out", type=Path, required=True)
    chosen = options.parse_args()
    os.environ["HF_HUB_OFFLINE"] = "1"
    file = chosen.work / "studied.jsonl"
    if not file.exists():
        store(list(study(chosen.sets, chosen.work)), file)
    studied, random, encoder = stored(file), Random(SEED), Encoder()
    rounds = [first_round(studied, chosen.work, random), *(epoch(studied, random) for _ in range(EPOCHS))]
    sys.stderr.write(f"examples of each round: {[len(r) for r in rounds]}\n")
    tokenizer, model, order = tokenizer_of(encoder.folder), fresh(encoder.folder), Random(SEED)
    plan = []
    for examples in rounds:
        pairs = [(pair(tokenizer, question, read.heading, read.text), read) for question, read in examples]
        plan.append(list(batches(pairs, lambda one: len(one[0].ids), order)))
    train(model, plan, lambda batch: loss_of(model, batch), RATE, chosen.out)


if __name__ == "__main__":
    main()
