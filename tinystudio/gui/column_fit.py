"""Gives a table's columns the widths that their contents need, so that all fit where they can."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QAbstractItemModel, QEvent, QObject
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QTableView

PADDING = 16  # pixels: a cell's own, and a gap to the next column
SIGN = 40  # pixels: no wider is a column of signs, which any more room would part from its row
MOST_OF_VIEW = 0.6  # of a table that scrolls sideways may be one column of words
ROWS_READ = 200  # at a time: what is further down is not worth the wait


class ColumnFit(QObject):
    """Fits the columns of `view` again whenever its room changes.

    `yielding` names the columns of words that are cut first where there is no room, each with
    its least width in pixels; where that is not enough, the table is scrolled and none is cut.
    What room is left over goes to all alike, but for those of signs. A column that the user has
    pulled to a width keeps it. `least` are the widths of columns that hold more than words.
    """

    def __init__(
        self, view: QTableView, yielding: Mapping[int, int], least: Mapping[int, int] | None = None
    ) -> None:
        super().__init__(view)
        self._view = view
        self._least = dict(least or {})
        self._yielding = dict(yielding)
        self._pulled: set[int] = set()
        self._wanted: dict[int, int] = {}
        self._is_fitting = False
        view.horizontalHeader().sectionResized.connect(self._on_resized)
        view.viewport().installEventFilter(self)

    def read(self, contents: QAbstractItemModel, first: int = 0) -> None:
        """Look at the contents from a row on, and fit; call it when they have changed."""
        rows = range(first, min(contents.rowCount(), first + ROWS_READ))
        for column in range(contents.columnCount()):
            known = self._wanted.get(column, 0) if first else 0
            self._wanted[column] = max(known, self._contents_width(contents, column, rows))
        self.fit()

    def wanted(self, column: int) -> int:
        """Return the width that a column's contents need, as they were read last."""
        return self._wanted.get(column, self._least.get(column, 0))

    def fit(self) -> None:
        """Give every shown column its width."""
        shown = [c for c in self._wanted if not self._view.isColumnHidden(c)]
        free = [column for column in shown if column not in self._pulled]
        widths = {column: self._wanted[column] for column in free}
        fixed = sum(self._view.columnWidth(column) for column in shown if column in self._pulled)
        spare = self._view.viewport().width() - fixed - sum(widths.values())
        yielding = [column for column in self._yielding if column in widths]
        if sum(max(0, widths[c] - self._yielding[c]) for c in yielding) >= -spare:
            for column in yielding if spare < 0 else ():
                change = max(spare, min(0, self._yielding[column] - widths[column]))
                widths[column] += change
                spare -= change
        else:  # it is scrolled in any case: then nothing is cut as well
            most = round(MOST_OF_VIEW * self._view.viewport().width())
            for column in yielding:
                widths[column] = min(widths[column], max(most, self._yielding[column]))
        growing = [column for column in free if self._wanted[column] > SIGN]
        for number, column in enumerate(growing):
            share = max(0, spare) // (len(growing) - number)
            widths[column] += share
            spare -= share
        self._is_fitting = True
        for column, width in widths.items():
            self._view.setColumnWidth(column, width)
        self._is_fitting = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Fit again when the table has become wider or narrower."""
        if event.type() == QEvent.Type.Resize and self._wanted:
            self.fit()
        return super().eventFilter(watched, event)

    def _contents_width(self, contents: QAbstractItemModel, column: int, rows: range) -> int:
        metrics = self._view.fontMetrics()
        texts = (str(contents.index(row, column).data() or "") for row in rows)
        widest = max((metrics.horizontalAdvance(text) for text in texts), default=0)
        return max(PADDING + widest, self._head_width(column), self._least.get(column, 0))

    def _head_width(self, column: int) -> int:
        # Qt's own hint keeps room for a sort arrow on every column; that alone made a small
        # screen scroll sideways. The arrow may lie over the gap.
        header = self._view.horizontalHeader()
        head = str(self._view.model().headerData(column, header.orientation()) or "")
        words = PADDING + QFontMetrics(header.font()).horizontalAdvance(head)
        return max(words, header.minimumSectionSize())

    def _on_resized(self, column: int, old: int, new: int) -> None:
        # A column that is hidden has no width; nobody pulled it there.
        if not self._is_fitting and old and new:
            self._pulled.add(column)
