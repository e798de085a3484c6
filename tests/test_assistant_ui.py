"""The chat without a browser: its HTML, its routes, and what the guard refuses."""

from __future__ import annotations

import signal
import socket
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from conftest import StartPython
from fastapi import FastAPI
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from assistant.dates import spoken_date
from assistant.types import (
    Answer,
    ArticleInfo,
    Citation,
    Cited,
    Part,
    Sentence,
    Source,
    Speaker,
    Timings,
    Turn,
)
from assistant.ui import render
from assistant.ui.document import rewrite, script_hashes
from assistant.ui.guard import Guard, policy
from assistant.ui.server import ChatServer, listen
from assistant.ui.talk import WENT_WRONG, Session, Talk
from ingest.errors import CitationNotFound, IndexMissing, ServerError

PORT = 7899
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)> ![](http://evil.example/x.png) [x](javascript:alert(1)) "
    "{{this}} ${alert(1)} <style>*{}</style> \"'`&amp;\n\n# not a heading\n    not code"
)
TEXTS = {
    "plain": "A ferry left at dawn. It came back at noon.",
    HOSTILE: "Some text.",
}


def info(article: str, **changes: Any) -> ArticleInfo:
    unknown = dict.fromkeys(("title", "author", "outlet", "published", "language", "source", "licence", "description"))
    known: dict[str, Any] = {"characters": 1, "passages": 1, "examples": (), **unknown, **changes}
    return ArticleInfo(article=article, version="0123456789ab", **known)


class Ferry:
    """Says the two sentences of its plain article, each with its marker."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[Turn, ...]]] = []
        self.known = [info("plain", title="The ferry", author="Ines Hale", published="2024-05-03"), info(HOSTILE)]
        self.raises: Exception | None = None

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Iterator[Part]:
        self.asked.append((question, tuple(history)))
        if self.raises:
            raise self.raises
        answer = answered(question)
        for n, sentence in enumerate(answer.sentences):
            last = n + 1 == len(answer.sentences)
            yield Part(sentence.text, sentence, (answer.citations[n],), answer if last else None)

    def articles(self) -> Sequence[ArticleInfo]:
        if self.raises:
            raise self.raises
        return self.known

    def source(self, article: str, version: str | None = None) -> Source:
        if article not in TEXTS or version not in (None, "0123456789ab"):
            raise CitationNotFound("there is no such article; list them with: onrecord articles")
        unknown = dict.fromkeys(("title", "author", "outlet", "published", "source", "description"))
        return Source(article, "0123456789ab", "current", body_start=0, text=TEXTS[article], **unknown)

    def cite(self, id: str, /) -> Cited:
        raise NotImplementedError

    def warm_up(self) -> None:
        pass


def citation(marker: int, quote: str, **changes: Any) -> Citation:
    start = TEXTS["plain"].find(quote)
    return replace(
        Citation(
            marker=marker, id=f"plain@0123456789ab:{start}-{start + len(quote)}", article="plain",
            version="0123456789ab", title="The ferry", author="Ines Hale", outlet=None, published="2024-05-03",
            source=None, page=None, start=start, end=start + len(quote), quote=quote, speaker=None, score=0.9,
        ),
        **changes,
    )  # fmt: skip


def answered(question: str = "When?", quotes: Sequence[str] = ("A ferry left at dawn.", "It came back at noon."),
             **changes: Any) -> Answer:  # fmt: skip
    citations = tuple(citation(n, quote) for n, quote in enumerate(quotes, 1))
    sentences, text = [], ""
    for cited in citations:
        sentences.append(Sentence(cited.quote, len(text), len(text) + len(cited.quote), "quoted", (cited.marker,)))
        text += f"{cited.quote} [{cited.marker}]\n"
    answer = Answer(
        question=question, standalone_question=question, outcome="answered", abstained=False, reason=None, missing=(),
        answer=text, mode="quote", confidence=0.9, sentences=tuple(sentences), citations=citations, nearest=(),
        timings_ms=Timings(),
    )  # fmt: skip
    return replace(answer, **changes)


class Reader(HTMLParser):
    """What a browser would see: tags with attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def of_class(self, name: str) -> list[dict[str, str | None]]:
        return [attrs for _, attrs in self.tags if name in (attrs.get("class") or "").split()]


