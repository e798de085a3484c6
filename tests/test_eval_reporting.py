"""The forms of a report: nothing that others wrote becomes markup, and each form can be read by what reads it."""

from __future__ import annotations

import base64
import hashlib
import json
import warnings
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import sync_playwright

from assistant.foreign_text import clean, escaped, one_line
from assistant.writing import write_atomically
from eval.gates import Gate
from eval.latency import Latency
from eval.report import Report, read_report
from eval.reporting import html as page
from eval.reporting.cards import Card, card_of, choose
from eval.reporting.junit import junit
from eval.reporting.markdown import markdown
from eval.reporting.plots import all_plots
from eval.reporting.tables import names
from eval.reporting.text import apart
from eval.reporting.write import write_report
from eval.self_check import CheckerFigures, KindFigure, WronglyJudged
from eval.self_check import write as write_checker
from eval.statistics import share

CHROMIUM = Path("/usr/bin/chromium")
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=http://evil.example/x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "]]></failure><x/>",
    "{{ 7 * 7 }}{% raw %}",
    "</style></textarea></title>",
    "null \x00 bell \x07 escape \x1b end",
    "lone \ud800 surrogate \udfff",
    "$\\frac{1}{2}$ | cell\nnext | <!-- --> `code` [a](javascript:b)",
    "\u202eright to left\u202c اردو 中文",
)
EVIL = " ".join(HOSTILE)
GOLD = {"doc_id": "paper", "start": 10, "end": 20, "text": "2,640 km long"}


def cited(marker: int, start: int, quote: str = "The border is 2,640 km long.") -> dict[str, Any]:
    return {
        "marker": marker, "id": f"paper@1:{start}", "article": "paper", "title": "A title", "author": None, "outlet": None,
        "published": "2024-04-23", "start": start, "end": start + 10, "quote": quote, "speaker": None, "score": 0.9,
    }  # fmt: skip


def record(qid: str, right: float | None, **given: Any) -> dict[str, Any]:
    text = "The border is 2,640 km long."
    found = {
        "qid": qid,
        "question": f"How long is {qid}?",
        "standalone_question": f"How long is {qid}?",
        "outcome": "answered",
        "abstained": False,
        "answer": f"{text} [1]",
        "confidence": 0.75,
        "sentences": [{"text": text, "start": 0, "end": 28, "verdict": "quoted", "citations": [1], "reasons": []}],
        "citations": [cited(1, 12 if right else 50)],
        "nearest": [],
        "timings_ms": {"search": 1.0, "total": 2.0},
        "missing": [],
        "notes": [],
        "retrieved": [{"article": "paper", "start": 40, "end": 70, "score": 1.0}, GOLD | {"article": "paper", "score": 0.5}],
        "tags": ["fact"],
        "sample": {"answerable": True, "answers": ["2,640 km"], "evidence": [GOLD]},
        "claims": [{"text": text, "cited": "quoted", "found": "quoted", "useful": [True]}],
        "scores": {
            "right": {"value": right, "reason": "[1]" if right else "none of the best citations is gold"},
            "right if answered": {"value": right, "reason": "so"},
            "grounded": {"value": 1.0, "reason": "1 of 1"},
            "unsupported sentence": {"value": 0.0, "reason": "all are borne out"},
            "token F1": {"value": None, "reason": "no gold answer"},
        },
    }  # fmt: skip
    return found | given


ABSTAINED = {
    "abstained": True,
    "outcome": "not_stated",
    "answer": "Not stated.",
    "sentences": [],
    "citations": [],
    "claims": [],
}
CHECKER = CheckerFigures(
    planted=5,
    balanced_accuracy=0.75,
    caught=share("planted errors caught", 3, 2),
    false_alarms=share("false alarms", 2, 0),
    kinds=(KindFigure("number", False, share("number", 3, 2)), KindFigure("case", True, share("case", 2, 2))),
    wrong=(WronglyJudged("number", "It is 2,640 km long.", "It is 2,460 km long.", "supported"),),
    not_planted=("date", "word_changed"),
)
TIMES = Latency(
    3, 20.0, 30.0, 4.0, 5.0, {"search": 4.0, "read": 15.0}, {"search": 6.0, "read": 24.0}, (10.0, 20.0, 300.0)
)
RECORDS = (
    record("good", 1.0),
    record("bad", 0.0, tags=["fact", "number"]),
    record("shy", 0.0, nearest=[cited(1, 12)], **ABSTAINED),
    record("unknown", None, sample={}),
    record("hopeless", 1.0, sample={"answerable": False}, **ABSTAINED),
    {"qid": "broken", "error": "ModelUnavailable: no weights"},
)


