"""Cells that keep the colour of what they tell while their row is selected."""

from __future__ import annotations

import re

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QFontMetrics, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

NUMBER = re.compile(r"[−+]?\d")
LEAST_WORDS = 4  # letters, the dots in their place counted


class TonedCells(QStyledItemDelegate):
    """Writes a selected cell in its own colour, where it has one: a verdict stays one."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        colour = index.data(Qt.ItemDataRole.ForegroundRole)
        if colour is not None:
            option.palette.setBrush(QPalette.ColorRole.HighlightedText, QBrush(colour))


class NameCells(TonedCells):
    """Names of variants, which differ from their first number on: "random c… −40 %, INT8".

    Where there is no room for that much, the middle goes.
    """

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideMiddle
        option.text = name_in(option.text, option.fontMetrics, _room(option))


def name_in(name: str, metrics: QFontMetrics, room: int) -> str:
    """Return a name in so many pixels: its words cut, its numbers whole, if these leave room."""
    number = NUMBER.search(name)
    if number is None or metrics.horizontalAdvance(name) <= room:
        return name
    words, rest = name[: number.start()].rstrip(), f" {name[number.start() :]}"
    left = room - metrics.horizontalAdvance(rest)
    if left < LEAST_WORDS * metrics.averageCharWidth():
        return name
    return metrics.elidedText(words, Qt.TextElideMode.ElideRight, left) + rest


def _room(option: QStyleOptionViewItem) -> int:
    """Return how many pixels the style leaves for the words of a cell."""
    style = option.widget.style()
    whole = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, option, option.widget)
    margin = style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, option, option.widget) + 1
    return whole.width() - 2 * margin
