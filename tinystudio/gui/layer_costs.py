"""Works out what every level of every single layer costs, a few predictions at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tinystudio.core.measurement import Measurement
from tinystudio.explorer.database import Database, FrontPoint
from tinystudio.explorer.space import Choice
from tinystudio.gui import wording
from tinystudio.gui.layer_levels import SHORT, LayerLevel, layer_levels, moved
from tinystudio.gui.level_curves import Predict

SLICE_S = 0.004  # of the GUI thread's time at once


@dataclass(frozen=True)
class LevelCost:
    """One level of one layer, all else as it came. `loss` of the score as shown, above 0 is worse.

    `axis` is "channels" or "precision"; `kept` the share of the channels, 1.0 for precisions.
    """

    layer: str
    axis: str
    level: str
    kept: float
    loss: float
    score: float
    size_bytes: int
    latency_ms: float | None


class LayerCosts(QObject):
    """Begins where `want` is called first: whoever never looks pays nothing."""

    changed = Signal()  # more is known, or nothing any more

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._database: Database | None = None
        self._predict: Predict | None = None
        self._todo: Iterator[LevelCost] | None = None
        self._found: list[LevelCost] = []
        self._is_done = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._go_on)

    def set_database(self, database: Database | None, predict: Predict) -> None:
        """Tell of this database from now on."""
        if database is self._database:
            return
        was_wanted = self._todo is not None
        self._database, self._predict = database, predict
        self._todo, self._found, self._is_done = None, [], False
        self._timer.stop()
        self.changed.emit()
        if was_wanted:
            self.want()

    def want(self) -> None:
        """Begin to work out, unless that is under way or done."""
        if self._todo is None and self._database is not None and self._predict is not None:
            self._todo = _costs(self._database, self._predict)
            self._timer.start(0)

    @property
    def found(self) -> Sequence[LevelCost]:
        """Return what is known so far, layer by layer."""
        return tuple(self._found)

    @property
    def is_done(self) -> bool:
        """Say whether every layer is known."""
        return self._is_done

    @property
    def losses(self) -> dict[str, float]:
        """Return what each layer costs at half its channels, or in 4 bits where those stay."""
        best: dict[str, tuple[float, float]] = {}
        for cost in self._found:
            distance = abs(cost.kept - 0.5) if cost.axis == "channels" else 1.0
            if cost.axis == "precision" and cost.level != SHORT["w4"]:
                distance = 2.0
            if cost.layer not in best or distance < best[cost.layer][0]:
                best[cost.layer] = (distance, cost.loss)
        return {layer: loss for layer, (_, loss) in best.items()}

    @Slot()
    def _go_on(self) -> None:
        end = time.perf_counter() + SLICE_S
        while self._todo is not None and time.perf_counter() < end:
            cost = next(self._todo, None)
            if cost is None:
                self._is_done = True
                self._timer.stop()
                self.changed.emit()
                return
            self._found.append(cost)


def _costs(database: Database, predict: Predict) -> Iterator[LevelCost]:
    space = database.space
    start = space.original
    (before,) = predict((start,))
    for name, row in layer_levels(space, start).items():
        for axis, words, kept, choice in _moves(row, start):
            (point,) = predict((choice,))
            yield _cost(database, name, (axis, words, kept), point, before)


def _moves(row: LayerLevel, start: Choice) -> Iterator[tuple[str, str, float, Choice]]:
    if row.group is not None:
        for level, count in enumerate(row.group.levels[1:], 1):
            share = count / row.group.units
            yield "channels", str(count), share, moved(start, {row.group_at: level})
    for level, precision in enumerate(row.layer.precisions[1:], 1):
        yield "precision", SHORT[precision], 1.0, moved(start, {row.layer_at: level})


def _cost(
    database: Database, layer: str, level: tuple[str, str, float], point: FrontPoint,
    before: FrontPoint,
) -> LevelCost:  # fmt: skip
    factor = wording.score_factor(Measurement(metric=database.metric))
    change = (point.score - before.score) * factor
    axis, words, kept = level
    return LevelCost(
        layer=layer, axis=axis, level=words, kept=kept,
        loss=-change if database.higher_is_better else change, score=point.score * factor,
        size_bytes=point.size_bytes, latency_ms=point.latency_ms,
    )  # fmt: skip
