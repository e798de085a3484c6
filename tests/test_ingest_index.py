"""The vector index over a real Chroma: exact neighbours, private copies, nothing left behind."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import StartPython

from ingest.errors import ArchiveError, IndexMissing
from ingest.index import FOLDER, IndexWriter, VectorIndex, _clear_unused, remove_older
from ingest.records import Floats


def unit(rows: int, dimensions: int, seed: int = 0) -> Floats:
    found: Floats = np.random.default_rng(seed).normal(size=(rows, dimensions)).astype(np.float32)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found


def published(home: Path, vectors: Floats) -> str:
    """The name of a new generation that holds these vectors under "0", "1", ..."""
    writer = IndexWriter(home, None, set())
    writer.add([str(n) for n in range(len(vectors))], vectors)
    writer.close()
    return writer.generation


def digest(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()
    }


def test_a_query_finds_what_an_exact_search_finds(tmp_path: Path) -> None:
    vectors, questions = unit(2000, 64), unit(100, 64, seed=1)
    index = VectorIndex(tmp_path, published(tmp_path, vectors))
    shared = 0
    for question in questions:
        exact = vectors @ question
        best = np.argsort(-exact)[:10]
        found = index.query(question, 10)
        scores = [score for _, score in found]
        assert scores == sorted(scores, reverse=True)
        assert scores == pytest.approx([float(exact[int(key)]) for key, _ in found], abs=1e-5)
        shared += len({key for key, _ in found} & {str(n) for n in best})
    index.close()
    assert shared / 1000 >= 0.98


def test_more_can_be_asked_for_than_there_is(tmp_path: Path) -> None:
    index = VectorIndex(tmp_path, published(tmp_path, unit(5, 8)))
    assert len(index.query(unit(1, 8)[0], 100)) == index.count() == 5
    assert index.query(unit(1, 8)[0], 0) == []
    index.close()


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    index = VectorIndex(tmp_path, published(tmp_path, unit(0, 8)))
    assert (index.count(), index.query(unit(1, 8)[0], 5), index.vectors(["0"])) == (0, [], {})
    index.close()


def test_vectors_are_given_back_as_they_were_added(tmp_path: Path) -> None:
    vectors = unit(1500, 8)  # more than one batch
    index = VectorIndex(tmp_path, published(tmp_path, vectors))
    found = index.vectors(["1499", "nobody", "7"])
    index.close()
    assert set(found) == {"1499", "7"}
    assert found["1499"] == pytest.approx(vectors[1499], abs=1e-6)


def test_reading_changes_no_byte_of_the_published_folder(tmp_path: Path) -> None:
    generation = published(tmp_path, unit(300, 8))
    before = digest(tmp_path / FOLDER / generation)
    index = VectorIndex(tmp_path, generation)
    index.query(unit(1, 8)[0], 5)
    index.close()
    assert digest(tmp_path / FOLDER / generation) == before


def test_each_reader_has_a_copy_of_its_own_and_leaves_none(tmp_path: Path) -> None:
    generation = published(tmp_path, unit(30, 8))
    one, two = VectorIndex(tmp_path, generation), VectorIndex(tmp_path, generation)
    assert len(list((tmp_path / FOLDER / "copies").iterdir())) == 2
    one.close()
    assert len(two.query(unit(1, 8)[0], 3)) == 3
    two.close()
    assert list((tmp_path / FOLDER / "copies").iterdir()) == []


def test_a_reader_goes_on_after_its_generation_was_removed(tmp_path: Path) -> None:
    generation = published(tmp_path, unit(300, 8))
    index = VectorIndex(tmp_path, generation)
    shutil.rmtree(tmp_path / FOLDER / generation)
    assert len(index.query(unit(1, 8)[0], 3)) == 3
    index.close()


READ = """
import sys, pathlib
from ingest.index import VectorIndex
index = VectorIndex(pathlib.Path(sys.argv[1]), sys.argv[2])
print(index.count(), flush=True)
sys.stdin.readline()
"""


def test_the_copy_of_a_killed_process_is_swept_and_that_of_a_living_one_is_not(
    tmp_path: Path, start_python: StartPython
) -> None:
    generation = published(tmp_path, unit(30, 8))
    copies = tmp_path / FOLDER / "copies"
    reader = start_python(READ, tmp_path, generation)
    assert reader.stdout is not None
    assert reader.stdout.readline() == "30\n"
    VectorIndex(tmp_path, generation).close()
    assert [folder.name.split("-")[0] for folder in copies.iterdir()] == [str(reader.pid)]
    reader.kill()
    reader.wait()
    assert len(list(copies.iterdir())) == 1
    VectorIndex(tmp_path, generation).close()
    assert list(copies.iterdir()) == []


def test_a_process_that_ends_without_closing_removes_its_copy(tmp_path: Path, start_python: StartPython) -> None:
    reader = start_python(READ, tmp_path, published(tmp_path, unit(30, 8)))
    reader.communicate("\n", timeout=30)
    assert reader.returncode == 0
    assert list((tmp_path / FOLDER / "copies").iterdir()) == []


def test_a_copy_is_told_from_one_that_a_killed_process_of_the_same_pid_left(tmp_path: Path) -> None:
    generation = published(tmp_path, unit(3, 8))
    copies = tmp_path / FOLDER / "copies"
    (copies / f"{os.getpid()}-{'0' * 16}").mkdir(parents=True)  # in a container every start has the same pid
    mine = VectorIndex(tmp_path, generation)
    (copies / "my-notes").mkdir()
    VectorIndex(tmp_path, generation).close()
    assert {folder.name for folder in copies.iterdir()} == {"my-notes", mine._folder.name}
    mine.close()


def test_a_generation_that_is_gone_is_index_missing(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="onrecord rebuild"):
        VectorIndex(tmp_path, "generation-none")
    assert not list((tmp_path / FOLDER).glob("copies/*"))


def test_a_generation_that_is_removed_while_it_is_copied_is_index_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer may publish the next generation and remove this one at any moment; the disk is not full then."""
    generation = published(tmp_path, unit(30, 8))
    copy2 = shutil.copy2

    def removing(source: str, target: str) -> str:
        shutil.rmtree(tmp_path / FOLDER / generation, ignore_errors=True)
        return str(copy2(source, target))

    monkeypatch.setattr(shutil.copytree, "__kwdefaults__", None)
    monkeypatch.setattr(shutil.copytree, "__defaults__", (False, None, removing, False, False))
    with pytest.raises(IndexMissing):
        VectorIndex(tmp_path, generation)


