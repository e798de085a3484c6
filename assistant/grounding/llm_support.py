"""A language model as one more layer: how much likelier its first word is Yes than No, asked whether evidence states a claim.

Read off its probabilities; what it would write is never looked at. Kadavath et al. 2022 ("Language Models (Mostly) Know What
They Know") found such odds fit to be calibrated, which `assistant.training.fit_llm_support` does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from assistant.prompts import SUPPORT, SUPPORT_MARKS
from ingest.errors import ModelUnavailable
from ingest.records import Floats

if TYPE_CHECKING:
    from llama_index.core.base.llms.types import LogProb
    from llama_index.core.llms import LLM

MOST = 8.0
"""Log-odds beyond which the model is not believed to be surer."""
_ALTERNATIVES = 20
"""Words among which Yes and No are looked for, as many as OpenAI's interface gives."""
_AROUND = " \n\t.,\"'▁Ġ*"
_LEAST = 1e-6
_MARK = re.compile(rf"<\s*/?\s*(?:{'|'.join(SUPPORT_MARKS)})\b[^<>]*>", re.IGNORECASE)


class Support(Protocol):
    """Says how surely evidence states claims."""

    def log_odds(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """For each pair of claim and evidence a number within ±`MOST`, positive when it does; shape ``(pairs,)``."""
        ...


class LlmSupport:
    """Asks a language model, once for each pair that differs.

    Args:
        llm: Any of llama-index whose server gives the probabilities of words.
    """

    def __init__(self, llm: LLM) -> None:
        self._llm = llm

    def log_odds(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """See `Support`.

        Raises:
            ModelUnavailable: It cannot be reached, its server gives no probabilities, or it begins with neither Yes nor No.
        """
        found = {pair: yes_over_no(self._first_words(prompt(*pair))) for pair in dict.fromkeys(pairs)}
        return np.array([found[pair] for pair in pairs], np.float32)

    def _first_words(self, asked: str) -> Sequence[LogProb]:
        """The likeliest first words of the answer."""
        from llama_index.core.base.llms.types import ChatMessage, ChatResponse, CompletionResponse

        answer: ChatResponse | CompletionResponse
        try:
            if self._llm.metadata.is_chat_model:
                answer = self._llm.chat(
                    [ChatMessage(content=asked)], logprobs=True, top_logprobs=_ALTERNATIVES, max_tokens=1
                )
            else:  # its chat() would lose the probabilities
                answer = self._llm.complete(asked, logprobs=_ALTERNATIVES, max_tokens=1)
        except Exception as error:  # of every kind: it may come from the client, the network or the server
            raise ModelUnavailable(
                f"The language model did not answer ({type(error).__name__}: {error}); start its server, or correct "
                "llm.url and llm.key_variable, or empty llm.url."
            ) from error
        if not answer.logprobs or not answer.logprobs[0]:
            raise ModelUnavailable(
                "The language model's server gives no probabilities of words (logprobs), which this check needs; use one that "
                "does, such as llama.cpp's, or empty llm.url."
            )
        return answer.logprobs[0]


def prompt(claim: str, evidence: str) -> str:
    """What a model is asked; marks in claim or evidence that would end them are taken out."""
    return SUPPORT.format(claim=_MARK.sub(" ", claim), evidence=_MARK.sub(" ", evidence))


def yes_over_no(words: Sequence[LogProb]) -> float:
    """The log of how much likelier a first word of Yes is than one of No, within ±`MOST`.

    Args:
        words: The likeliest first words; spellings of the same are summed.

    Raises:
        ModelUnavailable: Neither is among them.
    """
    sums = {"yes": 0.0, "no": 0.0}
    for word in words:
        said = word.token.strip(_AROUND).lower()
        if said in sums:
            sums[said] += float(np.exp(word.logprob))
    if not any(sums.values()):
        raise ModelUnavailable(
            f"The language model begins its answer with “{words[0].token}” and not with Yes or No; use one that follows "
            "instructions and answers without thinking aloud first, or empty llm.url."
        )
    return float(np.clip(np.log(sums["yes"] + _LEAST) - np.log(sums["no"] + _LEAST), -MOST, MOST))
