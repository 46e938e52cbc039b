"""Works out the small curves of the layer table, a few predictions at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tinystudio.explorer.database import FrontPoint
from tinystudio.explorer.space import Choice
from tinystudio.gui.layer_levels import Curve, LayerLevel, curve_of

Predict = Callable[[Sequence[Choice]], Sequence[FrontPoint]]
SLICE_S = 0.004  # of the GUI thread's time at once
AT_ONCE = 3  # predictions between two looks at the clock
REST_MS = 150  # a drag is over when nothing has moved for so long


class LevelCurves(QObject):
    """Keeps a curve per layer for the choice it was told last; only what is wanted is worked out.

    The curves of an older choice stay until there are newer ones: they differ by little.
    """

    ready = Signal(str)  # the layer

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._predict: Predict | None = None
        self._choice: Choice | None = None
        self._rows: dict[str, LayerLevel] = {}
        self._known: dict[int, Curve] = {}  # by axis: layers of one group share a curve
        self._fresh: set[int] = set()
        self._wanted: list[str] = []
        self._points: list[FrontPoint] = []  # of the first wanted one, so far
        self._timer, self._rest = QTimer(self), QTimer(self)
        self._timer.timeout.connect(self._go_on)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._begin)

    def set_predict(self, predict: Predict | None) -> None:
        """Predict with this from now on; None: there is nothing to predict."""
        self._predict = predict
        self._known.clear()
        self._stop()

    def set_choice(self, choice: Choice, rows: dict[str, LayerLevel]) -> None:
        """Follow this choice; `rows` are its layers."""
        self._choice, self._rows = choice.copy(), rows
        self._stop()

    def want(self, layers: Sequence[str]) -> None:
        """Work out these layers' curves, once nothing moves any more."""
        self._wanted = [name for name in layers if self._is_missing(name)]
        self._points = []
        if self._wanted:
            self._rest.start()

    def curve(self, layer: str) -> Curve | None:
        """Return a layer's curve, where there is one."""
        row = self._rows.get(layer)
        return None if row is None else self._known.get(row.moved_axis)

    @property
    def curves(self) -> tuple[Curve, ...]:
        """Return every curve that is known."""
        return tuple(self._known.values())

    def _is_missing(self, layer: str) -> bool:
        return layer in self._rows and self._rows[layer].moved_axis not in self._fresh

    def _stop(self) -> None:
        self._timer.stop()
        self._rest.stop()
        self._fresh.clear()
        self._wanted, self._points = [], []

    @Slot()
    def _begin(self) -> None:
        self._timer.start(0)

    @Slot()
    def _go_on(self) -> None:
        end = time.perf_counter() + SLICE_S
        while self._wanted and time.perf_counter() < end:
            self._advance(self._wanted[0])
        if not self._wanted:
            self._timer.stop()

    def _advance(self, layer: str) -> None:
        if self._predict is None or self._choice is None or not self._is_missing(layer):
            self._drop_first()
            return
        row = self._rows[layer]
        moves, at = row.moves(self._choice), len(self._points)
        self._points += self._predict(moves[at : at + AT_ONCE])
        if len(self._points) == len(moves):
            self._known[row.moved_axis] = curve_of(row, self._points)
            self._fresh.add(row.moved_axis)
            self._drop_first()
            for name, other in self._rows.items():
                if other.moved_axis == row.moved_axis:
                    self.ready.emit(name)

    def _drop_first(self) -> None:
        self._wanted, self._points = self._wanted[1:], []
