"""Files, folders, manifests and corpus.jsonl: what comes in unchanged, and what is refused with which words."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import ArticleError, DatasetError
from ingest.loading import Article, Failure, decode, load, load_corpus, shipped_corpus

MAX = 1_000_000


def one(path: Path) -> Article:
    (found,) = load([path], MAX)
    assert isinstance(found, Article), found
    return found


def refusal(path: Path, max_bytes: int = MAX) -> str:
    (found,) = load([path], max_bytes)
    assert isinstance(found, Failure), found
    return found.reason


def file(folder: Path, name: str, content: str | bytes = "Hello there. More.") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def manifest(folder: Path, *lines: dict[str, Any] | str) -> Path:
    """A manifest with these lines, beside `a.txt`."""
    file(folder, "a.txt")
    written = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    return file(folder, "manifest.jsonl", "\n".join(written))


def corpus(folder: Path, *lines: dict[str, Any] | str) -> Path:
    return file(
        folder, "corpus.jsonl", "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    )


# One file


def test_a_leading_bom_is_dropped_and_only_the_first(tmp_path: Path) -> None:
    assert one(file(tmp_path, "a.txt", b"\xef\xbb\xbfHello.")).text == "Hello."
    assert one(file(tmp_path, "a.txt", b"\xef\xbb\xbf\xef\xbb\xbfHello.")).text == "\ufeffHello."


def test_line_ends_become_lf_and_nothing_else_changes(tmp_path: Path) -> None:
    text = " a\r\nb\rc\n\r\nd\u00a0e\u2028f\u00ad e\u0301 \t\u0085x \n\n"
    assert one(file(tmp_path, "a.txt", text)).text == " a\nb\nc\n\nd\u00a0e\u2028f\u00ad e\u0301 \t\u0085x \n\n"


@given(
    st.text(alphabet=st.characters(exclude_characters="\x00", codec="utf-8"), min_size=1).filter(
        lambda t: bool(t.strip())
    )
)
def test_utf_8_is_kept_but_for_bom_and_line_ends(text: str) -> None:
    kept, encoding = decode(text.encode(), "a.txt")
    assert kept == text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    assert encoding is None


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_wide_encoding_with_its_bom_is_read_and_recorded(tmp_path: Path, encoding: str) -> None:
    text = "Hello wörld. He said “no”. یہ جملہ ہے۔"
    found = one(file(tmp_path, "a.txt", text.encode(encoding)))
    assert (found.text, found.encoding) == (text, encoding.replace("-", "_"))


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "It’s the minister’s “plan” — no more. The government said that it would not."),
        ("cp1252", "The café was closed — the owner, José Muñoz, said “never again”. He moved to Málaga. " * 3),
        ("cp1252", "Café “quoted” – naïve façade, über €5."),
        ("cp1251", "Президент заявил, что переговоры продолжатся. Это важно для всех."),
        ("cp1256", "قال الرئيس إن المحادثات ستستمر يوم الاثنين في كابول"),
        ("gb18030", "他走了。她也走了，会议结束。"),
    ],
)
def test_text_in_an_older_encoding_is_read_as_it_was_written_and_the_guess_is_recorded(
    encoding: str, text: str
) -> None:
    kept, guess = decode(text.encode(encoding), "a.txt")
    assert kept == text
    assert guess is not None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a\x00b", "NUL"),
        ("Hello".encode("utf-16-le"), "NUL"),
        (b"", "holds no text"),
        (b"\xef\xbb\xbf", "holds no text"),
        (" \n\u00a0\t".encode(), "holds no text"),
        (bytes(range(1, 256)) * 20, "save it as UTF-8"),
    ],
)
def test_what_is_no_text_is_refused_by_name(tmp_path: Path, content: bytes, said: str) -> None:
    reason = refusal(file(tmp_path, "some name.txt", content))
    assert said in reason
    assert reason.startswith("some name.txt: ")


def test_a_file_may_be_as_large_as_the_limit_and_no_larger(tmp_path: Path) -> None:
    path = file(tmp_path, "a.txt", "x" * 1234)
    assert "1,234 bytes, more than 1,233" in refusal(path, 1233)
    (found,) = load([path], 1234)
    assert isinstance(found, Article)


def test_a_type_that_is_not_read_is_refused_and_the_types_are_named(tmp_path: Path) -> None:
    reason = refusal(file(tmp_path, "a.pdf"))
    assert reason.startswith("a.pdf: ")
    assert ".txt, .text, .md, .markdown" in reason


@pytest.mark.parametrize(
    "name", ["missing.txt", "missing.pdf", "missing", "missing/manifest.jsonl", "x" * 300, "x\x00.txt"]
)
def test_a_missing_path_is_one_failure_and_the_batch_goes_on(tmp_path: Path, name: str) -> None:
    missing, article = load([tmp_path / name, file(tmp_path, "a.txt")], MAX)
    assert isinstance(missing, Failure)
    assert "check " in missing.reason
    assert isinstance(article, Article)


def test_an_unreadable_file_is_one_failure_and_the_batch_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_bytes(path: Path) -> bytes:
        if path.name == "a.txt":
            raise PermissionError(13, "Permission denied")
        return b"Hello."

    file(tmp_path, "a.txt"), file(tmp_path, "b.txt")
    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    failed, article = load([tmp_path], MAX)
    assert failed == Failure(
        str(tmp_path / "a.txt"), "a.txt: cannot be read (Permission denied); check its permissions."
    )
    assert isinstance(article, Article)


def test_markup_comes_from_the_name_in_any_case(tmp_path: Path) -> None:
    names = {"a.txt": "plain", "b.TEXT": "plain", "c.md": "markdown", "d.Markdown": "markdown"}
    assert {name: one(file(tmp_path, name)).markup for name in names} == names


# Ids of files outside a manifest


def test_the_id_of_a_file_is_a_slug_and_six_digits_of_its_place(tmp_path: Path) -> None:
    path = file(tmp_path, "Some Névs: (1).TXT")
    place = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:6]
    assert one(path).id.endswith(f"-{place}")
    assert one(path).id.startswith("some-n")
    assert one(path).source == "Some Névs: (1).TXT"


def test_the_id_of_a_file_stays_when_its_text_changes_or_it_is_named_another_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file(tmp_path, "in/a.txt", "Before.")
    before = one(path)
    file(tmp_path, "in/a.txt", "After.")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to("in")
    for other in (path, Path("in/a.txt"), Path("in/../in/a.txt"), Path("link/a.txt")):
        assert one(other).id == before.id
    assert one(path).version != before.version


def test_equal_names_in_two_folders_get_two_ids(tmp_path: Path) -> None:
    assert one(file(tmp_path, "x/a.txt")).id != one(file(tmp_path, "y/a.txt")).id


def test_names_of_another_script_do_not_all_share_one_slug(tmp_path: Path) -> None:
    """Six digits alone tell only some 5,000 files apart before two of them meet."""
    slugs = {one(file(tmp_path, f"{name}.txt")).id.rpartition("-")[0] for name in ("خبر", "افغانستان", "پاکستان")}
    assert len(slugs) == 3


@pytest.mark.parametrize(
    "name", [b"with spaces  .txt", "😀.md".encode(), b"bad\xff\xfe.txt", b"#?%20&.txt", b"-rf.txt", b"new\nline.txt"]
)
def test_odd_file_names_are_read_and_their_articles_can_be_stored(tmp_path: Path, name: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    path.write_text("Hello.")
    found = one(path)
    assert found.text == "Hello."
    assert found.source is not None
    (found.id + found.source).encode()


def test_a_failure_can_be_printed_also_when_the_name_has_undecodable_bytes(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.txt"))
    path.write_bytes(b"")
    (failed,) = load([path], MAX)
    assert isinstance(failed, Failure)
    (failed.path + failed.reason).encode()


# Folders


def test_a_folder_is_read_in_a_stable_order_hidden_and_foreign_files_left_out(tmp_path: Path) -> None:
    names = [
        "b.txt",
        "a.md",
        "z/a.txt",
        "c/d/e.txt",
        "c/b.txt",
        ".hidden.txt",
        ".git/x.txt",
        "c/.x/y.txt",
        "photo.jpg",
        "noext",
    ]
    for name in names:
        file(tmp_path, name, f"Text of {name}.")
    found = [article.text for article in load([tmp_path], MAX) if isinstance(article, Article)]
    assert found == [f"Text of {name}." for name in ("a.md", "b.txt", "c/b.txt", "c/d/e.txt", "z/a.txt")]


def test_a_bad_file_in_a_folder_does_not_stop_the_others(tmp_path: Path) -> None:
    file(tmp_path, "a.txt", b"\x00")
    file(tmp_path, "b.txt")
    (tmp_path / "c.txt").symlink_to("c.txt")
    found = list(load([tmp_path], MAX))
    assert [type(f) for f in found] == [Failure, Article, Failure]


@pytest.mark.parametrize("name", ["photo.jpg", ".hidden.txt"])
def test_a_folder_with_nothing_to_read_says_so(tmp_path: Path, name: str) -> None:
    file(tmp_path, name)
    assert ".txt, .text, .md, .markdown" in refusal(tmp_path)


def test_a_folder_that_cannot_be_listed_is_a_failure_and_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file(tmp_path, "a.txt")
    file(tmp_path, "closed/b.txt")
    scandir = os.scandir

    def denied(path: str) -> Any:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", denied)
    failures = [f for f in load([tmp_path], MAX) if isinstance(f, Failure)]
    assert ["closed" in f.reason for f in failures] == [True]


def test_a_folder_named_like_a_file_is_read_as_a_folder(tmp_path: Path) -> None:
    file(tmp_path, "a.txt/b.txt", "Inside.")
    assert one(tmp_path / "a.txt").text == "Inside."


# Manifests


def test_the_shipped_manifest_gives_the_article_as_it_was_received() -> None:
    article = one(shipped_corpus())
    assert article == one(shipped_corpus() / "manifest.jsonl")
    assert (article.id, article.author, article.published) == (
        "zia-ur-rehman-2024-04-23",
        "ZIA UR REHMAN",
        "2024-04-23",
    )
    assert article.text.encode() == next((shipped_corpus() / "articles").glob("*.txt")).read_bytes()
    assert (article.title, article.outlet, article.source) == (None, None, "000_d95c618f8e775bae.txt")


def test_a_full_line_is_taken_verbatim(tmp_path: Path) -> None:
    data = file(tmp_path, "sub/b.md", "Line.\n\nBody.").read_bytes()
    stated: dict[str, Any] = {
        "id": "dw:2024/04 23@x", "title": "T", "author": "A", "outlet": "O", "published": "2024-04-23T10:00:00Z",
        "language": "en", "source": "https://x.org", "licence": "L", "description": "D", "body_start": 7,
    }  # fmt: skip
    line = {**stated, "path": "sub/b.md", "sha256": hashlib.sha256(data).hexdigest().upper(), "examples": ["Why?"]}
    article = one(manifest(tmp_path, line))
    assert {name: getattr(article, name) for name in stated} == stated
    assert (article.examples, article.markup, article.text) == (("Why?",), "markdown", "Line.\n\nBody.")


def test_the_hash_is_of_the_bytes_and_offsets_count_after_normalising(tmp_path: Path) -> None:
    data = file(tmp_path, "b.txt", b"\xef\xbb\xbfLine.\r\n\r\nBody.").read_bytes()
    article = one(
        manifest(tmp_path, {"id": "b", "path": "b.txt", "sha256": hashlib.sha256(data).hexdigest(), "body_start": 7})
    )
    assert article.text[article.body_start :] == "Body."


GOOD = {"id": "good", "path": "a.txt"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({**GOOD, "id": "x", "titel": "T"}, "titel"),
        ({"path": "a.txt"}, "'id'"),
        ({"id": "x"}, "'path'"),
        ({**GOOD, "id": ""}, "'id'"),
        ({**GOOD, "id": "a\nb"}, "'id'"),
        ({**GOOD, "id": "x" * 501}, "'id'"),
        ({**GOOD, "id": "\ud800"}, "'id'"),
        ({**GOOD, "id": "x", "title": "\ud800"}, "title"),
        ({**GOOD, "id": "x", "examples": ["\ud800"]}, "examples"),
        ({**GOOD, "id": "x", "title": 5}, "'title'"),
        ({**GOOD, "id": "x", "published": "23 April 2024"}, "'published'"),
        ({**GOOD, "id": "x", "published": "2024-04-23T"}, "'published'"),
        ({**GOOD, "id": "x", "published": "2024-13-45"}, "'published'"),
        ({**GOOD, "id": "x", "published": "2024-02-30"}, "'published'"),
        ({**GOOD, "id": "x", "published": "۲۰۲۴-۰۴-۲۳"}, "'published'"),
        ({**GOOD, "id": "x", "published": "2024-04-23T99:99"}, "'published'"),
        ({**GOOD, "id": "x", "sha256": "0" * 64}, "sha256"),
        ({**GOOD, "id": "x", "path": "../a.txt"}, "'path' leads out"),
        ({**GOOD, "id": "x", "path": "/etc/hostname"}, "'path' leads out"),
        ({**GOOD, "id": "x", "path": "out/hostname"}, "'path' leads out"),
        ({**GOOD, "id": "x", "path": "missing.txt"}, "no such file"),
        ({**GOOD, "id": "x", "path": "."}, "check the path"),
        ({**GOOD, "id": "x", "path": "a\x00.txt"}, "path"),
        ({**GOOD, "id": "x", "path": "loop"}, "path"),
        ({**GOOD, "id": "x", "path": "y" * 5000}, "cannot be read"),
        ({**GOOD, "id": "x", "body_start": 18}, "'body_start'"),
        ({**GOOD, "id": "x", "body_start": -1}, "'body_start'"),
        ("not JSON", "manifest.jsonl:2: not JSON"),
        ("[1]", "manifest.jsonl:2: not a JSON object"),
        ("[" * 100_000, "manifest.jsonl:2: not JSON"),
        ('{"id": ' + "1" * 5000 + "}", "manifest.jsonl:2: not JSON"),
    ],
    ids=lambda value: repr(value)[:50],
)
def test_a_bad_line_is_one_failure_and_the_lines_around_it_are_taken_in(
    tmp_path: Path, line: dict[str, Any] | str, said: str
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "out").symlink_to("/etc")
    before, failed, after = load([manifest(tmp_path, {**GOOD, "id": "before"}, line, {**GOOD, "id": "after"})], MAX)
    assert isinstance(failed, Failure)
    assert said in failed.reason
    assert [getattr(article, "id", None) for article in (before, after)] == ["before", "after"]


@pytest.mark.parametrize("date", ["2024", "2024-04", "2024-02-29", "2024-04-23 10:00", "2024-04-23T10:00:00+05:00"])
def test_a_date_may_be_as_exact_as_it_is_known(tmp_path: Path, date: str) -> None:
    assert one(manifest(tmp_path, {**GOOD, "published": date})).published == date


def test_an_id_that_stands_twice_is_refused_the_second_time(tmp_path: Path) -> None:
    first, second = load([manifest(tmp_path, GOOD, GOOD)], MAX)
    assert isinstance(first, Article)
    assert isinstance(second, Failure)
    assert "id 'good' stands twice" in second.reason


def test_empty_lines_and_a_bom_in_a_manifest_are_passed_over(tmp_path: Path) -> None:
    assert one(manifest(tmp_path, "\ufeff", "", json.dumps(GOOD), "  ")).id == "good"


def test_a_manifest_in_another_encoding_is_refused(tmp_path: Path) -> None:
    assert "save it as UTF-8" in refusal(file(tmp_path, "manifest.jsonl", '{"id": "é"}'.encode("cp1252")))


# corpus.jsonl


def test_the_text_of_a_corpus_is_kept_character_for_character(tmp_path: Path) -> None:
    text = "\ufeff a\r\nb\rc \u2028\u00a0\n"
    (article,) = load_corpus(corpus(tmp_path, {"doc_id": "d:1/2 3", "title": "T", "text": text, "more": 1}))
    assert (article.id, article.title, article.text, article.markup) == ("d:1/2 3", "T", text, "plain")


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"text": "x"}, "doc_id"),
        ({"doc_id": 5, "text": "x"}, "doc_id"),
        ({"doc_id": "", "text": "x"}, "doc_id"),
        ({"doc_id": "\ud800", "text": "x"}, "doc_id"),
        ({"doc_id": "d\x00", "text": "x"}, "doc_id"),
        ({"doc_id": "d"}, "text"),
        ({"doc_id": "d", "text": None}, "text"),
        ({"doc_id": "d", "text": "\ud800"}, "surrogate"),
        ({"doc_id": "d", "text": "a\x00"}, "NUL"),
        ({"doc_id": "d", "text": " \n"}, "no text"),
        ({"doc_id": "d", "text": "x", "title": 5}, "title"),
        ({"doc_id": "d", "text": "x", "title": "\ud800"}, "title"),
        ("[]", "object"),
        ("{", "not JSON"),
        ('{"doc_id": "d", "text": "x", "n": ' + "1" * 5000 + "}", "not JSON"),
    ],
    ids=lambda value: repr(value)[:50],
)
def test_a_bad_line_of_a_corpus_is_refused_with_file_and_line(
    tmp_path: Path, line: dict[str, Any] | str, field: str
) -> None:
    path = corpus(tmp_path, {"doc_id": "before", "text": "x"}, line)
    with pytest.raises((DatasetError, ArticleError), match=rf"corpus\.jsonl:2: .*{field}"):
        list(load_corpus(path))


def test_an_id_that_stands_twice_in_a_corpus_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"corpus\.jsonl:2: .*twice"):
        list(load_corpus(corpus(tmp_path, {"doc_id": "d", "text": "x"}, {"doc_id": "d", "text": "y"})))


def test_a_missing_corpus_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="check the path"):
        list(load_corpus(tmp_path / "corpus.jsonl"))


# Versions

STATED = ["title", "author", "outlet", "published", "language", "source", "licence", "description"]


@given(st.text(max_size=20), st.text(max_size=20), st.sampled_from(["text", *STATED]))
def test_the_version_changes_with_the_text_and_with_each_field_of_metadata(before: str, after: str, name: str) -> None:
    article = Article("a", "Text.")
    first, second = (dataclasses.replace(article, **{name: value}) for value in (before, after))  # type: ignore[arg-type]
    assert (first.version == second.version) == (before == after)


def test_the_version_tells_fields_apart_and_unknown_from_empty() -> None:
    same = [Article("a", "Text.", **{name: "X"}) for name in STATED]  # type: ignore[arg-type]
    more = [Article("a", "Text."), Article("a", "Text.", title=""), Article("a", "Text.", body_start=1)]
    assert len({article.version for article in same + more}) == len(STATED) + 3


def test_the_version_does_not_change_with_id_examples_markup_or_encoding() -> None:
    article = Article("a", "Text.")
    others = [Article("b", "Text."), dataclasses.replace(article, examples=("Why?",)),
              dataclasses.replace(article, markup="markdown"), dataclasses.replace(article, encoding="cp1252")]  # fmt: skip
    assert {other.version for other in others} == {article.version}


def test_the_version_is_twelve_hex_digits_that_never_change() -> None:
    record = '["Text.", null, null, null, null, null, null, null, null, 0]'
    assert Article("a", "Text.").version == hashlib.sha256(record.encode()).hexdigest()[:12]
