"""Exports: whatever stands in them stays text, and an edit of any word is noticed."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner, Result
from fakes import HashEncoder, cited_answer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assistant.citations import citation
from assistant.cli import onrecord
from assistant.conversations import Conversation, Conversations, KeptTurn
from assistant.conversations.export import Format, export, record_in, record_of, seal
from assistant.conversations.record_form import Record
from assistant.conversations.verify import Verified, verify
from assistant.types import Answer, Sentence, Speaker
from ingest.archive import Archive
from ingest.errors import DatasetError
from ingest.loading import Article
from ingest.pipeline import ingest
from ingest.settings import IngestSettings

FORMATS: tuple[Format, ...] = get_args(Format)
HOSTILE = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "javascript:alert(1)",
    "[click](javascript:alert(1))", "![x](http://evil.example/x.png)", "--> <b>out</b> <!--", "</script><!-->", '"quoted" & \'it\'',
    "{{ 7 * 7 }} {% raw %}", "\u202eright to left\u2067", "- item\n1. one\n# head\n\n    code\n===", "`tick` ~~~ | a | b |",
    "www.evil.example http://evil.example a@evil.example", '<!-- onrecord-export {"onrecord": "conversation"} -->',
    "</style><style>*{display:none}</style>", "&lt;script&gt;", "\x01\x85\u2028 end",
)  # fmt: skip
BIDI = [chr(sign) for sign in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]
ARTICLE = Article(
    "wire: ferry/1 @dawn",
    "The ferry left at dawn. “It was full,” said Ana Lill. " + "\n\n".join([*HOSTILE, " a ".join(BIDI)]),
    title='A "ferry" <script>alert(1)</script>\u202b',
    author="Ana <b>Lill</b>",
    outlet="The Sound",
    published="2021-05-03",
    source="https://example.org/ferry",
)


@pytest.fixture
def archive(encoder: HashEncoder, tmp_path: Path) -> Iterator[Archive]:
    ingest(tmp_path / "home", [ARTICLE], IngestSettings())
    opened = Archive(tmp_path / "home")
    yield opened
    opened.close()


def quoting(archive: Archive, *quotes: str) -> Answer:
    """An answer that quotes these words of the article."""
    source = archive.source(ARTICLE.id)
    assert source is not None
    places = [(source.text.index(quote), source.text.index(quote) + len(quote)) for quote in quotes]
    cited = tuple(citation(source, place, marker=n, score=0.5) for n, place in enumerate(places, 1))
    return replace(cited_answer(*quotes), citations=cited)


@pytest.fixture
def record(archive: Archive) -> Record:
    """Three turns: an answer, an abstention that shows what is near, a turn that failed."""
    with_quotes = quoting(archive, "The ferry left at dawn.", "“It was full,” said Ana Lill.")
    near = replace(with_quotes, outcome="not_stated", abstained=True, reason="It is not said.", answer="No.", sentences=(),
                   citations=(), nearest=with_quotes.citations[:1])  # fmt: skip
    store = Conversations(archive.home)
    id = store.create()
    for answer in (with_quotes, near):
        store.finish_turn(id, store.begin_turn(id, "When did it leave?"), answer)
    store.fail_turn(id, store.begin_turn(id, "Why?"), "No weights; run: make")
    made = record_of(store.get(id))
    store.close()
    return made


def verified(archive: Archive, document: str) -> Verified:
    file = archive.home / "export"
    file.write_bytes(document.encode())
    return verify(file, archive)


@pytest.mark.parametrize("how", FORMATS)
def test_an_export_that_nobody_touched_holds(archive: Archive, record: Record, how: Format) -> None:
    document = export(record, how)
    for text in (document, "\ufeff" + document.replace("\n", "\r\n"), document.replace("\n", "  \n") + "\n\n"):
        found = verified(archive, text)
        assert found.holds, found
        assert found.format == how
        assert [(c.turn, c.marker, c.nearest, c.status) for c in found.citations] == [
            (1, 1, False, "current"), (1, 2, False, "current"), (2, 1, True, "current"),
        ]  # fmt: skip


@pytest.mark.parametrize("how", FORMATS)
def test_an_export_holds_all_that_a_citation_needs(record: Record, how: Format) -> None:
    document = export(record, how)
    cited = record["turns"][0]["answer"]["citations"][0]
    assert cited["sha256"] == hashlib.sha256(cited["quote"].encode()).hexdigest()
    for shown in (
        cited["sha256"],
        record["exported_at"],
        record["onrecord_version"],
        "2021-05-03",
        "The Sound",
        "quoted",
    ):
        assert shown in document
    assert "The ferry left at dawn." in document


SHOWN = {"html": (">The ferry left at dawn.</blockquote>", ">The ferry left at nine.</blockquote>"),
         "markdown": ("**[1]** The ferry left at dawn.", "**[1]** The ferry left at nine."),
         "json": ('"quote": "The ferry left at dawn."', '"quote": "The ferry left at nine."')}  # fmt: skip


@pytest.mark.parametrize("how", FORMATS)
def test_an_edited_quote_is_named(archive: Archive, record: Record, how: Format) -> None:
    found = verified(archive, edited(export(record, how), *SHOWN[how], 1))
    assert [(c.turn, c.marker, c.holds) for c in found.citations] == [(1, 1, False), (1, 2, True), (2, 1, True)]
    assert not found.holds


@pytest.mark.parametrize("how", ["html", "markdown"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("When did it leave?", "When did it sink?"),
        ("The ferry left at dawn.", "The ferry never left."),
        ("2021-05-03", "2024-05-03"),
        ("quoted", "supported"),
        ("not stated", "answered"),
        ("No weights", "All well"),
    ],
)
def test_an_edited_word_around_the_quotes_is_noticed(
    archive: Archive, record: Record, how: Format, old: str, new: str
) -> None:
    document = export(record, how)
    body = document.index("<h1" if how == "html" else "Exported")
    found = verified(archive, document[:body] + edited(document[body:], old, new, 1))
    assert found.altered
    assert "line " in found.altered[-1]


@pytest.mark.parametrize(
    ("old", "new"),
    [("<blockquote", "<p>The minister lied.</p><blockquote"), ("blockquote {", "blockquote { display: none }\nx {"),
     ("<blockquote dir", "<blockquote hidden dir"), ("<body>", "<body><!-- kept for later -->")],
)  # fmt: skip
def test_what_is_put_into_a_page_or_hidden_in_it_is_noticed(
    archive: Archive, record: Record, old: str, new: str
) -> None:
    assert verified(archive, edited(export(record, "html"), old, new, 1)).altered


def edited(document: str, old: str, new: str, most: int = -1) -> str:
    assert old in document
    return document.replace(old, new, most)


def forged(record: Record, change: Callable[[Record], None], how: Format) -> str:
    """An export of a record that was changed and sealed anew, as by somebody who knows how."""
    copy = json.loads(json.dumps(record))
    change(copy)
    return export({**copy, "sha256": seal(copy)}, how)


def set_quote(record: Record) -> None:
    cited = record["turns"][0]["answer"]["citations"][0]
    cited["quote"] = "The ferry left at nine."
    cited["sha256"] = hashlib.sha256(cited["quote"].encode()).hexdigest()


def set_field(field: str, value: object) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        record["turns"][0]["answer"]["citations"][0][field] = value

    return change


def set_sentence(record: Record) -> None:
    answer = record["turns"][0]["answer"]
    answer["sentences"][0]["text"] = "The ferry left at nine."
    answer["answer"] = answer["answer"].replace("dawn", "nine")


@pytest.mark.parametrize("how", FORMATS)
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (set_quote, "the article has “The ferry left at dawn.” there"),
        (set_field("id", "other@0123456789ab:0-23"), "No article 'other'"),
        (set_field("id", ARTICLE.id), "no '@'|not a version"),
        (set_field("article", "other"), "another place than its address"),
        (set_field("author", "Bo Berg"), "its author is “Bo Berg”, and “Ana <b>Lill</b>” in the archive"),
        (set_field("byline", "Bo Berg"), "its byline is not"),
        (set_field("sha256", "0" * 64), "its sha256 is not"),
        (
            set_field("speaker", {"name": "Bo Berg", "start": 0, "end": 7}),
            "its speaker is “Bo Berg” at 0-7, and this release",
        ),
        (set_field("speaker", {"name": "The", "start": 0, "end": 3}), "its speaker is “The” at 0-3, .+ reads nobody"),
        (
            set_field("real_quote", "It sank."),
            r"a field 'turns\.0\.answer\.citations\.0\.real_quote', which no export has",
        ),
        (set_sentence, "is marked as quoted, and is not what it cites"),
    ],
)
def test_a_forged_record_with_a_good_seal_does_not_hold(
    archive: Archive, record: Record, how: Format, change: Callable[[Record], None], told: str
) -> None:
    found = verified(archive, forged(record, change, how))
    assert not found.holds
    assert re.search(told, "\n".join([*found.altered, *(fault for check in found.citations for fault in check.faults)]))


def test_a_quote_cannot_lose_its_speaker(archive: Archive, record: Record) -> None:
    def change(record: Record) -> None:
        record["turns"][0]["answer"]["citations"][1]["speaker"] = None

    (fault,) = verified(archive, forged(record, change, "json")).citations[1].faults
    assert re.fullmatch(r"its speaker is nobody, and this release reads “Ana Lill” at \d+-\d+ in the article", fault)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"quote": ', '"quote": "The minister admitted the theft.", "quote": '),
        ('"title": ', '"title": "<style>*{font-size:0}</style><h1>Fake</h1><!--", "title": '),
        ('"turns": ', '"turns": [], "turns": '),
    ],
)
def test_a_field_that_stands_twice_is_told_of(archive: Archive, record: Record, old: str, new: str) -> None:
    name = old.strip('": ')
    for how in FORMATS:
        with pytest.raises(DatasetError, match=f"altered: field '{name}' stands in one object twice; give a file"):
            verified(archive, edited(export(record, how), old, new.replace("<", "\\u003c"), 1))


@pytest.mark.parametrize("name", ["x.html", "x.HTM", "x.svg", "x.markdown"])
def test_json_that_is_named_as_a_page_does_not_hold(archive: Archive, record: Record, name: str) -> None:
    def change(record: Record) -> None:
        record["title"] = "<h1>Fake</h1><!--"

    file = archive.home / name
    file.write_text(forged(record, change, "json"))
    assert "name it .json" in verify(file, archive).altered[0]


def test_a_record_that_was_edited_without_a_new_seal_is_told_of(archive: Archive, record: Record) -> None:
    found = verified(archive, edited(export(record, "json"), '"question": "Why?"', '"question": "Whence?"'))
    assert found.altered == (
        "the record in the file was edited: its sha256 is not the one that it was sealed with",
    )  # fmt: skip
    assert all(check.holds for check in found.citations)


def test_json_that_another_program_printed_anew_holds(archive: Archive, record: Record) -> None:
    again = json.dumps(json.loads(export(record, "json")), sort_keys=True, ensure_ascii=False)
    assert ": 0.0" in again
    assert verified(archive, re.sub(r": (\d+)\.0(?=[,}])", r": \1", again)).holds


@pytest.mark.parametrize("how", FORMATS)
def test_an_old_version_holds_and_is_told_of(
    archive: Archive, encoder: HashEncoder, record: Record, how: Format
) -> None:
    ingest(archive.home, [replace(ARTICLE, text="All is new.")], IngestSettings())
    found = verified(archive, export(record, how))
    assert found.holds
    assert {check.status for check in found.citations} == {"superseded"}


def test_a_purged_citation_holds_as_the_note_that_it_is(archive: Archive, tmp_path: Path) -> None:
    store = Conversations(tmp_path)
    id = store.create()
    store.finish_turn(id, store.begin_turn(id, "When?"), cited_answer("The ferry left."))
    before = record_of(store.get(id))
    store.forget_articles({"ferry"}.__contains__)
    after = record_of(store.get(id))
    store.close()
    for how in FORMATS:
        assert not verified(archive, export(before, how)).holds
        found = verified(archive, export(after, how))
        assert found.holds
        assert [check.status for check in found.citations] == ["purged"]
        for field, value, told in (
            ("title", "Minister admits theft", "still states its title"),
            ("speaker", {"name": "Bo", "start": 0, "end": 2}, "still states its speaker"),
            ("start", 1, "another place than its address"),
            ("id", "never", "no '@'"),
        ):
            (check,) = verified(archive, forged(after, set_field(field, value), how)).citations
            assert (check.status, told in check.faults[0]) == ("purged", True), check


@pytest.mark.parametrize(
    "text",
    ["", "hello", "{}", "[]", '{"onrecord": "other"}', "<!DOCTYPE html><p>x</p>", '{"onrecord": "conversation", "format": 2}',
     '{"onrecord": "conversation", "format": 1}', "[" * 100_000, "<!-- onrecord-export {x} -->"],
)  # fmt: skip
def test_a_file_that_is_no_export_is_told_of(archive: Archive, text: str) -> None:
    with pytest.raises(DatasetError, match=r"export: .+; .+"):
        verified(archive, text)


def test_a_file_that_cannot_be_read_is_told_of(archive: Archive) -> None:
    with pytest.raises(DatasetError, match="check the path"):
        verify(archive.home / "none", archive)
    (archive.home / "bytes").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DatasetError, match="not UTF-8"):
        verify(archive.home / "bytes", archive)


class Tags(HTMLParser):
    """All tags of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.comments: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


