"""The command, verb by verb; only the encoder is a stand-in."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from fakes import HashEncoder

import assistant.cli as cli
from assistant.cli import onrecord
from assistant.cli_input import read_history
from ingest.errors import DatasetError

TEXT = "The growers of Almaty lost their whole crop of apples.\n\nThe ferry left at dawn and carried 212 people."
LIMITS = {"--article", "--author", "--outlet", "--since", "--until"}
EVAL = EntryPoint("eval", "eval.cli:eval_command", "onrecord.verbs")


def run(*arguments: object, home: Path | None = None) -> Result:
    options = [] if home is None else ["--home", str(home)]
    return CliRunner().invoke(onrecord, [*map(str, arguments), *options])


def printed(*arguments: object, home: Path) -> Any:
    """What a verb prints with --json; nothing else may stand on stdout."""
    done = run(*arguments, "--json", home=home)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "growers.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path / "articles"


@pytest.fixture
def home(fake_models: HashEncoder, articles: Path, tmp_path: Path) -> Path:
    assert run("ingest", articles, home=tmp_path / "home").exit_code == 0
    return tmp_path / "home"


@pytest.fixture
def with_eval(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the product is installed: `eval` has registered its verb."""

    def registered(*, group: str, name: str | None = None) -> list[EntryPoint]:
        return [EVAL] if group == "onrecord.verbs" and name in (None, "eval") else []

    monkeypatch.setattr(cli, "entry_points", registered)


def every_command(group: click.Group, *path: str) -> list[tuple[tuple[str, ...], click.Command]]:
    found: list[tuple[tuple[str, ...], click.Command]] = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found.append(((*path, name), command))
        if isinstance(command, click.Group):
            found += every_command(command, *path, name)
    return found


def test_every_verb_and_option_is_documented(with_eval: None) -> None:
    commands = every_command(onrecord)
    assert {" ".join(path) for path, _ in commands} >= {
        "ingest", "ask", "chat", "cite", "search", "articles", "withdraw", "rebuild", "eval", "eval run",
    }  # fmt: skip
    for path, command in commands:
        assert command.help, path
        for parameter in command.params:
            assert not isinstance(parameter, click.Option) or parameter.help or parameter.metavar == "DATE", (
                path,
                parameter,
            )
        shown = CliRunner().invoke(onrecord, [*path, "--help"])
        assert shown.exit_code == 0
        assert command.help.splitlines()[0].split()[0] in shown.stdout


@pytest.mark.parametrize(
    ("verb", "options"),
    [
        ("ingest", {"--home", "--json"}),
        ("ask", {"--history", *LIMITS, "--home", "--json"}),
        (
            "chat",
            {
                "--port",
                "--host",
                "--password-file",
                "--password-prompt",
                "--tls-cert",
                "--tls-key",
                "--public-url",
                "--behind-proxy",
                "--home",
            },
        ),
        ("cite", {"--format", "--home", "--json"}),
        ("verify", {"--home", "--json"}),
        ("search", {"-k", *LIMITS, "--home", "--json"}),
        ("articles", {"--withdrawn", "--home", "--json"}),
        ("withdraw", {"--purge", "--yes", "--home", "--json"}),
        ("rebuild", {"--home", "--json"}),
    ],
)
def test_a_verb_has_the_options_of_the_contract(verb: str, options: set[str]) -> None:
    assert {
        name for parameter in onrecord.commands[verb].params for name in parameter.opts if name[0] == "-"
    } == options


def test_eval_run_has_the_options_of_the_contract(with_eval: None) -> None:
    run_verb = dict(every_command(onrecord))[("eval", "run")]
    options = {name for parameter in run_verb.params for name in parameter.opts if name[0] == "-"}
    assert options == {
        "--corpus", "--questions", "--out", "--gate", "--baseline", "--system", "--llm-judge", "--home", "--json",
    }  # fmt: skip


def test_help_lists_the_verbs_in_the_order_in_which_people_meet_them(with_eval: None) -> None:
    shown = run("--help").stdout
    assert shown.index("ingest") < shown.index("ask ") < shown.index("eval")


