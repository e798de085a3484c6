"""Limits that a question states itself, and what is then searched for; only the encoder is a stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pytest
from fakes import HashEncoder
from hypothesis import given
from hypothesis import strategies as st

from assistant import Assistant, Scope, Settings, Turn
from assistant.bylines import Records
from assistant.settings import ReadingSettings
from assistant.stated import limited, stated
from ingest.archive import Archive
from ingest.loading import Article
from ingest.pipeline import ingest
from ingest.settings import IngestSettings

PACT = Article(
    "pact",
    "The pact with the rebels cost 3 million. Imran Khan told Pakistan so in June 2023, and nobody may skate.",
    author="ZIA UR REHMAN",
    published="2024-04-23",
)
FERRY = Article(
    "ferry",
    "The ferry cost 5 million. In March it carried 212 people, the Times of Dublin said.",
    author="Ana Lill",
    outlet="The Atlantic",
    published="2023-05-02",
)
VOTE = Article(
    "vote",
    "The vote cost 7 million. A king may not vote.",
    author="Bo Dahl and Ayesha Khan",
    outlet="Dawn",
    published="2022-11-30",
)
FLOOD = Article("flood", "The flood cost 9 million.", author="Stephen King", outlet="Pakistan Today")
SNOW = Article("snow", "The snow cost 2 million.", author="Eve Snow", published="2023-03-10")
ARTICLES = [PACT, FERRY, VOTE, FLOOD, SNOW]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ingest.pipeline.Encoder", lambda model="bundled": HashEncoder())
        ingest(home, ARTICLES, IngestSettings())
    opened = Archive(home)
    yield opened
    opened.close()


def understood(archive: Archive, question: str) -> tuple[str, Scope]:
    found = stated(question, Records(archive))
    return found.question, found.scope


REHMAN = Scope(authors=("ZIA UR REHMAN",))
LILL = Scope(authors=("Ana Lill",))
DAHL = Scope(authors=("Bo Dahl and Ayesha Khan",))
KING = Scope(authors=("Stephen King",))
ATLANTIC = Scope(outlets=("The Atlantic",))
DAWN = Scope(outlets=("Dawn",))
APRIL = Scope(since="2024-04-01", until="2024-04-30")


@pytest.mark.parametrize(
    ("question", "rest", "scope"),
    [
        ("What did it cost in Rehman's article?", "What did it cost?", REHMAN),
        ("in rehman’s article, what did it cost", "what did it cost", REHMAN),
        ("According to the article by Zia ur Rehman, what did it cost?", "what did it cost?", REHMAN),
        ("What did it cost, in the article that Z. Rehman wrote?", "What did it cost?", REHMAN),
        ("What does Rehman's article say about the cost?", "the cost?", REHMAN),
        ("What does Rehman's article say happened?", "What happened?", REHMAN),
        ("Does Rehman's article mention that it cost a lot?", "it cost a lot?", REHMAN),
        ("What did Lill write about the cost?", "the cost?", LILL),
        ("What did Lill say about the cost?", "the cost?", LILL),
        ("According to Lill, what did it cost?", "what did it cost?", LILL),
        ("According to Dahl, what did it cost?", "what did it cost?", DAHL),
        ("In Khan's column, what did it cost?", "what did it cost?", DAHL),
        ("In King's essay, what did it cost?", "what did it cost?", KING),
        ("What did The Atlantic write about the cost?", "the cost?", ATLANTIC),
        ("what did the atlantic report on the cost", "the cost", ATLANTIC),
        ("What did it cost in the Dawn report?", "What did it cost?", DAWN),
        ("what did it cost according to the dawn report", "what did it cost", DAWN),
        ("How did Dawn cover the cost?", "the cost?", DAWN),
        ("According to Dawn, what did it cost?", "what did it cost?", DAWN),
        ("What did it cost, in articles from Pakistan Today?", "What did it cost?", Scope(outlets=("Pakistan Today",))),
        ("What did it cost in articles by Lill and Dahl?", "What did it cost?",
         Scope(authors=("Ana Lill", "Bo Dahl and Ayesha Khan"))),
        ("What did it cost in the Dawn article by Dahl?", "What did it cost?",
         Scope(authors=DAHL.authors, outlets=DAWN.outlets)),
        ("What did it cost in articles published in April 2024?", "What did it cost?", APRIL),
        ("What did it cost, in the April 2024 article?", "What did it cost?", APRIL),
        ("What did it cost in reports since March 2023?", "What did it cost?", Scope(since="2023-03-01")),
        ("What did it cost in coverage after 2023?", "What did it cost?", Scope(since="2024-01-01")),
        ("What did it cost, in stories before May 2023?", "What did it cost?", Scope(until="2023-04-30")),
        ("What did it cost in articles between 2022 and May 2023?", "What did it cost?",
         Scope(since="2022-01-01", until="2023-05-31")),
        ("What did it cost in articles from 2023 on?", "What did it cost?", Scope(since="2023-01-01")),
        ("What was reported in November 2022 of the cost?", "What was reported of the cost?",
         Scope(since="2022-11-01", until="2022-11-30")),
        ("What did it cost in Rehman's article from April 2024?", "What did it cost?",
         Scope(authors=REHMAN.authors, since=APRIL.since, until=APRIL.until)),
        ("What did it cost in Dawn's 2022 report?", "What did it cost?",
         Scope(outlets=DAWN.outlets, since="2022-01-01", until="2022-12-31")),
        ("What did it cost in April 2024?", "What did it cost?", APRIL),
        ("What did it cost in 2024?", "What did it cost?", Scope(since="2024-01-01", until="2024-12-31")),
        ("Who wrote the Dawn report?", "Who wrote this article?", DAWN),
        ("When was Rehman's article published?", "When was this article published?", REHMAN),
        ("Who wrote the article published in April 2024?", "Who wrote this article?", APRIL),
        ("What is in Rehman's article?", "What is in this article?", REHMAN),
        ("Summarise the Dawn report", "Summarise this article", DAWN),
        ("Is it so in Rehman's article?", "Is it so in Rehman's article?", REHMAN),
    ],
)  # fmt: skip
def test_a_phrase_that_the_records_settle_limits_the_question(
    archive: Archive, question: str, rest: str, scope: Scope
) -> None:
    assert understood(archive, question) == (rest, scope)


@pytest.mark.parametrize(
    "question",
    [
        "What did it cost?",
        "What does this article say?",
        "What did it cost in the article?",
        "What did it cost in the other report?",
        "What did Smith write about the cost?",  # no author
        "What did it cost in Smith's article?",
        "According to Khan, what did it cost?",  # the texts speak of a Khan
        "What did Khan say about the cost?",
        "When did Imran Khan's report come out?",
        "What did it cost in the king's article?",  # no name
        "What did it cost in the Pakistan article?",  # about Pakistan, or from Pakistan Today
        "What did it cost in the Times article?",  # no outlet
        "What did it cost in Jack Lill's article?",  # another Lill
        "According to Dawn French, what did it cost?",
        "Is there an article about Rehman?",
        "What did people read at dawn?",
        "Which storm of the Atlantic was it?",
        "What did it cost in articles from 1999?",  # none
        "What did it cost in June 2023?",  # a date of an event
        "What did it cost in 2023?",  # the texts speak of it
        "What did it cost on 23 April 2024?",  # what happens on a day is in the news of the next
        "What did it cost since 23 April 2024?",
        "What did it cost before May 2024?",
        "What did it cost in March 2024?",  # "in March" may be that of 2024
        "What did it cost in May 2022?",  # nothing was published then
        "What did it cost in Rehman's article and in the Dawn report?",  # no article is both
    ],
)
def test_what_the_records_do_not_settle_limits_nothing(archive: Archive, question: str) -> None:
    assert understood(archive, question) == (question, Scope())


def test_a_month_that_a_text_names_without_its_year_is_that_of_its_article(archive: Archive) -> None:
    """FERRY, of May 2023, says "in March"; PACT, of April 2024, says that nobody may skate."""
    records = Records(archive)
    assert stated("What did it cost in May 2023?", records).scope == Scope(since="2023-05-01", until="2023-05-31")
    assert not stated("What did it cost in March 2023?", records).scope


def test_a_name_holds_when_the_date_beside_it_does_not(archive: Archive) -> None:
    assert understood(archive, "What did it cost in Dawn's April 2024 article?")[1] == DAWN
    assert understood(archive, "What did it cost in Rehman's article in November 2022?")[1] == REHMAN


def test_a_question_that_speaks_of_no_article_does_not_read_the_records(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "articles", lambda: pytest.fail("read"))
    assert stated("What did the ferry cost?", Records(archive)).scope == Scope()


@given(st.text(st.sampled_from("Rehman’s article report Dawn in by from what did write about 2024 April 's, ?.")))
def test_no_question_breaks_it(archive: Archive, question: str) -> None:
    found = stated(question, Records(archive), follow_up=True)
    assert found.question == question or found.scope


@pytest.mark.parametrize(
    "text", ["Rehman's article ", "articles from 2024 and ", "in the ", "what did Dawn ", "2024 ", "' "]
)
def test_a_long_question_is_understood_at_once(archive: Archive, text: str) -> None:
    started = perf_counter()
    stated((text * 2000)[:2000], Records(archive))
    assert perf_counter() - started < 2


# ---- in a conversation, and with limits that were given ----------------------------------------------------------------


@pytest.mark.parametrize(
    "question", ["and in Rehman's article?", "And in the article by Rehman?", "What about Rehman's?"]
)
def test_a_follow_up_that_only_states_a_limit_asks_the_last_question_again(archive: Archive, question: str) -> None:
    meant = limited(question, [Turn("What did the ferry cost in Lill's article?", "…")], None, archive)
    assert (meant.question, meant.scope) == ("What did the ferry cost?", REHMAN)


def test_an_outlet_alone_is_a_follow_up(archive: Archive) -> None:
    history = [Turn("What did it cost?", "…"), Turn("and in Rehman's article?", "…")]
    meant = limited("And in Dawn?", history, None, archive)
    assert (meant.question, meant.scope) == ("What did it cost?", DAWN)
    assert not limited("And in Pakistan?", history, None, archive).scope


def test_without_a_question_before_it_a_limit_is_a_question_of_its_own(archive: Archive) -> None:
    assert limited("and in Rehman's article?", [], None, archive).question == "and in Rehman's article?"


def test_a_follow_up_keeps_its_pronoun(archive: Archive) -> None:
    meant = limited("And what did Dawn write about it?", [Turn("What is the vote?", "…")], None, archive)
    assert (meant.question, meant.scope) == ("And it?", DAWN)


def test_phrases_of_earlier_questions_are_no_topic(archive: Archive) -> None:
    meant = limited(
        "How long was it?", [Turn("What did the vote cost in the Dawn report?", "7 million.")], None, archive
    )
    assert [turn.question for turn in meant.history] == ["What did the vote cost?"]
    assert meant.scope is None


def test_limits_that_were_given_stay(archive: Archive) -> None:
    meant = limited("What did it cost in Lill's article?", [], Scope(since="2023-01-01"), archive)
    assert meant.scope == Scope(authors=LILL.authors, since="2023-01-01")
    assert meant.notes[0] == "Limited to articles by Ana Lill."
    meant = limited("What did it cost in Lill's article?", [], Scope(outlets=("Dawn",)), archive)
    assert meant.nothing
    assert meant.nothing.startswith("No article fits these limits")
    assert meant.notes == ("Limited to articles from Dawn.", "Limited to articles by Ana Lill.")


@pytest.fixture
def assistant(fake_models: HashEncoder, tmp_path: Path) -> Iterator[Assistant]:
    ingest(tmp_path, ARTICLES, IngestSettings())
    with Assistant.open(tmp_path, Settings(reading=ReadingSettings(min_confidence=0))) as opened:
        yield opened


def test_an_answer_is_taken_from_the_articles_that_the_question_names_and_says_so(assistant: Assistant) -> None:
    for question, article, note in (
        ("What did it cost in the Dawn report?", "vote", "Limited to articles from Dawn."),
        ("What did The Atlantic write about the cost of 5 million?", "ferry", "Limited to articles from The Atlantic."),
        ("What did it cost, in articles from April 2024?", "pact", "Limited to articles published in April 2024."),
    ):
        answer = assistant.answer(question)
        assert {cited.article for cited in (*answer.citations, *answer.nearest)} == {article}
        assert answer.notes[0] == note
        assert answer.question == question
        assert "report" not in answer.standalone_question
    assert assistant.answer("What did it cost?").notes == ()


def test_all_parts_of_a_question_are_limited(assistant: Assistant) -> None:
    answer = assistant.answer("According to the Dawn report, what did it cost and who may not vote?")
    assert {cited.article for cited in (*answer.citations, *answer.nearest)} == {"vote"}


def test_the_record_of_an_article_that_is_named_is_asked(assistant: Assistant) -> None:
    answer = assistant.answer("When was the Dawn report published and who wrote it?")
    assert [cited.quote for cited in answer.citations] == ["2022-11-30", "Bo Dahl and Ayesha Khan"]


def test_articles_without_a_date_are_counted_when_a_limit_leaves_them_out(assistant: Assistant) -> None:
    answer = assistant.answer("What did it cost?", scope=Scope(since="2023-01-01"))
    assert answer.notes == (
        "Limited to articles published since 2023.",
        "1 article without a date was left out.",
    )
    assert "flood" not in {cited.article for cited in (*answer.citations, *answer.nearest)}
