"""The plots' context menu: the view, the limits, pictures and numbers to take away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from tinystudio.core.errors import UserError
from tinystudio.core.files import write_whole
from tinystudio.gui.plots.portrait import pixmap_of, save_svg
from tinystudio.gui.texts import tr


class PictureMenu(QMenu):
    """Copies and saves what the plots show. `save_failed` carries a `UserError`."""

    save_failed = Signal(object)

    def __init__(
        self,
        parent: QWidget,
        drawn: QWidget,
        numbers: Callable[[], str],
        name: str = "trade-off",
    ) -> None:
        super().__init__(parent)
        self._parent, self._drawn, self._numbers, self._name = parent, drawn, numbers, name
        self.addAction(tr("Copy picture"), self.copy_picture)
        self.addAction(tr("Save as PNG…"), self._ask_picture_place)
        self.addAction(tr("Save as SVG…"), self._ask_drawing_place)
        self.addSeparator()
        self.addAction(tr("Copy numbers as CSV"), self.copy_numbers)
        self.addAction(tr("Save as CSV…"), self._ask_numbers_place)

    def show_at(self, place: QPoint) -> None:
        """Open the menu without waiting for it."""
        self.popup(place)

    def copy_picture(self) -> None:
        """Put the plots on the clipboard as a picture."""
        QGuiApplication.clipboard().setPixmap(pixmap_of(self._drawn))

    def copy_numbers(self) -> None:
        """Put the plots' numbers on the clipboard."""
        QGuiApplication.clipboard().setText(self._numbers())

    def save_picture(self, path: str) -> None:
        """Write the plots as a PNG file."""
        if not pixmap_of(self._drawn).save(path, "PNG"):
            self.save_failed.emit(_not_saved(path, "The place cannot be written to."))

    def save_drawing(self, path: str) -> None:
        """Write the plots as an SVG file."""
        try:
            save_svg(self._drawn, Path(path))
        except UserError as error:
            self.save_failed.emit(error)

    def save_numbers(self, path: str) -> None:
        """Write the plots' numbers as a CSV file."""
        try:
            write_whole(Path(path), self._numbers().encode())
        except UserError as error:
            self.save_failed.emit(error)

    def _ask_picture_place(self) -> None:
        self._ask("Save picture", f"{self._name}.png", "PNG picture (*.png)", self.save_picture)

    def _ask_drawing_place(self) -> None:
        self._ask("Save picture", f"{self._name}.svg", "SVG drawing (*.svg)", self.save_drawing)

    def _ask_numbers_place(self) -> None:
        self._ask("Save numbers", f"{self._name}.csv", "Table (*.csv)", self.save_numbers)

    def _ask(self, title: str, name: str, kind: str, take: Callable[[str], None]) -> None:
        dialog = QFileDialog(self._parent, tr(title), name, tr(kind))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(take)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _not_saved(path: str, why: str) -> UserError:
    return UserError(f"{Path(path).name} was not saved", why, "Choose another folder.")
