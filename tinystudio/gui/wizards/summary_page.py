"""The page that says in words what will happen, and how to do it without the window."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui.number_marks import unbroken
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.wizards.wizard import Page

Row = tuple[str, str]  # a heading and what stands beside it


class SummaryPage(Page):
    """Headed rows, a button to save, and the command line on request."""

    title = "Summary"
    hint = "Nothing has been done yet."

    save_requested = Signal()
    showing_requested = Signal()  # of what is there already

    def __init__(self, save: str | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[QLabel, QLabel]] = []
        self._command = QPlainTextEdit()
        self._show_command = QPushButton(tr("Show the command"))
        self._copy = QPushButton(tr("Copy the command"))
        self._save = QPushButton(tr(save or ""))
        self._save.setVisible(save is not None)
        self._show_made = QPushButton(tr("Show it instead"))
        self._lay_out()
        self._show_command.toggled.connect(self._on_command_toggled)
        self._copy.clicked.connect(self._on_copied)
        self._save.clicked.connect(self.save_requested)
        self._show_made.clicked.connect(self.showing_requested)
        self._on_command_toggled(False)

    def _lay_out(self) -> None:
        self._table = QFormLayout()
        self._table.setHorizontalSpacing(24)
        self._table.setVerticalSpacing(12)
        self._command.setReadOnly(True)
        self._command.setMaximumHeight(110)
        self._command.setAccessibleName(tr("The same on the command line"))
        self._show_command.setCheckable(True)
        self._show_made.setToolTip(tr("Select the variant that is measured already."))
        self._show_made.hide()
        for button in (self._show_made, self._show_command, self._save, self._copy):
            button.setAutoDefault(False)
        self._ways = QHBoxLayout()
        for button in (self._show_made, self._save, self._show_command, self._copy):
            self._ways.addWidget(button)
        self._ways.addStretch(1)
        self.extra = QVBoxLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addLayout(self._table)
        layout.addLayout(self.extra)
        layout.addLayout(self._ways)
        layout.addWidget(self._command)
        layout.addStretch(1)

    def add_way(self, button: QPushButton) -> None:
        """Offer something else to do, before the others."""
        button.setAutoDefault(False)
        self._ways.insertWidget(0, button)

    def offer_made(self, is_made: bool) -> None:
        """Offer to show what is there already."""
        self._show_made.setVisible(is_made)

    def show_summary(self, rows: Sequence[Row], command: str) -> None:
        """Say what will happen, each thing beside its heading."""
        while self._rows:
            self._rows.pop()
            self._table.removeRow(len(self._rows))  # which deletes its labels
        for head, words in rows:
            heading, text = QLabel(tr(head)), QLabel(unbroken(tr(words)))
            set_role(heading, "heading")
            heading.setAlignment(Qt.AlignmentFlag.AlignTop)
            text.setWordWrap(True)
            text.setAccessibleName(tr(head))
            self._table.addRow(heading, text)
            self._rows.append((heading, text))
        self._command.setPlainText(command)

    def sentences(self) -> str:
        """Return what is said."""
        return "\n\n".join(f"{head.text()}\n{words.text()}" for head, words in self._rows)

    def command(self) -> str:
        """Return the line for the command line."""
        return self._command.toPlainText()

    @Slot(bool)
    def _on_command_toggled(self, on: bool) -> None:
        self._command.setVisible(on)
        self._copy.setVisible(on)

    @Slot()
    def _on_copied(self) -> None:
        QGuiApplication.clipboard().setText(self.command())
