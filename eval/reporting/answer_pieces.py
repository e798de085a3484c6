"""An answer taken apart: its sentences, each with its verdict, and what stands between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assistant.answer_pieces import pieces as pieces_of


@dataclass(frozen=True)
class Said:
    """A piece of an answer: a sentence with its verdict and markers, or what stands between sentences.

    Attributes:
        text: Without markers.
        verdict: The answer's own; empty for what is no sentence.
        again: What the examination says of it; empty when it says the same.
        bad: Whether either verdict is that it is not borne out.
        markers: Of its citations.
        reasons: Why it got its verdict.
    """

    text: str
    verdict: str = ""
    again: str = ""
    bad: bool = False
    markers: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()


def pieces(record: Mapping[str, Any]) -> Iterator[Said]:
    """The answer in order: its sentences, and between them whatever is more than markers."""
    claims = {claim["text"]: claim for claim in record.get("claims", ())}
    for piece in pieces_of(record):
        yield Said(piece) if isinstance(piece, str) else _sentence(piece, claims.get(piece["text"]))


def _sentence(sentence: Mapping[str, Any], claim: Mapping[str, Any] | None) -> Said:
    again = ""
    verdicts = {sentence["verdict"]}
    if claim:
        verdicts |= {claim["cited"], claim["found"]}
        if len(verdicts) > 1:
            again = f"by its citations {claim['cited']}, by all that was found {claim['found']}"
    return Said(
        text=sentence["text"],
        verdict=sentence["verdict"].replace("_", " "),
        again=again.replace("_", " "),
        bad=bool(verdicts & {"unsupported", "contradicted"}),
        markers=tuple(sentence["citations"]),
        reasons=tuple(f"{r['kind']}: “{r['claim']}” against “{r['evidence']}”" for r in sentence.get("reasons", ())),
    )
