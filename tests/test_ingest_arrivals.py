"""The inbox on disk: no upload harms another, what is purged leaves it, and what a dead process began is swept."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest
from conftest import StartPython
from fakes import HashEncoder
from hypothesis import given
from hypothesis import strategies as st

from ingest import arrivals as module
from ingest.arrivals import FOLDER, Upload, arrivals, delete, drop_arrivals, drop_dead_parts, newest, sizes
from ingest.errors import ArchiveError
from ingest.loading import Article, article_id
from ingest.pipeline import ingest
from ingest.settings import IngestSettings


def keep(home: Path, name: str, content: bytes = b"Some words.") -> None:
    with closing(Upload(home, name)) as upload:
        upload.write(content)
        upload.keep()


def names(home: Path) -> list[str]:
    return sorted(file.name.split("-", 2)[2] for file in (home / FOLDER).iterdir())


def test_two_uploads_of_one_name_at_once_stay_whole_and_the_one_kept_last_is_the_newer(tmp_path: Path) -> None:
    first, second = Upload(tmp_path, "a.txt"), Upload(tmp_path, "a.txt")
    for upload, chunk in ((first, b"1"), (second, b"2"), (first, b"1"), (second, b"2")):
        upload.write(chunk)
    for upload in (second, first):
        upload.keep()
        upload.close()
    assert [one.path.read_bytes() for one in arrivals(tmp_path)] == [b"22", b"11"]
    assert [one.path.read_bytes() for one in newest(tmp_path)] == [b"11"]
    assert names(tmp_path) == ["a.txt"]


def test_an_upload_that_is_closed_before_it_is_kept_leaves_nothing(tmp_path: Path) -> None:
    with closing(Upload(tmp_path, "a.txt")) as upload:
        upload.write(b"1")
        assert sizes(tmp_path) == [0]  # not written through yet
    assert list((tmp_path / FOLDER).iterdir()) == []


@given(
    st.text(st.characters(exclude_characters="/\x00", exclude_categories=["Cs"]), min_size=1, max_size=40).filter(
        lambda name: not name.startswith(".")
    )
)
def test_every_name_comes_back_as_it_was_sent(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    home = tmp_path_factory.mktemp("home")
    keep(home, f"{name}.txt")
    (one,) = arrivals(home)
    assert (one.name, one.place) == (f"{name}.txt", home / FOLDER / f"{name}.txt")


def test_a_file_that_goes_while_it_is_counted_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(tmp_path, "a.txt", b"123")
    keep(tmp_path, "b.txt", b"12345")
    found = arrivals(tmp_path)
    delete(found[:1])
    monkeypatch.setattr(module, "_stored", lambda home: found)
    assert sizes(tmp_path) == [5]


def test_what_would_become_an_article_again_is_dropped_and_so_is_what_is_being_sent(
    encoder: HashEncoder, tmp_path: Path
) -> None:
    keep(tmp_path, "secret.txt")
    keep(tmp_path, "other.txt")
    secret, other = (one.load(1000) for one in arrivals(tmp_path))
    assert isinstance(secret, Article)
    ingest(tmp_path, [secret, other], IngestSettings())
    keep(tmp_path, "secret.txt", b"New words.")
    (tmp_path / FOLDER / "secret.txt").write_bytes(b"Put there by hand.")
    sending = Upload(tmp_path, "secret.txt")
    drop_arrivals(tmp_path, {secret.id, "unknown"}.__contains__)
    assert names(tmp_path) == ["other.txt"]
    with pytest.raises(ArchiveError, match="its article was purged; add it again"):
        sending.keep()
    sending.close()
    assert names(tmp_path) == ["other.txt"]


def test_a_file_that_is_kept_in_the_moment_of_the_purge_is_dropped_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending = [Upload(tmp_path, "secret.txt")]

    def just_before(files: list[module.Arrival]) -> None:
        if sending:
            sending.pop().keep()
        delete(files)

    monkeypatch.setattr(module, "delete", just_before)
    drop_arrivals(tmp_path, article_id(tmp_path / FOLDER / "secret.txt").__eq__)
    assert list((tmp_path / FOLDER).iterdir()) == []


def test_nothing_is_dropped_where_nothing_was_ever_sent(tmp_path: Path) -> None:
    drop_arrivals(tmp_path, "a".__eq__)
    drop_dead_parts(tmp_path)
    assert (newest(tmp_path), sizes(tmp_path)) == ([], [])
    assert not (tmp_path / FOLDER).exists()


def test_what_was_being_sent_to_a_process_that_died_is_swept_and_of_no_other(
    tmp_path: Path, start_python: StartPython
) -> None:
    killed = start_python(
        "import sys; from pathlib import Path; from ingest.arrivals import Upload\n"
        "up = Upload(Path(sys.argv[1]), 'dead.txt'); print('begun', flush=True); sys.stdin.read()",
        tmp_path,
    )
    assert killed.stdout is not None
    assert killed.stdout.readline() == "begun\n"
    drop_dead_parts(tmp_path)
    assert names(tmp_path) == ["dead.txt.part"]
    killed.kill()
    killed.wait()
    keep(tmp_path, "waits.txt")
    (tmp_path / FOLDER / f"{os.getpid()}-01234567-of-another-container.txt.part").touch()
    drop_dead_parts(tmp_path)
    assert names(tmp_path) == ["waits.txt"]


def test_a_full_disk_is_told_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, *_: object, **__: object) -> object:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(ArchiveError, match=r"a\.txt cannot be kept \(No space left on device\); make room"):
        Upload(tmp_path, "a.txt")
    monkeypatch.setattr(Path, "iterdir", full)
    with pytest.raises(ArchiveError, match="check its permissions"):
        newest(tmp_path)
