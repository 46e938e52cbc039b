"""The limits of all plots: one line and one button per plot, and what they say together."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot

from tinystudio.gui.plots.chart import Chart
from tinystudio.gui.plots.points import cost_range
from tinystudio.gui.plots.toolbar import Toolbar
from tinystudio.session.front import Limits


class LimitLines(QObject):
    """Keeps `limits` the same as the lines; limits that have no line stay as they were given."""

    moved = Signal()  # while a line is dragged
    settled = Signal()  # once it is let go
    toggled = Signal()  # a line has come or gone, and is settled

    def __init__(self, charts: Sequence[Chart], toolbar: Toolbar) -> None:
        super().__init__()
        self.limits = Limits()
        self._pairs = tuple(zip(charts, toolbar.limits, strict=True))
        for chart in charts:
            chart.limit_moved.connect(self._on_moved)
            chart.limit_settled.connect(self._on_settled)
        toolbar.limit_toggled.connect(self._on_toggled)

    def show(self, limits: Limits) -> None:
        """Draw these limits; no signal."""
        self.limits = limits
        for chart, button in self._pairs:
            stored = getattr(limits, chart.cost.axis)
            chart.limit_line.set_limit(None if stored is None else chart.cost.shown(stored))
            button.setChecked(stored is not None)

    @Slot()
    def _on_moved(self) -> None:
        self.limits = self._drawn()
        self.moved.emit()

    @Slot()
    def _on_settled(self) -> None:
        self.limits = self._drawn()
        self.settled.emit()

    @Slot()
    def _on_toggled(self) -> None:
        for chart, button in self._pairs:
            if not button.isChecked():
                chart.limit_line.set_limit(None)
            elif chart.limit_line.limit is None:
                chart.limit_line.set_limit(_usual_limit(chart))
        self._on_settled()
        self.toggled.emit()

    def _drawn(self) -> Limits:
        drawn: dict[str, float | None] = {}
        for chart, _ in self._pairs:
            limit = chart.limit_line.limit
            drawn[chart.cost.axis] = None if limit is None else chart.cost.stored(limit)
        return self.limits.model_copy(update=drawn)


def _usual_limit(chart: Chart) -> float:
    """Return a limit to begin with: the geometric middle of what is shown."""
    low, high = cost_range(chart.points, None)
    return float((low * high) ** 0.5)
