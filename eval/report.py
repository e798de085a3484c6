"""The report of a run, from its folder alone: figures by group and tag, the checker's own, gates, curves, times."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval import llm_judge, self_check
from eval.baseline import BASELINE
from eval.comparison import Row, row_of
from eval.gates import Gate, gates
from eval.latency import Latency
from eval.metrics.abstention import Bin, reliability, risk_coverage
from eval.metrics.registry import METRICS, Metric
from eval.run_folder import QUESTIONS, note_of, read_file, records
from eval.self_check import CheckerFigures
from eval.statistics import Figure, mean
from eval.tally import Tally
from ingest.errors import DatasetError

LATENCY = "latency.json"
REPORT = "report.json"


@dataclass(frozen=True)
class Report:
    """All that a report shows, but for the samples themselves, which ``answers.jsonl`` holds.

    Attributes:
        run: The folder's name.
        note: What it is a run of: ``run.json``.
        samples: How many questions were asked.
        drafts: How many of them nobody has looked at yet.
        failed: Questions that failed, and why.
        figures: One a metric, in the order of the metrics.
        tags: The same by tag; what is measured of a whole run has none.
        checker: The checker's own figures; None when nothing was planted.
        gates: What was demanded.
        risk_coverage: Pairs of coverage and risk.
        reliability: Confidence beside the share of right ones.
        latency: None when it was not measured.
        llm_judge: The share of claims that a language model finds borne out; None when none was asked. No gate.
    """

    run: str
    note: Mapping[str, Any]
    samples: int
    drafts: int
    failed: tuple[tuple[str, str], ...]
    figures: tuple[Figure, ...]
    tags: Mapping[str, tuple[Figure, ...]]
    checker: CheckerFigures | None
    gates: tuple[Gate, ...]
    risk_coverage: tuple[tuple[float, float], ...]
    reliability: tuple[Bin, ...]
    latency: Latency | None
    llm_judge: Figure | None

    @property
    def broken(self) -> list[Gate]:
        """The gates that do not hold."""
        return [gate for gate in self.gates if not gate.passed]

    @property
    def held(self) -> list[Gate]:
        """Those that do, and could have been broken."""
        return [gate for gate in self.gates if gate.passed and gate.decides]

    @property
    def undecided(self) -> list[Gate]:
        """Those that nothing measured here could have broken."""
        return [gate for gate in self.gates if gate.passed and not gate.decides]

    def figure(self, name: str, tag: str = "") -> Figure:
        """A metric's figure, whole or of a tag; without a value where it does not apply."""
        found = self.tags.get(tag, ()) if tag else self.figures
        return next((figure for figure in found if figure.name == name), Figure(name, 0, None, None, None))

    def groups(self) -> Iterator[tuple[str, list[tuple[Metric, Figure]]]]:
        """The figures that have a value, under their headings."""
        for group in dict.fromkeys(metric.group for metric in METRICS):
            here = [(m, f) for m in METRICS if m.group == group and (f := self.figure(m.name)).mean is not None]
            if here:
                yield group, here

    def to_json(self) -> dict[str, Any]:
        """The object that ``report.json`` holds."""
        broken = [f"{gate.name}: {gate.message}" for gate in self.broken]
        return {
            **asdict(self),
            "broken_gates": broken,
            "peer_p50_ms": self.latency.peer_p50_ms if self.latency else None,
        }


def read_report(out: Path, baseline: Path | None = None) -> Report:
    """The report of a run.

    Args:
        out: The run's folder.
        baseline: What it must not fall below: a run's folder, or a file that ``onrecord eval accept`` wrote; None for the one
            that the run's folder keeps, if any.

    Raises:
        DatasetError: The folder holds no run.
    """
    if baseline is None and (out / BASELINE).is_file():
        baseline = out / BASELINE
    tally, rows = Tally(), list[Row]()
    for record in records(out):
        tally.add(record)
        rows += [row_of(record, with_answer=False)] if baseline and "error" not in record else []
    checker, note = self_check.read(out), note_of(out)
    return Report(
        run=out.resolve().name,
        note=note,
        samples=tally.count,
        drafts=tally.drafts,
        failed=tuple(tally.failed),
        figures=tuple(tally.figures()),
        tags={tag: tuple(tally.figures(tag)) for tag in tally.tags},
        checker=checker,
        gates=tuple(gates(tally, checker, rows, baseline, note.get(QUESTIONS))),
        risk_coverage=tuple(risk_coverage(tally.decisions)),
        reliability=tuple(reliability(tally.decisions)),
        latency=_latency(out),
        llm_judge=_llm_judge(out),
    )


