"""How a variant is made again: the command line and the Python, each to copy."""

from __future__ import annotations

import re

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui.number_marks import JOINER
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.session.reproducing import Making

SIZE = (620, 460)
COPIED = "Copied"
AFTER_SIGN = re.compile(r"(?<=[^\w\s])(?=\S)")


class _Command(QPlainTextEdit):
    """Its lines end at blanks alone: broken after a hyphen, a word looks like two.

    What is read or copied from it is the text as it is.
    """

    def __init__(self, text: str) -> None:
        super().__init__(AFTER_SIGN.sub(JOINER, text))

    def toPlainText(self) -> str:
        return super().toPlainText().replace(JOINER, "")

    def createMimeDataFromSelection(self) -> QMimeData:
        data = QMimeData()
        data.setText(self.textCursor().selection().toPlainText().replace(JOINER, ""))
        return data


class MakingCard(QDialog):
    """A window beside the work."""

    def __init__(self, title: str, making: Making, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("How it was made"))
        self.resize(*SIZE)
        body = QVBoxLayout(self)
        body.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        body.setSpacing(GRID)
        heading = QLabel(tr(title))
        heading.setWordWrap(True)
        set_role(heading, "heading")
        body.addWidget(heading)
        body.addLayout(_part("Command line", making.command, wraps=True), 1)
        body.addLayout(_part("Python", making.python, wraps=False), 2)
        note = QLabel(tr(making.note))
        note.setWordWrap(True)
        set_role(note, "muted")
        body.addWidget(note)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        body.addWidget(buttons)


def _part(name: str, text: str, wraps: bool) -> QVBoxLayout:
    """Return a text that can be selected, under its name and a button that copies it."""
    shown = _Command(text) if wraps else QPlainTextEdit(text)
    shown.setReadOnly(True)
    shown.setTabChangesFocus(True)
    shown.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    wrap = QPlainTextEdit.LineWrapMode
    shown.setLineWrapMode(wrap.WidgetWidth if wraps else wrap.NoWrap)
    shown.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    shown.setAccessibleName(tr("{name} that makes the variant again").format(name=tr(name)))
    button = QPushButton(tr("Copy"))
    set_role(button, "link")
    button.setAutoDefault(False)
    button.setAccessibleName(
        tr(f"Copy the {name[0].lower() if name != 'Python' else 'P'}{name[1:]}")
    )
    button.setToolTip(tr("Put it on the clipboard"))

    def copy() -> None:
        QGuiApplication.clipboard().setText(text)
        button.setText(tr(COPIED))

    button.clicked.connect(copy)
    label = QLabel(tr(name))
    label.setBuddy(shown)
    line = QHBoxLayout()
    line.addWidget(label, 1)
    line.addWidget(button)
    whole = QVBoxLayout()
    whole.setSpacing(GRID // 2)
    whole.addLayout(line)
    whole.addWidget(shown, 1)
    return whole
