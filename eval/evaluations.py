"""Evaluations that run beside the chat: one at a time, in a thread, under the home's settings; they can be stopped and gone on with."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from assistant import Settings
from eval.evaluation import evaluate
from eval.report import REPORT, Report, read_report
from eval.run_folder import NOTE, note_of
from eval.samples import QUESTIONS, Suite, find_suite, shipped_suites
from ingest.errors import OnRecordError, OtherRun

logger = logging.getLogger(__name__)

RUNS = "evaluations"
SUITES = "suites"
WENT_WRONG = "Something went wrong in the evaluation; the log of the chat says what."


@dataclass(frozen=True)
class State:
    """What there is to show.

    Attributes:
        running: Whether an evaluation is going on.
        suite: Which; empty before the first.
        step: What is being done, in words.
        done: How much of it.
        total: Of how much; None when that is not known.
        message: What stood in the way; empty when nothing did.
        folder: Of the last finished run; None when there is none.
    """

    running: bool = False
    suite: str = ""
    step: str = ""
    done: int = 0
    total: int | None = None
    message: str = ""
    folder: Path | None = None


class Stopped(Exception):
    """The person asked for it."""


class Evaluations:
    """The runs of one home, which all tabs of the chat see alike.

    Args:
        home: Runs are kept in its folder ``evaluations``; suites of one's own lie in ``suites``.
        settings: What is measured.
    """

    def __init__(self, home: Path, settings: Settings) -> None:
        self._home = home
        self._settings = settings
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._reading = threading.Lock()
        self._report: tuple[Path, Report] | None = None
        self._state = State(folder=self._last())

    @property
    def state(self) -> State:
        """As it is now."""
        with self._lock:
            return self._state

    def suites(self) -> list[str]:
        """Names of the shipped suites and of the home's own; one of one's own that has a shipped one's name is told apart."""
        return [*(suite.name for suite in shipped_suites()), *self._own()]

    def start(self, name: str) -> None:
        """Begins a run of a suite, or goes on with one that was stopped; nothing where one is running."""
        with self._lock:
            if self._state.running:
                return
            self._stop.clear()
            self._state = replace(
                self._state, running=True, suite=name, step="starting", done=0, total=None, message=""
            )
        threading.Thread(target=self._run, args=(name,), name="onrecord-evaluation", daemon=True).start()

    def stop(self) -> None:
        """Ends the run after the questions that are being answered; what was answered is kept."""
        self._stop.set()

    def report(self) -> tuple[Path, Report] | None:
        """That of the last finished run, and its folder; its intervals are computed once."""
        folder = self.state.folder
        if folder is None:
            return None
        with self._reading:
            if self._report is None or self._report[0] != folder:
                try:
                    self._report = folder, read_report(folder)
                except OnRecordError:
                    return None
            return self._report

    def _run(self, name: str) -> None:
        try:
            folder = self._evaluate(name)
            self._set(lambda s: replace(s, running=False, folder=folder))
        except Stopped:
            self._set(
                lambda s: replace(s, running=False, message="Stopped. The next run of this suite goes on from here.")
            )
        except OnRecordError as error:
            message = str(error)
            self._set(lambda s: replace(s, running=False, message=message))
        except Exception:
            logger.exception("the evaluation failed")
            self._set(lambda s: replace(s, running=False, message=WENT_WRONG))

    def _evaluate(self, name: str) -> Path:
        suite = self._suite(name)
        unfinished = self._unfinished(suite)
        if unfinished:
            try:
                return self._evaluate_in(unfinished, suite)
            except OtherRun:
                logger.info("%s is of another release or other settings, and is left as it is", unfinished.name)
        return self._evaluate_in(self._home / RUNS / f"{suite.name}-{datetime.now():%Y%m%d-%H%M%S-%f}", suite)

    def _evaluate_in(self, folder: Path, suite: Suite) -> Path:
        evaluate(suite, folder, folder / "home", self._progress, settings=self._settings)
        return folder

    def _own(self) -> dict[str, Path]:
        folders = [file.parent for file in sorted((self._home / SUITES).glob(f"*/{QUESTIONS}"))]
        shipped = {suite.name for suite in shipped_suites()}
        return {f"{folder.name} (own)" if folder.name in shipped else folder.name: folder for folder in folders}

    def _suite(self, name: str) -> Suite:
        return find_suite(str(self._own().get(name, name)))

    def _unfinished(self, suite: Suite) -> Path | None:
        """The newest run of a suite, where it was begun and has no report."""
        begun = [note for note in (self._home / RUNS).glob(f"*/{NOTE}") if _suite_of(note.parent) == suite.name]
        newest = max(begun, key=lambda note: note.stat().st_mtime, default=None)
        return newest.parent if newest and not (newest.parent / REPORT).is_file() else None

    def _last(self) -> Path | None:
        found = sorted((self._home / RUNS).glob(f"*/{REPORT}"), key=lambda file: file.stat().st_mtime)
        return found[-1].parent if found else None

    def _progress(self, step: str, done: int, total: int | None) -> None:
        if self._stop.is_set():
            raise Stopped
        self._set(lambda s: replace(s, step=step, done=done, total=total))

    def _set(self, change: Callable[[State], State]) -> None:
        with self._lock:
            self._state = change(self._state)


def _suite_of(run: Path) -> object:
    try:
        return note_of(run).get("suite")
    except OnRecordError:
        return None
