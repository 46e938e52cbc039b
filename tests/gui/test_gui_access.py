"""Everybody can use every window: names, the keyboard alone, focus that is seen, contrast."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import access_audit as audit
import pytest
import screens
from picture import contrast, rgb
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot
from readable import READABLE, hard_to_read
from screens import Filled

from tinystudio.gui import theme
from tinystudio.gui.stylesheet import palette, stylesheet


@pytest.fixture(params=["light", "dark"])
def filled(
    request: pytest.FixtureRequest, qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> Iterator[Filled]:
    """The window as people see it, in style and colours, active."""
    style, colours = qapp.style().name(), qapp.palette()
    theme.switch().prefer(request.param)
    qapp.setStyle("Fusion")
    qapp.setPalette(palette(theme.current()))
    qapp.setStyleSheet(stylesheet(theme.current()))
    made = screens.fill_window(qtbot, tmp_path)
    made.window.activateWindow()
    qtbot.waitUntil(made.window.isActiveWindow)
    yield made
    made.window.close()
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(colours)
    theme.switch().prefer("light")


def test_everything_can_be_used_by_everybody(filled: Filled) -> None:
    wrong: list[str] = []
    for scenes in (screens.views, screens.dialogs):
        for name, window in scenes(filled):
            found = [
                *(f"focus unseen: {item}" for item in audit.unseen_focus(window)),
                *(f"contrast {ratio}: {w}" for w, ratio in hard_to_read(window).items()),
            ]
            if not theme.current().is_dark:  # what colours have no part in is tried once
                found += [
                    *(f"no name: {item}" for item in audit.without_name(window)),
                    *(f"no description: {item}" for item in audit.without_description(window)),
                    *audit.traps(window),
                ]
            wrong += [f"{name}: {item}" for item in found]
    assert wrong == [], "\n" + "\n".join(wrong)


@pytest.mark.parametrize("shown", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_every_colour_of_words_in_the_stylesheet_can_be_read(shown: theme.Theme) -> None:
    grounds = (shown.window, shown.surface, shown.sunken)
    checked = 0
    for rule in re.findall(r"([^{}]+)\{([^}]*)\}", stylesheet(shown)):
        names, body = rule[0], dict(re.findall(r"([\w-]+):\s*([^;]+);", rule[1]))
        colour, own = body.get("color", ""), body.get("background", "")
        if ":disabled" in names or not colour.startswith("#"):
            continue  # what is off may be faint
        for ground in (own,) if own.startswith("#") else grounds:
            checked += 1
            assert contrast(rgb(colour), rgb(ground)) >= READABLE, (names.strip(), colour, ground)
    assert checked > 40


# The audit itself: whatever is broken on purpose is found


@pytest.fixture
def small(qtbot: QtBot, qapp: QApplication) -> Iterator[QWidget]:
    """A window of two fields and a button that everybody can use."""
    qapp.setStyleSheet(stylesheet(theme.LIGHT))
    window = QWidget()
    window.setStyleSheet("QWidget { background: white; }")
    body = QVBoxLayout(window)
    for name in ("First", "Second"):
        edit = QLineEdit()
        edit.setAccessibleName(name)
        body.addWidget(edit)
    body.addWidget(QPushButton("Go"))
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window
    qapp.setStyleSheet("")


def add(window: QWidget, widget: QWidget) -> None:
    layout = window.layout()
    assert layout is not None
    layout.addWidget(widget)
    screens.lay_out(window)


def test_where_nothing_is_wrong_nothing_is_found(small: QWidget) -> None:
    assert audit.without_name(small) == audit.traps(small) == audit.unseen_focus(small) == []
    assert hard_to_read(small) == {}


def test_a_missing_name_is_found(small: QWidget) -> None:
    add(small, QPushButton("↺"))
    add(small, QLineEdit())
    found = [item.split("(")[0] for item in audit.without_name(small)]
    assert found == ["QPushButton", "QLineEdit"]  # a sign is no name: it is read out as one


def test_a_keyboard_trap_is_found(small: QWidget) -> None:
    table = QTableWidget(2, 2)
    table.setAccessibleName("Figures")
    add(small, table)
    assert audit.traps(small) == [f"Tab stays in {audit.describe(table)}"]
    table.setTabKeyNavigation(False)
    assert audit.traps(small) == []


def test_what_tab_passes_over_is_found(small: QWidget) -> None:
    compound, edit, help_button = QWidget(), QLineEdit(), QPushButton("What is it?")
    row = QVBoxLayout(compound)
    for widget in (help_button, edit):
        row.addWidget(widget)
    add(small, compound)
    assert audit.traps(small) == []
    compound.setFocusProxy(edit)
    assert audit.traps(small) == [f"Tab does not reach {audit.describe(help_button)}"]


def test_focus_that_nobody_sees_is_found(small: QWidget) -> None:
    button = QPushButton("Quiet")
    button.setStyleSheet("QPushButton { border: none; } QPushButton:focus { border: none; }")
    add(small, button)
    assert audit.unseen_focus(small) == [audit.describe(button)]


def test_faint_words_are_found(small: QWidget) -> None:
    label = QLabel("Hardly there")
    label.setStyleSheet("color: #999999;")
    add(small, label)
    assert list(hard_to_read(small)) == ["Hardly there"]


@pytest.mark.parametrize("filled", ["light"], indirect=True)
def test_every_wizard_page_and_every_tab_is_walked(filled: Filled) -> None:
    walked = [name for name, _ in screens.views(filled)]
    walked += [name for name, _ in screens.wizard_pages(filled)]
    assert {"Trade-off", "Layers", "Runs", "Training, live", "Gallery"} <= set(walked)
    assert sum(name.startswith("compress,") for name in walked) >= 4
    assert sum(name.startswith("export,") for name in walked) >= 3
