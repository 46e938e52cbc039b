"""The real window on a new project; and, after the tests, what each technique came to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tinystudio.gui.actions import Actions
from tinystudio.gui.assembly import Assembly
from tinystudio.gui.window import MainWindow
from tinystudio.session.project import open_project
from tinystudio.session.settings import Settings

HEAD = (
    "| technique | task | variant | file (SHA-256) | bytes | accuracy on test | on validation |",
    "| --- | --- | --- | --- | --- | --- | --- |",
)
ROWS = pytest.StashKey[list[str]]()


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Assembly]:
    """Show the window, its engines being real processes that find nothing made before."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    actions = Actions()
    shown = MainWindow(actions)
    qtbot.addWidget(shown)
    assembly = Assembly(shown, actions, Settings())
    assembly.studio.open(open_project(tmp_path / "story.tinystudio"))
    shown.show()
    yield assembly
    assembly.studio.close()
    shown.close()


@pytest.fixture
def ways_table(pytestconfig: pytest.Config) -> list[str]:
    """Return the rows; a test adds its own."""
    return pytestconfig.stash.setdefault(ROWS, [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the table, where a test has filled it."""
    rows = config.stash.get(ROWS, [])
    if rows:
        terminalreporter.section("command / window / wizard (×3: all the same; validation ×2)")
        for row in (*HEAD, *rows):
            terminalreporter.write_line(row)
