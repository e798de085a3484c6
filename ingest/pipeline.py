"""Articles into archive and index: every article wholly in, or wholly out."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ingest.archive import Archive
from ingest.embedding import Encoder
from ingest.errors import IndexStale
from ingest.index import IndexWriter
from ingest.language import READ, articles_note, foreign_article
from ingest.loading import Article, Failure
from ingest.lock import writing
from ingest.records import Floats, PreparedPassage
from ingest.report import IngestReport, TakenIn
from ingest.settings import IngestSettings
from ingest.splitting import PassageSpan, cut_to_size, paragraphs, passages, splitter_name

logger = logging.getLogger(__name__)

COMMIT_EVERY = 2000
"""Passages between two commits: what an interruption may cost, about half a minute of encoding on two cores."""

ENCODE_AT_ONCE = 256

Progress = Callable[[str, int, int | None], None]
"""Called with what is being counted (``articles`` or ``passages``), how many are done, and how many there are if known."""


def ingest(
    home: Path, articles: Iterable[Article | Failure], settings: IngestSettings, progress: Progress | None = None
) -> IngestReport:
    """Takes articles into the home's archive and index; what is there already costs nothing.

    Args:
        home: Made when missing.
        articles: As `ingest.loading.load` gives them.
        settings: Must agree with those of the index, if there is one.
        progress: Told after each article.

    Raises:
        ArchiveError: Another process is writing, or the archive cannot be used.
        IndexStale: The index was made under other settings.
        ModelUnavailable: The weights cannot be used.
    """
    with writing(home):
        encoder = Encoder(settings.model)
        archive = Archive(home, create=True)
        try:
            check_fingerprint(archive, settings, encoder)
            return _Run(archive, encoder, settings, progress).take(articles)
        finally:
            archive.close()


def rebuild(home: Path, settings: IngestSettings, progress: Progress | None = None) -> IngestReport:
    """Makes passages, sentences and vectors of all current versions anew, under today's settings.

    Old versions and with them old citations stay. An interruption leaves the old index in force.
    """
    with writing(home):
        archive = Archive(home)
        try:
            run = _Run(archive, Encoder(settings.model), settings, progress, anew=True)
            return run.take(_current_articles(archive))
        finally:
            archive.close()


def check_fingerprint(archive: Archive, settings: IngestSettings, encoder: Encoder) -> None:
    """Raises IndexStale, naming the settings that differ, when the index was made under others."""
    stored = archive.meta("fingerprint")
    today = settings.fingerprint(encoder.sha256, splitter_name())
    if stored is None or (before := json.loads(stored)) == today:
        return
    changed = [
        f"{name} (index: {_short(before.get(name))}, now: {_short(value)})"
        for name, value in today.items()
        if before.get(name) != value
    ]
    raise IndexStale(
        f"The index of {archive.home} was made under other settings: {', '.join(changed) or 'an older release'}; "
        "set them back, or run: onrecord rebuild"
    )


def _short(value: str | None) -> str:
    return "none" if value is None else value if len(value) < 30 else f"{value[:12]}…"


def _current_articles(archive: Archive) -> Iterator[Article]:
    for info in archive.articles():
        article = archive.article(info.article)
        if article is not None:
            yield article


class _Run:
    """One ingest: prepares articles, encodes what is new in large batches, commits each batch whole."""

    def __init__(
        self,
        archive: Archive,
        encoder: Encoder,
        settings: IngestSettings,
        progress: Progress | None,
        *,
        anew: bool = False,
    ) -> None:
        self._archive = archive
        self._encoder = encoder
        self._settings = settings
        self._progress = progress
        self._anew = anew
        self._report = IngestReport()
        self._waiting: dict[str, tuple[Article, list[PassageSpan]]] = {}
        self._waiting_passages = 0
        self._foreign: Counter[str] = Counter()

    def take(self, articles: Iterable[Article | Failure]) -> IngestReport:
        for article in articles:
            if isinstance(article, Failure):
                self._report.refused(article)
                self._tell_of_article()
                continue
            if article.id in self._waiting:
                self._commit()
            if self._is_unchanged(article):
                self._archive.set_examples(article.id, article.examples)
                self._took(article, "unchanged")
            else:
                self._prepare(article)
        self._commit()
        self._report.passages = self._archive.passage_count()
        if self._foreign:
            self._report.notes.append(articles_note(self._foreign, self._settings.known_languages))
        return self._report

    def _is_unchanged(self, article: Article) -> bool:
        current = None if self._anew else self._archive.source(article.id)
        return current is not None and (current.version, current.status) == (article.version, "current")

    def _tell(self, what: str, done: int, total: int | None = None) -> None:
        if self._progress:
            self._progress(what, done, total)

    def _took(self, article: Article, outcome: TakenIn) -> None:
        self._report.took(article, outcome)
        self._tell_of_article()

    def _tell_of_article(self) -> None:
        self._tell("articles", len(self._report.articles))

    def _prepare(self, article: Article) -> None:
        body = article.text[article.body_start : article.body_start + READ]
        if language := foreign_article(article.language, body, self._settings.known_languages):
            self._foreign[language] += 1
        spans = passage_spans(article, self._encoder, self._settings.passage_tokens)
        self._waiting[article.id] = (article, spans)
        self._waiting_passages += len(spans)
        if self._waiting_passages >= COMMIT_EVERY and not self._anew:
            self._commit()

    def _commit(self) -> None:
        """Vectors first, into a generation that nobody sees; then articles and its name in one transaction."""
        emptied = self._anew and self._archive.meta("generation")  # nothing is left to rebuild but the settings
        if not (self._waiting or emptied):
            return
        keyed = [
            (article, [(passage_key(article.text, span), span) for span in spans])
            for article, spans in self._waiting.values()
        ]
        wanted = {key: (article, span) for article, spans in keyed for key, span in spans}
        known = {} if self._anew else dict(self._archive.sentence_vectors(wanted))
        base = self._archive.meta("generation")
        if base and not self._anew and wanted.keys() <= known.keys():  # new metadata, or words that are all known
            self._store(keyed, known, base)
            return
        writer = IndexWriter(self._archive.home, base, self._archive.live_keys(), anew=self._anew)
        try:
            known |= self._encode({key: place for key, place in wanted.items() if key not in known}, writer)
            writer.close()
            self._store(keyed, known, writer.generation)
        except BaseException:
            if self._archive.meta("generation") == base:  # an interrupt may come just after the commit
                writer.discard()
            raise

    def _store(
        self,
        keyed: Sequence[tuple[Article, list[tuple[str, PassageSpan]]]],
        known: Mapping[str, Floats],
        generation: str,
    ) -> None:
        outcomes: list[TakenIn] = []
        with self._archive.transaction():
            for article, spans in keyed:
                outcomes.append("updated" if self._archive.knows(article.id) else "added")
                self._archive.store(article, [PreparedPassage(span, key, known[key]) for key, span in spans])
            if generation != self._archive.meta("generation"):  # the weights are in use anyway
                self._store_headings()
            self._archive.set_meta("generation", generation)
            fingerprint = self._settings.fingerprint(self._encoder.sha256, splitter_name())
            self._archive.set_meta("fingerprint", json.dumps(fingerprint))
        for (article, _), outcome in zip(keyed, outcomes, strict=True):
            self._took(article, outcome)
        self._waiting, self._waiting_passages = {}, 0

    def _store_headings(self) -> None:
        wanted = self._archive.unknown_headings()
        for first in range(0, len(wanted), ENCODE_AT_ONCE):
            texts = wanted[first : first + ENCODE_AT_ONCE]
            self._archive.store_headings(dict(zip(texts, self._encoder.encode(texts), strict=True)))

    def _encode(self, new: Mapping[str, tuple[Article, PassageSpan]], writer: IndexWriter) -> dict[str, Floats]:
        """Adds the vectors of new passages to the index, and gives those of their sentences."""
        encoded: dict[str, Floats] = {}
        every, without_vector = list(new), writer.missing(new)
        for first in range(0, len(every), ENCODE_AT_ONCE):
            keys = every[first : first + ENCODE_AT_ONCE]
            vectors, sentences = self._encode_passages([new[key] for key in keys])
            encoded.update(zip(keys, sentences, strict=True))
            rows = [i for i, key in enumerate(keys) if key in without_vector]
            writer.add([keys[i] for i in rows], vectors[rows])
            self._tell("passages", first + len(keys), len(every))
        self._report.embedded += len(every)
        return encoded

    def _encode_passages(self, wanted: Sequence[tuple[Article, PassageSpan]]) -> tuple[Floats, list[Floats]]:
        texts = [article.text[span.start : span.end] for article, span in wanted]
        inside = [[(s.start - span.start, s.end - span.start) for s in span.sentences] for _, span in wanted]
        return self._encoder.encode_passages(texts, inside)


def passage_spans(article: Article, encoder: Encoder, limit: int) -> list[PassageSpan]:
    """The passages of an article with the sections they stand in; no sentence is longer than the encoder reads."""
    limit = min(limit, encoder.limit)
    found = paragraphs(article.text, article.body_start, article.markup)
    cut, tokens = [], []
    for spans in found:
        sizes = encoder.count_tokens([article.text[s.start : s.end] for s in spans])
        while max(sizes) > limit and max(s.end - s.start for s in spans) > 1:  # tokens may be unevenly spread
            spans = [p for s, size in zip(spans, sizes, strict=True) for p in cut_to_size(article.text, s, size, limit)]
            sizes = encoder.count_tokens([article.text[s.start : s.end] for s in spans])
        cut.append(spans)
        tokens.append(sizes)
    return list(_with_sections(article.text, passages(cut, tokens, limit)))


def _with_sections(text: str, spans: Iterable[PassageSpan]) -> Iterator[PassageSpan]:
    """Each passage with the last heading before its first sentence that is none."""
    section: str | None = None
    for span in spans:
        above = section
        for position, sentence in enumerate(span.sentences):
            if sentence.heading:
                section = text[sentence.start : sentence.end]
                above = section if all(s.heading for s in span.sentences[:position]) else above
        yield replace(span, section=above)


def passage_key(text: str, span: PassageSpan) -> str:
    """Names the vectors of a passage: equal words, cut into equal sentences, are encoded once."""
    cuts = [(s.start - span.start, s.end - span.start) for s in span.sentences]
    return hashlib.sha256(f"{cuts}{text[span.start : span.end]}".encode()).hexdigest()[:32]
