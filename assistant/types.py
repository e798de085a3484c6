"""The nouns of an answer: frozen, and the same names as in the JSON that `onrecord ask --json` prints."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from ingest.records import ArticleInfo, Source, Status

if TYPE_CHECKING:
    from assistant.retrieval import Hit

__all__ = [
    "Answer", "ArticleInfo", "Citation", "Cited", "Found", "Part", "Reason", "Scope", "SearchResults", "Sentence", "Source",
    "Speaker", "Timings", "Turn",
]  # fmt: skip

Outcome = Literal["answered", "partial", "false_premise", "not_stated", "nothing_found"]
Verdict = Literal["quoted", "supported", "unsupported", "contradicted", "not_a_claim"]
Mode = Literal["quote", "compose"]

ABSTAINED: frozenset[Outcome] = frozenset({"false_premise", "not_stated", "nothing_found"})
NOTHING_ABOUT_THIS = "Nothing in the articles seems to be about this."
CLOSE_BUT_NOT_STATED = "The articles come close to this, but no sentence of theirs "
"""How that which is said instead of an answer begins; neither is any part of what a conversation is about."""


@dataclass(frozen=True)
class Turn:
    """One earlier exchange of a conversation.

    Attributes:
        question: What the person typed.
        answer: What was answered; markers such as ``[1]`` may stand in it.
        articles: Ids of the articles that the answer cited, in order of marker; empty when not known.
    """

    question: str
    answer: str
    articles: tuple[str, ...] = ()

    @classmethod
    def of(cls, answer: Answer) -> Turn:
        """The turn that an answer makes, for the questions after it."""
        articles = dict.fromkeys(citation.article for citation in answer.citations)
        return cls(answer.question, answer.answer, tuple(articles))


@dataclass(frozen=True)
class Scope:
    """The part of the archive that a question is limited to; an empty scope is the whole archive.

    Attributes:
        articles: Ids; empty means any.
        authors: Names, or whole words of names such as a surname; case and accents do not matter; empty means any.
        since: First day of publication, ISO 8601, inclusive; leaves out articles without a date.
        until: Last day of publication, ISO 8601, inclusive; leaves out articles without a date.
        stretches: ``(article, start, end)`` in characters of the current version; empty means whole articles.
        outlets: Names, compared like those of authors; empty means any.
    """

    articles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    stretches: tuple[tuple[str, int, int], ...] = ()
    outlets: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != Scope()

    def touches(self, article: str, start: int, end: int) -> bool:
        """Whether ``text[start:end]`` of an article overlaps a stretch; always when there are none."""
        return not self.stretches or any(a == article and s < end and start < e for a, s, e in self.stretches)


@dataclass(frozen=True)
class Speaker:
    """Whose words a quote holds, and where the text says so (offsets in the cited version)."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Citation:
    """The address of a claim's evidence, with all that a reader needs to judge it.

    Attributes:
        marker: Counts from 1 within one answer.
        id: ``<article>@<version>:<start>-<end>``, or ``<article>@<version>#<field>`` for metadata.
        start: First character in the version's text; None for metadata that does not stand in the text.
        end: One past the last character; None with `start`.
        quote: ``text[start:end]``, or the stored value of the field.
        score: 0..1, how well this evidence answers the question.
    """

    marker: int
    id: str
    article: str
    version: str
    title: str | None
    author: str | None
    outlet: str | None
    published: str | None
    source: str | None
    page: int | None
    start: int | None
    end: int | None
    quote: str
    speaker: Speaker | None
    score: float


@dataclass(frozen=True)
class Reason:
    """Why a sentence got its verdict: what it claims, and what the evidence has."""

    kind: str
    claim: str
    evidence: str


@dataclass(frozen=True)
class Sentence:
    """A unit of an answer: ``answer[start:end] == text``, the marker not included."""

    text: str
    start: int
    end: int
    verdict: Verdict
    citations: tuple[int, ...]
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Timings:
    """Milliseconds of each step."""

    search: float = 0.0
    read: float = 0.0
    write: float = 0.0
    judge: float = 0.0
    total: float = 0.0


@dataclass(frozen=True)
class Answer:
    """What the assistant says, every sentence with its verdict and citations.

    Attributes:
        question: As typed.
        standalone_question: What was searched.
        outcome: What kind of answer this is.
        abstained: True for `false_premise`, `not_stated` and `nothing_found`.
        reason: None, or one sentence for the reader.
        missing: What a partial answer lacks.
        answer: Text with ``[1]`` markers; the abstention's text when nothing is cited.
        confidence: 0..1, how likely the best evidence answers the question; also when it abstained.
        sentences: In the order of `answer`.
        citations: In order of marker.
        nearest: Best first; filled when abstained.
        notes: What the reader should know of how the question was taken, a short text each: to which authors, outlets and
            dates it was limited, how many articles without a date that left out, and a language that the weights do not know.
    """

    question: str
    standalone_question: str
    outcome: Outcome
    abstained: bool
    reason: str | None
    missing: tuple[str, ...]
    answer: str
    mode: Mode
    confidence: float
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    nearest: tuple[Citation, ...]
    timings_ms: Timings
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The object that `onrecord ask --json` prints."""
        return asdict(self)


@dataclass(frozen=True)
class Part:
    """A piece of a streamed answer. The texts of all parts, joined, are ``answer.answer``.

    Attributes:
        text: The characters that this part adds, marker included.
        sentence: The judged sentence that this part carries, if it carries one.
        citations: The citations that this sentence brings in for the first time.
        answer: The whole answer; in the last part only.
        retrieved: The passages that were searched for it, best first, at most 10; in the last part only. Those of a question
            of several parts are merged by rank, one hit a passage. Empty when nothing was searched, as for an answer from
            metadata.
    """

    text: str
    sentence: Sentence | None = None
    citations: tuple[Citation, ...] = ()
    answer: Answer | None = None
    retrieved: tuple[Hit, ...] = ()


@dataclass(frozen=True)
class Cited:
    """What `onrecord cite` prints: the exact words of an address, in their context."""

    id: str
    status: Status
    quote: str
    before: str
    after: str
    article: str
    version: str
    title: str | None
    author: str | None
    outlet: str | None
    published: str | None
    source: str | None
    page: int | None
    start: int | None
    end: int | None


@dataclass(frozen=True)
class Found:
    """A passage that a search found.

    Attributes:
        id: Its address, ``<article>@<version>:<start>-<end>``.
        article: The id of the article that it stands in.
        start: First character in the version's text.
        end: One past the last character.
        text: ``text[start:end]`` of that version.
        score: Ranks within one search, no more.
    """

    id: str
    article: str
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True)
class SearchResults:
    """What `onrecord search` prints: the passages that are nearest to a query, best first."""

    query: str
    results: tuple[Found, ...]
