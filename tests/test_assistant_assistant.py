"""The assistant over a real SQLite and a real Chroma; only the encoder is a stand-in."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from conftest import StartPython
from fakes import HashEncoder
from hypothesis import example, given
from hypothesis import strategies as st
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from assistant import Answer, Assistant, Scope, Settings, Turn
from assistant.settings import ReadingSettings
from assistant.types import ABSTAINED
from ingest.errors import CitationNotFound, IndexMissing, IndexStale
from ingest.index import VectorIndex
from ingest.loading import Article
from ingest.pipeline import ingest
from ingest.records import Floats
from ingest.settings import IngestSettings

FERRY = Article(
    "wire: ferry/1 @dawn",
    "3 MAY 2021 ANA LILL\n\nThe ferry Aurora left Tallinn at dawn. It carried 212 people and 40 cars [12].\n\n"
    "A storm broke the window of the bridge because the wind had turned. The captain was asleep 🚢.",
    author="Ana Lill",
    published="2021-05-03",
    body_start=21,
)
CARRIED = "The ferry Aurora left Tallinn at dawn. It carried 212 people and 40 cars [12]."
"""A sentence that opens with a pronoun, and the one before it."""
APPLE = Article("apple", "The growers of Almaty lost their whole crop of apples. The frost came in a single night.\r\n")
EAGER = Settings(reading=ReadingSettings(min_confidence=0))
CAUTIOUS = Settings(reading=ReadingSettings(min_confidence=1))

CITATION: dict[str, Any] = {
    "marker": int, "id": str, "article": str, "version": str, "title": (str, None), "author": (str, None),
    "outlet": (str, None), "published": (str, None), "source": (str, None), "page": (int, None), "start": (int, None),
    "end": (int, None), "quote": str, "speaker": (dict, None), "score": float,
}  # fmt: skip
SENTENCE = {"text": str, "start": int, "end": int, "verdict": str, "citations": [int], "reasons": [dict]}
ANSWER: dict[str, Any] = {
    "question": str, "standalone_question": str, "outcome": str, "abstained": bool, "reason": (str, None), "missing": [str],
    "answer": str, "mode": str, "confidence": float, "sentences": [SENTENCE], "citations": [CITATION], "nearest": [CITATION],
    "timings_ms": dict.fromkeys(("search", "read", "write", "judge", "total"), float), "notes": [str],
}  # fmt: skip
"""The contract, as a shape."""


def assert_shape(value: Any, shape: Any, at: str = "answer") -> None:
    if isinstance(shape, dict):
        assert list(value) == list(shape), at
        for key, inner in shape.items():
            assert_shape(value[key], inner, f"{at}.{key}")
    elif isinstance(shape, list):
        assert isinstance(value, list), at
        for item in value:
            assert_shape(item, shape[0], f"{at}[]")
    elif isinstance(shape, tuple):
        assert value is None or type(value) is shape[0], at
    else:
        assert type(value) is shape, at


def assert_holds(answer: Answer, assistant: Assistant) -> None:
    """What every answer must keep, whatever was asked."""
    assert (
        answer.abstained
        == (answer.outcome in ABSTAINED)
        == (answer.outcome in ("false_premise", "not_stated", "nothing_found"))
    )
    assert [c.marker for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    assert [c.marker for c in answer.nearest] == list(range(1, len(answer.nearest) + 1))
    for shown in (answer.citations, answer.nearest):
        assert len({c.id for c in shown}) == len(shown)
    for cited in (*answer.citations, *answer.nearest):
        assert 0 <= cited.score <= 1
        assert assistant.cite(cited.id).quote == cited.quote
        if cited.start is not None:
            assert assistant.source(cited.article, cited.version).text[cited.start : cited.end] == cited.quote
    for sentence in answer.sentences:
        assert answer.answer[sentence.start : sentence.end] == sentence.text
        assert sentence.verdict in ("quoted", "supported")
        assert set(sentence.citations) <= {c.marker for c in answer.citations}
    if answer.outcome in ("not_stated", "nothing_found"):
        assert (answer.sentences, answer.citations) == ((), ())
        assert answer.answer == answer.reason
    else:
        assert answer.sentences
        assert answer.citations
    assert 0 <= answer.confidence <= 1
    assert bool(answer.missing) == (answer.outcome == "partial")
    assert answer.nearest == () or answer.abstained
    written = json.dumps(answer.to_json(), ensure_ascii=False, allow_nan=False)
    assert_shape(json.loads(written), ANSWER)
    assert json.loads(json.dumps(json.loads(written))) == json.loads(written)


def without_times(answer: Answer) -> Answer:
    return replace(answer, timings_ms=type(answer.timings_ms)())


@pytest.fixture
def home(fake_models: HashEncoder, tmp_path: Path) -> Path:
    ingest(tmp_path / "home", [FERRY, APPLE], IngestSettings())
    return tmp_path / "home"


@pytest.fixture
def assistant(home: Path) -> Iterator[Assistant]:
    with Assistant.open(home, EAGER) as opened:
        yield opened


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sequence[Assistant]]:
    """The same articles behind three assistants: one that always answers, one that never does, one as it comes."""
    fake = HashEncoder()
    home = tmp_path_factory.mktemp("newsroom")
    with pytest.MonkeyPatch.context() as patch:
        for module in ("ingest.pipeline", "assistant.assistant"):
            patch.setattr(f"{module}.Encoder", lambda model="bundled": fake)
        ingest(home, [FERRY, APPLE], IngestSettings())
        opened = [Assistant.open(home, settings) for settings in (EAGER, CAUTIOUS, Settings())]
        yield opened
        for one in opened:
            one.close()


QUESTIONS = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from([
            *"ferry storm captain apples Aurora Why when Who how many Oslo 1950 and ? it this article wrote “ ” \" ' - AND OR NOT"
            " NEAR( * ^ : {a} -text ( ) \x00 🚢 آباد \u202e \n".split(" "), "  ", "\r\n",
        ]),
        max_size=25,
    ).map(" ".join),
)  # fmt: skip


@given(QUESTIONS)
@example("")
@example("?")
@example('"')
@example("-")
@example("AND")
@example("NEAR(ferry")
@example("ferry\x00storm")
@example("🚢🚢")
@example("Who wrote this article?")
@example("How many cars did the ferry carry? Why did the window break?")
@example("Why did Oslo lose its whole crop of apples?")
def test_no_question_breaks_an_answer(newsroom: Sequence[Assistant], question: str) -> None:
    for assistant in newsroom:
        answer = assistant.answer(question)
        assert answer.question == question
        assert_holds(answer, assistant)


@given(QUESTIONS, st.lists(st.tuples(QUESTIONS, QUESTIONS), max_size=4))
def test_no_history_breaks_an_answer(
    newsroom: Sequence[Assistant], question: str, history: list[tuple[str, str]]
) -> None:
    assert_holds(newsroom[0].answer(question, [Turn(q, a) for q, a in history]), newsroom[0])


@given(QUESTIONS)
def test_the_parts_of_a_stream_join_to_the_answer(newsroom: Sequence[Assistant], question: str) -> None:
    for assistant in newsroom:
        parts = list(assistant.stream(question))
        answer = parts[-1].answer
        assert answer is not None
        assert all(part.answer is None for part in parts[:-1])
        assert "".join(part.text for part in parts) == answer.answer
        assert tuple(part.sentence for part in parts if part.sentence) == answer.sentences
        assert tuple(cited for part in parts for cited in part.citations) == answer.citations
        assert without_times(answer) == without_times(assistant.answer(question))


@pytest.mark.parametrize("question", ["\ud800", "Who is \udcff asleep?"], ids=["alone", "inside"])
def test_half_a_surrogate_pair_in_a_question_can_be_printed(assistant: Assistant, question: str) -> None:
    answer = assistant.answer(question)
    assert_holds(answer, assistant)
    json.dumps(answer.to_json(), ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize(
    "question",
    ["ferry " * 16_000, "x" * 100_000, "Why" + " " * 30_000 + "storm?", "storm? " * 400, "“" * 100_000, "1," * 50_000],
    ids=["words", "one word", "spaces", "questions", "quotes", "numbers"],
)
def test_a_page_pasted_as_a_question_is_answered_in_seconds(assistant: Assistant, question: str) -> None:
    assistant.warm_up()
    started = perf_counter()
    assert_holds(assistant.answer(question), assistant)
    assert perf_counter() - started < 3


def test_an_answer_quotes_the_sentence_and_its_place(assistant: Assistant) -> None:
    answer = assistant.answer("Growers of Almaty lost their whole crop of what?")
    assert answer.answer == "The growers of Almaty lost their whole crop of apples. [1]"
    assert answer.outcome == "answered"
    assert (answer.citations[0].article, answer.citations[0].start, answer.citations[0].end) == ("apple", 0, 54)
    assert answer.mode == "quote"
    assert answer.nearest == ()


def test_a_literal_marker_in_a_quote_is_no_marker(assistant: Assistant) -> None:
    answer = assistant.answer("How many people and cars did it carry?")
    assert answer.answer == f"{CARRIED} [1]"
    assert answer.sentences[0].text == CARRIED
    assert answer.sentences[0].citations == (1,)


def test_a_question_in_two_parts_is_answered_in_reading_order(assistant: Assistant) -> None:
    answer = assistant.answer(
        "Why had a storm broke the window of the bridge? Which 212 people and 40 cars were carried?"
    )
    assert [s.text for s in answer.sentences] == [
        CARRIED,
        "A storm broke the window of the bridge because the wind had turned.",
    ]


def test_a_sentence_without_words_is_no_evidence(home: Path, assistant: Assistant) -> None:
    ingest(home, [Article("stars", "Nobody saw the stars.\n\n* * *\n\n🚢\n\nThe night was cloudy.")], IngestSettings())
    with Assistant.open(home, CAUTIOUS) as cautious:
        for question in ("Who saw it?", "🚢", "What was cloudy?", "* * *"):
            answer = cautious.answer(question, scope=Scope(articles=("stars",)))
            assert {c.quote for c in answer.nearest} <= {"Nobody saw the stars.", "The night was cloudy."}


def test_an_abstention_shows_what_comes_nearest(home: Path) -> None:
    with Assistant.open(home, CAUTIOUS) as assistant:
        answer = assistant.answer("Growers of Almaty lost their whole crop of what?")
    assert answer.outcome == "not_stated"
    assert answer.nearest[0].quote == "The growers of Almaty lost their whole crop of apples."
    assert [c.score for c in answer.nearest] == sorted((c.score for c in answer.nearest), reverse=True)
    assert 0 < answer.confidence < 1


def test_what_is_nearest_to_both_parts_of_a_question_is_shown_once(home: Path) -> None:
    with Assistant.open(home, CAUTIOUS) as assistant:
        assert_holds(assistant.answer("Was the captain asleep? Who is the captain who was asleep?"), assistant)


def test_a_follow_up_searches_for_its_topic(assistant: Assistant) -> None:
    answer = assistant.answer("Was he asleep?", [Turn("Who is the captain?", "…")])
    assert answer.standalone_question == "Was the captain asleep?"
    assert answer.question == "Was he asleep?"
    assert answer.answer.startswith("The captain was asleep")


def test_metadata_is_cited_from_the_words_before_the_body(assistant: Assistant) -> None:
    answer = assistant.answer("Who wrote this?", scope=Scope(articles=(FERRY.id,)))
    assert answer.answer == "ANA LILL [1]"
    assert answer.citations[0].start == 11
    assert answer.confidence == 1


def test_metadata_that_stands_nowhere_is_cited_from_the_record(assistant: Assistant) -> None:
    answer = assistant.answer("When was this published?", scope=Scope(articles=(FERRY.id,)))
    assert answer.answer == "2021-05-03 [1]"
    assert answer.citations[0].id.endswith("#published")
    assert answer.citations[0].start is None


def test_metadata_that_is_not_known_is_not_stated(assistant: Assistant) -> None:
    answer = assistant.answer("Who wrote this?", scope=Scope(articles=("apple",)))
    assert answer.outcome == "not_stated"
    assert "author" in answer.answer


def test_metadata_that_is_an_empty_text_is_not_stated(home: Path, assistant: Assistant) -> None:
    ingest(home, [Article("blank", "Some text about nothing.", author="")], IngestSettings())
    answer = assistant.answer("Who wrote this?", scope=Scope(articles=("blank",)))
    assert answer.outcome == "not_stated"
    assert_holds(answer, assistant)


def test_this_article_without_a_hint_asks_which_and_lists_them(assistant: Assistant) -> None:
    answer = assistant.answer("Who wrote this article?")
    assert answer.outcome == "not_stated"
    assert answer.answer.startswith("Which article do you mean?")
    assert FERRY.id in answer.answer
    assert "apple" in answer.answer


def test_metadata_before_the_body_is_no_evidence(assistant: Assistant) -> None:
    answer = assistant.answer("What happened on 3 MAY 2021 with ANA LILL?")
    assert all((cited.start or 0) >= FERRY.body_start for cited in (*answer.citations, *answer.nearest))


def test_an_answer_from_a_stretch_cites_that_stretch_alone(assistant: Assistant) -> None:
    start = FERRY.text.index("A storm")
    scope = Scope(stretches=((FERRY.id, start, start + 30),))
    for question in ("How many people did the ferry carry?", "Was the captain asleep?", "What broke the window?"):
        answer = assistant.answer(question, scope=scope)
        assert {c.quote for c in (*answer.citations, *answer.nearest)} == {
            "A storm broke the window of the bridge because the wind had turned."
        }


def test_a_scope_that_allows_nothing_finds_nothing(assistant: Assistant) -> None:
    answer = assistant.answer("What did the ferry carry?", scope=Scope(authors=("nobody",)))
    assert answer.outcome == "nothing_found"
    assert answer.nearest == ()


def test_an_answer_of_which_no_sentence_is_a_quote_is_no_answer(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The judge has the last word, also over the outcome."""
    monkeypatch.setattr("assistant.answering.judge_quote", lambda *_: ("unsupported", ()))
    answer = assistant.answer("Growers of Almaty lost their whole crop of what?")
    assert answer.abstained
    assert answer.answer


