"""A run: a suite's questions asked, a few at a time, and each answer written to disk, in the questions' order."""

from __future__ import annotations

import json
import logging
import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant import Settings
from assistant.citations import look_up
from assistant.grounding.judge import load_judge
from eval.examining import Examiner
from eval.metrics.registry import scores_of
from eval.run_folder import ANSWERS, add_fingerprint, claim, earlier, put_in_order
from eval.samples import Checked, Sample, Suite
from eval.systems import OURS, System, opener
from ingest.archive import Archive
from ingest.errors import CitationNotFound, DatasetError, IndexMissing, OnRecordError
from ingest.pipeline import Progress, ingest

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

logger = logging.getLogger(__name__)

WORKERS = min(4, os.cpu_count() or 1)
"""Threads that answer."""
IN_THE_MAKING = 8 * WORKERS
"""Most questions that were given to the threads and whose answers are not written: a slow one does not hold up the others."""


def run(
    suite: Suite,
    out: Path,
    home: Path,
    progress: Progress,
    system: str = OURS,
    llm: LLM | None = None,
    settings: Settings | None = None,
) -> int:
    """Asks a suite's questions, and says how many there are; what an interrupted run of the same suite did is kept.

    The answers' timings are of questions answered beside others; how long one alone takes, `eval.latency` measures.

    Args:
        suite: What to ask.
        out: Folder of the run; ``answers.jsonl`` in it gets a line a question.
        home: Where the suite's corpus is ingested to.
        progress: Told of passages encoded and questions answered, those of an interrupted run first.
        system: Who answers: a name of `eval.systems.SYSTEMS`.
        llm: A language model for a system that needs one.
        settings: None for those of the home.

    Raises:
        DatasetError: The suite is wrong, the home holds other articles, or `out` holds a run of something else.
    """
    opened = opener(system, llm)
    checked = suite.check()
    settings = settings or Settings.load(home)
    _refuse_other_articles(home, checked)
    claim(out, suite, checked, settings, system, llm.metadata.model_name if llm else None)
    report = ingest(home, suite.articles(), settings.ingest, progress)
    if report.failed:
        raise DatasetError(f"The corpus of {suite.name} cannot be ingested: {report.failed[0].reason}")
    add_fingerprint(out, home)
    answers = out / ANSWERS
    done = earlier(answers)
    progress("questions", len(done), checked.questions)
    if len(done) < checked.questions:
        left = (sample for sample in suite.samples() if sample.qid not in done)
        with opened(home, settings, llm) as answering, _examiner(home, settings) as examiner:
            answering.warm_up()
            with (
                answers.open("a", encoding="utf-8") as file,
                closing(_asked(answering, examiner, left)) as asked,
            ):
                for number, record in enumerate(asked, len(done) + 1):
                    file.write(json.dumps(record, ensure_ascii=False) + "\n")
                    file.flush()
                    progress("questions", number, checked.questions)
    if done:
        put_in_order(answers, suite)
    return checked.questions


def ask(system: System, examiner: Examiner, sample: Sample) -> dict[str, Any]:
    """The answer to one sample as a record: the answer's fields, `qid`, `tags`, `sample`, `retrieved`, `claims` and `scores`."""
    try:
        answered = system.answer(sample)
        case = examiner.examine(sample, answered)
        scores = scores_of(case)
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
        for hit in answered.hits
    ]
    return {
        "qid": sample.qid,
        **answered.answer.to_json(),
        "retrieved": retrieved,
        "tags": sample.tags,
        "sample": sample.model_dump(mode="json", exclude={"qid", "question", "tags"}, exclude_defaults=True),
        "claims": [asdict(claim) for claim in case.claims],
        "scores": {name: asdict(score) for name, score in scores.items()},
    }


@contextmanager
def _examiner(home: Path, settings: Settings) -> Iterator[Examiner]:
    """Judges without a language model, so that the same answers get the same scores."""
    archive = Archive(home)

    def quote_at(address: str) -> str | None:
        try:
            return look_up(archive, address).quote
        except CitationNotFound:
            return None

    try:
        yield Examiner(load_judge(settings.grounding), quote_at, lambda ids: archive.passages("article", ids))
    finally:
        archive.close()


def _asked(system: System, examiner: Examiner, samples: Iterable[Sample]) -> Generator[dict[str, Any]]:
    """The records of all samples, in their order; closed early, it waits for those that are being answered, and drops them."""
    waiting: deque[Future[dict[str, Any]]] = deque()
    pool = ThreadPoolExecutor(WORKERS if system.at_once else 1, "question")
    try:
        for sample in samples:
            waiting.append(pool.submit(ask, system, examiner, sample))
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
