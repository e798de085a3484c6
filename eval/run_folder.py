"""The folder of a run: what it is a run of, and its records, streamed to disk in the questions' order."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from assistant import Settings
from assistant.writing import write_atomically
from eval.samples import Checked, Suite
from ingest.archive import Archive
from ingest.errors import DatasetError, OtherRun

ANSWERS = "answers.jsonl"
NOTE = "run.json"
QUESTIONS = "questions"
"""The key of how many there are, in `NOTE`."""
_NOTED_LATER = ("fingerprint", "llm_judge")
_ANSWERED = {
    "qid",
    "question",
    "answer",
    "abstained",
    "confidence",
    "sentences",
    "citations",
    "claims",
    "scores",
    "tags",
    "timings_ms",
}
"""Without these, a record that is no error is none of a run's."""
T = TypeVar("T")
_LIBRARIES = ("chromadb", "gradio", "llama-index-core", "numpy", "sentence-transformers", "torch", "transformers")


def records(out: Path) -> Iterator[dict[str, Any]]:
    """The lines of a run's ``answers.jsonl``, one at a time.

    Raises:
        DatasetError: The folder holds no run.
    """
    number = 0
    try:
        with (out / ANSWERS).open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):  # noqa: B007 - named in the message
                record = json.loads(line)
                if "error" not in record and not record.keys() >= _ANSWERED:
                    raise ValueError(f"without {', '.join(sorted(_ANSWERED - record.keys()))}")
                yield record
    except OSError as error:
        raise DatasetError(
            f"{out} holds no {ANSWERS}; name the folder of a run, as onrecord eval run prints it."
        ) from error
    except (ValueError, AttributeError) as error:
        raise DatasetError(
            f"{out / ANSWERS}:{number} is cut short or damaged; cut the file off before that line, and finish the run: the same "
            f"onrecord eval run, with --out {out}"
        ) from error


def note_of(out: Path) -> dict[str, Any]:
    """What a run's ``run.json`` says; empty when it is not there.

    Raises:
        DatasetError: It is damaged.
    """
    return read_file(out / NOTE, dict) or {}


def read_file(file: Path, of: Callable[[dict[str, Any]], T]) -> T | None:
    """What one of the JSON files in a run's folder holds; None when it is not there.

    Raises:
        DatasetError: It is damaged, or not what this release writes.
    """
    if not file.is_file():
        return None
    try:
        return of(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(f"{file} is damaged or of another release; remove it, and run the suite again.") from error


def missing(out: Path) -> str:
    """What a run lacks to be whole, in words; empty when every question of its suite is answered."""
    every = [(record["qid"], "error" in record) for record in records(out)]
    failed = [qid for qid, wrong in every if wrong]
    questions = note_of(out).get(QUESTIONS)
    if failed:
        return (
            f"{len(failed)} of its questions failed ({failed[0]}, …)"
            if failed[1:]
            else f"its question {failed[0]} failed"
        )
    if questions is None:
        return f"its {NOTE} does not say how many questions there are"
    return "" if len(every) == questions else f"only {len(every)} of its {questions} questions were asked"


def claim(out: Path, suite: Suite, checked: Checked, settings: Settings, system: str, llm: str | None) -> None:
    """Notes what this run is of: suite, corpus, system, settings, weights, versions and commit.

    Args:
        out: The folder.
        suite: What is asked.
        checked: What the suite was found to hold.
        settings: Those of the home.
        system: Who answers.
        llm: The language model that has a part in it, if any.

    Raises:
        OtherRun: The folder holds a run of something else.
        DatasetError: It cannot be written to.
    """
    note = {
        "suite": suite.name,
        "suite_sha256": checked.sha256,
        QUESTIONS: checked.questions,
        "corpus_sha256": checked.corpus_sha256,
        "system": system,
        "llm": llm,
        "settings": settings.model_dump(mode="json"),
        "weights_sha256": _weights(),
        "onrecord": version("onrecord"),
        "commit": _commit(),
        "python": platform.python_version(),
        "libraries": _versions(),
    }
    before = note_of(out)
    for later in _NOTED_LATER:
        before.pop(later, None)
    if before and before != note:
        other = ", ".join(key for key in note if note[key] != before.get(key)) or "more"
        raise OtherRun(f"{out} holds another run: it differs in {other}; name another --out, or remove the folder.")
    _write(out, note)


def add_fingerprint(out: Path, home: Path) -> None:
    """Notes what the index was made under: all that changes its vectors."""
    archive = Archive(home)
    try:
        _write(out, note_of(out) | {"fingerprint": json.loads(archive.meta("fingerprint") or "{}")})
    finally:
        archive.close()


def add_judge(out: Path, llm: str) -> None:
    """Notes which language model judged too."""
    _write(out, note_of(out) | {"llm_judge": llm})


def earlier(answers: Path) -> set[str]:
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


def put_in_order(answers: Path, suite: Suite) -> None:
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


def _write(out: Path, note: Mapping[str, Any]) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_atomically(out / NOTE, json.dumps(note, indent=1, ensure_ascii=False) + "\n")
    except OSError as error:
        raise DatasetError(f"{out}: no run can be kept there ({error.strerror}); name another --out.") from error


def _weights() -> str:
    """One hash over all weights that are shipped with the assistant."""
    found = hashlib.sha256()
    folder = Path(str(files("assistant"))) / "weights"
    for file in sorted(path for path in folder.iterdir() if path.suffix != ".md"):
        with file.open("rb") as opened:
            found.update(file.name.encode() + hashlib.file_digest(opened, "sha256").digest())
    return found.hexdigest()


def _versions() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _commit() -> str | None:
    """The commit of the checkout that this code is run from, with a plus sign where it was changed since; else None."""
    here = Path(__file__).parent.parent
    if not (here / ".git").exists():
        return None
    try:
        head = _git(here, "rev-parse", "HEAD")
        return head + ("+" if _git(here, "status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.SubprocessError):
        return None


def _git(folder: Path, *arguments: str) -> str:
    found = subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=10, check=True
    )
    return found.stdout.strip()