def read_beside(report: Report, other: Path) -> Report:
    """The report of another system's run, to stand beside one of the same suite.

    Raises:
        DatasetError: It is of another suite, or no run.
    """
    found = read_report(other)
    suites = [of.note.get("suite_sha256") for of in (report, found)]
    if suites[0] != suites[1]:
        raise DatasetError(
            f"{other} is a run of other questions or articles ({found.note.get('suite', 'unknown')}), so its figures cannot stand "
            "beside these; run both systems on one suite."
        )
    return found


def table(report: Report) -> str:
    """The figures as lines for a terminal."""
    return "\n".join((*_figures(report), *_tags(report), *_checker(report), *_times(report.latency)))


def checker_note(report: Report) -> str:
    """How far the checker can be trusted, to stand beside what it judged."""
    found = report.checker
    if found is None or found.balanced_accuracy is None:
        return "checker: not checked"
    return f"checker: balanced accuracy {found.balanced_accuracy:.3f} on {found.planted} planted claims"


def _figures(report: Report) -> Iterator[str]:
    yield f"{report.note.get('system', 'onrecord')} on {report.note.get('suite', report.run)}: {report.samples} questions"
    if report.drafts:
        yield f"{report.drafts} of them are drafts that nobody has corrected: delete the tag 'draft' where a sample is right"
    yield ""
    yield f"{'metric':<28}{'mean':>7}  {'95 % interval':<16}{'n':>6}"
    for _, found in report.groups():
        for metric, f in found:
            better = "  lower is better" if metric.lower_is_better else ""
            judged = f"  {checker_note(report)}" if metric.judged else ""
            yield f"{_line(f.name, f)}{better}{judged}"
    if report.llm_judge and report.llm_judge.mean is not None:
        yield f"{_line(report.llm_judge.name, report.llm_judge)}  no gate"


def _tags(report: Report) -> Iterator[str]:
    if report.tags:
        yield ""
        yield f"{'tag':<22}{'right':>16}{'evidence cited':>16}{'abstained':>16}"
    for tag in report.tags:
        shown = (report.figure(name, tag) for name in ("right", "evidence cited", "abstained when it should"))
        yield f"{tag:<22}" + "".join(f"{_short(figure):>16}" for figure in shown)


def _checker(report: Report) -> Iterator[str]:
    found = report.checker
    if found is None or not found.planted:
        return
    yield ""
    yield f"{'planted in right answers':<28}{'share':>7}  {'95 % interval':<16}{'n':>6}"
    for kind in found.kinds:
        yield _line(f"{kind.name} {'passed' if kind.harmless else 'caught'}", kind.figure)
    for figure in (found.caught, found.false_alarms):
        yield _line(figure.name, figure)


def _times(latency: Latency | None) -> Iterator[str]:
    if latency is None:
        return
    yield ""
    yield (
        f"answer, warm: p50 {latency.answer_p50_ms:.0f} ms, p95 {latency.answer_p95_ms:.0f} ms "
        f"(n {latency.n}, asked one at a time after the run)"
    )
    if latency.answer_p50_between and latency.answer_p95_between:
        (a, b), (c, d) = latency.answer_p50_between, latency.answer_p95_between
        yield f"95 % intervals: p50 {a:.0f}-{b:.0f} ms, p95 {c:.0f}-{d:.0f} ms"
    if latency.steps_p50_ms:
        steps = (f"{s} {ms:.0f} / {latency.steps_p95_ms.get(s, 0):.0f} ms" for s, ms in latency.steps_p50_ms.items())
        yield "steps, p50 / p95: " + ", ".join(steps)
    if latency.retrieval_p50_ms is None:
        return
    times = ""
    if latency.peer_p50_ms:
        ratio = latency.retrieval_p50_ms / latency.peer_p50_ms
        times = f", {ratio:.1f} x a plain llama-index retriever ({latency.peer_p50_ms:.0f} ms)"
    yield f"retrieval, warm: p50 {latency.retrieval_p50_ms:.0f} ms{times}"


def _line(name: str, found: Figure) -> str:
    return f"{name:<28}{found.mean or 0:>7.3f}  [{found.low or 0:.3f}, {found.high or 0:.3f}]  {found.n:>6}"


def _short(found: Figure) -> str:
    return f"{found.mean:.2f} (n {found.n})" if found.mean is not None else "-"


def _latency(out: Path) -> Latency | None:
    def of(found: dict[str, Any]) -> Latency:
        kept: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in found.items()}
        return Latency(**kept)

    return read_file(out / LATENCY, of)


def _llm_judge(out: Path) -> Figure | None:
    file = out / llm_judge.FILE
    if not file.is_file():
        return None
    values: Sequence[float] = [
        found["value"]
        for line in file.read_text(encoding="utf-8").splitlines()
        if (found := json.loads(line))["value"] is not None
    ]
    return mean("grounded, language model", values)
