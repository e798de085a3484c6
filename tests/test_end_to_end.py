"""The product as people run it: real processes, real weights, the shipped article."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, expect

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-c", "from assistant.cli import main; main()"]
QUESTION = "Why did Pakistan help the Afghan rebels?"


def onrecord(*arguments: str | Path, home: Path, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Runs the command to its end, in a process of its own."""
    command = [*before, *COMMAND, *map(str, arguments), "--home", str(home)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ONRECORD_")}
    environment["PYTHONPATH"] = str(ROOT)
    return subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, env=environment, cwd=home.parent
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds the shipped article."""
    folder = tmp_path_factory.mktemp("end-to-end") / "home"
    assert onrecord("ingest", home=folder).returncode == 0
    return folder


@pytest.fixture(scope="module")
def chat(home: Path) -> Iterator[str]:
    """The address of a chat that is open on that home, and still is at the end."""
    process = subprocess.Popen(
        [*COMMAND, "chat", "--home", str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    assert address.startswith("http://127.0.0.1:")
    yield address
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.wait(timeout=30)
    process.stdout.close()


def test_while_a_chat_is_open_every_other_verb_answers(home: Path, chat: str, tmp_path: Path) -> None:
    asked = onrecord("ask", QUESTION, "--json", home=home)
    answer = json.loads(asked.stdout)
    assert "Fearing Soviet influence" in answer["answer"]
    cited = onrecord("cite", answer["citations"][0]["id"], "--json", home=home)
    assert json.loads(cited.stdout)["quote"] == answer["citations"][0]["quote"]
    found = onrecord("search", "Durand Line", "-k", "3", "--json", home=home)
    assert len(json.loads(found.stdout)["results"]) == 3
    ran = onrecord("eval", "run", "--out", tmp_path / "run", "--gate", home=home)
    assert ran.returncode == 0, ran.stderr
    assert "evidence cited" in ran.stdout


def test_a_second_writer_is_refused_with_the_pid_of_the_first(home: Path) -> None:
    holding = "import sys; from pathlib import Path; from ingest.lock import writing\n"
    holding += "with writing(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", holding, str(home)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as writer:  # fmt: skip
        assert writer.stdout is not None
        assert writer.stdout.readline() == "held\n"
        refused = onrecord("ingest", home=home)
        answered = onrecord("articles", home=home)
        writer.communicate("")
    assert refused.returncode == 1
    assert f"Process {writer.pid} is writing to" in refused.stderr
    assert answered.returncode == 0
    assert onrecord("ingest", home=home).returncode == 0


def test_an_open_chat_finds_what_another_process_ingests(tmp_path: Path) -> None:
    """As the chat does it: one assistant stays open while a second process writes."""
    from assistant import Assistant

    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    first.write_text("The harbour of Elmstead was closed in 1931 after the great flood.")
    second.write_text("The lighthouse keeper of Elmstead is called Ottoline Marsh.")
    home = tmp_path / "home"
    assert onrecord("ingest", first, home=home).returncode == 0
    with Assistant.open(home) as assistant:
        assert not any("Ottoline" in hit.passage.text for hit in assistant.search("Who keeps the lighthouse?"))
        assert onrecord("ingest", second, home=home).returncode == 0
        assert "Ottoline" in assistant.search("Who keeps the lighthouse?")[0].passage.text


def test_nothing_needs_a_network(tmp_path: Path) -> None:
    """In a network namespace that has no way out, not even to a name server."""
    alone = ("unshare", "--map-root-user", "--net", "--")
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody make a network namespace")
    home = tmp_path / "home"
    assert onrecord("ingest", home=home, before=alone).returncode == 0
    asked = onrecord("ask", QUESTION, "--json", home=home, before=alone)
    assert json.loads(asked.stdout)["outcome"] == "answered", asked.stderr
    ran = onrecord("eval", "run", "--out", tmp_path / "run", home=tmp_path / "other", before=alone)
    assert ran.returncode == 0, ran.stderr


def test_the_default_home_is_left_alone(home: Path) -> None:
    from ingest.settings import default_home

    before = default_home().stat().st_mtime_ns if default_home().exists() else None
    assert onrecord("articles", home=home).returncode == 0
    assert (default_home().stat().st_mtime_ns if default_home().exists() else None) == before


def test_programs_ask_the_real_chat_and_open_what_it_cites(home: Path, chat: str, tmp_path: Path) -> None:
    """By gradio's client and by an MCP client, in a process of their own, over HTTP and over stdin and stdout."""
    import anyio
    from gradio_client import Client
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client
    from mcp.client.streamable_http import streamable_http_client

    async def asked(read: Any, write: Any) -> tuple[Any, Any, Any]:
        async with ClientSession(read, write) as session:
            await session.initialize()
            answer = (await session.call_tool("ask", {"question": QUESTION})).structuredContent or {}
            cited = await session.call_tool("get_citation", {"id": answer["citations"][0]["id"]})
            checked = await session.call_tool("check", {"text": answer["citations"][0]["quote"]})
            return answer, cited.structuredContent, checked.structuredContent

    async def over_http() -> tuple[Any, Any, Any]:
        async with streamable_http_client(f"{chat}/gradio_api/mcp/") as (read, write, _):
            return await asked(read, write)

    async def over_stdio() -> tuple[Any, Any, Any]:
        where = StdioServerParameters(
            command=COMMAND[0], args=[*COMMAND[1:], "mcp", "--home", str(home)], env={"PYTHONPATH": str(ROOT)}
        )
        with (tmp_path / "stderr").open("w") as errors:
            async with stdio_client(where, errors) as (read, write):
                return await asked(read, write)

    results = [anyio.run(over_http), anyio.run(over_stdio)]
    client = Client(chat, verbose=False, analytics_enabled=False, download_files=False)
    answer = client.predict(question=QUESTION, api_name="/ask")
    client.close()
    printed = json.loads(onrecord("ask", QUESTION, "--json", home=home).stdout)
    for found, cited, checked in results:
        assert cited["quote"] == found["citations"][0]["quote"]
        assert cited["status"] == "current"
        assert [sentence["verdict"] for sentence in checked["sentences"]] == ["quoted"]
    for found in (answer, *(found for found, _, _ in results)):
        assert {**found, "timings_ms": 0} == {**printed, "timings_ms": 0}


@pytest.mark.parametrize("asked", [False, True])
def test_a_chat_that_is_told_to_end_while_it_loads_or_answers_ends_in_order(home: Path, asked: bool) -> None:
    process = subprocess.Popen(
        [*COMMAND, "chat", "--home", str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    for _ in range(4 if asked else 0):
        request = Request(f"{address}/gradio_api/call/ask", json.dumps({"question": QUESTION}).encode())
        request.add_header("content-type", "application/json")
        assert urlopen(request).status == 200
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=30)
    assert (process.returncode, told) == (0, "")


def test_a_page_whose_chat_was_killed_goes_on_when_it_is_started_again(home: Path, browser: Browser) -> None:
    def start(*port: str) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [*COMMAND, "chat", "--home", str(home), *port],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout is not None
        return process, process.stdout.readline().strip()

    def question(words: str) -> None:
        page.locator("#question textarea").fill(words)
        page.locator("#question textarea").press("Enter")
        expect(page.locator("#current .question")).to_have_text(words, timeout=60_000)

    process, address = start()
    page = browser.new_page()
    page.goto(address)
    expect(page.locator(".example").first).to_be_visible(timeout=60_000)
    question(QUESTION)  # it waits for the models
    process.kill()
    process.communicate()
    expect(page.locator("#fault")).to_contain_text("cannot be reached", timeout=60_000)
    process, _ = start("--port", address.rpartition(":")[2])
    expect(page.locator("#past .error")).to_contain_text("ask the question again", timeout=60_000)
    expect(page.locator("#fault")).to_have_count(0)
    page.get_by_role("button", name="Ask this question again").click()
    expect(page.locator("#current .sources")).to_be_visible(timeout=60_000)
    expect(page.locator("#log .question:visible")).to_have_text([QUESTION])
    page.close()
    process.terminate()
    assert process.wait(timeout=30) == 0
    assert process.stdout is not None
    process.stdout.close()


def test_what_is_saved_from_the_page_is_verified_until_a_word_of_it_is_altered(
    chat: str, home: Path, browser: Browser, tmp_path: Path
) -> None:
    page = browser.new_page()
    page.goto(chat)
    expect(page.locator(".example").first).to_be_visible(timeout=60_000)
    page.locator("#question textarea").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator("#current .sources")).to_be_visible(timeout=60_000)
    quote = page.locator("#current .said").first.inner_text().split()[3]
    for form in ("as a page", "as Markdown", "as JSON"):
        if not page.get_by_role("link", name=f"Save {form}").is_visible():
            page.locator("#side-view summary").first.click()
        with page.expect_download() as download:
            page.get_by_role("link", name=f"Save {form}").click()
        file = tmp_path / download.value.suggested_filename
        download.value.save_as(file)
        verified = onrecord("verify", file, home=home)
        assert (verified.returncode, verified.stderr) == (0, "")
        file.write_text(file.read_text(encoding="utf-8").replace(quote, "nobody", 1), encoding="utf-8")
        assert onrecord("verify", file, home=home).returncode == 3
    page.close()


MANY = (
    "How long is the border?", "Who wrote the article?", "What happened in August 2021?", QUESTION, "Who leads Narnia?",
    "What did Khilji say?", "How many people were killed in the airstrikes?", "When did the Soviet Union invade?",
)  # fmt: skip


@pytest.mark.skipif("LONG_TESTS" not in os.environ, reason="takes minutes, and a machine that does nothing else")
def test_the_500th_answer_of_a_conversation_comes_as_soon_as_the_first_ones(chat: str, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(chat)
    expect(page.locator(".example").first).to_be_visible(timeout=60_000)
    times = []
    for number in range(1, 501):
        page.locator("#question textarea").fill(MANY[number % len(MANY)])
        started = perf_counter()
        page.keyboard.press("Enter")
        page.wait_for_selector(f"#current .tools[data-turn='{number}']", state="attached", timeout=60_000)
        times.append(perf_counter() - started)
    assert page.locator("#past .turn").count() == 499
    # The first eight load what every question needs; medians over whole rounds of the questions, since the machine is shared.
    assert median(times[-40:]) / median(times[8:48]) <= 1.5
    page.close()
