"""What a terminal shows."""

from __future__ import annotations

import unicodedata
from typing import Any

import click
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval import Hit
from assistant.types import Answer, ArticleInfo, Citation, Cited, Sentence, Speaker, Timings
from assistant.view import plain, show_answer, show_article, show_cited, show_hit, show_report
from ingest.loading import Failure
from ingest.records import Passage
from ingest.report import IngestReport

ESCAPE = "\x1b]0;title\x07\x1b[2J\x9b31m\r\x08"
BIDI = "\u202e\u2066"


def cited(**changes: object) -> Citation:
    known: dict[str, object] = dict(
        marker=1, id="ferry@0123456789ab:0-5", article="ferry", version="0123456789ab", title=None, author=None,
        outlet=None, published=None, source=None, page=None, start=0, end=5, quote="Words", speaker=None, score=1.0,
    )  # fmt: skip
    return Citation(**{**known, **changes})  # type: ignore[arg-type]


def answer(**changes: object) -> Answer:
    known: dict[str, object] = dict(
        question="q", standalone_question="q", outcome="answered", abstained=False, reason=None, missing=(), answer="Words [1]",
        mode="quote", confidence=1.0, sentences=(Sentence("Words", 0, 5, "quoted", (1,)),), citations=(cited(),), nearest=(),
        timings_ms=Timings(),
    )  # fmt: skip
    return Answer(**{**known, **changes})  # type: ignore[arg-type]


def no_controls(shown: str) -> bool:
    text = click.unstyle(shown)
    return not any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in text)


@given(st.text(st.one_of(st.characters(), st.characters(categories=["Cc"]))))
def test_no_control_character_is_left_in_plain_text(text: str) -> None:
    assert no_controls(plain(text))


def test_text_without_control_characters_is_shown_as_it_is() -> None:
    assert plain("“Urdu: آباد” — 🚢\n\tdone") == "“Urdu: آباد” — 🚢\n\tdone"


def test_characters_that_turn_the_direction_of_a_line_are_removed() -> None:
    assert plain(f"a{BIDI}b") == "ab"


def test_a_hostile_article_cannot_steer_the_terminal() -> None:
    hostile = cited(
        id=f"{ESCAPE}@0123456789ab:0-5",
        author=ESCAPE,
        outlet=ESCAPE,
        published=ESCAPE,
        quote=f"a{ESCAPE}b",
        title=ESCAPE,
    )
    shown = [
        show_answer(answer(answer=ESCAPE, question=ESCAPE, citations=(hostile,), missing=(ESCAPE,), reason=ESCAPE)),
        show_answer(answer(abstained=True, outcome="not_stated", reason=ESCAPE, citations=(), nearest=(hostile,))),
        show_cited(
            Cited(
                id=hostile.id, status="superseded", quote=ESCAPE, before=ESCAPE, after=ESCAPE, article=ESCAPE, version="v",
                title=ESCAPE, author=ESCAPE, outlet=ESCAPE, published=ESCAPE, source=ESCAPE, page=None, start=0, end=5,
            )
        ),
        show_hit(Hit(Passage(1, "k", ESCAPE, "v", 0, 5, ESCAPE), 1.0, 1.0, 1.0)),
        show_article(
            ArticleInfo(
                article=ESCAPE, version="v", title=ESCAPE, author=ESCAPE, outlet=ESCAPE, published=ESCAPE, language=None,
                source=ESCAPE, licence=None, description=ESCAPE, characters=1, passages=1, examples=(),
            )
        ),
        show_report(IngestReport(failed=[Failure(ESCAPE, ESCAPE)], notes=[ESCAPE])),
        show_answer(answer(notes=(ESCAPE,))),
    ]  # fmt: skip
    assert all(no_controls(text) for text in shown)


def test_an_answer_shows_its_text_and_its_citations() -> None:
    shown = click.unstyle(show_answer(answer(citations=(cited(author="Ana Lill", published="2021-05-03"),))))
    assert shown == "Words [1]\n\n[1] Ana Lill, 2021-05-03\n    ferry@0123456789ab:0-5"


def test_a_citation_says_whose_words_it_holds() -> None:
    spoken = cited(author="Ana Lill", speaker=Speaker(f"Tom\nOrr{ESCAPE}", 0, 7))
    shown = click.unstyle(show_answer(answer(citations=(spoken,))))
    assert "[1] Ana Lill; said by Tom Orr" in shown
    assert no_controls(shown)
    assert "said by" not in show_answer(answer(citations=(cited(),)))


def test_a_follow_up_shows_what_was_searched() -> None:
    assert "Searched for: q (ferry)" in show_answer(answer(standalone_question="q (ferry)"))


def test_notes_stand_before_the_answer_and_under_a_report() -> None:
    shown = click.unstyle(show_answer(answer(notes=("Limited to articles by Ana Lill.",))))
    assert shown.splitlines()[:3] == ["Limited to articles by Ana Lill.", "", "Words [1]"]
    assert show_report(IngestReport(notes=["One is in German."])).endswith("passages in the archive\nOne is in German.")


def test_a_partial_answer_shows_what_it_lacks() -> None:
    assert "Not answered: who drew it" in show_answer(answer(outcome="partial", missing=("who drew it",)))


def test_an_abstention_shows_its_reason_and_what_comes_nearest() -> None:
    shown = show_answer(
        answer(abstained=True, outcome="not_stated", reason="Because.", citations=(), nearest=(cited(),))
    )
    lines = click.unstyle(shown).splitlines()
    assert lines[:2] == ["Not in the articles.", "Because."]
    assert lines[-3:] == ["[1] no author or date stated", "    ferry@0123456789ab:0-5", "    Words"]


def test_a_false_premise_shows_what_the_articles_say() -> None:
    shown = click.unstyle(
        show_answer(answer(abstained=True, outcome="false_premise", reason="No.", nearest=(cited(),)))
    )
    assert "The question takes something for granted." in shown
    assert "Words [1]" in shown
    assert "Nearest" not in shown


def test_a_citation_says_when_its_version_is_superseded() -> None:
    known: dict[str, Any] = dict.fromkeys(("title", "author", "outlet", "published", "source", "page"))
    shown = show_cited(
        Cited(
            id="i",
            status="superseded",
            quote="q",
            before="",
            after="",
            article="a",
            version="v",
            start=0,
            end=1,
            **known,
        )
    )
    assert "superseded" in shown
