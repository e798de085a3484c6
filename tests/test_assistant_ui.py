"""The chat without a browser: its HTML, its routes, and what the guard refuses."""

from __future__ import annotations

import itertools
import re
import signal
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from conftest import StartPython
from fastapi import FastAPI
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from assistant.check import Checked, CheckedSentence
from assistant.conversations import Conversations
from assistant.conversations.export import Format, export, record_of
from assistant.dates import spoken_date
from assistant.retrieval import Hit
from assistant.types import (
    Answer,
    ArticleInfo,
    Citation,
    Cited,
    Part,
    Reason,
    Scope,
    Sentence,
    Source,
    Speaker,
    Timings,
    Turn,
)
from assistant.ui import render
from assistant.ui.desk import Desk, open_desk
from assistant.ui.document import rewrite, script_hashes
from assistant.ui.guard import Guard, policy
from assistant.ui.page import read_wish
from assistant.ui.routes import ASSETS
from assistant.ui.server import ChatServer, listen
from assistant.ui.site import Site
from assistant.ui.talk import MOST_WAITING, WENT_WRONG, Asked, Talk, Wish
from ingest.errors import CitationNotFound, ConversationNotFound, IndexMissing, RequestError, ServerError
from ingest.pipeline import Progress
from ingest.records import Passage
from ingest.settings import IngestSettings

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
        self.scopes: list[Scope | None] = []
        self.known = [info("plain", title="The ferry", author="Ines Hale", published="2024-05-03"), info(HOSTILE)]
        self.raises: Exception | None = None
        self.let_on: threading.Semaphore | None = None

    def stream(self, question: str, history: Sequence[Turn] = (), scope: Scope | None = None) -> Iterator[Part]:
        self.asked.append((question, tuple(history)))
        self.scopes.append(scope)
        if self.raises:
            raise self.raises
        answer = answered(question)
        for n, sentence in enumerate(answer.sentences):
            self._wait()
            yield Part(sentence.text, sentence, (answer.citations[n],))
        self._wait()
        yield Part("", answer=answer)

    def _wait(self) -> None:
        if self.let_on:
            assert self.let_on.acquire(timeout=20)

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
        article, version, start, end = re.split("[@:-]", id) if ":" in id else ("", "", "0", "0")
        if article not in TEXTS:
            raise CitationNotFound(f"there is no article '{article}'; list them with: onrecord articles")
        text, span = TEXTS[article], (int(start), int(end))
        unknown = dict.fromkeys(("title", "author", "outlet", "published", "source", "page"))
        return Cited(id, "current", text[slice(*span)], text[: span[0]], text[span[1] :], article, version, start=span[0],
                     end=span[1], **unknown)  # fmt: skip

    def answer(self, question: str, history: Sequence[Turn] = (), scope: Scope | None = None) -> Answer:
        *_, last = self.stream(question, history, scope)
        assert last.answer is not None
        return last.answer

    def search(self, query: str, limit: int = 10) -> Sequence[Hit]:
        if self.raises:
            raise self.raises
        passage = Passage(1, "key", "plain", "0123456789ab", 0, 21, TEXTS["plain"][:21])
        return [Hit(passage, 0.51239, 0.5, 1.0)] * limit

    def check(self, text: str, *, progress: Progress | None = None) -> Checked:
        if self.raises:
            raise self.raises
        cited = answered().citations[:1]
        return Checked(
            (CheckedSentence(text, 0, len(text), "contradicted", 0.1, (Reason("word", text, "left"),), (1,)),), cited
        )

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


def steps(talk: Talk, question: str, **wished: Any) -> tuple[Asked, list[list[str]]]:
    asked = talk.ask(Wish(question, **wished))
    return asked, list(talk.follow(asked))


@pytest.fixture
def ferry() -> Ferry:
    return Ferry()


