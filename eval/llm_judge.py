"""A language model's word on each claim of a run's answers: one more column beside our judge's, and never a gate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.grounding.llm_support import LlmSupport
from eval.run_folder import records
from ingest.pipeline import Progress

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

FILE = "llm_judge.jsonl"


def ask_judge(llm: LLM, out: Path, progress: Progress) -> None:
    """Writes ``llm_judge.jsonl``: for each answer the share of its claims that the model finds stated by what they cite.

    It is asked Yes or No, and the likelier of the two counts (`assistant.grounding.llm_support`): no reply has to be parsed. An
    answer that claims nothing is unscored. What an interrupted run has asked is kept.

    Raises:
        ModelUnavailable: It cannot be reached, or its server gives no probabilities of words.
    """
    file, support = out / FILE, LlmSupport(llm)
    done = {json.loads(line)["qid"] for line in _whole_lines(file)}
    todo = [record for record in records(out) if "error" not in record and record["qid"] not in done]
    with file.open("a", encoding="utf-8") as to:
        for number, record in enumerate(todo, 1):
            value, reason = _score(support, record)
            to.write(json.dumps({"qid": record["qid"], "value": value, "reason": reason}, ensure_ascii=False) + "\n")
            to.flush()
            progress("answers judged by the language model", number, len(todo))


def _score(support: LlmSupport, record: dict[str, Any]) -> tuple[float | None, str]:
    claims = {claim["text"] for claim in record["claims"]}
    quotes = {cited["marker"]: cited["quote"] for cited in record["citations"]}
    pairs = [
        (sentence["text"], "\n\n".join(quotes[marker] for marker in sentence["citations"] if marker in quotes))
        for sentence in record["sentences"]
        if sentence["text"] in claims
    ]
    cited = [(text, evidence) for text, evidence in pairs if evidence]
    if not pairs:
        return None, "no claim"
    held = sum(bool(odds > 0) for odds in support.log_odds(cited)) if cited else 0
    return held / len(pairs), f"{held} of {len(pairs)}"


def _whole_lines(file: Path) -> list[str]:
    """The lines of an earlier run; half a line at the end is cut off."""
    if not file.is_file():
        return []
    text = file.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        file.write_text(whole, encoding="utf-8")
    return whole.splitlines()
