"""Asks for files and folders without stopping the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from tinystudio.gui.remembered import Remembered
from tinystudio.gui.texts import tr
from tinystudio.importers import suffixes

MODELS = f"Models ({' '.join(f'*{end}' for end in ('.onnx', *suffixes()))})"
MODULES = "Python files (*.py)"

Done = Callable[[Path], object]


class FileDialogs:
    """Each dialog opens where it was used last; `done` is called with what was chosen."""

    def __init__(self, window: QWidget, remembered: Remembered) -> None:
        self._window = window
        self._remembered = remembered

    def ask_file(self, kind: str, title: str, names: str, done: Done) -> None:
        """Ask for a file that is there. `names` is Qt's filter, e.g. "Models (*.onnx)"."""
        dialog = self._make(kind, title, done)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(tr(names))
        dialog.open()

    def ask_folder(self, kind: str, title: str, done: Done) -> None:
        """Ask for a folder that is there."""
        dialog = self._make(kind, title, done)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.open()

    def ask_new(self, kind: str, title: str, names: str, suffix: str, done: Done) -> None:
        """Ask for the place of a file to be written; Qt asks before one is overwritten."""
        dialog = self._make(kind, title, done)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setNameFilter(tr(names))
        dialog.setDefaultSuffix(suffix)
        dialog.open()

    def _make(self, kind: str, title: str, done: Done) -> QFileDialog:
        dialog = QFileDialog(self._window, tr(title), self._remembered.folder(kind))
        dialog.setObjectName(kind)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def on_chosen(name: str) -> None:
            path = Path(name)
            self._remembered.keep_folder(kind, path.parent)
            done(path)

        dialog.fileSelected.connect(on_chosen)
        return dialog
