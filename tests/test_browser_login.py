"""Logging in, in a real browser. What is checked here is what browsers decide: cookies, origins, policies, fragments."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator

import pytest
from browsing import CONTRAST, OLD, STREAM_ENDED, Harbourmaster, cited
from playwright.sync_api import Browser, BrowserContext, Page, expect

from assistant.ui.app import build_app
from assistant.ui.desk import open_desk
from assistant.ui.password import Password
from assistant.ui.server import ChatServer, listen
from assistant.ui.site import Site
from ingest.settings import IngestSettings

# Gradio's queue counts its events with a pandas option that pandas is about to drop.
pytestmark = pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated")

RIGHT = "correct horse battery staple"
WHERE = f"?more=7&cite=a%40b#cite={cited(1, OLD).id}"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("home")
    with listen(0) as listening, open_desk(Harbourmaster(), home, IngestSettings()) as desk:
        site, ready = Site.local(listening.getsockname()[1]), threading.Event()
        app = build_app(desk, site, Password(RIGHT, n=16))
        desk.talk.warm_up()
        server = ChatServer(app, listening, lambda url: ready.set(), site)
        thread = threading.Thread(target=server.run)
        thread.start()
        assert ready.wait(30)
        yield site.address
        server.stop()
        thread.join(30)


class Seen:
    """What went to a page's console that should not."""

    def __init__(self, page: Page) -> None:
        self.faults: list[str] = []
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("pageerror", lambda error: self._console("error", str(error)))

    def _console(self, kind: str, text: str) -> None:
        expected = re.search(rf"401 \(Unauthorized\)|{STREAM_ENDED}", text)
        if kind in ("error", "warning") and not expected:
            self.faults.append(f"{kind}: {text}")


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Open]:
    opened: list[tuple[BrowserContext, Seen]] = []

    def begin(where: str = "", **options: object) -> Page:
        context = browser.new_context(**options)  # type: ignore[arg-type]
        page = context.new_page()
        opened.append((context, Seen(page)))
        page.goto(f"{address}/{where}")
        return page

    yield begin
    for context, seen in opened:
        assert seen.faults == []
        context.close()


def log_in(page: Page, password: str = RIGHT) -> None:
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")


def test_the_address_is_kept_from_the_first_request_over_a_wrong_password_to_the_passage(
    open_page: Open, address: str
) -> None:
    page = open_page(WHERE)
    expect(page.get_by_label("Password")).to_be_focused()
    expect(page.get_by_role("heading")).to_have_text("Please log in")
    log_in(page, "not it, but long enough")
    expect(page.get_by_role("alert")).to_have_text("That is not the password.")
    expect(page.get_by_label("Password")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Password")).to_be_focused()
    log_in(page)
    expect(page.locator("mark")).to_have_text(OLD)
    assert page.url == f"{address}/{WHERE}"
    page.reload()
    expect(page.locator("mark")).to_have_text(OLD)


def test_one_asks_logs_out_and_is_out(open_page: Open, address: str) -> None:
    page = open_page()
    log_in(page)
    page.locator("#question textarea").fill("When?")
    page.keyboard.press("Enter")
    expect(page.locator("#current .sources")).to_be_visible()
    second = page.context.new_page()
    second.goto(address)
    expect(second.locator(".example")).to_have_count(1)
    assert [(cookie["httpOnly"], cookie["sameSite"]) for cookie in page.context.cookies()] == [(True, "Strict")] * 2
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Password")).to_be_visible()
    (left,) = page.context.cookies()
    assert left["name"].endswith("-device"), "which opens nothing"
    page.go_back()
    expect(page.get_by_label("Password")).to_be_visible()
    assert second.evaluate("fetch('/onrecord/articles').then(answer => answer.status)") == 401


def test_a_session_that_ended_says_so_in_the_page(open_page: Open) -> None:
    page = open_page()
    log_in(page)
    expect(page.locator(".example")).to_have_count(1)
    page.context.clear_cookies()
    page.locator(".choose").nth(1).click()
    expect(page.locator(".trouble")).to_contain_text("open the page and log in")


def test_a_link_on_another_site_opens_the_page_without_a_second_login(open_page: Open, address: str) -> None:
    page = open_page()
    log_in(page)
    expect(page.locator(".example")).to_have_count(1)
    other = page.context.new_page()
    # "localhost" is another site than 127.0.0.1, for a browser; what stands there is made up here.
    elsewhere = address.replace("127.0.0.1", "localhost") + "/elsewhere"
    link = f'<a href="{address}/?cite=x">a link</a>'
    other.route("**/elsewhere", lambda route: route.fulfill(content_type="text/html", body=link))
    other.goto(elsewhere)
    other.get_by_text("a link").click()
    expect(other.locator(".example")).to_have_count(1)
    assert other.url == f"{address}/?cite=x"


def test_another_site_cannot_log_anybody_out(open_page: Open, address: str) -> None:
    page = open_page()
    log_in(page)
    expect(page.locator(".example")).to_have_count(1)
    other = page.context.new_page()
    elsewhere = address.replace("127.0.0.1", "localhost") + "/elsewhere"
    form = f'<form method="post" action="{address}/onrecord/logout"><button>Win</button></form>'
    other.route("**/elsewhere", lambda route: route.fulfill(content_type="text/html", body=form))
    other.goto(elsewhere)
    other.get_by_text("Win").click()
    expect(other.get_by_text("Forbidden")).to_be_visible()
    assert page.evaluate("fetch('/onrecord/articles').then(answer => answer.status)") == 200


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_the_login_page_is_readable(open_page: Open, scheme: str, width: int) -> None:
    page = open_page(color_scheme=scheme, viewport={"width": width, "height": 780})
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(re.findall(r"\d+", paper)[0]) > 128) == (scheme == "light")
    log_in(page, "not it, but long enough")
    expect(page.get_by_role("alert")).to_be_visible()
    parts = page.evaluate(CONTRAST, ["h1", ".why", "label", "input", "[role=alert]", "button", ".promise"])
    assert [part for part in parts if part[1] < 4.5] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for part in ("input", "button"):
        box = page.locator(part).bounding_box()
        assert box
        assert box["height"] >= 44, "a finger's width"
