"""What is said when passages are near and none answers."""

from __future__ import annotations

import pytest

from assistant.not_stated import not_stated

PASSAGES = ["The mill was built of stone.", "Kaspar Lind sold the mill to his sister."]


@pytest.mark.parametrize(
    ("question", "ending"),
    [
        ("When was the mill sold?", "says when."),
        ("How many stones has the mill?", "gives the figure that is asked for."),
        ("Who painted the mill?", "says who. The passages found do not mention “painted”."),
        ("Why did Lind paint the mill's roof?", "says why. The passages found do not mention “paint” or “roof”."),
        ("What do paint, roof, brick and window of the mill say?", "answers it."),  # other words than the articles'
        ("Where is Ravnsund?", "says where."),  # nothing of it is mentioned
        ("?", "answers it."),
    ],
)
def test_the_kind_of_answer_and_the_words_that_stand_nowhere_are_named(question: str, ending: str) -> None:
    assert not_stated(question, PASSAGES).endswith(ending)