def test_a_damaged_index_names_the_remedy_and_leaves_no_copy(tmp_path: Path) -> None:
    generation = published(tmp_path, unit(30, 8))
    (tmp_path / FOLDER / generation / "chroma.sqlite3").write_bytes(b"no database" * 1000)
    with pytest.raises(ArchiveError, match="onrecord rebuild"):
        VectorIndex(tmp_path, generation)
    assert list((tmp_path / FOLDER / "copies").iterdir()) == []


# Writing


def test_a_writer_starts_from_the_published_vectors_and_does_not_touch_them(tmp_path: Path) -> None:
    vectors = unit(40, 8)
    base = published(tmp_path, vectors[:30])
    before = digest(tmp_path / FOLDER / base)
    writer = IndexWriter(tmp_path, base, {str(n) for n in range(30)})
    assert writer.missing(["0", "29", "30", "30"]) == {"30"}
    writer.add([str(n) for n in range(30, 40)], vectors[30:])
    writer.close()
    assert digest(tmp_path / FOLDER / base) == before
    index = VectorIndex(tmp_path, writer.generation)
    assert index.count() == 40
    assert index.query(vectors[35], 1)[0][0] == "35"
    index.close()


def test_a_discarded_generation_leaves_only_the_published_one(tmp_path: Path) -> None:
    base = published(tmp_path, unit(30, 8))
    writer = IndexWriter(tmp_path, base, {str(n) for n in range(30)})
    writer.add(["new"], unit(1, 8))
    writer.discard()
    assert [folder.name for folder in (tmp_path / FOLDER).iterdir()] == [base]


