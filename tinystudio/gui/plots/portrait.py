"""A widget as it looks now, as a picture or as SVG; its ground is the theme's."""

from __future__ import annotations

from pathlib import Path

import pyqtgraph as pg
from PySide6.QtCore import QBuffer, QIODevice, QPoint, QRect
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from tinystudio.core.files import write_whole
from tinystudio.gui import theme


def save_svg(widget: QWidget, path: Path) -> None:
    """Write the widget as it looks now; raises `UserError` where that cannot be."""
    write_whole(path, svg_of(widget))


def svg_of(widget: QWidget) -> bytes:
    """Return the widget as SVG, its lines and words as lines and words."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    drawing = QSvgGenerator()
    drawing.setOutputDevice(buffer)
    drawing.setSize(widget.size())
    drawing.setViewBox(QRect(0, 0, widget.width(), widget.height()))
    drawing.setTitle(widget.accessibleName() or "Plot")
    views = _views(widget)
    items = [
        item for view in views for item in view.scene().items()
        if hasattr(item, "setExportMode")
    ]  # fmt: skip
    for item in items:
        item.setExportMode(True, {"antialias": True})  # points as shapes, not as pictures of them
    for view in views:
        view.setCacheMode(pg.GraphicsView.CacheModeFlag.CacheNone)  # its ground is a picture else
    try:
        painter = QPainter(drawing)
        painter.fillRect(widget.rect(), QColor(theme.current().surface))
        # A plot has a `render` of its own, which would leave out what lies over it.
        QWidget.render(widget, painter, QPoint(), renderFlags=QWidget.RenderFlag.DrawChildren)
        painter.end()
    finally:
        for item in items:
            item.setExportMode(False)
        for view in views:
            view.setCacheMode(pg.GraphicsView.CacheModeFlag.CacheBackground)
    return bytes(buffer.data().data())


def pixmap_of(widget: QWidget) -> QPixmap:
    """Return the widget as a picture of as many pixels as the screen has."""
    ratio = widget.devicePixelRatioF()
    pixmap = QPixmap(widget.size() * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(QColor(theme.current().surface))
    # Without the ground of the window: only panels are painted in the colour of a panel.
    QWidget.render(widget, pixmap, QPoint(), renderFlags=QWidget.RenderFlag.DrawChildren)
    return pixmap


def _views(widget: QWidget) -> list[pg.GraphicsView]:
    found = list(widget.findChildren(pg.GraphicsView))
    return [widget, *found] if isinstance(widget, pg.GraphicsView) else found
