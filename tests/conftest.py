"""What the tests of all rooms share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fakes import HashEncoder
from hypothesis import settings

import ingest.pipeline

pytest_plugins = ["browsing"]

settings.register_profile("onrecord", deadline=None, database=None, max_examples=100)
settings.load_profile("onrecord")

StartPython = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> HashEncoder:
    """The encoder that every ingest of this test uses."""
    fake = HashEncoder()
    monkeypatch.setattr(ingest.pipeline, "Encoder", lambda model="bundled": fake)
    return fake


@pytest.fixture
def fake_models(encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch) -> HashEncoder:
    """The stand-in encoder, for taking articles in, for asking, and for what stands beside it in an evaluation.

    Nothing is read twice: the cross-encoder's weights are none of a stand-in's.
    """
    monkeypatch.setattr("assistant.assistant.load_cross_encoder", lambda name: None)
    monkeypatch.setattr("assistant.assistant.Encoder", lambda model="bundled": encoder)
    monkeypatch.setattr("ingest.embedding.Encoder", lambda model="bundled": encoder)
    return encoder


@pytest.fixture
def start_python() -> Iterator[StartPython]:
    """Starts a real second process that runs some code; it is dead when the test ends."""
    started: list[subprocess.Popen[str]] = []
    here = Path(__file__).resolve().parent
    path = os.pathsep.join([str(here), str(here.parent), os.environ.get("PYTHONPATH", "")])

    def start(code: str, *arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", code, *map(str, arguments)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        started.append(subprocess.Popen(command, text=True, env={**os.environ, "PYTHONPATH": path}, **pipes))  # type: ignore[call-overload]
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()
