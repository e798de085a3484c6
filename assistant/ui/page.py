"""The page itself, as gradio Blocks: conversations, the one that is open, and the article that it cites."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

import gradio as gr
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.types import Scope
from assistant.ui import endpoints, render
from assistant.ui.answering import Answering
from assistant.ui.talk import WENT_WRONG, Asked, Talk, Wish
from assistant.ui.tools import Tools
from ingest.errors import OnRecordError, RequestError

# Each is a callable that takes the Answering and builds the content of one more tab; its name is the tab's label.
PAGES = "onrecord.pages"
HEADER = (
    '<header class="masthead"><h1 class="name">onrecord</h1>'
    '<p class="promise">Every sentence opens the passage it stands on.</p></header>'
)
STOP = '<button type="button" class="stop" data-do="stop">Stop</button>'
FOOT = (
    '<div class="foot"><button type="button" id="scope" data-do="library">All articles</button>'
    '<p class="hint">Enter sends, Shift and Enter make a new line.</p></div>'
)

_log = logging.getLogger(__name__)


def theme() -> gr.themes.Base:
    """Gradio's plainest theme in the system's own fonts, so that no font is fetched from anywhere."""
    return gr.themes.Base(
        font=["ui-sans-serif", "system-ui", "Segoe UI", "Roboto", "sans-serif"],
        font_mono=["ui-monospace", "Menlo", "Consolas", "monospace"],
    )


def build(assistant: Answering, talk: Talk, tools: Tools) -> gr.Blocks:
    """The Blocks of the chat, of every page that another package adds to it, and of the endpoints for programs."""
    pages = sorted(entry_points(group=PAGES), key=lambda page: page.name)
    with gr.Blocks(title="onrecord", analytics_enabled=False, fill_width=True) as blocks:
        own_html(HEADER, "masthead")
        if pages:
            _tabs(blocks, talk, assistant, pages)
        else:
            _chat(blocks, talk)
        endpoints.register(tools)
    return cast(gr.Blocks, blocks)  # gradio's `with` has no type


def _tabs(blocks: gr.Blocks, talk: Talk, assistant: Answering, pages: Sequence[EntryPoint]) -> None:
    with gr.Tabs(elem_id="pages"):
        with gr.Tab("Chat"):
            _chat(blocks, talk)
        for page in pages:
            with gr.Tab(page.name):
                _added(page, assistant)


def _added(page: EntryPoint, assistant: Answering) -> None:
    try:
        page.load()(assistant)
    except Exception:  # noqa: BLE001 - another package's page must not take the chat down
        _log.exception("the page %r could not be built", page.name)
        own_html(render.error_block(WENT_WRONG, heading="This page could not be built"), None)


def own_html(value: str, elem_id: str | None) -> gr.Markdown:
    """Our own HTML in a Markdown component; render.py says why it is not `gr.HTML`.

    Gradio's sanitiser is off because it drops data- and aria- attributes. It has nothing to do here: render.escape
    leaves no active character, and the Content-Security-Policy runs no script and loads no image from such HTML.
    """
    return gr.Markdown(value, elem_id=elem_id, latex_delimiters=[], sanitize_html=False, container=False, padding=False)


def _chat(blocks: gr.Blocks, talk: Talk) -> None:
    with gr.Row(elem_id="desk", equal_height=False):
        with gr.Column(elem_id="side", min_width=0):
            own_html('<p class="empty">Loading…</p>', "side-placeholder")
        with gr.Column(elem_id="talk", min_width=0):
            with gr.Column(elem_id="log"):
                welcome = own_html("", "welcome")
                current = own_html("", "current")
            with gr.Column(elem_id="ask"):
                notice = own_html("", "notice")
                with gr.Row(elem_id="ask-row"):
                    box = gr.Textbox(
                        lines=1, max_lines=6, show_label=False, label="Your question", container=False,
                        placeholder="Ask the articles", elem_id="question", autofocus=True, scale=1,
                    )  # fmt: skip
                    send = gr.Button("Send", elem_id="send", variant="primary", scale=0, min_width=0)
                    own_html(STOP, "stop")
                own_html(FOOT, "ask-foot")
                wish = gr.Textbox(show_label=False, label="What the page asks for", container=False, elem_id="wish")
                clear = gr.Button("Clear", elem_id="clear")
        with gr.Column(elem_id="article", min_width=0):
            own_html('<p class="empty">Loading the article…</p>', "article-placeholder")
    _wire(blocks, talk, [welcome, current, notice, box, send, wish, clear])


def _wire(blocks: gr.Blocks, talk: Talk, parts: list[Any]) -> None:
    """What the buttons do. Which conversation, turn and articles are meant, the page writes into `wish`, as JSON."""
    welcome, current, notice, box, send, wish, clear = parts
    asked = gr.State(None)
    # Private: the page's own steps are no interface for programs; that is `endpoints`.
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}

    def greet() -> str:
        return render.join(talk.welcome())

    def begin(question: str, wished: str) -> list[Any]:
        question = question.strip()
        if not question:
            return [gr.skip()] * 4
        try:
            wish, mark = read_wish(question, wished)
            begun = talk.ask(wish), mark
        except OnRecordError as error:
            return [None, gr.skip(), render.join([render.notice_block(str(error))]), gr.skip()]
        return [begun, gr.skip(), "", ""]

    def follow(begun: tuple[Asked, str] | None) -> Iterator[Any]:
        if begun is None:
            yield gr.skip()
            return
        turn, mark = begun
        for blocks in talk.follow(turn):
            yield render.join(blocks, mark)

    blocks.load(greet, outputs=welcome, concurrency_limit=None, **quiet)
    outputs = [asked, current, notice, box]
    begun = gr.on([box.submit, send.click], begin, inputs=[box, wish], outputs=outputs, concurrency_limit=None, **quiet)
    # "multiple", because the browser would drop the step while a followed answer of before has not quite ended.
    followed = begun.success(
        follow, inputs=asked, outputs=current, concurrency_limit=None, trigger_mode="multiple", **quiet
    )
    # Another conversation is shown: what is still being written is kept, and no longer followed here.
    clear.click(lambda: [None, "", ""], outputs=outputs[:3], cancels=[followed], concurrency_limit=None, **quiet)


class _Wished(BaseModel):
    """What the page writes beside a question."""

    model_config = ConfigDict(extra="forbid")

    chat: str | None = None
    instead_of: int | None = None
    last_seen: int | None = None
    articles: tuple[str, ...] = Field(default=(), max_length=10_000)
    mark: str = Field(default="", max_length=64)


def read_wish(question: str, wished: str) -> tuple[Wish, str]:
    """The question with what the page wrote beside it, and the mark by which the page knows the answer again.

    Raises:
        RequestError: It is not what a page of this release writes.
    """
    try:
        found = _Wished.model_validate_json(wished or "{}")
    except ValidationError as error:
        raise RequestError("The page is of another release than the chat; load it again.") from error
    scope = Scope(articles=found.articles) if found.articles else None
    return Wish(question, found.chat, found.instead_of, scope, found.last_seen), found.mark
