"""The very first start, from the frame to the first gallery task."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from idle_workers import IdleWorkers
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tinystudio.core import places
from tinystudio.gui import assembly
from tinystudio.gui.app import Start
from tinystudio.session.project import Project
from tinystudio.session.settings import Settings


@pytest.fixture
def workers(monkeypatch, tmp_path) -> list[IdleWorkers]:
    """Engines that do nothing, and folders of a user who has never been here."""
    made: list[IdleWorkers] = []

    def make(project: Project) -> IdleWorkers:
        made.append(IdleWorkers(project))
        return made[-1]

    monkeypatch.setattr(assembly, "Assembly", partial(assembly.Assembly, workers_of=make))
    for name in ("config", "data", "log"):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(places, name, partial(Path, tmp_path / name))
    return made


@pytest.fixture
def start(qapp: QApplication, workers) -> Iterator[list[Start]]:
    """Where a test puts its start, to be ended."""
    started: list[Start] = []
    yield started
    for item in started:
        item.window.close()
        item.end()
        item.window.deleteLater()
    qapp.setStyleSheet("")


def begin(start: list[Start], qtbot: QtBot, named: Path | None = None) -> Start:
    start.append(Start(QApplication.instance(), named, Settings()))
    qtbot.waitUntil(lambda: start[0].assembly is not None)
    return start[0]


def test_a_new_user_starts_on_a_gallery_task_that_is_ready(start, workers, qtbot):
    begun = begin(start, qtbot)
    qtbot.waitUntil(lambda: bool(workers) and bool(workers[0].jobs))
    assert begun.assembly.studio.session.network == "gallery:watch"
    assert workers[0].is_running
    assert "Untitled" in begun.window.windowTitle()


def test_a_project_named_on_the_command_line_is_opened_and_is_the_next_to_start_on(
    start, workers, qtbot, tmp_path
):
    begun = begin(start, qtbot, tmp_path / "mine.tinystudio")
    qtbot.waitUntil(lambda: bool(workers))
    assert begun.assembly.studio.session.project.title == "mine"
    assert begun.assembly.remembered.settings.last_project == str(tmp_path / "mine.tinystudio")


def test_a_model_named_on_the_command_line_is_opened(start, workers, qtbot, tmp_path):
    begun = begin(start, qtbot, tmp_path / "net.onnx")
    qtbot.waitUntil(lambda: bool(workers))
    assert begun.assembly.studio.session.network == str(tmp_path / "net.onnx")


def test_when_nothing_can_be_written_the_window_stays_and_says_why(start, workers, qtbot, tmp_path):
    (tmp_path / "data").rmdir()
    (tmp_path / "data").write_text("a file where a folder should be")
    begun = begin(start, qtbot)
    qtbot.waitUntil(lambda: bool(begun.assembly.notices.notices))
    assert begun.window.isVisible()
    assert not begun.assembly.studio.is_open
    assert begun.window.actions_by_id["open-project"].isEnabled()
    begun.assembly.browser.network_chosen.emit("gallery:watch")
    assert begun.assembly.notices.notices[0].title == "There is nothing to work on"


def test_what_is_logged_ends_up_in_the_folder_that_help_shows(start, workers, qtbot, tmp_path):
    begin(start, qtbot)
    logging.getLogger("tinystudio.gui").info("hello")
    assert "hello" in (tmp_path / "log" / "tinystudio.log").read_text()
