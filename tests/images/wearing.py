"""Dresses the program in a theme."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from tinystudio.gui import theme
from tinystudio.gui.stylesheet import palette, stylesheet


def wear(application: QApplication, name: str) -> None:
    """Give the program the colours of one of its themes."""
    theme.switch().prefer(name)
    application.setPalette(palette(theme.current()))
    application.setStyleSheet(stylesheet(theme.current()))
