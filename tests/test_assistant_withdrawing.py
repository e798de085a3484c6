"""What an open assistant says of articles that are taken out; only the encoder is a stand-in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conftest import StartPython
from fakes import HashEncoder

from assistant import Assistant, Scope, Settings, Turn
from assistant.settings import ReadingSettings
from ingest.archive import Archive
from ingest.errors import CitationNotFound
from ingest.index import VectorIndex
from ingest.loading import Article
from ingest.pipeline import ingest
from ingest.records import Floats
from ingest.settings import IngestSettings
from ingest.withdrawing import purge, withdraw

FERRY = Article(
    "wire: ferry/1 @dawn",
    "The ferry Aurora left Tallinn at dawn. It carried 212 people and 40 cars.",
    title="Harbour news",
    author="Ana Lill",
    outlet="Dawn",
    published="2021-05-03",
)
APPLE = Article("apple", "The growers of Almaty lost their whole crop of apples. The frost came in a single night.")
EAGER = Settings(reading=ReadingSettings(min_confidence=0))
CARS = "How many cars did the ferry Aurora carry?"
TakeOut = Callable[[Path, Sequence[str]], Any]
both = pytest.mark.parametrize("take_out", [withdraw, purge])


@pytest.fixture
def home(fake_models: HashEncoder, tmp_path: Path) -> Path:
    ingest(tmp_path / "home", [FERRY, APPLE], IngestSettings())
    return tmp_path / "home"


@pytest.fixture
def assistant(home: Path) -> Iterator[Assistant]:
    with Assistant.open(home, EAGER) as opened:
        yield opened


def said(assistant: Assistant, question: str, history: Sequence[Turn] = ()) -> str:
    """All that an answer shows of the articles."""
    answer = assistant.answer(question, history)
    shown = [*answer.citations, *answer.nearest]
    return " ".join([answer.answer, *answer.notes, *(f"{c.article} {c.quote} {c.title} {c.author}" for c in shown)])


EVERY_WAY_TO_ASK = [
    CARS,
    "Who wrote this article?",
    "When was the Harbour news published?",
    "Summarise the article.",
    "Summarise the Harbour news.",
    "What do the articles say?",
    "What did Ana Lill write about?",
    "What does Dawn say about apples?",
]


@both
def test_no_way_to_ask_gives_what_is_taken_out(home: Path, assistant: Assistant, take_out: TakeOut) -> None:
    shown = {question: said(assistant, question) for question in EVERY_WAY_TO_ASK}
    assert all(any(word in text for text in shown.values()) for word in ("Aurora", "Harbour", "Lill", FERRY.id))
    turn = Turn(CARS, assistant.answer(CARS).answer, (FERRY.id,))
    take_out(home, [FERRY.id])
    for question in EVERY_WAY_TO_ASK:
        for history in ((), (turn,)):
            text = said(assistant, question, history)
            assert not any(word in text for word in ("Aurora", "212", FERRY.id)), (question, history)
    assert [hit.passage.article for hit in assistant.search("ferry Aurora cars", 10)] == ["apple"]
    assert assistant.search("ferry", 10, Scope(articles=(FERRY.id,))) == ()
    assert [node.node.metadata["article"] for node in assistant.retriever().retrieve("ferry")] == ["apple"]
    assert [info.article for info in assistant.articles()] == ["apple"]


@both
def test_a_check_no_longer_stands_on_what_is_taken_out(home: Path, assistant: Assistant, take_out: TakeOut) -> None:
    draft = FERRY.text.split(". ")[0] + "."
    (before,) = assistant.check(draft).sentences
    take_out(home, [FERRY.id])
    (after,) = assistant.check(draft).sentences
    assert (before.verdict, after.verdict) == ("quoted", "unsupported")


def test_old_citations_of_a_withdrawn_article_open_and_say_so(home: Path, assistant: Assistant) -> None:
    cited = assistant.answer(CARS).citations[0]
    withdraw(home, [FERRY.id])
    opened = assistant.cite(cited.id)
    assert (opened.status, opened.quote) == ("withdrawn", cited.quote)
    assert assistant.cite(f"{FERRY.id}@{FERRY.version}#author").quote == "Ana Lill"
    assert assistant.source(FERRY.id, FERRY.version).status == "withdrawn"
    with pytest.raises(CitationNotFound, match="is withdrawn; list its version with: onrecord articles --withdrawn"):
        assistant.source(FERRY.id)
    assert [(i.article, i.status) for i in assistant.articles(withdrawn=True)] == [
        ("wire: ferry/1 @dawn", "withdrawn"),
        ("apple", "current"),
    ]
    ingest(home, [FERRY], IngestSettings())
    assert assistant.cite(cited.id).status == "current"
    assert assistant.answer(CARS).citations[0] == cited


def test_of_a_purged_article_nothing_is_known(home: Path, assistant: Assistant) -> None:
    cited = assistant.answer(CARS).citations[0]
    purge(home, [FERRY.id])
    with pytest.raises(CitationNotFound, match=r"No article 'wire: ferry/1 @dawn' in .*onrecord articles"):
        assistant.cite(cited.id)
    with pytest.raises(CitationNotFound, match="No article 'wire: ferry/1 @dawn'"):
        assistant.source(FERRY.id)
    assert [info.article for info in assistant.articles(withdrawn=True)] == ["apple"]


@both
def test_a_library_without_articles_has_nothing_to_say(home: Path, assistant: Assistant, take_out: TakeOut) -> None:
    said(assistant, CARS)
    take_out(home, [FERRY.id, "apple"])
    for question in EVERY_WAY_TO_ASK:
        answer = assistant.answer(question)
        assert answer.abstained
        assert answer.nearest == ()
    assert assistant.search("ferry") == ()
    assert [s.verdict for s in assistant.check("The ferry left at dawn.").sentences] == ["unsupported"]


@both
def test_what_another_process_takes_out_is_out_of_the_next_answer(
    home: Path, assistant: Assistant, start_python: StartPython, take_out: TakeOut
) -> None:
    assert "40 cars" in said(assistant, CARS)
    code = (
        f"import sys, pathlib, ingest.withdrawing as w; w.{take_out.__name__}(pathlib.Path(sys.argv[1]), sys.argv[2:])"
    )
    assert start_python(code, home, FERRY.id).wait(60) == 0
    assert "40 cars" not in said(assistant, CARS)


def test_the_copy_of_an_open_chat_goes_with_its_next_question(home: Path, assistant: Assistant) -> None:
    assistant.answer(CARS)
    (before,) = (home / "index" / "copies").iterdir()
    assert purge(home, [FERRY.id]).readers
    assistant.answer("What did the growers lose?")
    assert not before.exists()


@both
def test_a_question_in_progress_survives_what_is_taken_out(
    home: Path, monkeypatch: pytest.MonkeyPatch, take_out: TakeOut
) -> None:
    """It may still quote it, or no longer; what it quotes was there when it was asked."""
    reached, go = threading.Event(), threading.Event()
    passages = Archive.passages

    def slowly(archive: Archive, column: str, values: Sequence[Any]) -> list[Any]:
        found = passages(archive, column, values)
        if not reached.is_set() and column == "key":
            reached.set()
            assert go.wait(30)
        return found

    with Assistant.open(home, EAGER) as assistant, ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(Archive, "passages", slowly)
        slow = pool.submit(assistant.answer, CARS)
        assert reached.wait(30)
        take_out(home, [FERRY.id])
        go.set()
        assert all(c.quote in FERRY.text + APPLE.text for c in slow.result(30).citations)
        assert "Aurora" not in said(assistant, CARS)


def test_an_assistant_that_is_asked_all_the_time_never_shows_what_was_taken_out_before(home: Path) -> None:
    """Articles go out and come back while three threads ask; whoever asks after the one has ended does not see it."""
    out = threading.Event()
    end = threading.Event()

    def ask(assistant: Assistant) -> int:
        asked = 0
        while not end.is_set():
            before = out.is_set()
            text = said(assistant, CARS)
            assert not (before and out.is_set() and "Aurora" in text)
            asked += 1
        return asked

    with Assistant.open(home, EAGER) as assistant, ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask, assistant) for _ in range(3)]
        try:
            for take_out in (withdraw, purge, withdraw, purge):
                take_out(home, [FERRY.id])
                out.set()
                assert "Aurora" not in said(assistant, CARS)
                out.clear()
                ingest(home, [FERRY], IngestSettings())
                assert "40 cars" in said(assistant, CARS)
        finally:
            end.set()
        assert all(one.result(60) > 0 for one in asking)


def test_an_index_that_is_replaced_again_and_again_while_it_is_opened_is_opened_in_the_end(
    home: Path, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A purge removes the index before it at once, so that a reader may come too late more than once."""
    extra = [Article(f"barley{n}", f"The locusts ate barley number {n}.") for n in range(3)]
    ingest(home, extra, IngestSettings())
    waiting = [article.id for article in extra]

    def slowly(where: Path, generation: str) -> VectorIndex:
        if waiting:
            purge(home, [waiting.pop()])
        return VectorIndex(where, generation)

    monkeypatch.setattr("ingest.index.VectorIndex", slowly)
    assert "40 cars" in said(assistant, CARS)
    assert not waiting


class Counting(HashEncoder):
    """Counts the texts that it encodes."""

    def encode(self, texts: Sequence[str]) -> Floats:
        self.encoded += texts
        return super().encode(texts)


@both
def test_taking_out_needs_no_model(home: Path, monkeypatch: pytest.MonkeyPatch, take_out: TakeOut) -> None:
    counting = Counting()
    monkeypatch.setattr("ingest.pipeline.Encoder", lambda model="bundled": counting)
    take_out(home, [FERRY.id])
    assert counting.encoded == []
