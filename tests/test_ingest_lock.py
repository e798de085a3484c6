"""One writer at a time, over real processes."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from conftest import StartPython
from fakes import HashEncoder

from ingest.archive import Archive
from ingest.errors import ArchiveError
from ingest.index import VectorIndex
from ingest.loading import Article
from ingest.lock import writing
from ingest.pipeline import ingest
from ingest.settings import IngestSettings

HOLD = """
import sys, pathlib
from ingest.lock import writing
with writing(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""
READ = """
import sys, pathlib
from ingest.archive import Archive
from ingest.index import VectorIndex
home = pathlib.Path(sys.argv[1])
archive = Archive(home)
index = VectorIndex(home, archive.meta("generation"))
print(archive.passage_count(), index.count(), flush=True)
"""


def hold(start_python: StartPython, home: Path) -> int:
    """The pid of another process that holds the lock."""
    process = start_python(HOLD, home)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process.pid


def test_a_second_writer_is_refused_at_once_with_the_pid_of_the_first(
    tmp_path: Path, start_python: StartPython
) -> None:
    pid = hold(start_python, tmp_path)
    before = time.monotonic()
    with pytest.raises(ArchiveError, match=rf"Process {pid} is writing to .*try again"), writing(tmp_path):
        pass
    assert time.monotonic() - before < 1


def test_an_ingest_beside_another_is_refused_before_it_changes_anything(
    tmp_path: Path, start_python: StartPython, encoder: HashEncoder
) -> None:
    hold(start_python, tmp_path)
    before = {path.name for path in tmp_path.iterdir()}
    with pytest.raises(ArchiveError, match="is writing to"):
        ingest(tmp_path, [Article("a", "Text.")], IngestSettings())
    assert {path.name for path in tmp_path.iterdir()} == before


def test_two_threads_of_one_process_cannot_write_at_once(tmp_path: Path) -> None:
    refused: list[str] = []

    def other() -> None:
        try:
            with writing(tmp_path):
                pass
        except ArchiveError as error:
            refused.append(str(error))

    with writing(tmp_path):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(refused) == 1
    assert f"Process {os.getpid()} is" in refused[0]


def test_the_lock_is_free_after_its_holder_was_killed(tmp_path: Path, start_python: StartPython) -> None:
    pid = hold(start_python, tmp_path)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    with writing(tmp_path):
        assert (tmp_path / "writer.pid").read_text() == f"{os.getpid()}\n"


def test_the_lock_is_free_after_use_and_after_an_exception(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(RuntimeError, match="stop"), writing(tmp_path):
            raise RuntimeError("stop")
    assert not (tmp_path / "writer.pid").exists()


def test_two_homes_can_be_written_to_at_once(tmp_path: Path, start_python: StartPython) -> None:
    hold(start_python, tmp_path / "one")
    with writing(tmp_path / "two"):
        assert (tmp_path / "two" / "writer.pid").exists()


def test_readers_work_while_a_writer_holds_the_lock_and_is_in_a_transaction(
    tmp_path: Path, start_python: StartPython, encoder: HashEncoder
) -> None:
    ingest(tmp_path, [Article("a", "One sentence.")], IngestSettings())
    with writing(tmp_path):
        writer = Archive(tmp_path)
        with writer.transaction():
            writer.set_meta("generation", "not yet published")
            printed, _ = start_python(READ, tmp_path).communicate(timeout=30)
            here = Archive(tmp_path)
            index = VectorIndex(tmp_path, here.meta("generation") or "")
            assert (printed, index.count()) == ("1 1\n", 1)
            index.close()
            here.close()
            writer.set_meta("generation", index.generation)
        writer.close()


def test_a_home_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveError, match="choose another --home"), writing(tmp_path / "file" / "home"):
        pass


def test_a_note_that_disappears_while_it_is_read_does_no_harm(
    tmp_path: Path, start_python: StartPython, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(start_python, tmp_path)
    (tmp_path / "writer.pid").unlink()
    monkeypatch.setattr(Path, "exists", lambda path: True)
    with pytest.raises(ArchiveError, match="is writing to"), writing(tmp_path):
        pass
