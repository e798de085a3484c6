"""The peer that composes: llama-index's `CitationQueryEngine`, with the settings it comes with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import Answer, Settings
from assistant.answering import NEAREST
from assistant.types import Citation, Scope
from eval.peers.answers import Clock, answer_to, nothing_found
from eval.peers.cited_reply import read_reply
from eval.peers.passage_index import PassageIndex, open_passage_index, sentence_splitter
from eval.peers.plain_retriever import WARM_UP
from eval.samples import Sample
from eval.systems import Answered, System
from ingest.errors import ModelUnavailable

if TYPE_CHECKING:
    from llama_index.core.base.response.schema import RESPONSE_TYPE
    from llama_index.core.llms import LLM
    from llama_index.core.node_parser import TextSplitter
    from llama_index.core.query_engine import CitationQueryEngine
    from llama_index.core.schema import NodeWithScore, QueryBundle

SOURCES = 2
"""Passages that the language model is shown: llama-index's default ``similarity_top_k``."""
NO_SOURCE = "The reply says that the sources do not help."
_UNHELPFUL = re.compile(
    r"\b(?:sources?|context|information|texts?|passages?|articles?)\b[^.]{0,60}"
    r"\b(?:do(?:es)? not|don['’]t|doesn['’]t|did not|is not|are not|isn['’]t|aren['’]t|cannot|no)\b"
    r"|\b(?:no|not enough|insufficient) (?:relevant |specific |such )?(?:information|mention|details?|sources?)\b"
    r"|\b(?:cannot|can['’]t|could not|unable to|not able to|not possible to) (?:be )?(?:answer|determine|find|provide|say|tell)"
    r"|\bnot (?:mentioned|stated|provided|specified|available|given) (?:in|by)\b"
    r"|\bI(?: do not| don['’]t|['’]m not| am not) (?:know|sure)\b",
    re.IGNORECASE,
)


class CitationEngine:
    """Has a language model answer from numbered sources, and reads which of them it cites.

    Prompts, number and size of sources are llama-index's defaults. It is asked the question as typed: it takes no account of
    what was said before.

    Whether it abstained is decided by rule: it did when its reply is empty, or cites nothing and says that the sources do not
    help, as its prompt asks it to ("the provided sources do not ..."). One that asserts something and leaves the markers out is
    an answer whose sentences cite nothing.

    Args:
        index: What is searched.
        llm: What writes.
        splitter: Cuts passages into sources; None for llama-index's default, under which nearly every passage is one.
    """

    at_once = False

    def __init__(self, index: PassageIndex, llm: LLM, splitter: TextSplitter | None = None) -> None:
        from llama_index.core.query_engine.citation_query_engine import (
            DEFAULT_CITATION_CHUNK_OVERLAP,
            DEFAULT_CITATION_CHUNK_SIZE,
        )

        self._index = index
        self._llm = llm
        self._splitter = splitter or sentence_splitter(DEFAULT_CITATION_CHUNK_SIZE, DEFAULT_CITATION_CHUNK_OVERLAP)

    def warm_up(self) -> None:
        """Loads the encoder; the language model is its server's matter."""
        self._index.retriever(1).retrieve(WARM_UP)

    def answer(self, sample: Sample) -> Answered:
        """What the language model wrote, and the passages that it was shown.

        Raises:
            ModelUnavailable: It did not answer.
        """
        from llama_index.core.schema import QueryBundle

        clock, asked = Clock(), QueryBundle(sample.question)
        engine = self._engine(sample.asked_of)
        nodes = engine.retrieve(asked)
        clock.did("search")
        hits = self._index.hits(nodes)
        if not hits:
            return Answered(nothing_found(sample.question, clock, "compose"), hits)
        response = _written(engine, asked, nodes)
        clock.did("write")
        return Answered(self._answer(sample.question, nodes, response, clock), hits)

    def _engine(self, scope: Scope | None) -> CitationQueryEngine:
        from llama_index.core.callbacks import CallbackManager
        from llama_index.core.query_engine import CitationQueryEngine

        return CitationQueryEngine(
            self._index.retriever(SOURCES, scope),
            llm=self._llm,
            text_splitter=self._splitter,
            callback_manager=CallbackManager([]),
        )

    def _answer(self, question: str, nodes: Sequence[NodeWithScore], response: RESPONSE_TYPE, clock: Clock) -> Answer:
        hits, said = self._index.hits(nodes), str(response).strip()
        reply = read_reply(said, len(response.source_nodes))
        if not said or (not reply.sources and _UNHELPFUL.search(said)):
            nearest = [self._index.cite(hit, marker) for marker, hit in enumerate(hits[:NEAREST], 1)]
            return answer_to(
                question, hits, clock, "not_stated", "compose", said or NO_SOURCE, reason=NO_SOURCE, nearest=nearest
            )
        cited = [self._cite(response, number, marker) for marker, number in enumerate(reply.sources, 1)]
        return answer_to(
            question, hits, clock, "answered", "compose", reply.text, sentences=reply.sentences, citations=cited
        )

    def _cite(self, response: RESPONSE_TYPE, number: int, marker: int) -> Citation:
        """The address of a source: where in its passage the words stand that it was shown with."""
        from llama_index.core.schema import MetadataMode

        found = response.source_nodes[number - 1]
        text = found.node.get_content(MetadataMode.NONE)
        shown = text.removeprefix(f"Source {number}:\n").removesuffix("\n")
        return self._index.cite(self._index.hits([found])[0], marker, shown)


def _written(engine: CitationQueryEngine, asked: QueryBundle, nodes: list[NodeWithScore]) -> RESPONSE_TYPE:
    try:
        return engine.synthesize(asked, nodes)
    except Exception as error:  # of every kind: it may come from the client, the network or the server
        raise ModelUnavailable(
            f"The language model did not answer ({type(error).__name__}: {error}); start its server, or correct llm.url, "
            "llm.model and llm.key_variable."
        ) from error


@contextmanager
def open_citation_engine(home: Path, settings: Settings, llm: LLM | None) -> Iterator[System]:
    """The engine over an ingested home; with a language model, which `eval.systems.opener` sees to."""
    if llm is None:
        raise TypeError("the engine needs a language model")
    with open_passage_index(home, settings) as index:
        yield CitationEngine(index, llm)
