"""Lets a measured point be dragged out of its plot: onto Export, or away as a file."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication

from tinystudio.gui.dragging import FileOf, drag_data
from tinystudio.gui.plots.chart import Chart


class PointDrag(QObject):
    """A press on a point moves the point and not the view; anywhere else it moves the view."""

    def __init__(self, chart: Chart, file_of: FileOf) -> None:
        super().__init__(chart)
        self._chart, self._file_of = chart, file_of
        self._pressed: tuple[str, QPointF] | None = None
        chart.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the moves that begin on a point from the plot."""
        if not isinstance(event, QMouseEvent):
            return False
        match event.type():
            case QEvent.Type.MouseButtonPress if event.button() is Qt.MouseButton.LeftButton:
                self._pressed = self._measured_at(event.position())
            case QEvent.Type.MouseButtonRelease:
                self._pressed = None
            case QEvent.Type.MouseMove if self._pressed is not None:
                variant, start = self._pressed
                far = (event.position() - start).manhattanLength()
                if far >= QApplication.startDragDistance():
                    self._pressed = None
                    self.begin(variant)
                return True
        return False

    def _measured_at(self, place: QPointF) -> tuple[str, QPointF] | None:
        point = self._chart.point_at(place)
        # A preview or a prediction is no variant yet: there is nothing to take away.
        if point is None or self._chart.point(point.id) is None:
            return None
        return point.id, place

    def begin(self, variant: str) -> None:
        """Drag a variant until it is let go."""
        drag = QDrag(self._chart)
        drag.setMimeData(drag_data([variant], self._file_of))
        drag.exec(Qt.DropAction.CopyAction)
