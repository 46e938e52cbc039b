"""Paints a small curve into a cell of the layer table, with a dot where the layer is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from tinystudio.gui import theme

CURVE_ROLE = int(Qt.ItemDataRole.UserRole) + 2
MARGIN = 6
DOT = 2.8  # pixels, its radius


@dataclass(frozen=True)
class Spark:
    """A curve in a cell: places and values, the values' common range, which place is current."""

    places: tuple[float, ...]
    values: tuple[float, ...]
    low: float
    high: float
    now: float


class CurveDelegate(QStyledItemDelegate):
    """Draws what `CURVE_ROLE` holds; nothing else is written into the cell."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint the row's ground, then the curve."""
        super().paint(painter, option, index)
        spark = index.data(CURVE_ROLE)
        if not isinstance(spark, Spark) or not spark.values:
            return
        colours = theme.current()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(option.rect).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        points = [_at(room, spark, x, y) for x, y in zip(spark.places, spark.values, strict=True)]
        painter.setPen(QPen(QColor(colours.accent), 1.4))
        painter.drawPolyline(points)
        painter.setBrush(QColor(colours.accent))
        painter.drawEllipse(_current(points, spark), DOT, DOT)
        painter.restore()


def _current(points: Sequence[QPointF], spark: Spark) -> QPointF:
    nearest = min(range(len(points)), key=lambda at: abs(spark.places[at] - spark.now))
    return points[nearest]


def _at(room: QRectF, spark: Spark, place: float, value: float) -> QPointF:
    share = (value - spark.low) / max(spark.high - spark.low, 1e-12)
    height = min(1.0, max(0.0, share))
    return QPointF(room.left() + place * room.width(), room.bottom() - height * room.height())