def a_run(out: Path, *records: Mapping[str, Any], checker: CheckerFigures | None = CHECKER, times: bool = True) -> Path:
    out.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(found) + "\n" for found in records or RECORDS]
    (out / "answers.jsonl").write_text("".join(lines), encoding="utf-8")
    (out / "run.json").write_text(json.dumps({"suite": "small", "system": "onrecord"}), encoding="utf-8")
    if checker:
        write_checker(checker, out)
    if times:
        (out / "latency.json").write_text(json.dumps(TIMES.__dict__), encoding="utf-8")
    return out


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return a_run(tmp_path / "run")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder with its report."""
    out = a_run(tmp_path_factory.mktemp("written"))
    write_report(read_report(out), out)
    return out


class Page(HTMLParser):
    """What a browser would make of a page, as far as it could run or load something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text: list[str] = []
        self._in = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in = tag

    def handle_data(self, data: str) -> None:
        (self.scripts if self._in == "script" else self.text).append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in = ""

    def attributes(self, name: str) -> list[str]:
        return [attrs[name] or "" for _, attrs in self.tags if name in attrs]


def html_of(run: Path, beside: tuple[Report, ...] = ()) -> str:
    write_report(read_report(run), run, beside)
    return (run / "report.html").read_text(encoding="utf-8")


def cards() -> list[Card]:
    return [card_of(found) for found in RECORDS]


def hostile(number: int) -> dict[str, Any]:
    return record(
        f"q{number} {EVIL}",
        float(number % 2),
        question=EVIL,
        standalone_question=f"again {EVIL}",
        outcome="answered",
        answer=f"{EVIL} [1]",
        sentences=[{"text": EVIL, "start": 0, "end": len(EVIL), "verdict": EVIL, "citations": [1],
                    "reasons": [{"kind": EVIL, "claim": EVIL, "evidence": EVIL}]}],
        citations=[cited(1, 12, EVIL) | {"title": EVIL, "author": EVIL, "speaker": {"name": EVIL}, "article": EVIL}],
        notes=[EVIL],
        missing=[EVIL],
        retrieved=[{"article": EVIL, "start": 1, "end": 2, "score": 1.0}],
        tags=[EVIL, *HOSTILE],
        sample={"answerable": True, "answers": [EVIL], "speaker": EVIL, "history": [{"q": EVIL, "a": EVIL}],
                "evidence": [{"doc_id": EVIL, "start": 1, "end": 5, "text": EVIL}]},
    )  # fmt: skip


