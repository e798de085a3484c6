"""What a chat that is open for weeks does not keep."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.testclient import TestClient
from test_assistant_ui import PORT, Ferry
from test_assistant_ui_one_at_a_time import until

from assistant.ui import leftovers
from assistant.ui.desk import open_desk
from assistant.ui.guard import Guard
from assistant.ui.leftovers import EVERY_SECONDS, KEPT_SECONDS, Leftovers
from assistant.ui.site import Site
from ingest.settings import IngestSettings


class Kept:
    """A queue of gradio's, as far as it grows, and a clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.answers: dict[str, set[str]] = {}
        self.messages: dict[str, str] = {}
        self.under_way: dict[str, str] = {}
        queue: Any = SimpleNamespace(
            pending_event_ids_session=self.answers, pending_messages_per_session=self.messages,
            event_ids_to_events=self.under_way,
        )  # fmt: skip
        self.leftovers = Leftovers(queue, lambda: self.now)

    def add(self, session: str, *events: str) -> None:
        self.answers[session] = set(events)
        self.messages[session] = "messages"

    def after(self, seconds: float) -> set[str]:
        """The sessions that are kept then; looked at as often as it may be."""
        for _ in range(int(seconds // EVERY_SECONDS)):
            self.now += EVERY_SECONDS
            self.leftovers.drop()
        assert self.answers.keys() == self.messages.keys()
        return set(self.answers)


def test_what_nobody_fetched_and_what_was_fetched_is_dropped_after_ten_minutes() -> None:
    kept = Kept()
    kept.add("unfetched", "event")
    kept.add("fetched")
    kept.leftovers.drop()
    assert kept.after(KEPT_SECONDS - EVERY_SECONDS) == {"unfetched", "fetched"}
    assert kept.after(EVERY_SECONDS) == set()


def test_what_is_under_way_is_kept_and_its_time_begins_when_it_is_done() -> None:
    kept = Kept()
    kept.add("slow", "event")
    kept.under_way["event"] = "running"
    assert kept.after(10 * KEPT_SECONDS) == {"slow"}
    del kept.under_way["event"]
    assert kept.after(KEPT_SECONDS) == {"slow"}
    assert kept.after(EVERY_SECONDS) == set()


def test_a_session_that_rested_long_keeps_its_next_answer_as_long_as_any() -> None:
    kept = Kept()
    kept.add("client")
    assert kept.after(KEPT_SECONDS) == {"client"}
    kept.add("client", "done between two looks")
    assert kept.after(KEPT_SECONDS) == {"client"}
    assert kept.after(EVERY_SECONDS) == set()


@pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated")
@pytest.mark.filterwarnings("ignore:The copy keyword is deprecated")
def test_the_real_queue_does_not_grow_with_the_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.ui.app import unguarded_app

    monkeypatch.setattr(leftovers, "KEPT_SECONDS", 0.0)
    monkeypatch.setattr(leftovers, "EVERY_SECONDS", 0.0)
    with open_desk(Ferry(), tmp_path, IngestSettings()) as desk:
        application = unguarded_app(desk, PORT)
        (page,) = (route.app for route in application.routes if hasattr(getattr(route, "app", None), "get_blocks"))  # type: ignore[attr-defined]
        queue = page.get_blocks()._queue
        with TestClient(Guard(application, Site.local(PORT)), base_url=f"http://127.0.0.1:{PORT}") as client:
            for _ in range(5):
                client.post("/gradio_api/call/search", json={"query": "dawn"})
                until(lambda: not queue.event_ids_to_events)
            posted = client.post("/gradio_api/call/search", json={"query": "dawn"})
            assert "complete" in client.get(f"/gradio_api/call/search/{posted.json()['event_id']}").text
            assert len(queue.pending_event_ids_session) <= 1
            assert len(queue.pending_messages_per_session) <= 1
