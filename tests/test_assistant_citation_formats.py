"""References for other programs: they parse, whatever an article's record holds."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.citation_formats import bibtex, csl, format_citation, reference
from assistant.types import Cited

CITED = Cited(
    id="ferry@0123456789ab:0-23", status="current", quote="The ferry left at dawn.", before="", after="", article="ferry",
    version="0123456789ab", title="The Dawn Ferry", author="Ana Lill", outlet="The Sound", published="2021-05-03",
    source="https://example.org/a_b?c=1&d=%20#e", page=None, start=0, end=23,
)  # fmt: skip
SIGNS = st.text(
    st.one_of(st.sampled_from('{}\\%&#_~^$"@,=\n\x00 AndB<i>/\u2028\x85'), st.characters(exclude_categories=["Cs"])),
    max_size=20,
)


def test_a_reference_is_one_line() -> None:
    assert reference(CITED) == (
        "Ana Lill, “The Dawn Ferry”, The Sound, 3 May 2021: “The ferry left at dawn.” [ferry@0123456789ab:0-23]"
    )


def test_csl_has_the_fields_of_a_newspaper_article() -> None:
    assert csl(CITED) == {
        "id": CITED.id, "type": "article-newspaper", "title": "The Dawn Ferry", "author": [{"family": "Lill", "given": "Ana"}],
        "container-title": "The Sound", "issued": {"date-parts": [[2021, 5, 3]]}, "URL": CITED.source, "note": CITED.id,
    }  # fmt: skip


def test_what_is_not_known_is_left_out() -> None:
    bare = replace(CITED, title=None, author=None, outlet=None, published=None, source="ferry.txt")
    assert csl(bare) == {"id": CITED.id, "type": "article", "note": CITED.id}
    assert re.fullmatch(r"@misc\{ferry-[0-9a-f]{8},\n  note = \{ferry@0123456789ab:0-23\},\n\}", bibtex(bare))


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("Ana Lill", [("Lill", "Ana")]),
        ("Ana B. Lill and Zoë Smith-Öz", [("Lill", "Ana B."), ("Smith-Öz", "Zoë")]),
        ("ZIA UR REHMAN", ["ZIA UR REHMAN"]),
        ("ANA LILL", ["ANA LILL"]),
        ("Zia ur Rehman", ["Zia ur Rehman"]),
        ("Lill, Ana", ["Lill, Ana"]),
        ("Rehman, Zia ur", [("Rehman", "Zia ur")]),
        ("Gogh, Vincent Willem van; Reuters, Bureau de", [("Gogh", "Vincent Willem van"), "Reuters, Bureau de"]),
        ("Reuters; Staff Writer & News Desk", ["Reuters", "Staff Writer", "News Desk"]),
        ("ضیا الرحمان", ["ضیا الرحمان"]),
    ],
)
def test_a_name_is_split_only_where_it_is_sure(author: str, names: list[object]) -> None:
    found = csl(replace(CITED, author=author))["author"]
    assert [n.get("literal") or (n["family"], n["given"]) for n in found] == names


@pytest.mark.parametrize(
    ("published", "parts"),
    [
        ("2021-05-03T10:00:00Z", [2021, 5, 3]),
        ("2021-05", [2021, 5]),
        ("2021", [2021]),
        ("2021-13-01", None),
        ("May", None),
    ],
)
def test_a_date_is_given_as_far_as_it_is_known(published: str, parts: list[int] | None) -> None:
    issued = csl(replace(CITED, published=published)).get("issued")
    assert issued == (parts and {"date-parts": [parts]})


def test_bibtex_escapes_what_tex_acts_on() -> None:
    entry = bibtex(replace(CITED, title="50% of {A} & B_1 #2 ~x^2 $3 \\end"))
    assert entry.splitlines()[2] == (
        r"  title = {{50\% of \textbraceleft{}A\textbraceright{} \& B\_1 \#2 \textasciitilde{}x\textasciicircum{}2 \$3"
        r" \textbackslash{}end}},"
    )
    assert entry.startswith("@article{lill2021-")
    assert "  author = {Lill, Ana},\n" in entry
    assert f"  url = {{{CITED.source}}},\n" in entry


def test_an_address_keeps_its_spaces() -> None:
    spaced = replace(CITED, id="  a  b   c@0123456789ab:0-23")
    (note,) = re.findall(r"  note = [{](.*)[}],", bibtex(spaced))
    assert "  " not in note
    assert note.replace("\\ ", " ") == spaced.id
    assert f"[{spaced.id}]" in reference(spaced)


def test_what_a_processor_would_take_for_markup_is_text() -> None:
    found = csl(
        replace(CITED, title="<i>E. coli</i>\x01 < <SPAN style='x'>y", outlet="<b>A</b>", author="A <sup>1</sup>")
    )
    assert found["title"] == "‹i>E. coli‹/i>� < ‹SPAN style='x'>y"
    assert (found["container-title"], found["author"]) == ("‹b>A‹/b>", [{"literal": "A ‹sup>1‹/sup>"}])


def test_the_key_is_the_addresss_own() -> None:
    key = bibtex(CITED).split(",")[0]
    assert key == bibtex(replace(CITED, quote="Other", title="Other")).split(",")[0]
    assert bibtex(replace(CITED, author="Rehman, Zia ur")).startswith("@article{rehman2021-")
    assert key != bibtex(replace(CITED, id="ferry@0123456789ab:1-23")).split(",")[0]


@given(SIGNS, SIGNS, SIGNS, SIGNS, SIGNS)
def test_any_record_makes_references_that_parse(
    title: str, author: str, outlet: str, published: str, rest: str
) -> None:
    cited = replace(
        CITED, title=title, author=author, outlet=outlet, published=published, id=rest + CITED.id, source=f"https://x/{rest}"
    )  # fmt: skip
    entry = format_citation(cited, "bibtex")
    assert_balanced(entry)
    for line in entry.splitlines()[1:-1]:
        assert re.fullmatch(r"  [a-z]+ = \{.*\},", line), line
    assert re.fullmatch(r"@(article|misc)\{[a-z0-9]+-[0-9a-f]{8},", entry.splitlines()[0])
    (item,) = json.loads(format_citation(cited, "csl-json"))
    assert item["note"] == cited.id
    shown = item.get("title", "") + item.get("container-title", "")
    assert not re.search(r"<(?=/?[bi]\b)|[\x00-\x1f\x7f-\x9f]", shown, re.IGNORECASE)
    assert len(format_citation(cited, "text").splitlines()) == 1


def assert_balanced(entry: str) -> None:
    """As BibTeX counts: every brace, whatever stands before it."""
    depth = 0
    for place, sign in enumerate(entry):
        depth += (sign == "{") - (sign == "}")
        assert depth > 0 or place == len(entry) - 1 or depth == 0 == entry[:place].count("{"), entry
    assert depth == 0
