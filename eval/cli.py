"""The verb `onrecord eval`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.cli_options import errors_as_messages, home_option, json_option
from assistant.progress import show_progress
from ingest.errors import SampleContradiction, SettingsError

if TYPE_CHECKING:
    from assistant.settings import Settings
    from eval.report import Report

MOST_TOKENS = 400
"""Of an answer that a language model writes."""
no_home_option = click.option("--home", type=click.Path(path_type=Path), expose_value=False, help="Not needed here.")
"""Every verb takes a home; these have no use for it."""


@click.group(name="eval")
def eval_command() -> None:
    """Measure whether the answers are grounded, on the shipped questions or on your own."""


@eval_command.command()
@click.argument("suite", required=False)
@click.option("--corpus", type=click.Path(path_type=Path), help="JSON lines {doc_id, title, text}.")
@click.option(
    "--questions", type=click.Path(path_type=Path), help="JSON lines {qid, question, history, answerable, evidence}."
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the run.  [default: runs/SUITE-TIME]")
@click.option("--gate", is_flag=True, help="Exit 3 when a gate is broken, or a figure fell below the baseline's.")
@click.option(
    "--baseline", type=click.Path(path_type=Path), help="A run or a baseline file.  [default: the suite's own, if any]"
)
@click.option("--system", default="onrecord", show_default=True, help="Who answers; a name that is none lists them.")
@click.option("--llm-judge", is_flag=True, help="Have the settings' language model judge too: a column, no gate.")
@home_option
@json_option
def run(
    suite: str | None, corpus: Path | None, questions: Path | None, out: Path | None, gate: bool, baseline: Path | None,
    system: str, llm_judge: bool, home: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Ask all questions of SUITE (a name or a folder; by default the shipped article's) and report on the answers.

    An interrupted run goes on where it stopped when it is given the same --out.
    """
    if bool(corpus) != bool(questions) or (suite and corpus):
        raise click.UsageError("give a SUITE, or --corpus and --questions together.")
    with errors_as_messages(), show_progress() as progress:
        from assistant.llm import open_llm
        from assistant.settings import SET_LLM
        from eval.evaluation import evaluate
        from eval.samples import Suite, find_suite
        from eval.systems import OURS

        chosen = Suite(questions.stem, questions, corpus) if corpus and questions else find_suite(suite or "article")
        folder = out or Path("runs") / f"{chosen.name}-{datetime.now():%Y%m%d-%H%M%S}"
        settings = _settings(home)
        llm = open_llm(settings.llm, MOST_TOKENS) if llm_judge or system != OURS else None
        if llm_judge and llm is None:
            raise SettingsError(f"--llm-judge needs a language model: {SET_LLM}")
        try:
            report = evaluate(
                chosen,
                folder,
                home or folder / "home",
                progress,
                system,
                llm,
                judged_by_llm=llm_judge,
                baseline=baseline,
                settings=settings,
            )
        except SampleContradiction as error:
            if not gate:
                raise
            click.echo(f"gate broken: samples without a contradiction: {error}", err=True)
            sys.exit(3)
    _show(report, folder, as_json)
    _end(report, gate)


@eval_command.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--beside",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Another system's run of the same suite; may be repeated.",
)
@click.option("--baseline", type=click.Path(path_type=Path), help="A run or a baseline file to hold it to.")
@click.option("--gate", is_flag=True, help="Exit 3 when a gate is broken.")
@no_home_option
@json_option
def report(folder: Path, beside: tuple[Path, ...], baseline: Path | None, gate: bool, as_json: bool) -> None:
    """Write RUN's report anew: report.html, report.md, report.json and report.xml (JUnit) in its folder."""
    with errors_as_messages():
        from eval.report import read_beside, read_report
        from eval.reporting.write import write_report

        found = read_report(folder, baseline)
        write_report(found, folder, [read_beside(found, other) for other in beside])
    _show(found, folder, as_json)
    _end(found, gate)


