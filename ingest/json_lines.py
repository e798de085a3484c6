"""JSON lines as other programs write them, with the place of every fault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.errors import DatasetError


def read_json_lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each object of a JSON lines file, with ``file:line`` for messages.

    Raises:
        DatasetError: The file cannot be read, or a line is not a JSON object.
    """
    for where, record in json_lines(path):
        if isinstance(record, DatasetError):
            raise record
        yield where, record


def json_lines(path: Path) -> Iterator[tuple[str, dict[str, Any] | DatasetError]]:
    """The same, but a line that is no JSON object is given as the error that says so, and the next lines are read."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    where = f"{path.name}:{number}"
                    yield where, _json_object(line, where)
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read ({error.strerror}); check the path.") from error
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path.name}: not UTF-8 ({error.reason}); save it as UTF-8.") from error


def _json_object(line: str, where: str) -> dict[str, Any] | DatasetError:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        return DatasetError(f"{where}: not JSON ({error}); correct the line.")
    if not isinstance(record, dict):
        return DatasetError(f"{where}: not a JSON object; correct the line.")
    for field, value in record.items():
        try:
            json.dumps([field, value], ensure_ascii=False).encode()
        except UnicodeEncodeError:
            return DatasetError(f"{where}: field {field!a} holds half a surrogate pair; correct the line.")
    return record
