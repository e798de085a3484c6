"""The chat for programs: called by curl, by gradio's client and by an MCP client, over the loopback that it is served on."""

from __future__ import annotations

import json
import logging
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from conftest import StartPython
from gradio_client import Client
from gradio_client.exceptions import AppError
from mcp import ClientSession, McpError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent
from starlette.types import Message
from test_assistant_ui import HOSTILE, TEXTS, Ferry, answered, info
from test_assistant_ui_one_at_a_time import start, until

from assistant.check import Checked
from assistant.types import Answer, Scope, Turn
from assistant.ui.desk import open_desk
from assistant.ui.mcp_server import McpEndpoint
from assistant.ui.one_at_a_time import OneAtATime
from assistant.ui.site import Site
from assistant.ui.talk import LONGEST_QUESTION, WENT_WRONG, Talk
from assistant.ui.tools import LONGEST_TEXT, Tools
from ingest.errors import IndexMissing, RequestError
from ingest.pipeline import Progress
from ingest.settings import IngestSettings

# Gradio's queue counts its events with two things that pandas is about to drop.
pytestmark = [
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]

TOOLS = ["ask", "search", "get_citation", "check"]
FIRST = answered().citations[0]


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ferry, str]]:
    """A fake assistant, and the address of the real chat that is served over it."""
    from assistant.ui.app import build_app
    from assistant.ui.server import ChatServer, listen

    ferry = Ferry()
    with listen(0) as listening, open_desk(ferry, tmp_path_factory.mktemp("home"), IngestSettings()) as desk:
        ready, port = threading.Event(), listening.getsockname()[1]
        server = ChatServer(build_app(desk, Site.local(port)), listening, lambda url: ready.set())
        thread = threading.Thread(target=server.run)
        thread.start()
        desk.talk.warm_up()
        assert ready.wait(30)
        yield ferry, f"http://127.0.0.1:{port}"
        server.stop()
        thread.join(30)


@pytest.fixture
def ferry(serving: tuple[Ferry, str]) -> Iterator[Ferry]:
    yield serving[0]
    serving[0].raises = None


@pytest.fixture
def url(serving: tuple[Ferry, str]) -> str:
    return serving[1]


def as_json(answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(answer.to_json()))
    return found


# ---- curl ------------------------------------------------------------------------------------------------------------


def curl(url: str, *arguments: str) -> str:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl on this machine")
    command = ["curl", "--silent", "--show-error", "--max-time", "30", *arguments, url]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def curled(url: str, path: str, body: object) -> tuple[str, Any]:
    """The event and the data that a call ends in."""
    posted = curl(f"{url}/gradio_api/call/{path}", "-H", "Content-Type: application/json", "-d", json.dumps(body))
    stream = curl(f"{url}/gradio_api/call/{path}/{json.loads(posted)['event_id']}", "-N")
    event, data = stream.strip().split("\n\n")[-1].split("\n")
    return event.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def test_curl_asks_by_name_and_opens_the_citation(url: str) -> None:
    event, (answer,) = curled(url, "v2/ask", {"question": "When?"})
    assert (event, answer) == ("complete", as_json(answered("When?")))
    _, (cited,) = curled(url, "v2/get_citation", {"id": answer["citations"][0]["id"]})
    assert cited["quote"] == answer["citations"][0]["quote"] == TEXTS["plain"][:21]


def test_curl_asks_by_position(url: str, ferry: Ferry) -> None:
    data = ["And back?", [{"q": "When?", "a": "At dawn."}], ["plain"], ["Hale"], "2024-01-01", None]
    event, _ = curled(url, "ask", {"data": data})
    assert event == "complete"
    assert ferry.asked[-1] == ("And back?", (Turn("When?", "At dawn."),))
    assert ferry.scopes[-1] == Scope(("plain",), ("Hale",), "2024-01-01")


