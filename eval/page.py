"""The Evaluation page of the chat: it starts a run, shows how far it is, and what it came to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from assistant import Assistant, Settings
from assistant.ui.answering import Answering
from assistant.ui.page import own_html
from assistant.ui.render import escape, join
from eval.evaluations import Evaluations, State
from eval.report import Report, checker_note
from eval.reporting.html import data_uri
from eval.reporting.plots import all_plots
from eval.reporting.write import PAGE
from eval.run_folder import records
from eval.statistics import Figure
from ingest.settings import default_home

EVERY = 1.0
"""Seconds between two looks at a run."""
MOST_WRONG = 20
HEADLINE = (
    "right",
    "evidence cited",
    "grounded",
    "citations valid",
    "quotes exact",
    "instructions obeyed",
    "abstained when it should",
    "answered when it should",
    "false premise rejected",
    "AUROC",
)
_STYLE = " ".join((Path(__file__).parent / "page.css").read_text(encoding="utf-8").split())
INTRODUCTION = (
    '<div class="evaluation"><h2>Are the answers grounded?</h2><p>An evaluation asks questions whose right answers are known, '
    "plants errors in its own right answers to see whether the checker catches them, and says how sure each figure is. It takes "
    "about a minute for the shipped questions; the chat answers more slowly meanwhile.</p></div>"
)


def build(assistant: Answering) -> None:
    """The content of the tab, over the home and the settings of the assistant."""
    evaluations = (
        Evaluations(assistant.home, assistant.settings)
        if isinstance(assistant, Assistant)
        else Evaluations(default_home(), Settings())
    )
    own_html(f"<style>{_STYLE}</style>{INTRODUCTION}", "evaluation-intro")
    with gr.Row(elem_id="evaluation-bar"):
        suite = gr.Dropdown(
            evaluations.suites(), value=evaluations.suites()[0], label="Suite", elem_id="evaluation-suite", scale=1
        )
        start = gr.Button("Run the evaluation", variant="primary", elem_id="evaluation-start", scale=0)
        stop = gr.Button("Stop", elem_id="evaluation-stop", scale=0, interactive=False)
    progress = own_html("", "evaluation-progress")
    report = own_html("", "evaluation-report")
    _wire(evaluations, [suite, start, stop, progress, report])


def _wire(evaluations: Evaluations, parts: list[Any]) -> None:
    suite, start, stop, progress, report = parts
    clock = gr.Timer(EVERY, active=False)
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}

    def show() -> list[Any]:
        before = evaluations.state
        shown = gr.skip() if before.running else join(report_blocks(evaluations))
        now = evaluations.state  # as it is after the report was read, lest a run that began meanwhile is not seen
        return [
            gr.update(interactive=not now.running), gr.update(interactive=now.running), join(progress_blocks(now)), shown,
            gr.Timer(active=now.running),
        ]  # fmt: skip

    def begin(name: str) -> list[Any]:
        evaluations.start(name)
        return show()

    def halt() -> list[Any]:
        evaluations.stop()
        return show()

    outputs = [start, stop, progress, report, clock]
    start.click(begin, inputs=suite, outputs=outputs, **quiet)
    stop.click(halt, outputs=outputs, **quiet)
    clock.tick(show, outputs=outputs, **quiet)
    gr.on(None, show, outputs=outputs, **quiet)
    gr.on(None, lambda: gr.update(choices=evaluations.suites()), outputs=suite, **quiet)


def progress_blocks(state: State) -> list[str]:
    """How far a run is, or what stood in its way."""
    if state.running:
        share = 100 * state.done / state.total if state.total else 0
        counted = f" {state.done} of {state.total}" if state.total else ""
        return [
            f'<div class="evaluation-running" role="status"><p>{escape(state.suite)}: {escape(state.step)}{counted}</p>'
            f'<progress max="100" value="{share:.0f}">{share:.0f} %</progress></div>'
        ]
    return [f'<p class="notice" role="alert">{escape(state.message)}</p>'] if state.message else []


def report_blocks(evaluations: Evaluations) -> list[str]:
    """The last finished run: gates, headline figures, plots, and what went wrong."""
    found = evaluations.report()
    if found is None:
        return ['<p class="empty">No evaluation has been run here yet.</p>']
    folder, report = found
    return [*_head(report, str(folder / PAGE)), *_plots(report), *_wrong(records(folder))]


def _head(report: Report, file: str) -> Iterator[str]:
    of = f"{escape(report.note.get('suite', report.run))}: {report.samples} questions"
    yield f'<h3 class="evaluation-of">{of}</h3>'
    broken = "".join(f"<li>{escape(gate.name)}: {escape(gate.message)}</li>" for gate in report.broken)
    held = f"All {len(report.held)} gates hold." if not broken else f"Gates broken:<ul>{broken}</ul>"
    yield f'<div class="gates {"broken" if broken else "held"}">{held}</div>'
    rows = "".join(_row(report, name) for name in HEADLINE)
    yield (
        '<table class="figures"><thead><tr><th>figure</th><th>value</th><th>95 % interval</th><th>n</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )
    yield f'<p class="note">Every figure and every sample: {escape(file)}</p>'


def _row(report: Report, name: str) -> str:
    figure = report.figure(name)
    if figure.mean is None:
        return ""
    beside = f' <span class="checker">{escape(checker_note(report))}</span>' if name == "grounded" else ""
    return f"<tr><th>{escape(name)}{beside}</th>{_cells(figure)}</tr>"


def _cells(figure: Figure) -> str:
    return f"<td>{figure.mean:.3f}</td><td>{figure.low:.3f} to {figure.high:.3f}</td><td>{figure.n}</td>"


def _plots(report: Report) -> Iterator[str]:
    for plot in all_plots(report):
        title = escape(plot.title)
        if plot.svg is None:
            yield f'<p class="note">{title}: {escape(plot.sentence)}</p>'
        else:
            yield (
                f'<figure class="plot"><figcaption>{title}. {escape(plot.sentence)}</figcaption>'
                f'<img src="{data_uri(plot)}" alt="{escape(plot.alt)}"></figure>'
            )


def _wrong(every: Iterator[dict[str, Any]]) -> Iterator[str]:
    wrong = [r for r in every if "error" in r or r["scores"]["right"]["value"] == 0]
    yield f"<h3>{len(wrong)} questions went wrong</h3>" if wrong else "<h3>No question went wrong</h3>"
    for record in wrong[:MOST_WRONG]:
        said = record.get("error") or record["answer"]
        gold = " · ".join(record.get("sample", {}).get("answers", ())) or "not in the articles"
        question = record.get("question", record["qid"])
        yield (
            f'<details class="wrong"><summary>{escape(question)}</summary><dl><dt>right</dt><dd>{escape(gold)}</dd>'
            f"<dt>said</dt><dd>{escape(said)}</dd></dl>{_in_the_chat(record)}</details>"
        )
    if len(wrong) > MOST_WRONG:
        yield f'<p class="note">{len(wrong) - MOST_WRONG} more are in the report.</p>'


def _in_the_chat(record: Mapping[str, Any]) -> str:
    """A button that puts the question, as it stands alone, into the chat."""
    asked = record.get("standalone_question") or record.get("question")
    if not asked:
        return ""
    return f'<p><button type="button" class="ask" data-do="try" data-question="{escape(asked)}">Ask it in the chat</button></p>'
