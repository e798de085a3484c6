"""What the claim reader learns from: a claim, the evidence that is read for it, whether that bears it out, and which words are wrong.

Four kinds: sentences of articles, as they are, reworded or spoilt; questions with their right, wrong or plausible answers as
statements; answers that people wrote over passages; and pairs that people labelled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from assistant.grounding.relevant import relevant
from assistant.terms import stems
from assistant.training.questions import hash_share, held_out, read_questions
from assistant.training.spoiling import Edit, Spoiler, edited
from ingest.json_lines import read_json_lines
from ingest.splitting import split_sentences

CORPORA = ("squad2_dev", "nq_oracle", "quac_val", "clapnq_dev", "inscit_dev")
LABELLED = ("begin", "summedits_news")
OFTEN = {"summedits_news": 3, "begin": 1}
"""How often a labelled pair comes in one round: the fewer there are of the hard ones, the oftener."""
_AROUND = 24
"""Sentences of an article, around the true one, among which the evidence is looked for."""
_SHORTEST, _LONGEST = 30, 420


@dataclass(frozen=True)
class Case:
    """A claim with the sentences that it is to be judged by.

    Attributes:
        source: Where it is from.
        claim: One sentence or a few.
        sentences: Of an article, or of the part of one around the true sentence.
        supported: Whether they bear it out.
        wrong: Which characters of the claim are wrong; None when that is not known.
    """

    source: str
    claim: str
    sentences: tuple[str, ...]
    supported: bool
    wrong: tuple[tuple[int, int], ...] | None = None

    @property
    def evidence(self) -> str:
        """What of the sentences the product would read for the claim."""
        return " ".join(self.sentences[i] for i in relevant(self.claim, self.sentences))


def kept_out(context: str) -> bool:
    """Whether a labelled pair's context is kept for the report: half of all contexts."""
    return hash_share(context) < 0.5


def sentences_of(text: str) -> tuple[str, ...]:
    """The sentences of a text."""
    return tuple(text[a:b] for a, b in split_sentences(text))


def documents(sets: Path, *, held: bool = False) -> dict[str, list[tuple[str, ...]]]:
    """For each corpus the sentences of each article that is not kept out, or that is."""
    return {
        name: [
            sentences_of(record["text"])
            for _, record in read_json_lines(sets / name / "corpus.jsonl")
            if held_out(record["doc_id"]) == held
        ]
        for name in CORPORA
    }


def from_articles(articles: Sequence[tuple[str, ...]], spoiler: Spoiler, random: Random, count: int) -> Iterator[Case]:
    """Sentences of articles: a third as they are or reworded, two thirds spoilt, half of those reworded too."""
    places = [
        (a, i) for a, sentences in enumerate(articles) for i, s in enumerate(sentences) if _SHORTEST < len(s) < _LONGEST
    ]
    for a, i in random.sample(places, min(count, len(places))):
        sentences = articles[a]
        low = max(0, i - random.randrange(_AROUND))
        around = sentences[low : low + _AROUND]
        elsewhere = articles[random.randrange(len(articles))]
        others = [s for s in around if s != sentences[i]] + list(elsewhere[:3])
        reworded = spoiler.harmless(sentences[i]) if random.random() < 0.6 else []
        wrong: list[Edit] = []
        if random.random() < 0.55:
            wrong = spoiler.wrong(sentences[i], others)
            if random.random() < 0.15:
                wrong += spoiler.wrong(sentences[i], others)
            if not wrong:
                continue
        claim, spans = edited(sentences[i], [*wrong, *reworded])
        if random.random() < 0.1:
            claim = claim.lower() if len(claim.lower()) == len(claim) else claim
        yield Case("articles", claim, around, not wrong, spans if wrong else ())
        if random.random() < 0.06:  # the true sentence, and nothing that says so
            yield Case("absent", claim, tuple(s for s in around if s != sentences[i]) or ("",), False)


def from_questions(sets: Path, random: Random, *, held: bool = False) -> Iterator[Case]:
    """Questions with answers as statements: right ones, and those that mislead."""
    for name in ("squad2_dev", "nq_oracle"):
        texts = {r["doc_id"]: r["text"] for _, r in read_json_lines(sets / name / "corpus.jsonl")}
        for record in read_questions(sets / name / "questions.jsonl"):
            if held_out(record["document"]) != held or record["document"] not in texts:
                continue
            meta, text = record["meta"], texts[record["document"]]
            if "para_start" in meta:
                text = text[meta["para_start"] : meta["para_end"]]
            yield from _stated(name, record, sentences_of(text), random)


