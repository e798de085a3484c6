"""Articles out of a home without a trace, in conversations too."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from fakes import HashEncoder
from test_assistant_ui import answered

from assistant.cli import onrecord
from assistant.conversations import Conversations
from assistant.conversations.records import OVERTAKEN, UNREADABLE
from assistant.purging import finish_purge, purge
from assistant.types import Answer
from ingest import withdrawing
from ingest.archive import Archive
from ingest.arrivals import FOLDER, Upload
from ingest.errors import ArchiveError, ArticleNotFound
from ingest.loading import Article, load_as
from ingest.lock import writing
from ingest.pipeline import ingest
from ingest.removal import Removal
from ingest.settings import IngestSettings

SECRET = "The walrus of Tallinn swallowed a periscope."


def secret_answer() -> Answer:
    answer = answered(quotes=("A ferry left at dawn.",))
    (cited,), (said,) = answer.citations, answer.sentences
    cited = replace(cited, article="walrus", quote=SECRET)
    said = replace(said, text=SECRET, end=len(SECRET))
    return replace(answer, answer=f"{SECRET} [1]", citations=(cited,), sentences=(said,))


ANSWER = secret_answer()


@pytest.fixture
def home(encoder: HashEncoder, tmp_path: Path) -> Path:
    ingest(tmp_path, [Article("walrus", SECRET), Article("other", "It rained.")], IngestSettings())
    with closing(Conversations(tmp_path)) as conversations:
        chat = conversations.create()
        number = conversations.begin_turn(chat, "What happened?")
        assert conversations.finish_turn(chat, number, ANSWER)
    return tmp_path


def holding(home: Path, words: str) -> list[str]:
    return [file.name for file in home.rglob("*") if file.is_file() and words.encode() in file.read_bytes()]


def test_no_file_of_the_home_holds_a_word_of_it(home: Path) -> None:
    assert {"conversations.sqlite"} <= {name.removesuffix("-wal") for name in holding(home, "periscope")}
    purge(home, ["walrus"])
    assert holding(home, "periscope") == []
    with closing(Archive(home)) as archive:
        assert [info.article for info in archive.articles()] == ["other"]


def test_a_file_that_waits_to_become_it_goes_too(home: Path, tmp_path: Path) -> None:
    (tmp_path / "walrus.txt").write_text(SECRET)
    article = load_as(tmp_path / "walrus.txt", home / FOLDER / "walrus.txt", 1000)
    assert isinstance(article, Article)
    ingest(home, [article], IngestSettings())
    upload = Upload(home, "walrus.txt")
    upload.write(SECRET.encode())
    upload.keep()
    purge(home, [article.id, "walrus"])
    (tmp_path / "walrus.txt").unlink()
    assert holding(home, "periscope") == []


def test_an_unknown_id_purges_nothing(home: Path) -> None:
    with pytest.raises(ArticleNotFound):
        purge(home, ["walrus", "nowhere"])
    assert "archive.sqlite" in {name.removesuffix("-wal") for name in holding(home, "periscope")}
    assert "conversations.sqlite" in {name.removesuffix("-wal") for name in holding(home, "periscope")}


def test_an_article_that_only_conversations_have_still_can_be_purged(home: Path) -> None:
    withdrawing.purge(home, ["walrus"])  # of the archive alone
    assert holding(home, "periscope")
    purge(home, ["walrus"])
    assert holding(home, "periscope") == []
    with pytest.raises(ArticleNotFound):
        purge(home, ["walrus"])


def test_an_answer_that_cannot_be_read_is_dropped_by_a_purge_and_holds_none_up(home: Path) -> None:
    with closing(Conversations(home)) as conversations:
        (summary,) = conversations.list()
        with conversations.transaction():
            conversations._db.execute("UPDATE turns SET answer = replace(answer, 'outcome', 'x'), said = ?", (SECRET,))
        purge(home, ["other"])
        (turn,) = conversations.get(summary.id).turns
        assert (turn.state, turn.error, turn.answer, turn.question) == ("failed", UNREADABLE, None, "What happened?")
        assert "conversations.sqlite" not in {name.removesuffix("-wal") for name in holding(home, "periscope")}
        assert conversations.list(query="periscope") == []


def test_a_purge_that_is_refused_changes_nothing(home: Path) -> None:
    with closing(Conversations(home)) as conversations:
        chat = conversations.create()
        waiting = conversations.begin_turn(chat, "And then?")
        with writing(home), pytest.raises(ArchiveError, match="is writing"):
            purge(home, ["walrus"])
        assert conversations.turn(chat, waiting).state == "waiting"
        assert {"conversations.sqlite", "archive.sqlite"} <= {
            n.removesuffix("-wal") for n in holding(home, "periscope")
        }


def test_what_is_answered_while_it_goes_is_not_kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Conversations(home)) as conversations:
        chat = conversations.create()
        before = conversations.begin_turn(chat, "Before it?")
        during: list[int] = []

        def forget_late(self: Removal, articles: Sequence[str]) -> None:
            during.append(conversations.begin_turn(chat, "In the midst of it?"))
            forget(self, articles)

        forget = Removal.forget
        monkeypatch.setattr(Removal, "forget", forget_late)
        purge(home, ["walrus"])
        for number in (before, *during):
            assert not conversations.finish_turn(chat, number, ANSWER)
            turn = conversations.turn(chat, number)
            assert (turn.state, turn.error) == ("failed", OVERTAKEN)
    assert holding(home, "periscope") == []


@pytest.mark.parametrize("after", ["forget", "wipe"])
def test_what_was_interrupted_is_ended_by_whoever_comes_next(
    home: Path, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    done = getattr(Removal, after)

    def interrupted(*arguments: object) -> None:
        done(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Removal, after, interrupted)
        with pytest.raises(KeyboardInterrupt):
            purge(home, ["walrus"])
    ran = CliRunner().invoke(onrecord, ["withdraw", "other", "--home", str(home)])
    assert ran.exit_code == 0, ran.output
    assert holding(home, "periscope") == []
    assert not finish_purge(home)


def test_where_nothing_was_interrupted_there_is_nothing_to_end(home: Path, tmp_path: Path) -> None:
    assert not finish_purge(home)
    assert not finish_purge(tmp_path / "nowhere")
    assert holding(home, "periscope")
