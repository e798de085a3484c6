"""The plainest peer: a llama-index retriever, whose first passage is the answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import Settings
from assistant.types import Sentence
from eval.peers.answers import Clock, answer_to, nothing_found
from eval.peers.passage_index import PassageIndex, open_passage_index
from eval.samples import Sample
from eval.systems import RETRIEVED, Answered, System
from ingest.splitting import split_sentences

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

WARM_UP = "warm up"


class PlainRetriever:
    """Answers with the whole passage that is nearest to the question, and cites it.

    It searches for the question as typed: it takes no account of what was said before. It never abstains, unless the scope
    holds no passage. Its sentences are quotes because they are slices of the article; nothing judges them.

    Args:
        index: What is searched.
    """

    at_once = True

    def __init__(self, index: PassageIndex) -> None:
        self._index = index

    def warm_up(self) -> None:
        """Loads the encoder."""
        self._index.retriever(1).retrieve(WARM_UP)

    def answer(self, sample: Sample) -> Answered:
        """The nearest passage, and the `RETRIEVED` nearest ones."""
        clock = Clock()
        hits = self._index.hits(self._index.retriever(RETRIEVED, sample.asked_of).retrieve(sample.question))
        clock.did("search")
        if not hits:
            return Answered(nothing_found(sample.question, clock, "quote"), hits)
        cited = self._index.cite(hits[0], 1)
        sentences = [Sentence(cited.quote[a:b], a, b, "quoted", (1,)) for a, b in split_sentences(cited.quote)]
        clock.did("write")
        said = f"{cited.quote} [1]"
        answer = answer_to(
            sample.question, hits, clock, "answered", "quote", said, sentences=sentences, citations=[cited]
        )
        return Answered(answer, hits)


@contextmanager
def open_plain_retriever(home: Path, settings: Settings, _: LLM | None) -> Iterator[System]:
    """A plain retriever over an ingested home; it needs no language model."""
    with open_passage_index(home, settings) as index:
        yield PlainRetriever(index)
