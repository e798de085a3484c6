"""The library in a real browser, over a home that is given its articles there: the real archive, and stand-in weights."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import HOSTILE, Watch
from fakes import HashEncoder
from playwright.sync_api import Browser, Page, expect

from assistant import Assistant, Settings
from assistant.ui.app import build_app
from assistant.ui.desk import open_desk
from assistant.ui.server import ChatServer, listen
from assistant.ui.site import Site
from ingest.archive import Archive

# Gradio's queue counts its events with a pandas option that pandas is about to drop.
pytestmark = pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated")

FERRY = "The ferry Aurora left Tallinn at dawn. It carried 212 people."
APPLES = "The growers of Almaty lost their whole crop of apples. The frost came in a single night."


@pytest.fixture
def page(fake_models: HashEncoder, browser: Browser, tmp_path: Path) -> Iterator[Page]:
    Archive(tmp_path, create=True).close()
    with (
        listen(0) as listening,
        Assistant.open(tmp_path, Settings()) as assistant,
        open_desk(assistant, tmp_path, assistant.settings.ingest) as desk,
    ):
        site, ready = Site.local(listening.getsockname()[1]), threading.Event()
        desk.talk.warm_up()
        desk.inbox.start()
        server = ChatServer(build_app(desk, site), listening, lambda url: ready.set(), site)
        thread = threading.Thread(target=server.run)
        thread.start()
        assert ready.wait(30)
        watch = Watch(site.address)
        watch.expected = "status of 4"  # what is refused
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        watch.look_at(page)
        page.goto(site.address)
        expect(page.get_by_text("There are no articles yet", exact=True)).to_be_visible()
        yield page
        watch.check()
        page.close()
        server.stop()
        thread.join(30)


def add(page: Page, *files: tuple[str, str]) -> None:
    chosen = [{"name": name, "mimeType": "text/plain", "buffer": text.encode()} for name, text in files]
    page.locator("#library input[type=file]").set_input_files(chosen)  # type: ignore[arg-type]


def open_library(page: Page) -> None:
    page.locator("#side-view .library").click()
    expect(page.locator("#library")).to_be_visible()


def test_files_are_added_with_a_reason_for_each_that_fails_and_can_be_asked(page: Page) -> None:
    page.get_by_role("button", name="Add articles").click()
    add(page, ("ferry.txt", FERRY), ("apples.md", APPLES), ("empty.txt", " "), ("picture.png", "x"))
    states = page.locator("#library .added li")
    expect(states.filter(has_text="ferry.txt").locator(".state")).to_have_text("added")
    expect(states.filter(has_text="apples.md").locator(".state")).to_have_text("added")
    expect(states.filter(has_text="empty.txt").locator(".state")).to_have_text("not added")
    expect(states.filter(has_text="empty.txt").locator(".reason")).to_have_text(
        "holds no text; ingest a file that does."
    )
    expect(states.filter(has_text="picture.png").locator(".reason")).to_contain_text("type that is not read")
    expect(page.locator("#library .counted")).to_have_text("2 of 2 articles")
    add(page, ("ferry.txt", FERRY + " A storm came."), ("apples.md", APPLES))
    expect(states.filter(has_text="ferry.txt").locator(".state")).to_have_text("updated")
    expect(states.filter(has_text="apples.md").locator(".state")).to_have_text("not changed")
    page.keyboard.press("Escape")
    page.locator("#question textarea").fill("How many people did the ferry Aurora carry?")
    page.keyboard.press("Enter")
    expect(page.locator("#current .tools")).to_be_visible()
    expect(page.locator("#current [data-cite*=ferry]").first).to_be_visible()


def test_the_page_follows_what_becomes_of_its_articles(page: Page) -> None:
    page.get_by_role("button", name="Add articles").click()
    add(page, ("ferry.txt", FERRY), ("apples.md", APPLES))
    expect(page.locator("#library .counted")).to_have_text("2 of 2 articles")
    page.keyboard.press("Escape")
    expect(page.locator("#welcome h2")).to_have_text("What would you like to know?")
    expect(page.locator("#article-view .shelf .choose")).to_have_count(2)
    page.locator("#question textarea").fill("How many people did the ferry Aurora carry?")
    page.keyboard.press("Enter")
    expect(page.locator("#current .tools")).to_be_visible()
    page.locator("#current [data-cite*=ferry]").first.click()
    expect(page.locator("#article-view mark")).to_be_visible()
    open_library(page)
    add(page, ("ferry.txt", FERRY + " A storm came."))
    expect(page.locator("#article-view .badge")).to_contain_text("An earlier version")
    ferry = page.locator("#library .list > li", has_text="ferry")
    ferry.get_by_role("button", name="Withdraw").click()
    ferry.get_by_role("button", name="Purge for good").click()
    expect(page.locator("#library .counted")).to_have_text("1 of 1 articles")
    expect(page.locator("#article-view .trouble")).to_contain_text("was purged")
    expect(page.locator("#log")).not_to_contain_text("212")
    expect(page.locator("#log")).to_contain_text("(Purged")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("#welcome h2")).to_be_visible()


def test_whoever_is_asked_whether_to_purge_is_not_disturbed(page: Page) -> None:
    open_library(page)
    add(page, ("apples.md", APPLES))
    expect(page.locator("#library .counted")).to_have_text("1 of 1 articles")
    page.locator("#library .list").get_by_role("button", name="Withdraw").click()
    add(page, ("ferry.txt", FERRY))
    expect(page.locator("#library .counted")).to_have_text("2 of 2 articles")
    expect(page.get_by_role("button", name="Purge for good")).to_be_visible()
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#library .list > li")).to_have_count(2)


def test_a_file_dropped_anywhere_on_the_page_is_added(page: Page) -> None:
    page.evaluate(
        """text => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([text], "dropped.txt", {type: "text/plain"}));
          const event = new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer: transfer});
          document.getElementById("log").dispatchEvent(event);
          return event.defaultPrevented;
        }""",
        FERRY,
    )
    expect(page.locator("#library .counted")).to_have_text("1 of 1 articles")


def test_what_was_added_is_taken_in_though_the_tab_closes(page: Page, tmp_path: Path) -> None:
    open_library(page)
    with page.expect_response(lambda answer: "/onrecord/add" in answer.url):
        add(page, ("ferry.txt", FERRY))
    page.goto("about:blank")
    for _ in range(100):
        archive = Archive(tmp_path)
        found = archive.articles()
        archive.close()
        if found:
            break
        page.wait_for_timeout(100)
    assert [info.source for info in found] == ["ferry.txt"]


def test_a_question_is_asked_of_a_selection_and_then_of_all(page: Page) -> None:
    open_library(page)
    add(page, ("ferry.txt", FERRY), ("apples.txt", APPLES))
    expect(page.locator("#library .counted")).to_have_text("2 of 2 articles")
    page.locator("#library [name=words]").fill("apples")
    expect(page.locator("#library .counted")).to_have_text("1 of 2 articles")
    page.locator("#library .list input[type=checkbox]").check()
    page.get_by_role("button", name="Ask only the selected one").click()
    expect(page.locator("#scope")).to_contain_text("Only:")
    page.locator("#question textarea").fill("How many people did the ferry Aurora carry?")
    page.keyboard.press("Enter")
    expect(page.locator("#current .tools")).to_be_visible()
    expect(page.locator("#current .scoped")).to_contain_text("apples")
    expect(page.locator("#current [data-cite*=ferry]")).to_have_count(0)
    page.locator("#current").get_by_role("button", name="Ask all articles").click()
    expect(page.locator("#current [data-cite*=ferry]").first).to_be_visible()
    expect(page.locator("#log .question")).to_have_count(1)
    expect(page.locator("#scope")).to_have_text("All articles")


def test_an_article_is_withdrawn_and_its_citation_opens_the_old_words_and_says_so(page: Page) -> None:
    open_library(page)
    add(page, ("ferry.txt", FERRY))
    expect(page.locator("#library .counted")).to_have_text("1 of 1 articles")
    page.keyboard.press("Escape")
    page.locator("#question textarea").fill("How many people did the ferry Aurora carry?")
    page.keyboard.press("Enter")
    expect(page.locator("#current .tools")).to_be_visible()
    page.reload()
    open_library(page)
    page.get_by_role("button", name="Withdraw").click()
    page.locator("#library .sure").get_by_role("button", name="Withdraw").click()
    expect(page.locator("#library .counted")).to_have_text("There are no articles yet.")
    page.keyboard.press("Escape")
    page.locator("#past [data-cite]").first.click()
    expect(page.locator("#article-view .badge")).to_contain_text("Withdrawn")
    expect(page.locator("mark")).to_be_visible()


def test_a_purged_article_is_gone_from_the_conversation_too(page: Page) -> None:
    open_library(page)
    add(page, ("ferry.txt", FERRY))
    expect(page.locator("#library .counted")).to_have_text("1 of 1 articles")
    page.keyboard.press("Escape")
    page.locator("#question textarea").fill("How many people were on it?")
    page.keyboard.press("Enter")
    expect(page.locator("#current .tools")).to_be_visible()
    open_library(page)
    page.get_by_role("button", name="Withdraw").click()
    page.locator("#library .sure").get_by_role("button", name="Purge for good").click()
    expect(page.locator("#library .counted")).to_have_text("There are no articles yet.")
    page.reload()
    expect(page.locator("#past .question")).to_be_visible()
    expect(page.locator("#log")).not_to_contain_text("212")


def test_hostile_names_and_texts_stay_text(page: Page) -> None:
    open_library(page)
    title = HOSTILE.replace("/", "∕")[:80]
    add(page, (f"{title}.md", f"# {HOSTILE}\n\n{HOSTILE}\n"))
    expect(page.locator("#library .added .name")).to_have_text(f"{title}.md")
    expect(page.locator("#library .added .state")).to_have_text("added")
    made = page.locator(":is(#library, #log, #article) :is(script, img, iframe, base, style, a[href^=javascript])")
    expect(made).to_have_count(0)