OURS = set("html head meta title style body main h1 h2 h3 p section span bdi a ol li blockquote dl dt dd code".split())


def check_page(page: str) -> Tags:
    """A page of ours has our tags and attributes only, loads nothing, and holds one comment."""
    tags = Tags(page)
    assert {tag for tag, _ in tags.found} <= OURS
    for tag, attributes in tags.found:
        assert set(attributes) <= {"class", "dir", "id", "href", "lang", "charset", "content", "name", "http-equiv"}, (
            tag
        )
        assert re.fullmatch(r"#t\d+-c\d+", attributes.get("href") or "#t1-c1")
    assert len(tags.comments) == 1
    return tags


def check_markdown(document: str) -> str:
    """The visible text of Markdown in which no link, picture, code or HTML but our comment stands."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    seen, html = "", []
    for block in parser.parse(document):
        assert block.type not in ("code_block", "fence", "hr", "table_open"), block
        html += [block.content] if block.type == "html_block" else []
        for inline in block.children or ():
            assert inline.type in ("text", "softbreak", "strong_open", "strong_close"), inline
            seen += inline.content
        seen += "\n"
    assert len(html) == 1
    assert html[0].startswith("<!-- onrecord-export {")
    assert html[0].count("-->") == 1
    return seen


def hostile_conversation(text: str) -> Conversation:
    """A conversation in which this text stands wherever a text can stand."""
    answer = cited_answer("x")
    cited = replace(answer.citations[0], quote=text, title=text, author=text, outlet=text, source=text, id=text, article=text,
                    speaker=Speaker(text, 0, 1))  # fmt: skip
    said = Sentence(text, 0, len(text), "quoted", (1,))
    hostile = replace(answer, question=text, standalone_question=text + "?", reason=text, missing=(text,), answer=text + " x",
                      sentences=(said,), citations=(cited,), nearest=(cited,), notes=(text,))  # fmt: skip
    turns = (
        KeptTurn(1, text, "2024-01-01", "answered", hostile, None, None, ""),
        KeptTurn(2, text, "2024-01-01", "failed", None, text, None, ""),
    )
    return Conversation("1" * 32, text, "2024-01-01", "2024-01-01", turns)


def check_all(text: str) -> None:
    record = record_of(hostile_conversation(text))
    page = export(record, "html")
    check_page(page)
    check_markdown(export(record, "markdown"))
    for how in FORMATS:
        document = export(record, how)
        document.encode()
        assert not re.search("[\x00\u202a-\u202e\u2066-\u2069]", document)
        assert record_in(document, "file") == (how, json.loads(json.dumps(record)))


@pytest.mark.parametrize("text", [*HOSTILE, "\n".join(HOSTILE), "NUL \x00 end", "a" * 1_000_000])
def test_what_is_hostile_stays_text(text: str) -> None:
    check_all(text)


@given(
    st.lists(
        st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), max_size=8)), max_size=6
    )
)
def test_any_text_stays_text(pieces: list[str]) -> None:
    check_all("".join(pieces))


def test_half_a_surrogate_pair_is_a_question_mark(tmp_path: Path) -> None:
    store = Conversations(tmp_path)
    id = store.create()
    store.finish_turn(id, store.begin_turn(id, "\ud800?"), cited_answer("The ferry\ud83d left."))
    record = record_of(store.get(id))
    store.close()
    for how in FORMATS:
        assert "The ferry? left." in export(record, how)


def test_hostile_words_of_an_article_are_seen_as_they_are_and_hold(archive: Archive) -> None:
    quotes = [
        quote for quote in HOSTILE if not re.search(r"[\x00-\x1f\x80-\x9f\u2028\u2060-\u206f\u2000-\u202f]", quote)
    ]
    conversation = hostile_conversation("x")
    turn = replace(conversation.turns[0], answer=quoting(archive, *quotes))
    record = record_of(replace(conversation, turns=(turn,)))
    seen = Tags(export(record, "html")).text
    read = check_markdown(export(record, "markdown"))
    for quote in quotes:
        assert quote in seen
        assert " ".join(quote.split()) in read
    for how in FORMATS:
        assert verified(archive, export(record, how)).holds


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.tuples(st.integers(0, 10_000), st.integers(1, 90)), st.lists(st.sampled_from([*HOSTILE, *BIDI, " ", "a"])))
def test_any_slice_and_any_text_hold(archive: Archive, place: tuple[int, int], pieces: list[str]) -> None:
    source = archive.source(ARTICLE.id)
    assert source is not None
    start = place[0] % (len(source.text) - 1)
    cited = citation(source, (start, min(start + place[1], len(source.text))), marker=1, score=0.5)
    text = "".join(pieces)
    conversation = hostile_conversation(text)
    said = replace(
        cited_answer(cited.quote), question=text, notes=(text,), reason=text, citations=(cited,), nearest=(cited,)
    )
    record = record_of(
        replace(conversation, turns=(replace(conversation.turns[0], answer=said), conversation.turns[1]))
    )
    for how in FORMATS:
        found = verified(archive, export(record, how))
        assert found.holds, found


def test_the_page_says_that_nothing_may_be_loaded_but_its_own_style(record: Record) -> None:
    page = export(record, "html")
    style = page[page.index("<style>") + 7 : page.index("</style>")]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = next(a["content"] for tag, a in check_page(page).found if a.get("http-equiv") == "Content-Security-Policy")
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style


@pytest.mark.parametrize("how", FORMATS)
def test_the_page_of_a_format_number_never_changes(how: Format) -> None:
    """A file of the first release; where this fails, give what is written now a new format number, and keep the old page."""
    document = (Path(__file__).parent / "data" / f"conversation-1.{how}").read_text(encoding="utf-8")
    found, record = record_in(document, "file")
    assert found == how
    assert export(record, how) == document


def run(*arguments: object, home: Path) -> Result:
    return CliRunner().invoke(onrecord, [*map(str, arguments), "--home", str(home)])


def test_the_verbs_of_kept_conversations(archive: Archive, record: Record, tmp_path: Path) -> None:
    home, id = archive.home, record["id"]
    assert json.loads(run("conversations", "list", "--json", home=home).stdout)["id"] == id
    assert id in run("conversations", "list", "dawn", home=home).stdout
    assert run("conversations", "list", "volcano", home=home).stdout == ""
    shown = run("conversations", "show", id, home=home).stdout
    assert "Q: When did it leave?" in shown
    assert "No weights; run: make" in shown
    assert json.loads(run("conversations", "show", id, "--json", home=home).stdout)["turns"][0]["state"] == "answered"
    assert run("conversations", "rename", id, "About <ferries>", home=home).stdout == "About <ferries>\n"
    assert "About &#60;ferries&#62;" in run("conversations", "export", id, home=home).stdout
    for how in FORMATS:
        out = tmp_path / f"export.{how}"
        done = run("conversations", "export", id, "--format", how, "--out", out, home=home)
        assert (done.exit_code, done.stdout) == (0, "")
        checked = run("verify", out, home=home)
        assert checked.exit_code == 0, checked.output
        assert "3 citations, all hold; the text is as it was written" in checked.stdout
    altered = tmp_path / "altered.md"
    altered.write_text(
        edited(out.with_suffix(".markdown").read_text(), "**[1]** The ferry left at dawn.", "**[1]** It sank.")
    )
    told = run("verify", altered, home=home)
    assert told.exit_code == 3
    assert "FAILS    [1] of question 1" in told.stdout
    assert json.loads(run("verify", altered, "--json", home=home).stdout)["holds"] is False
    assert run("conversations", "delete", id, home=home).exit_code == 0
    for verb in ("show", "delete", "export"):
        gone = run("conversations", verb, id, home=home)
        assert (gone.exit_code, gone.stdout) == (1, "")
        assert f"No conversation '{id}'" in gone.stderr


def test_a_verb_makes_no_home_and_tells_of_what_cannot_be_written(
    archive: Archive, record: Record, tmp_path: Path
) -> None:
    nowhere = run("conversations", "list", home=tmp_path / "nowhere")
    assert nowhere.exit_code == 1
    assert "onrecord chat" in nowhere.stderr
    assert not (tmp_path / "nowhere").exists()
    done = run("conversations", "export", record["id"], "--out", tmp_path / "no" / "x.md", home=archive.home)
    assert (done.exit_code, "cannot be written" in done.stderr) == (1, True)
    assert run("conversations", "export", record["id"], "--json", "--format", "html", home=archive.home).exit_code == 2
    assert run("verify", tmp_path / "none", home=archive.home).exit_code == 1
