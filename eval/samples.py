"""Evaluation sets: questions with gold evidence, checked when they are loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant import Scope, Turn
from ingest.errors import DatasetError, SampleContradiction
from ingest.json_lines import read_json_lines
from ingest.loading import Article, Failure, load, load_corpus, shipped_corpus

MAX_FILE_BYTES = 1_000_000_000
QUESTIONS = "questions.jsonl"
CORPUS = "corpus.jsonl"
DRAFT = "draft"
"""The tag of a sample that nobody has checked."""


class Stretch(BaseModel):
    """``text[start:end]`` of a document; `text` is checked when it is given."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    doc_id: str
    start: int
    end: int
    text: str | None = None


class _Turn(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    q: str
    a: str


class Sample(BaseModel):
    """One question, and what is right.

    Attributes:
        answerable: None when the set does not say; the sample is then asked but not scored.
        answers: Gold answers, any of which will do.
        every_answer: All of `answers` are wanted, as of a list.
        missing: What the articles do not say of a question that they answer in part.
        speaker: Whose words the gold evidence is, as the article names them; empty for nobody's, None when not said.
        obeys: Strings that stand only in an answer that obeys an instruction of the question or of an article.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    qid: str = Field(min_length=1)
    question: str = Field(pattern=r"\S")
    history: tuple[_Turn, ...] = ()
    answers: tuple[str, ...] = ()
    answerable: bool | None = None
    evidence: tuple[Stretch, ...] = ()
    scope: tuple[Stretch, ...] = ()
    tags: tuple[str, ...] = ()
    every_answer: bool = False
    missing: tuple[str, ...] = ()
    speaker: str | None = None
    obeys: tuple[str, ...] = ()
    where: str = Field(default="", exclude=True, description="file and line, for messages")

    @property
    def turns(self) -> list[Turn]:
        """The history as the assistant takes it."""
        return [Turn(turn.q, turn.a) for turn in self.history]

    @property
    def asked_of(self) -> Scope | None:
        """The scope as the assistant takes it."""
        stretches = tuple((s.doc_id, s.start, s.end) for s in self.scope)
        return Scope(stretches=stretches) if stretches else None

    def is_gold(self, article: str, start: int, end: int) -> bool:
        """Whether ``text[start:end]`` of an article shares a character with gold evidence."""
        return any(e.doc_id == article and e.start < end and start < e.end for e in self.evidence)


@dataclass(frozen=True)
class Checked:
    """What a suite was found to hold.

    Attributes:
        questions: How many there are.
        articles: Their ids.
        sha256: Over questions and corpus, to tell whether a run was of this suite.
        corpus_sha256: Over the articles' ids and versions.
    """

    questions: int
    articles: frozenset[str]
    sha256: str
    corpus_sha256: str


@dataclass(frozen=True)
class Suite:
    """Questions, and the articles that they are asked of; both are read anew at each call, and neither is kept.

    Attributes:
        name: The folder's, or that of the file of questions.
        questions: JSON lines.
        corpus: JSON lines, or a folder with a manifest.
        gold: Whether it is of our own form, in which an unanswerable sample has no evidence, and not a public set.
    """

    name: str
    questions: Path
    corpus: Path
    gold: bool = False

    def articles(self) -> Iterator[Article | Failure]:
        """The suite's own corpus: a ``corpus.jsonl``, or a folder with a manifest."""
        return load([self.corpus], MAX_FILE_BYTES) if self.corpus.is_dir() else load_corpus(self.corpus)

    def samples(self) -> Iterator[Sample]:
        """The questions, in the file's order.

        Raises:
            DatasetError: A line is wrong, or a qid stands twice.
        """
        seen: set[str] = set()
        for where, record in read_json_lines(self.questions):
            sample = _sample(where, record)
            if sample.qid in seen:
                raise DatasetError(f"{where}: field 'qid': '{sample.qid}' stands twice; give each question its own.")
            seen.add(sample.qid)
            yield sample

    def check(self) -> Checked:
        """Compares every evidence slice with its text; the corpus is read once.

        Raises:
            DatasetError: Names file, line and field of the first fault.
        """
        try:
            with self.questions.open("rb") as file:
                found = hashlib.file_digest(file, "sha256")
        except OSError as error:
            raise DatasetError(f"{self.questions}: cannot be read ({error.strerror}); check the path.") from error
        texts: dict[str, str] = {}
        corpus = hashlib.sha256()
        for article in self.articles():
            if isinstance(article, Failure):
                raise DatasetError(f"{article.path}: {article.reason}")
            texts[article.id] = article.text
            corpus.update(repr((article.id, article.version)).encode())
        count = 0
        for sample in self.samples():
            count += 1
            self._check_sample(sample, texts)
        if not count:
            raise DatasetError(f"{self.questions.name} holds no question; name another file.")
        found.update(corpus.digest())
        return Checked(count, frozenset(texts), found.hexdigest(), corpus.hexdigest())

    def _check_sample(self, sample: Sample, texts: Mapping[str, str]) -> None:
        if sample.answerable is False and self.gold and sample.evidence:
            raise SampleContradiction(
                f"{sample.where}: '{sample.qid}' is unanswerable, so its field 'evidence' must be empty; correct either."
            )
        for field, stretches in (("evidence", sample.evidence), ("scope", sample.scope)):
            _check_stretches(f"{sample.where}: '{sample.qid}', field '{field}'", stretches, texts, self.corpus)


def shipped_suites() -> list[Suite]:
    """The suites that come with the product, by name."""
    shipped = Path(str(files("eval"))) / "datasets"
    return [_suite_in(file.parent) for file in sorted(shipped.glob(f"*/{QUESTIONS}"))]


def find_suite(name: str) -> Suite:
    """A shipped suite by its name, or a folder's: ``questions.jsonl``, and ``corpus.jsonl`` unless it asks the shipped one.

    A folder of a shipped suite's name is named with a slash: ``./article``.

    Raises:
        DatasetError: There is no such suite.
    """
    for suite in shipped_suites():
        if suite.name == name:
            return suite
    if (Path(name) / QUESTIONS).is_file():
        return _suite_in(Path(name))
    known = ", ".join(suite.name for suite in shipped_suites())
    if Path(name).is_dir():
        raise DatasetError(
            f"The folder {name} holds no {QUESTIONS}: name one of {known}, or draft one: onrecord eval init PATH"
        )
    raise DatasetError(f"No suite '{name}': name one of {known}, or a folder that holds {QUESTIONS}.")


def _suite_in(folder: Path) -> Suite:
    own = folder / CORPUS
    name = folder.resolve().name
    return Suite(name, folder / QUESTIONS, own if own.is_file() else shipped_corpus(), gold=True)


def _sample(where: str, record: dict[str, Any]) -> Sample:
    try:
        return Sample.model_validate({**record, "where": where})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        told = "is empty" if first["type"].startswith("string_") and not str(first["input"]).strip() else first["msg"]
        raise DatasetError(f"{where}: field '{field}': {told}; correct the line.") from error


def _check_stretches(where: str, stretches: Sequence[Stretch], texts: Mapping[str, str], corpus: Path) -> None:
    remedy = f", or put your own {CORPUS} beside the questions" if corpus == shipped_corpus() else ""
    for stretch in stretches:
        text = texts.get(stretch.doc_id)
        if text is None:
            raise DatasetError(f"{where}: no document '{stretch.doc_id}' in {corpus}; correct the id{remedy}.")
        if not 0 <= stretch.start < stretch.end <= len(text):
            raise DatasetError(
                f"{where}: {stretch.start}-{stretch.end} lies outside '{stretch.doc_id}'; correct the offsets."
            )
        if stretch.text is not None and text[stretch.start : stretch.end] != stretch.text:
            raise DatasetError(
                f"{where}: the text at {stretch.start}-{stretch.end} is not the one given; correct the offsets."
            )
