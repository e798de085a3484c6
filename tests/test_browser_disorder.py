"""The chat's page when things come late, in another order than they were asked for, or not at all; in Debian's Chromium."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from browsing import Harbourmaster, OpenPage, Watch, answered, ask
from playwright.sync_api import Page, Route, expect


def chat_of(page: Page) -> str:
    page.wait_for_url("**/?chat=*")
    return page.url.split("chat=")[1]


def held(page: Page, pattern: str) -> Callable[[], None]:
    """Holds up the first request to a path; gives back what lets it through."""
    waiting: list[Route] = []
    page.route(pattern, lambda route: waiting.append(route), times=1)
    return lambda: waiting[0].continue_()


def in_list(page: Page, title: str) -> None:
    page.locator("#side-view .chats a", has_text=title).first.click()


def test_a_conversation_that_is_loaded_late_does_not_take_the_place_of_a_newer_choice(page: Page) -> None:
    answered(page, "the late one")
    chat = chat_of(page)
    page.get_by_role("button", name="New conversation").click()
    let_through = held(page, f"**/onrecord/conversation?id={chat}*")
    in_list(page, "the late one")
    page.get_by_role("button", name="New conversation").click()
    answered(page, "the newer one")
    with page.expect_response(f"**/onrecord/conversation?id={chat}*"):
        let_through()
    page.evaluate("() => new Promise(requestAnimationFrame)")
    expect(page.locator("#log .question")).to_have_text(["the newer one"])
    assert chat_of(page) != chat


def test_an_answer_that_comes_after_another_conversation_was_opened_stays_in_its_own(
    page: Page, open_page: OpenPage
) -> None:
    answered(page, "first of all")
    first = chat_of(page)
    page.get_by_role("button", name="New conversation").click()
    answered(page, "the second")
    second = chat_of(page)
    let_through = held(page, "**/gradio_api/queue/join*")
    page.locator("#question textarea").fill("sent in the second")
    page.keyboard.press("Enter")
    in_list(page, "first of all")
    expect(page.locator("#past .question")).to_have_text(["first of all"])
    let_through()
    other = open_page(f"?chat={second}")
    expect(other.locator("#past .question")).to_have_text(["the second", "sent in the second"])
    expect(page.locator("#past .question")).to_have_text(["first of all"])
    expect(page.locator("#current .question:visible")).to_have_count(0)
    answered(page, "and on")
    expect(page.locator("#log .question:visible")).to_have_text(["first of all", "and on"])
    assert chat_of(page) == first


def test_what_is_asked_beside_a_conversation_that_is_gone_begins_a_new_one(
    page: Page, watch: Watch, open_page: OpenPage
) -> None:
    watch.expected = "404"
    answered(page, "kept beside")
    kept = chat_of(page)
    page.evaluate("history.pushState(null, '', '/?chat=00000000000000000000000000000000')")
    page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
    expect(page.locator("#past .error")).to_be_visible()
    expect(page.locator("#current .question:visible")).to_have_count(0)
    answered(page, "somewhere else")
    assert chat_of(page) != kept
    expect(open_page(f"?chat={kept}").locator("#past .question")).to_have_text(["kept beside"])


def test_a_question_that_is_not_taken_is_told_of_and_not_lost(page: Page, watch: Watch) -> None:
    watch.expected = "ERR_FAILED|Failed to fetch|404"  # what gradio then asks for
    page.route("**/gradio_api/queue/join*", lambda route: route.abort("aborted"))
    page.locator("#question textarea").fill("never taken")
    page.keyboard.press("Enter")
    expect(page.locator("#fault")).to_contain_text("has not been taken")
    page.unroute("**/gradio_api/queue/join*")
    page.get_by_role("button", name="Load the page again").click()
    expect(page.locator("#fault")).to_have_count(0)
    expect(page.locator("#question textarea")).to_have_value("never taken")
    page.locator("#question textarea").press("Enter")
    expect(page.locator("#current .sources")).to_be_visible()


def test_where_the_chat_cannot_be_reached_the_page_waits_for_it_and_goes_on(
    page: Page, master: Harbourmaster, watch: Watch
) -> None:
    watch.expected = "ERR_INTERNET_DISCONNECTED|Failed to fetch|Failed to load|Method not implemented"
    ask(page, "slow while the line is down")
    chat_of(page)
    page.locator("#question textarea").fill("typed meanwhile")
    page.context.set_offline(True)
    expect(page.locator("#fault")).to_contain_text("cannot be reached")
    master.let_on.release(3)
    page.context.set_offline(False)
    expect(page.locator("#past .sources")).to_be_visible()
    expect(page.locator("#fault")).to_have_count(0)
    expect(page.locator("#question textarea")).to_have_value("typed meanwhile")
    page.locator("#question textarea").press("Enter")
    expect(page.locator("#current .question")).to_have_text("typed meanwhile")
    expect(page.locator("#current .sources")).to_be_visible()


def test_a_reader_who_scrolls_away_is_left_there(page: Page, master: Harbourmaster) -> None:
    for question in ("long before", "before", "just before"):
        answered(page, question)
    ask(page, "slow while one reads on")
    page.wait_for_timeout(300)
    page.evaluate("document.getElementById('log').scrollTop = 40")
    for count in (1, 2, 3):
        master.let_on.release()
        expect(page.locator("#current .line")).to_have_count(count)
    expect(page.locator("#current .sources")).to_have_count(1)
    assert page.evaluate("document.getElementById('log').scrollTop") == 40


def test_the_field_for_what_is_wrong_is_in_sight(open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 1280, "height": 520})
    answered(page, "rated in sight")
    page.locator("#current").locator("[data-do=down]").click()
    expect(page.locator("#current .why input")).to_be_focused()
    expect(page.locator("#current .why input")).to_be_in_viewport()


def test_what_cannot_be_done_is_said_where_one_sees_it(page: Page, watch: Watch, address: str) -> None:
    watch.expected = "404"
    answered(page, "deleted elsewhere")
    chat = chat_of(page)
    assert page.request.post(f"{address}/onrecord/conversation/delete", data={"id": chat}).ok
    page.locator("#current").locator("[data-do=up]").click()
    expect(page.locator("#fault")).to_contain_text("No conversation")
    expect(page.locator("#fault")).to_be_in_viewport()
    page.locator("#fault").get_by_role("button", name="Close").click()
    expect(page.locator("#fault")).to_have_count(0)


def test_a_link_with_half_an_escape_is_no_citation(page: Page) -> None:
    page.goto(page.url + "#cite=%")
    page.reload()
    expect(page.locator("#article")).to_contain_text("The link names no passage")


def test_the_focus_is_in_the_question_when_the_answer_ends(page: Page, master: Harbourmaster) -> None:
    ask(page, "slow and stopped")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("#current .stopped")).to_be_visible()
    expect(page.locator("#question textarea")).to_be_focused()
    while master.let_on.acquire(blocking=False):
        pass


def test_a_half_typed_name_and_an_open_menu_outlast_the_end_of_an_answer(page: Page, master: Harbourmaster) -> None:
    answered(page, "to be named")
    ask(page, "slow while one types a name")
    item = page.locator("#side-view .chats > li").first
    item.locator("summary").click()
    item.get_by_role("button", name="Rename").click()
    page.keyboard.type("Half a na")
    master.let_on.release(3)
    expect(page.locator("#send")).to_be_visible()
    expect(page.locator("#side-view .rename input")).to_have_value("Half a na")
    expect(page.locator("#side-view .rename input")).to_be_focused()
    page.keyboard.type("me")
    page.keyboard.press("Enter")
    expect(page.locator("#side-view .chat").first).to_have_text("Half a name")
    expect(page.locator("#side-view .chat").first).to_be_focused()


def test_a_menu_is_left_with_escape_or_a_click_elsewhere(page: Page) -> None:
    answered(page, "with a menu")
    item = page.locator("#side-view .chats > li").first
    item.locator("summary").click()
    item.get_by_role("button", name="Delete").click()
    page.keyboard.press("Escape")
    expect(item.locator("details")).not_to_have_attribute("open", "")
    item.locator("summary").click()
    expect(item.get_by_role("button", name="Delete")).to_have_text("Delete")
    page.locator("#article-view").click(position={"x": 3, "y": 3})
    expect(item.locator("details")).not_to_have_attribute("open", "")


def test_the_focus_stays_on_the_way_from_citation_to_citation(page: Page) -> None:
    answered(page, "stepping")
    page.locator("#current .marker").first.click()
    step = page.get_by_role("button", name="Next citation")
    step.focus()
    for _ in range(2):
        page.keyboard.press("Enter")
        expect(step).to_be_focused()


@pytest.mark.parametrize("key", ["Escape", None])
def test_a_question_that_is_edited_can_be_let_be(page: Page, key: str | None) -> None:
    answered(page, "as it was")
    page.locator("#current").get_by_role("button", name="Edit this question and ask again").click()
    expect(page.locator("#editing")).to_be_visible()
    if key:
        page.keyboard.press(key)
    else:
        page.get_by_role("button", name="Ask it as a new one").click()
    expect(page.locator("#editing")).to_have_count(0)
    expect(page.locator("#question textarea")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#log .question")).to_have_text(["as it was", "as it was"])
    expect(page.locator("#current .sources")).to_be_visible()
