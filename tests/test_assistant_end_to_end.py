"""The shipped article and the real weights: what a reader gets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant import Answer, Assistant, Turn
from assistant.conversation import standalone, topic_put_behind
from ingest.loading import load, shipped_corpus
from ingest.pipeline import ingest
from ingest.settings import IngestSettings

ARTICLE = "zia-ur-rehman-2024-04-23"
BODY_START = 32


@pytest.fixture(scope="session")
def shipped_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped corpus, taken in once."""
    home = tmp_path_factory.mktemp("shipped") / "home"
    report = ingest(home, load([shipped_corpus()], 10**7), IngestSettings())
    assert report.added == 1
    return home


@pytest.fixture(scope="session")
def shipped(shipped_home: Path) -> Iterator[Assistant]:
    with Assistant.open(shipped_home) as assistant:
        assistant.warm_up()
        yield assistant


def onrecord(*arguments: object, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as people run it, in a process of its own."""
    root = str(Path(__file__).resolve().parent.parent)
    known = {key: value for key, value in os.environ.items() if not key.startswith("ONRECORD_")}
    command = [sys.executable, "-c", "from assistant.cli import main; main()", *map(str, arguments)]
    environment = {**known, "PYTHONPATH": root, "ONRECORD_HOME": str(home), **environment}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=180)


def only_quote(answer: Answer) -> str:
    assert answer.outcome == "answered", answer.reason
    assert len(answer.sentences) == 1
    return answer.sentences[0].text


def test_when_this_was_published_is_answered_with_the_first_line(shipped: Assistant) -> None:
    answer = shipped.answer("When was this article published?")
    assert only_quote(answer) == "2024-04-23"
    assert (answer.citations[0].start, answer.citations[0].end) == (6, 16)


def test_who_wrote_this_is_answered_with_the_first_line(shipped: Assistant) -> None:
    answer = shipped.answer("Who wrote this?")
    assert only_quote(answer) == "ZIA UR REHMAN"
    assert (answer.citations[0].start, answer.citations[0].end) == (17, 30)


def test_author_and_date_asked_at_once_are_both_answered(shipped: Assistant) -> None:
    answer = shipped.answer("Who wrote this, and when was it published?")
    assert {s.text for s in answer.sentences} == {"2024-04-23", "ZIA UR REHMAN"}


def test_the_outlet_is_not_stated(shipped: Assistant) -> None:
    answer = shipped.answer("Which newspaper published this article?")
    assert answer.outcome == "not_stated"
    assert "outlet" in answer.answer


def test_it_after_another_subject_is_not_the_article(shipped: Assistant) -> None:
    history = [Turn("What is the Durand Line?", "The Durand Line is a 2,640-km border. [1]")]
    for question in ("How old is it?", "Where is it from?"):
        answer = shipped.answer(question, history)
        assert "2024-04-23" not in answer.answer
        assert "000_d95c618f8e775bae.txt" not in answer.answer


def test_a_plain_fact_is_quoted_from_the_body(shipped: Assistant) -> None:
    quote = only_quote(shipped.answer("How long is the Durand Line?"))
    assert "2,640-km border" in quote


def test_every_question_that_the_corpus_suggests_is_answered(shipped: Assistant) -> None:
    (info,) = shipped.articles()
    outcomes = {question: shipped.answer(question).outcome for question in info.examples}
    assert outcomes == dict.fromkeys(info.examples, "answered")


def test_a_follow_up_is_about_the_last_subject(shipped: Assistant) -> None:
    history = [Turn("What is the Durand Line?", "The 2,640-km border. [1]")]
    answer = shipped.answer("And who drew it?", history)
    assert "Durand Line" in answer.standalone_question
    assert "British" in only_quote(answer)


@pytest.mark.parametrize("question", ["tell me a joke", "Who invented the telephone?", "Who won the match?"])
def test_another_subject_in_the_midst_of_a_conversation_is_abstained_from(shipped: Assistant, question: str) -> None:
    history = [
        Turn(
            "Why did Pakistan help the Afghan rebels?",
            shipped.answer("Why did Pakistan help the Afghan rebels?").answer,
        )
    ]
    assert topic_put_behind(question, standalone(question, history))
    answer = shipped.answer(question, history)
    assert (answer.outcome, answer.standalone_question) == ("nothing_found", question)


def test_a_short_follow_up_is_asked_with_its_topic(shipped: Assistant) -> None:
    history = [
        Turn(
            "Why did Pakistan help the Afghan rebels?",
            shipped.answer("Why did Pakistan help the Afghan rebels?").answer,
        )
    ]
    answer = shipped.answer("Any airstrikes?", history)
    assert topic_put_behind("Any airstrikes?", answer.standalone_question)
    assert answer.outcome == "answered"


@pytest.mark.parametrize(
    "question",
    ["What is the capital of Mongolia?", "How do I bake sourdough bread?", "Who won the football world cup in 2018?"],
)
def test_another_subject_is_abstained_from(shipped: Assistant, question: str) -> None:
    answer = shipped.answer(question)
    assert answer.abstained
    assert (answer.sentences, answer.citations) == ((), ())
    assert answer.reason


def test_two_questions_in_one_are_answered_in_reading_order(shipped: Assistant) -> None:
    answer = shipped.answer("In which year was the Taliban regime recognised and how long is the Durand Line?")
    assert answer.outcome == "answered"
    first, second = answer.sentences
    assert "2,640-km" in first.text
    assert "1996" in second.text
    assert [c.start for c in answer.citations] == sorted(c.start or 0 for c in answer.citations)


@pytest.mark.parametrize(
    "question",
    [
        "What happened on 2024-04-23?",
        "What does Zia ur Rehman say about Afghanistan?",
        "ZIA UR REHMAN",
        "date 2024-04-23",
        "What is the date of the airstrikes?",
    ],
)
def test_nothing_before_the_body_is_evidence(shipped: Assistant, question: str) -> None:
    answer = shipped.answer(question)
    assert all((c.start or 0) >= BODY_START for c in (*answer.citations, *answer.nearest))


@pytest.mark.parametrize(
    "question",
    ["\ud800", "Who \udcff wrote the treaty?", "\x00", "🚢" * 1000, "آباد", "a" * 100_000],
    ids=["surrogate", "surrogate among words", "NUL", "emoji", "Urdu", "one long word"],
)
def test_the_real_encoder_takes_any_question(shipped: Assistant, question: str) -> None:
    assert shipped.answer(question).outcome


def test_threads_may_share_the_real_encoder(shipped: Assistant) -> None:
    questions = ["How long is the Durand Line?", "Why? " + "word " * 300, "Who recognised the Taliban regime?", "x"] * 6
    expected = {question: shipped.answer(question).answer for question in questions}
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(shipped.answer, questions))
    assert [answer.answer for answer in found] == [expected[question] for question in questions]


def test_the_command_answers_with_json_alone_on_stdout(shipped_home: Path) -> None:
    done = onrecord("ask", "Why did Pakistan help the Afghan rebels?", "--json", home=shipped_home)
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert answer["outcome"] == "answered"
    assert answer["answer"].startswith("“Fearing Soviet influence")


def test_the_command_takes_a_question_that_is_not_utf_8(shipped_home: Path) -> None:
    done = onrecord("ask", "How long is the \udcff Durand Line?", "--json", home=shipped_home)
    assert "Traceback" not in done.stderr
    assert json.loads(done.stdout)["outcome"]


def test_the_command_works_in_a_plain_ascii_terminal(shipped_home: Path) -> None:
    question = "Why did Pakistan help the Afghan rebels?"
    done = onrecord("ask", question, home=shipped_home, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert "Traceback" not in done.stderr
    assert "ZIA UR REHMAN, 2024-04-23" in done.stdout
    assert "\x1b" not in done.stdout


def test_the_command_in_an_empty_home_says_what_to_run(tmp_path: Path) -> None:
    done = onrecord("ask", "Who?", home=tmp_path / "nothing")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("run: onrecord ingest\n")
    assert "Traceback" not in done.stderr


def test_the_shipped_corpus_is_taken_in_twice_at_no_cost(tmp_path: Path) -> None:
    first = json.loads(onrecord("ingest", "--json", home=tmp_path / "home").stdout)
    second = json.loads(onrecord("ingest", "--json", home=tmp_path / "home").stdout)
    assert (first["added"], second["unchanged"], second["embedded"]) == (1, 1, 0)
