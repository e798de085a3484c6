"""A chat in a real browser, over an assistant whose answers are known: fixtures that the browser tests share.

A page that was opened with them fails its test if anything ran, was fetched elsewhere, or went to the console.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request, expect, sync_playwright

from assistant.check import Checked
from assistant.retrieval import Hit
from assistant.types import Answer, ArticleInfo, Citation, Cited, Part, Scope, Sentence, Source, Timings, Turn
from assistant.ui.desk import open_desk
from assistant.ui.site import Site
from ingest.errors import CitationNotFound, IndexMissing
from ingest.pipeline import Progress
from ingest.settings import IngestSettings

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
VERSION, EARLIER = "0123456789ab", "ba9876543210"
HOSTILE = (
    "<script>window.hit=1</script><img src=x onerror=window.hit=2><svg onload=window.hit=3></svg>"
    "<iframe src='http://evil.example/'></iframe><style>body{display:none}</style><base href='http://evil.example/'>"
    "<form action='http://evil.example/'><input name=q autofocus onfocus=window.hit=4></form>"
    "<a href='javascript:window.hit=5'>a</a> ![](http://evil.example/x.png) [x](javascript:window.hit=6) "
    "http://evil.example/ {{this}} {{#each value}}x{{/each}} ${window.hit=7} `code` $$x^2$$ &lt;b&gt; \"'"
)
FILLER = "\n\n".join(f"Paragraph {n} tells of nets, ropes and the price of herring, at some length." for n in range(40))
HARBOUR = f"""🚢🚢 The harbour, a note

By Ines Hale

🌊 The new pier was opened in May. It is 120 metres long, and [12] boats can lie there.

{FILLER}

The old pier stays where it is. 🐟 Nobody knows who will pay for it."""
OPENED, BOATS, OLD = (
    "The new pier was opened in May.",
    "It is 120 metres long, and [12] boats can lie there.",
    "The old pier stays where it is.",
)


def article(id: str, **known: Any) -> ArticleInfo:
    unknown = dict.fromkeys(("title", "author", "outlet", "published", "language", "source", "licence", "description"))
    return ArticleInfo(id, VERSION, characters=1, passages=1, **{"examples": (), **unknown, **known})


ARTICLES = (
    article("harbour", title="The harbour", author="Ines Hale", outlet="Coast Post", published="2024-05-03",
            examples=("When was the pier opened?",)),
    article(HOSTILE, title=HOSTILE, author=HOSTILE, outlet=HOSTILE, published=HOSTILE, description=HOSTILE),
)  # fmt: skip
TEXTS = {"harbour": HARBOUR, HOSTILE: f"{HOSTILE}\n\nThe words after it. {HOSTILE}"}


def cited(marker: int, quote: str, of: ArticleInfo = ARTICLES[0]) -> Citation:
    start = TEXTS[of.article].index(quote)
    end = start + len(quote)
    return Citation(
        marker, f"{of.article}@{VERSION}:{start}-{end}", of.article, VERSION, of.title, of.author, of.outlet,
        of.published, None, None, start, end, quote, None, 0.9,
    )  # fmt: skip


def written(question: str, citations: Sequence[Citation], **changes: Any) -> Answer:
    sentences = tuple(Sentence(c.quote, 0, len(c.quote), "quoted", (c.marker,)) for c in citations)
    text = " ".join(f"{c.quote} [{c.marker}]" for c in citations)
    answer = Answer(question, question, "answered", False, None, (), text, "quote", 0.9, sentences, tuple(citations), (),
                    Timings())  # fmt: skip
    return replace(answer, **changes)


@dataclass
class Harbourmaster:
    """Answers by the first word of a question; a question that starts with "slow" waits to be let on."""

    asked: list[tuple[str, tuple[Turn, ...]]] = field(default_factory=list)
    let_on: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    scopes: list[Scope | None] = field(default_factory=list)

    def stream(self, question: str, history: Sequence[Turn] = (), scope: Scope | None = None) -> Iterator[Part]:
        self.asked.append((question, tuple(history)))
        self.scopes.append(scope)
        answer = self._answer(question)
        if not answer.sentences:
            yield Part(answer.answer, answer=answer)
        for n, sentence in enumerate(answer.sentences):
            if question.startswith("slow"):
                assert self.let_on.acquire(timeout=20)
            last = n + 1 == len(answer.sentences)
            yield Part(sentence.text, sentence, (answer.citations[n],), answer if last else None)

    def _answer(self, question: str) -> Answer:
        kind = question.split()[0].rstrip("?")
        if kind == "error":
            raise IndexMissing(f"Nothing is there {HOSTILE}; run: onrecord ingest")
        if kind == "bug":
            raise RuntimeError("secret detail")
        if kind == "price":
            return written(question, (), outcome="not_stated", abstained=True, reason=HOSTILE,
                           answer="The articles do not say it.", nearest=(cited(1, OLD), cited(2, BOATS)))  # fmt: skip
        if kind == "why":
            return written(
                question, [cited(1, OLD)], outcome="false_premise", abstained=True, reason="It did not burn."
            )
        if kind == "author":
            fact = replace(cited(1, OPENED), id=f"harbour@{VERSION}#author", start=None, end=None, quote="Ines Hale")
            return written(question, [fact])
        if kind == "earlier":
            return written(question, [replace(cited(1, OPENED), id=cited(1, OPENED).id.replace(VERSION, EARLIER))])
        if kind == "gone":
            return written(question, [replace(cited(1, OPENED), id="gone@0123456789ab:0-3", article="gone")])
        if "<" in question:
            quotes = [cited(1, HOSTILE, ARTICLES[1]), cited(2, "The words after it.", ARTICLES[1])]
            return written(
                question, quotes, standalone_question=f"more {HOSTILE}", missing=(HOSTILE,), outcome="partial"
            )
        return written(question, [cited(1, OPENED), cited(2, BOATS), cited(3, OLD)])

    def articles(self) -> Sequence[ArticleInfo]:
        return ARTICLES

    def source(self, article: str, version: str | None = None) -> Source:
        for info in ARTICLES:
            if info.article == article:
                status: Any = "superseded" if version == EARLIER else "current"
                return Source(article, version or VERSION, status, info.title, info.author, info.outlet, info.published,
                              info.source, info.description, 0, TEXTS[article])  # fmt: skip
        raise CitationNotFound(f"There is no article {article}; list them with: onrecord articles")

    def cite(self, id: str, /) -> Cited:
        article, _, place = id.rpartition("@")
        start, _, end = place.split(":")[1].partition("-")
        info = next(info for info in ARTICLES if info.article == article)
        quote = TEXTS[article][int(start) : int(end)]
        return Cited(id, "current", quote, "", "", article, VERSION, info.title, info.author, info.outlet, info.published,
                     None, None, int(start), int(end))  # fmt: skip

    def answer(self, question: str, history: Sequence[Turn] = (), scope: Scope | None = None) -> Answer:
        raise NotImplementedError

    def search(self, query: str, limit: int = 10) -> Sequence[Hit]:
        raise NotImplementedError

    def check(self, text: str, *, progress: Progress | None = None) -> Checked:
        raise NotImplementedError

    def warm_up(self) -> None:
        pass


@pytest.fixture(scope="module")
def master() -> Harbourmaster:
    return Harbourmaster()


@pytest.fixture(scope="module")
def address(master: Harbourmaster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from assistant.ui.app import build_app
    from assistant.ui.server import ChatServer, listen

    with listen(0) as listening, open_desk(master, tmp_path_factory.mktemp("home"), IngestSettings()) as desk:
        ready = threading.Event()
        app = build_app(desk, Site.local(listening.getsockname()[1]))
        desk.talk.warm_up()
        server = ChatServer(app, listening, lambda url: ready.set())
        thread = threading.Thread(target=server.run)
        thread.start()
        assert ready.wait(30)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.stop()
        thread.join(30)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"there is no browser at {CHROMIUM}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


OpenPage = Callable[..., Page]


STREAM_ENDED = "AbortError|errored out"
"""Gradio's words for a stream that is closed with its page."""


