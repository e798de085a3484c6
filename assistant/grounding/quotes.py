"""The quote layer: a sentence is quoted when its citations, sliced anew from the archive, spell it out."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.citations import look_up
from assistant.types import Citation, Reason, Verdict
from ingest.archive import Archive
from ingest.errors import CitationNotFound


def judge_quote(text: str, citations: Sequence[Citation], archive: Archive) -> tuple[Verdict, tuple[Reason, ...]]:
    """``quoted`` when some citation's address holds exactly `text`, else ``unsupported`` with what was found there.

    Args:
        text: A sentence of the answer.
        citations: Those it carries. Their `quote` is not believed: the address is looked up again.
        archive: Where to look.
    """
    reasons = []
    for cited in citations:
        try:
            words = look_up(archive, cited.id).quote
        except CitationNotFound as error:
            reasons.append(Reason("no_such_citation", text, str(error)))
            continue
        if words == text:
            return "quoted", ()
        reasons.append(Reason("altered", text, words))
    return "unsupported", tuple(reasons) or (Reason("no_citation", text, ""),)
