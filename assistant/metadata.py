"""Questions about an article itself: answered from its record, or from the line of the text that states it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.overview import overview
from assistant.scope import allows
from assistant.types import Scope, Turn
from ingest.archive import Archive
from ingest.records import ArticleInfo

_IT = re.compile(r"\bit\b", re.IGNORECASE)
_THING = r"(?:this|it|(?:this|the|that|your) (?:news )?(?:article|text|piece|story|report|document|analysis|source|essay|post))"
_LISTED = 10
_FIELDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (field, re.compile(rf"^\W*(?:{pattern})\W*$", re.IGNORECASE))
    for field, pattern in (
        ("published",
         rf"when (?:was|is|did) {_THING}(?: first)?(?: get)? (?:published|written|dated|posted|released|come out|appear|printed|from)"
         rf"|(?:on )?(?:what|which) (?:day|date|year|month) (?:was|did|is) {_THING}"
         rf" (?:published|written|posted|printed|come out|appear|from)"
         rf"|(?:what is |what’s |what's )?the (?:publication )?date (?:of (?:publication of )?{_THING}|(?:it|this) was published)"
         rf"|how (?:old|recent) is {_THING}"),
        ("author",
         rf"who (?:wrote|authored|penned|published|is behind) {_THING}|who (?:is|was) {_THING} (?:written )?by"
         rf"|by whom (?:was|is) {_THING}(?: written)?|who(?: is|’s|'s| was) the (?:author|writer|journalist|reporter)(?: of {_THING})?"
         rf"|(?:what is |what’s |what's )?the (?:author|writer)(?:’s|'s)? name|(?:the )?author(?: of {_THING})?"),
        ("outlet",
         rf"(?:which|what) (?:newspaper|outlet|paper|magazine|site|website|publication|publisher|agency)"
         rf" (?:printed|published|ran|carried|wrote|is) {_THING}(?: from| in)?|where (?:was|did) {_THING} (?:published|printed|appear)"
         rf"|who (?:printed|ran) {_THING}|(?:in|by) (?:which|what) (?:newspaper|outlet|paper|magazine) (?:was|did) {_THING}"
         rf" (?:published|printed|appear)"),
        ("title", rf"(?:what is |what’s |what's )?the (?:title|headline|name) of {_THING}|what is {_THING} (?:called|titled|entitled)"),
        ("source", rf"(?:what is |what’s |what's )?the (?:source|url|link|address) of {_THING}|where is {_THING} from"),
    )
)  # fmt: skip


def asks_for(question: str, history: Sequence[Turn] = ()) -> str | None:
    """The field of metadata that a question asks for; None for a question about what the articles say.

    "It" is the article at the beginning of a conversation and after a question about the article; later it is whatever
    was spoken of last.
    """
    field = next((field for field, pattern in _FIELDS if pattern.match(question)), None)
    return None if field and history and _IT.search(question) and not speaks_of_article(history) else field


def speaks_of_article(history: Sequence[Turn]) -> bool:
    """Whether the last question was about an article itself, so that "it" is the article."""
    *before, last = history
    wanted = overview(last.question)
    if wanted:
        return not wanted.it or not before or speaks_of_article(before)
    return asks_for(last.question, before) is not None


def meant_articles(archive: Archive, scope: Scope | None, history: Sequence[Turn]) -> list[ArticleInfo]:
    """Which article "this article" is: that of the scope, else the one last cited, else all there are."""
    known = {info.article: info for info in archive.articles() if not scope or allows(scope, info)}
    if len(known) > 1:
        for turn in reversed(history):
            cited = turn.articles or _quoted_in(archive, turn.answer, list(known))
            found = [known[article] for article in cited if article in known]
            if found:
                return found[:1]
    return list(known.values())


def listed(meant: Sequence[ArticleInfo]) -> str:
    """What a reader is told when "this article" is none or several."""
    if not meant:
        return "There is no such article."
    shown = "; ".join(info.title or info.description or info.article for info in meant[:_LISTED])
    more = f"; and {len(meant) - _LISTED} more" if len(meant) > _LISTED else ""
    return f"Which article do you mean? There are {len(meant)}: {shown}{more}."


def _quoted_in(archive: Archive, answer: str, articles: Sequence[str]) -> list[str]:
    """The articles of whose sentences one stands word for word in an answer that came without its citations."""
    spoken = re.findall(r"[^\W_]+", answer.casefold())[:40]
    candidates = [number for number, _ in archive.lexical(spoken, 5)]
    found = []
    for passage in archive.passages("number", candidates):
        for sentence in archive.sentences([passage.number]):
            words = passage.text[sentence.start - passage.start : sentence.end - passage.start]
            if len(words) > 20 and words in answer and passage.article in articles:
                found.append(passage.article)
    return list(dict.fromkeys(found))
