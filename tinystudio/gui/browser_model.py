"""The browser's tree for Qt: takes rows and changes only what has become different."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from html import escape
from typing import Any

from PySide6.QtCore import (
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QStandardItem, QStandardItemModel

from tinystudio.gui import dragging
from tinystudio.gui.browser_rows import Row
from tinystudio.gui.texts import tr
from tinystudio.session.searching import Query

_EDIT, _SIZE = int(Qt.ItemDataRole.EditRole), int(Qt.ItemDataRole.SizeHintRole)
MOST_MOVES = 30  # of rows one by one; beyond that they are taken out and put in anew


class RowRole(IntEnum):
    """Under which number an item keeps what."""

    ROW = int(Qt.ItemDataRole.UserRole) + 1
    KEY = int(Qt.ItemDataRole.UserRole) + 2


class _Item(QStandardItem):
    """One row; what is shown of it is worked out when it is seen, for thousands are not."""

    def __init__(self, row: Row, model: BrowserModel) -> None:
        super().__init__()
        self.holds = row
        self.has_two = row.has_detail  # lines
        self.below: list[str] = []  # keys of the children
        self.shown: Sequence[Row] = ()  # the children as they were synchronized last
        self._model = model
        if row.kind != "variant":
            self.setEditable(False)
            self.setDragEnabled(False)

    def data(self, role: int = int(RowRole.ROW)) -> Any:
        """Return what the view, the delegate or a screen reader asks for."""
        if role == _SIZE:  # of every row, whenever one comes or goes
            return self._model.heights[self.has_two]
        tell = _TOLD.get(role)
        return None if tell is None else tell(self.holds)

    def setData(self, value: Any, role: int = _EDIT) -> None:
        """Ask for another name: what was typed is shown once the project has it."""
        if role == _EDIT:
            self._model.name_typed.emit(self.holds.reference, str(value))


class BrowserModel(QStandardItemModel):
    """Items by key; selection and what is unfolded survive every `show_rows`."""

    name_typed = Signal(str, str)  # a variant, and what it is to be called

    def __init__(self) -> None:
        super().__init__()
        self.file_of: dragging.FileOf = lambda _: None
        self.heights = (QSize(60, 22), QSize(60, 36))  # of rows with one line and with two
        self._items: dict[str, _Item] = {}
        self._below: list[str] = []
        self._grown: list[Row] = []

    def show_rows(self, rows: Sequence[Row]) -> list[Row]:
        """Make the tree equal to `rows`; return those below which something has come."""
        self._grown = []
        self._sync(self.invisibleRootItem(), self._below, rows)
        return self._grown

    def mimeTypes(self) -> list[str]:
        return [dragging.FORMAT]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the dragged variants, and their files."""
        rows = (index.data(RowRole.ROW) for index in indexes)
        ids = [row.reference for row in rows if isinstance(row, Row) and row.kind == "variant"]
        return dragging.drag_data(ids, self.file_of)

    def index_of(self, key: str) -> QModelIndex:
        """Return where the row of that key is; an invalid index where it is not."""
        item = self._items.get(key)
        return QModelIndex() if item is None else item.index()

    def _sync(self, parent: QStandardItem, below: list[str], rows: Sequence[Row]) -> None:
        wanted = [row.key for row in rows]
        if below != wanted:
            self._take_out(parent, below, wanted)
            self._move(parent, below, wanted)
            self._put_in(parent, below, rows)
        for row in rows:
            item = self._items[row.key]
            if item.holds is not row:
                before, item.holds, item.has_two = item.holds, row, row.has_detail
                if before != row:
                    item.emitDataChanged()
            if item.shown is not row.children:
                if row.children and not item.below:
                    self._grown.append(row)
                self._sync(item, item.below, row.children)
                item.shown = row.children

    def _take_out(self, parent: QStandardItem, below: list[str], wanted: list[str]) -> None:
        kept = set(wanted)
        for start, end in reversed(list(_runs([key not in kept for key in below]))):
            for key in below[start:end]:
                self._forget(key)
            parent.removeRows(start, end - start)
            del below[start:end]

    def _forget(self, key: str) -> None:
        waiting = [key]
        while waiting:
            item = self._items.pop(waiting.pop(), None)
            waiting += () if item is None else item.below

    def _move(self, parent: QStandardItem, below: list[str], wanted: list[str]) -> None:
        there = set(below)
        order = [key for key in wanted if key in there]
        moves = 0
        for place, key in enumerate(order):
            if below[place] == key:
                continue
            moves += 1
            if moves > MOST_MOVES:
                for left in below[place:]:
                    self._forget(left)
                parent.removeRows(place, len(below) - place)
                del below[place:]
                return
            # Either this one comes here from further down, or the one here belongs there.
            goes_down = below[place + 1] == key
            start = place if goes_down else below.index(key, place)
            end = order.index(below[place]) if goes_down else place
            parent.insertRow(end, parent.takeRow(start))
            below.insert(end, below.pop(start))

    def _put_in(self, parent: QStandardItem, below: list[str], rows: Sequence[Row]) -> None:
        there = set(below)
        for start, end in _runs([row.key not in there for row in rows]):
            new = rows[start:end]
            for row in new:  # it may stand below another one still
                self._leave(row.key)
            items = [_Item(row, self) for row in new]
            self._items.update((row.key, item) for row, item in zip(new, items, strict=True))
            # As a list: given alone, PySide would drop the item when this function ends.
            parent.insertRows(start, items)
            below[start:start] = [row.key for row in new]

    def _leave(self, key: str) -> None:
        item = self._items.get(key)
        if item is None:
            return
        above = item.parent()
        place = item.row()
        if isinstance(above, _Item):
            above.below.remove(key)
            above.shown = ()
            above.removeRow(place)
        else:
            self._below.remove(key)
            self.removeRow(place)
        self._forget(key)


