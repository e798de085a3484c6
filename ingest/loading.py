"""Files, folders and manifests to articles; what cannot be taken in is a failure that names the file."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ingest.errors import ArticleError, DatasetError, OnRecordError
from ingest.front_matter import read_front_matter
from ingest.json_lines import read_json_lines
from ingest.manifest import MANIFEST, ManifestLine, read_manifest
from ingest.splitting import Markup

MARKUP_OF_SUFFIX: dict[str, Markup] = {".txt": "plain", ".text": "plain", ".md": "markdown", ".markdown": "markdown"}
_TYPES = ", ".join(MARKUP_OF_SUFFIX)


@dataclass(frozen=True)
class Article:
    """One record of a corpus: normalised text and what is known about it; unknown is None.

    Attributes:
        text: Decoded, line ends as LF, otherwise as received.
        body_start: Offset of the first character of the body; what stands before is evidence of metadata only.
        source: URL, or file name (never an absolute path); None for text that came from neither.
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
            if path.name == MANIFEST or os.path.isfile(path / MANIFEST):  # noqa: PTH113 (it never raises)
                yield from _load_manifest(path if path.name == MANIFEST else path / MANIFEST, max_bytes)
            elif os.path.isdir(path):  # noqa: PTH112
                yield from _load_folder(path, max_bytes)
            else:
                yield _load_file(path, path, max_bytes)
        except OnRecordError as error:
            yield _failure(path, error)


def load_as(path: Path, place: Path, max_bytes: int) -> Article | Failure:
    """The article of a file that is kept at `path` and stands for one at `place`: its id, its source, its failure's name."""
    try:
        return _load_file(path, place, max_bytes)
    except ArticleError as error:
        return _failure(place.name, error)


def article_id(place: Path) -> str:
    """The id that a file has outside any manifest: a slug of its name, and 6 hex digits of its resolved path."""
    slug = re.sub(r"[\W_]+", "-", place.stem.lower()).strip("-") or "article"
    digest = hashlib.sha256(str(place.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:6]
    return f"{slug}-{digest}"


def _failure(path: Path | str, error: OnRecordError) -> Failure:
    """A failure that can be printed, also when a file name has bytes that are no text."""
    return Failure(*(str(part).encode("utf-8", "replace").decode() for part in (path, error)))


def load_corpus(path: Path) -> Iterator[Article]:
    """The articles of a ``corpus.jsonl`` (``{doc_id, title, text}`` a line), texts kept character for character.

    Raises:
        DatasetError: A line is not such an object; the message has file, line and field.
    """
    seen: set[str] = set()
    for where, record in read_json_lines(path):
        for field in ("doc_id", "text"):
            if not isinstance(record.get(field), str) or not record[field]:
                raise DatasetError(f"{where}: field '{field}' must be a text that is not empty; correct the line.")
        if record["doc_id"] in seen or "\x00" in record["doc_id"]:
            raise DatasetError(f"{where}: field 'doc_id' stands twice or holds a NUL; give each article its own.")
        seen.add(record["doc_id"])
        title = record.get("title") or None
        if title is not None and not isinstance(title, str):
            raise DatasetError(f"{where}: field 'title' must be a text or null; correct the line.")
        try:
            _check_storable(record["text"], where)
        except ArticleError as error:
            raise DatasetError(str(error)) from error
        yield Article(id=record["doc_id"], text=record["text"], title=title)


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

        matches = from_bytes(data)
        best = matches.best()
        if best is None:
            raise ArticleError(f"{name}: no text encoding fits; save it as UTF-8 and ingest it again.") from error
        for match in matches:  # nearly as likely and far more common than its neighbours
            if "cp1252" in match.could_be_from_charset and match.chaos <= best.chaos + 0.1:
                best = match
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
    unlisted: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=unlisted.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(root) / name
            if name.startswith(".") or path.suffix.lower() not in MARKUP_OF_SUFFIX:
                continue
            found = True
            try:
                yield _load_file(path, path, max_bytes)
            except ArticleError as error:
                yield _failure(path, error)
    for fault in unlisted:
        reason = f"{fault.filename}: cannot be listed ({fault.strerror}); check its permissions."
        yield _failure(fault.filename, ArticleError(reason))
    if not found and not unlisted:
        raise ArticleError(f"{folder.name}: no file in it that is read ({_TYPES}); name another folder.")


def _load_file(path: Path, place: Path, max_bytes: int) -> Article:
    markup = MARKUP_OF_SUFFIX.get(place.suffix.lower())
    if markup is None and os.path.exists(path):  # noqa: PTH110 (it never raises)
        raise ArticleError(f"{place.name}: files of this type are not read; convert it to one of {_TYPES}.")
    text, encoding = decode(_read(path, place.name, max_bytes), place.name)
    name = place.name.encode("utf-8", "replace").decode()
    stated, body_start = read_front_matter(text, name, markup or "plain")
    if not text[body_start:].strip():
        raise ArticleError(f"{name}: holds no text behind its front matter; ingest a file that does.")
    article = Article(article_id(place), text, source=name, markup=markup or "plain", encoding=encoding)
    known: dict[str, Any] = {**stated, "body_start": body_start}
    return replace(article, **known)


def _read(path: Path, name: str, max_bytes: int) -> bytes:
    try:
        if not path.is_file():
            raise ArticleError(f"{path}: no such file; check the path.")
        if (size := path.stat().st_size) > max_bytes:
            raise ArticleError(
                f"{name}: {size:,} bytes, more than {max_bytes:,}; split it, or raise ingest.max_file_bytes."
            )
        return path.read_bytes()
    except OSError as error:
        raise ArticleError(f"{name}: cannot be read ({error.strerror}); check its permissions.") from error


def _load_manifest(manifest: Path, max_bytes: int) -> Iterator[Article | Failure]:
    for where, line in read_manifest(manifest):
        if isinstance(line, DatasetError):
            yield _failure(where, line)
            continue
        try:
            yield _article_of(line, manifest, where, max_bytes)
        except OnRecordError as error:
            yield _failure(line.path, error)


def _article_of(line: ManifestLine, manifest: Path, where: str, max_bytes: int) -> Article:
    folder = manifest.resolve().parent
    try:
        path = (folder / line.path).resolve()
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a NUL
        raise DatasetError(f"{where}: field 'path' cannot be followed ({error}); correct it.") from error
    if not path.is_relative_to(folder):
        raise DatasetError(f"{where}: field 'path' leads out of the manifest's folder; move the file into it.")
    data = _read(path, path.name, max_bytes)
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
