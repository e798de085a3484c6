"""The page itself, as gradio Blocks: the conversation on the left, the article on the right."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

import gradio as gr

from assistant.ui import render
from assistant.ui.answering import Answering
from assistant.ui.talk import WENT_WRONG, Session, Talk

# Each is a callable that takes the Answering and builds the content of one more tab; its name is the tab's label.
PAGES = "onrecord.pages"
HEADER = (
    '<header class="masthead"><p class="name">onrecord</p>'
    '<p class="promise">Every sentence opens the passage it stands on.</p></header>'
)
HINT = '<p class="hint">Enter sends, Shift and Enter make a new line.</p>'

_log = logging.getLogger(__name__)


def theme() -> gr.themes.Base:
    """Gradio's plainest theme in the system's own fonts, so that no font is fetched from anywhere."""
    return gr.themes.Base(
        font=["ui-sans-serif", "system-ui", "Segoe UI", "Roboto", "sans-serif"],
        font_mono=["ui-monospace", "Menlo", "Consolas", "monospace"],
    )


def build(assistant: Answering, talk: Talk) -> gr.Blocks:
    """The Blocks of the chat, and of every page that another package adds to it."""
    pages = sorted(entry_points(group=PAGES), key=lambda page: page.name)
    with gr.Blocks(title="onrecord", analytics_enabled=False, fill_width=True) as blocks:
        own_html(HEADER, "masthead")
        if pages:
            _tabs(blocks, talk, assistant, pages)
        else:
            _chat(blocks, talk)
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
    session = gr.State(Session())
    with gr.Row(elem_id="desk", equal_height=False):
        with gr.Column(elem_id="talk", min_width=0):
            with gr.Column(elem_id="log"):
                welcome = own_html("", "welcome")
                earlier = own_html("", "earlier")
                current = own_html("", "current")
            with gr.Column(elem_id="ask"):
                notice = own_html("", "notice")
                with gr.Row(elem_id="ask-row"):
                    box = gr.Textbox(
                        lines=1, max_lines=6, show_label=False, label="Your question", container=False,
                        placeholder="Ask the articles", elem_id="question", autofocus=True, scale=1,
                    )  # fmt: skip
                    send = gr.Button("Send", elem_id="send", variant="primary", scale=0, min_width=0)
                with gr.Row(elem_id="ask-foot"):
                    new = gr.Button("New conversation", elem_id="new", variant="secondary", scale=0, min_width=0)
                    own_html(HINT, "hint")
        with gr.Column(elem_id="article", min_width=0):
            own_html('<p class="empty">Loading the article…</p>', "article-placeholder")
    _wire(blocks, talk, [session, welcome, earlier, current, notice, box, send, new])


def _wire(blocks: gr.Blocks, talk: Talk, parts: list[Any]) -> None:
    session, welcome, earlier, current, notice, box, send, new = parts
    # Private: the page's own steps are no interface for programs; those use the command line or Python.
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}

    def greet() -> str:
        return render.join(talk.welcome())

    def begin(question: str, now: Session) -> list[Any]:
        question = question.strip()
        if not question or now.busy or now.asked is not None:
            return [gr.skip()] * 7
        refusal = talk.refusal(question)
        if refusal:
            return [gr.skip()] * 4 + [render.notice_block(refusal)] + [gr.skip()] * 2
        now, waiting = talk.begin(question, now)
        return [now, "", render.join(now.earlier), render.join(waiting), "", "", gr.update(interactive=False)]

    def answer(now: Session) -> Iterator[list[Any]]:
        before = now
        for after, turn in talk.answer(now):
            # The session goes back to the store only when it changed: at the start and at the end.
            kept = gr.skip() if after is before else after
            before = after
            yield [kept, render.join(turn), gr.update(interactive=not after.busy)]
        if before is now:
            yield [gr.skip()] * 3

    def forget() -> list[Any]:
        return [Session(), greet(), "", "", "", "", gr.update(interactive=True)]

    outputs = [session, welcome, earlier, current, notice, box, send]
    blocks.load(greet, outputs=welcome, concurrency_limit=None, **quiet)
    begun = gr.on(
        [box.submit, send.click], begin, inputs=[box, session], outputs=outputs, concurrency_limit=None, **quiet
    )
    # One at a time for all tabs: the models share two cores, and a second answer would only slow down the first.
    # "multiple", because the browser would drop the step while a stopped answer of before has not quite ended.
    answered = begun.success(
        answer, inputs=session, outputs=[session, current, send], concurrency_limit=1, trigger_mode="multiple", **quiet
    )
    new.click(forget, outputs=outputs, cancels=[answered], concurrency_limit=None, **quiet)
