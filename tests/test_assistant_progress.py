"""Progress on stderr."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator

import pytest

import assistant.progress
from assistant.progress import interruptible, show_progress


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(assistant.progress, "monotonic", found)
    return found


def test_elsewhere_than_in_a_terminal_a_line_now_and_then_says_how_far_it_is(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with show_progress() as progress:
        for done in range(61):
            progress("questions", done, 6070)
            clock.now += 0.5
    assert capsys.readouterr() == (
        "",
        "questions 20/6070, 2.0/s, 0:50:25 left\nquestions 40/6070, 2.0/s, 0:50:15 left\nquestions 60/6070, 2.0/s, 0:50:05 left\n",
    )


def test_what_is_done_in_a_moment_is_not_told_of(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress() as progress:
        for done in range(10):
            progress("articles", done, 10)
            clock.now += 0.9
    assert capsys.readouterr() == ("", "")


def test_what_was_done_before_says_nothing_of_the_speed(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress() as progress:
        progress("questions", 5000, 6000)
        clock.now += 20
        progress("questions", 5010, 6000)
    assert capsys.readouterr().err == "questions 5010/6000, 0.5/s, 0:33:00 left\n"


def test_what_has_no_end_has_no_time_left(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress() as progress:
        progress("articles", 0, None)
        clock.now += 10
        progress("articles", 30, None)
        clock.now += 10
        progress("passages", 0, 50)
    assert capsys.readouterr().err == "articles 30, 3.0/s\npassages 0/50\n"


def test_in_a_terminal_a_bar_shows_the_same(
    clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    with show_progress() as progress:
        progress("passages", 0, 50)
        progress("questions", 10, 70)
        clock.now += 5
        progress("questions", 20, 70)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert re.search(r"questions .*20/70.* 2\.0/s, 0:00:25 left", shown.err)


@pytest.fixture
def ctrl_c() -> Iterator[Callable[[], None]]:
    """Presses it, as a terminal does; the handler of the tests is put back."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: signal.raise_signal(signal.SIGINT)
    assert signal.signal(signal.SIGINT, before) is signal.default_int_handler


def work(done: list[int], ctrl_c: Callable[[], None], *pressed: int) -> None:
    """Nine steps; Ctrl-C is pressed after these, before something that belongs to them (-1) is done."""
    with interruptible(lambda _, step, __: done.append(step)) as progress:
        for step in range(1, 10):
            progress("questions", step, 9)
            for _ in range(pressed.count(step)):
                ctrl_c()
            done.append(-1)


def test_ctrl_c_ends_the_work_after_the_step_that_is_under_way(
    ctrl_c: Callable[[], None], capfd: pytest.CaptureFixture[str]
) -> None:
    done: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        work(done, ctrl_c, 2)
    assert done == [1, -1, 2, -1, 3]
    assert "Ctrl-C again stops at once" in capfd.readouterr().err


def test_ctrl_c_pressed_twice_ends_it_at_once(ctrl_c: Callable[[], None]) -> None:
    done: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        work(done, ctrl_c, 2, 2)
    assert done == [1, -1, 2]


def test_ctrl_c_after_the_last_step_is_not_lost(ctrl_c: Callable[[], None]) -> None:
    done: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        work(done, ctrl_c, 9)
    assert done[-2:] == [9, -1]


def test_ctrl_c_before_the_first_step_is_not_lost(ctrl_c: Callable[[], None]) -> None:
    with pytest.raises(KeyboardInterrupt), interruptible(lambda *_: None):
        ctrl_c()


def test_where_ctrl_c_is_ignored_it_stays_so(ctrl_c: Callable[[], None]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    work([], ctrl_c, 2, 2)
    assert signal.signal(signal.SIGINT, signal.default_int_handler) is signal.SIG_IGN
