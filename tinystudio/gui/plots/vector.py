"""Writes what a widget shows as an SVG file, its lines and words as lines and words."""

from __future__ import annotations

from pathlib import Path

import pyqtgraph as pg
from PySide6.QtCore import QBuffer, QIODevice, QPoint, QRect
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from tinystudio.core.files import write_whole


def save_svg(widget: QWidget, path: Path) -> None:
    """Write the widget as it looks now; raises `UserError` where that cannot be."""
    write_whole(path, svg_of(widget))


def svg_of(widget: QWidget) -> bytes:
    """Return the widget as SVG."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    drawing = QSvgGenerator()
    drawing.setOutputDevice(buffer)
    drawing.setSize(widget.size())
    drawing.setViewBox(QRect(0, 0, widget.width(), widget.height()))
    drawing.setTitle(widget.accessibleName() or "Plot")
    items = [
        item for view in _views(widget) for item in view.scene().items()
        if hasattr(item, "setExportMode")
    ]  # fmt: skip
    for item in items:
        item.setExportMode(True, {"antialias": True})  # points as shapes, not as pictures of them
    try:
        painter = QPainter(drawing)
        widget.render(painter, QPoint())
        painter.end()
    finally:
        for item in items:
            item.setExportMode(False)
    return bytes(buffer.data().data())


def _views(widget: QWidget) -> list[pg.GraphicsView]:
    found = list(widget.findChildren(pg.GraphicsView))
    return [widget, *found] if isinstance(widget, pg.GraphicsView) else found
