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
    item.setText(row.title)
    # Rich text, since Qt breaks the lines of nothing else.
    item.setToolTip("".join(f"<p>{escape(line)}</p>" for line in row.tooltip.splitlines()))
    item.setData(", ".join(part for part in (row.title, row.detail, "kept" if row.kept else "")
                           if part), Qt.ItemDataRole.AccessibleTextRole)  # fmt: skip
    item.setEditable(row.kind == "variant")
    item.setDragEnabled(row.kind == "variant")


class BrowserFilter(QSortFilterProxyModel):
    """Shows what the search asks for, with everything above and below it."""

    def __init__(self) -> None:
        super().__init__()
        self._words: tuple[str, ...] = ()
        self.setRecursiveFilteringEnabled(True)
        self.setAutoAcceptChildRows(True)

    def search(self, text: str) -> None:
        """Show rows that hold every word of `text` in one of their two lines."""
        self.beginFilterChange()
        self._words = tuple(text.lower().split())
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def filterAcceptsRow(
        self, source_row: int, source_parent: QModelIndex | QPersistentModelIndex
    ) -> bool:
        """Say whether the row itself is asked for (Qt adds its relatives)."""
        row = self.sourceModel().index(source_row, 0, source_parent).data(RowRole.ROW)
        if not isinstance(row, Row):
            return not self._words
        text = f"{row.title} {row.detail}".lower()
        return all(word in text for word in self._words)
