"""The web application: gradio's page, our own routes beside it, and the guard around both."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI, HTTPException, Response
from starlette.types import ASGIApp

from assistant.ui.answering import Answering
from assistant.ui.guard import Guard
from assistant.ui.page import build, theme
from assistant.ui.talk import Talk
from ingest.errors import CitationNotFound, OnRecordError

_ASSETS = {"page.js": "text/javascript; charset=utf-8", "page.css": "text/css; charset=utf-8"}
_ON_THE_SHELF = ("article", "version", "title", "author", "outlet", "published", "description")


def build_app(assistant: Answering, talk: Talk, port: int) -> ASGIApp:
    """The guarded application, to be served on 127.0.0.1 at `port` and nowhere else."""
    return Guard(unguarded_app(assistant, talk, port), port)


def unguarded_app(assistant: Answering, talk: Talk, port: int) -> FastAPI:
    """The application behind the guard: all of gradio's routes and ours. Never served as it is."""

    async def mounted() -> FastAPI:
        return _mounted(assistant, talk, port)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        # Where no event loop runs, gradio makes one for each of its locks and never closes it.
        return asyncio.run(mounted())
    return _mounted(assistant, talk, port)


def _mounted(assistant: Answering, talk: Talk, port: int) -> FastAPI:
    no_docs: dict[str, Any] = {"docs_url": None, "redoc_url": None, "openapi_url": None}
    app = FastAPI(**no_docs)
    _add_routes(app, assistant)
    gr.mount_gradio_app(
        app,
        build(assistant, talk),
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
    return app


def _add_routes(app: FastAPI, assistant: Answering) -> None:
    # Plain functions, so that FastAPI runs them in a thread: the archive must not hold up the event loop.
    @app.get("/onrecord/articles")
    def articles() -> Response:
        try:
            found = [asdict(info) for info in assistant.articles()]
        except OnRecordError as error:
            return _json({"message": str(error)}, 503)
        return _json([{key: info[key] for key in _ON_THE_SHELF} for info in found])

    @app.get("/onrecord/source")
    def source(article: str, version: str | None = None) -> Response:
        try:
            return _json(asdict(assistant.source(article, version)))
        except CitationNotFound as error:
            return _json({"message": str(error)}, 404)
        except OnRecordError as error:
            return _json({"message": str(error)}, 503)

    @app.get("/onrecord/assets/{name}")
    def asset(name: str) -> Response:
        if name not in _ASSETS:
            raise HTTPException(404)
        content = (Path(__file__).parent / "assets" / name).read_bytes()
        return Response(content, headers={"content-type": _ASSETS[name], "cache-control": "no-cache"})


def _json(content: Any, status: int = 200) -> Response:
    # ASCII, because the text of an article may hold half of a surrogate pair, which UTF-8 has no form for.
    body = json.dumps(content, ensure_ascii=True)
    return Response(body, status, media_type="application/json", headers={"cache-control": "no-store"})
