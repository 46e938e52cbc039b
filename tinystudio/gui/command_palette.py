"""A list of everything one can do, found by a few letters and done by Enter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Slot,
)
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui import theme
from tinystudio.gui.palette_entries import MOST_SHOWN, Entry, Scored, matching
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.text_size import scaled
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID

SIZE = (560, 420)  # pixels
ROW = 30
SLICE_S = 0.008  # of the event loop at once
ENTRY_ROLE = int(Qt.ItemDataRole.UserRole)
NOTHING = "Nothing is called so. Try fewer letters."
HINT = "Enter does it, the arrows choose, Esc closes."
MOVES = {
    Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -10, Qt.Key.Key_PageDown: 10,
}  # fmt: skip


class More(Protocol):
    """Entries that are too many to be made all at once."""

    def work(self, seconds: float) -> bool:
        """Take in more of them, for about so long; say whether all are in."""

    def best(self, query: str, most: int) -> Sequence[Scored]:
        """Return what a query means best."""


class CommandPalette(QDialog):
    """Opens over the window and goes when something was chosen; nothing waits for it."""

    def __init__(
        self, entries: Sequence[Entry], parent: QWidget | None = None, more: More | None = None
    ) -> None:
        super().__init__(parent)
        self._entries, self._more = tuple(entries), more
        self._taking_in = QTimer(self)  # of what `more` has not worked out yet
        self._taking_in.timeout.connect(self._on_more)
        self._model = _Model()
        self.search, self.list, self._hint = QLineEdit(), QListView(), QLabel(tr(HINT))
        self._lay_out()
        self.search.textChanged.connect(self._on_text)
        self.search.returnPressed.connect(self.do_current)
        self.list.clicked.connect(self.do_current)
        self.list.activated.connect(self.do_current)
        if more is not None and not more.work(SLICE_S):
            self._taking_in.start()
        self._on_text("")

    def _lay_out(self) -> None:
        self.setWindowTitle(tr("Find a command"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(scaled(SIZE[0]), scaled(SIZE[1]))
        self.search.setPlaceholderText(tr("A command, task, technique, variant or project"))
        self.search.setAccessibleName(tr("What do you want to do?"))
        self.search.setAccessibleDescription(tr(HINT))
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Rows(self.list))
        self.list.setAccessibleName(tr("What can be done"))
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._hint.setWordWrap(True)
        set_role(self._hint, "muted")
        body = QVBoxLayout(self)
        body.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, GRID)
        body.setSpacing(GRID)
        for widget, stretch in ((self.search, 0), (self.list, 1), (self._hint, 0)):
            body.addWidget(widget, stretch)

    @property
    def shown(self) -> tuple[Entry, ...]:
        """Return what is listed, best first."""
        return self._model.entries

    @property
    def hint(self) -> str:
        """Return what is said below the list."""
        return self._hint.text()

    @Slot(str)
    def _on_text(self, text: str) -> None:
        more = () if self._more is None else self._more.best(text, MOST_SHOWN)
        self._model.show(matching(self._entries, text, more)[:MOST_SHOWN])
        self.list.setCurrentIndex(self._model.index(0))
        self._hint.setText(tr(HINT) if self.shown else tr(NOTHING))

    @Slot()
    def _on_more(self) -> None:
        if self._more is None or self._more.work(SLICE_S):
            self._taking_in.stop()
            self._on_text(self.search.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move in the list while the letters are typed."""
        move = MOVES.get(Qt.Key(event.key()))
        if move is None or not self.shown:
            super().keyPressEvent(event)
            return
        row = min(len(self.shown) - 1, max(0, self.list.currentIndex().row() + move))
        self.list.setCurrentIndex(self._model.index(row))

    @Slot()
    def do_current(self) -> None:
        """Do what is chosen; where that cannot be, say why and stay."""
        entry = self.list.currentIndex().data(ENTRY_ROLE)
        if not isinstance(entry, Entry):
            return
        if entry.reason:
            self._hint.setText(tr(f"{entry.title}: {entry.reason}"))
            return
        self.close()
        entry.run()


class _Model(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.entries: tuple[Entry, ...] = ()

    def show(self, entries: Sequence[Entry]) -> None:
        self.beginResetModel()
        self.entries = tuple(entries)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> Any:
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return tr(entry.title)
            case Qt.ItemDataRole.ToolTipRole:
                return tr("\n".join(part for part in (entry.tip, entry.reason) if part)) or None
            case Qt.ItemDataRole.AccessibleTextRole:
                parts = (tr(entry.title), tr(entry.kind), _native(entry.keys), tr(entry.reason))
                return ", ".join(part for part in parts if part)
        return entry if role == ENTRY_ROLE else None


class _Rows(QStyledItemDelegate):
    """The title on the left; kind, keys or the reason on the right, muted."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(scaled(SIZE[0]) // 2, scaled(ROW))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        entry, colours = index.data(ENTRY_ROLE), theme.current()
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, QColor(colours.accent_soft))
        room = option.rect.adjusted(GRID, 0, -GRID, 0)
        kind, keys = tr(entry.kind), _native(entry.keys)
        beside = tr(entry.reason) or " · ".join(part for part in (kind, keys) if part)
        metrics, left = option.fontMetrics, Qt.AlignmentFlag.AlignVCenter
        width = min(metrics.horizontalAdvance(beside), room.width() // 2)
        title_room = QRect(room.left(), room.top(), room.width() - width - GRID, room.height())
        elide = Qt.TextElideMode.ElideRight
        painter.setFont(option.font)
        painter.setPen(QColor(colours.muted if entry.reason else colours.text))
        title = metrics.elidedText(
            tr(entry.title), Qt.TextElideMode.ElideMiddle, title_room.width()
        )
        painter.drawText(title_room, left | Qt.AlignmentFlag.AlignLeft, title)
        painter.setPen(QColor(colours.muted))
        right = QRect(room.right() - width, room.top(), width + 1, room.height())
        painter.drawText(
            right, left | Qt.AlignmentFlag.AlignRight, metrics.elidedText(beside, elide, width + 1)
        )
        painter.restore()


def _native(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