def test_an_unknown_verb_is_a_mistake_of_usage() -> None:
    assert run("aks").exit_code == 2


def test_ingest_prints_its_report(fake_models: HashEncoder, articles: Path, tmp_path: Path) -> None:
    report = printed("ingest", articles, home=tmp_path / "home")
    assert {"added", "updated", "unchanged", "failed", "passages"} <= set(report)
    assert (report["added"], report["failed"], report["passages"]) == (1, [], 1)
    assert printed("ingest", articles, home=tmp_path / "home")["unchanged"] == 1


def test_ingest_names_what_failed_and_takes_in_the_rest(
    fake_models: HashEncoder, articles: Path, tmp_path: Path
) -> None:
    (articles / "empty.txt").write_text("  ")
    done = run("ingest", articles, "--json", home=tmp_path / "home")
    report = json.loads(done.stdout)
    assert done.exit_code == 1
    assert report["added"] == 1
    assert [set(failure) for failure in report["failed"]] == [{"path", "reason"}]
    assert "empty.txt" in report["failed"][0]["path"]
    assert "empty.txt" in run("ingest", articles, home=tmp_path / "home").stdout


def test_ingest_without_paths_takes_in_the_shipped_corpus(fake_models: HashEncoder, tmp_path: Path) -> None:
    assert printed("ingest", home=tmp_path / "home")["added"] == 1


def test_ingest_into_a_file_is_an_error_without_a_traceback(fake_models: HashEncoder, articles: Path) -> None:
    done = run("ingest", articles, home=articles / "growers.txt")
    assert done.exit_code == 1
    assert done.stderr.strip().startswith("onrecord: ")


def test_stderr_is_empty_when_there_is_nothing_to_say(home: Path, articles: Path) -> None:
    assert run("ingest", articles, home=home).stderr == ""


def test_rebuild_prints_its_report(home: Path) -> None:
    assert {"added", "updated", "unchanged", "failed", "passages"} <= set(printed("rebuild", home=home))


def test_ask_prints_the_answer_alone(home: Path) -> None:
    answer = printed("ask", "What did the growers of Almaty lose?", home=home)
    assert answer["question"] == "What did the growers of Almaty lose?"
    assert set(answer) == {
        "question", "standalone_question", "outcome", "abstained", "reason", "missing", "answer", "mode", "confidence",
        "sentences", "citations", "nearest", "timings_ms", "notes",
    }  # fmt: skip


def test_abstaining_is_no_failure(home: Path) -> None:
    done = run("ask", "Where is Oslo?", home=home)
    assert done.exit_code == 0
    assert "Not in the articles." in done.stdout or "Nothing found." in done.stdout


@pytest.mark.parametrize("question", ["", "  ", "\n"])
def test_an_empty_question_is_a_mistake_of_usage(home: Path, question: str) -> None:
    done = run("ask", question, home=home)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "the question is empty" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--article", "unknown"), "'unknown'"),
        (("--since", "yesterday"), "--since: 'yesterday'"),
        (("--until", "2024-13-01"), "--until: '2024-13-01'"),
    ],
)
def test_a_bad_option_is_a_mistake_of_usage_and_named(home: Path, arguments: tuple[str, ...], named: str) -> None:
    done = run("ask", "Who?", *arguments, home=home)
    assert (done.exit_code, done.stdout) == (2, "")
    assert named in done.stderr


def test_ask_is_limited_by_its_options(home: Path) -> None:
    article = printed("articles", home=home)["article"]
    question = "What did the growers of Almaty lose?"
    assert printed("ask", question, "--article", article, home=home)["question"] == question
    none = printed("ask", question, "--author", "nobody", home=home)
    assert (none["outcome"], none["nearest"]) == ("nothing_found", [])


