"""Results as people read them in a terminal."""

from __future__ import annotations

import sys
import textwrap
from collections import Counter
from typing import TYPE_CHECKING

import click

from assistant.citations import passage_address
from assistant.grounding.findings import SAID
from assistant.types import Answer, ArticleInfo, Citation, Cited, Reason
from ingest.report import IngestReport

if TYPE_CHECKING:
    from assistant.check import Checked
    from assistant.retrieval import Hit

_WIDTH = 96
_CONTROLS = dict.fromkeys(
    code
    for code in (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    if chr(code) not in "\n\t"
)


def plain(text: str) -> str:
    """A text from outside without the control characters that could steer a terminal."""
    return text.translate(_CONTROLS)


def show_answer(answer: Answer) -> str:
    """The answer, then its citations, or why there is none and what comes nearest."""
    lines = []
    if answer.standalone_question != answer.question:
        lines.append(click.style(f"Searched for: {plain(answer.standalone_question)}", dim=True))
    lines += [click.style(plain(note), dim=True) for note in answer.notes]
    if answer.abstained:
        lines.append(click.style(_HEADINGS[answer.outcome], bold=True))
        lines.append(plain(answer.reason or ""))
    if answer.citations:
        lines += ["", plain(answer.answer)]
    lines += [f"Not answered: {plain(part)}" for part in answer.missing]
    if answer.citations:
        lines += ["", *(_citation(cited) for cited in answer.citations)]
    elif answer.nearest:
        lines += [
            "",
            "Nearest passages:",
            *(f"{_citation(cited)}\n{_indented(cited.quote)}" for cited in answer.nearest),
        ]
    return "\n".join(lines).strip("\n")


_HEADINGS = {
    "false_premise": "The question takes something for granted.",
    "not_stated": "Not in the articles.",
    "nothing_found": "Nothing found.",
}


def _citation(cited: Citation) -> str:
    where = (
        ", ".join(plain(part) for part in (cited.author, cited.outlet, cited.published) if part)
        or "no author or date stated"
    )
    if cited.speaker:
        name = " ".join(cited.speaker.name.split())  # a hard-wrapped article breaks lines within names
        where += f"; said by {plain(name)}"
    return f"[{cited.marker}] {where}\n    {click.style(plain(cited.id), dim=True)}"


_COLOURS = {
    "quoted": "green", "supported": "cyan", "contradicted": "red", "unsupported": "yellow", "not_a_claim": "bright_black",
}  # fmt: skip


def show_checked(checked: Checked) -> str:
    """Each sentence with its verdict and what is wrong, then what was cited, then how many of each there are."""
    lines = []
    for sentence in checked.sentences:
        markers = "".join(f" [{marker}]" for marker in sentence.citations)
        colour = _COLOURS[sentence.verdict]
        verdict = click.style(f"{sentence.verdict.replace('_', ' '):<13}", fg=colour, bold=True)
        lines.append(f"{verdict}{click.style(plain(sentence.text), fg=colour)}{markers}")
        lines += [f"{'':<13}{_reason(reason)}" for reason in sentence.reasons]
    cited = [f"{_citation(c)}\n{_indented(c.quote)}" for c in checked.citations]
    counts = Counter(sentence.verdict.replace("_", " ") for sentence in checked.sentences)
    total = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    number = "1 sentence" if len(checked.sentences) == 1 else f"{len(checked.sentences)} sentences"
    return "\n".join([*lines, "", *cited, *([""] if cited else []), f"{number}: {total}"])


def _reason(reason: Reason) -> str:
    """What is wrong, in words: of which kind, what was said, what the evidence has."""
    said = SAID.get(reason.kind, reason.kind)
    words = f" “{plain(reason.claim)}”" if reason.claim and reason.kind not in _OF_THE_WHOLE else ""
    stated = f" — the articles: “{plain(reason.evidence)}”" if reason.evidence else ""
    if reason.kind == "no_such_citation":
        stated = f" ({plain(reason.evidence)})"
    return click.style(f"{reason.kind}:{words} {said}{stated}", dim=True)


_OF_THE_WHOLE = frozenset(("not_found", "marks", "miscited", "no_such_citation"))


def _indented(text: str) -> str:
    return textwrap.fill(plain(text), _WIDTH, initial_indent="    ", subsequent_indent="    ")


def show_cited(cited: Cited) -> str:
    """The quote in its context, the quote itself in bold or between marks, and what is known of the article."""
    known = " · ".join(
        plain(part) for part in (cited.title, cited.author, cited.outlet, cited.published, cited.source) if part
    )
    status = (
        "" if cited.status == "current" else click.style(f"\nThis version of the article is {cited.status}.", bold=True)
    )
    before, after = (
        ("…" if cited.before else "") + plain(cited.before),
        plain(cited.after) + ("…" if cited.after else ""),
    )
    quote = click.style(plain(cited.quote), bold=True) if sys.stdout.isatty() else f"»{plain(cited.quote)}«"
    return f"{known}{status}\n\n{before}{quote}{after}\n\n{plain(cited.id)}"


def show_hit(hit: Hit) -> str:
    """A passage and its address."""
    passage = hit.passage
    return f"{click.style(plain(passage_address(passage)), dim=True)}  {hit.score:.2f}\n{_indented(passage.text)}"


def show_article(info: ArticleInfo) -> str:
    """One line about an article."""
    name = info.title or info.description or "untitled"
    known = ", ".join(plain(part) for part in (info.author, info.outlet, info.published) if part)
    status = "" if info.status == "current" else f"  [{info.status}]"
    return f"{plain(info.article)}@{info.version}  {plain(name)}" + (f"  ({known})" if known else "") + status


def show_report(report: IngestReport) -> str:
    """What an ingest did, with a line for each failure and each note."""
    counts = (
        f"{report.added} added, {report.updated} updated, {report.unchanged} unchanged, {len(report.failed)} failed"
    )
    failures = "".join(f"\n  {plain(failure.reason)}" for failure in report.failed)
    notes = "".join(f"\n{plain(note)}" for note in report.notes)
    return f"{counts}; {report.passages} passages in the archive{failures}{notes}"
