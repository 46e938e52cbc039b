"""What variants are compared with, and what was measured of them on other devices."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from tinystudio.core.errors import UserError
from tinystudio.core.files import write_whole
from tinystudio.gui import wording
from tinystudio.gui.file_dialogs import FileDialogs
from tinystudio.gui.notice import Notice
from tinystudio.gui.studio import Studio
from tinystudio.session.baseline import BY_FIGURES
from tinystudio.session.device_points import HINT, example, read_device_points

TABLES = "Tables (*.csv *.txt)"
LARGEST_BYTES = 10_000_000


class BaselineDesk(QObject):
    """All of it can be undone, and is remembered in the project."""

    def __init__(self, studio: Studio, ask: FileDialogs) -> None:
        super().__init__(studio)
        self._studio, self._ask = studio, ask

    @Slot()
    def choose(self) -> None:
        """Compare everything with the selected variant from now on."""
        selected = self._studio.session.selected
        if selected is None:
            return
        self._studio.session.set_baseline(selected.id)
        title = f"Changes are against “{selected.title}” now"
        self._studio.raise_notice(Notice(title, f"Nothing is measured anew. {BY_FIGURES}",
                                         "Ctrl+Z takes it back.", gravity="news"))  # fmt: skip

    @Slot()
    def forget(self) -> None:
        """Compare with the original again."""
        self._studio.session.set_baseline(None)

    @Slot()
    def ask_import(self) -> None:
        """Ask for a table of figures from a device."""
        self._ask.ask_file("device", "Figures from a device", TABLES, self.take)

    def take(self, path: Path) -> None:
        """Take in the figures of a table, and say how many came."""
        self._studio.attempt(lambda: self._take(path))

    def _take(self, path: Path) -> None:
        session = self._studio.session
        points = read_device_points(_read(path), path.name, session.variants())
        session.add_device_points(points)
        devices = ", ".join(dict.fromkeys(point.device for point in points))
        count = wording.plural(len(points), "figure")
        places = "in the latency plot, as axes in Plots, and in reports"
        detail = f"They stand {places}, marked as measured on {devices}."
        self._studio.raise_notice(
            Notice(f"{count} imported", detail, "Ctrl+Z takes them out again.", gravity="news")
        )

    @Slot()
    def ask_table(self) -> None:
        """Ask where a table with a row for every variant is to be written, to be filled in."""
        self._ask.ask_new("device", "A table to fill in", TABLES, "csv", self.write_table)

    def write_table(self, path: Path) -> None:
        """Write that table."""
        text = example(self._studio.session.variants())
        if self._studio.attempt(lambda: write_whole(path, text.encode())):
            title = "The table to fill in is written"
            self._studio.raise_notice(Notice(title, f"It is at {path}.", HINT, gravity="news"))

    @Slot()
    def remove(self) -> None:
        """Take out all imported figures."""
        self._studio.attempt(self._studio.session.remove_device_points)


def _read(path: Path) -> bytes:
    title = f"No figures were taken from {path.name}"
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise UserError(title, "It is far larger than such a table.", HINT)
        return path.read_bytes()
    except OSError as error:
        raise UserError(title, f"{error.strerror or error}.", "Choose another file.") from error
