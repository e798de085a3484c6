"""Stand-ins for what is slow, one a protocol; what they return can be worked out by hand."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, CompletionResponse, LogProb

from assistant.grounding.claim_reader import ClaimRead
from assistant.types import Answer, Citation, Sentence, Timings
from ingest.records import Floats, TokenStates

DIMENSIONS = 64


def dimension_of(word: str) -> int:
    """Which of the 64 dimensions a word counts in; case does not matter."""
    return hashlib.sha256(word.lower().encode()).digest()[0] % DIMENSIONS


def bag_of_words(text: str) -> Floats:
    """How often each dimension's words stand in the text, at unit length; a text without words points along the first."""
    counts = np.zeros(DIMENSIONS, dtype=np.float32)
    for word in re.findall(r"\w+", text):
        counts[dimension_of(word)] += 1
    if not counts.any():
        counts[0] = 1
    return counts / np.float32(np.linalg.norm(counts))


class HashEncoder:
    """Stands in for `ingest.embedding.Encoder`: a token is a word or a mark, a vector is a bag of words.

    Attributes:
        encoded: Every passage that was encoded, in order.
    """

    def __init__(self, model: str = "bundled", *, sha256: str = "5" * 64, limit: int = 254) -> None:
        self.folder = Path(model)
        self.sha256 = sha256
        self.limit = limit
        self.encoded: list[str] = []

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(re.findall(r"\w+|[^\w\s]", text)) for text in texts]

    def encode(self, texts: Sequence[str]) -> Floats:
        rows = [bag_of_words(text) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, DIMENSIONS), np.float32)

    def token_states(self, texts: Sequence[str]) -> list[TokenStates]:
        """A token is a word, and its state points along the word's dimension."""
        found = []
        for text in texts:
            spans = [m.span() for m in re.finditer(r"\w+", text)]
            states = [bag_of_words(text[a:b]) for a, b in spans]
            offsets = np.array(spans, np.int64).reshape(-1, 2)
            found.append(TokenStates(offsets, np.array(states, np.float32).reshape(-1, DIMENSIONS)))
        return found

    def encode_passages(
        self, texts: Sequence[str], spans: Sequence[Sequence[tuple[int, int]]]
    ) -> tuple[Floats, list[Floats]]:
        self.encoded += texts
        sentences = [self.encode([text[a:b] for a, b in inside]) for text, inside in zip(texts, spans, strict=True)]
        return self.encode(texts), sentences


class ListeningClaims:
    """Stands in for the claim reader: whatever it is given is borne out, but for the words it is told to hold wrong.

    Attributes:
        wrong: Words that the evidence is said not to bear out.
        supported: The log-odds that it gives to every claim without such a word.
        heard: Every pair that it was given.
    """

    def __init__(self, wrong: Sequence[str] = (), supported: float = 6.0) -> None:
        self.wrong = wrong
        self.supported = supported
        self.heard: list[tuple[str, str]] = []

    def read(self, pairs: Sequence[tuple[str, str]]) -> list[ClaimRead]:
        self.heard += pairs
        found = []
        for claim, _ in pairs:
            words = list(re.finditer(r"\w+", claim))
            bad = [w[0] in self.wrong for w in words]
            offsets = np.array([w.span() for w in words], np.int64).reshape(-1, 2)
            odds = np.array([5.0 if b else -5.0 for b in bad], np.float32)
            found.append(ClaimRead(-self.supported if any(bad) else self.supported, offsets, odds))
        return found


class YesLlm:
    """Stands in for a llama-index `LLM` whose server gives probabilities; it always writes "No, of course not".

    Attributes:
        yes: The probability of its beginning with Yes, the rest being No; None for a server that gives none.
        metadata: Says whether it chats or completes.
        asked: Every prompt that it was given.
    """

    def __init__(self, yes: float | None, *, is_chat_model: bool = True) -> None:
        self.yes = yes
        self.metadata = SimpleNamespace(is_chat_model=is_chat_model)
        self.asked: list[str] = []

    def chat(self, messages: Sequence[ChatMessage], **options: Any) -> ChatResponse:
        assert options == {"logprobs": True, "top_logprobs": 20, "max_tokens": 1}
        self.asked.append(str(messages[0].content))
        return ChatResponse(message=ChatMessage(content="No, of course not."), logprobs=self._words())

    def complete(self, prompt: str, **options: Any) -> CompletionResponse:
        assert options == {"logprobs": 20, "max_tokens": 1}
        self.asked.append(prompt)
        return CompletionResponse(text="No, of course not.", logprobs=self._words())

    def _words(self) -> list[list[LogProb]] | None:
        if self.yes is None:
            return None
        return [
            [LogProb(token=" Yes", logprob=math.log(self.yes)), LogProb(token="No", logprob=math.log(1 - self.yes))]
        ]


KNOWN = ("The Dawn Ferry", "Ana Lill", "The Sound", "2021-05-03", "https://example.org/ferry")


def cited_answer(*sentences: str, article: str = "ferry", version: str = "0123456789ab", byline: bool = True) -> Answer:
    """An answer that quotes the sentences, which stand one after another in an article, a space between them."""
    text, at, said, cited = "", 0, [], []
    for marker, sentence in enumerate(sentences, 1):
        title, author, outlet, published, source = KNOWN if byline else (None, None, None, None, None)
        end = at + len(sentence)
        cited.append(
            Citation(marker, f"{article}@{version}:{at}-{end}", article, version, title, author, outlet, published, source,
                     None, at, end, sentence, None, 0.9)
        )  # fmt: skip
        at = end + 1
        said.append(Sentence(sentence, len(text), len(text) + len(sentence), "quoted", (marker,)))
        text += f"{sentence} [{marker}] "
    return Answer(
        question="When?", standalone_question="When?", outcome="answered", abstained=False, reason=None, missing=(),
        answer=text.rstrip(), mode="quote", confidence=0.9, sentences=tuple(said), citations=tuple(cited), nearest=(),
        timings_ms=Timings(),
    )  # fmt: skip