@pytest.fixture
def conversations(tmp_path: Path) -> Iterator[Conversations]:
    with closing(Conversations(tmp_path)) as kept:
        yield kept


@pytest.fixture
def talk(ferry: Ferry, conversations: Conversations, monkeypatch: pytest.MonkeyPatch) -> Iterator[Talk]:
    monkeypatch.setattr("assistant.ui.talk.EVERY", 0.0)
    with closing(Talk(ferry, conversations)) as talk:
        talk.warm_up()
        yield talk


def test_sentences_appear_one_by_one_and_the_turn_is_kept(
    talk: Talk, ferry: Ferry, conversations: Conversations
) -> None:
    ferry.let_on = threading.Semaphore(0)
    asked = talk.ask(Wish("When?"))
    shown = talk.follow(asked)
    assert "Searching the articles" in render.join(next(shown))
    for count in (1, 2):
        ferry.let_on.release()
        assert render.join(next(shown)).count("data-cite") == count
    ferry.let_on.release()
    *_, last = shown
    assert last == talk.kept(asked.chat, asked.turn)
    assert "tools" in last[-1]
    (turn,) = conversations.get(asked.chat).turns
    assert (turn.state, turn.answer) == ("answered", answered("When?"))


def test_updates_are_at_least_a_tenth_of_a_second_apart(ferry: Ferry, conversations: Conversations) -> None:
    with closing(Talk(ferry, conversations)) as talk:
        talk.warm_up()
        times = [time.monotonic() for _ in talk.follow(talk.ask(Wish("When?")))]
    assert all(later - sooner > 0.095 for sooner, later in itertools.pairwise(times))


def test_an_answer_is_finished_and_kept_when_nobody_follows_it(talk: Talk, conversations: Conversations) -> None:
    asked = talk.ask(Wish("When?"))
    steps(talk, "Another one")  # answered after it
    assert conversations.turn(asked.chat, asked.turn).state == "answered"


def test_a_follow_up_knows_the_earlier_turns(talk: Talk, ferry: Ferry) -> None:
    first, _ = steps(talk, "When?")
    second, _ = steps(talk, "And back?", chat=first.chat)
    assert ferry.asked[1] == ("And back?", (Turn("When?", answered("When?").answer, ("plain",)),))
    assert (second.chat, second.turn) == (first.chat, 2)


def test_two_conversations_share_nothing(talk: Talk, ferry: Ferry) -> None:
    steps(talk, "When?")
    steps(talk, "And back?")
    assert ferry.asked[1] == ("And back?", ())


def test_a_turn_that_is_asked_anew_takes_the_place_of_itself_and_of_all_after_it(
    talk: Talk, ferry: Ferry, conversations: Conversations
) -> None:
    first, _ = steps(talk, "When?")
    second, _ = steps(talk, "Where?", chat=first.chat)
    steps(talk, "Why?", chat=first.chat)
    steps(talk, "Where to?", chat=first.chat, instead_of=second.turn)
    assert [turn.question for turn in conversations.get(first.chat).turns] == ["When?", "Where to?"]
    assert [turn.question for turn in ferry.asked[-1][1]] == ["When?"]


def test_an_answer_whose_question_is_asked_anew_is_not_written_to_its_end(talk: Talk, ferry: Ferry) -> None:
    ferry.let_on = threading.Semaphore(1)
    asked = talk.ask(Wish("When?"))
    shown = talk.follow(asked)
    while "data-cite" not in render.join(next(shown)):
        pass
    anew = talk.ask(Wish("When back?", asked.chat, instead_of=asked.turn))
    ferry.let_on.release(1)  # for one sentence more, and not for the rest
    assert "no turn" in Reader(render.join(list(shown)[-1])).text
    ferry.let_on.release(9)
    assert "data-cite" in render.join(list(talk.follow(anew))[-1])