@pytest.fixture
def bylines(fake_models: HashEncoder, tmp_path: Path) -> Path:
    """A home of two articles with authors and outlets, one of them in German."""
    folder = tmp_path / "listed"
    folder.mkdir()
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    (folder / "b.txt").write_text("Die Fähre fuhr am Morgen ab, und niemand war an Bord der Fähre.", encoding="utf-8")
    lines = (
        {
            "id": "growers",
            "path": "a.txt",
            "author": "Ana Lill",
            "outlet": "The Almaty Post",
            "published": "2021-05-03",
        },
        {"id": "faehre", "path": "b.txt", "author": "Bo Dahl", "outlet": "Dawn"},
    )
    (folder / "manifest.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    done = run("ingest", folder, home=tmp_path / "named")
    assert done.exit_code == 0
    assert "1 in German" in done.stdout
    return tmp_path / "named"


@pytest.mark.parametrize(
    "limit", [("--outlet", "almaty post"), ("--author", "lill"), ("--outlet", "BBC", "--outlet", "Post")]
)
def test_ask_and_search_are_limited_by_names(bylines: Path, limit: tuple[str, ...]) -> None:
    answer = printed("ask", "What did the growers lose?", *limit, home=bylines)
    assert {c["article"] for c in (*answer["citations"], *answer["nearest"])} == {"growers"}
    assert answer["notes"][0].startswith("Limited to articles")
    assert {hit["article"] for hit in printed("search", "ferry", *limit, home=bylines)["results"]} == {"growers"}


def test_ask_shows_its_notes(bylines: Path) -> None:
    shown = run("ask", "What did the growers lose?", "--since", "2021-01-01", home=bylines).stdout
    assert shown.startswith("Limited to articles published since 2021.\n1 article without a date was left out.\n")


def test_a_search_that_no_article_fits_says_so_beside_its_empty_result(bylines: Path) -> None:
    done = run("search", "ferry", "--outlet", "BBC", "--json", home=bylines)
    assert json.loads(done.stdout)["results"] == []
    assert "The outlets are: Dawn; The Almaty Post." in done.stderr


def test_search_refuses_what_ask_refuses(bylines: Path) -> None:
    for arguments in (("--article", "none"), ("--since", "soon")):
        done = run("search", "ferry", *arguments, home=bylines)
        assert (done.exit_code, done.stdout) == (2, "")


def test_ask_reads_its_history(home: Path, tmp_path: Path) -> None:
    history = tmp_path / "history.jsonl"
    history.write_text('{"q": "Who are the growers?", "a": "…"}\n\n')
    answer = printed("ask", "What did they lose?", "--history", history, home=home)
    assert answer["standalone_question"] == "What did the growers lose?"


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ('{"q": "x"}', "history.jsonl:2: field 'a'"),
        ('{"q": 1, "a": "x"}', "history.jsonl:2: field 'q'"),
        ("[]", "history.jsonl:2: not a JSON object"),
        ("{", "history.jsonl:2: not JSON"),
    ],
)
def test_a_bad_line_of_a_history_names_file_line_and_field(home: Path, tmp_path: Path, line: str, named: str) -> None:
    history = tmp_path / "history.jsonl"
    history.write_text('{"q": "x", "a": "y"}\n' + line + "\n")
    with pytest.raises(DatasetError, match=r"correct the line\.$"):
        read_history(history)
    done = run("ask", "Who?", "--history", history, home=home)
    assert (done.exit_code, done.stdout) == (1, "")
    assert named in done.stderr


def test_a_history_that_is_not_there_is_named(home: Path, tmp_path: Path) -> None:
    done = run("ask", "Who?", "--history", tmp_path / "none.jsonl", home=home)
    assert done.exit_code == 1
    assert "none.jsonl" in done.stderr


def test_search_prints_passages_with_their_addresses(home: Path) -> None:
    found = printed("search", "apples", "-k", "1", home=home)
    assert set(found) == {"query", "results"}
    assert found["query"] == "apples"
    (result,) = found["results"]
    assert set(result) == {"id", "article", "start", "end", "text", "score"}
    assert printed("cite", result["id"], home=home)["quote"] == result["text"] == TEXT[result["start"] : result["end"]]


@pytest.mark.parametrize("count", ["0", "-1", "1001", "many"])
def test_search_takes_a_number_from_1_to_1000(home: Path, count: str) -> None:
    assert run("search", "apples", "-k", count, home=home).exit_code == 2


def test_search_takes_its_largest_number(home: Path) -> None:
    assert len(printed("search", "apples", "-k", "1000", home=home)["results"]) == 1


