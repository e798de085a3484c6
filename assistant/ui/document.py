"""The one HTML document of the page: gradio's, without what it says about other hosts, and with our own files."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

# Link previews, the web-app manifest, and a <base> that only repeats the default: nothing of it is for this page,
# and some of it names other hosts.
_UNWANTED = re.compile(
    r"<meta\s[^>]*(?:og:|twitter:)[^>]*>|<base\s[^>]*>|<link\s[^>]*rel=\"(?:manifest|canonical|preconnect)\"[^>]*>",
    re.IGNORECASE,
)
# The helper for pages inside a foreign frame; this page refuses to be framed.
_IFRAME_HELPER = re.compile(r"<script>(?:(?!</script>).)*iframeResizer\.contentWindow.*?</script>", re.DOTALL)
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' "
    "rx='6' fill='%23234e82'/%3E%3Ctext x='16' y='23' font-family='serif' font-size='20' fill='white' "
    "text-anchor='middle'%3E1%3C/text%3E%3C/svg%3E"
)
_OURS = (
    f'<link rel="icon" href="{ICON}"><meta name="color-scheme" content="light dark">'
    '<link rel="stylesheet" href="/onrecord/assets/page.css">'
    '<script type="module" src="/onrecord/assets/page.js"></script></head>'
)
# Beside gradio's part of the document, so that it works while that is being built, and without a script.
_LEAVE = '<form id="leave" method="post" action="/onrecord/logout"><button>Log out</button></form></body>'


def rewrite(html: str, *, leave: bool = False) -> str:
    """Gradio's index page as we serve it; with a button to log out if one can `leave`."""
    html = _IFRAME_HELPER.sub("", _UNWANTED.sub("", html)).replace("</head>", _OURS, 1)
    return html.replace("</body>", _LEAVE, 1) if leave else html


def script_hashes(html: str) -> list[str]:
    """A Content-Security-Policy source, ``'sha256-...'``, for each inline script, so that no other one may run."""
    reader = _InlineScripts()
    reader.feed(html)
    reader.close()
    digests = (hashlib.sha256(script.encode()).digest() for script in reader.scripts)
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


class _InlineScripts(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.scripts: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script" and "src" not in dict(attrs)
        if self._inside:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts[-1] += data
