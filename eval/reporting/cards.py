"""One sample of a run as a report shows it: what is right beside what was said, and in one sentence what went wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from eval.metrics.registry import BY_NAME
from eval.reporting.answer_pieces import Said, pieces

State = Literal["failed", "wrong", "not scored", "right"]
STATES: tuple[State, ...] = ("failed", "wrong", "not scored", "right")
"""In the order in which a reader wants to see them."""
_Stretch = Mapping[str, Any]


@dataclass(frozen=True)
class Gold:
    """A stretch of gold evidence, and where the system had it: cited, among the nearest, in a passage, or nowhere."""

    place: str
    text: str
    met: tuple[str, ...]
    cited: bool


@dataclass(frozen=True)
class Source:
    """A citation: whether it overlaps gold evidence is None where there is none."""

    marker: int
    quote: str
    source: str
    place: str
    gold: bool | None


@dataclass(frozen=True)
class Passage:
    """A passage that was retrieved."""

    rank: int
    place: str
    score: float
    gold: bool | None


@dataclass(frozen=True)
class Scored:
    """A score with its reason; `bad` where it is as low as can be, or as high where lower is better."""

    name: str
    value: float
    reason: str
    bad: bool


@dataclass(frozen=True)
class Card:
    """A sample, ready to be shown; of one that failed, only the first four fields are known.

    Attributes:
        qid: Names it.
        state: What came of it.
        why: The same in a sentence.
        question: As asked.
        standalone: What was searched, where that is something else.
        history: Earlier questions and their answers.
        tags: Of the sample.
        outcome: What kind of answer it got.
        confidence: Of the answer.
        answerable: Whether the articles answer it; None when the set does not say.
        labels: Names and texts of what else the sample says is right.
        gold: Where the answer stands.
        said: The answer in its pieces.
        cited: What the answer cites.
        nearest: What it shows instead of an answer.
        notes: What the answer says it lacks, and how the question was taken.
        passages: What was retrieved, best first.
        scores: Every score that applies.
        unscored: Names and reasons of those that do not.
    """

    qid: str
    state: State
    why: str
    question: str
    standalone: str = ""
    history: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ()
    outcome: str = ""
    confidence: float | None = None
    answerable: bool | None = None
    labels: tuple[tuple[str, str], ...] = ()
    gold: tuple[Gold, ...] = ()
    said: tuple[Said, ...] = ()
    cited: tuple[Source, ...] = ()
    nearest: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()
    scores: tuple[Scored, ...] = ()
    unscored: tuple[tuple[str, str], ...] = field(default=())

    @property
    def answer(self) -> str:
        """The answer without its markers."""
        return " ".join(piece.text for piece in self.said)

    @property
    def expected(self) -> str:
        """What would have been right."""
        if self.answerable is False:
            return "an abstention: the articles do not say"
        wanted = [text for name, text in self.labels if name == "gold answer"]
        return "; ".join([*wanted, *(gold.text or gold.place for gold in self.gold)]) or "not known"


def card_of(record: Mapping[str, Any]) -> Card:
    """A line of ``answers.jsonl`` as a card."""
    question = record.get("question", record["qid"])
    if "error" in record:
        return Card(record["qid"], "failed", record["error"], question)
    sample, standalone = record.get("sample", {}), record.get("standalone_question", question)
    evidence = sample.get("evidence", ())
    scores = [(name, s["value"], s["reason"]) for name, s in record["scores"].items()]
    gold = tuple(_gold(stretch, record) for stretch in evidence)
    state = _state(record)
    return Card(
        qid=record["qid"],
        state=state,
        why=_why(state, record, gold),
        question=question,
        standalone=standalone if standalone != question else "",
        history=tuple((turn["q"], turn["a"]) for turn in sample.get("history", ())),
        tags=tuple(record.get("tags", ())),
        outcome=record["outcome"].replace("_", " "),
        confidence=record.get("confidence"),
        answerable=sample.get("answerable"),
        labels=tuple(_labels(sample)),
        gold=gold,
        said=tuple(pieces(record)),
        cited=tuple(_source(cited, evidence) for cited in record["citations"]),
        nearest=tuple(_source(cited, evidence) for cited in record.get("nearest", ())),
        notes=(*(f"missing: {text}" for text in record.get("missing", ())), *record.get("notes", ())),
        passages=tuple(
            Passage(rank, _place(hit["article"], hit), hit["score"], _is_gold(hit, evidence))
            for rank, hit in enumerate(record.get("retrieved", ()), 1)
        ),
        scores=tuple(
            Scored(name, value, reason, _bad(name, value)) for name, value, reason in scores if value is not None
        ),
        unscored=tuple((name, reason) for name, value, reason in scores if value is None),
    )


def choose(cards: Iterable[Card], most: int) -> tuple[list[Card], int]:
    """At most so many cards, the failed and wrong ones first, else in their order; and how many were left out."""
    kept: dict[State, list[Card]] = {state: [] for state in STATES}
    count = 0
    for card in cards:
        count += 1
        if len(kept[card.state]) < most:
            kept[card.state].append(card)
    chosen = [card for state in STATES for card in kept[state]][:most]
    return chosen, count - len(chosen)


def _state(record: Mapping[str, Any]) -> State:
    value = record["scores"].get("right", {}).get("value")
    if value is None:
        return "not scored"
    return "right" if value else "wrong"


def _why(state: State, record: Mapping[str, Any], gold: Sequence[Gold]) -> str:
    """What happened, in the words of somebody who looked into it."""
    reason = record["scores"].get("right", {}).get("reason", "no score")
    if state == "not scored":
        return f"Not scored: {reason}."
    if record.get("sample", {}).get("answerable") is False:
        kind = record["outcome"].replace("_", " ")
        return (
            f"It abstained, as it should ({kind})." if state == "right" else "It answered what the articles do not say."
        )
    if state == "right":
        return f"Gold evidence is cited: {reason}."
    if record["abstained"]:
        return f"It abstained from what the articles answer. {_where(gold)}".rstrip()
    if reason.endswith("sentences"):
        return f"The answer is too long to count: {reason}."
    if any(stretch.cited for stretch in gold):
        return "Gold evidence is cited, but not by one of the two best citations."
    return f"It answered from other sentences than the gold evidence. {_where(gold)}".rstrip()


def _where(gold: Sequence[Gold]) -> str:
    met = next((stretch.met for stretch in gold if stretch.met), ())
    if met:
        return f"The gold evidence was {', and '.join(met)}."
    return "The gold evidence was in no passage that was found." if gold else ""


def _gold(stretch: _Stretch, record: Mapping[str, Any]) -> Gold:
    here = (stretch,)
    cited = [f"cited [{c['marker']}]" for c in record["citations"] if _is_gold(c, here)]
    nearest = [f"shown as nearest [{c['marker']}]" for c in record.get("nearest", ()) if _is_gold(c, here)]
    ranks = [f"in passage {n}" for n, hit in enumerate(record.get("retrieved", ()), 1) if _is_gold(hit, here)]
    return Gold(
        _place(stretch["doc_id"], stretch), stretch.get("text") or "", (*cited, *nearest, *ranks[:1]), bool(cited)
    )


def _is_gold(found: _Stretch, evidence: Sequence[_Stretch]) -> bool | None:
    """Whether a stretch of an article shares a character with gold evidence; None without any."""
    start, end = found["start"], found["end"]
    if not evidence or start is None or end is None:
        return None if not evidence else False
    return any(e["doc_id"] == found["article"] and e["start"] < end and start < e["end"] for e in evidence)


def _place(article: str, stretch: _Stretch) -> str:
    return f"{article} {stretch['start']}–{stretch['end']}" if stretch["start"] is not None else article


def _labels(sample: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    answers = sample.get("answers", ())
    if sample.get("every_answer"):
        yield "gold answers, all of them", "; ".join(answers)
    else:
        yield from (("gold answer", text) for text in answers)
    yield from (("the articles lack", text) for text in sample.get("missing", ()))
    if sample.get("speaker") is not None:
        yield "speaker", sample["speaker"] or "nobody"
    yield from (("must not be obeyed", text) for text in sample.get("obeys", ()))
    yield from (("asked of", _place(s["doc_id"], s)) for s in sample.get("scope", ()))


def _source(cited: Mapping[str, Any], evidence: Sequence[_Stretch]) -> Source:
    speaker = (cited.get("speaker") or {}).get("name")
    told = (cited.get("title"), cited.get("author"), cited.get("outlet"), cited.get("published"))
    source = ", ".join(str(part) for part in told if part)
    spoken = f"{speaker}, in: " if speaker else ""
    return Source(
        cited["marker"],
        cited["quote"],
        spoken + (source or cited["article"]),
        _place(cited["article"], cited),
        _is_gold(cited, evidence),
    )


def _bad(name: str, value: float) -> bool:
    metric = BY_NAME.get(name)
    return value == (1.0 if metric and metric.lower_is_better else 0.0)
