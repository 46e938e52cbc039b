"""A confusion matrix, or how two differ, as a table: the more a cell counts, the darker it is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from tinystudio.gui import theme
from tinystudio.gui.compare.result_table import RIGHT
from tinystudio.gui.wording import signed

NARROWEST, ROW_HEIGHT = 34, 24  # pixels
WIDEST_NAME = 110
SOFT = 0.75  # the strongest tint: words stay readable on it

Matrix = Sequence[Sequence[int]]


class MatrixTable(QTableWidget):
    """Rows are what it was, columns what was said. Right answers lie on the diagonal."""

    def __init__(self) -> None:
        super().__init__()
        self._cells: list[list[int]] = []
        self._is_difference = False
        self.setAccessibleName("Confusion matrix")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.horizontalHeader().setHighlightSections(True)
        self.horizontalHeader().setMinimumSectionSize(NARROWEST)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.verticalHeader().setMaximumWidth(WIDEST_NAME)
        theme.switch().theme_changed.connect(self._colour)

    def show_matrix(self, names: Sequence[str], cells: Matrix, is_difference: bool) -> None:
        """Show these counts, or how much more or less often."""
        self._cells = [list(row) for row in cells]
        self._is_difference = is_difference
        self.clear()
        self.setRowCount(len(names))
        self.setColumnCount(len(names))
        metrics = QFontMetrics(self.font())
        for at, name in enumerate(names):
            short = metrics.elidedText(name, Qt.TextElideMode.ElideRight, WIDEST_NAME - 12)
            for item, place in ((QTableWidgetItem(short), "v"), (QTableWidgetItem(name), "h")):
                item.setToolTip(name)
                if place == "v":
                    item.setTextAlignment(RIGHT)
                    self.setVerticalHeaderItem(at, item)
                else:
                    self.setHorizontalHeaderItem(at, item)
        for row, counts in enumerate(self._cells):
            for column, count in enumerate(counts):
                self.setItem(row, column, self._item(names, row, column, count))
        self._colour()

    def _item(self, names: Sequence[str], row: int, column: int, count: int) -> QTableWidgetItem:
        text = "" if not count else signed(count, 0) if self._is_difference else f"{count:,}"
        item = QTableWidgetItem(text)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
        what = "right" if row == column else f"taken for {names[column]}"
        more = " more or less" if self._is_difference else ""
        item.setToolTip(f"{names[row]}, {what}: {text or 0}{more}")
        return item

    @Slot()
    def _colour(self) -> None:
        colours = theme.current()
        wrong = [abs(c) for r, row in enumerate(self._cells) for k, c in enumerate(row) if r != k]
        right = [abs(row[at]) for at, row in enumerate(self._cells)]
        most = (max(wrong, default=0) or 1, max(right, default=0) or 1)
        if self._is_difference:
            most = (max(most), max(most))
        for row, counts in enumerate(self._cells):
            for column, count in enumerate(counts):
                item = self.item(row, column)
                if item is None:
                    continue
                is_right = row == column
                share = abs(count) / most[is_right]
                is_good = is_right == (count > 0) if self._is_difference else is_right
                tint = colours.good if is_good else colours.bad
                item.setBackground(_mixed(colours.surface, tint, SOFT * share if count else 0.0))
                item.setForeground(QColor(colours.text))


def _mixed(ground: str, tint: str, share: float) -> QColor:
    """Return `ground` with so much of `tint` in it."""
    under, over = QColor(ground), QColor(tint)
    parts = [
        round(a + (b - a) * share)
        for a, b in zip(under.getRgb()[:3], over.getRgb()[:3], strict=True)  # type: ignore[index]  # a tuple of four
    ]
    return QColor(*parts)