def read(answer: Answer) -> Reader:
    return Reader(render.join(render.answer_blocks(answer)))


# ---- rendering -------------------------------------------------------------------------------------------------------

# html.unescape maps a few references (NUL, surrogates, C1 controls) to other characters, as browsers do.
READABLE = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t"))


@given(READABLE)
@example(HOSTILE)
def test_escaped_text_reads_as_itself_and_holds_no_active_character(text: str) -> None:
    escaped = render.escape(text)
    assert Reader(f"<p>{escaped}</p>").text == text
    assert not set(escaped) & set("<>\"'`[]()*_!{}$\\|~=\n\t/:.@-")


@given(READABLE, READABLE, READABLE)
@example(HOSTILE, HOSTILE, HOSTILE)
def test_no_text_adds_a_tag_or_splits_a_block(question: str, quote: str, author: str) -> None:
    def blocks(question: str, quote: str, author: str) -> list[str]:
        cited = citation(1, quote, id=quote, author=author, title=author, outlet=author)
        sentence = Sentence(quote, 0, len(quote), "quoted", (1,))
        answer = answered(
            question, standalone_question=f"{question}?", answer=f"A{quote}", sentences=(sentence,), citations=(cited,)
        )
        nearest = replace(
            answer, outcome="not_stated", reason=f"B{author}", missing=(quote,), sentences=(), nearest=(cited,)
        )
        return [
            render.question_block(question), *render.answer_blocks(answer), *render.answer_blocks(nearest),
            *render.welcome_blocks([question]), render.error_block(quote), render.notice_block(quote),
        ]  # fmt: skip

    def tags(blocks: list[str]) -> list[tuple[str, list[str]]]:
        return [(tag, list(attrs)) for tag, attrs in Reader(render.join(blocks)).tags]

    shown = blocks(question or "x", quote or "x", author or "x")
    assert not any("\n" in block for block in shown)
    assert tags(shown) == tags(blocks("q", "w", "a"))


def test_each_sentence_is_a_quote_that_ends_in_its_marker() -> None:
    page = read(answered())
    assert [tag for tag, _ in page.tags].count("blockquote") == 2
    markers = page.of_class("marker")
    assert [marker["data-cite"] for marker in markers] == ["plain@0123456789ab:0-21", "plain@0123456789ab:22-43"]
    assert markers[1]["aria-label"] == "Citation 2: open the passage in the article"


def test_a_literal_marker_inside_a_quote_is_no_marker() -> None:
    page = read(answered(quotes=["It is so [12] and [1]."]))
    assert len(page.of_class("marker")) == 1
    assert "It is so [12] and [1]." in page.text


def test_author_and_date_stand_under_the_answer_once() -> None:
    assert read(answered()).text.count("Ines Hale · 3 May 2024") == 1


def test_an_answer_from_two_articles_says_which_marker_comes_from_where() -> None:
    first, second = answered().citations
    other = replace(second, article="other", title="The harbour", author="Jon Reed")
    page = read(answered(citations=(first, other)))
    assert "1  The ferry · Ines Hale" in page.text
    assert "2  The harbour · Jon Reed" in page.text


def test_a_rewritten_question_is_shown_and_an_unchanged_one_is_not() -> None:
    assert (
        "Searched for: When did the ferry leave?"
        in read(answered(standalone_question="When did the ferry leave?")).text
    )
    assert "Searched for" not in read(answered()).text


def test_notes_are_shown_as_they_are_and_escaped() -> None:
    page = read(
        answered(notes=("Limited to articles by <b>Ines</b> [x](y).", "1 article without a date was left out."))
    )
    assert "Limited to articles by <b>Ines</b> [x](y)." in page.text
    assert len(page.of_class("note")) == 2
    assert not [tag for tag, _ in page.tags if tag in ("b", "a")]
    assert not read(answered()).of_class("note")


def test_a_partial_answer_says_what_is_missing() -> None:
    page = read(answered(outcome="partial", missing=("who steered it",)))
    assert page.of_class("missing")
    assert "who steered it" in page.text


