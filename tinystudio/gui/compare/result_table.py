"""A table of a comparison: sorted by its heads, coloured by what is better, to take away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QColor, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QTableWidget, QTableWidgetItem

from tinystudio.gui import theme
from tinystudio.gui.column_fit import ColumnFit
from tinystudio.gui.texts import tr
from tinystudio.gui.toned_cells import TonedCells
from tinystudio.session.comparison_tables import Cell, Table

ROW_HEIGHT = 26
LEAST_WORDS, SHORT_HEAD, PADDING = 96, 104, 16  # pixels: what is cut is whole in the tooltip
KEY_ROLE = int(Qt.ItemDataRole.UserRole)
TONE_ROLE = KEY_ROLE + 1
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ResultTable(QTableWidget):
    """Shows one `Table` after another; Ctrl+C copies it as CSV, selected rows or all."""

    def __init__(self, name: str, is_sorted: bool = True, row_height: int = ROW_HEIGHT) -> None:
        super().__init__()
        self._is_sorted = is_sorted
        self._taken: Table | None = None
        self._fit: ColumnFit | None = None
        self.setAccessibleName(tr(name))
        self.setItemDelegate(TonedCells(self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)  # Tab leads on to the next widget
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(row_height)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideMiddle)
        copy = QAction(tr("Copy as CSV"), self)
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self.copy_as_csv)
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        theme.switch().theme_changed.connect(self._colour)

    def show_table(self, table: Table, taken: Table | None = None) -> None:
        """Show these rows; `taken` is what is copied, where that is another form of the same."""
        self._taken = taken or table
        self.setSortingEnabled(False)
        self.clear()
        self.setRowCount(len(table.rows))
        self.setColumnCount(len(table.heads))
        for column, head in enumerate(table.heads):
            self.setHorizontalHeaderItem(column, _head(head, column < table.words))
        for row, cells in enumerate(table.rows):
            for column, cell in enumerate(cells):
                # What is sorted is named in the first columns: layers and classes are no words.
                is_named = self._is_sorted and column < table.words
                self.setItem(row, column, _Item(cell, column < table.words, is_named))
        self._colour()
        self._fit_columns(table)
        if self._is_sorted:
            # As they came until a head is clicked: they come in the order of what matters.
            self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
            self.setSortingEnabled(True)

    @property
    def as_csv(self) -> str:
        """Return what is shown as CSV text."""
        return "" if self._taken is None else self._taken.csv

    @property
    def whole_height(self) -> int:
        """Return in what height all rows are seen."""
        bar = self.horizontalScrollBar().sizeHint().height()
        return self.horizontalHeader().sizeHint().height() + self.verticalHeader().length() + bar

    def height_of(self, rows: int) -> int:
        """Return in what height so many rows are seen below their heads."""
        head = self.horizontalHeader().sizeHint().height()
        return head + rows * self.verticalHeader().defaultSectionSize() + 2 * self.frameWidth()

    @Slot()
    def copy_as_csv(self) -> None:
        """Put the table on the clipboard."""
        QGuiApplication.clipboard().setText(self.as_csv)

    def _fit_columns(self, table: Table) -> None:
        if self._fit is not None:
            self._fit.deleteLater()
        # Heads of figures are cut first, then words; figures never are.
        words = range(min(table.words, len(table.heads)))
        columns = [*range(len(words), len(table.heads)), *words]
        least = {column: self._least(table, column) for column in columns}
        self._fit = ColumnFit(self, least)
        self._fit.read(self.model())

    def _least(self, table: Table, column: int) -> int:
        if column < table.words:
            return LEAST_WORDS
        write = self.fontMetrics().horizontalAdvance
        figures = max(
            (write(part) for row in table.rows for part in tr(row[column].text).splitlines()),
            default=0,
        )
        return PADDING + max(figures, min(write(tr(table.heads[column])), SHORT_HEAD))

    @Slot()
    def _colour(self) -> None:
        colours = theme.current()
        tones = {"good": colours.good_text, "bad": colours.bad_text, "same": colours.muted}
        for row in range(self.rowCount()):
            for column in range(self.columnCount()):
                item = self.item(row, column)
                tone = None if item is None else tones.get(str(item.data(TONE_ROLE)))
                if item is not None and tone is not None:
                    item.setForeground(QColor(tone))


class _Item(QTableWidgetItem):
    """A cell that is sorted by its figure, where it has one."""

    def __init__(self, cell: Cell, is_word: bool, is_named: bool) -> None:
        super().__init__(cell.text if is_named else tr(cell.text))
        self.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        self.setTextAlignment(LEFT if is_word else RIGHT)
        parts = dict.fromkeys(part for part in (cell.text, cell.tip) if part)
        self.setToolTip("\n".join(parts) if is_named else tr("\n".join(parts)))
        self.setData(KEY_ROLE, cell.key)
        self.setData(TONE_ROLE, cell.tone)

    def __lt__(self, other: QTableWidgetItem) -> bool:
        mine, theirs = self.data(KEY_ROLE), other.data(KEY_ROLE)
        if mine is None or theirs is None:
            return self.text().lower() < other.text().lower()
        return float(mine) < float(theirs)


def _head(text: str, is_word: bool) -> QTableWidgetItem:
    item = QTableWidgetItem(tr(text))
    item.setTextAlignment(LEFT if is_word else RIGHT)
    item.setToolTip(tr(text))
    return item
