"""Draws one sample of data each: a picture, or its curves, with its class below."""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from tinystudio.core.data_preview import DataPreview, SampleShown
from tinystudio.gui import theme
from tinystudio.gui.texts import tr

PICTURE = 72  # pixels, the side of a picture
CURVE_WIDTH, CURVE_HEIGHT = 160, 64
CAPTION = 32  # pixels below, for two lines
MARGIN = 4
CENTRED = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop) | int(
    Qt.TextFlag.TextWordWrap
)


class Tile(QWidget):
    """A sample with a caption; a subclass draws what is above it."""

    def __init__(self, sample: SampleShown, size: QSize) -> None:
        super().__init__()
        self.sample = sample
        self.setFixedSize(size.width(), size.height() + CAPTION)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip(
            tr("{label}, sample {number} of train").format(label=sample.label, number=sample.number)
        )
        self.setAccessibleName(
            tr("Sample {number}: {label}").format(number=sample.number, label=sample.label)
        )
        theme.switch().theme_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sample on its ground, and its caption."""
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(0.5, 0.5, self.width() - 1, self.height() - CAPTION - 1)
        painter.setPen(QPen(QColor(colours.border), 1))
        painter.setBrush(QColor(colours.sunken))
        painter.drawRoundedRect(room, MARGIN, MARGIN)
        self.draw(painter, room.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN))
        painter.setPen(QColor(colours.muted))
        below = QRectF(0, self.height() - CAPTION, self.width(), CAPTION)
        font = painter.font()
        font.setPointSizeF(font.pointSizeF() - 1)
        painter.setFont(font)
        # A word that is too long is cut; of more words than two lines hold, the last are.
        metrics, most = painter.fontMetrics(), Qt.TextElideMode.ElideRight
        words = (metrics.elidedText(word, most, self.width()) for word in self.sample.label.split())
        shown = metrics.elidedText(" ".join(words), most, round(1.8 * self.width()))
        painter.drawText(below, CENTRED, shown)
        painter.end()

    def draw(self, painter: QPainter, room: QRectF) -> None:
        """Draw the sample into `room`."""
        raise NotImplementedError


class PictureTile(Tile):
    """An image as large as fits; single pixels stay sharp where it is small."""

    def __init__(self, sample: SampleShown) -> None:
        super().__init__(sample, QSize(PICTURE + 2 * MARGIN, PICTURE + 2 * MARGIN))
        self._picture = QPixmap()
        with contextlib.suppress(binascii.Error):  # a damaged file: nothing is drawn
            self._picture.loadFromData(base64.b64decode(sample.png, validate=True), "PNG")

    def draw(self, painter: QPainter, room: QRectF) -> None:
        """Draw the picture in the middle."""
        if self._picture.isNull():
            return
        size = self._picture.size().scaled(room.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        is_small = size.width() > self._picture.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not is_small)
        place = QRectF(0, 0, size.width(), size.height())
        place.moveCenter(room.center())
        painter.drawPixmap(place, self._picture, QRectF(self._picture.rect()))


class CurvesTile(Tile):
    """Curves over one another, all samples on the same scale."""

    def __init__(self, sample: SampleShown, low: float, high: float) -> None:
        super().__init__(sample, QSize(CURVE_WIDTH, CURVE_HEIGHT))
        self._low, self._span = low, (high - low) or 1.0

    def draw(self, painter: QPainter, room: QRectF) -> None:
        """Draw zero, where it is within, and every channel in its colour."""
        colours = theme.current()
        if self._low < 0 < self._low + self._span:
            painter.setPen(QPen(QColor(colours.grid_line), 1))
            zero = self._at(room, 0.0, 0.0).y()
            painter.drawLine(QPointF(room.left(), zero), QPointF(room.right(), zero))
        for number, line in enumerate(self.sample.curves):
            painter.setPen(QPen(QColor(colours.curve(number).colour), 1.2))
            last = max(1, len(line) - 1)
            painter.drawPolyline(
                [self._at(room, at / last, value) for at, value in enumerate(line)]
            )

    def _at(self, room: QRectF, share: float, value: float) -> QPointF:
        height = min(1.0, max(0.0, (value - self._low) / self._span))
        return QPointF(room.left() + share * room.width(), room.bottom() - height * room.height())


def tiles_of(preview: DataPreview) -> Sequence[Tile]:
    """Return a tile for every sample that is drawn; none for rows and text."""
    if preview.kind in ("images", "maps"):
        return [PictureTile(sample) for sample in preview.samples]
    if preview.kind == "curves":
        return [CurvesTile(sample, preview.low, preview.high) for sample in preview.samples]
    return []