def test_curl_gets_the_message_of_an_error_and_no_more(url: str, ferry: Ferry) -> None:
    ferry.raises = IndexMissing("nothing has been ingested; run: onrecord ingest")
    event, data = curled(url, "v2/ask", {"question": "When?"})
    assert (event, data["error"]) == ("error", "nothing has been ingested; run: onrecord ingest")
    ferry.raises = RuntimeError("secret detail")
    event, data = curled(url, "v2/ask", {"question": "When?"})
    assert (event, data["error"]) == ("error", WENT_WRONG)


def test_a_file_of_this_machine_is_no_argument(url: str) -> None:
    file = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
    event, data = curled(url, "v2/ask", {"question": file})
    assert (event, "question: Input should be a valid string" in data["error"]) == ("error", True)
    event, data = curled(url, "v2/ask", {"question": "When?", "history": [file]})
    assert (event, "history.0.path: Extra inputs are not permitted" in data["error"]) == ("error", True)


@pytest.mark.parametrize("path", ["ask", "v2/ask"])
@pytest.mark.parametrize(
    ("body", "message"),
    [({}, "missing a required argument: 'question'"), ({"data": []}, "missing a required argument: 'question'"),
     ({"question": "When?", "outlet": "Dawn"}, "got an unexpected keyword argument 'outlet'"),
     ({"data": ["When?", [], [], [], None, None, None]}, "too many positional arguments"),
     ([], "the body is no JSON object")],
    ids=["nothing", "no values", "an unknown name", "too many values", "a list"],
)  # fmt: skip
def test_a_call_that_cannot_be_begun_is_refused_in_words(url: str, path: str, body: object, message: str) -> None:
    said = httpx.post(f"{url}/gradio_api/call/{path}", json=body)
    assert said.status_code == 422
    assert message in said.json()["detail"]


