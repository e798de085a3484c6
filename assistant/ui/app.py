"""The web application: gradio's page, our own routes beside it, and the guard around both."""

from __future__ import annotations

import asyncio
from typing import Any

import gradio as gr
from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import ASGIApp

from assistant.ui.call_bodies import CallBodies
from assistant.ui.desk import Desk
from assistant.ui.door import Door
from assistant.ui.endpoints import steps_of
from assistant.ui.guard import Guard
from assistant.ui.leftovers import Leftovers
from assistant.ui.limits import MOST_WAITING, Limits
from assistant.ui.mcp_server import McpEndpoint
from assistant.ui.page import build, theme
from assistant.ui.password import Password
from assistant.ui.routes import add_routes
from assistant.ui.site import Site
from assistant.ui.tools import Tools


def build_app(desk: Desk, site: Site, password: Password | None = None) -> ASGIApp:
    """The guarded application, to be served at `site` and nowhere else; with a password, everything needs it."""
    app: ASGIApp = unguarded_app(desk, site.port, shared=password is not None)
    if password:
        app = Door(app, site, password)
    return Guard(Limits(app, site), site, leave=password is not None)


def unguarded_app(desk: Desk, port: int, *, shared: bool = False) -> FastAPI:
    """The application behind the guard: all of gradio's routes and ours. Never served as it is."""

    async def mounted() -> FastAPI:
        return _mounted(desk, port, shared)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        # Where no event loop runs, gradio makes one for each of its locks and never closes it.
        return asyncio.run(mounted())
    return _mounted(desk, port, shared)


def _mounted(desk: Desk, port: int, shared: bool) -> FastAPI:
    no_docs: dict[str, Any] = {"docs_url": None, "redoc_url": None, "openapi_url": None}
    tools = Tools(desk.assistant, desk.talk.one_at_a_time, hidden=desk.home if shared else None)
    mcp = McpEndpoint(tools)
    app = FastAPI(**no_docs, lifespan=mcp.running)
    blocks = build(desk.assistant, desk.talk, tools).queue(max_size=MOST_WAITING)
    leftovers = Leftovers(blocks._queue)
    app.add_middleware(CallBodies, tools=tools, steps=steps_of(blocks, tools), before=leftovers.drop)
    app.router.routes += [Route(path, mcp) for path in ("/gradio_api/mcp", "/gradio_api/mcp/")]
    add_routes(app, desk, shared=shared)
    gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        server_name="127.0.0.1",
        server_port=port,
        footer_links=[],
        run_history=False,
        app_kwargs=no_docs,
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        theme=theme(),
    )
    # Else gradio takes it for one that is being built, and each path that is sent to it for one that its author wrote.
    blocks.has_launched = True
    return app
