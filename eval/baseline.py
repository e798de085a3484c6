"""Baselines: the scores of a run that later runs of its suite must not fall below."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from assistant.writing import write_atomically
from eval.comparison import Row, read_rows
from eval.run_folder import missing
from eval.samples import Suite, shipped_suites
from ingest.errors import DatasetError

BASELINE = "baseline.jsonl"


def find_baseline(suite: Suite) -> Path | None:
    """The baseline beside a suite's questions, or that of the shipped suite whose questions they are; None without one.

    So a copy of a shipped suite, whatever was changed in it, is still held to that suite's baseline.
    """
    own = suite.questions.parent / BASELINE
    if own.is_file():
        return own
    asked = {(sample.qid, sample.question) for sample in suite.samples()}
    for shipped in shipped_suites():
        beside = shipped.questions.parent / BASELINE
        if beside.is_file() and asked & {(sample.qid, sample.question) for sample in shipped.samples()}:
            return beside
    return None


def accept(run: Path, to: Path) -> int:
    """Makes a run the baseline, and says of how many samples.

    Args:
        run: A run's folder, or a baseline file to copy.
        to: ``baseline.jsonl`` beside the suite's questions.

    Raises:
        DatasetError: The run is not finished, or a question of it failed; or the file cannot be written.
    """
    if run.is_dir() and (short := missing(run)):
        raise DatasetError(
            f"{run}: {short}, so it is no baseline; finish it: the same onrecord eval run, with --out {run}"
        )
    return write_baseline(read_rows(run), to)


def write_baseline(rows: Iterable[Row], to: Path) -> int:
    """Writes rows as a baseline, and says how many.

    Raises:
        DatasetError: There is nothing to keep, or the file cannot be written.
    """
    lines = [json.dumps(row.to_json(), ensure_ascii=False) + "\n" for row in rows]
    if not lines:
        raise DatasetError(f"The run has no answer, so {to} would hold nothing; finish the run first.")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(to, "".join(lines))
    except OSError as error:
        raise DatasetError(f"{to}: cannot be written ({error.strerror}); name another file.") from error
    return len(lines)