def test_a_body_that_is_too_long_is_refused_with_the_limit(url: str) -> None:
    said = httpx.post(f"{url}/gradio_api/call/ask", content=b"x" * (5 << 20))
    assert said.status_code == 413
    assert "more than 4,194,304 bytes" in said.json()["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000], ids=["empty", "open", "no UTF-8", "deep"])
def test_a_body_that_is_no_json_is_refused_in_words(url: str, body: bytes) -> None:
    said = httpx.post(f"{url}/gradio_api/call/ask", content=body)
    assert said.status_code == 422
    assert said.json()["detail"].startswith("the body is no JSON")


@pytest.mark.parametrize("body", [{"data": ["When?"]}, {"question": "When?"}])
@pytest.mark.parametrize("path", ["ask", "v2/ask"])
def test_what_is_not_given_has_its_default(url: str, ferry: Ferry, path: str, body: dict[str, Any]) -> None:
    assert curled(url, path, body)[0] == "complete"
    assert (ferry.asked[-1], ferry.scopes[-1]) == (("When?", ()), None)


# ---- gradio's client -------------------------------------------------------------------------------------------------


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    client = Client(url, verbose=False, analytics_enabled=False, download_files=False)
    yield client
    client.close()


def test_gradios_client_calls_every_endpoint(client: Client, ferry: Ferry) -> None:
    answer = client.predict(question="When?", api_name="/ask")
    assert answer == as_json(answered("When?"))
    assert client.predict(answer["citations"][0]["id"], api_name="/get_citation")["quote"] == FIRST.quote
    found = client.predict("dawn", count=2, api_name="/search")
    passage = {"id": FIRST.id, "article": "plain", "start": 0, "end": 21, "text": FIRST.quote, "score": 0.5124}
    assert found == {"query": "dawn", "results": [passage] * 2}
    checked = client.predict("It left at noon.", api_name="/check")
    assert [s["verdict"] for s in checked["sentences"]] == ["contradicted"]
    assert checked["citations"][0]["id"] == FIRST.id


def test_gradios_client_is_told_what_is_there(client: Client) -> None:
    told: Any = client.view_api(return_format="dict")
    assert list(told["named_endpoints"]) == [f"/{name}" for name in TOOLS]
    assert "question: A question in words" in told["named_endpoints"]["/ask"]["description"]
    types = {p["parameter_name"]: p["python_type"]["type"] for p in told["named_endpoints"]["/ask"]["parameters"]}
    assert types == {
        "question": "str", "history": "list[dict(q: str, a: str)]", "articles": "list[str]", "authors": "list[str]",
        "since": "None | str", "until": "None | str",
    }  # fmt: skip
    returned = told["named_endpoints"]["/get_citation"]["returns"][0]["python_type"]["type"]
    assert "quote: str" in returned
    assert "status: Literal['current', 'superseded', 'withdrawn']" in returned


@pytest.mark.parametrize(
    ("endpoint", "arguments", "message"),
    [("/ask", {"question": "x" * (LONGEST_QUESTION + 1)}, "question: String should have at most 4000 characters"),
     ("/ask", {"question": " \n"}, "question: it is empty"),
     ("/ask", {"question": "When?", "since": "yesterday"}, "since: 'yesterday' is no date such as 2024-04-23"),
     ("/ask", {"question": "When?", "articles": ["nowhere"]}, "no article 'nowhere'; list them with: onrecord articles"),
     ("/ask", {"question": "When?", "history": [{"q": "Who?"}]}, "history.0.a: Field required"),
     ("/search", {"query": "dawn", "count": 0}, "count: Input should be greater than or equal to 1"),
     ("/search", {"query": "dawn", "count": 101}, "count: Input should be less than or equal to 100"),
     ("/search", {"query": ""}, "query: it is empty"),
     ("/get_citation", {"id": "nowhere@0123456789ab:0-3"}, "there is no article 'nowhere'"),
     ("/check", {"text": "x" * (LONGEST_TEXT + 1)}, "text: String should have at most 20000 characters"),
     ("/check", {"text": ""}, "text: it is empty")],
)  # fmt: skip
def test_what_cannot_be_taken_is_said_in_words(
    client: Client, url: str, endpoint: str, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(AppError) as raised:
        client.predict(**arguments, api_name=endpoint)
    assert message in str(raised.value)
    assert "pydantic" not in str(raised.value)
    said = mcp(url, lambda session: session.call_tool(endpoint[1:], arguments))
    assert said.isError
    assert message in text_of(said)
    assert "Traceback" not in text_of(said)


# ---- MCP -------------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def session_at(url: str) -> AsyncIterator[ClientSession]:
    async with (
        streamable_http_client(url) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        yield session


def mcp(url: str, call: Callable[[ClientSession], Any], path: str = "/gradio_api/mcp/") -> Any:
    """What a client of the Model Context Protocol gets, in a session of its own."""

    async def called() -> Any:
        async with session_at(f"{url}{path}") as session:
            return await call(session)

    return anyio.run(called)


def text_of(result: CallToolResult) -> str:
    (block,) = result.content
    assert isinstance(block, TextContent)
    return block.text


@pytest.mark.parametrize("path", ["/gradio_api/mcp", "/gradio_api/mcp/"])
def test_mcp_offers_four_described_tools(url: str, path: str) -> None:
    listed = mcp(url, lambda session: session.list_tools(), path).tools
    assert [tool.name for tool in listed] == TOOLS
    for tool in listed:
        assert tool.description
        assert tool.annotations.readOnlyHint
        assert tool.outputSchema["type"] == "object"
        assert all(known["description"] for known in tool.inputSchema["properties"].values())
    ask, search = listed[0].inputSchema, listed[1].inputSchema
    assert ask["required"] == ["question"]
    assert ask["properties"]["question"]["maxLength"] == LONGEST_QUESTION
    assert ask["properties"]["history"]["type"] == "array"
    assert ask["properties"]["since"]["format"] == "date"
    assert ask["properties"]["since"]["anyOf"] == [{"type": "string"}, {"type": "null"}]
    assert (search["properties"]["count"]["minimum"], search["properties"]["count"]["maximum"]) == (1, 100)


@pytest.mark.parametrize("listing", ["list_resources", "list_resource_templates", "list_prompts"])
def test_mcp_has_no_resources_and_no_prompts(url: str, listing: str) -> None:
    async def refused(session: ClientSession) -> None:
        with pytest.raises(McpError, match="Method not found"):
            await getattr(session, listing)()

    mcp(url, refused)


def test_mcp_asks_and_opens_the_citation(url: str, ferry: Ferry) -> None:
    async def both(session: ClientSession) -> tuple[CallToolResult, CallToolResult]:
        history = [{"q": "Who?", "a": "A ferry."}]
        asked = await session.call_tool("ask", {"question": "When?", "history": history, "until": "2024-12-31"})
        assert asked.structuredContent is not None
        return asked, await session.call_tool("get_citation", {"id": asked.structuredContent["citations"][0]["id"]})

    asked, cited = mcp(url, both)
    assert asked.structuredContent == json.loads(text_of(asked)) == as_json(answered("When?"))
    assert cited.structuredContent["quote"] == asked.structuredContent["citations"][0]["quote"]
    assert ferry.asked[-1] == ("When?", (Turn("Who?", "A ferry."),))
    assert ferry.scopes[-1] == Scope(until="2024-12-31")


def test_mcp_checks_and_searches(url: str) -> None:
    checked = mcp(url, lambda session: session.call_tool("check", {"text": "It left at noon."})).structuredContent
    assert checked["sentences"][0]["reasons"] == [{"kind": "word", "claim": "It left at noon.", "evidence": "left"}]
    found = mcp(url, lambda session: session.call_tool("search", {"query": "dawn"})).structuredContent
    assert len(found["results"]) == 10


def test_mcp_gets_the_message_of_an_error_and_the_log_the_details(
    url: str, ferry: Ferry, caplog: pytest.LogCaptureFixture
) -> None:
    ferry.raises = IndexMissing("nothing has been ingested; run: onrecord ingest")
    said = mcp(url, lambda session: session.call_tool("search", {"query": "dawn"}))
    assert (said.isError, text_of(said)) == (True, "nothing has been ingested; run: onrecord ingest")
    ferry.raises = RuntimeError("secret detail")
    with caplog.at_level(logging.ERROR):
        said = mcp(url, lambda session: session.call_tool("search", {"query": "dawn"}))
    assert (said.isError, text_of(said)) == (True, WENT_WRONG)
    assert "secret detail" in caplog.text
    said = mcp(url, lambda session: session.call_tool("begin", {}))
    assert (said.isError, text_of(said)) == (True, f"there is no 'begin'; call one of: {', '.join(TOOLS)}.")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_mcp_has_no_page_no_stream_and_no_session(url: str, method: str) -> None:
    said = httpx.request(method, f"{url}/gradio_api/mcp/", headers={"accept": "text/event-stream"})
    assert (said.status_code, said.headers["allow"], said.content) == (405, "POST", b"")


def test_an_mcp_client_that_goes_away_is_no_fault_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    endpoint, sent = McpEndpoint(Tools(Ferry(), OneAtATime())), list[Message]()

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def gone() -> None:
        headers = [(b"content-type", b"application/json"), (b"accept", b"application/json")]
        async with endpoint.running(None):
            await endpoint({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive, send)

    anyio.run(gone)
    assert sent == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_body_without_end_is_refused(url: str) -> None:
    said = httpx.post(f"{url}/gradio_api/mcp", content=b"x" * (5 << 20))
    assert said.status_code == 413


def test_an_mcp_client_over_stdin_and_stdout(tmp_path: Any) -> None:
    code = "import test_assistant_ui_tools as t; t.speak_mcp()"
    where = StdioServerParameters(command=sys.executable, args=["-c", code], env={"PYTHONPATH": ":".join(sys.path)})

    async def called() -> tuple[list[str], Any]:
        with (tmp_path / "stderr").open("w") as errors:
            async with stdio_client(where, errors) as (read, write), ClientSession(read, write) as session:
                await session.initialize()
                listed = await session.list_tools()
                asked = await session.call_tool("ask", {"question": "When?"})
        return [tool.name for tool in listed.tools], asked.structuredContent

    assert anyio.run(called) == (TOOLS, as_json(answered("When?")))
    assert "printed by a library" in (tmp_path / "stderr").read_text()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, None])
def test_it_ends_at_a_signal_and_when_stdin_is_closed(start_python: StartPython, sent: signal.Signals | None) -> None:
    process = start_python("import test_assistant_ui_tools as t; t.speak_mcp()")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write('{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
    process.stdin.flush()
    assert json.loads(process.stdout.readline()) == {"jsonrpc": "2.0", "id": 1, "result": {}}
    if sent is None:
        process.stdin.close()
    else:
        process.send_signal(sent)
    assert process.wait(30) == (0 if sent is None else -sent)
    assert process.stdout.read() == ""
    if sent is None:
        process.stdin = None  # `communicate`, which ends the fixture, cannot flush it


def speak_mcp() -> None:
    from assistant.ui.mcp_server import serve_stdio

    class Chatty(Ferry):
        def warm_up(self) -> None:
            print("printed by a library", flush=True)  # noqa: T201 - it must not reach the client

    serve_stdio(Chatty())


# ---- hostile texts and strangers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [HOSTILE, "\u202eevil\x00\x1b[31m", "</script>\u2028", "ترکہ 🐟"])
def test_a_text_comes_back_as_it_is(client: Client, url: str, text: str) -> None:
    assert client.predict(text, api_name="/ask")["question"] == text
    said = mcp(url, lambda session: session.call_tool("ask", {"question": text}))
    assert said.structuredContent["question"] == json.loads(text_of(said))["question"] == text


def test_what_has_no_form_in_utf_8_is_a_question_mark_and_as_long_as_before(url: str, ferry: Ferry) -> None:
    halved = Tools(ferry, OneAtATime())
    assert "unable to parse" in refusal(halved, {"question": "half \ud83d of a pair"})
    ferry.check = lambda text, **_: Checked((), (replace(FIRST, quote="half \ud83d of a pair"),))  # type: ignore[method-assign]
    try:
        said = mcp(url, lambda session: session.call_tool("check", {"text": "It left."}))
    finally:
        del ferry.check
    assert said.structuredContent["citations"][0]["quote"] == "half ? of a pair"


def refusal(tools: Tools, arguments: dict[str, Any]) -> str:
    with pytest.raises(RequestError) as raised:
        tools.call("ask", arguments)
    return str(raised.value)


@pytest.mark.parametrize(
    "headers",
    [{"host": "evil.example"}, {"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}],
    ids=str,
)
@pytest.mark.parametrize(
    "route",
    [
        "mcp",
        "mcp/",
        *(f"call/{name}" for name in TOOLS),
        *(f"call/v2/{name}" for name in TOOLS),
        "call/ask/x",
        "call/v2/ask/x",
    ],
)
def test_strangers_are_refused_on_every_route_for_programs(
    url: str, route: str, headers: dict[str, str], ferry: Ferry
) -> None:
    before = len(ferry.asked)
    accept = {"accept": "application/json, text/event-stream"}
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "ask", "arguments": {"question": "When?"}},
    }
    for method in ("GET", "POST", "DELETE", "OPTIONS"):
        said = httpx.request(
            method, f"{url}/gradio_api/{route}", headers={**accept, **headers}, json={**call, "data": []}
        )
        assert said.status_code == 403, method
    assert len(ferry.asked) == before


def test_a_forwarded_host_sends_nothing_anywhere(url: str) -> None:
    headers = {
        "accept": "application/json, text/event-stream",
        "x-forwarded-host": "127.0.0.1:9",
        "x-forwarded-proto": "http",
    }
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "ask", "arguments": {"question": "When?"}},
    }
    said = httpx.post(f"{url}/gradio_api/mcp/", headers=headers, json=call).json()
    assert said["result"]["structuredContent"]["answer"] == answered().answer


@pytest.mark.parametrize(
    "route", ["call/begin", "call/answer", "call/v2/begin", "upload", "run/ask", "api/ask", "mcp/messages/"]
)
def test_no_other_route_opens(url: str, route: str) -> None:
    assert httpx.post(f"{url}/gradio_api/{route}", json={"data": []}).status_code == 404


# ---- one at a time ---------------------------------------------------------------------------------------------------


class Slow(Ferry):
    """Answers when it is let, and notices when two ask at once."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Event()
        self.inside = threading.Semaphore(0)
        self.at_once = 0
        self.most = 0

    def answer(self, *arguments: Any, **named: Any) -> Answer:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        self.inside.release()
        assert self.let.wait(30)
        self.at_once -= 1
        return answered()


def test_calls_take_turns_with_each_other_and_with_the_page(tmp_path: Path) -> None:
    slow = Slow()
    with open_desk(slow, tmp_path, IngestSettings()) as desk:
        _take_turns(slow, desk.talk)


def _take_turns(slow: Slow, talk: Talk) -> None:
    tools = Tools(slow, talk.one_at_a_time)
    threads = start(*[lambda: tools.call("ask", {"question": "When?"})] * 8)
    assert slow.inside.acquire(timeout=30)
    assert talk.one_at_a_time.locked()
    slow.let.set()
    for thread in threads:
        thread.join(30)
    assert slow.most == 1
    assert not talk.one_at_a_time.locked()


def test_a_long_check_lets_others_ask_between_its_sentences() -> None:
    """What happens on the way is written down in order: a check of three sentences, and a question that comes at the first."""
    happened: list[str] = []
    lock, ferry = OneAtATime(), Ferry()
    threads: list[threading.Thread] = []

    def ask() -> None:
        with lock:
            happened.append("answer")

    def check(text: str, *, progress: Progress | None = None) -> Checked:
        assert progress
        for n in range(3):
            happened.append(f"sentence {n}")
            if n == 0:
                threads.extend(start(ask))
                until(lambda: lock.waiting == 1)
            progress("sentences", n, 3)
        return Checked((), ())

    ferry.check = check  # type: ignore[method-assign]
    Tools(ferry, lock).call("check", {"text": "It left. It came back. It left."})
    threads[0].join(30)
    assert happened == ["sentence 0", "answer", "sentence 1", "sentence 2"]


def test_one_call_too_many_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.ui.tools.MOST_WAITING", 1)
    slow = Slow()
    tools = Tools(slow, OneAtATime())
    (thread,) = start(lambda: tools.call("ask", {"question": "When?"}))
    assert slow.inside.acquire(timeout=30)
    assert "calls are waiting already; call again in a moment." in refusal(tools, {"question": "When?"})
    slow.let.set()
    thread.join(30)
    assert tools.call("ask", {"question": "When?"})["answer"]


def test_a_citation_opens_while_another_call_is_answered() -> None:
    lock = OneAtATime()
    with lock:
        assert Tools(Ferry(), lock).call("get_citation", {"id": FIRST.id})["quote"] == FIRST.quote


def test_an_unknown_argument_is_named() -> None:
    with pytest.raises(RequestError, match=r"outlet: Unexpected keyword argument\. Correct the arguments"):
        Tools(Ferry(), OneAtATime()).call("ask", {"question": "When?", "outlet": "Dawn"})


def test_the_articles_are_not_listed_for_a_question_that_names_none() -> None:
    ferry = Ferry()
    ferry.known = [info("plain")]
    asked = Tools(ferry, OneAtATime())
    asked.call("ask", {"question": "When?", "articles": ["plain"]})
    asked.call("ask", {"question": "When?"})
    assert ferry.scopes == [Scope(("plain",)), None]
