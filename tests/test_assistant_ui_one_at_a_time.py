"""Who asks next."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

import pytest

from assistant.ui.one_at_a_time import OneAtATime
from ingest.errors import RequestError


def start(*calls: Callable[[], object]) -> list[threading.Thread]:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    return threads


def until(holds: Callable[[], bool]) -> None:
    """Let other threads run until it does."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0)


def test_people_go_before_programs_and_of_either_whoever_came_first() -> None:
    lock, order = OneAtATime(), list[str]()

    def person(name: str) -> None:
        with lock:
            order.append(name)

    def program(name: str) -> None:
        with lock.after_the_page():
            order.append(name)

    threads = []
    with lock:
        for n, ask in enumerate((program, program, person, program, person)):
            threads += start(partial(ask, f"{ask.__name__} {n}"))
            until(lambda n=n: lock.waiting == n + 1)  # type: ignore[misc]  # bound now, not later
        assert order == []
    for thread in threads:
        thread.join(30)
    assert order == ["person 2", "person 4", "program 0", "program 1", "program 3"]
    assert not lock.locked()


def test_who_gives_way_is_the_last_of_the_programs_and_goes_on_at_once_where_nobody_waits() -> None:
    lock, order = OneAtATime(), list[str]()

    def program() -> None:
        with lock.after_the_page():
            order.append("program")

    with lock.after_the_page() as give_way:
        give_way()
        threads = start(program, program)
        until(lambda: lock.waiting == 2)
        give_way()
        order.append("back")
    for thread in threads:
        thread.join(30)
    assert order == ["program", "program", "back"]
    assert not lock.locked()


def test_never_two_at_once_and_never_nobody_though_all_come_and_give_way_at_once() -> None:
    lock, inside, most = OneAtATime(), [0], [0]

    def work() -> None:
        for _ in range(200):
            with lock.after_the_page() as give_way:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                inside[0] -= 1
                give_way()
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                inside[0] -= 1

    for thread in start(*[work] * 8):
        thread.join(60)
        assert not thread.is_alive()
    assert (most[0], lock.waiting, lock.locked()) == (1, 0, False)


def test_an_error_ends_the_turn() -> None:
    lock = OneAtATime()
    with pytest.raises(ValueError, match="x"), lock.after_the_page():
        raise ValueError("x")
    with pytest.raises(ValueError, match="x"), lock:
        raise ValueError("x")
    assert not lock.locked()


def test_programs_are_refused_when_it_is_closed_also_those_that_are_at_work_or_wait() -> None:
    one = OneAtATime()
    with pytest.raises(RequestError, match="start it again"), one.after_the_page() as give_way:  # noqa: PT012
        one.close()
        give_way()
    with pytest.raises(RequestError, match="start it again"), one.after_the_page():
        pass
    assert not one.locked()
    with one:
        assert one.locked()
