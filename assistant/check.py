"""Checks a text against the articles: each of its sentences is quoted, supported, contradicted or unsupported, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from assistant.citations import Address, citation, parse, version_of
from assistant.grounding.evidence_text import EvidenceText
from assistant.grounding.judge import Judge, Judgement, is_claim
from assistant.retrieval import PassageRetriever
from assistant.types import Citation, Reason, Scope, Source, Verdict
from ingest.archive import Archive
from ingest.errors import CitationNotFound
from ingest.pipeline import Progress
from ingest.records import Passage
from ingest.splitting import paragraphs, split_sentences

PASSAGES = 10
"""Passages that are searched for each sentence."""
ARTICLES = 3
"""Articles, the best first, that each sentence is checked against; each by itself, since a claim is made of one."""
_MARKER = re.compile(r"\[([^\[\]\n]+@[0-9a-f]{12}[:#][^\[\]\s]+)\]")
_GOOD: frozenset[Verdict] = frozenset(("quoted", "supported"))
_OF_WORDS = frozenset(("word", "not_found"))
"""Reasons that a heading which states nothing gets too."""
_BAD: frozenset[Verdict] = frozenset(("contradicted", "unsupported"))
_WRONGLY_CITED = frozenset(("miscited", "no_such_citation"))
_RANK: tuple[Verdict, ...] = ("quoted", "supported", "contradicted", "unsupported", "not_a_claim")


@dataclass(frozen=True)
class CheckedSentence:
    """A sentence of the text: ``text_given[start:end] == text``.

    Attributes:
        score: How likely the articles support it, 0..1.
        citations: Markers of what it stands on, or of what contradicts it.
    """

    text: str
    start: int
    end: int
    verdict: Verdict
    score: float
    reasons: tuple[Reason, ...]
    citations: tuple[int, ...]


@dataclass(frozen=True)
class Checked:
    """What `onrecord check` prints: every sentence in order, and what they cite, in order of marker."""

    sentences: tuple[CheckedSentence, ...]
    citations: tuple[Citation, ...]

    @property
    def faults(self) -> int:
        """How many sentences the articles do not bear out, or carry an address that does not."""
        return sum(s.verdict in _BAD or any(r.kind in _WRONGLY_CITED for r in s.reasons) for s in self.sentences)

    def to_json(self) -> dict[str, Any]:
        """The object that ``--json`` prints."""
        return asdict(self)


@dataclass(frozen=True)
class _Part:
    """A sentence of the text that is checked, and the addresses that it carries."""

    start: int
    end: int
    heading: bool
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class _Against:
    """A sentence's judgement against one text, and what that text is."""

    judgement: Judgement
    evidence: EvidenceText
    source: Source


class Checker:
    """Checks texts against one archive.

    Args:
        archive: Where the articles are.
        retriever: What finds the passages that a sentence may stand on.
        judge: What checks a sentence against them.
    """

    def __init__(self, archive: Archive, retriever: PassageRetriever, judge: Judge) -> None:
        self._archive = archive
        self._retriever = retriever
        self._judge = judge

    def check(self, text: str, scope: Scope | None = None, progress: Progress | None = None) -> Checked:
        """The verdict on each sentence of a text.

        A sentence that carries addresses of its own (``[article@version:start-end]``) is checked against these first; when they
        do not bear it out, against the articles, and is then cited anew.

        Args:
            text: Any; a few sentences or a whole draft.
            scope: Limits the articles that are searched.
            progress: Is told after each sentence.
        """
        found: list[CheckedSentence] = []
        cited: dict[str, Citation] = {}
        parts = list(_parts(text))
        for done, part in enumerate(parts, 1):
            claim = text[part.start : part.end]
            if not is_claim(claim):
                found.append(CheckedSentence(claim, part.start, part.end, "not_a_claim", 0.5, (), ()))
                continue
            own, reasons = self._against_own(claim, part.addresses)
            against = own
            if not own or own[0].judgement.verdict not in _GOOD:
                searched = self._against_articles(claim, scope)
                if own and searched and searched[0].judgement.verdict in _GOOD:
                    reasons = (*reasons, Reason("miscited", claim, " ".join(_words(searched[0]))))
                against = sorted([*searched, *own], key=_order)
            found.append(_checked(claim, part, against, reasons, cited))
            if progress:
                progress("sentences", done, len(parts))
        return Checked(tuple(found), tuple(cited.values()))

    def _against_own(self, claim: str, addresses: Sequence[str]) -> tuple[list[_Against], tuple[Reason, ...]]:
        pairs, reasons = [], []
        for written in addresses:
            try:
                address = parse(written)
                source = version_of(self._archive, address)
            except CitationNotFound as error:
                reasons.append(Reason("no_such_citation", claim, str(error)))
                continue
            pairs.append((_slice_of(source, address), source))
        return self._judged(claim, pairs), tuple(reasons)

    def _against_articles(self, claim: str, scope: Scope | None) -> list[_Against]:
        hits = self._retriever.search(claim, PASSAGES, scope).hits
        passages: dict[str, list[Passage]] = {}
        for hit in hits:
            passages.setdefault(hit.passage.article, []).append(hit.passage)
        pairs = []
        for article, those in list(passages.items())[:ARTICLES]:
            source = self._archive.source(article, those[0].version)
            if source is not None:
                sentences = self._archive.sentences([p.number for p in those])
                spans = sorted((s.start, s.end) for s in sentences if not s.heading)
                pairs.append((evidence_of(source, spans), source))
        return self._judged(claim, pairs)

    def _judged(self, claim: str, pairs: Sequence[tuple[EvidenceText, Source]]) -> list[_Against]:
        """The judgements against each text, that which bears the claim out best first."""
        judged = self._judge.judge_all([(claim, evidence) for evidence, _ in pairs])
        against = [_Against(j, evidence, source) for j, (evidence, source) in zip(judged, pairs, strict=True)]
        return sorted(against, key=_order)


