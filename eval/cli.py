"""The verb `onrecord eval`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.cli import errors_as_messages, home_option, json_option
from assistant.progress import show_progress
from eval.samples import Suite, find_suite

if TYPE_CHECKING:
    from eval.latency import Latency
    from eval.report import Tally


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
@click.option("--gate", is_flag=True, help="Exit 3 when a gate is broken.")
@home_option
@json_option
def run(
    suite: str | None,
    corpus: Path | None,
    questions: Path | None,
    out: Path | None,
    gate: bool,
    home: Path | None,
    as_json: bool,
) -> None:
    """Ask all questions of SUITE (a name or a folder; by default the shipped article's) and print the figures.

    An interrupted run goes on where it stopped when it is given the same --out.
    """
    if bool(corpus) != bool(questions) or (suite and corpus):
        raise click.UsageError("give a SUITE, or --corpus and --questions together.")
    with errors_as_messages(), show_progress() as progress:
        from eval.latency import measure
        from eval.report import Tally
        from eval.runner import records
        from eval.runner import run as run_suite

        chosen = Suite(questions.stem, questions, corpus) if corpus and questions else find_suite(suite or "article")
        folder = out or Path("runs") / f"{chosen.name}-{datetime.now():%Y%m%d-%H%M%S}"
        count = run_suite(chosen, folder, home or folder / "home", progress)
        tally = Tally(records(folder))
        latency = measure(chosen, count, home or folder / "home", progress)
    broken = _report(tally, latency, folder, as_json)
    if gate and broken:
        sys.exit(3)


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
        from assistant.assistant import home_of
        from assistant.grounding.judge import load_judge
        from assistant.llm import open_llm
        from assistant.settings import Settings
        from eval.grounding import judge_pairs, read_pairs, show

        read, settings = read_pairs(pairs), Settings.load(home_of(home))
        found = judge_pairs(load_judge(settings.grounding, open_llm(settings.llm)), read, out, progress)
    text = json.dumps(asdict(found), ensure_ascii=False)
    (out / "agreement.json").write_text(text + "\n", encoding="utf-8")
    click.echo(text if as_json else f"{show(found)}\n\nverdicts: {out / 'verdicts.jsonl'}")


def _report(tally: Tally, latency: Latency | None, folder: Path, as_json: bool) -> list[str]:
    """Prints the figures and keeps them in the run's folder; gives back the gates that are broken."""
    from eval.report import table

    broken = tally.broken_gates()
    result = {
        "run": str(folder),
        "figures": [vars(figure) for figure in tally.figures()],
        "broken_gates": broken,
        "peer_p50_ms": latency.peer_p50_ms if latency else None,
        "latency": vars(latency) if latency else None,
    }
    text = json.dumps(result)
    (folder / "report.json").write_text(text + "\n", encoding="utf-8")
    click.echo(text if as_json else f"{table(tally, latency)}\n\nanswers: {folder / 'answers.jsonl'}")
    for line in broken:
        click.echo(f"gate broken: {line}", err=True)
    return broken