def test_articles_that_another_process_takes_in_are_answered_from(
    home: Path, assistant: Assistant, start_python: StartPython
) -> None:
    assert "locusts" not in assistant.answer("What ate the barley?").answer
    code = (
        "import sys, fakes, ingest.pipeline as p; from pathlib import Path; from ingest.loading import Article\n"
        "from ingest.settings import IngestSettings\n"
        "p.Encoder = lambda model='bundled': fakes.HashEncoder()\n"
        "p.ingest(Path(sys.argv[1]), [Article('barley', 'The locusts ate the barley.')], IngestSettings())"
    )
    assert start_python(code, home).wait(60) == 0
    assert assistant.answer("What ate the barley?").answer == "The locusts ate the barley. [1]"


def test_a_changed_article_is_answered_from_and_its_old_citation_still_opens(home: Path, assistant: Assistant) -> None:
    old = assistant.answer("Growers of Almaty lost their whole crop of what?").citations[0]
    ingest(home, [replace(APPLE, text=APPLE.text.replace("apples", "pears"))], IngestSettings())
    assert "pears" in assistant.answer("Growers of Almaty lost their whole crop of what?").answer
    assert assistant.cite(old.id).quote == old.quote
    assert assistant.cite(old.id).status == "superseded"


def test_an_index_of_other_settings_is_stale_and_the_message_says_which(home: Path) -> None:
    with Assistant.open(home, Settings(ingest=IngestSettings(passage_tokens=100))) as assistant:
        with pytest.raises(IndexStale, match=r"ingest\.passage_tokens \(index: 200, now: 100\).*onrecord rebuild$"):
            assistant.answer("What did the ferry carry?")
        assert assistant.articles()


