"""Articles out of a home without a trace, in conversations too."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import HashEncoder
from test_assistant_ui import answered

from assistant.conversations import Conversations
from assistant.purging import purge
from ingest.archive import Archive
from ingest.errors import ArticleNotFound
from ingest.loading import Article
from ingest.pipeline import ingest
from ingest.settings import IngestSettings

SECRET = "The walrus of Tallinn swallowed a periscope."


@pytest.fixture
def home(encoder: HashEncoder, tmp_path: Path) -> Path:
    ingest(tmp_path, [Article("walrus", SECRET), Article("other", "It rained.")], IngestSettings())
    with closing(Conversations(tmp_path)) as conversations:
        chat = conversations.create()
        number = conversations.begin_turn(chat, "What happened?")
        answer = answered(quotes=("A ferry left at dawn.",))
        (cited,), (said,) = answer.citations, answer.sentences
        cited = replace(cited, article="walrus", quote=SECRET)
        said = replace(said, text=SECRET, end=len(SECRET))
        answer = replace(answer, answer=f"{SECRET} [1]", citations=(cited,), sentences=(said,))
        assert conversations.finish_turn(chat, number, answer)
    return tmp_path


def holding(home: Path, words: str) -> list[str]:
    return [file.name for file in home.rglob("*") if file.is_file() and words.encode() in file.read_bytes()]


def test_no_file_of_the_home_holds_a_word_of_it(home: Path) -> None:
    assert {"conversations.sqlite"} <= {name.removesuffix("-wal") for name in holding(home, "periscope")}
    purge(home, ["walrus"])
    assert holding(home, "periscope") == []
    with closing(Archive(home)) as archive:
        assert [info.article for info in archive.articles()] == ["other"]


def test_an_unknown_id_purges_nothing(home: Path) -> None:
    with pytest.raises(ArticleNotFound):
        purge(home, ["walrus", "nowhere"])
    assert "archive.sqlite" in {name.removesuffix("-wal") for name in holding(home, "periscope")}
    assert "conversations.sqlite" in {name.removesuffix("-wal") for name in holding(home, "periscope")}


def test_what_was_interrupted_after_the_conversations_is_finished_by_the_same_call(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("assistant.purging.withdrawing.purge", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            purge(home, ["walrus"])
    purge(home, ["walrus"])
    assert holding(home, "periscope") == []
