"""What a variant is to its user: tags, a note. Saved as it is typed."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QCompleter,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.session.marks import ProjectVariant
from tinystudio.session.searching import tags_of, tags_text

PAUSE_MS = 400  # of typing, before it is saved
SIZE = (440, 300)
LINE_MARGIN = 2  # pixels, as fields of one line have it
TAGS_HINT = "e.g. small, phone"
TAGS_TIP = "Words of your own, apart by commas. A search for tag:small finds them."


class NotesCard(QDialog):
    """A window beside the work; each signal carries what was typed."""

    tags_typed = Signal(str, object)  # variant, tuple of texts
    note_typed = Signal(str, str)

    def __init__(self, item: ProjectVariant, known: Iterable[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.variant = item.id
        self._item = item
        self._heading, self._tags, self._note = QLabel(), QLineEdit(), QPlainTextEdit()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._lay_out(known)
        self.show_mark(item)
        self._tags.textEdited.connect(self._on_typed)
        self._note.textChanged.connect(self._on_typed)
        self._pause.timeout.connect(self.save)

    def _lay_out(self, known: Iterable[str]) -> None:
        self.setWindowTitle(tr("Tags and note"))
        self.resize(*SIZE)
        self._heading.setWordWrap(True)
        self._heading.setTextFormat(Qt.TextFormat.PlainText)
        set_role(self._heading, "heading")
        self._tags.setPlaceholderText(tr(TAGS_HINT))
        completer = QCompleter(sorted(set(known)), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._tags.setCompleter(completer)
        self._note.setPlaceholderText(tr("What you want to remember about this variant"))
        self._note.setTabChangesFocus(True)
        self._note.document().setDocumentMargin(LINE_MARGIN)
        form = QFormLayout()
        form.setSpacing(GRID)
        for title, field, tip in (
            (tr("&Tags"), self._tags, TAGS_TIP),
            (tr("N&ote"), self._note, "Free text. A search finds its words."),
        ):
            field.setAccessibleName(title.replace("&", ""))
            field.setAccessibleDescription(tr(tip))
            field.setToolTip(tr(tip))
            label = QLabel(title)
            label.setBuddy(field)
            # Drawn with a letter underlined, words are wider than Qt reckons: kerning ends there.
            label.ensurePolished()
            label.setMinimumWidth(label.sizeHint().width() + GRID // 2)
            form.addRow(label, field)
        told = QLabel(tr("Saved as you type. Undo takes it back."))
        set_role(told, "muted")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        body = QVBoxLayout(self)
        body.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        body.setSpacing(GRID)
        body.addWidget(self._heading)
        body.addLayout(form, 1)
        body.addWidget(told)
        body.addWidget(buttons)

    def show_mark(self, item: ProjectVariant) -> None:
        """Show what is noted now, unless something is being typed."""
        if self._pause.isActive():
            return
        self._item = item
        mark = item.mark
        self._heading.setText(item.title if mark.name else tr(item.title))
        if tags_of(self._tags.text()) != mark.tags:
            self._tags.setText(tags_text(mark.tags))
        if self._note.toPlainText() != mark.note:
            self._note.blockSignals(True)
            self._note.setPlainText(mark.note)
            self._note.blockSignals(False)

    @Slot()
    def _on_typed(self) -> None:
        self._pause.start()

    @Slot()
    def save(self) -> None:
        """Say what has been typed and is not said yet."""
        self._pause.stop()
        mark = self._item.mark
        if (tags := tags_of(self._tags.text())) != mark.tags:
            self.tags_typed.emit(self.variant, tags)
        if (note := self._note.toPlainText()) != mark.note:
            self.note_typed.emit(self.variant, note)

    def done(self, result: int) -> None:
        """Save before the card is gone, however it is closed."""
        self.save()
        super().done(result)
