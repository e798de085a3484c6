"""Files, folders and manifests to articles; what cannot be taken in is a failure that names the file."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ingest.errors import ArticleError, DatasetError, OnRecordError
from ingest.splitting import Markup

MANIFEST = "manifest.jsonl"
MARKUP_OF_SUFFIX: dict[str, Markup] = {".txt": "plain", ".text": "plain", ".md": "markdown", ".markdown": "markdown"}
_TYPES = ", ".join(MARKUP_OF_SUFFIX)
_ISO_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2}([T ][0-9:.+\-Z]+)?)?)?")


@dataclass(frozen=True)
class Article:
    """One record of a corpus: normalised text and what is known about it; unknown is None.

    Attributes:
        text: Decoded, line ends as LF, otherwise as received.
        body_start: Offset of the first character of the body; what stands before is evidence of metadata only.
        origin: File name for the reader (never an absolute path); None for text that came from no file.
        encoding: The encoding that was guessed; None for UTF-8.
    """

    id: str
    text: str
    title: str | None = None
    author: str | None = None
    outlet: str | None = None
    published: str | None = None
    language: str | None = None
    source: str | None = None
    licence: str | None = None
    description: str | None = None
    body_start: int = 0
    examples: tuple[str, ...] = ()
    markup: Markup = "plain"
    encoding: str | None = None

    @property
    def version(self) -> str:
        """12 hex digits of the sha256 over text and metadata."""
        stated = (self.title, self.author, self.outlet, self.published, self.language, self.source, self.licence)
        record = json.dumps([self.text, *stated, self.description, self.body_start], ensure_ascii=True)
        return hashlib.sha256(record.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Failure:
    """An article that was not taken in, and why; the reason ends in the remedy."""

    path: str
    reason: str


class ManifestLine(BaseModel):
    """One line of ``manifest.jsonl``; `id` and `path` are required."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f]+$")
    path: str = Field(min_length=1)
    title: str | None = None
    author: str | None = None
    outlet: str | None = None
    published: str | None = None
    language: str | None = None
    sha256: str | None = None
    source: str | None = None
    licence: str | None = None
    description: str | None = None
    body_start: int = Field(default=0, ge=0)
    examples: tuple[str, ...] = ()

    @field_validator("published")
    @classmethod
    def _iso_date(cls, value: str | None) -> str | None:
        if value is not None and not _ISO_DATE.fullmatch(value):
            raise ValueError("not an ISO 8601 date such as 2024-04-23")
        return value


def shipped_corpus() -> Path:
    """The folder of the corpus that comes with the product."""
    here = Path(__file__).resolve().parent
    packaged = here / "shipped_corpus"
    return packaged if packaged.is_dir() else here.parent / "corpus"


def load(paths: Sequence[Path], max_bytes: int) -> Iterator[Article | Failure]:
    """The articles of files, folders and manifests, in a stable order; failures stand among them.

    A folder that holds a ``manifest.jsonl`` is read through it; of any other folder all text and Markdown files below
    it are read, hidden ones left out.
    """
    for path in paths:
        try:
            if path.name == MANIFEST or (path / MANIFEST).is_file():
                yield from _load_manifest(path if path.name == MANIFEST else path / MANIFEST, max_bytes)
            elif path.is_dir():
                yield from _load_folder(path, max_bytes)
            else:
                yield _load_file(path, max_bytes)
        except OnRecordError as error:
            yield Failure(str(path), str(error))


def load_corpus(path: Path) -> Iterator[Article]:
    """The articles of a ``corpus.jsonl`` (``{doc_id, title, text}`` a line), texts kept character for character.

    Raises:
        DatasetError: A line is not such an object; the message has file, line and field.
    """
    for where, record in read_json_lines(path):
        for field in ("doc_id", "text"):
            if not isinstance(record.get(field), str) or not record[field]:
                raise DatasetError(f"{where}: field '{field}' must be a text that is not empty; correct the line.")
        title = record.get("title") or None
        if title is not None and not isinstance(title, str):
            raise DatasetError(f"{where}: field 'title' must be a text or null; correct the line.")
        _check_storable(record["text"], where)
        yield Article(id=record["doc_id"], text=record["text"], title=title)


