"""The assistant: a question in, an answer out whose every sentence is on the record."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from assistant.citations import look_up
from assistant.cross_encoder import CrossEncoder
from assistant.cross_encoder import load as load_cross_encoder
from assistant.settings import Settings
from assistant.types import Answer, ArticleInfo, Cited, Part, Scope, Source, Turn
from ingest.archive import Archive
from ingest.embedding import Encoder
from ingest.errors import CitationNotFound, IndexMissing
from ingest.pipeline import Progress, check_fingerprint
from ingest.settings import default_home

if TYPE_CHECKING:
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.llms import LLM
    from llama_index.core.postprocessor.types import BaseNodePostprocessor

    from assistant.answer_path import AnswerPath
    from assistant.check import Checked
    from assistant.grounding.judge import Judge
    from assistant.retrieval import Hit


def home_of(home: str | Path | None) -> Path:
    """The home that is meant: the one given, else ``ONRECORD_HOME``, else the platform's user data folder."""
    return Path(home or os.environ.get("ONRECORD_HOME") or default_home()).expanduser()


class Assistant:
    """Answers questions over the articles of one home; safe to use from several threads.

    Use `open`, as a context manager. Opening is cheap: models are loaded by `warm_up`, or by the first question.
    """

    def __init__(
        self,
        home: Path,
        archive: Archive,
        settings: Settings,
        postprocessors: Sequence[BaseNodePostprocessor] = (),
        llm: LLM | None = None,
    ) -> None:
        self.home = home
        self._llm = llm
        self._postprocessors = postprocessors
        self.settings = settings
        self._archive = archive
        self._encoder: Encoder | None = None
        self._cross_encoder: CrossEncoder | None = None
        self._path: AnswerPath | None = None
        self._users: Counter[AnswerPath] = Counter()
        self._one_thread = threading.RLock()

    @classmethod
    def open(
        cls,
        home: str | Path | None = None,
        settings: Settings | None = None,
        postprocessors: Sequence[BaseNodePostprocessor] = (),
        llm: LLM | None = None,
    ) -> Self:
        """An assistant over the articles of a home.

        Args:
            home: A folder; None for ``ONRECORD_HOME`` or the default.
            settings: None for those of the home and the environment.
            postprocessors: llama-index node postprocessors that rerank or drop the passages that a search finds.
            llm: A language model of llama-index that `check` asks of what its other layers leave open; None for that of the
                settings, if they name one.

        Raises:
            IndexMissing: Nothing has been ingested there.
            ArchiveError: The archive cannot be used.
            SettingsError: The home's settings are wrong.
        """
        folder = home_of(home)
        archive = Archive(folder)
        try:
            return cls(folder, archive, settings or Settings.load(folder), postprocessors, llm)
        except BaseException:
            archive.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of archive and index."""
        with self._one_thread:
            if self._path:
                self._path.index.close()
                self._path = None
            self._archive.close()

    def warm_up(self) -> None:
        """Loads the models now, so that the first question does not wait for them."""
        with self._newest() as path:
            path.warm_up()

    def answer(self, question: str, history: Sequence[Turn] = (), scope: Scope | None = None) -> Answer:
        """The answer to a question, or the statement that the articles do not give one.

        Args:
            question: Any text.
            history: Earlier turns, oldest first.
            scope: Limits the question to some articles, authors, dates or stretches.

        Raises:
            IndexMissing, IndexStale: The home's index is not there, or was made under other settings.
            ModelUnavailable: The weights cannot be used.
        """
        last = None
        for part in self.stream(question, history, scope):
            last = part.answer
        if last is None:
            raise RuntimeError("a stream ended without its answer")
        return last

    def stream(self, question: str, history: Sequence[Turn] = (), scope: Scope | None = None) -> Iterator[Part]:
        """The same answer sentence by sentence; the texts of all parts make up ``answer.answer``, the last holds it."""
        asked = _encodable(question)
        turns = [Turn(_encodable(turn.question), _encodable(turn.answer), turn.articles) for turn in history]
        with self._newest() as path:
            yield from path.stream(asked, turns, scope)

    def search(self, query: str, limit: int = 10, scope: Scope | None = None) -> tuple[Hit, ...]:
        """The passages that are nearest to a query, best first."""
        with self._newest() as path:
            return path.retriever.search(_encodable(query), limit, scope).hits

    def check(self, text: str, scope: Scope | None = None, progress: Progress | None = None) -> Checked:
        """The verdict of the articles on each sentence of a text, with citations and reasons.

        Args:
            text: A draft, a summary, a claim. Addresses in it (``[article@version:start-end]``) are checked first.
            scope: Limits the articles that it is checked against.
            progress: Is told after each sentence.

        Raises:
            IndexMissing, IndexStale: The home's index is not there, or was made under other settings.
            ModelUnavailable: The weights cannot be used.
        """
        from assistant.check import Checker

        with self._newest() as path:
            return Checker(self._archive, path.retriever, self._judge).check(_encodable(text), scope, progress)

    @cached_property
    def _judge(self) -> Judge:
        from assistant.grounding.judge import load_judge
        from assistant.llm import open_llm

        llm = open_llm(self.settings.llm) if self._llm is None else self._llm
        return load_judge(self.settings.grounding, llm)

    def retriever(self, limit: int = 10, scope: Scope | None = None) -> BaseRetriever:
        """The same search as a llama-index retriever; it follows the index when articles are added.

        Its nodes carry ``start_char_idx`` and ``end_char_idx`` that slice back into the article, and their address as id.
        """
        from assistant.retrieval import ArticleRetriever

        return ArticleRetriever(lambda query: self.search(query, limit, scope))

    def cite(self, address: str) -> Cited:
        """The exact words of a citation, in their context.

        Raises:
            CitationNotFound: Some part of the address is unknown.
        """
        return look_up(self._archive, address)

    def source(self, article: str, version: str | None = None) -> Source:
        """An article in full, in its current version unless another is named.

        Raises:
            CitationNotFound: There is no such article or version, or it is withdrawn and no version is named.
        """
        found = self._archive.source(article, version)
        if found is None and version is None and self._archive.knows(article):
            raise CitationNotFound(f"'{article}' is withdrawn; list its version with: onrecord articles --withdrawn")
        if found is None:
            raise CitationNotFound(f"No article '{article}' with version {version}; list them with: onrecord articles")
        return found

    def articles(self, *, withdrawn: bool = False) -> list[ArticleInfo]:
        """All articles that can be asked, and on demand those that are withdrawn."""
        return self._archive.articles(withdrawn=withdrawn)

    @contextmanager
    def _newest(self) -> Iterator[AnswerPath]:
        """What answers, over the newest index: another process may have ingested since the last question.

        An index that was replaced is closed when the last question over it is done.
        """
        with self._one_thread:
            before, path = self._path, self._open_newest()
            self._path = path
            self._users[path] += 1
            if before not in (None, path):
                self._close_unused(before)
        try:
            yield path
        finally:
            with self._one_thread:
                self._users[path] -= 1
                if path is not self._path:
                    self._close_unused(path)

    def _close_unused(self, path: AnswerPath | None) -> None:
        if path and not self._users[path]:
            del self._users[path]
            path.index.close()

    def _open_newest(self) -> AnswerPath:
        from assistant.answer_path import AnswerPath
        from ingest.index import VectorIndex

        generation = self._archive.meta("generation")
        if generation is None:
            raise IndexMissing(f"Nothing has been ingested into {self.home}; run: onrecord ingest")
        if self._path and self._path.index.generation == generation:
            return self._path
        self._encoder = self._encoder or Encoder(self.settings.ingest.model)
        self._cross_encoder = self._cross_encoder or load_cross_encoder(self.settings.reading.cross_encoder)
        check_fingerprint(self._archive, self.settings.ingest, self._encoder)
        while True:
            try:
                index = VectorIndex(self.home, generation)
                break
            except IndexMissing:  # replaced by a newer one just now, or really gone
                newest = self._archive.meta("generation") or generation
                if newest == generation:
                    raise
                generation = newest
        return AnswerPath(self._archive, index, self._encoder, self._cross_encoder, self.settings, self._postprocessors)


def _encodable(text: str) -> str:
    """The text with half surrogate pairs, which a shell passes on for bytes that are no text, as question marks."""
    return text.encode("utf-8", "replace").decode()
