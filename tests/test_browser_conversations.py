"""Conversations in a real browser: kept, found, resumed, edited, stopped; what they cite, and who rated them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from browsing import (
    BOATS,
    HOSTILE,
    OLD,
    OPENED,
    VERSION,
    Harbourmaster,
    OpenPage,
    Watch,
    answered,
    ask,
    cited,
    faults_of_access,
    open_marker,
)
from conftest import StartPython
from playwright.sync_api import Browser, Page, expect

# Gradio's queue counts its events with a pandas option that pandas is about to drop.
pytestmark = pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated")

COPYING = ["clipboard-read", "clipboard-write"]


def tool(page: Page, name: str, turn: int = -1) -> None:
    page.locator("#log .tools").nth(turn).get_by_role("button", name=name, exact=True).click()


def before(master: Harbourmaster) -> list[str]:
    """The questions that the last one knew of."""
    return [turn.question for turn in master.asked[-1][1]]


def copied(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def chat_of(page: Page) -> str:
    page.wait_for_url("**/?chat=*")
    return page.url.split("chat=")[1]


def test_a_conversation_has_an_address_and_comes_back_with_its_markers(page: Page, open_page: OpenPage) -> None:
    answered(page, "kept one")
    answered(page, "kept two")
    chat = chat_of(page)
    page.reload()
    expect(page.locator("#past .question")).to_have_text(["kept one", "kept two"])
    page.locator("#past .marker").nth(4).click()
    expect(page.locator("mark")).to_have_text(BOATS)
    answered(page, "kept three")
    expect(page.locator("#log .question")).to_have_text(["kept one", "kept two", "kept three"])
    other = open_page(f"?chat={chat}")
    expect(other.locator("#past .question")).to_have_count(3)
    assert other.title() == "kept one – onrecord"


def test_reloaded_in_mid_answer_the_answer_still_comes(page: Page, master: Harbourmaster) -> None:
    ask(page, "slow and reloaded")
    chat_of(page)
    page.reload()
    expect(page.locator("#past .waiting")).to_be_visible()
    expect(page.locator("#send")).not_to_be_visible()
    master.let_on.release(3)
    expect(page.locator("#past .sources")).to_be_visible()
    expect(page.locator("#send")).to_be_visible()
    answered(page, "after it")
    expect(page.locator("#log .question")).to_have_count(2)


def test_an_answer_is_stopped_and_asked_again(page: Page, master: Harbourmaster) -> None:
    ask(page, "slow to stop")
    master.let_on.release()
    expect(page.locator("#current .line")).to_have_count(1)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("#current .stopped")).to_have_text("You stopped this answer.")
    master.let_on.release(5)
    expect(page.locator("#send")).to_be_visible()
    tool(page, "Ask this question again")
    expect(page.locator("#current .sources")).to_be_visible()
    expect(page.locator("#log .question")).to_have_count(1)
    while master.let_on.acquire(blocking=False):  # what the stopped answer did not use
        pass


def test_an_earlier_question_is_edited_and_what_came_after_goes(page: Page, master: Harbourmaster) -> None:
    for question in ("one", "two", "three"):
        answered(page, question)
    tool(page, "Edit this question and ask again", 1)
    expect(page.locator("#editing")).to_contain_text("the answers after it go")
    expect(page.locator("#question textarea")).to_have_value("two")
    page.locator("#question textarea").fill("two, edited")
    page.keyboard.press("Enter")
    expect(page.locator("#log .question")).to_have_text(["one", "two, edited"])
    expect(page.locator("#current .sources")).to_be_visible()
    expect(page.locator("#editing")).to_have_count(0)
    assert before(master) == ["one"]
    page.reload()
    expect(page.locator("#past .question")).to_have_text(["one", "two, edited"])


def test_editing_can_be_thought_better_of(page: Page) -> None:
    answered(page, "one")
    tool(page, "Edit this question and ask again")
    page.get_by_role("button", name="Ask it as a new one").click()
    page.locator("#question textarea").fill("another")
    page.keyboard.press("Enter")
    expect(page.locator("#log .question")).to_have_text(["one", "another"])


def test_what_was_searched_for_is_corrected(page: Page, master: Harbourmaster) -> None:
    ask(page, f"{HOSTILE} searched")
    expect(page.locator("#current .searched span")).to_have_text(f"more {HOSTILE}")
    page.locator("#current").get_by_role("button", name="Correct").click()
    expect(page.locator("#question textarea")).to_have_value(f"more {HOSTILE}")
    page.locator("#question textarea").fill("what I meant")
    page.keyboard.press("Enter")
    expect(page.locator("#log .question")).to_have_text(["what I meant"])
    expect(page.locator("#current .sources")).to_be_visible()


def test_the_last_question_asked_again_takes_its_own_place(page: Page, master: Harbourmaster) -> None:
    answered(page, "one")
    answered(page, "two")
    before = len(master.asked)
    tool(page, "Ask this question again")
    expect(page.locator("#current .question")).to_have_attribute("data-turn", "3")
    expect(page.locator("#log .question")).to_have_text(["one", "two"])
    expect(page.locator("#current .sources")).to_be_visible()
    assert [question for question, _ in master.asked[before:]] == ["two"]


def test_an_answer_is_copied_with_its_citations(open_page: OpenPage) -> None:
    page = open_page(permissions=COPYING)
    answered(page, "copy all of it")
    tool(page, "Copy this answer with its citations")
    expect(page.locator("#current .tools")).to_contain_text("Copied")
    text = copied(page)
    assert text.startswith(f"copy all of it\n\n{OPENED} [1]\n{BOATS} [2]\n{OLD} [3]\n\n[1] http")
    assert text.endswith("Ines Hale · 3 May 2024 · Coast Post")
    url = re.search(r"\[2\] (\S+)", text)
    assert url
    page.goto(url[1])
    expect(page.locator("mark")).to_have_text(BOATS)


def test_conversations_are_found_renamed_and_deleted(page: Page) -> None:
    answered(page, "alpaca farming")
    page.get_by_role("button", name="New conversation").click()
    answered(page, "zebra crossing")
    side = page.locator("#side-view")
    expect(side.locator(".chat[aria-current]")).to_have_text("zebra crossing")
    side.get_by_label("Search conversations").fill("alpac")
    expect(side.locator(".chat")).to_have_text(["alpaca farming"])
    side.locator(".chat").click()
    expect(page.locator("#past .question")).to_have_text("alpaca farming")
    side.locator("summary").click()
    side.get_by_role("button", name="Rename").click()
    page.get_by_label("Title of the conversation").fill(f"Alpacas {HOSTILE}")
    page.keyboard.press("Enter")
    expect(side.locator(".chat")).to_contain_text(f"Alpacas {HOSTILE}"[:100])
    side.locator("summary").click()
    side.get_by_role("button", name="Delete").click()
    side.get_by_role("button", name="Delete for good?").click()
    expect(side.locator(".none")).to_have_text("No conversation holds these words.")
    expect(page.locator("#log .question")).to_have_count(0)
    expect(page.locator("#welcome .example")).to_be_visible()


def test_a_conversation_that_is_gone_says_so(open_page: OpenPage, watch: Watch) -> None:
    watch.expected = "404"
    page = open_page("?chat=00000000000000000000000000000000")
    expect(page.locator("#past .error")).to_contain_text("onrecord conversations list")


@pytest.mark.parametrize("words", ["as a page", "as Markdown", "as JSON"])
def test_a_conversation_is_saved(page: Page, words: str) -> None:
    answered(page, f"saved {words}")
    page.locator("#side-view summary").first.click()
    with page.expect_download() as download:
        page.locator("#side-view li").first.get_by_role("link", name=f"Save {words}").click()
    content = download.value.path().read_text(encoding="utf-8")
    assert f"saved {words}" in content
    assert cited(2, BOATS).id in content
    if words == "as JSON":
        assert json.loads(content)["onrecord"] == "conversation"


def test_an_answer_is_rated_and_the_reason_is_kept(page: Page) -> None:
    answered(page, "rated")
    good, bad = (
        page.locator("#current").get_by_role("button", name=name, exact=True)
        for name in ("Good answer", "Not a good answer")
    )
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    bad.click()
    expect(good).to_have_attribute("aria-pressed", "false")
    page.get_by_label("What is wrong with it?").fill("too short")
    page.keyboard.press("Enter")
    expect(page.locator("#current")).to_contain_text("Kept, as a draft")
    answered(page, "the next")
    expect(page.locator("#past [data-do=down]")).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(page.locator("#past [data-do=down]").first).to_have_attribute("aria-pressed", "true")


def test_after_the_chat_was_killed_in_mid_answer_the_question_is_there_to_be_asked_again(
    browser: Browser, start_python: StartPython, tmp_path: Path
) -> None:
    code = (
        "import sys, browsing as t; from assistant.ui import serve; from pathlib import Path\n"
        "from ingest.settings import IngestSettings\n"
        "serve(t.Harbourmaster(), Path(sys.argv[1]), IngestSettings(), None, lambda url: print(url, flush=True))"
    )
    first = start_python(code, tmp_path)
    assert first.stdout is not None
    page = browser.new_page()
    page.goto(first.stdout.readline().strip())
    answered(page, "kept before the crash")
    ask(page, "slow and killed")
    chat = chat_of(page)
    first.kill()
    first.wait(20)
    second = start_python(code, tmp_path)
    assert second.stdout is not None
    page.goto(f"{second.stdout.readline().strip()}/?chat={chat}")
    expect(page.locator("#past .question")).to_have_text(["kept before the crash", "slow and killed"])
    expect(page.locator("#past .error")).to_contain_text("interrupted")
    tool(page, "Edit this question and ask again")
    page.locator("#question textarea").fill("quick and answered")
    page.keyboard.press("Enter")
    expect(page.locator("#current .sources")).to_be_visible()
    expect(page.locator("#log .question")).to_have_text(["kept before the crash", "quick and answered"])
    page.close()


def test_two_tabs_on_two_conversations_share_nothing_and_on_one_they_share_it(
    page: Page, open_page: OpenPage, master: Harbourmaster
) -> None:
    answered(page, "of the first tab")
    other = open_page()
    answered(other, "of the second tab")
    assert before(master) == []
    twin = open_page(f"?chat={chat_of(page)}")
    answered(twin, "also of the first")
    assert before(master) == ["of the first tab"]
    answered(page, "and again of the first")
    assert before(master) == ["of the first tab", "also of the first"]
    expect(other.locator("#log .question")).to_have_text(["of the second tab"])
    other.reload()
    expect(other.locator("#log .question")).to_have_text(["of the second tab"])


# ---- the source beside it --------------------------------------------------------------------------------------------


def test_what_the_conversation_cites_is_marked_and_walked_through(page: Page) -> None:
    answered(page, "all three")
    open_marker(page, 1)
    expect(page.locator("#article-view .coverage .count")).to_have_text("1 of 3 cited")
    expect(page.locator("#article-view .also")).to_have_text([BOATS, OLD])
    page.get_by_role("button", name="Next citation").click()
    expect(page.locator("mark")).to_have_text(BOATS)
    expect(page.locator("#log [aria-current]")).to_have_text("2")
    page.get_by_role("button", name="Previous citation").click()
    page.get_by_role("button", name="Previous citation").click()
    expect(page.locator("mark")).to_have_text(OLD)
    expect(page.locator("mark")).to_be_in_viewport()
    page.locator("#article-view .also").first.click()
    expect(page.locator("mark")).to_have_text(OPENED)


def test_words_are_found_in_the_article(page: Page) -> None:
    page.get_by_label("Find in the article").fill("PIER")
    expect(page.locator(".find .count")).to_have_text("1 of 2")
    assert page.evaluate("() => [...CSS.highlights.get('found')].map(range => range.toString())") == ["pier", "pier"]
    page.keyboard.press("Enter")
    expect(page.locator(".find .count")).to_have_text("2 of 2")
    expect(page.locator("#article-view .text p").last).to_be_in_viewport()
    page.get_by_label("Find in the article").fill("walrus")
    expect(page.locator(".find .count")).to_have_text("not there")


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("Copy the citation as Text", OPENED),
        ("Copy the citation as BibTeX", "@"),
        ("Copy the citation as CSL-JSON", '"type"'),
    ],
)
def test_a_citation_is_copied_in_the_forms_that_others_read(open_page: OpenPage, name: str, held: str) -> None:
    page = open_page(permissions=COPYING)
    answered(page, "cited elsewhere")
    open_marker(page, 1)
    page.get_by_role("button", name=name).click()
    expect(page.locator("#article-view .address")).to_contain_text("Copied")
    assert held in copied(page)
    assert cited(1, OPENED).id in copied(page).replace("\\", "")


def test_a_link_to_a_passage_opens_there(open_page: OpenPage) -> None:
    page = open_page(permissions=COPYING)
    answered(page, "linked")
    open_marker(page, 3)
    page.get_by_role("button", name="Copy a link to this passage").click()
    expect(page.locator("#article-view .address")).to_contain_text("Copied")
    page.goto(copied(page))
    expect(page.locator("mark")).to_have_text(OLD)
    expect(page.locator("mark")).to_be_in_viewport()
    expect(page.locator("#article-view .byline")).to_contain_text(f"version {VERSION}")


def test_the_way_back_through_conversations_is_the_browsers(page: Page) -> None:
    answered(page, "first of the day")
    page.get_by_role("button", name="New conversation").click()
    answered(page, "second of the day")
    page.go_back()
    expect(page.locator("#past .question")).to_have_text("first of the day")


# ---- for everybody ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options", [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 800}}]
)
def test_axe_finds_nothing_in_any_state(open_page: OpenPage, master: Harbourmaster, options: dict[str, Any]) -> None:
    page = open_page(**options)
    assert faults_of_access(page) == []
    ask(page, "slow to be seen")
    expect(page.locator("#current .waiting")).to_be_visible()
    assert faults_of_access(page) == []
    master.let_on.release(3)
    expect(page.locator("#current .sources")).to_be_visible()
    open_marker(page, 1)
    expect(page.locator("mark")).to_be_visible()
    assert faults_of_access(page) == []
    for question, state in (
        ("error please", ".error"),
        ("price?", ".abstained"),
        ("why?", ".abstained"),
        (HOSTILE, ".missing"),
    ):
        ask(page, question)
        expect(page.locator(f"#current {state}")).to_be_visible()
        expect(page.locator("#send")).to_be_visible()
        assert faults_of_access(page) == [], state
    page.locator("#current").get_by_role("button", name="Not a good answer").click()
    expect(page.locator("#current .why")).to_be_visible()
    if "viewport" in options:
        page.get_by_role("button", name="Conversations").click()
    page.locator("#side-view summary").first.click()
    assert faults_of_access(page) == []
    page.locator("#side-view .library").click()
    expect(page.locator("#library .list li")).to_have_count(2)
    page.locator("#library .list button").last.click()
    expect(page.locator("#library .sure")).to_be_visible()
    assert faults_of_access(page) == []


def test_the_keyboard_reaches_every_marker_in_their_order_and_the_focus_is_seen(page: Page) -> None:
    answered(page, "by keyboard alone")
    page.locator("#log").focus()
    reached: list[str] = []
    while len(reached) < 3:
        page.keyboard.press("Tab")
        label = page.evaluate(
            "() => document.activeElement.matches('.marker') && document.activeElement.getAttribute('aria-label')"
        )
        if label:
            reached.append(label)
            assert page.evaluate("() => parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2
    assert reached == [f"Citation {n}: open the passage in the article" for n in (1, 2, 3)]


@pytest.mark.parametrize(("width", "head"), [(1440, 200), (390, 40)])
def test_a_question_goes_to_the_top_and_nothing_that_is_read_moves_while_it_is_answered(
    open_page: OpenPage, master: Harbourmaster, width: int, head: int
) -> None:
    page = open_page(viewport={"width": width, "height": 800})
    answered(page, "long before it")
    answered(page, "before it")
    ask(page, "slow and still")
    expect(page.locator("#past .line")).to_have_count(6)
    expect(page.locator("#current .waiting")).to_be_in_viewport()
    page.wait_for_timeout(300)  # the question has gone to its place
    before = page.locator("#past .line").first.bounding_box()
    for count in (1, 2, 3):
        master.let_on.release()
        expect(page.locator("#current .line")).to_have_count(count)
        first = page.locator("#current .line").first.bounding_box()
        question = page.locator("#current .question").bounding_box()
        assert page.locator("#past .line").first.bounding_box() == before
        assert first
        assert question
        assert first["y"] > question["y"]
        assert 0 < question["y"] < head
    expect(page.locator("#current .sources")).to_be_visible()
    assert page.locator("#past .line").first.bounding_box() == before