def _runs(chosen: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield where stretches of what is chosen begin and end."""
    start = None
    for at, is_chosen in enumerate(chosen):
        if is_chosen and start is None:
            start = at
        elif not is_chosen and start is not None:
            yield start, at
            start = None
    if start is not None:
        yield start, len(chosen)


def _tooltip(row: Row) -> str:
    # Rich text, since Qt breaks the lines of nothing else.
    return "".join(f"<p>{escape(line)}</p>" for line in tr(row.tooltip).splitlines())


def _spoken(row: Row) -> str:
    told = (row.shown_title, *map(tr, (row.change, row.detail, "kept" if row.kept else "")))
    return ", ".join(part for part in told if part)


_TOLD: dict[int, Callable[[Row], Any]] = {
    int(RowRole.ROW): lambda row: row,
    int(RowRole.KEY): lambda row: row.key,
    int(Qt.ItemDataRole.DisplayRole): lambda row: row.shown_title,
    _EDIT: lambda row: row.title,
    int(Qt.ItemDataRole.ToolTipRole): _tooltip,
    int(Qt.ItemDataRole.AccessibleTextRole): _spoken,
}


class BrowserFilter(QSortFilterProxyModel):
    """Shows what the search asks for, with everything above it, and below areas and models."""

    def __init__(self) -> None:
        super().__init__()
        self._query = Query()
        self._rows: Sequence[Row] = ()
        self._found: set[str] | None = None  # keys; None: everything
        self.setRecursiveFilteringEnabled(True)

    def search(self, text: str) -> None:
        """Show rows that hold every word of `text`, their tags and notes included: see `Query`."""
        self._query = Query.of(text)
        self._look()
        # All at once: told row by row what goes, a tree of thousands takes seconds.
        self.invalidate()

    def expect(self, rows: Sequence[Row]) -> None:
        """Know which rows are about to come."""
        self._rows = rows
        self._look()

    def _look(self) -> None:
        self._found = None if self._query.is_empty else set(_found(self._rows, self._query))

    def filterAcceptsRow(
        self, source_row: int, source_parent: QModelIndex | QPersistentModelIndex
    ) -> bool:
        """Say whether the row or its model or area is asked for (Qt adds what is above)."""
        if self._found is None:
            return True
        index = self.sourceModel().index(source_row, 0, source_parent)
        return index.data(RowRole.KEY) in self._found


def _found(rows: Sequence[Row], query: Query) -> Iterator[str]:
    waiting = [(row, False) for row in rows]
    while waiting:
        row, is_below = waiting.pop()
        asked = is_below or query.holds(row.searched, row.mark)
        if asked:
            yield row.key
        # What came of a variant is another one: it is not found along with it.
        below = asked and row.kind != "variant"
        waiting += [(child, below) for child in row.children]
