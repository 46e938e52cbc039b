"""Cells that keep the colour of what they tell while their row is selected."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QPalette
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

NEARLY = 0.67  # of a name's width


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
    """Names of variants, which differ at their ends: "…nels −40 %, INT8".

    Where more than a third is missing, the middle goes: what the name begins with tells most then.
    """

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        whole = option.fontMetrics.horizontalAdvance(option.text)
        is_nearly_whole = option.rect.width() > NEARLY * whole
        modes = Qt.TextElideMode
        option.textElideMode = modes.ElideLeft if is_nearly_whole else modes.ElideMiddle
