"""What our own routes say to what they cannot take."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from test_assistant_ui import PORT, Ferry

from assistant.ui.desk import Desk, open_desk
from assistant.ui.guard import Guard
from assistant.ui.one_at_a_time import OneAtATime
from assistant.ui.site import Site
from assistant.ui.tools import Tools
from ingest.errors import IndexMissing, RequestError
from ingest.settings import IngestSettings

HUGE = 10**30
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(Ferry(), tmp_path_factory.mktemp("home"), IngestSettings()) as desk:
        yield desk


def client_of(desk: Desk, *, shared: bool = False) -> TestClient:
    from assistant.ui.app import unguarded_app

    return TestClient(
        Guard(unguarded_app(desk, PORT, shared=shared), Site.local(PORT)), base_url=f"http://127.0.0.1:{PORT}"
    )


@pytest.fixture(scope="module")
def client(desk: Desk) -> TestClient:
    return client_of(desk)


@pytest.mark.parametrize(
    "path",
    [f"conversations?offset={HUGE}", "conversations?offset=-1", f"conversation?id=x&before={HUGE}",
     f"turn?id=x&number={HUGE}", "turn?id=x&number=-1", "turn?id=x&number=one"],
)  # fmt: skip
def test_a_number_that_is_none_of_a_turn_is_refused_in_words(client: TestClient, path: str) -> None:
    said = client.get(f"/onrecord/{path}")
    assert said.status_code == 422
    assert said.json()["message"].endswith(". Correct it and send it again.")


@pytest.mark.parametrize("path", ["turn/rate", "turn/stop"])
@pytest.mark.parametrize("turn", [str(HUGE), "-1", '"x"'])
def test_so_is_one_in_a_body(client: TestClient, path: str, turn: str) -> None:
    said = client.post(f"/onrecord/{path}", content=f'{{"id": "x", "turn": {turn}, "rating": "up"}}', headers=JSON)
    assert said.status_code == 422
    assert said.json()["message"].startswith("turn: ")


def test_half_of_a_surrogate_pair_in_a_title_is_refused_in_words(client: TestClient, desk: Desk) -> None:
    chat = desk.conversations.create()
    said = client.post(
        "/onrecord/conversation/rename", content=f'{{"id": "{chat}", "title": "a\\ud800b"}}', headers=JSON
    )
    assert said.status_code == 422
    assert said.json()["message"].startswith("title: ")


def test_stopping_a_turn_that_is_not_there_is_said(client: TestClient, desk: Desk) -> None:
    chat = desk.conversations.create()
    for body in ({"id": "nope", "turn": 1}, {"id": chat, "turn": 1}):
        said = client.post("/onrecord/turn/stop", json=body)
        assert said.status_code == 404
        assert said.json()["message"]
    desk.conversations.begin_turn(chat, "When?", None)
    assert client.post("/onrecord/turn/stop", json={"id": chat, "turn": 1}).status_code == 200
    assert client.post("/onrecord/turn/stop", json={"id": chat, "turn": 1}).status_code == 200, "it is stopped already"


def test_where_the_chat_is_shared_the_path_of_the_home_is_told_to_nobody(client: TestClient, desk: Desk) -> None:
    asked = {"id": "nope"}
    assert f"in {desk.home};" in client.get("/onrecord/conversation", params=asked).json()["message"]
    with client_of(desk, shared=True) as shared:
        for path in ("conversation", "export"):
            said = shared.get(f"/onrecord/{path}", params=asked)
            assert said.status_code == 404
            assert said.json()["message"].startswith("No conversation 'nope' in the articles' folder; see: ")


def test_nor_to_a_program(desk: Desk) -> None:
    ferry = Ferry()
    ferry.raises = IndexMissing(f"nothing has been ingested into {desk.home}; run: onrecord ingest")
    for hidden, folder in ((None, str(desk.home)), (desk.home, "the articles' folder")):
        with pytest.raises(RequestError, match=f"into {folder}; run"):
            Tools(ferry, OneAtATime(), hidden).call("search", {"query": "dawn"})