def test_an_empty_query_is_a_mistake_of_usage(home: Path) -> None:
    assert run("search", " ", home=home).exit_code == 2


def test_cite_prints_the_words_in_their_context(home: Path) -> None:
    address = printed("search", "apples", home=home)["results"][0]["id"].rpartition(":")[0] + ":4-11"
    cited = printed("cite", address, home=home)
    assert list(cited) == [
        "id", "status", "quote", "before", "after", "article", "version", "title", "author", "outlet", "published", "source",
        "page", "start", "end",
    ]  # fmt: skip
    assert (cited["quote"], cited["before"], cited["status"], cited["source"]) == (
        "growers",
        "The ",
        "current",
        "growers.txt",
    )
    assert "growers" in run("cite", address, home=home).stdout


def test_an_unknown_citation_is_an_error_that_names_its_part(home: Path) -> None:
    done = run("cite", "x@0123456789ab:1-2", home=home)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"onrecord: No article 'x' in {home}; list them with: onrecord articles\n"


def test_articles_are_one_object_a_line(home: Path, articles: Path) -> None:
    (articles / "second.txt").write_text("Another article.")
    run("ingest", articles, home=home)
    done = run("articles", "--json", home=home)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert {one["article"].rpartition("-")[0] for one in found} == {"growers", "second"}
    assert all({"article", "version", "title", "author", "outlet", "published", "source"} <= set(one) for one in found)
    assert len(run("articles", home=home).stdout.splitlines()) == 2


@pytest.mark.parametrize(
    "arguments",
    [("ask", "Who?"), ("cite", "x@0123456789ab:1-2"), ("search", "x"), ("articles",), ("rebuild",)],
)
def test_every_verb_says_what_to_run_in_an_empty_home(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = run(*arguments, home=tmp_path / "nothing")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.strip().startswith("onrecord: Nothing has been ingested")
    assert done.stderr.endswith("run: onrecord ingest\n")


def test_a_wrong_setting_is_an_error_that_names_it(home: Path) -> None:
    (home / "settings.toml").write_text("[reading]\nmin_confidense = 1\n")
    done = run("ask", "Who?", home=home)
    assert done.exit_code == 1
    assert "reading.min_confidense in settings.toml" in done.stderr


def test_a_stale_index_is_an_error_that_ends_in_the_remedy(home: Path) -> None:
    (home / "settings.toml").write_text("[ingest]\npassage_tokens = 100\n")
    done = run("ask", "Who is it?", home=home)
    assert done.exit_code == 1
    assert done.stderr.endswith("or run: onrecord rebuild\n")
    assert run("rebuild", home=home).exit_code == 0
    assert run("ask", "Who is it?", home=home).exit_code == 0


def test_any_other_exception_is_a_bug_and_shows_itself(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("assistant.assistant.Assistant.answer", broken)
    assert isinstance(run("ask", "Who?", home=home).exception, RuntimeError)


def test_an_error_shows_no_control_characters(home: Path) -> None:
    assert "\x1b" not in run("cite", "\x1b[2J@0123456789ab:1-2", home=home).stderr


def test_an_interrupt_says_that_nothing_is_half_done(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("assistant.cli.ingest_articles", interrupted)
    done = CliRunner().invoke(onrecord, ["ingest", "--home", str(home)])
    assert done.exit_code == 130
    assert "nothing is half done" in done.stderr


def test_limits_that_no_article_fits_are_named_as_the_reason(home: Path) -> None:
    answer = printed("ask", "What did the growers of Almaty lose?", "--author", "Nobody", home=home)
    assert answer["outcome"] == "nothing_found"
    assert "limits" in answer["reason"]


def test_a_citation_in_a_pipe_has_marks_around_the_cited_words(home: Path) -> None:
    answer = printed("ask", "The growers of Almaty lost their whole crop of what?", home=home)
    cited = (answer["citations"] or answer["nearest"])[0]
    done = CliRunner().invoke(onrecord, ["cite", cited["id"], "--home", str(home)])
    assert f"»{cited['quote']}«" in done.stdout
