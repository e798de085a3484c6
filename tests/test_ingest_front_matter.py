"""What a file says about itself before its body."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import ArticleError
from ingest.front_matter import read_front_matter
from ingest.loading import Article, Failure, load

BODY = "The harbour of Lill did not freeze.\n"
WHOLE = """---
Title: "The harbour: no ice"
authors: [Ines Hale, "[[people/Olav Berg|Olav Berg]]"]
publication: Coast Post
date: 2024-02-11
url: https://coast.example/harbour
lang: en
license: CC-BY
description: our own words
tags: {deep: [1, 2]}
---
"""


def test_all_that_is_known_of_an_article_is_read_and_its_text_stays_as_it_is() -> None:
    stated, start = read_front_matter(WHOLE + BODY, "harbour.md", "markdown")
    assert stated == {
        "title": "The harbour: no ice",
        "author": "Ines Hale, Olav Berg",
        "outlet": "Coast Post",
        "published": "2024-02-11",
        "language": "en",
        "source": "https://coast.example/harbour",
        "licence": "CC-BY",
    }
    assert (WHOLE + BODY)[start:] == BODY


@pytest.mark.parametrize(
    ("given", "published"),
    [
        ("2024", "2024"), ("2024-02", "2024-02"), ("2024-02-11", "2024-02-11"), ("'2024-02-11'", "2024-02-11"),
        ("2024-02-11 09:30:00 +01:00", "2024-02-11T09:30:00+01:00"), ("''", None), ("", None), ("~", None),
    ],
)  # fmt: skip
def test_dates(given: str, published: str | None) -> None:
    stated, _ = read_front_matter(f"---\ntitle: x\ndate: {given}\n---\n{BODY}", "x.txt", "plain")
    assert stated.get("published") == published


@pytest.mark.parametrize("given", ["11 February 2024", "02/03/2024", "2024-13-45x", "soon"])
def test_a_date_that_is_none_is_told_of(given: str) -> None:
    with pytest.raises(ArticleError, match=r"x\.txt: its front matter says .* no date such as 2024-04-23; correct it"):
        read_front_matter(f"---\ndate: {given}\n---\n{BODY}", "x.txt", "plain")


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        f"---\n{BODY}",
        f"---\nnothing: known\n---\n{BODY}",
        f"---\n- a\n- list\n---\n{BODY}",
        f"---\ntitle: [never closed\n---\n{BODY}",
        f"---\ndate: 2024-13-45\n---\n{BODY}",
        f"---\ntitle: {{a: b}}\n---\n{BODY}",
        f"\n---\ntitle: too late\n---\n{BODY}",
        f"---\ntitle: {'x' * 70_000}\n---\n{BODY}",
        f"---\n!!python/object/apply:os.system ['true']\n---\n{BODY}",
    ],
)
def test_what_is_no_front_matter_belongs_to_the_body(text: str) -> None:
    assert read_front_matter(text, "x.md", "markdown") == ({}, 0)


@pytest.mark.parametrize(
    ("text", "markup", "title"),
    [
        ("# The harbour\n\nNo ice.", "markdown", "The harbour"),
        ("\n\n#   The harbour #\nNo ice.", "markdown", "The harbour"),
        ("---\nauthor: Ines Hale\n---\n\n# The harbour\n", "markdown", "The harbour"),
        ("---\ntitle: Ice\n---\n# The harbour\n", "markdown", "Ice"),
        ("No ice.\n\n# The harbour\n", "markdown", None),
        ("## The harbour\n", "markdown", None),
        ("#hashtag\n", "markdown", None),
        ("# The harbour\n\nNo ice.", "plain", None),
    ],
)
def test_a_heading_that_comes_first_is_the_title_of_markdown(text: str, markup: str, title: str | None) -> None:
    stated, _ = read_front_matter(text, "x", "markdown" if markup == "markdown" else "plain")
    assert stated.get("title") == title


def test_aliases_within_aliases_are_not_unfolded() -> None:
    names = [
        "a: &a [x, x]",
        *(f"{b}: &{b} [*{a}, *{a}]" for a, b in zip("abcdefghijklmnop", "bcdefghijklmnopq", strict=True)),
    ]
    text = "---\n" + "\n".join([*names, "author: *q", "title: deep"]) + f"\n---\n{BODY}"
    assert read_front_matter(text, "x.md", "markdown")[0] == {"title": "deep"}


@given(st.text(alphabet=st.sampled_from("---\n.:[]{}#&*!|>'\"%@` \tatile012")) | st.text(), st.booleans())
def test_any_text_is_read(text: str, fenced: bool) -> None:
    whole = f"---\n{text}\n---\n{BODY}" if fenced else text
    try:
        stated, start = read_front_matter(whole, "x.md", "markdown")
    except ArticleError:
        return
    assert 0 <= start <= len(whole)
    assert all(stated.values())


def test_a_file_is_taken_in_with_what_it_says_of_itself(tmp_path: Path) -> None:
    for name, text in (("whole.md", WHOLE + BODY), ("plain.txt", BODY), ("empty.md", WHOLE)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    empty, plain, whole = load([tmp_path], 100_000)
    assert isinstance(empty, Failure)
    assert "holds no text behind its front matter" in empty.reason
    assert isinstance(plain, Article)
    assert (plain.title, plain.source, plain.body_start) == (None, "plain.txt", 0)
    assert isinstance(whole, Article)
    assert (whole.author, whole.published, whole.source) == (
        "Ines Hale, Olav Berg",
        "2024-02-11",
        "https://coast.example/harbour",
    )
    assert whole.text == WHOLE + BODY
    assert whole.text[whole.body_start :] == BODY
