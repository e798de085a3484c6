"""The assistant's functions as named endpoints of gradio's API, for its clients and for plain HTTP."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

import gradio as gr

from assistant.ui.tools import Tool, Tools
from ingest.errors import OnRecordError


def register(tools: Tools) -> None:
    """Add every tool to the Blocks that are being built, as ``/gradio_api/call/<name>``."""
    for tool in tools.all:
        # No limit of gradio's: the tools queue by themselves, together with all that asks the same assistant.
        gr.api(  # type: ignore[attr-defined]  # in gradio's documentation, and not in its `__all__`
            _endpoint(tools, tool), api_description=_described(tool), concurrency_limit=None
        )


def steps_of(blocks: gr.Blocks, tools: Tools) -> dict[int, str | None]:
    """Of each function of the Blocks its number, and the name of the tool that it is; None for a step of the page itself."""
    names = {tool.name for tool in tools.all}
    return {
        number: function.api_name if function.api_name in names else None for number, function in blocks.fns.items()
    }


def _endpoint(tools: Tools, tool: Tool) -> Callable[..., dict[str, Any]]:
    parameters = inspect.signature(tool.run).parameters

    @wraps(tool.run)
    def endpoint(*values: Any) -> dict[str, Any]:
        try:
            # Each is JSON; `call_bodies` tells why.
            return tools.call(tool.name, dict(zip(parameters, map(json.loads, values), strict=True)))
        except OnRecordError as error:
            raise gr.Error(str(error), print_exception=False) from None

    return endpoint


def _described(tool: Tool) -> str:
    arguments = tool.input_schema["properties"]
    return "\n".join([tool.description, *(f"{name}: {known['description']}" for name, known in arguments.items())])
