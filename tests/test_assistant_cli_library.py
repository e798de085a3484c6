"""The verbs over the library, as they are typed; only the encoder is a stand-in."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from fakes import HashEncoder

from assistant.cli import onrecord
from ingest.loading import Article
from ingest.pipeline import ingest
from ingest.settings import IngestSettings

FERRY = Article("wire: ferry/1", "The ferry left at dawn and carried 212 people.", title="Harbour news")
APPLE = Article("apple", "The growers of Almaty lost their whole crop of apples.")


@pytest.fixture
def home(fake_models: HashEncoder, tmp_path: Path) -> Path:
    ingest(tmp_path / "home", [FERRY, APPLE], IngestSettings())
    return tmp_path / "home"


def run(home: Path, *arguments: object, typed: str | None = None) -> Result:
    return CliRunner().invoke(onrecord, [*map(str, arguments), "--home", str(home)], input=typed)


def printed(home: Path, *arguments: object) -> Any:
    done = run(home, *arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def listed(home: Path, *options: str) -> dict[str, str]:
    lines = run(home, "articles", *options, "--json").stdout.splitlines()
    return {info["article"]: info["status"] for info in map(json.loads, lines)}


def test_withdrawing_prints_what_went_out_and_what_was_out(home: Path) -> None:
    assert printed(home, "withdraw", FERRY.id) == {"withdrawn": [FERRY.id], "unchanged": []}
    assert printed(home, "withdraw", "apple", FERRY.id) == {"withdrawn": ["apple"], "unchanged": [FERRY.id]}
    assert run(home, "withdraw", "apple").stdout == "0 withdrawn, 1 unchanged\n"


def test_articles_lists_the_withdrawn_ones_on_demand(home: Path) -> None:
    printed(home, "withdraw", FERRY.id)
    assert listed(home) == {"apple": "current"}
    assert listed(home, "--withdrawn") == {"apple": "current", FERRY.id: "withdrawn"}
    shown = run(home, "articles", "--withdrawn").stdout.splitlines()
    assert shown == [f"apple@{APPLE.version}  untitled", f"{FERRY.id}@{FERRY.version}  Harbour news  [withdrawn]"]


def test_a_citation_of_a_withdrawn_article_opens_and_one_of_a_purged_does_not(home: Path) -> None:
    address = f"{FERRY.id}@{FERRY.version}:4-9"
    printed(home, "withdraw", FERRY.id)
    assert printed(home, "cite", address)["status"] == "withdrawn"
    assert "This version of the article is withdrawn." in run(home, "cite", address).stdout
    assert printed(home, "withdraw", "--purge", "--yes", FERRY.id) == {"purged": [FERRY.id], "readers": []}
    gone = run(home, "cite", address)
    assert (gone.exit_code, gone.stdout) == (1, "")
    assert "No article 'wire: ferry/1' in" in gone.stderr


@pytest.mark.parametrize("options", [(), ("--purge", "--yes")])
def test_an_unknown_id_is_an_error_and_nothing_goes_out(home: Path, options: tuple[str, ...]) -> None:
    done = run(home, "withdraw", *options, "apple", "nobody", "nowhere")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "No article 'nobody', 'nowhere' in" in done.stderr
    assert done.stderr.endswith("onrecord articles\n")
    assert listed(home) == {"apple": "current", FERRY.id: "current"}


def test_a_purge_without_a_terminal_needs_a_yes(home: Path) -> None:
    done = run(home, "withdraw", "--purge", "apple", typed="y\n")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--yes" in done.stderr
    assert "apple" in listed(home)


@pytest.mark.parametrize(("typed", "exit_code"), [("y", 0), ("n", 1), ("", 1)])
def test_a_purge_at_a_terminal_asks_first(home: Path, typed: str, exit_code: int) -> None:
    keyboard, terminal = pty.openpty()
    command = [sys.executable, "-m", "assistant.cli", "withdraw", "--purge", "apple", "--home", str(home)]
    here = Path(__file__).resolve().parent.parent
    asking = subprocess.Popen(
        command, cwd=here, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    os.write(keyboard, f"{typed}\n".encode())
    out, err = asking.communicate(timeout=60)
    os.close(keyboard)
    os.close(terminal)
    assert (asking.returncode, out) == (exit_code, "" if exit_code else "1 purged\n")
    assert f"Purge apple from {home} for good?" in err
    assert ("apple" in listed(home)) == bool(exit_code)


def test_ids_are_needed(home: Path) -> None:
    assert run(home, "withdraw").exit_code == 2
    assert run(home, "withdraw", "--purge", "--yes").exit_code == 2


def test_a_home_without_articles_says_what_makes_one(tmp_path: Path) -> None:
    done = run(tmp_path, "withdraw", "apple")
    assert done.exit_code == 1
    assert "onrecord ingest" in done.stderr


def test_who_has_the_index_open_is_told_of(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.withdrawing.readers", lambda _: [12, 34])
    done = run(home, "withdraw", "--purge", "--yes", "apple")
    assert done.stdout == "1 purged\n"
    assert "Open in process 12, 34" in done.stderr
    assert "numbers, no words" in done.stderr


def test_an_ingest_says_what_became_of_each_article(home: Path, tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "bridge.txt").write_text("The bridge was opened in May.")
    (tmp_path / "news" / "empty.md").write_text(" ")
    done = json.loads(run(home, "ingest", tmp_path / "news", "--json").stdout)
    by_path = {entry["path"]: entry for entry in done["articles"]}
    assert [entry["outcome"] for entry in by_path.values()] == ["failed", "added"]
    assert by_path["bridge.txt"]["article"].startswith("bridge-")
    assert [entry["reason"] for entry in by_path.values() if entry["reason"]] == [done["failed"][0]["reason"]]
    again = json.loads(run(home, "ingest", tmp_path / "news" / "bridge.txt", "--json").stdout)
    assert again["articles"] == [{**by_path["bridge.txt"], "outcome": "unchanged"}]
