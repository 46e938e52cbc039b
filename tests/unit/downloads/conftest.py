"""Folders of their own, and a server, for the tests of downloads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from download_server import FileServer, file_server

from tinystudio.core import places


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "data", lambda: tmp_path / "data")
    monkeypatch.setattr(places, "cache", lambda: tmp_path / "cache")


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server() as running:
        yield running
