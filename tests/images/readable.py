"""Finds the words whose colour hardly stands out from what is behind them."""

from __future__ import annotations

from picture import Colour, Picture, best_contrast, contrast, ground, mixed
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget
from words import shown_words, words_of

READABLE = 4.5  # WCAG 2, level AA, for words of any size
DRAWN = 3.0  # of the pixels themselves: small letters are smoothed, more or less by machine


def hard_to_read(window: QWidget) -> dict[str, float]:
    """Return the words whose colour hardly stands out from the pixels behind, with the contrast."""
    picture, found = Picture(window), {}
    for widget in shown_words(window):
        if widget.isEnabled():  # what is off may be faint
            pixels = picture.box(inner_box(widget, window))
            if not pixels.size:
                continue  # a strip at the edge of what is scrolled
            behind = ground(pixels)
            ratio = contrast(ink(widget, behind), behind)
            if ratio < READABLE or best_contrast(pixels) < DRAWN:
                found[words_of(widget)] = round(ratio, 2)
    return found


def ink(widget: QWidget, behind: Colour) -> Colour:
    """Return the colour of a widget's words, as style and theme have it, mixed with the ground."""
    role = widget.foregroundRole()
    if isinstance(widget, QLineEdit):
        role = QPalette.ColorRole.Text if widget.text() else QPalette.ColorRole.PlaceholderText
    return mixed(widget.palette().color(role), behind)


def inner_box(widget: QWidget, window: QWidget) -> QRect:
    """Return where the words are seen, without the edge of a button or field."""
    seen = widget.visibleRegion().boundingRect()
    edge = 0 if isinstance(widget, QLabel) else 3
    box = seen.adjusted(edge, edge, -edge, -edge)
    return box.translated(widget.mapTo(window, QPoint(0, 0)))