def read_json_lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each object of a JSON lines file, with ``file:line`` for messages.

    Raises:
        DatasetError: The file cannot be read, or a line is not a JSON object.
    """
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                where = f"{path.name}:{number}"
                try:
                    record = json.loads(line)
                except (json.JSONDecodeError, RecursionError) as error:
                    raise DatasetError(f"{where}: not JSON ({error}); correct the line.") from error
                if not isinstance(record, dict):
                    raise DatasetError(f"{where}: not a JSON object; correct the line.")
                yield where, record
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read ({error.strerror}); check the path.") from error
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path.name}: not UTF-8 ({error.reason}); save it as UTF-8.") from error


def decode(data: bytes, name: str) -> tuple[str, str | None]:
    """Normalised text and the encoding that was guessed (None for UTF-8).

    Raises:
        ArticleError: No encoding fits, or the text cannot be stored.
    """
    encoding: str | None = None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        from charset_normalizer import from_bytes

        best = from_bytes(data).best()
        if best is None:
            raise ArticleError(f"{name}: no text encoding fits; save it as UTF-8 and ingest it again.") from error
        text, encoding = str(best).removeprefix("\ufeff"), best.encoding
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    _check_storable(text, name)
    return text, encoding


def _check_storable(text: str, name: str) -> None:
    if "\x00" in text:
        raise ArticleError(f"{name}: holds a NUL character, so it is no text; remove it and ingest the file again.")
    if not text.strip():
        raise ArticleError(f"{name}: holds no text; ingest a file that does.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ArticleError(f"{name}: holds half a surrogate pair at {error.start}; remove it.") from error


def _load_folder(folder: Path, max_bytes: int) -> Iterator[Article | Failure]:
    found = False
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(root) / name
            if name.startswith(".") or path.suffix.lower() not in MARKUP_OF_SUFFIX:
                continue
            found = True
            try:
                yield _load_file(path, max_bytes)
            except ArticleError as error:
                yield Failure(str(path), str(error))
    if not found:
        raise ArticleError(f"{folder.name}: no file in it that is read ({_TYPES}); name another folder.")


def _load_file(path: Path, max_bytes: int) -> Article:
    markup = MARKUP_OF_SUFFIX.get(path.suffix.lower())
    if path.exists() and markup is None:
        raise ArticleError(f"{path.name}: files of this type are not read; convert it to one of {_TYPES}.")
    text, encoding = decode(_read(path, max_bytes), path.name)
    slug = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "article"
    place = hashlib.sha256(str(path.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:6]
    name = path.name.encode("utf-8", "replace").decode()
    return Article(f"{slug}-{place}", text, source=name, markup=markup or "plain", encoding=encoding)


def _read(path: Path, max_bytes: int) -> bytes:
    try:
        if not path.is_file():
            raise ArticleError(f"{path}: no such file; check the path.")
        if (size := path.stat().st_size) > max_bytes:
            raise ArticleError(
                f"{path.name}: {size:,} bytes, more than {max_bytes:,}; split it, or raise ingest.max_file_bytes."
            )
        return path.read_bytes()
    except OSError as error:
        raise ArticleError(f"{path.name}: cannot be read ({error.strerror}); check its permissions.") from error


def _load_manifest(manifest: Path, max_bytes: int) -> Iterator[Article | Failure]:
    seen: set[str] = set()
    for where, record in _manifest_records(manifest):
        if isinstance(record, Failure):
            yield record
            continue
        try:
            line = ManifestLine.model_validate(record)
            if line.id in seen:
                raise DatasetError(f"{where}: id '{line.id}' stands twice; give each article its own.")
            seen.add(line.id)
            yield _article_of(line, manifest, where, max_bytes)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            yield Failure(where, f"{where}: field '{field}': {first['msg']}; correct the line.")
        except OnRecordError as error:
            yield Failure(str(record.get("path", where)), str(error))


def _manifest_records(manifest: Path) -> Iterable[tuple[str, dict[str, Any] | Failure]]:
    try:
        yield from read_json_lines(manifest)
    except DatasetError as error:
        yield str(manifest), Failure(str(manifest), str(error))


def _article_of(line: ManifestLine, manifest: Path, where: str, max_bytes: int) -> Article:
    folder = manifest.resolve().parent
    path = (folder / line.path).resolve()
    if not path.is_relative_to(folder):
        raise DatasetError(f"{where}: field 'path' leads out of the manifest's folder; move the file into it.")
    data = _read(path, max_bytes)
    if line.sha256 and (actual := hashlib.sha256(data).hexdigest()) != line.sha256.lower():
        raise ArticleError(
            f"{line.path}: its sha256 is {actual[:12]}…, the manifest says {line.sha256[:12]}…; "
            "restore the file, or correct the manifest."
        )
    text, encoding = decode(data, line.path)
    if line.body_start >= len(text.rstrip()):
        raise DatasetError(f"{where}: field 'body_start' lies behind the text ({len(text)} characters); correct it.")
    stated = line.model_dump(exclude={"path", "sha256"})
    stated["source"] = line.source or path.name
    return Article(**stated, text=text, markup=MARKUP_OF_SUFFIX.get(path.suffix.lower(), "plain"), encoding=encoding)
