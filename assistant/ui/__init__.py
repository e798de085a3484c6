"""The chat page: `serve` listens, on this machine unless told otherwise, and answers in a browser.

Importing this package costs nothing; gradio is imported when `serve` is called.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.ui.answering import Answering
    from assistant.ui.reach import Reach
    from ingest.settings import IngestSettings

__all__ = ["serve"]


def serve(
    assistant: Answering, home: Path, settings: IngestSettings, port: int | None, on_ready: Callable[[str], None],
    reach: Reach | None = None,
) -> None:  # fmt: skip
    """Serve the chat until SIGINT or SIGTERM; see `assistant.ui.server.serve`."""
    # Late, because gradio takes seconds to import and most verbs never show a page.
    from assistant.ui import server

    server.serve(assistant, home, settings, port, on_ready, reach)
