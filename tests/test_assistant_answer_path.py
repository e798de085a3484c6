"""What the answer path hands over beside the answer."""

from __future__ import annotations

import numpy as np

from assistant.answer_path import MOST_RETRIEVED, merged
from assistant.retrieval import Found, Hit
from ingest.records import Passage


def found(*numbers: int) -> Found:
    hits = [
        Hit(Passage(n, f"k{n}", "a", "0" * 12, n, n + 1, "x"), 1 / rank, 0.5, 0.0) for rank, n in enumerate(numbers, 1)
    ]
    return Found(np.zeros(3, np.float32), tuple(hits))


def numbers(*searches: Found) -> list[int]:
    return [hit.passage.number for hit in merged(searches)]


def test_what_was_found_for_one_question_is_left_in_its_order() -> None:
    assert numbers(found(3, 1, 2)) == [3, 1, 2]


def test_what_was_found_for_several_parts_is_merged_by_rank() -> None:
    assert numbers(found(1, 2, 3), found(11, 12), found(21)) == [1, 11, 21, 2, 12, 3]


def test_a_passage_that_several_parts_found_stands_once_where_it_is_best() -> None:
    assert numbers(found(1, 2, 3), found(3, 1, 4)) == [1, 3, 2, 4]
    assert [hit.score for hit in merged([found(1, 2, 3), found(3, 1, 4)])] == [1, 1, 1 / 2, 1 / 3]


def test_at_most_ten_are_handed_over() -> None:
    assert numbers(found(*range(20)), found(*range(100, 120))) == [0, 100, 1, 101, 2, 102, 3, 103, 4, 104]
    assert MOST_RETRIEVED == 10


def test_nothing_searched_is_nothing_found() -> None:
    assert numbers() == []
