"""The page that asks where a file is to be written."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.wizards.wizard import Page


class PlacePage(Page):
    """A path to type or browse for; what is wrong with it is said under it, at once."""

    title = "Place"
    hint = "If writing fails, nothing is left behind, and a file that was there stays as it was."

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._suffix = ""
        self._is_edited = False
        self._path = QLineEdit()
        self._browse = QPushButton(tr("Browse…"))
        self._note = QLabel()
        self._lay_out()
        self._path.textEdited.connect(self._on_edited)
        self._path.textChanged.connect(self._refresh)
        self._browse.clicked.connect(self._on_browse)

    def _lay_out(self) -> None:
        self._path.setAccessibleName(tr("File to write"))
        self._path.setPlaceholderText(tr("Folder and name of the file"))
        self._browse.setAutoDefault(False)
        self._note.setWordWrap(True)
        set_role(self._note, "warning")
        # As high as the button beside it.
        self._path.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout()
        row.addWidget(self._path, 1)
        row.addWidget(self._browse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        label = QLabel(tr("File to write"))
        label.setBuddy(self._path)
        layout.addWidget(label)
        layout.addLayout(row)
        layout.addWidget(self._note)
        layout.addStretch(1)
        self.setFocusProxy(self._path)

    def suggest(self, path: Path, suffix: str) -> None:
        """Offer a place; one that the user has typed keeps its folder and name."""
        self._suffix = suffix
        now = self.path if self._is_edited and self.path else path
        self._path.setText(str(now.with_suffix(suffix)))
        self._refresh()  # a file may be there now that was not before

    @property
    def path(self) -> Path | None:
        """Return where the file is to be written."""
        text = self._path.text().strip()
        return Path(text).expanduser() if text else None

    def note(self) -> str:
        """Return what is said about the place."""
        return self._note.text()

    def missing(self) -> str:
        path = self.path
        if path is None:
            return "Enter a folder and a file name."
        if path.is_dir():
            return f"{path} is a folder; add a file name to it."
        folder = _existing(path.parent)
        if not os.access(folder, os.W_OK):
            return f"You may not write to the folder {folder}; choose another."
        return ""

    @Slot()
    def _on_edited(self) -> None:
        self._is_edited = True

    @Slot()
    def _refresh(self) -> None:
        path = self.path
        notes = []
        if path is not None and path.is_file():
            notes.append(f"{path.name} exists already and will be overwritten.")
        if path is not None and self._suffix and path.suffix != self._suffix:
            notes.append(f"The name of such a file usually ends in {self._suffix}.")
        self._note.setText(tr("\n".join(notes)))
        self.completeness_changed.emit()

    @Slot()
    def _on_browse(self) -> None:
        dialog = QFileDialog(self, tr("Write to"), str(self.path or ""), f"*{self._suffix}")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        # The page itself warns, where it can be read in peace.
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.fileSelected.connect(self._on_browsed)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def _on_browsed(self, path: str) -> None:
        self._is_edited = True
        self._path.setText(path)


def _existing(folder: Path) -> Path:
    """Return the nearest folder above that is there: the others will be made."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder
