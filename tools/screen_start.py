"""The start page as somebody meets it who has nothing open."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget
from screen_waiting import settle

from tinystudio.gui.photographer import Photographer
from tinystudio.gui.pictures import Shot


def starts(
    application: QApplication, poses: Sequence[tuple[int, int, str]]
) -> Iterator[tuple[tuple[int, int, str], QWidget]]:
    """Yield the window in every size and theme."""
    with tempfile.TemporaryDirectory(prefix="tinystudio-start-") as folder:
        photographer = Photographer(application, Path(folder) / "untitled.tinystudio")
        for width, height, theme in poses:
            dark = theme == "dark"
            shot = Shot(Path(), width, height, "dark" if dark else "light", "gallery")
            photographer.pose(shot)
            settle(application)
            yield (width, height, theme), photographer.parts.window
        photographer.end()
