"""What a metric looks at: a sample, what a system answered, and what a judge says of each claim of that answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from assistant import Answer, Citation
from assistant.retrieval import Hit
from assistant.types import Verdict
from eval.samples import Sample


@dataclass(frozen=True)
class Score:
    """One value, 0..1, with its reason; a value of None means unscored, which is not the same as 0."""

    value: float | None
    reason: str


@dataclass(frozen=True)
class Claim:
    """A sentence of an answer that claims something, judged anew against what it cites.

    Attributes:
        text: The sentence.
        cited: The verdict of all its citations, read together; ``unsupported`` when it has none.
        found: The verdict of what it cites and of all that was retrieved.
        useful: For each citation, whether it bears the claim out alone, or the others do not without it.
    """

    text: str
    cited: Verdict
    found: Verdict
    useful: tuple[bool, ...]


@dataclass(frozen=True)
class Case:
    """All that is known of one answer.

    Attributes:
        sample: What was asked, and what is right.
        answer: What the system said.
        hits: The passages that it retrieved, best first.
        quotes: What stands at each address of the answer; None where an address does not resolve.
        claims: Its sentences that claim something.
        gold_passages: How many of all passages that are searched overlap gold evidence.
    """

    sample: Sample
    answer: Answer
    hits: Sequence[Hit] = ()
    quotes: Mapping[str, str | None] = field(default_factory=dict)
    claims: Sequence[Claim] = ()
    gold_passages: int = 0

    @property
    def wants_evidence(self) -> bool:
        """Whether the sample can be answered, and says from where."""
        return bool(self.sample.answerable and self.sample.evidence)

    @property
    def text(self) -> str:
        """What is said, without markers; empty when the answer is that the articles do not say."""
        return " ".join(sentence.text for sentence in self.answer.sentences)

    def is_gold(self, cited: Citation) -> bool:
        """Whether a citation shares a character with gold evidence."""
        placed = cited.start is not None and cited.end is not None
        return placed and self.sample.is_gold(cited.article, cited.start or 0, cited.end or 0)


HELD: frozenset[Verdict] = frozenset(("quoted", "supported"))
"""The verdicts of a claim that is borne out."""
Metric = Callable[[Case], Score]
