"""The page that asks for the password: plain HTML without a script, which posts to the address it stands at.

It has no address of its own, so there is nowhere to be sent back to: whoever opens `/?cite=...` logs in there and is there.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from html import escape
from pathlib import Path

from assistant.ui.document import ICON

_ASSETS = Path(__file__).parent / "assets"
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
{refresh}<title>onrecord</title>
<link rel="icon" href="{icon}">
<style>{style}</style>
</head>
<body>
<header class="masthead"><p class="name">onrecord</p><p class="promise">Every sentence opens the passage it stands on.</p></header>
<main>
{main}
</main>
</body>
</html>
"""
_FORM = """<h1>Please log in</h1>
<p class="why" id="why">The articles here are for people who know the password. Whoever runs this page can tell it to you.</p>
<form method="post">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus{fault}>
{said}<button>Log in</button>
</form>"""
_SAID = '<p class="said" id="said" role="alert">{words}</p>\n'
_ON_THE_WAY = '<p><a href="{where}">Go on to onrecord</a></p>'


def login_page(words: str = "") -> str:
    """The HTML of the login page.

    Args:
        words: What was wrong with the last try; empty at first.
    """
    said = _SAID.format(words=escape(words)) if words else ""
    fault = ' aria-invalid="true" aria-describedby="said"' if words else ' aria-describedby="why"'
    return _page(_FORM.format(fault=fault, said=said))


def once_more_page(where: str) -> str:
    """The HTML of a page that opens `where`, a path of ours, from here.

    A browser sends a `SameSite=Strict` cookie only where one of our own pages leads. A link in somebody's mail is followed
    without it, so whoever is logged in has to come by here.
    """
    refresh = f'<meta http-equiv="refresh" content="0; url={escape(where)}">\n'
    return _page(_ON_THE_WAY.format(where=escape(where)), refresh)


def policy() -> str:
    """The Content-Security-Policy of both pages: no script, nothing from elsewhere, our one style."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def _page(main: str, refresh: str = "") -> str:
    return _PAGE.format(refresh=refresh, icon=ICON, style=_style(), main=main)


@cache
def _style() -> str:
    # The page's own colours and fonts stand at the head of its style, before the first rule that is headed by a comment.
    palette, _, _ = (_ASSETS / "page.css").read_text(encoding="utf-8").partition("/* ----")
    return palette + (_ASSETS / "login.css").read_text(encoding="utf-8")
