"""A run as JUnit XML: a test case a gate and a test case a sample, for what shows tests."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from assistant.foreign_text import clean, one_line
from eval.report import Report
from eval.reporting.cards import Card
from eval.reporting.tables import suite_of, system_of

_MESSAGE = 300


def junit(report: Report, cards: Iterable[Card]) -> str:
    """The document: suites ``gates`` and ``samples``.

    What fails is what breaks a gate: a wrong answer is shown as skipped, with the reason, since a suite in which every answer is right
    measures nothing. A question that failed is an error.
    """
    root = ET.Element("testsuites", name=f"{system_of(report)} on {suite_of(report)}")
    gates = ET.SubElement(root, "testsuite", name="gates")
    for gate in report.gates:
        case = ET.SubElement(gates, "testcase", classname="gates", name=one_line(gate.name))
        if not gate.passed:
            _outcome(case, "failure", gate.message, gate.message)
        elif not gate.decides:
            _outcome(case, "skipped", f"nothing here could break it: {gate.message}")
    samples = ET.SubElement(root, "testsuite", name="samples")
    for card in cards:
        _sample(samples, card)
    for suite in (gates, samples):
        _count(suite)
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in (gates, samples))))
    ET.indent(root)
    return clean('<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n")


def _sample(suite: ET.Element, card: Card) -> None:
    case = ET.SubElement(suite, "testcase", classname="samples", name=one_line(card.qid))
    if card.state == "failed":
        _outcome(case, "error", card.why, card.why)
    elif card.state == "wrong":
        _outcome(case, "skipped", f"wrong: {card.why}")
        told = ET.SubElement(case, "system-out")
        told.text = f"question: {card.question}\nexpected: {card.expected}\nsaid: {card.answer}"
    elif card.state == "not scored":
        _outcome(case, "skipped", card.why)


def _outcome(case: ET.Element, kind: str, message: str, text: str | None = None) -> None:
    found = ET.SubElement(case, kind, message=one_line(message, _MESSAGE))
    found.text = text


def _count(suite: ET.Element) -> None:
    suite.set("tests", str(len(suite)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in suite)))
