"""A run: a suite's questions asked one after the other, each answer written to disk before the next is asked."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from assistant import Assistant, Settings
from eval.answer_metrics import METRICS
from eval.report import summary
from eval.samples import Sample, Suite
from ingest.archive import Archive
from ingest.errors import DatasetError, IndexMissing, OnRecordError
from ingest.loading import Failure
from ingest.pipeline import Progress, ingest

logger = logging.getLogger(__name__)

RETRIEVED = 10
ANSWERS = "answers.jsonl"


def run(suite: Suite, out: Path, home: Path, progress: Progress) -> Iterator[dict[str, Any]]:
    """Each sample's record in short (`eval.report.summary`); what an interrupted run of the same suite did is kept.

    Args:
        suite: What to ask.
        out: Folder of the run; ``answers.jsonl`` in it gets a line a question.
        home: Where the suite's corpus is ingested to.
        progress: Told of passages encoded and questions answered.

    Raises:
        DatasetError: The suite is wrong, the home holds other articles, or `out` holds a run of something else.
    """
    count = suite.check()
    settings = Settings.load(home)
    _refuse_other_articles(suite, home)
    _claim(out, suite, settings)
    report = ingest(home, suite.articles(), settings.ingest, progress)
    if report.failed:
        raise DatasetError(f"The corpus of {suite.name} cannot be ingested: {report.failed[0].reason}")
    answers = out / ANSWERS
    done = _earlier(answers)
    with Assistant.open(home, settings) as assistant, answers.open("a", encoding="utf-8") as file:
        assistant.warm_up()
        for number, sample in enumerate(suite.samples(), 1):
            if sample.qid not in done:
                record = ask(assistant, sample)
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
                file.flush()
                done[sample.qid] = summary(record)
            progress("questions", number, count)
            yield done[sample.qid]


def ask(assistant: Assistant, sample: Sample) -> dict[str, Any]:
    """The answer to one sample as a record: the answer's fields, `qid`, `tags`, `retrieved` and `scores`."""
    try:
        answer = assistant.answer(sample.question, sample.turns, sample.asked_of)
        hits = assistant.search(answer.standalone_question, RETRIEVED, sample.asked_of)
        scores = {name: asdict(metric(sample, answer, assistant)) for name, metric in METRICS.items()}
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
    return {"qid": sample.qid, **answer.to_json(), "retrieved": retrieved, "tags": sample.tags, "scores": scores}


def _refuse_other_articles(suite: Suite, home: Path) -> None:
    """A home that holds anything but the suite's corpus is refused, so that answers come from that alone."""
    own = {article.id for article in suite.articles() if not isinstance(article, Failure)}
    try:
        archive = Archive(home)
    except IndexMissing:
        return
    other = [info.article for info in archive.articles() if info.article not in own]
    archive.close()
    if other:
        raise DatasetError(
            f"{home} holds other articles than the suite's ({other[0]}, …); leave --home out, or name an empty folder."
        )


def _claim(out: Path, suite: Suite, settings: Settings) -> None:
    """Notes what this run is of, or refuses a folder that holds a run of something else."""
    note = {
        "suite": suite.name,
        "suite_sha256": suite.digest(),
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


def _earlier(answers: Path) -> dict[str, dict[str, Any]]:
    """What an interrupted run has answered, in short; half a line and failed questions are cut out, to be asked again."""
    done: dict[str, dict[str, Any]] = {}
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
                done[record["qid"]] = summary(record)
    kept.replace(answers)
    return done
