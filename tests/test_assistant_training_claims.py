"""How claims for training are made: words from a WordNet of a dozen words, changes to sentences, statements, and the fit."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch

from assistant.grounding.claim_reader import claim_pair
from assistant.grounding.weighing import COLUMNS, READ_FEATURES, WORD_FEATURES
from assistant.stored_model import tokenizer_of
from assistant.training.claim_examples import Case, from_articles, statement
from assistant.training.fit_judge import Weighed, fit, scored
from assistant.training.spoiling import Edit, Spoiler, edited
from assistant.training.train_claim_reader import fresh, loss_of
from assistant.training.wordnet import Form, WordNet
from ingest.embedding import bundled_folder
from ingest.records import Floats

DATA = {
    "noun": ["00000001 00 n 02 town 0 city 0 001 @ 00000009 n 0000 | a place",
             "00000002 00 n 01 village 0 001 @ 00000009 n 0000 | a small place",
             "00000009 00 n 01 place 0 002 ~ 00000001 n 0000 ~ 00000002 n 0000 | where"],
    "verb": ["00000003 00 v 02 rise 0 climb 0 001 ! 00000004 v 0101 00 | up", "00000004 00 v 01 drop 0 001 ! 00000003 v 0101 00 | down"],
    "adj": ["00000005 00 a 02 big 0 large 0 001 ! 00000006 a 0101 | big", "00000006 00 a 01 small 0 000 | small"],
    "adv": [],
}  # fmt: skip
INDEX = {
    "noun": ["town n 1 1 @ 1 1 00000001", "city n 1 1 @ 1 1 00000001", "village n 1 1 @ 1 1 00000002", "place n 1 1 ~ 1 1 00000009"],
    "verb": ["rise v 1 1 ! 1 1 00000003", "climb v 1 0 1 1 00000003", "drop v 1 1 ! 1 1 00000004"],
    "adj": ["big a 1 1 ! 1 1 00000005", "large a 1 0 1 1 00000005", "small a 1 0 1 1 00000006"],
    "adv": [],
}  # fmt: skip
EXCEPTIONS = {"noun": [], "verb": ["rose rise"], "adj": [], "adv": []}
COUNTS = [
    "town%1:15:00:: 1 9", "city%1:15:00:: 1 9", "village%1:15:00:: 1 9", "climb%2:38:00:: 1 5", "rise%2:38:00:: 1 5",
    "drop%2:38:00:: 1 5", "large%3:00:00:: 1 5", "big%3:00:00:: 1 5", "small%3:00:00:: 1 5",
]  # fmt: skip


@pytest.fixture
def wordnet(tmp_path: Path) -> WordNet:
    for pos in DATA:
        (tmp_path / f"data.{pos}").write_text("".join(f"{line}\n" for line in ["  1 licence", *DATA[pos]]))
        (tmp_path / f"index.{pos}").write_text("".join(f"{line}\n" for line in ["  1 licence", *INDEX[pos]]))
        (tmp_path / f"{pos}.exc").write_text("".join(f"{line}\n" for line in EXCEPTIONS[pos]))
    (tmp_path / "cntlist.rev").write_text("".join(f"{line}\n" for line in COUNTS))
    return WordNet(tmp_path)


def test_words_of_the_same_contrary_and_sibling_meaning_are_found(wordnet: WordNet) -> None:
    towns = wordnet.form("towns")
    assert towns == Form("town", "n", "s")
    assert [wordnet.inflected(w, towns) for w in wordnet.synonyms(towns)] == ["cities"]
    assert [wordnet.inflected(w, towns) for w in wordnet.siblings(towns)] == ["villages"]
    big = wordnet.form("big")
    assert big is not None
    assert (wordnet.synonyms(big), wordnet.contraries(big)) == (["large"], ["small"])
    rose = wordnet.form("rose")
    assert rose == Form("rise", "v", "ed")
    assert [wordnet.inflected(w, rose) for w in wordnet.contraries(rose)] == ["dropped"]
    assert wordnet.form("zzz") is None


def test_edits_are_made_in_order_and_the_wrong_ones_can_be_found() -> None:
    text, wrong = edited(
        "The big town rose.", [Edit(8, 12, "city"), Edit(4, 7, "small", wrong=True), Edit(5, 9, "overlaps")]
    )
    assert text == "The small city rose."
    assert [text[a:b] for a, b in wrong] == ["small"]


SENTENCE = "In 1999 the big town of Ghor was not rebuilt by Ann Lind, who said 56 families left."
OTHERS = [
    "Karl Holm was seen in 1871 near the small village with 23 cows.",
    "Prices fell in Herat during the dry season.",
]


def test_every_error_changes_the_sentence_and_says_where(wordnet: WordNet) -> None:
    spoiler = Spoiler(wordnet, Random(1))
    seen = set()
    for _ in range(200):
        edits = spoiler.wrong(SENTENCE, OTHERS)
        claim, wrong = edited(SENTENCE, edits)
        assert wrong
        assert claim != SENTENCE
        seen |= {claim[a:b] for a, b in wrong}
    assert "small" in seen
    assert any("Holm" in text for text in seen)
    assert any(text.isdigit() and text not in SENTENCE for text in seen)


def test_rewordings_hold_nothing_wrong(wordnet: WordNet) -> None:
    spoiler = Spoiler(wordnet, Random(2))
    for _ in range(50):
        assert not any(edit.wrong for edit in spoiler.harmless(SENTENCE))


def test_cases_from_articles_say_what_is_supported(wordnet: WordNet) -> None:
    article = (SENTENCE, *OTHERS, "Nothing else of any importance happened in that year at all.")
    cases = list(from_articles([article] * 40, Spoiler(wordnet, Random(3)), Random(3), 120))
    assert {c.supported for c in cases} == {True, False}
    assert all(c.wrong == () for c in cases if c.supported)
    assert all(c.sentences for c in cases)
    assert all(c.evidence in " ".join(c.sentences) or c.evidence for c in cases if c.source == "articles")


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("Who wrote the book?", "Ann Lind", "Ann Lind wrote the book."),
        ("What is the capital of Ghor?", "Chaghcharan", "the capital of Ghor is Chaghcharan."),
        ("In what year did the war end?", "1999", "the war end: 1999."),
        ("The war ended in which year?", "1999", "The war ended 1999 ."),
        ("Name the capital.", "Ghor", "Name the capital.: Ghor."),
    ],
)
def test_a_question_and_its_answer_become_a_statement(question: str, answer: str, expected: str) -> None:
    claim, (start, end) = statement(question, answer)
    assert claim == expected
    assert claim[start:end] == answer


def weighed(i: int, supported: bool, words: Floats, read: Floats) -> Weighed:
    return Weighed(
        "s", f"g{i % 50}", i, supported, words, read, certain=False, far=i % 2 == 0, decided=None, whole=False
    )


def test_a_finding_never_speaks_for_a_claim() -> None:
    rng = np.random.default_rng(1)
    rows = []
    for i in range(400):
        words, read = (rng.normal(size=len(names)).astype(np.float32) for names in (WORD_FEATURES, READ_FEATURES))
        rows.append(weighed(i, bool(words[0] + words[-1] > 0), words, read))
    for name, columns in COLUMNS.items():
        found = dict(zip(columns, fit(rows, name).weights, strict=True))
        assert found["coverage"] > 0
        assert found["missing_quantifier"] == 0


def test_a_claim_is_scored_by_models_that_never_saw_its_document() -> None:
    rng = np.random.default_rng(2)
    rows = []
    for i in range(300):
        words, read = (rng.normal(size=len(names)).astype(np.float32) for names in (WORD_FEATURES, READ_FEATURES))
        rows.append(weighed(i, i % 50 < 25, words, read))  # the label is the document's, and nothing else tells it
    scores = scored(rows)["both"]
    right = [(scores[r.claim] > 0) == r.supported for r in rows]
    assert sum(right) / len(right) < 0.65


def test_a_step_of_training_lowers_the_loss() -> None:
    folder = bundled_folder()
    tokenizer, model = tokenizer_of(folder), fresh(folder)
    cases = [
        Case("s", "The town rose.", ("The town rose.",), True, ()),
        Case("s", "The town fell.", ("The town rose.",), False, ((9, 13),)),
    ]
    batch = [(claim_pair(tokenizer, c.claim, c.evidence), c) for c in cases]
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4)
    losses = []
    for _ in range(8):
        loss = loss_of(model, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0]
