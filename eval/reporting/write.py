"""All forms of a report, written into a run's folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from assistant.writing import write_atomically
from eval.report import REPORT, Report
from eval.reporting.cards import Card, card_of
from eval.reporting.html import html
from eval.reporting.junit import junit
from eval.reporting.markdown import markdown
from eval.run_folder import records

PAGE = "report.html"
MARKDOWN = "report.md"
JUNIT = "report.xml"


def write_report(report: Report, out: Path, beside: Sequence[Report] = ()) -> None:
    """Writes ``report.json``, ``report.html``, ``report.md`` and ``report.xml``, each as a whole or not at all.

    Args:
        report: What to write.
        out: The run's folder, whose ``answers.jsonl`` has the samples.
        beside: Other systems' runs of the same suite, for columns of their own.

    Raises:
        DatasetError: The folder holds no run.
    """
    forms = {
        REPORT: json.dumps(report.to_json(), ensure_ascii=False) + "\n",
        PAGE: html(report, _cards(out), beside),
        MARKDOWN: markdown(report, _cards(out), beside),
        JUNIT: junit(report, _cards(out)),
    }
    for name, text in forms.items():
        write_atomically(out / name, text)


def _cards(out: Path) -> Iterator[Card]:
    """Read anew for each form: a run of thousands is never in memory as a whole."""
    return (card_of(record) for record in records(out))
