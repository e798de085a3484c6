"""Our own routes beside gradio's: articles, citations and kept conversations as JSON, for the page and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from assistant.citation_formats import bibtex, csl, reference
from assistant.conversations import Conversation, Conversations
from assistant.conversations.export import export, record_of
from assistant.ui import render
from assistant.ui.answering import Answering
from assistant.ui.desk import Desk
from assistant.ui.inbox import Inbox
from assistant.ui.telling import told
from ingest.errors import (
    ArticleError,
    ArticleNotFound,
    CitationNotFound,
    ConversationNotFound,
    OnRecordError,
    RequestError,
    TooLarge,
    TooMany,
)

ASSETS = Path(__file__).parent / "assets"
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_ON_THE_SHELF = ("article", "version", "title", "author", "outlet", "published", "description")
_FILES = {"html": ("text/html", "html"), "markdown": ("text/markdown", "md"), "json": ("application/json", "json")}
_STATUS: tuple[tuple[type[OnRecordError], int], ...] = (
    (TooLarge, 413),
    (TooMany, 429),
    (RequestError, 400),
    (ArticleError, 415),
    (ArticleNotFound, 404),
    (CitationNotFound, 404),
    (ConversationNotFound, 404),
)
"""The first that an error is; any other means that the chat cannot do it now."""
TURNS_SHOWN = 30
"""Of a conversation that is opened; earlier ones are drawn when somebody asks for them."""
LISTED = 50
Number = Annotated[int, Field(ge=0, le=2**31)]
"""Of a turn, or how many conversations to pass over: more than there can be, and what SQLite can take."""


class _Named(BaseModel):
    id: str = Field(max_length=64)
    title: str = Field(max_length=2_000)


class _Which(BaseModel):
    id: str = Field(max_length=64)


class _Turn(BaseModel):
    id: str = Field(max_length=64)
    turn: Number


class _Withdrawn(BaseModel):
    article: str
    purge: bool = False


class _Rated(_Turn):
    rating: Literal["up", "down"] | None
    reason: str = Field(default="", max_length=2_000)


def add_routes(app: FastAPI, desk: Desk, *, shared: bool = False) -> None:
    """Adds all of them. They are plain functions, which FastAPI runs in threads: files must not hold up the event loop.

    Args:
        app: What they are added to.
        desk: What they show and change.
        shared: Whether others than the owner of the home ask.
    """
    _add_refusals(app, desk.home if shared else None)
    _add_articles(app, desk.assistant)
    _add_library(app, desk)
    _add_conversations(app, desk.conversations)
    _add_changes(app, desk)

    @app.get("/onrecord/assets/{name}")
    def asset(name: str) -> Response:
        file = ASSETS / name
        if file.parent != ASSETS or file.suffix not in _TYPES or not file.is_file():
            raise HTTPException(404)
        return Response(file.read_bytes(), headers={"content-type": _TYPES[file.suffix], "cache-control": "no-cache"})


def _add_refusals(app: FastAPI, hidden: Path | None) -> None:
    @app.exception_handler(OnRecordError)
    def refused(request: Request, error: OnRecordError) -> Response:
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 503)
        return _json({"message": told(error, hidden)}, status)

    @app.exception_handler(RequestValidationError)
    def not_understood(request: Request, error: RequestValidationError) -> Response:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'][1:] or fault['loc']))}: {fault['msg']}" for fault in error.errors()
        )
        return _json({"message": f"{faults}. Correct it and send it again."}, 422)


def _add_articles(app: FastAPI, assistant: Answering) -> None:
    @app.get("/onrecord/articles")
    def articles() -> Response:
        return _told(lambda: [{key: asdict(info)[key] for key in _ON_THE_SHELF} for info in assistant.articles()])

    @app.get("/onrecord/source")
    def source(article: str, version: str | None = None) -> Response:
        return _told(lambda: asdict(assistant.source(article, version)))

    @app.get("/onrecord/cite")
    def cite(id: str) -> Response:
        def found() -> dict[str, Any]:
            cited = assistant.cite(id)
            return {**asdict(cited), "text": reference(cited), "bibtex": bibtex(cited), "csl": csl(cited)}

        return _told(found)


def _add_conversations(app: FastAPI, conversations: Conversations) -> None:
    @app.get("/onrecord/conversations")
    def kept(query: str = "", offset: Number = 0) -> Response:
        return _told(lambda: [asdict(found) for found in conversations.list(LISTED, offset, query)])

    @app.get("/onrecord/conversation")
    def conversation(id: str, before: Number | None = None) -> Response:
        return _told(lambda: _shown(conversations.get(id, TURNS_SHOWN + 1, *(() if before is None else (before,)))))

    @app.get("/onrecord/turn")
    def turn(id: str, number: Number) -> Response:
        def found() -> dict[str, Any]:
            kept = conversations.turn(id, number)
            return {"number": number, "state": kept.state, "html": "".join(render.turn_blocks(id, kept))}

        return _told(found)

    @app.get("/onrecord/cited")
    def cited(id: str) -> Response:
        return _told(lambda: conversations.sentences_cited(id))

    @app.get("/onrecord/export")
    def exported(id: str, how: Literal["html", "markdown", "json"] = Query("html", alias="format")) -> Response:
        content = export(record_of(conversations.get(id)), how)
        kind, suffix = _FILES[how]
        name = f"attachment; filename=conversation-{id[:8]}.{suffix}"
        return Response(content, media_type=kind, headers={"content-disposition": name, "cache-control": "no-store"})


def _add_library(app: FastAPI, desk: Desk) -> None:
    @app.get("/onrecord/welcome")
    def welcome() -> Response:
        return _told(lambda: {"html": "".join(desk.talk.welcome())})

    @app.get("/onrecord/inbox")
    def inbox() -> Response:
        return _told(lambda: [asdict(added) for added in desk.inbox.state()])

    @app.post("/onrecord/add")
    async def add(request: Request, name: str) -> Response:
        try:
            await _receive(request, name, desk.inbox)
        except ClientDisconnect:  # nobody hears the answer
            return Response(status_code=400)
        return _json(None)

    @app.post("/onrecord/withdraw")
    def withdrawn(which: _Withdrawn) -> Response:
        return _told(lambda: desk.withdraw(which.article, purge=which.purge))


async def _receive(request: Request, name: str, inbox: Inbox) -> None:
    """Refused before the body is read, where that can be known; uvicorn throws away the rest of what is refused."""
    said = request.headers.get("content-length", "")
    upload = await run_in_threadpool(inbox.uploads.begin, name, int(said) if said.isdecimal() else 0)
    try:
        async for chunk in request.stream():
            await run_in_threadpool(inbox.uploads.write, upload, chunk)
        await run_in_threadpool(inbox.keep, upload)
    finally:
        inbox.uploads.end(upload)


def _add_changes(app: FastAPI, desk: Desk) -> None:
    conversations = desk.conversations

    @app.post("/onrecord/turn/stop")
    def stop(turn: _Turn) -> Response:
        def stopped() -> None:
            conversations.turn(turn.id, turn.turn)  # so that an unknown one is told of
            desk.talk.stop(turn.id, turn.turn)

        return _told(stopped)

    @app.post("/onrecord/conversation/rename")
    def rename(named: _Named) -> Response:
        return _told(lambda: conversations.rename(named.id, named.title))

    @app.post("/onrecord/conversation/delete")
    def delete(which: _Which) -> Response:
        return _told(lambda: desk.talk.delete(which.id))

    @app.post("/onrecord/turn/rate")
    def rate(rated: _Rated) -> Response:
        return _told(lambda: conversations.rate(rated.id, rated.turn, rated.rating, rated.reason))


def _shown(found: Conversation) -> dict[str, Any]:
    turns = [
        {"number": turn.number, "state": turn.state, "html": "".join(render.turn_blocks(found.id, turn))}
        for turn in found.turns[-TURNS_SHOWN:]
    ]
    return {"id": found.id, "title": found.title, "turns": turns, "more": len(found.turns) > TURNS_SHOWN}


def _told(of: Callable[[], Any]) -> Response:
    """What a function gives; of its error, `_add_refusals` makes the message."""
    return _json(of())


def _json(content: Any, status: int = 200) -> Response:
    # ASCII, because the text of an article may hold half of a surrogate pair, which UTF-8 has no form for.
    body = json.dumps(content, ensure_ascii=True)
    return Response(body, status, media_type="application/json", headers={"cache-control": "no-store"})
