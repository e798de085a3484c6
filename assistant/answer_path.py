"""The main path: from a question to an answer, a step a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from time import perf_counter
from typing import TYPE_CHECKING

from assistant import metadata
from assistant.answering import NEAREST, Draft, choose, cite_all, in_reading_order
from assistant.both_sides import both_sides, difference_note, remarks
from assistant.citations import metadata_citation
from assistant.conversation import context, parts, pieces, topic_put_behind
from assistant.cross_encoder import CrossEncoder
from assistant.evidence import Evidence, Reader, Reading
from assistant.grounding.disagreement import Disagreement, disagreement
from assistant.mentions import content_stems
from assistant.not_stated import not_stated
from assistant.overview import Overview
from assistant.premise import contradicted_premise, unsupported_premise
from assistant.retrieval import Found, Hit, PassageRetriever
from assistant.settings import Settings
from assistant.stated import limited
from assistant.summary import Summary, asks_for_summary, summarise
from assistant.terms import shared_names, words
from assistant.types import (
    ABSTAINED,
    CLOSE_BUT_NOT_STATED,
    NOTHING_ABOUT_THIS,
    Answer,
    Outcome,
    Part,
    Scope,
    Timings,
    Turn,
)
from ingest.archive import Archive
from ingest.embedding import Encoder
from ingest.index import VectorIndex
from ingest.language import question_note
from ingest.records import ArticleInfo

if TYPE_CHECKING:
    from llama_index.core.postprocessor.types import BaseNodePostprocessor

LONGEST = 2000
"""Characters of a question that are searched for; the encoder reads about half of that."""
UNRELATED = 0.3
"""Cosine of question and best passage under which nothing is said to have been found, where no sentence shares half of the
question or a name either, and under which a follow-up is not about the conversation's topic, where no word of its own stands in
what is found of both."""
HALF = 0.5
MOST_RETRIEVED = 10
"""Hits that the last part of an answer hands over."""


class AnswerPath:
    """Everything that one index needs to answer questions."""

    def __init__(
        self,
        archive: Archive,
        index: VectorIndex,
        encoder: Encoder,
        cross_encoder: CrossEncoder | None,
        settings: Settings,
        postprocessors: Sequence[BaseNodePostprocessor] = (),
    ) -> None:
        self.index = index
        self.retriever = PassageRetriever(archive, index, encoder, settings.retrieval, postprocessors)
        self._archive = archive
        self._reader = Reader(archive, encoder, cross_encoder, settings.reading)
        self._settings = settings

    def warm_up(self) -> None:
        """Loads the models."""
        self.retriever.search("warm up", 1)
        self._reader.warm_up()

    def stream(self, question: str, history: Sequence[Turn], scope: Scope | None) -> Iterator[Part]:
        """See `assistant.Assistant.stream`."""
        answer = _Answering(self._archive, question)
        question = question[:LONGEST]
        if not words(question):
            yield answer.abstain("nothing_found", "There is no question in this; ask one in words.")
            return
        meant = limited(question, history, scope, self._archive)
        question, history, scope, answer.notes = meant.question, meant.history, meant.scope, meant.notes
        if meant.nothing:
            yield answer.abstain("nothing_found", meant.nothing)
            return
        fields = self._fields(question, history)
        about_record = [field for _, field in fields if field]
        about_text = " ".join(piece for piece, field in fields if not field) if about_record else question
        gap = None
        if about_record:
            gap = self._from_record(answer, about_record, metadata.meant_articles(self._archive, scope, history))
            yield from answer.written
        if not about_text:
            yield self._recorded(answer, gap)
            return
        answer.missing = (gap,) if gap else ()
        spoken = [*history, *(Turn(piece, "") for piece, field in fields if field)]
        if (wanted := asks_for_summary(about_text, spoken)) and (
            summary := self._summary(answer, wanted, history, scope)
        ):
            yield from self._from_summary(answer, summary)
            return
        yield from self._from_evidence(answer, about_text, history, scope)

    def _fields(self, question: str, history: Sequence[Turn]) -> list[tuple[str, str | None]]:
        """Each piece of the question with the field of metadata that it asks for, if it asks for one."""
        turns, found = list(history), []
        for piece in pieces(question):
            found.append((piece, metadata.asks_for(piece, turns)))
            turns.append(Turn(piece, ""))
        return found

    def _from_evidence(
        self, answer: _Answering, question: str, history: Sequence[Turn], scope: Scope | None
    ) -> Iterator[Part]:
        asked = pieces(question)
        wanted = [self._understood(*both, scope) for both in zip(asked, parts(question, history), strict=True)]
        query = question if wanted == asked else " ".join(wanted)
        answer.standalone_question = query
        before = context(history)
        read = [(part, self._read(answer, part, scope, before)) for part in wanted]
        texts = [hit.passage.text for _, (found, _) in read for hit in found.hits]
        if note := question_note(question, texts, self._settings.ingest.known_languages):
            answer.notes += (note,)
        answer.retrieved = merged([found for _, (found, _) in read])
        enough = self._settings.reading.min_confidence
        stated = [
            (part, reading)
            for part, (_, reading) in read
            if reading.evidence
            and reading.confidence >= enough
            and not contradicted_premise(part, reading.evidence[:1])
        ]
        answered = {part for part, _ in stated}
        chosen = [e for part, reading in stated for e in choose(part, reading, self._settings.reading)]
        differing = [found for part, reading in stated if (found := disagreement(part, reading.evidence))]
        yield from answer.write(both_sides(chosen, differing), differing)
        if not answer.draft.sentences:
            yield from self._without_answer(answer, query, read, texts)
            return
        answer.confidence = min((reading.confidence for _, reading in stated), default=1.0)
        answer.missing += tuple(part for part, _ in read if part not in answered)
        reason = "The articles answer this only in part." if answer.missing else None
        yield answer.finish("partial" if answer.missing else "answered", reason)

    def _understood(self, piece: str, part: str, scope: Scope | None) -> str:
        """What to search for: the part, or the piece as typed where the topic put behind it is all that is found of it.

        Somebody who asks of something else in the middle of a conversation is not to be answered about its topic.
        """
        if not topic_put_behind(piece, part):
            return part
        alone, together = (
            self.retriever.search(query, self._settings.retrieval.passages, scope) for query in (piece, part)
        )
        own = content_stems(piece)
        near = max((hit.dense for hit in alone.hits), default=0.0) >= UNRELATED
        return part if near or any(own & content_stems(hit.passage.text) for hit in together.hits) else piece

    def _read(self, answer: _Answering, part: str, scope: Scope | None, before: str) -> tuple[Found, Reading]:
        started = perf_counter()
        found = self.retriever.search(part, self._settings.retrieval.passages, scope, before)
        searched = perf_counter()
        reading = self._reader.read(part, found, scope)
        answer.took(search=searched - started, read=perf_counter() - searched)
        return found, reading

    def _without_answer(
        self, answer: _Answering, query: str, read: Sequence[tuple[str, tuple[Found, Reading]]], texts: Sequence[str]
    ) -> Iterator[Part]:
        evidence = {(e.passage.number, e.start): e for _, (_, reading) in read for e in reading.evidence[:NEAREST]}
        best = sorted(evidence.values(), key=lambda e: -e.score)[:NEAREST]
        answer.confidence = max(reading.confidence for _, (_, reading) in read)
        answer.nearest = best
        near = max((hit.dense for _, (found, _) in read for hit in found.hits), default=0.0)
        if near < UNRELATED and all(e.coverage < HALF and not shared_names(query, e.passage.text) for e in best):
            yield answer.abstain("nothing_found", NOTHING_ABOUT_THIS)
        elif len(read) == 1 and (premise := contradicted_premise(query, best) or unsupported_premise(query, best)):
            yield from answer.write([premise.evidence])
            yield answer.finish("false_premise", premise.reason)
        else:
            yield answer.abstain("not_stated", not_stated(query, texts))

    def _summary(
        self, answer: _Answering, wanted: Overview, history: Sequence[Turn], scope: Scope | None
    ) -> Summary | None:
        started = perf_counter()
        summary = summarise(self._archive, wanted, scope, history)
        answer.took(read=perf_counter() - started)
        return summary

    def _from_summary(self, answer: _Answering, summary: Summary) -> Iterator[Part]:
        """Quotes an extract; what was asked beside it and is not on record stays missing."""
        answer.notes += summary.notes
        answer.confidence = summary.confidence
        yield from answer.draft.write(summary.citations)
        if not answer.draft.sentences:
            yield answer.abstain("not_stated", summary.gap or f"{CLOSE_BUT_NOT_STATED}sums it up.")
            return
        answer.missing += (summary.gap,) if summary.gap else ()
        reason = "The articles answer this only in part." if answer.missing else None
        yield answer.finish("partial" if answer.missing else "answered", reason)

    def _from_record(self, answer: _Answering, fields: Sequence[str], meant: Sequence[ArticleInfo]) -> str | None:
        """Quotes what the record states of these fields; gives back what stands in the way of all or some of it."""
        if len(meant) != 1:
            return metadata.listed(meant)
        source = self._archive.source(meant[0].article)
        cited = [metadata_citation(source, field, marker=1) if source else None for field in fields]
        answer.written = list(answer.draft.write([c for c in cited if c]))
        answer.confidence = 1.0 if answer.written else 0.0
        unknown = [_SPOKEN[field] for field, c in zip(fields, cited, strict=True) if c is None]
        return f"The record of this article does not state its {' and its '.join(unknown)}." if unknown else None

    def _recorded(self, answer: _Answering, gap: str | None) -> Part:
        if gap and not answer.written:
            return answer.abstain("not_stated", gap)
        answer.missing = (gap,) if gap else ()
        return answer.finish("partial" if gap else "answered", gap)


def merged(parts: Sequence[Found]) -> tuple[Hit, ...]:
    """What was found for all parts of a question, best rank first, one hit a passage, at most `MOST_RETRIEVED`."""
    first: dict[int, Hit] = {}
    for rank in zip_longest(*(found.hits for found in parts)):
        for hit in filter(None, rank):
            first.setdefault(hit.passage.number, hit)
    return tuple(first.values())[:MOST_RETRIEVED]


_SPOKEN = {
    "published": "date of publication",
    "author": "author",
    "outlet": "outlet",
    "title": "title",
    "source": "source",
}


class _Answering:
    """An answer while it is being made: what is known of it so far, and the clock."""

    def __init__(self, archive: Archive, question: str) -> None:
        self.draft = Draft(archive)
        self.standalone_question = question[:LONGEST]
        self.confidence = 0.0
        self.missing: tuple[str, ...] = ()
        self.notes: tuple[str, ...] = ()
        self.nearest: Sequence[Evidence] = ()
        self.written: list[Part] = []
        self.retrieved: tuple[Hit, ...] = ()
        self._archive = archive
        self._question = question
        self._started = perf_counter()
        self._timings = Timings()

    def took(self, **seconds: float) -> None:
        """Adds to the time of steps."""
        added = {step: getattr(self._timings, step) + 1000 * time for step, time in seconds.items()}
        self._timings = replace(self._timings, **added)

    def write(self, chosen: Sequence[Evidence], differing: Sequence[Disagreement] = ()) -> Iterator[Part]:
        """Writes and judges the chosen sentences, and says where articles differ."""
        started = perf_counter()
        cited = cite_all(in_reading_order(chosen), self._archive)
        self.notes += tuple(map(difference_note, differing))
        self.took(write=perf_counter() - started)
        started = perf_counter()
        written = list(self.draft.write(cited, remarks(cited, differing)))
        self.took(judge=perf_counter() - started)
        yield from written

    def abstain(self, outcome: Outcome, reason: str) -> Part:
        """The last part of an answer that quotes nothing: its text is the reason."""
        self.draft.text = reason
        return replace(self.finish(outcome, reason), text=reason)

    def finish(self, outcome: Outcome, reason: str | None) -> Part:
        """The last part."""
        self.took(total=perf_counter() - self._started)
        abstained = outcome in ABSTAINED
        rounded = {step: round(getattr(self._timings, step), 2) for step in Timings.__dataclass_fields__}
        answer = Answer(
            question=self._question, standalone_question=self.standalone_question, outcome=outcome, abstained=abstained,
            reason=reason, missing=self.missing, answer=self.draft.text, mode="quote", confidence=round(self.confidence, 4),
            sentences=tuple(self.draft.sentences), citations=tuple(self.draft.citations),
            nearest=tuple(cite_all(self.nearest, self._archive)) if abstained else (),
            timings_ms=Timings(**rounded), notes=self.notes,
        )  # fmt: skip
        return Part("", answer=answer, retrieved=self.retrieved)
