"""The one module that knows a client of language models: it opens the one that the settings name, behind llama-index's `LLM`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ingest.errors import ModelUnavailable, SettingsError

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

    from assistant.settings import LlmSettings


def open_llm(settings: LlmSettings, most_tokens: int = 1) -> LLM | None:
    """A client of the server that the settings name; None when they name none, and then nothing is imported.

    Args:
        settings: Their section.
        most_tokens: Of an answer; one will do to read a Yes or No off its probabilities.

    Raises:
        ModelUnavailable: The client is not installed.
        SettingsError: The variable that is to hold the key is not set.
    """
    if not settings.url:
        return None
    key = os.environ.get(settings.key_variable) if settings.key_variable else "none"
    if not key:
        raise SettingsError(
            f"llm.key_variable names {settings.key_variable}, which is not set; set it, or correct the name."
        )
    try:
        from llama_index.llms.openai_like import OpenAILike  # an optional extra
    except ImportError as error:
        raise ModelUnavailable(
            'A language model needs a client: pip install "onrecord[llm]", or empty llm.url.'
        ) from error
    llm: LLM = OpenAILike(
        model=settings.model,
        api_base=settings.url,
        api_key=key,
        is_chat_model=True,
        timeout=settings.timeout_s,
        max_retries=1,
        temperature=0.0,
        max_tokens=most_tokens,
    )
    return llm