@pytest.fixture(scope="module")
def hostile_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same where everything that others write is hostile; a system of such a name stands beside it."""
    wrong = replace(CHECKER, wrong=(WronglyJudged(HOSTILE[0], HOSTILE[1], clean(EVIL), HOSTILE[2]),))
    out = a_run(tmp_path_factory.mktemp("hostile"), hostile(0), hostile(1), {"qid": EVIL, "error": EVIL}, checker=wrong)
    (out / "run.json").write_text(json.dumps({"suite": EVIL, "system": EVIL, EVIL: EVIL}), encoding="utf-8")
    report = read_report(out)
    write_report(report, out, [replace(report, note={"system": f"{EVIL} peer"})])
    return out


def test_all_four_forms_are_written_and_nothing_else(run: Path) -> None:
    before = {file.name for file in run.iterdir()}
    write_report(read_report(run), run)
    assert {file.name for file in run.iterdir()} - before == {"report.json", "report.html", "report.md", "report.xml"}
    assert json.loads((run / "report.json").read_text(encoding="utf-8"))["samples"] == 6


@pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no browser")
def test_in_a_browser_the_page_asks_for_nothing_and_its_filter_works(hostile_run: Path) -> None:
    told: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page(viewport={"width": 400, "height": 800})
        tab.on("request", lambda request: told.append(request.url))
        tab.on("dialog", lambda dialog: told.append(dialog.message))
        tab.on("console", lambda message: told.append(message.text))
        tab.on("pageerror", lambda error: told.append(str(error)))
        address = (hostile_run / "report.html").as_uri()
        tab.goto(address)
        tab.check("#wrong-only")
        assert tab.inner_text("#count") == "2 of 3 shown"
        tab.select_option("#tag", HOSTILE[0])
        assert tab.inner_text("#count") == "1 of 3 shown"
        tab.fill("#words", "no such words")
        assert tab.inner_text("#count") == "0 of 3 shown"
        assert tab.evaluate("document.documentElement.scrollWidth") <= 400
        assert not tab.evaluate("[...document.images].filter((image) => !image.naturalWidth).length")
        browser.close()
    assert [one for one in told if not one.startswith("data:image/svg+xml;base64,")] == [address]


def test_the_same_report_twice_is_the_same_bytes(run: Path) -> None:
    forms = ("report.json", "report.html", "report.md", "report.xml")
    report = read_report(run)
    write_report(report, run)
    first = [(run / name).read_bytes() for name in forms]
    write_report(report, run)
    assert [(run / name).read_bytes() for name in forms] == first


def test_what_others_wrote_never_becomes_markup(hostile_run: Path) -> None:
    found = Page((hostile_run / "report.html").read_text(encoding="utf-8"))
    assert len(found.scripts) == 1
    assert sum(tag == "script" for tag, _ in found.tags) == 1
    assert {tag for tag, _ in found.tags}.isdisjoint({"svg", "iframe", "object", "embed", "link", "x", "base"})
    assert not [name for _, attrs in found.tags for name in attrs if name.startswith("on")]
    assert all(address.startswith(("data:image/svg+xml;base64,", "#")) for address in addresses(found))
    assert "<script>alert(1)</script>" in "".join(found.text)
    assert "{{ 7 * 7 }}{% raw %}" in "".join(found.text)


def addresses(found: Page) -> list[str]:
    return [one for name in ("src", "href", "action", "srcset", "data", "poster") for one in found.attributes(name)]


def test_the_page_loads_nothing_and_allows_nothing_but_its_own_script(written: Path) -> None:
    text = (written / "report.html").read_text(encoding="utf-8")
    found = Page(text)
    assert "http://" not in text
    assert "https://" not in text
    assert "@import" not in text
    assert "url(" not in text
    assert all(address.startswith(("data:", "#")) for address in addresses(found))
    policy = next(attrs["content"] or "" for tag, attrs in found.tags if attrs.get("http-equiv"))
    assert "default-src 'none'" in policy
    digest = base64.b64encode(hashlib.sha256(found.scripts[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2]
    assert all(attrs.get("alt") for tag, attrs in found.tags if tag == "img")


def test_every_anchor_leads_somewhere(written: Path) -> None:
    found = Page((written / "report.html").read_text(encoding="utf-8"))
    ids = found.attributes("id")
    assert len(ids) == len(set(ids))
    assert {address[1:] for address in found.attributes("href")} <= set(ids)


def test_the_page_shows_failures_first_and_open(written: Path) -> None:
    found = Page((written / "report.html").read_text(encoding="utf-8"))
    shown = [attrs for tag, attrs in found.tags if attrs.get("class") == "sample"]
    assert [attrs["data-state"] for attrs in shown] == ["failed", "wrong", "wrong", "not scored", "right", "right"]
    assert ["open" in attrs for attrs in shown] == [True, True, True, False, False, False]


def test_broken_gates_and_drafts_stand_at_the_top(tmp_path: Path) -> None:
    run = a_run(tmp_path / "r", record("a", 1.0, tags=["draft"]), record("b", 1.0))
    report = replace(read_report(run), gates=(Gate("fine", True, "holds"), Gate("quotes exact", False, "0.5: a")))
    write_report(report, run)
    top = (run / "report.html").read_text(encoding="utf-8").partition("<main>")[0]
    assert "1 of 2 gates broken" in top
    assert top.index("quotes exact") < top.index("fine")
    assert "1 of 2 questions is a draft" in top


def test_judged_figures_have_the_checkers_accuracy_beside_them(written: Path) -> None:
    text = (written / "report.html").read_text(encoding="utf-8")
    row = text[text.index("<summary>grounded</summary>") :].partition("</tr>")[0]
    assert "judged; checker: balanced accuracy 0.750 on 5 planted claims" in row
    assert "gate: must be 1" in row
    assert "lower is better" in text[text.index("<summary>unsupported sentence</summary>") :].partition("</tr>")[0]


def test_other_systems_get_columns_of_their_own(run: Path) -> None:
    report = read_report(run)
    peer = replace(report, run="peer-run", note={"system": "plain"}, checker=None, figures=(share("right", 10, 3),))
    text = html_of(run, (peer, peer))
    assert names(report, [peer, peer]) == ["plain (peer-run)", "plain (peer-run)"]
    assert names(report, [peer]) == ["plain"]
    row = text[text.index("<summary>right</summary>") :].partition("</tr>")[0]
    assert row.count("0.300") == 2
    assert "checker: not checked" in text
    assert "| plain |" in markdown(report, cards(), [peer])


def test_of_a_large_run_the_wrong_samples_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MOST_SAMPLES", 3)
    run = a_run(tmp_path / "r", *(record(f"q{n}", float(n != 7)) for n in range(10)))
    text = html_of(run)
    assert Page(text).attributes("data-state") == ["wrong", "right", "right"]
    assert "3 samples are shown, failed and wrong ones first; 7 are left out" in text


def test_chosen_cards_are_in_the_order_of_the_run() -> None:
    chosen, left_out = choose(cards(), 4)
    assert [card.qid for card in chosen] == ["broken", "bad", "shy", "unknown"]
    assert left_out == 2


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (0, "Gold evidence is cited: [1]."),
        (1, "It answered from other sentences than the gold evidence. The gold evidence was in passage 2."),
        (
            2,
            "It abstained from what the articles answer. The gold evidence was shown as nearest [1], and in passage 2.",
        ),
        (3, "Not scored: none of the best citations is gold."),
        (4, "It abstained, as it should (not stated)."),
        (5, "ModelUnavailable: no weights"),
    ],
)
def test_a_card_says_what_happened(number: int, why: str) -> None:
    assert card_of(RECORDS[number]).why == why


def test_other_kinds_of_wrong_are_told_apart() -> None:
    hopeless = card_of(record("a", 0.0, sample={"answerable": False}))
    assert hopeless.why == "It answered what the articles do not say."
    assert hopeless.expected == "an abstention: the articles do not say"
    late = card_of(record("b", 0.0, citations=[cited(1, 50), cited(2, 60), cited(3, 12)]))
    assert late.why == "Gold evidence is cited, but not by one of the two best citations."
    assert [source.gold for source in late.cited] == [False, False, True]
    nowhere = card_of(record("c", 0.0, retrieved=[]))
    assert nowhere.why.endswith("The gold evidence was in no passage that was found.")


def test_an_answer_is_shown_in_its_pieces() -> None:
    text = "The border is 2,640 km long."
    whole = f"Two things. {text} [1] And: {text} [1]\n\nThe end."
    at = [whole.index(text), whole.rindex(text)]
    sentences = [
        {"text": text, "start": s, "end": s + 28, "verdict": "supported", "citations": [1], "reasons": []} for s in at
    ]
    claims = [{"text": text, "cited": "unsupported", "found": "supported", "useful": []}]
    said = card_of(record("a", 1.0, answer=whole, sentences=sentences, claims=claims)).said
    assert [piece.text for piece in said] == ["Two things.", text, "And:", text, "The end."]
    assert said[1].bad
    assert said[1].again == "by its citations unsupported, by all that was found supported"


def test_junit_counts_gates_and_samples(written: Path) -> None:
    root = ET.parse(written / "report.xml").getroot()
    gates, samples = root
    assert (gates.get("name"), samples.get("name")) == ("gates", "samples")
    counted = {name: samples.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counted == {"tests": "6", "failures": "0", "errors": "1", "skipped": "3"}
    assert int(gates.get("failures", "")) == len(read_report(written).broken) > 0
    assert int(root.get("tests", "")) == 6 + len(read_report(written).gates)
    wrong = samples.find("testcase[@name='bad']/skipped")
    assert wrong is not None
    assert wrong.get("message", "").startswith("wrong: ")
    told = samples.find("testcase[@name='bad']/system-out")
    assert told is not None
    assert "expected: 2,640 km" in (told.text or "")
    assert "said: The border is" in (told.text or "")


def test_junit_of_anything_can_be_parsed(hostile_run: Path) -> None:
    root = ET.parse(hostile_run / "report.xml").getroot()
    assert {element.tag for element in root.iter()} <= {
        "testsuites",
        "testsuite",
        "testcase",
        "system-out",
        "failure",
        "error",
        "skipped",
    }
    assert root.get("errors") == "1"
    assert "<script>alert(1)</script>" in (root.findtext(".//error") or "")


def test_markdown_cells_hold_whatever_is_put_in_them(hostile_run: Path) -> None:
    report = read_report(hostile_run)
    text = markdown(report, [card_of(hostile(0))], [replace(report, note={"system": EVIL})])
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    inline = [child for token in tokens for child in token.children or ()]
    assert not [
        token for token in (*tokens, *inline) if token.type in ("html_block", "html_inline", "link_open", "image")
    ]
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in tables if "lower" in line} == {6}
    assert "\x00" not in text


def test_markdown_lists_what_went_wrong_and_the_figures(run: Path) -> None:
    text = markdown(read_report(run), cards())
    assert "## Wrong or failed: 3" in text
    assert "ModelUnavailable: no weights" in text
    assert "| right | 0.500 |" in text
    assert "judged; checker: balanced accuracy 0.750 on 5 planted claims" in text
    assert "No place was found for: date, word&#95;changed." in text


def test_a_cell_has_no_pipe_newline_or_tag() -> None:
    assert escaped("a | b\n<i>") == "a &#124; b &#60;i&#62;"


def test_plots_are_drawn_of_a_whole_run(run: Path) -> None:
    found = all_plots(read_report(run))
    assert len(found) == 5
    for plot in found:
        assert plot.svg
        assert plot.alt
        ET.fromstring(plot.svg)
    assert found == all_plots(read_report(run))
    assert "AURC, is" in found[1].sentence


def test_plots_of_hostile_tags_are_svg_and_warn_of_nothing(hostile_run: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = all_plots(read_report(hostile_run))
    root = ET.fromstring(clean(found[0].svg or ""))
    assert {element.tag.partition("}")[2] for element in root.iter()}.isdisjoint(
        {"script", "img", "image", "foreignObject"}
    )


def test_a_plot_without_data_says_why(tmp_path: Path) -> None:
    run = a_run(tmp_path / "r", record("a", None, sample={}), checker=None, times=False)
    found = all_plots(read_report(run))
    assert [plot.svg for plot in found] == [None] * 5
    assert all(plot.sentence.endswith(".") and not plot.alt for plot in found)
    text = html_of(run)
    assert "Times were not measured in this run." in text
    assert "Nothing was planted" in text
    assert not Page(text).attributes("src")


def test_drawing_changes_no_setting_of_matplotlib(run: Path) -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    all_plots(read_report(run))
    assert dict(matplotlib.rcParams) == before


def test_only_what_differs_is_marked() -> None:
    original, claim = apart("It is 2,640 km long.", "It is 2,460 km long.")
    assert [text for text, differs in original if differs] == ["2,640"]
    assert [text for text, differs in claim if differs] == ["2,460"]
    assert "".join(text for text, _ in claim) == "It is 2,460 km long."


def test_text_is_made_fit() -> None:
    assert clean("a\x00b\ud800c\r\nd\te") == "a\ufffdb\ufffdc\nd\te"
    assert one_line(" a\n b ") == "a b"
    assert one_line("abcdef", 4) == "abc…"


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report.md"
    write_atomically(file, "old")

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(file, "new")
    assert file.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_an_empty_run_still_has_its_forms() -> None:
    report = Report("r", {}, 0, 0, (), (), {}, None, (), (), (), None, None)
    text = page.html(report, [])
    assert "Nothing was demanded of this run" in text
    assert ET.fromstring(junit(report, []).partition("\n")[2]).get("tests") == "0"
    assert "None." in markdown(report, [])