def test_a_speaker_is_named_beside_the_quote() -> None:
    (first, second) = answered().citations
    assert (
        "Said by Captain Orr"
        in read(answered(citations=(replace(first, speaker=Speaker("Captain Orr", 0, 1)), second))).text
    )


def test_sentences_of_composed_prose_run_together_and_an_unsupported_one_is_flagged() -> None:
    first, second = answered().sentences
    page = read(answered(sentences=(replace(first, verdict="supported"), replace(second, verdict="unsupported"))))
    assert [tag for tag, _ in page.tags].count("blockquote") == 0
    assert len(page.of_class("line")) == 1
    assert "Not supported by the articles" in page.text


@pytest.mark.parametrize(
    ("outcome", "heading"), [("not_stated", "Not in the articles"), ("nothing_found", "Nothing found in the articles")]
)
def test_an_abstention_is_a_card_with_its_reason_and_the_nearest_passages(outcome: Any, heading: str) -> None:
    nearest = answered().citations
    page = read(answered(outcome=outcome, abstained=True, reason="No price is given.", answer="They do not say.",
                         sentences=(), citations=(), nearest=nearest))  # fmt: skip
    assert page.of_class("abstained")
    assert all(words in page.text for words in (heading, "No price is given.", "They do not say."))
    assert [passage["data-cite"] for passage in page.of_class("passage")] == [c.id for c in nearest]
    assert not page.of_class("marker")


def test_the_nearest_passages_name_their_speaker_whatever_the_name_holds() -> None:
    first, second = answered().citations
    nearest = (replace(first, speaker=Speaker("<b>Orr", 0, 1)), second)
    page = read(answered(outcome="not_stated", abstained=True, sentences=(), citations=(), nearest=nearest))
    assert page.text.count(" · said by <b>Orr") == 1
    assert page.text.count("said by") == 1


def test_a_false_premise_shows_what_the_articles_do_say() -> None:
    page = read(answered(outcome="false_premise", abstained=True, reason="It did not sink."))
    assert "The question takes something for granted" in page.text
    assert len(page.of_class("marker")) == 2


@pytest.mark.parametrize(
    ("published", "spoken"),
    [("2024-05-03", "3 May 2024"), ("2024-05-03T10:00:00Z", "3 May 2024"), ("2024-05", "May 2024"), ("2024", "2024"),
     ("2024-13-01", "2024-13-01"), ("last spring", "last spring"), (None, None)],
)  # fmt: skip
def test_dates_read_as_in_a_newspaper(published: str | None, spoken: str | None) -> None:
    assert spoken_date(published) == spoken


# ---- a conversation --------------------------------------------------------------------------------------------------


def ask(talk: Talk, question: str, session: Session) -> tuple[Session, list[list[str]]]:
    begun, waiting = talk.begin(question, session)
    steps = list(talk.answer(begun))
    return steps[-1][0], [waiting, *(blocks for _, blocks in steps)]


@pytest.fixture
def ferry() -> Ferry:
    return Ferry()


@pytest.fixture
def talk(ferry: Ferry) -> Talk:
    talk = Talk(ferry)
    talk.warm_up()
    return talk


def test_sentences_appear_one_by_one(talk: Talk) -> None:
    _, steps = ask(talk, "When?", Session())
    assert "Searching the articles" in render.join(steps[0])
    assert [render.join(step).count("data-cite") for step in steps] == [0, 0, 1, 2, 2]


def test_a_follow_up_knows_the_earlier_turns(talk: Talk, ferry: Ferry) -> None:
    session, _ = ask(talk, "When?", Session())
    session, _ = ask(talk, "And back?", session)
    assert ferry.asked[1] == ("And back?", (Turn("When?", answered("When?").answer, ("plain",)),))
    assert [turn.question for turn in session.turns] == ["When?", "And back?"]


def test_two_tabs_share_nothing(talk: Talk, ferry: Ferry) -> None:
    ask(talk, "When?", Session())
    ask(talk, "And back?", Session())
    assert ferry.asked[1] == ("And back?", ())


