"""An answer taken apart: its sentences, each with its verdict, and what stands between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_MARKER = re.compile(r"\s*\[\d+\]\s*")


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
    answer, at = record["answer"], 0
    sentences = sorted(record.get("sentences", ()), key=lambda sentence: sentence["start"])
    claims = {claim["text"]: claim for claim in record.get("claims", ())}
    for sentence in sentences:
        yield from _between(answer[at : sentence["start"]])
        yield _sentence(sentence, claims.get(sentence["text"]))
        at = max(at, sentence["end"])
    yield from _between(answer[at:])


def _between(text: str) -> Iterator[Said]:
    rest = _MARKER.sub(" ", text).strip()
    if rest:
        yield Said(rest)


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
