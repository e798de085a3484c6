"""Which questions ask for a summary of an article, and of how many sentences."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.overview import MOST, USUAL, Overview, overview


@pytest.mark.parametrize(
    "question",
    [
        "Summarise the article",
        "Can you please summarize this?",
        "summarise",
        "Sum it up, please.",
        "What is this about?",
        "What’s this article about?",
        "Tell me what the story is about",
        "Give me an overview",
        "I'd like a brief overview of the article, please",
        "What are the main points?",
        "What are the key takeaways from this piece?",
        "What is the article's main argument?",
        "tl;dr",
        "TLDR please",
        "What does the article say?",
        "What topics does the article cover?",
        "Tell me about this article",
        "In a nutshell, what is the article about?",
        "Hi! Summary?",
    ],
)
def test_a_question_about_the_whole_of_an_article_asks_for_a_summary(question: str) -> None:
    assert overview(question) == Overview()


@pytest.mark.parametrize(
    "question",
    [
        "What is the treaty about?",
        "What is that about?",
        "What was the speech about?",
        "Summarise the treaty in two sentences",
        "Summarise what the articles say about fencing",
        "Summarise the articles about fencing",
        "What do the articles say about fencing?",
        "What does the article say about fencing?",
        "Tell me about fencing",
        "Tell me about it",
        "Give an overview of fencing",
        "What are the main points of the agreement?",
        "What are the main points of contention between the two?",
        "What are the main reasons?",
        "What is the main cause of the strike?",
        "What is the report of the commission about?",
        "What does this law say?",
        "What is the article about the treaty?",
        "What happened in Tallinn?",
        "Was there a summary of the report?",
        "Who gave an overview of the situation?",
        "What is the point?",
        "What is it?",
        "Who wrote this?",
        "",
        "?",
    ],
)
def test_a_question_about_something_in_the_articles_asks_for_none(question: str) -> None:
    assert overview(question) is None


@pytest.mark.parametrize(
    ("question", "sentences"),
    [
        ("Sum it up in two sentences", 2),
        ("In 3 sentences, what is this article about?", 3),
        ("Summarise the article in one sentence", 1),
        ("Give me a two-sentence summary of this story", 2),
        ("Give me the three main points", 3),
        ("What are the top 5 takeaways?", 5),
        ("Summarise this in 50 words", 2),
        ("Summarise this in 10 words", 1),
        ("Summarise this in 0 sentences", 1),
        ("Summarise this in 40 sentences", MOST),
        ("Summarise this", USUAL),
    ],
)
def test_the_number_of_sentences_asked_for_is_kept_within_one_and_six(question: str, sentences: int) -> None:
    wanted = overview(question)
    assert wanted
    assert wanted.sentences == sentences


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("What is the article Storm over Tallinn about?", "Storm over Tallinn"),
        ("What is the article “Storm over Tallinn” about?", "Storm over Tallinn"),
        ("What is “Storm over Tallinn” about?", "Storm over Tallinn"),
        ("Summarise the piece on the storm in two sentences", "the storm"),
        ("What does the article about Tallinn say?", "Tallinn"),
    ],
)
def test_an_article_may_be_named(question: str, name: str) -> None:
    wanted = overview(question)
    assert wanted
    assert wanted.name == name


@pytest.mark.parametrize(
    "question", ["What are these articles about?", "Summarise all the articles", "Sum up everything"]
)
def test_all_articles_may_be_asked_for(question: str) -> None:
    assert overview(question) == Overview(several=True)


@pytest.mark.parametrize(
    ("question", "it"), [("What is it about?", True), ("What does it say?", True), ("Summarise it", False)]
)
def test_it_may_be_something_else_unless_it_is_to_be_summarised(question: str, it: bool) -> None:
    assert overview(question) == Overview(it=it)


PIECES = "the a please main and key what is article about summarise in one of it this points top , ? “ ” say".split()


@given(st.lists(st.sampled_from(PIECES), max_size=200))
def test_no_question_takes_long(pieces: list[str]) -> None:
    started = perf_counter()
    overview(" ".join(pieces))
    assert perf_counter() - started < 0.5