def test_an_error_is_shown_with_its_remedy_and_is_no_turn(talk: Talk, ferry: Ferry) -> None:
    ferry.raises = IndexMissing("Nothing has been ingested; run: onrecord ingest <b>")
    session, steps = ask(talk, "When?", Session())
    assert "run: onrecord ingest <b>" in Reader(render.join(steps[-1])).text
    assert (session.turns, session.busy) == ((), False)


def test_an_unexpected_error_is_logged_and_not_shown(
    talk: Talk, ferry: Ferry, caplog: pytest.LogCaptureFixture
) -> None:
    ferry.raises = RuntimeError("secret detail")
    _, steps = ask(talk, "When?", Session())
    shown = Reader(render.join(steps[-1])).text
    assert WENT_WRONG in shown
    assert "secret" not in shown
    assert caplog.records[0].exc_info


def test_a_question_waits_for_the_models_that_are_being_loaded(ferry: Ferry) -> None:
    talk = Talk(ferry)
    session, waiting = talk.begin("When?", Session())
    assert "Loading the models" in render.join(waiting)
    threading.Timer(0, talk.warm_up).start()
    assert len(list(talk.answer(session))) == 4


def test_models_that_cannot_be_loaded_do_not_hold_a_question_up(
    ferry: Ferry, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ferry, "warm_up", lambda: 1 / 0)
    talk = Talk(ferry)
    talk.warm_up()
    assert "ZeroDivisionError" in caplog.text
    assert ask(talk, "When?", Session())[0].turns


def test_a_question_that_is_too_long_is_refused_with_the_limit(talk: Talk) -> None:
    assert talk.refusal("x" * 4000) is None
    assert "at most 4,000" in (talk.refusal("x" * 4001) or "")


def test_the_articles_own_examples_are_offered_at_most_four(talk: Talk, ferry: Ferry) -> None:
    assert "Who wrote this?" in Reader(render.join(talk.welcome())).text
    ferry.known = [info("a", examples=("One?", "Two?", "Three?")), info("b", examples=("Three?", "Four?", "Five?"))]
    offered = Reader(render.join(talk.welcome())).of_class("example")
    assert [button["data-question"] for button in offered] == ["One?", "Two?", "Three?", "Four?"]


def test_a_page_without_articles_says_what_to_do(talk: Talk, ferry: Ferry) -> None:
    ferry.raises = IndexMissing("Nothing has been ingested; run: onrecord ingest")
    assert "run: onrecord ingest" in Reader(render.join(talk.welcome())).text


# ---- the routes and the guard ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def application() -> FastAPI:
    from assistant.ui.app import unguarded_app

    ferry = Ferry()
    return unguarded_app(ferry, Talk(ferry), PORT)


@pytest.fixture(scope="module")
def client(application: FastAPI) -> Iterator[TestClient]:
    with TestClient(Guard(application, PORT), base_url=f"http://127.0.0.1:{PORT}", follow_redirects=False) as client:
        yield client


def paths_of(app: Any, prefix: str = "") -> Iterator[str]:
    """The path of every route, with a word for each parameter; of mounted applications and included routers too."""
    for route in app.routes:
        below = getattr(route, "app", None) if hasattr(getattr(route, "app", None), "routes") else None
        below = below or getattr(route, "original_router", None)
        path = prefix + getattr(route, "path", "")
        if below is not None:
            yield from paths_of(below, path.rstrip("/"))
        elif path:
            yield "".join(
                piece.split("}")[-1] if "}" in piece else piece for piece in path.replace("{", "word{").split("{")
            )


def test_the_walk_over_the_routes_finds_gradios_own(application: FastAPI) -> None:
    found = set(paths_of(application))
    assert {"/onrecord/source", "/config", "/gradio_api/queue/join", "/gradio_api/upload"} <= found
    assert len(found) > 50


