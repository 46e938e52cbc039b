"""The captions of axes, which give way where the axis is short: words are cut, units are not."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QFontMetricsF

from tinystudio.gui.plots.dressing import caption_style, tick_font
from tinystudio.gui.theme import Theme

UNIT = re.compile(r"^(.*?)(\s*\([^()]*\))\W*$")  # words, unit; what pads a translation behind it
AROUND = 4  # pixels


class Caption(QObject):
    """What is written at one axis, laid out anew when the axis becomes longer or shorter."""

    def __init__(self, axis: Any) -> None:
        super().__init__(axis)
        self._axis = axis
        self._text, self._shown = "", ("", "", 0.0)
        self._style: dict[str, str] = {}
        axis.geometryChanged.connect(self._fit)

    def write(self, text: str, style: dict[str, str]) -> None:
        """Write this, in the language of the window."""
        self._text, self._style = text, style
        self._fit()

    @property
    def text(self) -> str:
        """Return what is read at the axis."""
        return self._shown[0]

    @Slot()
    def _fit(self) -> None:
        font = tick_font()
        size = self._axis.size()
        room = size.height() if self._axis.orientation in ("left", "right") else size.width()
        text = fitting(self._text, QFontMetricsF(font), room - AROUND)
        wanted = (text, self._style.get("color", ""), font.pointSizeF())
        if wanted == self._shown:
            return  # pyqtgraph lays the whole plot out again for a label
        self._shown = wanted
        self._axis.setToolTip(self._text if text != self._text else "")
        self._axis.setLabel(text, **self._style)
        self._axis.resizeEvent()  # a label is centred anew only when the axis is resized


def fitting(text: str, metrics: QFontMetricsF, room: float) -> str:
    """Return a caption no wider than `room`: its unit whole, its words as far as they go."""
    if room <= 0 or metrics.horizontalAdvance(text) <= room:
        return text
    found = UNIT.match(text)
    words, unit = found.groups() if found else (text, "")
    left = room - metrics.horizontalAdvance(unit)
    cut = metrics.elidedText(words, Qt.TextElideMode.ElideRight, left)
    return f"{cut}{unit}" if cut else metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room)


def write_caption(plot: Any, side: str, text: str, colours: Theme) -> None:
    """Write a caption at one of a plot's axes."""
    axis = plot.getAxis(side)
    caption = axis.findChild(Caption) if isinstance(axis, QObject) else None
    (caption or Caption(axis)).write(text, caption_style(colours))
