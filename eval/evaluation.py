"""An evaluation from beginning to end: a run, its checker checked, its times, and its report in every form."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import Settings
from assistant.grounding.judge import load_judge
from eval import latency, self_check
from eval.baseline import BASELINE, find_baseline, write_baseline
from eval.comparison import read_rows
from eval.llm_judge import ask_judge
from eval.report import LATENCY, Report, read_report
from eval.reporting.write import write_report
from eval.run_folder import add_judge, records
from eval.runner import run
from eval.samples import Suite
from eval.systems import OURS
from ingest.pipeline import Progress

if TYPE_CHECKING:
    from llama_index.core.llms import LLM


def evaluate(
    suite: Suite,
    out: Path,
    home: Path,
    progress: Progress,
    system: str = OURS,
    llm: LLM | None = None,
    *,
    judged_by_llm: bool = False,
    baseline: Path | None = None,
    settings: Settings | None = None,
) -> Report:
    """Runs a suite and reports on it; what an interrupted evaluation of the same did is kept.

    Args:
        suite: What to ask.
        out: Folder of the run: ``answers.jsonl``, ``run.json``, ``checker.json``, ``latency.json`` and the report's files.
        home: Where the suite's corpus is ingested to.
        progress: Told of each step.
        system: Who answers: a name of `eval.systems.SYSTEMS`.
        llm: A language model, for a system that needs one and for `judged_by_llm`.
        judged_by_llm: Whether the language model judges too; one more column, and no gate.
        baseline: What the run must not fall below; None for the suite's own, if it has one.
        settings: None for those of the home.

    Raises:
        DatasetError: The suite is wrong, the home holds other articles, or `out` holds a run of something else.
        ModelUnavailable: Weights or the language model cannot be used.
    """
    settings = settings or Settings.load(home)
    file = baseline or (find_baseline(suite) if system == OURS else None)
    held_to = read_rows(file) if file else []
    count = run(suite, out, home, progress, system, llm if system != OURS else None, settings)
    judge = load_judge(settings.grounding)
    self_check.write(self_check.check_checker(suite, records(out), judge, progress), out)
    if judged_by_llm and llm is not None:
        add_judge(out, llm.metadata.model_name)
        ask_judge(llm, out, progress)
    timed = latency.measure(suite, count, home, progress, system, llm, settings, records(out))
    if timed:
        (out / LATENCY).write_text(json.dumps(asdict(timed)) + "\n", encoding="utf-8")
    if held_to:  # kept beside the run, so that its report can be written again
        write_baseline(held_to, out / BASELINE)
    else:
        (out / BASELINE).unlink(missing_ok=True)
    report = read_report(out)
    write_report(report, out)
    return report
