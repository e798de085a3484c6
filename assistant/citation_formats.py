"""A citation as other programs take it: text, BibTeX, and CSL-JSON 1.0.2, which Zotero, Pandoc and others read."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from assistant.dates import spoken_date
from assistant.foreign_text import clean, one_line
from assistant.types import Cited

CitationFormat = Literal["text", "bibtex", "csl-json"]

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?![\d-])")
_BETWEEN_AUTHORS = re.compile(r"\s*(?:;|&|\band\b)\s*", re.IGNORECASE)
_GIVEN_FAMILY = re.compile(r"([^\W\d_][^\W\d_'’-]*(?: [^\W\d_]\.)*) ([^\W\d_][^\W\d_'’-]*(?:[-'’][^\W\d_]+)*)")
_TURNED = re.compile(
    r"([^\W\d_][^\W\d_'’-]*), ([^\W\d_]+(?: [^\W\d_]+)*"
    r" (?:al|bin|da|de|den|der|di|du|el|ibn|la|le|ul|ur|van|von|zu))"
)
_BREAK = re.compile("[\n\u2028\u2029]")
_SPACE_LOST = re.compile("(?:(?<= )|^) ")
_MARKUP = re.compile(r"<(?=/?(?:i|b|sup|sub|sc|span)\b)", re.IGNORECASE)
_NO_PERSON = frozenset(
    "agencies agency board bureau correspondent correspondents desk editor editorial editors media network news newsroom press"
    " report reporter reporters reuters service staff team times tribune watch wire writer writers".split()
)
_TEX = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", **{sign: f"\\{sign}" for sign in "%&#_$"},
}  # fmt: skip
"""Braces have names of their own: BibTeX counts them, also behind a backslash."""


def format_citation(cited: Cited, how: CitationFormat) -> str:
    """The citation in a format, without a line break at its end."""
    if how == "bibtex":
        return bibtex(cited)
    return reference(cited) if how == "text" else json.dumps([csl(cited)], ensure_ascii=False, indent=1)


def reference(cited: Cited) -> str:
    """One line for a footnote: author, title, outlet, date, the quote, the address, in which a line break is a space."""
    title = f"“{one_line(cited.title)}”" if cited.title else None
    known = [one_line(part) for part in (cited.author, title, cited.outlet, spoken_date(cited.published)) if part]
    return f"{', '.join(known) or 'Unknown author'}: “{one_line(cited.quote)}” [{_BREAK.sub(' ', clean(cited.id))}]"


def csl(cited: Cited) -> dict[str, Any]:
    """An item of CSL-JSON; the address is its `id` and its `note`. What is not known is left out.

    What a record says is text: the tags that citation processors take for italics and the like have another sign for their "<".
    """
    issued = _issued(cited.published)
    found = {
        "id": cited.id,
        "type": "article-newspaper" if cited.outlet else "article",
        "title": _unmarked(cited.title),
        "author": [{part: _unmarked(text) for part, text in _name(name).items()} for name in _authors(cited.author)],
        "container-title": _unmarked(cited.outlet),
        "issued": {"date-parts": [issued]} if issued else None,
        "URL": _url(cited.source),
        "note": cited.id,
    }
    return {name: value for name, value in found.items() if value}


def bibtex(cited: Cited) -> str:
    """An entry whose key is the same for the same address, with every sign that TeX or BibTeX acts on escaped."""
    issued = _issued(cited.published)
    names = [f"{_tex(n['family'])}, {_tex(n['given'])}" if "family" in n else f"{{{_tex(n['literal'])}}}"
             for n in map(_name, _authors(cited.author))]  # fmt: skip
    fields = {
        "author": " and ".join(names),
        "title": f"{{{_tex(cited.title)}}}" if cited.title else "",
        "journal": _tex(cited.outlet or ""),
        "year": str(issued[0]) if issued else "",
        "month": str(issued[1]) if len(issued) > 1 else "",
        "day": str(issued[2]) if len(issued) > 2 else "",
        "url": _url(cited.source) or "",
        "note": _tex_address(cited.id),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{'article' if cited.outlet else 'misc'}{{{_key(cited, issued)},", *lines, "}"])


def _authors(text: str | None) -> list[str]:
    """The names in a byline, each as it stands."""
    return [name for name in _BETWEEN_AUTHORS.split(one_line(text or "")) if name]


def _name(name: str) -> Mapping[str, str]:
    """Given and family name where it is sure which is which, in small letters but for the first; else the whole as it stands.

    They are where there are just these two, or one word before the comma and a particle at the end: "Rehman, Zia ur" is turned
    around, and of "Lill, Ana" nobody can tell whether it is that, or two names.
    """
    turned = _TURNED.fullmatch(name)
    if turned and name[0].isupper() and not _NO_PERSON & {word.casefold() for word in name.replace(",", " ").split()}:
        return {"family": turned[1], "given": turned[2]}
    found = _GIVEN_FAMILY.fullmatch(name)
    words = name.split()
    if not found or not all(word[0].isupper() for word in words) or _NO_PERSON & {word.casefold() for word in words}:
        return {"literal": name}
    if any(word.isupper() and not word.endswith(".") for word in words):
        return {"literal": name}
    return {"family": found[2], "given": found[1]}


def _issued(published: str | None) -> list[int]:
    """Year, month and day as far as they are stated; empty when there is no such date."""
    found = _DATE.match(published or "")
    if not found:
        return []
    parts = [int(part) for part in found.groups() if part]
    try:
        date(*parts, *[1] * (3 - len(parts)))
    except ValueError:
        return []
    return parts


def _url(source: str | None) -> str | None:
    """The source where it is an address of the web, with all that could end a field of BibTeX percent-encoded."""
    try:
        address = urlsplit(source or "")
    except ValueError:
        return None
    if address.scheme not in ("http", "https") or not address.netloc:
        return None
    return quote(clean(source or ""), safe="%/:?#[]@!$&'()*+,;=~-._")


def _tex(text: str) -> str:
    return "".join(_TEX.get(sign, sign) for sign in one_line(text))


def _tex_address(id: str) -> str:
    """An address, of which BibTeX must not take several spaces for one; a line break is a space."""
    return _SPACE_LOST.sub(r"\\ ", "".join(_TEX.get(sign, sign) for sign in _BREAK.sub(" ", clean(id))))


def _unmarked(text: str | None) -> str:
    return _MARKUP.sub("‹", one_line(text or ""))


def _key(cited: Cited, issued: list[int]) -> str:
    """Such as ``lill2021-1a2b3c4d``: letters and digits of ASCII, and a hash of the address."""
    first = (_authors(cited.author) or [cited.outlet or cited.article])[0]
    name = (first.partition(",")[0].split() or [""])[-1]
    plain = "".join(c for c in unicodedata.normalize("NFKD", name).casefold() if c.isascii() and c.isalnum())
    digest = hashlib.sha256(cited.id.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{plain or 'article'}{issued[0] if issued else ''}-{digest}"
