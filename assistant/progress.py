"""Progress on stderr: a bar in a terminal, elsewhere a line now and then; and Ctrl-C, which acts between two steps."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import current_thread, main_thread
from time import monotonic
from types import FrameType

import click

from ingest.pipeline import Progress

EVERY = 10.0
"""Seconds between two lines where no bar can be drawn; what takes less is not told of."""
STOPPING = b"\nStopping after what is under way; Ctrl-C again stops at once.\n"


@contextmanager
def show_progress() -> Iterator[Progress]:
    """Shows what is done of how much, how fast it goes, and the time left; Ctrl-C ends the work after a step.

    The first time that a thing is told of, what is done of it counts as done before: it says nothing of the speed.
    """
    with _shown() as progress, interruptible(progress) as told:
        yield told


@contextmanager
def interruptible(progress: Progress) -> Iterator[Progress]:
    """The same progress; Ctrl-C raises KeyboardInterrupt after a step or at the end, a second Ctrl-C anywhere.

    Python raises it in the middle of whatever the main thread does: where that is a callback, or the import of a library that
    catches everything, it is lost; where it is the taking of a lock, the lock may stay held (https://docs.python.org/3/library/signal.html#note-on-signal-handlers-and-exceptions).
    """
    pressed = False

    def note(_signal: int, _frame: FrameType | None) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True
        os.write(2, STOPPING)  # not sys.stderr, which may be writing just now

    def told(what: str, done: int, total: int | None) -> None:
        progress(what, done, total)
        if pressed:
            raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler and current_thread() is main_thread():
        signal.signal(signal.SIGINT, note)
    try:
        yield told
        if pressed:
            raise KeyboardInterrupt
    finally:
        if signal.getsignal(signal.SIGINT) is note:
            signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def _shown() -> Iterator[Progress]:
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[pace]}")
    with Bars(*columns, console=console, transient=True) as bars:
        paces: dict[str, _Pace] = {}

        def told(what: str, done: int, total: int | None) -> None:
            if what not in paces:
                paces[what] = _Pace(done)
                bars.add_task(what, total=total, completed=done, pace="")
            task = bars.task_ids[list(paces).index(what)]
            bars.update(task, completed=done, total=total, pace=paces[what].of(done, total))

        yield told


def _lines() -> Progress:
    paces: dict[str, _Pace] = {}
    last = monotonic()

    def told(what: str, done: int, total: int | None) -> None:
        nonlocal last
        pace = paces.setdefault(what, _Pace(done))
        if monotonic() - last >= EVERY:
            last = monotonic()
            counted = f"{done}" if total is None else f"{done}/{total}"
            click.echo(", ".join(filter(None, (f"{what} {counted}", pace.of(done, total)))), err=True)

    return told


class _Pace:
    """How fast something goes, from when it was first told of."""

    def __init__(self, done: int) -> None:
        self._before = done
        self._started = monotonic()

    def of(self, done: int, total: int | None) -> str:
        """Such as ``10.3/s, 0:07:53 left``; empty as long as nothing was done."""
        seconds = monotonic() - self._started
        if done <= self._before or seconds <= 0:
            return ""
        rate = (done - self._before) / seconds
        left = "" if total is None else f", {timedelta(seconds=round((total - done) / rate))} left"
        return f"{rate:.1f}/s{left}"