class Watch:
    """All that a page did which it should not do."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.faults: list[str] = []
        self.requests: list[str] = []
        self.pages: list[Page] = []
        self.expected = "nothing"

    def look_at(self, page: Page) -> None:
        self.pages.append(page)
        page.on("request", self._request)
        page.on("requestfailed", lambda request: self._failed(request.url, request.failure or ""))
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("pageerror", lambda error: self._error(str(error)))
        page.on("dialog", self._dialog)

    def check(self) -> None:
        for page in self.pages:
            assert page.evaluate("window.hit") is None
        assert self.faults == []
        assert [url for url in self.requests if not url.startswith((f"{self.address}/", "data:"))] == []

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _error(self, error: str) -> None:
        if not re.search(STREAM_ENDED, error):
            self.faults.append(f"error: {error}")

    def _failed(self, url: str, why: str) -> None:
        if not re.search(f"{self.expected}|ABORTED", why):  # a stream that is closed with its page
            self.faults.append(f"failed: {url} {why}")

    def _dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _console(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not re.search(f"{self.expected}|{STREAM_ENDED}", text):
            self.faults.append(f"{kind}: {text}")


@pytest.fixture
def watch(address: str) -> Watch:
    return Watch(address)


@pytest.fixture(scope="module")
def desk(browser: Browser) -> BrowserContext:
    """The context of all tabs without wishes of their own: its cache saves each of them half of its loading time."""
    return browser.new_context(viewport={"width": 1280, "height": 800})


@pytest.fixture
def open_page(browser: Browser, desk: BrowserContext, address: str, watch: Watch) -> Iterator[OpenPage]:
    """Opens the chat in a new tab, and checks at the end that nothing happened that should not."""
    opened: list[Page | BrowserContext] = []

    def open_one(fragment: str = "", **options: Any) -> Page:
        context = browser.new_context(**options) if options else desk
        page = context.new_page()
        opened.append(context if options else page)
        watch.look_at(page)
        page.goto(f"{address}/{fragment}")
        expect(page.locator(".example")).to_have_count(1)
        expect(page.locator("#article-view .text")).to_be_visible()
        return page

    yield open_one
    watch.check()
    for tab in opened:
        tab.close()


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page()


def ask(page: Page, question: str) -> None:
    expect(page.locator("#send")).to_be_visible()  # the answer before this one is complete
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator("#current .question")).to_have_text(question)


expect.set_options(timeout=20_000)  # a busy machine is slow, and that is no fault


def answered(page: Page, question: str) -> None:
    ask(page, question)
    expect(page.locator("#current .sources")).to_be_visible()


def open_marker(page: Page, number: int) -> None:
    page.locator("#current .marker", has_text=str(number)).click()


CONTRAST = """selectors => {
  const channels = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = node => {
    for (; node; node = node.parentElement) {
      const colour = channels(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
  };
  return selectors.map(selector => {
    const node = document.querySelector(selector);
    const [a, b] = [light(channels(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x);
    return [selector, (a + 0.05) / (b + 0.05)];
  });
}"""


AXE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")


def faults_of_access(page: Page) -> list[str]:
    """What axe-core finds on the page as it is."""
    page.evaluate(f"{AXE};0")
    found: list[str] = page.evaluate(
        "() => axe.run().then(all => all.violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 200)}`)))"
    )
    return found
