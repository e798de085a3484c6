"""Samples drafted from somebody's own articles, by rule and to be corrected by hand.

The questions ask for what single sentences state, in the manner of Heilman and Smith 2010, "Good Question! Statistical Ranking
for Question Generation": a clause is found, what answers is cut out of it, and the rest is turned into a question. A sentence
that no rule reads with good confidence gives none. Nothing drafted is gold before somebody has read it: each has the tag `DRAFT`.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from eval.asking.drafts import Draft
from eval.asking.facts import questions_of
from eval.asking.follow_ups import follow_up
from eval.asking.metadata import about_record
from eval.asking.sentences import Reading
from eval.asking.spoken import who_said
from eval.asking.unstated import Unstated
from eval.samples import CORPUS, DRAFT, MAX_FILE_BYTES, QUESTIONS
from ingest.errors import DatasetError
from ingest.loading import Article, Failure, load, load_corpus
from ingest.manifest import MANIFEST

MOST = 60
_KINDS = ("reason", "number", "follow-up", "date", "who-says-it", "fact", "near-miss", "metadata")
_SHARE = {"near-miss": 6, "follow-up": 6, "metadata": 8, "who-says-it": 4}
"""Of the kinds that would else crowd out the others, one in so many samples at most."""
_OFF_TOPIC = 3
_SPARE = 8
"""So many drafts are made for each that is wanted, then no more articles are read for questions."""
_README = """# A drafted suite

These questions were made by rule from the sentences of the articles in `corpus.jsonl`. Nobody has checked them yet, so what they
measure is worth little until you have.

For each line of `questions.jsonl`:

1. Read the question. Delete the line if nobody would ask it; else put it into the words that you would use.
2. Correct `answers`, and `evidence`: `text` must be exactly what stands at `start` to `end` of the article.
3. Correct `answerable`. Of `near-miss` and `off-topic` it is false, and `evidence` is empty: make sure that no article answers.
4. When it is right, delete the tag `"draft"` from `tags`.

