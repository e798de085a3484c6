"""The chat page: `serve` listens on this machine and answers in a browser.

Importing this package costs nothing; gradio is imported when `serve` is called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.ui.answering import Answering

__all__ = ["serve"]


def serve(assistant: Answering, port: int | None, on_ready: Callable[[str], None]) -> None:
    """Serve the chat until SIGINT or SIGTERM; see `assistant.ui.server.serve`."""
    # Late, because gradio takes seconds to import and most verbs never show a page.
    from assistant.ui import server

    server.serve(assistant, port, on_ready)
