"""What a foreign model file is, what it may do, and what has to be said before it is converted."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tinystudio.core.errors import UserError
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.gui.wording import size_text
from tinystudio.runners.conversion_words import Looked
from tinystudio.session.importing import Question

WIDTH = 620
LABEL_WIDTH = 90  # pixels, so that fields stand in one column
CODE_HEIGHT = 260
TRUST, TRUST_CODE, CONVERT = "I trust this file", "I trust this code", "Convert"
WAIT = "Wait longer"
TRUST_WORDS = (
    "Converting it can run code, and what that imports, with your rights on this computer. Trust "
    "it only if you know who made it. It is remembered by its content: a changed file is asked "
    "about again."
)


class ImportCard(QDialog):
    """A window beside the work, which goes on meanwhile; closing it ends the import."""

    answered = Signal()  # the button was pressed
    module_named = Signal()
    module_browse_requested = Signal()
    wait_requested = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading, self._help = _label("heading"), _label()
        self._hash, self._warning = _label("muted"), _label()
        self._module, self._browse = QLineEdit(), QPushButton(tr("Browse…"))
        self._shapes = QLineEdit()
        self._code = QPlainTextEdit()
        self._problem = _label("error notice")
        self._doing, self._bar = _label("muted"), QProgressBar()
        self._late, self._wait = _label("warning notice"), QPushButton(tr(WAIT))
        self._go, self._cancel = QPushButton(tr(CONVERT)), QPushButton(tr("Cancel"))
        self._module_row = _row("Your module", self._module, self._browse)
        self._shapes_row = _row("Input shape", self._shapes)
        self.setWindowTitle(tr("Open {name}").format(name=name))
        self._heading.setText(name)
        self._lay_out()
        self._connect()
        self.show_work("Looking at it")

    @property
    def module(self) -> str:
        """Return the user's module as typed: file.py:factory, or nothing."""
        return self._module.text().strip()

    @property
    def shapes(self) -> list[str]:
        """Return the input shapes as typed."""
        return self._shapes.text().replace(";", " ").split()

    def name_module(self, text: str) -> None:
        """Put a module into its field, its factory still to be typed."""
        self._module.setText(text)
        self._module.setFocus()

    def show_work(self, text: str) -> None:
        """Say what is being done, with nothing to answer."""
        self._doing.setText(tr(text))
        for widget in (self._doing, self._bar):
            widget.show()
        self._problem.hide()
        self._go.setEnabled(False)

    def show_problem(self, problem: UserError, questions: Sequence[Question]) -> None:
        """Say why it was not converted; what was typed stays, and can be mended."""
        self._rest()
        self._problem.setText(tr(f"{problem.detail} {problem.hint}"))
        self._problem.show()
        if "trust" not in questions:
            self._go.setText(tr(CONVERT))
            self._warning.hide()
        self._go.setEnabled(True)
        self._fit()

    def ask_to_wait(self, seconds: float) -> None:
        """Say how long it has taken, and offer to go on waiting; the work goes on meanwhile."""
        minutes = max(1, round(seconds / 60))
        spent = f"{minutes} minute{'s' if minutes > 1 else ''}"
        self._late.setText(
            tr(f"It has taken {spent} and goes on. With an endless loop it would never be done.")
        )
        for widget in (self._late, self._wait):
            widget.show()
        self._fit()

    def keep_waiting(self) -> None:
        """Take the question back."""
        for widget in (self._late, self._wait):
            widget.hide()
        self._fit()

    def _rest(self) -> None:
        for widget in (self._doing, self._bar, self._late, self._wait):
            widget.hide()

    def ask(self, looked: Looked, questions: Sequence[Question], guess: str) -> None:
        """Show what was found and ask what is open."""
        self._rest()
        self._problem.hide()
        self._help.setText(tr(f"{looked.title}. {looked.help}"))
        self._hash.setText(tr(_hash_words(looked)))
        self._module_row.setVisible(looked.needs_module)
        self._shapes_row.setVisible(looked.needs_shapes)
        if not self._shapes.text():
            self._shapes.setText(guess)
        self._code.setPlainText(looked.code)
        self._code.setVisible(bool(looked.code))
        must_trust = "trust" in questions
        self._warning.setText(tr(TRUST_WORDS) if must_trust else "")
        self._warning.setVisible(must_trust)
        trust = TRUST_CODE if looked.needs_module else TRUST
        self._go.setText(tr(trust) if must_trust else tr(CONVERT))
        self._go.setAccessibleName(self._go.text())
        self._go.setEnabled("module" not in questions)
        self._fit()

    def _fit(self) -> None:
        """Make room for all the words: texts that wrap tell their height only for a width."""
        body = self.layout()
        if body is not None:
            body.activate()
            height = max(body.totalHeightForWidth(WIDTH), body.totalMinimumSize().height())
            self.resize(WIDTH, height)

    def _lay_out(self) -> None:
        self.setMinimumWidth(WIDTH)
        self._hash.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._module.setPlaceholderText(tr("file.py:factory"))
        self._shapes.setPlaceholderText(tr("1,3,32,32 (the batch in front; 1,7:int64 for numbers)"))
        self._module.setAccessibleName(tr("Your module, file.py:factory"))
        self._shapes.setAccessibleName(tr("Input shape, the batch in front"))
        self._code.setReadOnly(True)
        self._code.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._code.setAccessibleName(tr("Source of your module"))
        self._code.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._code.setMinimumHeight(CODE_HEIGHT)
        self._hash.setAccessibleName(tr("Size and hash of the file"))
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Converting"))
        set_role(self._go, "primary")
        self._go.setDefault(True)
        for button in (self._browse, self._cancel, self._wait):
            button.setAutoDefault(False)  # Enter in a field is for the field
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._wait)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._go)
        body = QVBoxLayout(self)
        body.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        body.setSpacing(2 * GRID)
        for widget in (
            self._heading, self._help, self._module_row, self._shapes_row, self._code,
            self._warning, self._problem, self._hash, self._doing, self._bar, self._late,
        ):  # fmt: skip
            body.addWidget(widget)
        body.addLayout(buttons)
        hidden = (self._module_row, self._shapes_row, self._code, self._warning, self._problem)
        for widget in (*hidden, self._late, self._wait):
            widget.hide()

    def _connect(self) -> None:
        self._go.clicked.connect(self.answered)
        self._cancel.clicked.connect(self.reject)
        self._wait.clicked.connect(self.wait_requested)
        self._browse.clicked.connect(self.module_browse_requested)
        self._module.editingFinished.connect(self._on_module_edited)

    @Slot()
    def _on_module_edited(self) -> None:
        if self._module.isModified():  # said once for what was typed, not at every loss of focus
            self._module.setModified(False)
            self.module_named.emit()


def _hash_words(looked: Looked) -> str:
    size = f"{size_text(looked.size_bytes)}, SHA-256 {looked.sha256}"
    if not looked.code_sha256 or looked.code_sha256 == looked.sha256:
        return size
    return f"{size}\nYour module: SHA-256 {looked.code_sha256}"


def _label(role: str = "") -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        set_role(label, role)
    return label


def _row(title: str, *widgets: QWidget) -> QWidget:
    whole = QWidget()
    line = QHBoxLayout(whole)
    line.setContentsMargins(0, 0, 0, 0)
    label = QLabel(tr(title))
    label.setMinimumWidth(LABEL_WIDTH)
    line.addWidget(label)
    for widget in widgets:
        line.addWidget(widget, 1 if isinstance(widget, QLineEdit) else 0)
    return whole