def test_a_question_is_limited_to_a_scope_and_says_so(talk: Talk, ferry: Ferry, conversations: Conversations) -> None:
    scope = Scope(articles=("plain",))
    asked, shown = steps(talk, "When?", scope=scope)
    assert ferry.scopes == [scope]
    assert conversations.turn(asked.chat, asked.turn).scope == scope
    assert all("Asked of: plain" in Reader(render.join(blocks)).text for blocks in shown)


def test_what_is_stopped_says_so_and_is_kept_as_stopped(talk: Talk, ferry: Ferry, conversations: Conversations) -> None:
    ferry.let_on = threading.Semaphore(1)
    asked = talk.ask(Wish("When?"))
    shown = talk.follow(asked)
    while "data-cite" not in render.join(next(shown)):
        pass
    talk.stop(asked.chat, asked.turn)
    *_, last = shown
    assert "You stopped this answer." in Reader(render.join(last)).text
    assert render.join(last).count("data-cite") == 1
    ferry.let_on.release(9)
    steps(talk, "And then?", chat=asked.chat)
    assert conversations.turn(asked.chat, asked.turn).state == "stopped"
    assert ferry.asked[-1] == ("And then?", ())


def test_what_is_stopped_when_it_is_kept_already_stays(
    talk: Talk, conversations: Conversations, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = conversations.finish_turn

    def keep_then_stop(chat: str, turn: int, answer: Answer) -> bool:
        kept = keep(chat, turn, answer)
        talk.stop(chat, turn)
        return kept

    monkeypatch.setattr(conversations, "finish_turn", keep_then_stop)
    asked, shown = steps(talk, "When?")
    assert "You stopped" not in render.join(shown[-1])
    assert shown[-1] == talk.kept(asked.chat, asked.turn)


def test_what_is_not_there_cannot_be_stopped(talk: Talk, conversations: Conversations) -> None:
    for chat in ("0" * 32, conversations.create()):
        with pytest.raises(ConversationNotFound):
            talk.stop(chat, 1)


def test_what_is_asked_of_a_stale_page_changes_nothing(talk: Talk, conversations: Conversations) -> None:
    first, _ = steps(talk, "When?")
    steps(talk, "And then?", chat=first.chat)
    kept = conversations.list()
    with pytest.raises(RequestError, match="went on elsewhere"):
        talk.ask(Wish("When now?", first.chat, first.turn, last_seen=first.turn))
    with pytest.raises(RequestError, match="load it again"):
        talk.ask(Wish("When now?", None, first.turn))
    assert conversations.list() == kept


def test_what_nobody_waits_for_any_more_is_not_answered(talk: Talk, ferry: Ferry, conversations: Conversations) -> None:
    ferry.let_on = threading.Semaphore(0)
    first = talk.ask(Wish("When?"))
    stopped, deleted = talk.ask(Wish("Stopped?")), talk.ask(Wish("Deleted?"))
    talk.stop(stopped.chat, stopped.turn)
    talk.delete(deleted.chat)
    others = [talk.ask(Wish("And?", first.chat)) for _ in range(MOST_WAITING)]  # which those two do not count for
    ferry.let_on.release(1000)
    list(talk.follow(others[-1]))
    assert [question for question, _ in ferry.asked] == ["When?"] + ["And?"] * MOST_WAITING


def test_whoever_follows_an_answer_is_let_go_when_the_chat_ends(
    talk: Talk, ferry: Ferry, conversations: Conversations
) -> None:
    ferry.let_on = threading.Semaphore(0)
    followed = [talk.follow(talk.ask(Wish("When?"))) for _ in range(3)]
    talk.end()
    for shown in followed:
        list(shown)
    with pytest.raises(RequestError, match="start it again"):
        talk.ask(Wish("And now?"))
    ferry.let_on.release(9)
    talk.close()
    assert len(ferry.asked) == 1


def test_too_many_that_wait_are_refused(talk: Talk, ferry: Ferry) -> None:
    ferry.let_on = threading.Semaphore(0)
    for _ in range(MOST_WAITING + 1):
        talk.ask(Wish("When?"))
    with pytest.raises(RequestError, match="ask again in a moment"):
        talk.ask(Wish("When?"))
    ferry.let_on.release(1000)


def test_an_error_is_shown_with_its_remedy_and_can_be_asked_again(
    talk: Talk, ferry: Ferry, conversations: Conversations
) -> None:
    ferry.raises = IndexMissing("Nothing has been ingested; run: onrecord ingest <b>")
    asked, shown = steps(talk, "When?", scope=Scope(articles=("plain",)))
    assert shown[-1] == talk.kept(asked.chat, asked.turn)
    for blocks in (shown[-1], talk.kept(asked.chat, asked.turn)):
        assert "run: onrecord ingest <b>" in Reader(render.join(blocks)).text
        assert 'data-do="again"' in blocks[-1]
    assert conversations.history(asked.chat) == []


def test_an_unexpected_error_is_logged_and_not_shown(
    talk: Talk, ferry: Ferry, caplog: pytest.LogCaptureFixture
) -> None:
    ferry.raises = RuntimeError("secret detail")
    shown = Reader(render.join(steps(talk, "When?")[1][-1])).text
    assert WENT_WRONG in shown
    assert "secret" not in shown
    assert caplog.records[0].exc_info


def test_a_question_waits_for_the_models_that_are_being_loaded(ferry: Ferry, conversations: Conversations) -> None:
    with closing(Talk(ferry, conversations)) as talk:
        shown = talk.follow(talk.ask(Wish("When?")))
        assert "Loading the models" in render.join(next(shown))
        threading.Timer(0, talk.warm_up).start()
        *_, last = shown
        assert "tools" in last[-1]


def test_models_that_cannot_be_loaded_do_not_hold_a_question_up(
    ferry: Ferry, conversations: Conversations, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ferry, "warm_up", lambda: 1 / 0)
    with closing(Talk(ferry, conversations)) as talk:
        talk.warm_up()
        assert "ZeroDivisionError" in caplog.text
        asked, _ = steps(talk, "When?")
    assert conversations.turn(asked.chat, asked.turn).answer


def test_a_question_that_is_too_long_is_refused_with_the_limit(talk: Talk) -> None:
    talk.ask(Wish("x" * 4000))
    with pytest.raises(RequestError, match="at most 4,000"):
        talk.ask(Wish("x" * 4001))


def test_what_a_page_wishes_is_read_and_anything_else_is_refused() -> None:
    assert read_wish("Who?", "") == (Wish("Who?"), "")
    wished = '{"chat": "a", "instead_of": 3, "articles": ["x", "y"], "last_seen": 5, "mark": "7-8"}'
    assert read_wish("Who?", wished) == (Wish("Who?", "a", 3, Scope(articles=("x", "y")), 5), "7-8")
    for wrong in ("{", "[]", '{"chat": 1}', '{"more": 1}'):
        with pytest.raises(RequestError, match="load it again"):
            read_wish("Who?", wrong)


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
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(Ferry(), tmp_path_factory.mktemp("home"), IngestSettings()) as desk:
        desk.talk.warm_up()
        yield desk


@pytest.fixture(scope="module")
def application(desk: Desk) -> FastAPI:
    from assistant.ui.app import unguarded_app

    return unguarded_app(desk, PORT)


@pytest.fixture(scope="module")
def client(application: FastAPI) -> Iterator[TestClient]:
    with TestClient(
        Guard(application, Site.local(PORT)), base_url=f"http://127.0.0.1:{PORT}", follow_redirects=False
    ) as client:
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
     "/gradio_api/mcp/http", "/gradio_api/mcp/sse", "/gradio_api/mcp/messages/", "/gradio_api/mcp/schema",
     "/gradio_api/runs", "/gradio_api/vibe-code",
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


def test_the_endpoints_for_programs_are_advertised_and_no_step_of_the_page(client: TestClient) -> None:
    offered = client.get("/gradio_api/info").json()
    assert list(offered["named_endpoints"]) == ["/ask", "/search", "/get_citation", "/check"]
    assert offered["unnamed_endpoints"] == {}
    steps = client.get("/config").json()["dependencies"]
    public = [step["api_name"] for step in steps if step["api_visibility"] != "private"]
    assert public == ["ask", "search", "get_citation", "check"]


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
    assert sent["referrer-policy"] == "same-origin"
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


@pytest.fixture
def chat(desk: Desk) -> str:
    """A conversation with one answered turn."""
    asked = desk.talk.ask(Wish("When?"))
    *_, last = desk.talk.follow(asked)
    assert "tools" in last[-1]
    return asked.chat


def test_a_conversation_is_listed_shown_renamed_and_deleted(client: TestClient, chat: str) -> None:
    found = client.get("/onrecord/conversations", params={"query": "When"}).json()
    assert chat in [one["id"] for one in found]
    shown = client.get("/onrecord/conversation", params={"id": chat}).json()
    assert [turn["state"] for turn in shown["turns"]] == ["answered"]
    assert "A ferry left at dawn." in Reader(shown["turns"][0]["html"]).text
    assert client.post("/onrecord/conversation/rename", json={"id": chat, "title": "Ferries"}).status_code == 200
    assert client.get("/onrecord/conversation", params={"id": chat}).json()["title"] == "Ferries"
    assert client.post("/onrecord/conversation/delete", json={"id": chat}).status_code == 200
    gone = client.get("/onrecord/conversation", params={"id": chat})
    assert (gone.status_code, "onrecord conversations list" in gone.json()["message"]) == (404, True)


def test_a_long_conversation_is_shown_from_its_end_and_earlier_turns_on_request(
    client: TestClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.ui.routes.TURNS_SHOWN", 2)
    chat = desk.conversations.create()
    numbers = [desk.conversations.begin_turn(chat, f"question {n}") for n in range(5)]
    last = client.get("/onrecord/conversation", params={"id": chat}).json()
    assert ([turn["number"] for turn in last["turns"]], last["more"]) == (numbers[3:], True)
    before = client.get("/onrecord/conversation", params={"id": chat, "before": numbers[3]}).json()
    assert [turn["number"] for turn in before["turns"]] == numbers[1:3]
    first = client.get("/onrecord/conversation", params={"id": chat, "before": numbers[1]}).json()
    assert ([turn["number"] for turn in first["turns"]], first["more"]) == (numbers[:1], False)
    both = client.get("/onrecord/conversation", params={"id": chat, "before": numbers[2]}).json()
    assert ([turn["number"] for turn in both["turns"]], both["more"]) == (numbers[:2], False)


def test_what_a_conversation_cites_is_told_by_article_and_version(client: TestClient, chat: str) -> None:
    assert client.get("/onrecord/cited", params={"id": chat}).json() == {"plain@0123456789ab": [[0, 21], [22, 43]]}


@pytest.mark.parametrize(
    ("how", "kind"), [("html", "text/html"), ("markdown", "text/markdown"), ("json", "application/json")]
)
def test_an_export_is_a_file_to_save(client: TestClient, desk: Desk, chat: str, how: Format, kind: str) -> None:
    answer = client.get("/onrecord/export", params={"id": chat, "format": how})
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["content-disposition"].startswith("attachment; filename=conversation-")
    assert answer.text == export(record_of(desk.conversations.get(chat)), how)  # and nothing of the page in it
    assert client.get("/onrecord/export", params={"id": chat, "format": "docx"}).status_code == 422


def test_a_turn_is_rated(client: TestClient, desk: Desk, chat: str) -> None:
    rated = {"id": chat, "turn": 1, "rating": "down", "reason": "too short"}
    assert client.post("/onrecord/turn/rate", json=rated).status_code == 200
    turn = desk.conversations.turn(chat, 1)
    assert (turn.rating, turn.rating_reason) == ("down", "too short")
    assert client.post("/onrecord/turn/rate", json={**rated, "rating": "sideways"}).status_code == 422
    assert client.post("/onrecord/turn/rate", json={**rated, "turn": 9}).status_code == 404


def test_a_citation_is_given_in_every_form(client: TestClient) -> None:
    found = client.get("/onrecord/cite", params={"id": "plain@0123456789ab:0-21"}).json()
    assert found["quote"] == "A ferry left at dawn."
    assert "A ferry left at dawn." in found["text"]
    assert found["bibtex"].startswith("@")
    assert found["csl"]["type"]


def test_a_file_that_cannot_be_taken_is_refused_with_the_reason(client: TestClient, desk: Desk) -> None:
    refused = client.post("/onrecord/add", params={"name": "a.png"}, content=b"x")
    assert (refused.status_code, "type that is not read" in refused.json()["message"]) == (415, True)
    large = client.post("/onrecord/add", params={"name": "a.txt"}, content=b"x" * (desk.inbox.uploads.largest + 10))
    assert (large.status_code, "at most" in large.json()["message"]) == (413, True)
    assert client.get("/onrecord/inbox").json() == []


def test_an_unknown_article_cannot_be_withdrawn(client: TestClient) -> None:
    answer = client.post("/onrecord/withdraw", json={"article": "nowhere"})
    assert answer.status_code in (404, 503)
    assert "onrecord" in answer.json()["message"]


KINDS = {".js": "text/javascript", ".css": "text/css"}


@pytest.mark.parametrize(("name", "kind"), [(file.name, KINDS[file.suffix]) for file in sorted(ASSETS.iterdir())])
def test_our_assets_have_their_content_types(client: TestClient, name: str, kind: str) -> None:
    answer = client.get(f"/onrecord/assets/{name}")
    assert answer.headers["content-type"].startswith(kind)
    assert answer.text.count("innerHTML") == (name == "log.js")  # our own server's HTML, which render.py escapes


class AddedPage:
    """An entry point of another package; gradio's own components must not be needed to write one."""

    def __init__(self, name: str, build: Any) -> None:
        self.name = name
        self.build = build

    def load(self) -> Any:
        return self.build


def test_other_packages_add_tabs_and_a_broken_one_does_not_take_the_chat_down(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import assistant.ui.page
    from assistant.ui.app import unguarded_app

    given: list[Any] = []
    added = [AddedPage("Scores", given.append), AddedPage("Broken", lambda _: 1 / 0)]
    monkeypatch.setattr(assistant.ui.page, "entry_points", lambda group: added if group == "onrecord.pages" else [])
    application = unguarded_app(desk, PORT)
    with TestClient(Guard(application, Site.local(PORT)), base_url=f"http://127.0.0.1:{PORT}") as client:
        parts = client.get("/config").json()["components"]
    assert [part["props"]["label"] for part in parts if part["type"] == "tabitem"] == ["Chat", "Broken", "Scores"]
    assert given == [desk.assistant]
    assert "ZeroDivisionError" in caplog.text


def test_there_are_no_tabs_when_nothing_is_added(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    import assistant.ui.page
    from assistant.ui.app import unguarded_app

    monkeypatch.setattr(assistant.ui.page, "entry_points", lambda group: [])
    app = unguarded_app(desk, PORT)
    with TestClient(Guard(app, Site.local(PORT)), base_url=f"http://127.0.0.1:{PORT}") as client:
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

        server = ChatServer(Guard(application, Site.local(port)), listening, on_ready)
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
    import tempfile

    from assistant.ui import serve

    serve(Ferry(), Path(tempfile.mkdtemp()), IngestSettings(), None, lambda url: print(url, flush=True))  # noqa: T201 - the parent reads it
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