def _stated(name: str, record: dict[str, Any], sentences: tuple[str, ...], random: Random) -> Iterator[Case]:
    question, answers = record["question"], record["answers"] or record["meta"].get("plausible_answers") or []
    if not answers or not sentences:
        return
    answer = random.choice(answers)
    claim, span = statement(question, answer)
    if record["answerable"]:
        yield Case(name, claim, sentences, True, ())
        other = _other_answer(answer, question, sentences, random)
        if other and random.random() < 0.6:
            claim, span = statement(question, other)
            yield Case(name, claim, sentences, False, (span,))
    else:
        yield Case(name, claim, sentences, False)


_ASKED = "year|date|city|country|type|kind|number|percentage|state|century|place|name|person|group|day"
_WH = re.compile(
    rf"\b(?:(?:in|on|at|by|to|for|from|of|with|during) )?(?:what|which|whose)(?: (?:{_ASKED}))?\b"
    r"|\b(?:who|whom|when|where|why)\b|\bhow (?:many|much|long|old|far|often|large)?\b",
    re.IGNORECASE,
)
_LINK = re.compile(r"^(?:is|was|are|were) (?P<rest>.+)$", re.IGNORECASE)
_AUX = re.compile(r"^(?:did|does|do) (?P<rest>.+)$", re.IGNORECASE)


def statement(question: str, answer: str) -> tuple[str, tuple[int, int]]:
    """A question with its answer as something like a statement, and where the answer stands in it.

    "Who wrote it?" and "Ann" give "Ann wrote it."; "What is the capital?" gives "the capital is Ann."; where the word order
    would have to change the answer is set behind: "the dynasty end: 1234". The grammar suffers; the meaning does not.
    """
    asked = question.strip().rstrip("?").strip()
    answer = answer.strip().rstrip(".")
    found = _WH.search(asked)
    if found is None:
        return f"{asked}: {answer}.", (len(asked) + 2, len(asked) + 2 + len(answer))
    before, after = asked[: found.start()].strip(), asked[found.end() :].strip()
    link, aux = _LINK.match(after), _AUX.match(after)
    if not before and link and " " in link["rest"] and found[0].lower() in ("what", "who", "where", "when"):
        front = f"{link['rest']} {after.split()[0]} "
    elif not before and aux:
        front = f"{aux['rest']}: "
    else:
        front = f"{before} " if before else ""
        return f"{front}{answer} {after}.", (len(front), len(front) + len(answer))
    return f"{front}{answer}.", (len(front), len(front) + len(answer))


_SPAN = re.compile(r"\b[A-Z][\w’'-]+(?: (?:of |the )?[A-Z][\w’'-]+)*|\b\d[\d,.]*\b(?: [a-z]+)?")


def _other_answer(answer: str, question: str, sentences: Sequence[str], random: Random) -> str | None:
    """A name for a name and a number for a number from the same paragraph; for others a stretch of about as many words."""
    known = set(stems(answer)) | set(stems(question))
    text = " ".join(sentences)
    digits = any(map(str.isdigit, answer))
    pool = [
        m[0] for m in _SPAN.finditer(text) if any(map(str.isdigit, m[0])) == digits and not known & set(stems(m[0]))
    ]
    if (answer[:1].isupper() or digits) and pool:
        return random.choice(pool)
    words = text.split()
    size = min(answer.count(" ") + 1, 8)
    start = random.randrange(max(1, len(words) - size))
    other = " ".join(words[start : start + size])
    return other if not known & set(stems(other)) else None


def from_answers(sets: Path) -> Iterator[Case]:
    """Answers that people wrote over passages of their own choice, sentence by sentence."""
    for name in ("clapnq_dev", "inscit_dev"):
        for record in read_questions(sets / name / "questions.jsonl", follow_ups=True):
            if held_out(record["document"]) or not record["answerable"]:
                continue
            evidence = tuple(s for e in record["evidence"] for s in sentences_of(e["text"]))
            for answer in record["answers"][:1]:
                for claim in sentences_of(answer):
                    if len(claim) > _SHORTEST and evidence:
                        yield Case(name, claim, evidence, True, ())


def labelled(sets: Path) -> Iterator[Case]:
    """Pairs that people labelled and whose contexts are not kept out; a claim of several sentences counts as one."""
    for name in LABELLED:
        for _, record in read_json_lines(sets / name / "pairs.jsonl"):
            if record["label"] is not None and not kept_out(record["context"]):
                sentences = sentences_of(record["context"])
                for _ in range(OFTEN[name]):
                    yield Case(name, record["claim"], sentences, bool(record["label"]), () if record["label"] else None)