def _checked(
    claim: str, part: _Part, against: Sequence[_Against], reasons: Sequence[Reason], cited: dict[str, Citation]
) -> CheckedSentence:
    """A sentence with the verdict of the text that bears it out best; articles that say otherwise are named."""
    if not against:
        return CheckedSentence(
            claim, part.start, part.end, "unsupported", 0.0, (*reasons, Reason("not_found", claim, "")), ()
        )
    best = against[0]
    verdict, all_reasons = best.judgement.verdict, [*reasons, *best.judgement.reasons]
    if part.heading and verdict == "unsupported" and {r.kind for r in best.judgement.reasons} <= _OF_WORDS:
        return CheckedSentence(claim, part.start, part.end, "not_a_claim", best.judgement.score, tuple(reasons), ())
    shown = [best] if verdict in (*_GOOD, "contradicted") else []
    if verdict in _GOOD:
        others = [
            a for a in against[1:] if a.judgement.verdict == "contradicted" and a.source.article != best.source.article
        ]
        for other in others[:1]:
            shown.append(other)
            all_reasons += [Reason("disagreement", r.claim, r.evidence) for r in other.judgement.reasons]
    markers = []
    for side in shown:
        for span in sorted({side.evidence.spans[i] for i in side.judgement.evidence}):
            made = citation(side.source, span, marker=len(cited) + 1, score=side.judgement.score)
            markers.append(cited.setdefault(made.id, made).marker)
    return CheckedSentence(
        claim, part.start, part.end, verdict, best.judgement.score, tuple(all_reasons), tuple(markers)
    )


def evidence_of(source: Source, spans: Sequence[tuple[int, int]]) -> EvidenceText:
    """Sentences of an article as evidence, with what its record states."""
    known = "\n".join(filter(None, (source.title, source.author, source.outlet, source.published)))
    return EvidenceText(source.text, tuple(spans), known, source.published, source.body_start)


def _slice_of(source: Source, address: Address) -> EvidenceText:
    """What an address names, sentence by sentence; the stored value of a field of metadata."""
    if address.span is not None:
        return evidence_of(source, split_sentences(source.text, *address.span))
    value = str(getattr(source, address.field or "") or "")
    return EvidenceText(value, ((0, len(value)),), published=source.published)


def _parts(text: str) -> Iterator[_Part]:
    """The sentences of a text without the addresses between them, each with those that follow it."""
    markers = list(_MARKER.finditer(text))
    blank = _MARKER.sub(lambda m: " " * len(m[0]), text)
    spans = [s for paragraph in paragraphs(blank, markup="markdown") for s in paragraph]
    ends = [*(s.start for s in spans[1:]), len(text)]
    for span, stop in zip(spans, ends, strict=True):
        inside = [m for m in markers if span.start <= m.start() < stop]
        end = min([span.end, *(m.start() for m in inside)])
        end = span.start + len(text[span.start : end].rstrip())
        yield _Part(span.start, end, span.heading, tuple(m[1] for m in inside))


def _order(against: _Against) -> tuple[int, float]:
    return _RANK.index(against.judgement.verdict), -against.judgement.score


def _words(against: _Against) -> list[str]:
    return [against.evidence.sentences[i] for i in against.judgement.evidence]
