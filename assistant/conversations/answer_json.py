"""An answer from its JSON, and the parts of a scope."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from assistant.types import Answer, Scope
from ingest.errors import DatasetError

_T = TypeVar("_T")


def answer_from_json(answer: str | Mapping[str, Any]) -> Answer:
    """The answer that `Answer.to_json` gave, equal to the one it was made of.

    Args:
        answer: The object, or its JSON text. A field that an older release did not have takes its default; one that only a
            newer release knows is left out.

    Raises:
        DatasetError: A field is missing or of another type; the message names it.
    """
    return read_strictly("answer", _answers(), answer)


def scope_from_json(scope: str | Mapping[str, Any]) -> Scope:
    """The scope that ``asdict`` gave, by the same rules."""
    return read_strictly("scope", _scopes(), scope)


def read_strictly(name: str, kind: TypeAdapter[_T], found: str | Mapping[str, Any]) -> _T:
    """What the JSON holds, every type as declared; a DatasetError names the field that is not."""
    try:
        return kind.validate_json(found if isinstance(found, str) else json.dumps(found), strict=True)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "all of it"
        raise DatasetError(f"This is no {name} of onrecord: field '{field}': {first['msg']}; make it anew.") from error


@cache
def _answers() -> TypeAdapter[Answer]:
    return TypeAdapter(Answer)


@cache
def _scopes() -> TypeAdapter[Scope]:
    return TypeAdapter(Scope)
