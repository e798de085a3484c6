"""The peers that ours is compared with: a plain retriever and a citation query engine of llama-index."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import HashEncoder
from hypothesis import example, given
from hypothesis import strategies as st
from llama_index.core import Settings as Globals
from llama_index.core.base.llms.types import CompletionResponse, CompletionResponseGen, LLMMetadata
from llama_index.core.llms import LLM, CustomLLM
from llama_index.core.llms.callbacks import llm_completion_callback
from llama_index.core.node_parser import SentenceSplitter, TextSplitter
from pydantic import Field

from assistant import Settings
from assistant.citations import look_up
from eval.peers.citation_engine import NO_SOURCE, CitationEngine, open_citation_engine
from eval.peers.cited_reply import read_reply
from eval.peers.passage_index import open_passage_index, sentence_splitter
from eval.peers.plain_retriever import open_plain_retriever
from eval.run_folder import records
from eval.runner import run
from eval.samples import Sample, Suite
from eval.systems import CITATION_ENGINE, SYSTEMS, Answered, opener
from ingest.archive import Archive
from ingest.errors import IndexStale, ModelUnavailable
from ingest.loading import Article
from ingest.pipeline import ingest
from ingest.settings import IngestSettings

FERRY = "The ferry Aurora left Tallinn at dawn. It carried 212 people. A storm broke the window 🚢."
APPLES = "The growers of Almaty lost their whole crop of apples. The frost came in a single night."
ASKED = "How many people did the ferry Aurora carry from Tallinn?"


def silent(*_: object) -> None:
    """Progress that nobody sees."""


class FedLlm(CustomLLM):
    """Stands in for a language model: it writes what it is told to, or fails.

    Attributes:
        reply: What it writes; None for a client that cannot reach its server.
        asked: Every prompt that it was given.
    """

    reply: str | None
    asked: list[str] = Field(default_factory=list)

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name="fed")

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:
        self.asked.append(prompt)
        if self.reply is None:
            raise ConnectionError("refused")
        return CompletionResponse(text=self.reply)

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponseGen:
        raise NotImplementedError


class Shouting(SentenceSplitter):
    """A splitter that does not keep to the words."""

    def split_text(self, text: str) -> list[str]:
        return [text.upper()]


@pytest.fixture
def home(fake_models: HashEncoder, tmp_path: Path) -> Path:
    ingest(tmp_path / "home", [Article("ferry", FERRY), Article("apples", APPLES)], IngestSettings())
    return tmp_path / "home"


@pytest.fixture
def quote_at(home: Path) -> Iterator[Callable[[str], str]]:
    archive = Archive(home)
    yield lambda address: look_up(archive, address).quote
    archive.close()


def asked(question: str = ASKED, **labels: Any) -> Sample:
    return Sample.model_validate({"qid": "q", "question": question, **labels})


def within(doc_id: str, start: int, end: int) -> Sample:
    return asked(scope=[{"doc_id": doc_id, "start": start, "end": end}])


def plain(home: Path, sample: Sample) -> Answered:
    with open_plain_retriever(home, Settings.load(home), None) as system:
        system.warm_up()
        return system.answer(sample)


def composed(
    home: Path, reply: str | None, sample: Sample | None = None, splitter: TextSplitter | None = None
) -> Answered:
    with open_passage_index(home, Settings.load(home)) as index:
        return CitationEngine(index, FedLlm(reply=reply), splitter).answer(sample or asked())


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_system_can_be_opened_by_its_name(name: str) -> None:
    assert callable(opener(name, FedLlm(reply=None)))


def test_a_system_that_needs_a_language_model_says_so_before_anything_is_done() -> None:
    with pytest.raises(ModelUnavailable, match=r"llm\.url and llm\.model.*settings\.toml.*ONRECORD_LLM__URL"):
        opener(CITATION_ENGINE, None)


def test_the_plain_retriever_answers_with_the_first_passage_at_its_exact_address(
    home: Path, quote_at: Callable[[str], str]
) -> None:
    found = plain(home, asked())
    answer = found.answer
    assert (answer.outcome, answer.abstained, answer.mode) == ("answered", False, "quote")
    assert answer.answer == f"{FERRY} [1]"
    (cited,) = answer.citations
    assert (cited.marker, cited.article, cited.quote, cited.speaker) == (1, "ferry", FERRY, None)
    assert quote_at(cited.id) == FERRY
    assert [hit.passage.article for hit in found.hits] == ["ferry", "apples"]
    assert answer.confidence == cited.score == round(found.hits[0].dense, 4) > 0
    assert answer.timings_ms.total >= answer.timings_ms.search > 0


def test_each_sentence_of_the_plain_retriever_stands_where_it_says_and_cites_the_passage(home: Path) -> None:
    answer = plain(home, asked()).answer
    assert [s.text for s in answer.sentences][1:] == ["It carried 212 people.", "A storm broke the window 🚢."]
    assert all(answer.answer[s.start : s.end] == s.text and s.citations == (1,) for s in answer.sentences)


def test_the_cosine_is_that_of_our_own_encoder(home: Path, fake_models: HashEncoder) -> None:
    (first, _) = plain(home, asked()).hits
    question, passage = fake_models.encode([ASKED, FERRY])
    assert first.dense == pytest.approx(float(question @ passage), abs=1e-5)


@pytest.mark.parametrize("answering", [plain, lambda home, sample: composed(home, "212. [1]", sample)])
def test_labels_and_what_was_said_before_change_nothing(home: Path, answering: Callable[..., Answered]) -> None:
    labels: dict[str, Any] = {
        "history": [{"q": "Who lost apples in Almaty?", "a": "The growers of Almaty."}], "answerable": False,
        "answers": ["frost"], "evidence": [{"doc_id": "apples", "start": 0, "end": 10}], "tags": ["metadata"],
        "obeys": ["frost"], "speaker": "Nobody", "missing": ["frost"],
    }  # fmt: skip
    bare, labelled = answering(home, asked()), answering(home, asked(**labels))
    assert labelled.hits == bare.hits
    assert labelled.answer.answer == bare.answer.answer
    assert labelled.answer.citations == bare.answer.citations
    assert labelled.answer.standalone_question == ASKED


@pytest.mark.parametrize("answering", [plain, lambda home, sample: composed(home, "212. [1]", sample)])
def test_a_scope_leaves_only_the_passages_that_touch_it(home: Path, answering: Callable[..., Answered]) -> None:
    found = answering(home, within("apples", 4, 11))
    assert [hit.passage.article for hit in found.hits] == ["apples"]
    assert [cited.quote for cited in found.answer.citations] == [APPLES]


@pytest.mark.parametrize("answering", [plain, lambda home, sample: composed(home, "212. [1]", sample)])
def test_a_scope_without_a_passage_finds_nothing(home: Path, answering: Callable[..., Answered]) -> None:
    found = answering(home, within("nowhere", 0, 5))
    answer = found.answer
    assert (list(found.hits), answer.outcome, answer.abstained, answer.confidence) == ([], "nothing_found", True, 0.0)
    assert (answer.sentences, answer.citations, answer.nearest) == ((), (), ())


def test_an_index_of_other_settings_is_refused(home: Path) -> None:
    (home / "settings.toml").write_text("[ingest]\npassage_tokens = 64\n", encoding="utf-8")
    with pytest.raises(IndexStale), open_plain_retriever(home, Settings.load(home), None):
        pytest.fail("opened")


def test_a_source_is_cited_at_the_exact_address_of_what_was_shown(home: Path, quote_at: Callable[[str], str]) -> None:
    found = composed(home, "It carried 212 people [1]. The frost came at night [2].")
    answer = found.answer
    assert (answer.outcome, answer.abstained, answer.mode) == ("answered", False, "compose")
    assert answer.answer == "It carried 212 people. [1] The frost came at night. [2]"
    assert [(s.text, s.citations) for s in answer.sentences] == [
        ("It carried 212 people.", (1,)),
        ("The frost came at night.", (2,)),
    ]
    assert [(c.marker, c.quote) for c in answer.citations] == [(1, FERRY), (2, APPLES)]
    assert all(quote_at(c.id) == c.quote for c in answer.citations)
    assert answer.confidence == answer.citations[0].score
    assert answer.timings_ms.write > 0


def test_a_passage_that_is_cut_into_sources_is_cited_piece_by_piece(home: Path, quote_at: Callable[[str], str]) -> None:
    answer = composed(home, "A storm broke the window [2].", splitter=sentence_splitter(16, 0)).answer
    (cited,) = answer.citations
    assert cited.quote in FERRY
    assert cited.quote != FERRY
    assert quote_at(cited.id) == cited.quote
    assert answer.sentences[0].citations == (1,)


def test_a_source_whose_words_were_changed_keeps_them_at_the_address_of_its_passage(
    home: Path, quote_at: Callable[[str], str]
) -> None:
    (cited,) = composed(home, "212 [1].", splitter=Shouting()).answer.citations
    assert cited.quote == FERRY.upper()
    assert quote_at(cited.id) == FERRY


def test_the_language_model_sees_the_sources_and_nothing_of_our_addresses(home: Path) -> None:
    llm = FedLlm(reply="212 [1].")
    with open_citation_engine(home, Settings.load(home), llm) as system:
        system.warm_up()
        system.answer(asked())
    (prompt,) = llm.asked
    assert f"Source 1:\n{FERRY}" in prompt
    assert f"Source 2:\n{APPLES}" in prompt
    assert "@" not in prompt


@pytest.mark.parametrize(
    "reply",
    [
        "The provided sources do not mention the price.",
        "I don't know.",
        "There is no information on this in the texts.",
        "It is not stated in the sources.",
        "I cannot answer this question from what is given.",
    ],
)
def test_a_reply_that_says_that_the_sources_do_not_help_is_an_abstention(home: Path, reply: str) -> None:
    assert composed(home, reply).answer.outcome == "not_stated"


def test_an_assertion_without_a_marker_is_an_answer_that_cites_nothing(home: Path) -> None:
    answer = composed(home, "The ferry carried 212 people. It was no small ship.").answer
    assert (answer.outcome, answer.abstained, answer.citations) == ("answered", False, ())
    assert [s.citations for s in answer.sentences] == [(), ()]
    assert answer.answer == "The ferry carried 212 people. It was no small ship."


def test_a_reply_without_a_valid_marker_may_be_an_abstention(home: Path) -> None:
    answer = composed(home, "The sources do not say [7].").answer
    assert (answer.outcome, answer.abstained, answer.reason) == ("not_stated", True, NO_SOURCE)
    assert answer.answer == "The sources do not say [7]."
    assert (answer.sentences, answer.citations) == ((), ())
    assert [(c.marker, c.article) for c in answer.nearest] == [(1, "ferry"), (2, "apples")]
    assert answer.confidence > 0


def test_an_empty_reply_is_an_abstention(home: Path) -> None:
    answer = composed(home, " \n").answer
    assert (answer.outcome, answer.citations) == ("not_stated", ())
    assert answer.answer


def test_a_language_model_that_fails_fails_one_question(home: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"ConnectionError: refused.*llm\.url"):
        composed(home, None)


@pytest.mark.parametrize(
    ("reply", "text", "cited", "sources"),
    [
        ("It left [1]. It sank [2].", "It left. [1] It sank. [2]", [(1,), (2,)], (1, 2)),
        ("It left. [2] It sank. [1]", "It left. [1] It sank. [2]", [(1,), (2,)], (2, 1)),
        ("It left [3][1], they say [3].", "It left, they say. [1] [2]", [(1, 2)], (3, 1)),
        ("It left [1, 3].", "It left. [1] [2]", [(1, 2)], (1, 3)),
        ("It left [Source 2].", "It left. [1]", [(1,)], (2,)),
        ("[2] It left.", "It left. [1]", [(1,)], (2,)),
        ("It left [4]. It sank [0].", "It left. It sank.", [(), ()], ()),
        ("It left in May [2021] [2].", "It left in May [2021]. [1]", [(1,)], (2,)),
        ("It left.[1]It sank.", "It left. [1] It sank.", [(1,), ()], (1,)),
        ("[1]", "", [], ()),
        ("", "", [], ()),
    ],
)
def test_a_marker_belongs_to_the_sentence_that_it_stands_in_or_behind(
    reply: str, text: str, cited: list[tuple[int, ...]], sources: tuple[int, ...]
) -> None:
    read = read_reply(reply, 3)
    assert (read.text, [s.citations for s in read.sentences], read.sources) == (text, cited, sources)


@given(
    st.lists(
        st.sampled_from(["It sank", "Dr. Ali", ".", " ", "\n", "[1]", "[2, 9]", "[", "]", "ۂے۔", "🚢"]) | st.text()
    )
)
@example(["A.", "[1]", "[2, 9]", "[1]"])
def test_what_is_read_of_a_reply_always_stands_where_it_says(pieces: list[str]) -> None:
    read = read_reply("".join(pieces), 2)
    assert all(read.text[s.start : s.end] == s.text for s in read.sentences)
    assert all(1 <= marker <= len(read.sources) for s in read.sentences for marker in s.citations)
    assert set(read.sources) <= {1, 2}
    assert len(set(read.sources)) == len(read.sources)


@given(st.text(alphabet="ab .!?\n"))
def test_the_pieces_of_a_splitter_stand_in_the_text(text: str) -> None:
    assert all(piece in text for piece in sentence_splitter(4, 0).split_text(text))


def suite_of(folder: Path, count: int = 2) -> Suite:
    corpus = [{"doc_id": "ferry", "title": None, "text": FERRY}, {"doc_id": "apples", "title": None, "text": APPLES}]
    gold = {"doc_id": "ferry", "start": FERRY.index("It carried"), "end": FERRY.index(" A storm")}
    questions = [
        {"qid": f"q{n}", "question": ASKED, "answerable": True, "answers": ["212"], "evidence": [gold]}
        for n in range(count)
    ]
    for name, lines in (("corpus", corpus), ("questions", questions)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return Suite("mine", folder / "questions.jsonl", folder / "corpus.jsonl")


@pytest.mark.parametrize(
    ("system", "llm"),
    [("llama-index-retriever", None), ("llama-index-citations", FedLlm(reply="It carried 212 people [1]."))],
)
def test_a_whole_run_of_a_peer_writes_records_with_scores(
    fake_models: HashEncoder, tmp_path: Path, system: str, llm: LLM | None
) -> None:
    assert run(suite_of(tmp_path), tmp_path / "run", tmp_path / "home", silent, system=system, llm=llm) == 2
    found = list(records(tmp_path / "run"))
    assert [record["qid"] for record in found] == ["q0", "q1"]
    for record in found:
        assert len(record["retrieved"]) == 2
        for name in ("right", "Hit@1", "citations valid", "quotes exact", "gold answer contained", "grounded"):
            assert record["scores"][name]["value"] == 1.0, name


def test_a_run_goes_on_where_the_language_model_failed(fake_models: HashEncoder, tmp_path: Path) -> None:
    failing = FedLlm(reply=None)
    run(suite_of(tmp_path), tmp_path / "run", tmp_path / "home", silent, system="llama-index-citations", llm=failing)
    found = list(records(tmp_path / "run"))
    assert [record["qid"] for record in found] == ["q0", "q1"]
    assert all("did not answer" in record["error"] for record in found)


def test_nothing_global_of_llama_index_is_set(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_llm", "_embed_model", "_callback_manager", "_node_parser", "_transformations"):
        monkeypatch.setattr(Globals, name, None)
    composed(home, "212 [1].")
    for name in ("_llm", "_embed_model", "_callback_manager", "_node_parser", "_transformations"):
        assert getattr(Globals, name) is None, name