def test_other_weights_make_an_index_stale(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.assistant.Encoder", lambda model="bundled": HashEncoder(sha256="6" * 64))
    with Assistant.open(home) as assistant, pytest.raises(IndexStale, match=r"ingest\.model"):
        assistant.answer("What did the ferry carry?")


def test_an_empty_home_has_no_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match=r"run: onrecord ingest$"):
        Assistant.open(tmp_path / "nothing")


def test_a_home_comes_from_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRECORD_HOME", str(home))
    with Assistant.open() as assistant:
        assert assistant.home == home


def test_an_unknown_article_or_version_has_no_source(assistant: Assistant) -> None:
    with pytest.raises(CitationNotFound, match="'other'"):
        assistant.source("other")
    with pytest.raises(CitationNotFound, match="0123456789ab"):
        assistant.source("apple", "0123456789ab")


def test_closing_twice_is_harmless(home: Path) -> None:
    assistant = Assistant.open(home, EAGER)
    assistant.answer("What did the ferry carry?")
    assistant.close()
    assistant.close()


def test_closing_leaves_no_copy_of_the_index(home: Path) -> None:
    with Assistant.open(home, EAGER) as assistant:
        assistant.answer("What did the ferry carry?")
        assert list((home / "index" / "copies").iterdir())
    assert not list((home / "index" / "copies").iterdir())


