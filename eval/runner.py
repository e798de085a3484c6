"""A run: a suite's questions asked, a few at a time, and each answer written to disk, in the questions' order."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from assistant import Answer, Assistant, Settings
from assistant.retrieval import Hit
from eval import answer_metrics, retrieval_metrics
from eval.samples import Checked, Sample, Suite
from ingest.archive import Archive
from ingest.errors import DatasetError, IndexMissing, OnRecordError
from ingest.pipeline import Progress, ingest

logger = logging.getLogger(__name__)

RETRIEVED = 10
ANSWERS = "answers.jsonl"
WORKERS = min(4, os.cpu_count() or 1)
"""Threads that answer."""
IN_THE_MAKING = 8 * WORKERS
"""Most questions that were given to the threads and whose answers are not written: a slow one does not hold up the others."""


def run(suite: Suite, out: Path, home: Path, progress: Progress) -> int:
    """Asks a suite's questions, and says how many there are; what an interrupted run of the same suite did is kept.

    The answers' timings are of questions answered beside others; how long one alone takes, `eval.latency` measures.

    Args:
        suite: What to ask.
        out: Folder of the run; ``answers.jsonl`` in it gets a line a question.
        home: Where the suite's corpus is ingested to.
        progress: Told of passages encoded and questions answered, those of an interrupted run first.

    Raises:
        DatasetError: The suite is wrong, the home holds other articles, or `out` holds a run of something else.
    """
    checked = suite.check()
    settings = Settings.load(home)
    _refuse_other_articles(home, checked)
    _claim(out, suite, checked, settings)
    report = ingest(home, suite.articles(), settings.ingest, progress)
    if report.failed:
        raise DatasetError(f"The corpus of {suite.name} cannot be ingested: {report.failed[0].reason}")
    answers = out / ANSWERS
    done = _earlier(answers)
    progress("questions", len(done), checked.questions)
    if len(done) < checked.questions:
        left = (sample for sample in suite.samples() if sample.qid not in done)
        with (
            Assistant.open(home, settings) as assistant,
            answers.open("a", encoding="utf-8") as file,
            closing(_asked(assistant, left)) as asked,
        ):
            assistant.warm_up()
            for number, record in enumerate(asked, len(done) + 1):
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
                file.flush()
                progress("questions", number, checked.questions)
    if done:
        _put_in_order(answers, suite)
    return checked.questions


def records(out: Path) -> Iterator[dict[str, Any]]:
    """The lines of a run's ``answers.jsonl``, one at a time."""
    with (out / ANSWERS).open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def ask(assistant: Assistant, sample: Sample) -> dict[str, Any]:
    """The answer to one sample as a record: the answer's fields, `qid`, `tags`, `retrieved` and `scores`."""
    try:
        answer, hits = _answered(assistant, sample)
        scores = {name: metric(sample, answer, assistant) for name, metric in answer_metrics.METRICS.items()}
        scores |= {name: metric(sample, hits) for name, metric in retrieval_metrics.METRICS.items()}
    except OnRecordError as error:
        return {"qid": sample.qid, "error": str(error)}
    except Exception as error:  # one question must not end a run of thousands; the log has the traceback
        logger.exception("question %s failed", sample.qid)
        return {"qid": sample.qid, "error": f"{type(error).__name__}: {error}"}
    retrieved = [
        {
            "article": hit.passage.article,
            "start": hit.passage.start,
            "end": hit.passage.end,
            "score": round(hit.score, 4),
        }
        for hit in hits
    ]
    of_scores = {name: asdict(score) for name, score in scores.items()}
    return {"qid": sample.qid, **answer.to_json(), "retrieved": retrieved, "tags": sample.tags, "scores": of_scores}


def _answered(assistant: Assistant, sample: Sample) -> tuple[Answer, tuple[Hit, ...]]:
    """The answer, and what was searched for it; an answer from metadata alone is searched for afterwards."""
    last = deque(assistant.stream(sample.question, sample.turns, sample.asked_of), maxlen=1).pop()
    if last.answer is None:
        raise RuntimeError("a stream ended without its answer")
    found = last.retrieved or assistant.search(last.answer.standalone_question, RETRIEVED, sample.asked_of)
    return last.answer, found


def _asked(assistant: Assistant, samples: Iterable[Sample]) -> Generator[dict[str, Any]]:
    """The records of all samples, in their order; closed early, it waits for those that are being answered, and drops them."""
    waiting: deque[Future[dict[str, Any]]] = deque()
    pool = ThreadPoolExecutor(WORKERS, "question")
    try:
        for sample in samples:
            waiting.append(pool.submit(ask, assistant, sample))
            if len(waiting) == IN_THE_MAKING:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _refuse_other_articles(home: Path, own: Checked) -> None:
    """A home that holds anything but the suite's corpus is refused, so that answers come from that alone."""
    try:
        archive = Archive(home)
    except IndexMissing:
        return
    other = [info.article for info in archive.articles() if info.article not in own.articles]
    archive.close()
    if other:
        raise DatasetError(
            f"{home} holds other articles than the suite's ({other[0]}, …); leave --home out, or name an empty folder."
        )


def _claim(out: Path, suite: Suite, checked: Checked, settings: Settings) -> None:
    """Notes what this run is of, or refuses a folder that holds a run of something else."""
    note = {
        "suite": suite.name,
        "suite_sha256": checked.sha256,
        "settings": settings.model_dump(mode="json"),
        "onrecord": version("onrecord"),
        "reader_sha256": hashlib.sha256(files("assistant").joinpath("weights/reader.json").read_bytes()).hexdigest(),
    }
    file = out / "run.json"
    if file.is_file() and json.loads(file.read_text(encoding="utf-8")) != note:
        raise DatasetError(
            f"{out} holds a run of another suite, release or settings; name another --out, or remove the folder."
        )
    out.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")


def _earlier(answers: Path) -> set[str]:
    """What an interrupted run has answered, by qid; half a line and failed questions are cut out, to be asked again."""
    done: set[str] = set()
    if not answers.is_file():
        return done
    kept = answers.with_suffix(".kept")
    with answers.open("rb") as file, kept.open("wb") as keep:
        for line in file:
            try:
                record = json.loads(line)
            except ValueError:
                break
            if line.endswith(b"\n") and "error" not in record:
                keep.write(line)
                done.add(record["qid"])
    kept.replace(answers)
    return done


def _put_in_order(answers: Path, suite: Suite) -> None:
    """Moves what was asked again to where its question stands; a kill leaves the file as it was."""
    starts, start = {}, 0
    ordered = answers.with_suffix(".ordered")
    with answers.open("rb") as file, ordered.open("wb") as to:
        for line in file:
            starts[json.loads(line)["qid"]] = start
            start += len(line)
        for sample in suite.samples():
            file.seek(starts[sample.qid])
            to.write(file.readline())
    ordered.replace(answers)
