"""A report as one page of HTML that asks nobody for anything: no network, no other file, one script of its own."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from assistant.foreign_text import clean, one_line
from eval.report import Report, checker_note
from eval.reporting import tables
from eval.reporting.cards import Card, choose
from eval.reporting.plots import Plot, all_plots
from eval.reporting.text import Pieces, apart
from eval.self_check import WronglyJudged
from eval.statistics import Figure

MOST_SAMPLES = 500
"""Samples that the page shows, so that a browser stays quick; ``answers.jsonl`` has all."""
MOST_OPEN = 25
"""Wrong samples that are open at first."""


@dataclass(frozen=True)
class Misjudged:
    """A planted claim that was judged wrongly, beside its original, with what differs marked."""

    kind: str
    verdict: str
    original: Pieces
    claim: Pieces


def html(report: Report, cards: Iterable[Card], beside: Sequence[Report] = ()) -> str:
    """The page; of a large run it has `MOST_SAMPLES` samples, the wrong ones first."""
    shown, left_out = choose(cards, MOST_SAMPLES)
    names = tables.names(report, beside)
    page = _environment().get_template("report.html.j2").render(
        report=report,
        system=tables.system_of(report),
        suite=tables.suite_of(report),
        checker_note=checker_note(report),
        headline=tables.headline(report),
        groups=list(tables.groups(report, beside)),
        peers=list(zip(names, map(checker_note, beside), strict=True)),
        tag_head=tables.BY_TAG,
        tag_rows=tables.by_tag(report, beside),
        plots=dict(zip(("tags", "risk", "reliability", "latency", "planted"), all_plots(report), strict=True)),
        misjudged=[_misjudged(wrong) for wrong in (report.checker.wrong if report.checker else ())],
        cards=shown,
        card_tags=sorted({one_line(tag) for card in shown for tag in card.tags}),
        most_open=MOST_OPEN,
        left_out=left_out,
        note=json.dumps(report.note, indent=1, ensure_ascii=False),
        **_own(),
    )  # fmt: skip
    return clean(page)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("eval.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "number": tables.number,
        "interval": tables.interval,
        "one_line": one_line,
        "data_uri": data_uri,
        "percent": _percent,
        "range_of": _range,
    }
    return environment


@cache
def _own() -> dict[str, Any]:
    """Our own style and script, and the script's hash, by which the page's policy knows it."""
    environment = _environment()
    if environment.loader is None:
        raise RuntimeError("the report's templates are not there")
    css, js = (clean(environment.loader.get_source(environment, f"report.{kind}")[0]) for kind in ("css", "js"))
    digest = base64.b64encode(hashlib.sha256(js.encode()).digest()).decode()
    return {"css": Markup(css), "js": Markup(js), "js_hash": f"sha256-{digest}"}


def data_uri(plot: Plot) -> str:
    """The picture as an address of its own: in an ``<img>`` nothing in it can run or load."""
    return "data:image/svg+xml;base64," + base64.b64encode(clean(plot.svg or "").encode()).decode()


def _percent(value: float | None) -> str:
    """A share as a length of CSS, within its bar."""
    return f"{100 * min(1.0, max(0.0, value or 0.0)):.1f}%"


def _range(figure: Figure) -> str:
    """From where to where the bar of an interval goes, as CSS; it is never too thin to be seen."""
    low, high = (min(1.0, max(0.0, end or 0.0)) for end in (figure.low, figure.high))
    return f"left:{100 * low:.1f}%;width:{max(0.8, 100 * (high - low)):.1f}%"


def _misjudged(wrong: WronglyJudged) -> Misjudged:
    original, claim = apart(wrong.original, wrong.claim)
    return Misjudged(wrong.kind.replace("_", " "), wrong.verdict.replace("_", " "), original, claim)