@pytest.mark.parametrize(("live", "kept"), [(24, 30), (23, 23), (0, 0)])
def test_an_index_with_more_than_a_fifth_of_garbage_is_filled_anew_from_what_is_live(
    tmp_path: Path, live: int, kept: int
) -> None:
    vectors = unit(30, 8)
    writer = IndexWriter(tmp_path, published(tmp_path, vectors), {str(n) for n in range(live)})
    writer.close()
    index = VectorIndex(tmp_path, writer.generation)
    assert index.count() == kept
    for key, vector in index.vectors([str(n) for n in range(live)]).items():
        assert vector == pytest.approx(vectors[int(key)], abs=1e-6)
        assert index.query(vector, 1)[0][0] == key
    index.close()
    assert len(list((tmp_path / FOLDER).glob("generation-*"))) == 2


def test_nothing_of_the_process_but_the_index_gets_into_its_files(tmp_path: Path) -> None:
    """Chroma writes out the room for vectors to come as it finds it in memory, with vectors of before, or words."""
    vectors = unit(1_300, 64)
    base = published(tmp_path, vectors)
    on_disk = vectors_on_disk(tmp_path / FOLDER / base)
    assert len(on_disk) == 1_000  # the rest wait in Chroma's log
    gone = [v.tobytes() for v in on_disk if np.argmax(vectors @ v) < 100] + [v.tobytes() for v in vectors[:100]]
    assert len(gone) == 200
    writer = IndexWriter(tmp_path, base, {str(n) for n in range(100, 1_300)}, garbage=0.0)
    assert writer.close()
    remove_older(tmp_path, writer.generation)
    files = [path.read_bytes() for path in (tmp_path / FOLDER).rglob("*") if path.is_file()]
    assert not [needle for needle in gone if any(needle in content for content in files)]
    index = VectorIndex(tmp_path, writer.generation)
    assert index.count() == 1_200
    assert [key for key, _ in index.query(vectors[777], 1)] == ["777"]
    index.close()


def vectors_on_disk(folder: Path) -> Floats:
    """The vectors of 64 dimensions in the HNSW file, shape ``(vectors, 64)``; neighbours stand before, a label behind."""
    (file,) = folder.glob("*/data_level0.bin")
    rows = np.frombuffer(file.read_bytes(), np.uint8).reshape(-1, 4 + 2 * 32 * 4 + 64 * 4 + 8)
    return rows[:, 260 : 260 + 64 * 4].copy().view(np.float32)


def test_room_for_vectors_to_come_is_empty(tmp_path: Path) -> None:
    generation = published(tmp_path, unit(4, 64))
    (file,) = (tmp_path / FOLDER / generation).glob("*/data_level0.bin")
    assert file.stat().st_size > 0
    assert not any(file.read_bytes())
    index = VectorIndex(tmp_path, generation)
    assert index.query(unit(4, 64)[3], 1)[0][0] == "3"
    index.close()


def test_files_of_an_unknown_kind_are_left_alone_and_not_said_to_be_clean(tmp_path: Path) -> None:
    writer = IndexWriter(tmp_path, published(tmp_path, np.eye(4, 64, dtype=np.float32)), set("0123"))
    (header,) = (tmp_path / FOLDER / writer.generation).glob("*/header.bin")
    before = header.with_name("data_level0.bin").read_bytes()
    for content in (b"", header.read_bytes()[:20], b"\x02" + header.read_bytes()[1:]):
        header.write_bytes(content)
        assert not _clear_unused(header)
        assert header.with_name("data_level0.bin").read_bytes() == before
    writer.discard()
