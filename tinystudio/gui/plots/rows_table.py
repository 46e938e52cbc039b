"""The numbers of a plot as a table: any headings, any number of rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QTableView

from tinystudio.gui.texts import tr
from tinystudio.gui.variant_numbers import Cell, cell_text

Index = QModelIndex | QPersistentModelIndex
Rows = Sequence[Sequence[Cell]]


class RowsModel(QAbstractTableModel):
    """Reads the rows where they are: a hundred thousand of them take no longer than ten."""

    def __init__(self) -> None:
        super().__init__()
        self._headings: Sequence[str] = ()
        self._rows: Rows = ()

    def show_rows(self, headings: Sequence[str], rows: Rows) -> None:
        """Show these in place of the former."""
        self.beginResetModel()
        self._headings, self._rows = headings, rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else len(self._headings)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(self._headings[section])
        return None

    def data(self, index: Index, role: int = 0) -> object:
        cell = self._rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return tr(cell_text(cell))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            is_word = isinstance(cell, str)
            side = Qt.AlignmentFlag.AlignLeft if is_word else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class RowsTable(QTableView):
    """The table of one plot."""

    def __init__(self) -> None:
        super().__init__()
        self._model = RowsModel()
        self._known: Sequence[str] = ()
        self.setModel(self._model)
        self.setWordWrap(False)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.verticalHeader().hide()
        self.setAccessibleName(tr("The plot's numbers"))

    def show_rows(self, headings: Sequence[str], rows: Rows) -> None:
        """Show these rows; columns are fitted once for the same headings."""
        self._model.show_rows(headings, rows)
        if rows and list(headings) != list(self._known):
            self._known = tuple(headings)
            self.resizeColumnsToContents()


def csv_text(headings: Sequence[str], rows: Rows) -> str:
    """Return the rows as CSV text with its headings."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows(rows)
    return text.getvalue()
