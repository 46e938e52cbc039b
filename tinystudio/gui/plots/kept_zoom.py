"""What the user has zoomed to in linked plots, remembered for the model that they show."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tinystudio.gui.plots.chart import Chart
from tinystudio.gui.plots.view_memory import ViewMemory

REST_MS = 400  # a zoom is over, and worth remembering, when nothing has moved for so long
Place = tuple[str, str]  # project, model


class KeptZoom(QObject):
    """The charts share their score axis, which the first of them leads.

    Without a memory a zoom holds for as long as the same model is shown.
    """

    settled = Signal()  # the user has moved the view, and it rests

    def __init__(self, charts: Sequence[Chart], memory: ViewMemory | None, parent: QObject) -> None:
        super().__init__(parent)
        self._charts, self._memory = tuple(charts), memory
        self._place: Place = ("", "")
        self.is_zoomed = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self.keep)
        self._rest.timeout.connect(self.settled)
        for chart in self._charts:
            chart.getViewBox().sigRangeChangedManually.connect(self._on_moved)

    def enter(self, model: str) -> None:
        """Show another model: as it was seen last, where the user had moved the view."""
        project = "" if self._memory is None else self._memory.project
        if (project, model) == self._place:
            return
        self.keep_now()  # of the one before
        self._place = (project, model)
        self.is_zoomed = self._show()

    def forget(self) -> None:
        """Let the plots choose what is seen, from now on and after a restart."""
        self.is_zoomed = False
        self._rest.stop()
        for chart in self._charts:
            self._write(chart, None)

    def move_to(self) -> None:
        """Note that what is seen now was asked for."""
        self._on_moved()

    def keep_now(self) -> None:
        """Remember a move that does not rest yet: the window closes."""
        if self._rest.isActive():
            self.keep()

    @Slot()
    def keep(self) -> None:
        """Remember what is seen now."""
        self._rest.stop()
        if self.is_zoomed:
            for chart in self._charts:
                self._write(chart, chart.box)

    @Slot()
    def _on_moved(self) -> None:
        self.is_zoomed = True
        self._rest.start()

    def _show(self) -> bool:
        """Move the charts to what is remembered; say whether anything is."""
        if self._memory is None or not self._place[1]:
            return False
        boxes = [self._memory.box(self._key(chart)) for chart in self._charts]
        if any(box is None for box in boxes):
            return False
        for chart, box in reversed(list(zip(self._charts, boxes, strict=True))):
            if box is not None:
                chart.show_box(box)
        return True

    def _write(self, chart: Chart, box: tuple[float, float, float, float] | None) -> None:
        # The project may have been changed meanwhile; what is seen is of the one before.
        if self._memory is not None and self._memory.project == self._place[0] and self._place[1]:
            self._memory.keep_box(self._key(chart), box)

    def _key(self, chart: Chart) -> str:
        return f"trade-off {self._place[1]} score/{chart.cost.axis}"
