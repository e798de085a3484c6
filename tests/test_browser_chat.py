"""The chat in a real browser. Each test also fails if anything ran, was fetched elsewhere, or went to the console."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from conftest import StartPython
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request, expect, sync_playwright

from assistant.types import Answer, ArticleInfo, Citation, Cited, Part, Sentence, Source, Timings, Turn
from ingest.errors import CitationNotFound, IndexMissing

# Gradio's queue counts its events with a pandas option that pandas is about to drop.
pytestmark = pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated")

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

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Iterator[Part]:
        self.asked.append((question, tuple(history)))
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
        raise NotImplementedError

    def warm_up(self) -> None:
        pass


@pytest.fixture(scope="module")
def master() -> Harbourmaster:
    return Harbourmaster()


@pytest.fixture(scope="module")
def address(master: Harbourmaster) -> Iterator[str]:
    from assistant.ui.app import build_app
    from assistant.ui.server import ChatServer, listen
    from assistant.ui.talk import Talk

    with listen(0) as listening:
        talk, ready = Talk(master), threading.Event()
        app = build_app(master, talk, listening.getsockname()[1])
        talk.warm_up()
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
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("dialog", self._dialog)

    def check(self) -> None:
        for page in self.pages:
            assert page.evaluate("window.hit") is None
        assert self.faults == []
        assert [url for url in self.requests if not url.startswith((f"{self.address}/", "data:"))] == []

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _failed(self, url: str, why: str) -> None:
        if "ABORTED" not in why:  # a stream that is closed with its page
            self.faults.append(f"failed: {url} {why}")

    def _dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _console(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and self.expected not in text:
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
    expect(page.locator("#send")).to_be_enabled()  # the answer before this one is complete
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator("#current .question")).to_have_text(question)


expect.set_options(timeout=20_000)  # a busy machine is slow, and that is no fault


def answered(page: Page, question: str) -> None:
    ask(page, question)
    expect(page.locator("#current .sources")).to_be_visible()


def open_marker(page: Page, number: int) -> None:
    page.locator("#current .marker", has_text=str(number)).click()


def test_an_example_is_asked_and_its_marker_opens_the_exact_words(page: Page, watch: Watch) -> None:
    page.get_by_role("button", name="When was the pier opened?").click()
    expect(page.locator("#current .marker")).to_have_count(3)
    expect(page.locator("#welcome .example")).to_have_count(0)
    expect(page.locator("#current .said").nth(1)).to_have_text(BOATS)
    expect(page.locator("#current .sources")).to_have_text("Ines Hale · 3 May 2024 · Coast Post")
    for number, quote in ((1, OPENED), (3, OLD), (2, BOATS)):
        open_marker(page, number)
        expect(page.locator("mark")).to_have_count(1)
        expect(page.locator("mark")).to_have_text(quote)
        expect(page.locator("mark")).to_be_in_viewport()
        expect(page.locator("#log [aria-current]")).to_have_text(str(number))
        expect(page.get_by_label("The citation's address")).to_have_value(cited(number, quote).id)
    assert page.locator("#article-view .text").evaluate("node => node.textContent") == HARBOUR
    assert sum("/onrecord/source" in url for url in watch.requests) == 1


def test_the_article_says_who_wrote_it_where_and_when(page: Page) -> None:
    expect(page.locator("#article-view h1")).to_have_text("The harbour")
    expect(page.locator("#article-view .byline")).to_have_text("Ines HaleCoast Post3 May 2024 (2024-05-03)")
    expect(page.locator("#article-view time")).to_have_attribute("datetime", "2024-05-03")


def test_a_citation_of_metadata_shows_the_value_and_marks_nothing(page: Page) -> None:
    answered(page, "author of it?")
    open_marker(page, 1)
    expect(page.locator(".fact")).to_have_text("On record: authorInes Hale")
    expect(page.locator("mark")).to_have_count(0)


def test_an_earlier_version_says_so(page: Page) -> None:
    answered(page, "earlier?")
    open_marker(page, 1)
    expect(page.locator(".badge")).to_contain_text("the article has changed since")
    expect(page.locator("mark")).to_have_text(OPENED)


def test_an_article_that_cannot_be_loaded_says_why(page: Page, watch: Watch) -> None:
    watch.expected = "404"
    answered(page, "gone?")
    open_marker(page, 1)
    expect(page.locator(".trouble")).to_contain_text("list them with: onrecord articles")


def test_a_link_with_an_address_opens_its_passage(open_page: OpenPage) -> None:
    page = open_page(f"#cite={cited(1, OLD).id}")
    expect(page.locator("mark")).to_have_text(OLD)
    expect(page.locator("mark")).to_be_in_viewport()


def test_hostile_text_is_shown_as_text_everywhere(page: Page) -> None:
    ask(page, f"{HOSTILE}\n\n# heading\n\n![](http://evil.example/y.png)\n\n    code")
    expect(page.locator("#current .said").first).to_have_text(HOSTILE)
    expect(page.locator("#current .searched")).to_have_text(f"Searched for: more {HOSTILE}")
    expect(page.locator("#current .missing li")).to_have_text(HOSTILE)
    expect(page.locator("#current .sources")).to_have_text(f"{HOSTILE} · {HOSTILE} · {HOSTILE}")
    expect(page.locator("#article-view .choose").nth(1)).to_have_text(HOSTILE)
    open_marker(page, 2)
    expect(page.locator("mark")).to_have_text("The words after it.")
    open_marker(page, 1)
    expect(page.locator("mark")).to_have_text(HOSTILE)
    expect(page.locator("#article-view h1")).to_have_text(HOSTILE)
    expect(page.locator("#article-view .byline .part")).to_have_text([HOSTILE] * 3)
    assert page.locator("#article-view .text").evaluate("node => node.textContent") == TEXTS[HOSTILE]
    ask(page, "error please")
    expect(page.locator("#current .error p")).to_have_text(f"Nothing is there {HOSTILE}; run: onrecord ingest")
    ask(page, "price?")
    expect(page.locator("#current .abstained > p").first).to_have_text(HOSTILE)
    for selector in ("#log", "#article"):
        made = page.locator(f":is({selector}) :is(script, img, iframe, base, form, a, style)")
        expect(made).to_have_count(0)


def test_sentences_appear_one_by_one_and_nothing_is_sent_twice(page: Page, master: Harbourmaster) -> None:
    ask(page, "slow question")
    expect(page.locator("#current .waiting")).to_have_text("Searching the articles…")
    expect(page.locator("#send")).to_be_disabled()
    page.locator("#question textarea").fill("typed meanwhile")
    page.keyboard.press("Enter")
    master.let_on.release()
    expect(page.locator("#current .line")).to_have_count(1)
    first = page.locator("#current .line").element_handle()
    master.let_on.release(2)
    expect(page.locator("#current .line")).to_have_count(3)
    assert first is not None
    assert first.evaluate("node => node.isConnected"), "the first sentence was drawn again"
    expect(page.locator("#send")).to_be_enabled()
    expect(page.locator("#question textarea")).to_have_value("typed meanwhile")
    assert [question for question, _ in master.asked if question in ("slow question", "typed meanwhile")] == [
        "slow question"
    ]


def test_a_new_conversation_forgets_and_stops_the_running_answer(page: Page, master: Harbourmaster) -> None:
    answered(page, "first of two")
    ask(page, "slow to be stopped")
    expect(page.locator("#earlier .question")).to_have_text("first of two")
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("#log .question")).to_have_count(0)
    expect(page.locator(".example")).to_have_count(1)
    master.let_on.release(3)
    answered(page, "after that")
    expect(page.locator("#log .question")).to_have_count(1)
    assert master.asked[-1] == ("after that", ())
    while master.let_on.acquire(blocking=False):  # what the stopped answer did not use
        pass


def test_a_question_asked_while_a_stopped_answer_is_still_inside_a_step_is_answered(
    page: Page, master: Harbourmaster
) -> None:
    ask(page, "slow to be stopped")
    expect(page.locator("#current .waiting")).to_be_visible()
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("#log .question")).to_have_count(0)
    ask(page, "asked at once")
    expect(page.locator("#current .waiting")).to_be_visible()
    master.let_on.release(3)
    expect(page.locator("#current .sources")).to_be_visible()
    assert master.asked[-1] == ("asked at once", ())
    while master.let_on.acquire(blocking=False):  # what the stopped answer did not use
        pass


def test_a_follow_up_knows_its_own_tab_only(page: Page, open_page: OpenPage, master: Harbourmaster) -> None:
    answered(page, "first here")
    answered(page, "second here")
    assert [turn.question for turn in master.asked[-1][1]] == ["first here"]
    assert master.asked[-1][1][0].articles == ("harbour",)
    expect(page.locator("#earlier .question")).to_have_text("first here")
    answered(open_page(), "elsewhere")
    assert master.asked[-1] == ("elsewhere", ())


def test_enter_sends_shift_enter_makes_a_line_and_nothing_asks_nothing(page: Page, master: Harbourmaster) -> None:
    before = len(master.asked)
    box = page.locator("#question textarea")
    box.fill("   ")
    with page.expect_response(lambda response: "queue/join" in response.url):
        page.keyboard.press("Enter")
    box.fill("two")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("lines")
    expect(box).to_have_value("two\nlines")
    page.locator("#send").click()
    expect(page.locator("#current .sources")).to_be_visible()
    assert [question for question, _ in master.asked[before:]] == ["two\nlines"]


def test_a_question_that_is_too_long_stays_in_the_box_with_a_message(page: Page) -> None:
    page.locator("#question textarea").fill("x" * 4001)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("at most 4,000")
    expect(page.locator("#question textarea")).to_have_value("x" * 4001)


def test_an_abstention_looks_different_and_offers_the_nearest_passages(page: Page) -> None:
    ask(page, "price of it?")
    expect(page.locator("#current .abstained h3")).to_have_text("Not in the articles")
    page.locator("#current .passage").nth(1).click()
    expect(page.locator("mark")).to_have_text(BOATS)


def test_a_false_premise_shows_what_is_said_instead(page: Page) -> None:
    ask(page, "why did it burn?")
    expect(page.locator("#current .abstained h3")).to_have_text("The question takes something for granted")
    open_marker(page, 1)
    expect(page.locator("mark")).to_have_text(OLD)


def test_a_bug_is_a_short_card_and_the_chat_goes_on(page: Page) -> None:
    ask(page, "bug please")
    expect(page.locator("#current .error p")).to_have_text("Something went wrong; the terminal shows the details.")
    answered(page, "after the bug")


def test_the_address_can_be_copied(open_page: OpenPage) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    answered(page, "copy it")
    open_marker(page, 2)
    page.locator(".copy").click()
    expect(page.locator(".copy")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == cited(2, BOATS).id


def test_markers_work_by_keyboard_and_the_conversation_is_announced(page: Page) -> None:
    expect(page.get_by_role("log", name="Conversation")).to_have_attribute("aria-live", "polite")
    answered(page, "by keyboard")
    marker = page.get_by_role("button", name="Citation 2: open the passage in the article")
    marker.focus()
    page.keyboard.press("Enter")
    expect(page.locator("mark")).to_have_text(BOATS)
    expect(marker).to_be_focused()


def test_on_a_wide_screen_each_column_scrolls_by_itself(page: Page) -> None:
    for number in range(4):
        answered(page, f"question {number}")
    sizes = page.evaluate(
        "() => [document.documentElement, ...document.querySelectorAll('#log, #article')]"
        ".map(e => e.scrollHeight > e.clientHeight)"
    )
    assert sizes == [False, True, True]
    expect(page.locator("#current .question")).to_be_in_viewport()
    expect(page.locator("#send")).to_be_in_viewport()


def test_on_a_phone_the_columns_are_stacked_and_one_finds_back(open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 390, "height": 780})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    answered(page, "on a phone")
    open_marker(page, 3)
    expect(page.locator("mark")).to_be_in_viewport()
    page.get_by_role("button", name="Back to the answer").click()
    expect(page.locator("#current .marker").nth(2)).to_be_focused()
    expect(page.locator("#current .marker").nth(2)).to_be_in_viewport()


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_in_both_colour_schemes(open_page: OpenPage, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(paper.split("(")[1].split(",")[0]) > 128) == (scheme == "light")
    for question in ("error please", "price?", "earlier?"):
        ask(page, question)
    expect(page.locator("#current .sources")).to_be_visible()
    open_marker(page, 1)
    expect(page.locator("mark")).to_be_visible()
    selectors = [
        ".promise", ".question", "#current .said", "#current .marker", ".sources", ".error h3", ".error p", ".abstained h3",
        ".passage .said", ".passage .from", ".lead", "#send", "#new", ".hint", ".byline", ".badge", ".address input",
        ".copy", "mark", "#article-view .text p", ".choose", "#question textarea",
    ]  # fmt: skip
    assert [pair for pair in page.evaluate(CONTRAST, selectors) if pair[1] < 4.5] == []


def test_stopping_the_chat_while_a_page_is_open_is_quiet(
    browser: Browser, start_python: StartPython, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    process = start_python(
        "import logging, sys, test_browser_chat as t; from assistant.ui import serve\n"
        "logging.basicConfig(filename=sys.argv[1])\n"
        "serve(t.Harbourmaster(), None, lambda url: print(url, flush=True))",
        log,
    )
    assert process.stdout is not None
    page = browser.new_page()
    page.goto(process.stdout.readline().strip())
    expect(page.locator(".example")).to_have_count(1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    page.close()
    assert log.read_text() == ""
