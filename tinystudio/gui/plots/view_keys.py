"""Zoom and pan by keyboard, the same in every plot of points."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

ZOOM = 1.25  # at a press
PAN = 0.1  # of what is seen, at a press
HELP = "+ and − zoom, Ctrl and an arrow moves, 0 or Home resets the view."
_ZOOMS = {Qt.Key.Key_Plus: 1 / ZOOM, Qt.Key.Key_Equal: 1 / ZOOM, Qt.Key.Key_Minus: ZOOM}
_ARROWS = {
    Qt.Key.Key_Left: (-PAN, 0.0), Qt.Key.Key_Right: (PAN, 0.0),
    Qt.Key.Key_Down: (0.0, -PAN), Qt.Key.Key_Up: (0.0, PAN),
}  # fmt: skip
_HOMES = (Qt.Key.Key_0, Qt.Key.Key_Home)


def has_moved(chart: Any, event: QKeyEvent) -> bool:
    """Move the view of a plot (pyqtgraph's, which is not typed) where a key asks for that."""
    key, box = Qt.Key(event.key()), chart.getViewBox()
    has_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    if key in _HOMES and not has_control:
        chart.view_reset.emit()
    elif key in _ZOOMS and not has_control:  # with Ctrl they make words larger
        box.scaleBy((_ZOOMS[key], _ZOOMS[key]))
        box.sigRangeChangedManually.emit([True, True])
    elif key in _ARROWS and has_control:
        (x, y), seen = _ARROWS[key], box.viewRect()
        box.translateBy((x * seen.width(), y * seen.height()))
        box.sigRangeChangedManually.emit([True, True])
    else:
        return False
    return True