Then measure: `onrecord eval run {folder}`
"""


@dataclass(frozen=True)
class Drafted:
    """What `write_suite` wrote, and what it could not read."""

    folder: Path
    samples: int
    kinds: dict[str, int]
    failed: tuple[Failure, ...]


def draft(articles: Sequence[Article], most: int = MOST, seed: int = 13) -> list[dict[str, Any]]:
    """At most `most` samples in the form of ``questions.jsonl``, spread over articles and kinds; the same for the same seed."""
    readings = [Reading(article) for article in articles]
    Random(seed).shuffle(readings)
    silent = Unstated(readings)
    pools: dict[str, list[Draft]] = defaultdict(list)
    for reading in readings:
        for found in _of_article(reading, silent):
            pools[found.kind].append(found)
        if sum(map(len, pools.values())) >= most * _SPARE:
            break
    if not pools:
        return []
    other = list(silent.off_topic())[: min(_OFF_TOPIC, most // 10)]
    chosen = _spread(pools, most - len(other))
    chosen += other[: max(1, len(chosen) // 4)]
    texts = {article.id: article.text for article in articles}
    numbers: Counter[str] = Counter()
    samples = []
    for found in sorted(chosen, key=lambda d: (*_KINDS, "off-topic").index(d.kind)):
        numbers[found.kind] += 1
        samples.append(_sample(found, f"{found.kind}-{numbers[found.kind]}", texts))
    return samples


def _of_article(reading: Reading, silent: Unstated) -> Iterator[Draft]:
    """All drafts of one article."""
    asked: list[Draft] = []
    for sentence in reading.sentences():
        said = who_said(sentence)
        asked += [said] if said else list(questions_of(sentence))
    yield from asked
    yield from (found for one in asked if (found := follow_up(one, reading)))
    yield from silent.near_misses(reading)
    yield from about_record(reading.article)


def _spread(pools: dict[str, list[Draft]], most: int) -> list[Draft]:
    """Kind by kind in turn, each time from the article that has given least; a sentence and a question are used once."""
    chosen: list[Draft] = []
    given: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    asked: set[str] = set()
    used: set[tuple[str, tuple[int, int]]] = set()
    while len(chosen) < most:
        before = len(chosen)
        for kind in _KINDS:
            pool = [
                d
                for d in pools[kind]
                if d.question.casefold() not in asked and not any((d.article, e) in used for e in d.evidence)
            ]
            if not pool or _is_full(kind, kinds, most) or len(chosen) == most:
                continue
            best = min(pool, key=lambda d: given[d.article])
            chosen.append(best)
            given[best.article] += 1
            kinds[kind] += 1
            asked.add(best.question.casefold())
            used.update((best.article, e) for e in best.evidence)
        if len(chosen) == before:
            break
    return chosen


def _is_full(kind: str, kinds: Counter[str], most: int) -> bool:
    """Whether there are enough of a kind: at most its share, and fewer near misses than what the articles do answer."""
    if kind == "near-miss" and 2 * kinds[kind] >= max(2, kinds.total() - kinds[kind]):
        return True
    return kind in _SHARE and kinds[kind] >= max(1, most // _SHARE[kind])


def _sample(found: Draft, qid: str, texts: dict[str, str]) -> dict[str, Any]:
    sample = {
        "qid": qid,
        "question": found.question,
        "history": [{"q": q, "a": a} for q, a in found.history],
        "answers": [found.answer] if found.answer else [],
        "answerable": bool(found.evidence),
        "evidence": [_stretch(found.article, a, b, texts[found.article]) for a, b in found.evidence],
        "tags": [found.kind, DRAFT],
    }
    return {**sample, "speaker": found.speaker} if found.speaker else sample


def _stretch(article: str, start: int, end: int, text: str) -> dict[str, Any]:
    """The evidence without the spaces and line ends around it."""
    words = text[start:end]
    start, end = start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())
    return {"doc_id": article, "start": start, "end": end, "text": text[start:end]}


def write_suite(paths: Sequence[Path], folder: Path | None = None, most: int = MOST) -> Drafted:
    """Drafts samples from files, folders, manifests and ``corpus.jsonl`` files, and writes them as a suite.

    Args:
        paths: What to read.
        folder: Where the suite goes; by default ``<name of the first path>-suite`` here.
        most: Samples at most.

    Raises:
        DatasetError: There are questions in the folder already, no article can be read, or nothing can be drafted.
    """
    name = paths[0].resolve()
    out = folder or Path(f"{name.stem if name.is_file() else name.name}-suite")
    if (out / QUESTIONS).exists():
        raise DatasetError(f"{out / QUESTIONS}: exists and may hold your corrections; name another --out.")
    articles, failed = _read(paths)
    if not articles and failed:
        raise DatasetError(f"No article could be read. {failed[0].reason}")
    samples = draft(articles, most)
    if not samples:
        raise DatasetError("No sentence that a question can be made from; name more articles, of English prose.")
    kinds = dict(Counter(sample["tags"][0] for sample in samples))
    try:
        out.mkdir(parents=True, exist_ok=True)
        _write(out / CORPUS, ({"doc_id": a.id, "title": a.title, "text": a.text} for a in articles))
        _write(out / QUESTIONS, samples)
        (out / "README.md").write_text(_README.format(folder=out), encoding="utf-8")
    except OSError as error:
        raise DatasetError(f"{out}: no suite can be kept there ({error.strerror}); name another --out.") from error
    return Drafted(out, len(samples), kinds, failed)


def _read(paths: Sequence[Path]) -> tuple[list[Article], tuple[Failure, ...]]:
    """The articles, each once, and what could not be read."""
    articles: dict[str, Article] = {}
    failed = []
    for path in paths:
        for found in _each(path):
            if isinstance(found, Failure):
                failed.append(found)
            else:
                articles.setdefault(found.id, found)
    return list(articles.values()), tuple(failed)


def _each(path: Path) -> Iterator[Article | Failure]:
    if path.suffix.lower() != ".jsonl" or path.name == MANIFEST:
        yield from load([path], MAX_FILE_BYTES)
        return
    try:
        yield from load_corpus(path)
    except DatasetError as error:
        yield Failure(str(path), str(error))


def _write(path: Path, records: Iterable[dict[str, Any]]) -> None:
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    path.write_text(text, encoding="utf-8", newline="")


def show(drafted: Drafted) -> str:
    """How many there are of each kind, where they are, and what to do with them."""
    kinds = ", ".join(f"{count} {kind}" for kind, count in drafted.kinds.items())
    readme = drafted.folder / "README.md"
    return f"{drafted.samples} drafts: {kinds}\n{drafted.folder / QUESTIONS}\nCorrect them first, as {readme} says."
