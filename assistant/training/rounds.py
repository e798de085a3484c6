"""How our small models are trained on a processor: batches of about equal length, one pass after another, stored after each."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import TypeVar

import numpy as np
import torch

Item = TypeVar("Item")

TOKENS = 4096
"""Tokens of a batch, padding included."""
WARM_UP = 0.06


def batches(items: Sequence[Item], size: Callable[[Item], int], random: Random) -> Iterator[list[Item]]:
    """Items of about the same length together, in random order.

    Args:
        items: Of any kind.
        size: The tokens of one.
        random: Where the order comes from.
    """
    groups: list[list[Item]] = [[]]
    longest = 0
    for one in sorted(items, key=lambda item: size(item) + random.uniform(0, 24)):
        longest = max(longest, size(one))
        if groups[-1] and longest * (len(groups[-1]) + 1) > TOKENS:
            groups.append([])
            longest = size(one)
        groups[-1].append(one)
    random.shuffle(groups)
    yield from groups


def train(
    model: torch.nn.Module,
    plan: Sequence[Sequence[list[Item]]],
    loss_of: Callable[[Sequence[Item]], torch.Tensor],
    rate: float,
    out: Path,
) -> None:
    """AdamW with warm-up and linear decay over all rounds; stores the weights after each, so that a crash loses one.

    Args:
        model: What learns.
        plan: The batches of each round.
        loss_of: The loss of a batch.
        rate: The highest learning rate.
        out: Where the weights go; those of each round beside it.
    """
    steps = sum(map(len, plan))
    learnt = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(learnt, lr=rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(step / (WARM_UP * steps), (steps - step) / ((1 - WARM_UP) * steps))
    )
    model.train()
    recent: list[float] = []
    started, done = time.time(), 0
    for number, groups in enumerate(plan):
        for batch in groups:
            loss = loss_of(batch)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(learnt, 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            done += 1
            recent = [*recent[-49:], float(loss.detach())]
            if done % 50 == 0:
                left = (time.time() - started) / done * (steps - done) / 60
                sys.stderr.write(f"step {done}/{steps}, loss {np.mean(recent):.3f}, {left:.0f} min left\n")
        save(model, out.with_suffix(f".{number}{out.suffix}"))
    save(model, out)


def save(model: torch.nn.Module, out: Path) -> None:
    """Stores the layers and the head in half precision; the embeddings are the bundled encoder's."""
    from safetensors.torch import save_file

    kept = {k: v.detach().half().contiguous() for k, v in model.state_dict().items() if "embeddings" not in k}
    save_file(kept, out)
