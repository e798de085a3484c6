"""The chat in a real browser. Each test also fails if anything ran, was fetched elsewhere, or went to the console."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from browsing import (
    BOATS,
    CONTRAST,
    HARBOUR,
    HOSTILE,
    OLD,
    OPENED,
    TEXTS,
    VERSION,
    Harbourmaster,
    OpenPage,
    Watch,
    answered,
    ask,
    cited,
    open_marker,
)
from conftest import StartPython
from playwright.sync_api import Browser, Page, expect

# Gradio's queue counts its events with a pandas option that pandas is about to drop.
pytestmark = pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated")


def test_an_example_is_asked_and_its_marker_opens_the_exact_words(page: Page, watch: Watch) -> None:
    page.get_by_role("button", name="When was the pier opened?").click()
    expect(page.locator("#current .marker")).to_have_count(3)
    expect(page.locator("#welcome .example")).not_to_be_visible()
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
    expect(page.locator("#article-view .title")).to_have_text("The harbour")
    expect(page.locator("#article-view .byline")).to_have_text(
        "Ines HaleCoast Post3 May 2024 (2024-05-03)version 0123456789ab"
    )
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
    expect(page.locator("#current .searched span")).to_have_text(f"more {HOSTILE}")
    expect(page.locator("#current .missing li")).to_have_text(HOSTILE)
    expect(page.locator("#current .sources")).to_have_text(f"{HOSTILE} · {HOSTILE} · {HOSTILE}")
    expect(page.locator("#article-view .choose").nth(1)).to_have_text(HOSTILE)
    open_marker(page, 2)
    expect(page.locator("mark")).to_have_text("The words after it.")
    open_marker(page, 1)
    expect(page.locator("mark")).to_have_text(HOSTILE)
    expect(page.locator("#article-view .title")).to_have_text(HOSTILE)
    expect(page.locator("#article-view .byline .part")).to_have_text([*[HOSTILE] * 3, f"version {VERSION}"])
    assert page.locator("#article-view .text").evaluate("node => node.textContent") == TEXTS[HOSTILE]
    ask(page, "error please")
    expect(page.locator("#current .error p")).to_have_text(f"Nothing is there {HOSTILE}; run: onrecord ingest")
    ask(page, "price?")
    expect(page.locator("#current .abstained > p").first).to_have_text(HOSTILE)
    for selector in ("#log", "#article"):
        made = page.locator(f":is({selector}) :is(script, img, iframe, base, form:not(.find), a, style)")
        expect(made).to_have_count(0)


def test_sentences_appear_one_by_one_and_nothing_is_sent_twice(page: Page, master: Harbourmaster) -> None:
    ask(page, "slow question")
    expect(page.locator("#current .waiting")).to_have_text("Searching the articles…")
    expect(page.locator("#send")).not_to_be_visible()
    page.locator("#question textarea").fill("typed meanwhile")
    page.keyboard.press("Enter")
    master.let_on.release()
    expect(page.locator("#current .line")).to_have_count(1)
    first = page.locator("#current .line").element_handle()
    master.let_on.release(2)
    expect(page.locator("#current .line")).to_have_count(3)
    assert first is not None
    assert first.evaluate("node => node.isConnected"), "the first sentence was drawn again"
    expect(page.locator("#send")).to_be_visible()
    expect(page.locator("#question textarea")).to_have_value("typed meanwhile")
    assert [question for question, _ in master.asked if question in ("slow question", "typed meanwhile")] == [
        "slow question"
    ]


def test_a_new_conversation_forgets_and_stops_the_running_answer(page: Page, master: Harbourmaster) -> None:
    answered(page, "first of two")
    ask(page, "slow to be stopped")
    expect(page.locator("#past .question")).to_have_text("first of two")
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
    expect(page.locator("#past .question")).to_have_text("first here")
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
    page.get_by_role("button", name="Copy the address").click()
    expect(page.locator(".copy").first).to_have_text("Copied")
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
        ".passage .said", ".passage .from", ".lead", "#send", "#side-view .new", ".hint", ".told", ".tools button", "#side-view .when",
        ".byline", ".badge", ".address input",
        ".copy", "mark", "#article-view .text p", ".choose", "#question textarea",
    ]  # fmt: skip
    assert [pair for pair in page.evaluate(CONTRAST, selectors) if pair[1] < 4.5] == []


def test_stopping_the_chat_while_a_page_is_open_is_quiet(
    browser: Browser, start_python: StartPython, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    process = start_python(
        "import logging, sys, browsing as t; from assistant.ui import serve\n"
        "logging.basicConfig(filename=sys.argv[1])\n"
        "from ingest.settings import IngestSettings; from pathlib import Path\n"
        "serve(t.Harbourmaster(), Path(sys.argv[1]).parent, IngestSettings(), None, lambda url: print(url, flush=True))",
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