@pytest.mark.parametrize(
    "headers",
    [{"host": "evil.example"}, {"host": f"127.0.0.1.evil.example:{PORT}"}, {"host": "127.0.0.1"}, {"host": ""},
     {"host": f"127.0.0.1:{PORT + 1}"}, {"origin": "http://evil.example"}, {"origin": "null"},
     {"origin": f"https://127.0.0.1:{PORT}"}, {"origin": f"http://127.0.0.1:{PORT + 1}"},
     {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"}],
    ids=str,
)  # fmt: skip
def test_a_foreign_host_or_origin_is_refused_on_every_route(
    application: FastAPI, client: TestClient, headers: dict[str, str]
) -> None:
    for path in sorted(set(paths_of(application))):
        for method in ("GET", "POST", "HEAD", "OPTIONS"):
            assert client.request(method, path, headers=headers).status_code == 403, (method, path)


def test_a_missing_or_doubled_host_is_refused(client: TestClient) -> None:
    ours = f"127.0.0.1:{PORT}"
    assert client.get("/", headers=[("host", ours), ("host", ours)]).status_code == 403
    request = client.build_request("GET", "/")
    del request.headers["host"]
    with pytest.MonkeyPatch.context() as patch:  # the test client adds the header that is missing
        patch.setattr(Guard, "__call__", without_host(Guard.__call__))
        assert client.send(request).status_code == 403


def without_host(call: Any) -> Any:
    async def called(guard: Guard, scope: Any, receive: Any, send: Any) -> None:
        kept = [(k, v) for k, v in scope.get("headers", []) if k != b"host"]
        await call(guard, {**scope, "headers": kept}, receive, send)

    return called


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_our_own_host_and_origin_are_let_in(client: TestClient, host: str) -> None:
    ours = f"{host}:{PORT}"
    assert client.get("/config", headers={"host": ours, "origin": f"http://{ours}"}).status_code == 200


def test_a_link_from_elsewhere_opens_the_page_and_nothing_else(client: TestClient) -> None:
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert client.get("/", headers=link).status_code == 200
    assert client.get("/onrecord/articles", headers=link).status_code == 403
    assert client.get("/", headers={**link, "sec-fetch-dest": "iframe"}).status_code == 403
    assert client.post("/", headers=link).status_code == 403


@pytest.mark.parametrize("host", ["evil.example", f"127.0.0.1:{PORT}"])
def test_every_websocket_is_refused(client: TestClient, host: str) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/gradio_api/queue/join", headers={"host": host}):
        pass


@pytest.mark.parametrize(
    "path",
    ["/gradio_api/file=/etc/passwd", "/gradio_api/file=http://evil.example/", "/gradio_api/file/etc/passwd",
     "/gradio_api/proxy=https://evil.example/", "/gradio_api/stream/a/b/1/playlist.m3u8", "/gradio_api/upload_progress",
     "/gradio_api/deep_link", "/gradio_api/openapi.json", "/openapi.json", "/docs", "/redoc", "/monitoring",
     "/monitoring/summary", "/custom_component/1/client/component/index.js", "/gradio_api/custom_component/1/a/b/c.js",
     "/gradio_api/mcp", "/gradio_api/mcp/sse", "/gradio_api/mcp/schema", "/gradio_api/runs", "/gradio_api/vibe-code",
     "/gradio_api/dev/reload", "/gradio_api/token", "/svelte/svelte.js", "/pwa_icon", "/manifest.json", "/login",
     "/assets/../index.html", "/assets/%2e%2e/index.html", "/assets/sub/x.js", "//etc/passwd", "/onrecord/assets/",
     "/onrecord/assets/page.py", "/onrecord/assets/..%2fpage.py", "/onrecord/assets/../page.py"],
)  # fmt: skip
def test_no_file_is_served_but_ours(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["upload", "component_server", "component_server/", "run/predict", "call/begin", "api/predict", "login",
     "process_recording", "stream/event", "vibe-edit", "run-history/connect"],
)  # fmt: skip
def test_nothing_can_be_uploaded_or_called_beside_the_queue(client: TestClient, path: str) -> None:
    assert client.post(f"/gradio_api/{path}", json={}).status_code == 404


def test_the_page_advertises_no_endpoint(client: TestClient) -> None:
    assert client.get("/gradio_api/info").json() == {"named_endpoints": {}, "unnamed_endpoints": {}}
    assert {step["api_visibility"] for step in client.get("/config").json()["dependencies"]} == {"private"}


@pytest.mark.parametrize(
    "path", ["/", "/config", "/theme.css", "/onrecord/articles", "/nothing", "/onrecord/assets/page.js"]
)
@pytest.mark.parametrize("headers", [{}, {"host": "evil.example"}], ids=["ours", "foreign"])
def test_every_response_carries_the_safe_headers(client: TestClient, path: str, headers: dict[str, str]) -> None:
    sent = client.get(path, headers=headers).headers
    rules = dict(rule.split(" ", 1) for rule in sent["content-security-policy"].split("; "))
    assert rules["default-src"] == rules["connect-src"] == rules["form-action"] == "'self'"
    assert {rules[f"{name}"] for name in ("object-src", "frame-src", "frame-ancestors", "base-uri")} == {"'none'"}
    assert "unsafe" not in rules["script-src"]
    assert "http" not in sent["content-security-policy"]
    assert sent["x-content-type-options"] == "nosniff"
    assert sent["referrer-policy"] == "no-referrer"
    assert sent["x-frame-options"] == "DENY"
    assert sent["cross-origin-opener-policy"] == sent["cross-origin-resource-policy"] == "same-origin"


def test_the_page_names_no_other_host_and_allows_its_inline_scripts_only(client: TestClient) -> None:
    answer = client.get("/", headers={"accept-encoding": "br, gzip"})
    page = Reader(answer.text)
    named = [value for tag, attrs in page.tags for key, value in attrs.items()
             if key in ("href", "src", "content", "action") and value and "//" in value.replace("http://www.w3.org", "")]  # fmt: skip
    assert named == []
    assert not any(tag == "base" or attrs.get("rel") in ("manifest", "preconnect") for tag, attrs in page.tags)
    inline = script_hashes(answer.text)
    assert len(inline) == 4
    assert all(digest in answer.headers["content-security-policy"] for digest in inline)
    assert client.get("/").headers["content-length"] == str(len(client.get("/").content))


def test_head_of_the_page_has_no_body(client: TestClient) -> None:
    answer = client.head("/")
    assert (answer.status_code, answer.content) == (200, b"")


def test_foreign_references_are_taken_out_of_the_document() -> None:
    html = '<head><meta property="og:image" content="https://x.example/a"><base href="./"><title>t</title></head>'
    assert "x.example" not in rewrite(html)
    assert "<base" not in rewrite(html)
    assert "/onrecord/assets/page.js" in rewrite(html)


def test_a_script_hash_is_what_a_browser_computes() -> None:
    html = '<script src="a.js"></script><p>x</p><script>alert(1)</script>'
    # printf 'alert(1)' | openssl dgst -sha256 -binary | base64
    assert script_hashes(html) == ["'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"]
    assert "script-src 'self' 'sha256-a';" in policy(["'sha256-a'"])


def test_a_source_is_served_as_json_and_an_unknown_one_is_a_404(client: TestClient) -> None:
    answer = client.get("/onrecord/source", params={"article": HOSTILE, "version": "0123456789ab"})
    assert answer.json()["text"] == TEXTS[HOSTILE]
    assert answer.headers["content-type"] == "application/json"
    unknown = client.get("/onrecord/source", params={"article": "nowhere"})
    assert unknown.status_code == 404
    assert "onrecord articles" in unknown.json()["message"]


def test_the_articles_are_listed(client: TestClient) -> None:
    assert [found["article"] for found in client.get("/onrecord/articles").json()] == ["plain", HOSTILE]


@pytest.mark.parametrize(("name", "kind"), [("page.js", "text/javascript"), ("page.css", "text/css")])
def test_our_assets_have_their_content_types(client: TestClient, name: str, kind: str) -> None:
    answer = client.get(f"/onrecord/assets/{name}")
    assert answer.headers["content-type"].startswith(kind)
    assert "innerHTML" not in answer.text


class AddedPage:
    """An entry point of another package; gradio's own components must not be needed to write one."""

    def __init__(self, name: str, build: Any) -> None:
        self.name = name
        self.build = build

    def load(self) -> Any:
        return self.build


def test_other_packages_add_tabs_and_a_broken_one_does_not_take_the_chat_down(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import assistant.ui.page
    from assistant.ui.app import unguarded_app

    given: list[Any] = []
    added = [AddedPage("Scores", given.append), AddedPage("Broken", lambda _: 1 / 0)]
    monkeypatch.setattr(assistant.ui.page, "entry_points", lambda group: added if group == "onrecord.pages" else [])
    ferry = Ferry()
    application = unguarded_app(ferry, Talk(ferry), PORT)
    with TestClient(Guard(application, PORT), base_url=f"http://127.0.0.1:{PORT}") as client:
        parts = client.get("/config").json()["components"]
    assert [part["props"]["label"] for part in parts if part["type"] == "tabitem"] == ["Chat", "Broken", "Scores"]
    assert given == [ferry]
    assert "ZeroDivisionError" in caplog.text


def test_there_are_no_tabs_when_nothing_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    import assistant.ui.page
    from assistant.ui.app import unguarded_app

    monkeypatch.setattr(assistant.ui.page, "entry_points", lambda group: [])
    ferry = Ferry()
    with TestClient(
        Guard(unguarded_app(ferry, Talk(ferry), PORT), PORT), base_url=f"http://127.0.0.1:{PORT}"
    ) as client:
        parts = client.get("/config").json()["components"]
    assert not [part for part in parts if part["type"] in ("tabs", "tabitem")]


# ---- listening -------------------------------------------------------------------------------------------------------


def test_a_named_port_that_is_busy_is_an_error_with_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy, pytest.raises(ServerError, match=r"busy; choose .* --port"):
        listen(busy.getsockname()[1])


def test_a_port_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ServerError, match="not a port"):
        listen(70_000)


def test_the_default_port_gives_way_to_the_next_free_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        monkeypatch.setattr("assistant.ui.server.DEFAULT_PORT", port)
        with listen(None) as free:
            assert port < free.getsockname()[1] < port + 20
        monkeypatch.setattr("assistant.ui.server.PORTS_TRIED", 1)
        with pytest.raises(ServerError, match="--port"):
            listen(None)


def test_the_address_is_given_once_it_really_answers_and_the_socket_is_local(application: FastAPI) -> None:
    with listen(0) as listening:
        host, port = listening.getsockname()
        seen: list[Any] = []
        ready = threading.Event()

        def on_ready(url: str) -> None:
            seen.append(url)
            ready.set()

        server = ChatServer(Guard(application, port), listening, on_ready)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            assert ready.wait(30)
            with urllib.request.urlopen(f"{seen[0]}/onrecord/articles") as answer:
                assert answer.status == 200
        finally:
            server.stop()
            thread.join(30)
    assert (host, seen) == ("127.0.0.1", [f"http://127.0.0.1:{port}"])
    assert not thread.is_alive()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_chat_cleanly(start_python: StartPython, sent: signal.Signals) -> None:
    code = "import test_assistant_ui as t; t.serve_until_told()"
    process = start_python(code)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("http://127.0.0.1:")
    process.send_signal(sent)
    assert process.communicate(timeout=30)[0] == "ended\n"
    assert process.returncode == 0


def serve_until_told() -> None:
    import sys

    from assistant.ui import serve

    serve(Ferry(), None, lambda url: print(url, flush=True))  # noqa: T201 - the parent reads it
    sys.stdout.write("ended\n")


def test_importing_the_package_does_not_import_gradio(start_python: StartPython) -> None:
    process = start_python("import sys, assistant.ui; print('gradio' in sys.modules)")
    assert process.communicate(timeout=60)[0] == "False\n"


@pytest.mark.parametrize(
    ("text", "marked"), [("“We left,” she said.", True), ("He left.", False), ("It is “over.”", True)]
)
def test_a_sentence_with_quotation_marks_of_its_own_gets_no_second_pair(text: str, marked: bool) -> None:
    (html,) = render.sentence_blocks([Sentence(text, 0, len(text), "quoted", ())], [])[:1]
    assert ('class="said marked"' in html) is marked
