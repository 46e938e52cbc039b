"""The browser's tree for Qt: takes rows and changes only what has become different."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from html import escape

from PySide6.QtCore import (
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QStandardItem, QStandardItemModel

from tinystudio.gui import dragging
from tinystudio.gui.browser_rows import Row
from tinystudio.gui.texts import tr
from tinystudio.session.searching import Query


class RowRole(IntEnum):
    """Under which number an item keeps what."""

    ROW = int(Qt.ItemDataRole.UserRole) + 1
    KEY = int(Qt.ItemDataRole.UserRole) + 2


class BrowserModel(QStandardItemModel):
    """Items by key; selection and what is unfolded survive every `show_rows`."""

    def __init__(self) -> None:
        super().__init__()
        self.file_of: dragging.FileOf = lambda _: None

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Make the tree equal to `rows`."""
        _sync(self.invisibleRootItem(), rows)

    def mimeTypes(self) -> list[str]:
        return [dragging.FORMAT]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the dragged variants, and their files."""
        rows = (index.data(RowRole.ROW) for index in indexes)
        ids = [row.reference for row in rows if isinstance(row, Row) and row.kind == "variant"]
        return dragging.drag_data(ids, self.file_of)

    def index_of(self, key: str) -> QModelIndex:
        """Return where the row of that key is; an invalid index where it is not."""
        found = self.match(
            self.index(0, 0), RowRole.KEY, key, 1,
            Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive,
        )  # fmt: skip
        return found[0] if found else QModelIndex()


def _sync(parent: QStandardItem, rows: Sequence[Row]) -> None:
    wanted = {row.key for row in rows}
    for number in reversed(range(parent.rowCount())):
        if parent.child(number).data(RowRole.KEY) not in wanted:
            parent.removeRow(number)
    for number, row in enumerate(rows):
        item = _item_at(parent, number, row.key)
        if item.data(RowRole.ROW) != row:
            _fill(item, row)
        _sync(item, row.children)


def _item_at(parent: QStandardItem, number: int, key: str) -> QStandardItem:
    """Return the item of `key` as child `number`, moved or made where it is not there."""
    for place in range(number, parent.rowCount()):
        if parent.child(place).data(RowRole.KEY) == key:
            if place != number:
                parent.insertRow(number, parent.takeRow(place))
            return parent.child(number)
    item = QStandardItem()
    item.setData(key, RowRole.KEY)
    # As a list: given alone, PySide would drop the item when this function ends.
    parent.insertRow(number, [item])
    return item


def _fill(item: QStandardItem, row: Row) -> None:
    item.setData(row, RowRole.ROW)
    item.setText(row.shown_title)
    # Rich text, since Qt breaks the lines of nothing else.
    item.setToolTip("".join(f"<p>{escape(line)}</p>" for line in tr(row.tooltip).splitlines()))
    told = (row.shown_title, *map(tr, (row.change, row.detail, "kept" if row.kept else "")))
    item.setData(", ".join(part for part in told if part), Qt.ItemDataRole.AccessibleTextRole)
    item.setEditable(row.kind == "variant")
    item.setDragEnabled(row.kind == "variant")


class BrowserFilter(QSortFilterProxyModel):
    """Shows what the search asks for, with everything above it, and below areas and models."""

    def __init__(self) -> None:
        super().__init__()
        self._query = Query()
        self.setRecursiveFilteringEnabled(True)

    def search(self, text: str) -> None:
        """Show rows that hold every word of `text`, their tags and notes included: see `Query`."""
        self.beginFilterChange()
        self._query = Query.of(text)
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def filterAcceptsRow(
        self, source_row: int, source_parent: QModelIndex | QPersistentModelIndex
    ) -> bool:
        """Say whether the row or its model or area is asked for (Qt adds what is above)."""
        if self._query.is_empty:
            return True
        index: QModelIndex | QPersistentModelIndex
        index = self.sourceModel().index(source_row, 0, source_parent)
        is_itself = True
        while index.isValid():
            row = index.data(RowRole.ROW)
            # What came of a variant is another one: it is not found along with it.
            asked = isinstance(row, Row) and (is_itself or row.kind != "variant")
            if asked and self._query.matches(f"{row.title} {row.change} {row.detail}", row.mark):
                return True
            index, is_itself = index.parent(), False
        return False