@eval_command.command()
@click.argument("base", type=click.Path(path_type=Path))
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@no_home_option
@json_option
def compare(base: Path, run: Path, as_json: bool) -> None:
    """How RUN differs from BASE: each metric with a paired test, and the samples that changed.

    Both are a run's folder or a baseline file.
    """
    with errors_as_messages():
        from eval.comparison import compare as compare_rows
        from eval.comparison import read_rows, show

        found = compare_rows(read_rows(base), read_rows(run))
    click.echo(json.dumps(asdict(found), ensure_ascii=False) if as_json else show(found))


@eval_command.command()
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--to", type=click.Path(path_type=Path), required=True, help="File: baseline.jsonl beside a suite's questions."
)
@no_home_option
@json_option
def accept(run: Path, to: Path, as_json: bool) -> None:
    """Make RUN the baseline that later runs of its suite must not fall below."""
    with errors_as_messages():
        from eval.baseline import accept as accept_run

        count = accept_run(run, to)
    result = {"baseline": str(to), "samples": count}
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else f"baseline of {count} samples: {to}")


@eval_command.command()
@click.argument("pairs", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder for verdicts.jsonl and agreement.json."
)
@home_option
@json_option
def grounding(pairs: Path, out: Path, home: Path | None, as_json: bool) -> None:
    """Judge the judge: have it check each claim of PAIRS against its context, and compare with the labels.

    PAIRS are JSON lines {id, context, claim, label}: 1 supported, 0 not, null unknown. The home's settings apply, and no article
    is needed.
    """
    with errors_as_messages(), show_progress() as progress:
        from assistant.grounding.judge import load_judge
        from assistant.llm import open_llm
        from eval.grounding import judge_pairs, read_pairs, show

        read, settings = read_pairs(pairs), _settings(home)
        found = judge_pairs(load_judge(settings.grounding, open_llm(settings.llm)), read, out, progress)
    text = json.dumps(asdict(found), ensure_ascii=False)
    (out / "agreement.json").write_text(text + "\n", encoding="utf-8")
    click.echo(text if as_json else f"{show(found)}\n\nverdicts: {out / 'verdicts.jsonl'}")


@eval_command.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the suite.  [default: NAME-suite]")
@click.option("--most", type=click.IntRange(1), default=60, show_default=True, help="Samples at most.")
@no_home_option
@json_option
def init(paths: tuple[Path, ...], out: Path | None, most: int, as_json: bool) -> None:
    """Draft questions from your own articles, by rule, for you to correct.

    PATH is a file, a folder, a manifest, or a corpus.jsonl with lines {doc_id, title, text}.
    """
    with errors_as_messages():
        from eval.drafting import show, write_suite

        drafted = write_suite(paths, out, most)
    for failure in drafted.failed:
        click.echo(f"onrecord: {failure.reason}", err=True)
    result = {"suite": str(drafted.folder), "samples": drafted.samples, "kinds": drafted.kinds}
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else show(drafted))
    if drafted.failed:
        sys.exit(1)


def _settings(home: Path | None) -> Settings:
    """Those of the home that is asked every day: what is measured is what it would answer."""
    from assistant.assistant import home_of
    from assistant.settings import Settings

    return Settings.load(home_of(home))


def _show(found: Report, folder: Path, as_json: bool) -> None:
    from eval.report import table
    from eval.reporting.write import PAGE
    from eval.run_folder import ANSWERS

    told = f"{table(found)}\n\nanswers: {folder / ANSWERS}\nreport: {folder / PAGE}"
    click.echo(json.dumps(found.to_json() | {"run": str(folder)}) if as_json else told)


def _end(report: Report, gate: bool) -> None:
    """Names the gates that are broken, and exits 3 when they count."""
    for broken in report.broken:
        click.echo(f"gate broken: {broken.name}: {broken.message}", err=True)
    if gate and report.broken:
        sys.exit(3)
