"""All settings as one frozen object: ``settings.toml`` in the home, then the environment."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from ingest.errors import SettingsError
from ingest.settings import IngestSettings

FILE = "settings.toml"
_PREFIX = "ONRECORD_"
_NOT_SETTINGS = frozenset({"ONRECORD_HOME", "ONRECORD_PASSWORD"})


class RetrievalSettings(BaseModel):
    """Section ``[retrieval]``. The weights are of z-scores, fitted by `assistant.training.fit_retrieval`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidates: int = Field(
        default=50, ge=1, le=1000, description="passages taken from each of dense and lexical search"
    )
    passages: int = Field(default=10, ge=1, le=100, description="passages that are read for evidence")
    dense_weight: float = Field(default=0.57, ge=0, le=10, description="of the cosine of question and passage")
    lexical_weight: float = Field(
        default=0.84, ge=0, le=10, description="of the question's words that stand in the passage"
    )
    sentence_weight: float = Field(
        default=1.6, ge=0, le=10, description="of the cosine with the passage's best sentence"
    )
    pair_weight: float = Field(default=0.23, ge=0, le=10, description="of neighbouring words that both have")
    context_weight: float = Field(
        default=1.75, ge=0, le=10, description="of what was said before, when a question does not stand alone"
    )


class ReadingSettings(BaseModel):
    """Section ``[reading]``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_confidence: float = Field(default=0.35, ge=0, le=1, description="below this the assistant abstains")
    cross_encoder: str = Field(
        default="bundled",
        description="what reads the best passages again: bundled, none, or the folder or hub id of a sentence-transformers one",
    )
    passages_read: int = Field(default=5, ge=1, le=100, description="passages that it reads")
    max_sentences: int = Field(default=3, ge=1, le=6, description="most sentences that one part of a question may take")


class GroundingSettings(BaseModel):
    """Section ``[grounding]``: how claims are checked against their evidence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_score: float = Field(
        default=0.5, ge=0, le=1, description="a claim is supported from this score on; higher is stricter"
    )
    claim_reader: str = Field(
        default="bundled",
        description="what reads claim and evidence: bundled, none, or the folder or hub id of a cross-encoder for natural "
        "language inference",
    )


SET_LLM = "set llm.url and llm.model in the home's settings.toml, or ONRECORD_LLM__URL and ONRECORD_LLM__MODEL."
"""The remedy where a language model is needed and none is named."""


class LlmSettings(BaseModel):
    """Section ``[llm]``: a language model as one more layer of the judge; none by default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(
        default="",
        description="an OpenAI-compatible server, such as http://127.0.0.1:8080/v1, to which claims and their evidence are sent",
    )
    model: str = Field(default="local", description="the name that the server knows it by")
    key_variable: str = Field(default="", description="the environment variable that holds the key; empty for none")
    timeout_s: float = Field(default=120, gt=0, le=3600, description="seconds to wait for one answer")


class Settings(BaseModel):
    """Everything that a home can set; a section for each room and step."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ingest: IngestSettings = IngestSettings()
    retrieval: RetrievalSettings = RetrievalSettings()
    reading: ReadingSettings = ReadingSettings()
    grounding: GroundingSettings = GroundingSettings()
    llm: LlmSettings = LlmSettings()

    @classmethod
    def load(cls, home: Path, environment: dict[str, str] | None = None) -> Settings:
        """The settings of a home: its ``settings.toml``, overridden by ``ONRECORD_<SECTION>__<KEY>``.

        Raises:
            SettingsError: The file is no TOML, or a key or variable is unknown or has a bad value.
        """
        file = home / FILE
        try:
            values: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"{file} cannot be read as TOML ({error}); correct it.") from error
        names = {}
        for name, value in sorted((os.environ if environment is None else environment).items()):
            if not name.startswith(_PREFIX) or name in _NOT_SETTINGS:
                continue
            section, _, key = name.removeprefix(_PREFIX).lower().partition("__")
            names[section, key] = name
            if not key or not isinstance(values.setdefault(section, {}), dict):
                raise SettingsError(f"{name} is no setting; use ONRECORD_<SECTION>__<KEY>, or remove it.")
            values[section][key] = value
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors()[0]
            where = tuple(str(part) for part in first["loc"])
            key = where[1] if len(where) > 1 else next((k for section, k in names if section == where[0]), "")
            shown = names.get((where[0], key), f"{'.'.join(where)} in {file.name}")
            raise SettingsError(f"{shown}: {_said(first)}; correct or remove it.") from error


def _said(fault: ErrorDetails) -> str:
    """What is wrong, in words for somebody who has not read our code."""
    if fault["type"] != "extra_forbidden":
        return fault["msg"]
    section = Settings.model_fields.get(str(fault["loc"][0])) if len(fault["loc"]) > 1 else None
    known = section.default.__class__.model_fields if section else Settings.model_fields
    return f"there is no such setting; there are {', '.join(known)}"
