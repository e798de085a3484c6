"""What can be evaluated: anything that answers a sample's question with citations. Ours, and the peers beside it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from assistant import Answer, Assistant, Settings
from assistant.retrieval import Hit
from assistant.settings import SET_LLM
from eval.samples import Sample
from ingest.errors import DatasetError, ModelUnavailable

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

RETRIEVED = 10
OURS = "onrecord"
CITATION_ENGINE = "llama-index-citations"
NEED_LLM = frozenset({CITATION_ENGINE})
"""Systems that cannot answer without a language model."""


@dataclass(frozen=True)
class Answered:
    """An answer, and the passages that were retrieved for it, best first, at most `RETRIEVED`."""

    answer: Answer
    hits: Sequence[Hit]


class System(Protocol):
    """Answers questions over the articles of one home."""

    at_once: bool
    """Whether several threads may ask it."""

    def warm_up(self) -> None:
        """Loads what answering needs."""
        ...

    def answer(self, sample: Sample) -> Answered:
        """The answer to one sample's question; its labels must not be looked at.

        Raises:
            OnRecordError: It cannot be answered; the run goes on with the next.
        """
        ...


class OnRecord:
    """The assistant."""

    at_once = True

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def warm_up(self) -> None:
        """Loads the models."""
        self._assistant.warm_up()

    def answer(self, sample: Sample) -> Answered:
        """The answer, and what was searched for it; an answer from metadata alone is searched for afterwards."""
        last = deque(self._assistant.stream(sample.question, sample.turns, sample.asked_of), maxlen=1).pop()
        if last.answer is None:
            raise RuntimeError("a stream ended without its answer")
        asked = last.answer.standalone_question
        hits = last.retrieved or self._assistant.search(asked, RETRIEVED, sample.asked_of)
        return Answered(last.answer, hits)


Opener = Callable[[Path, Settings, "LLM | None"], AbstractContextManager[System]]


@contextmanager
def open_onrecord(home: Path, settings: Settings, _: LLM | None) -> Iterator[System]:
    """The assistant over an ingested home."""
    with Assistant.open(home, settings) as assistant:
        yield OnRecord(assistant)


SYSTEMS: Mapping[str, str] = {
    OURS: "eval.systems:open_onrecord",
    "llama-index-retriever": "eval.peers.plain_retriever:open_plain_retriever",
    CITATION_ENGINE: "eval.peers.citation_engine:open_citation_engine",
}
"""Each system's name, and where its `Opener` is; a peer is imported only when it is asked."""


def opener(name: str, llm: LLM | None) -> Opener:
    """What opens a system.

    Raises:
        DatasetError: There is no such system.
        ModelUnavailable: It needs a language model, and there is none.
    """
    if name not in SYSTEMS:
        raise DatasetError(f"No system '{name}'; name one of {', '.join(SYSTEMS)}.")
    if llm is None and name in NEED_LLM:
        raise ModelUnavailable(f"{name} needs a language model: {SET_LLM}")
    module, _, function = SYSTEMS[name].partition(":")
    found: Opener = getattr(import_module(module), function)
    return found