def test_threads_that_ask_at_once_get_the_same_answers_as_one_alone(home: Path) -> None:
    questions = ["What did the growers lose?", "Was the captain asleep?", "How many cars?", "Who wrote this?"] * 5
    with Assistant.open(home, EAGER) as alone:
        expected = [without_times(alone.answer(question)) for question in questions]
    with Assistant.open(home, EAGER) as shared, ThreadPoolExecutor(4) as pool:
        assert [without_times(answer) for answer in pool.map(shared.answer, questions)] == expected


def test_a_question_in_progress_survives_an_ingest_and_the_next_question(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next question opens the newer index; the one in progress still needs the older."""
    reached, go = threading.Event(), threading.Event()

    class Slow(HashEncoder):
        def encode(self, texts: Sequence[str]) -> Floats:
            if any("captain" in text for text in texts):
                reached.set()
                assert go.wait(30)
            return super().encode(texts)

    monkeypatch.setattr("assistant.assistant.Encoder", lambda model="bundled": Slow())
    with Assistant.open(home, EAGER) as assistant, ThreadPoolExecutor(1) as pool:
        slow = pool.submit(assistant.answer, "Was the captain asleep?")
        assert reached.wait(30)
        ingest(home, [Article("barley", "The locusts ate the barley.")], IngestSettings())
        try:
            assert "locusts" in assistant.answer("What ate the barley?").answer
        finally:
            go.set()
        assert slow.result(30).answer == "The captain was asleep 🚢. [1]"


def test_an_index_that_is_replaced_while_it_is_opened_is_opened_anew(
    home: Path, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer removes the index before the last one; a long ingest publishes several."""
    named: list[str] = []

    def slowly(where: Path, generation: str) -> VectorIndex:
        named.append(generation)
        if len(named) == 1:
            ingest(home, [Article("barley", "The locusts ate the barley.")], IngestSettings())
            ingest(home, [Article("wheat", "The mice ate the wheat.")], IngestSettings())
        return VectorIndex(where, generation)

    monkeypatch.setattr("ingest.index.VectorIndex", slowly)
    assert assistant.answer("What ate the barley?").answer == "The locusts ate the barley. [1]"


def test_the_search_is_a_llama_index_retriever(home: Path, assistant: Assistant) -> None:
    retriever = assistant.retriever(limit=2)
    (first, *rest) = retriever.retrieve("growers of Almaty")
    assert len(rest) <= 1
    text = assistant.source("apple").text
    node = first.node
    assert isinstance(node, TextNode)
    assert text[node.start_char_idx : node.end_char_idx] == node.text
    assert assistant.cite(node.node_id).quote == node.text
    ingest(home, [Article("harbour", "The harbour of Paldiski froze over in one winter.")], IngestSettings())
    assert retriever.retrieve("Which harbour froze over?")[0].node.metadata["article"] == "harbour"


def test_a_postprocessor_reranks_what_is_answered_from(home: Path) -> None:
    class OnlyFerries(BaseNodePostprocessor):
        def _postprocess_nodes(
            self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
        ) -> list[NodeWithScore]:
            return [node for node in nodes if "ferry" in node.node.get_content()]

    with Assistant.open(home, EAGER, postprocessors=[OnlyFerries()]) as narrowed:
        answer = narrowed.answer("Whose crop of apples was lost in a night?")
        assert {c.article for c in (*answer.citations, *answer.nearest)} <= {FERRY.id}
        assert all("ferry" in hit.passage.text for hit in narrowed.search("apples"))
