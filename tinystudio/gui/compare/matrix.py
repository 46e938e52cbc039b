"""A confusion matrix, or how two differ, as a table: the more a cell counts, the darker it is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
)

from tinystudio.gui import theme
from tinystudio.gui.compare.result_table import RIGHT
from tinystudio.gui.texts import tr
from tinystudio.gui.wording import signed

NARROWEST, WIDEST, ROW_HEIGHT, LEAST_ROW = 27, 72, 28, 21  # pixels
LONGEST_NAME, MOST_NAME = 96, 200  # of a name, where there is little room, and where much
LONGEST_ABOVE = 64  # of a name of a column, where there is little room: rows are worth more
FIRST_ROWS, FAIR_ROW = 8, 22  # so many rows, so high, have their room before names above have
AROUND_NAME = 12  # pixels
NAME_SHARE = 0.3  # of the table's width, that names may take
SOFT = {"light": 0.75, "dark": 0.55}  # the strongest tint: words stay readable on it
TINT_ROLE = int(Qt.ItemDataRole.UserRole)

Matrix = Sequence[Sequence[int]]


class MatrixTable(QTableWidget):
    """Rows are what it was, columns what was said. Right answers lie on the diagonal."""

    def __init__(self) -> None:
        super().__init__()
        self._cells: list[list[int]] = []
        self._is_difference = False
        self._names: tuple[str, ...] = ()
        self._named: tuple[int, int, tuple[str, ...]] = (0, 0, ())  # rooms, and what was named
        self._room = 0  # pixels, the height it may have
        self.setAccessibleName(tr("Confusion matrix"))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setItemDelegate(_Tinted(self))
        across = _UprightHead(self)
        across.setMinimumSectionSize(NARROWEST)
        across.setMaximumSectionSize(WIDEST)
        across.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.setHorizontalHeader(across)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        theme.switch().theme_changed.connect(self._tint)

    def show_matrix(self, names: Sequence[str], cells: Matrix, is_difference: bool) -> None:
        """Show these counts, or how much more or less often."""
        self._cells = [list(row) for row in cells]
        self._is_difference = is_difference
        self.clear()
        self.setRowCount(len(names))
        self.setColumnCount(len(names))
        self._names, self._named = tuple(names), (0, 0, ())
        self._name_heads()
        for row, counts in enumerate(self._cells):
            for column, count in enumerate(counts):
                self.setItem(row, column, self._item(names, row, column, count))
        self._tint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the names more of the room where there is more."""
        super().resizeEvent(event)
        if event.size() != event.oldSize():
            self._name_heads()

    def fit_rows(self, room: int) -> int:
        """Make the rows as high as so many pixels allow all of them to be; return what it takes."""
        self._room = room
        self._name_heads()
        bar, count = self.horizontalScrollBar(), max(self.rowCount(), 1)
        is_wide = self.columnCount() * NARROWEST + self.verticalHeader().width() > self.width()
        around = self.horizontalHeader().sizeHint().height() + 2 * self.frameWidth()
        around += bar.sizeHint().height() if is_wide else 0
        height = max(LEAST_ROW, min(ROW_HEIGHT, (room - around) // count))
        self.verticalHeader().setMinimumSectionSize(LEAST_ROW)
        self.verticalHeader().setDefaultSectionSize(height)
        return min(room, around + count * height)

    def _name_heads(self) -> None:
        """Name rows and columns, each as long as the table has room for."""
        beside = max(LONGEST_NAME, min(MOST_NAME, round(NAME_SHARE * self.width())))
        rows = min(len(self._names), FIRST_ROWS) * FAIR_ROW
        left = (self._room or self.height()) - rows - AROUND_NAME - 2 * self.frameWidth()
        above = max(LONGEST_ABOVE, min(MOST_NAME, left))
        if (beside, above, self._names) == self._named:
            return
        self._named = (beside, above, self._names)
        self.verticalHeader().setMaximumWidth(beside + AROUND_NAME)
        for at, name in enumerate(self._names):
            self.setVerticalHeaderItem(at, self._head(name, beside))
            self.setHorizontalHeaderItem(at, self._head(name, above))

    def _head(self, name: str, room: int) -> QTableWidgetItem:
        metrics = QFontMetrics(self.font())
        item = QTableWidgetItem(metrics.elidedText(name, Qt.TextElideMode.ElideRight, room))
        item.setToolTip(name)
        item.setTextAlignment(RIGHT)
        return item

    def _item(self, names: Sequence[str], row: int, column: int, count: int) -> QTableWidgetItem:
        text = "" if not count else signed(count, 0) if self._is_difference else f"{count:,}"
        item = QTableWidgetItem(tr(text))
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        what = "right" if row == column else f"taken for {names[column]}"
        more = " against the first" if self._is_difference else ""
        item.setToolTip(tr(f"{names[row]}, {what}: {text or 0}{more}"))
        return item

    @Slot()
    def _tint(self) -> None:
        """Give every cell its tint: right answers and mistakes each on a scale of their own."""
        colours = theme.current()
        wrong = [abs(c) for r, row in enumerate(self._cells) for k, c in enumerate(row) if r != k]
        right = [abs(row[at]) for at, row in enumerate(self._cells)]
        most = (max(wrong, default=0) or 1, max(right, default=0) or 1)
        for row, counts in enumerate(self._cells):
            for column, count in enumerate(counts):
                item = self.item(row, column)
                if item is None:
                    continue
                is_right = row == column
                is_good = is_right == (count > 0) if self._is_difference else is_right
                tint = QColor(colours.good if is_good else colours.bad)
                tint.setAlphaF(SOFT[colours.name] * abs(count) / most[is_right])
                item.setData(TINT_ROLE, tint)


class _Tinted(QStyledItemDelegate):
    """Draws a count in the middle of its tint, without the room that words get."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:  # fmt: skip
        colours = theme.current()
        area = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5)
        tint = index.data(TINT_ROLE)
        painter.fillRect(area, QColor(colours.sunken))
        if isinstance(tint, QColor):
            painter.fillRect(area, tint)
        if index.row() == index.column():  # right answers: what is good there is bad elsewhere
            painter.setPen(QPen(QColor(colours.faint), 1))
            painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.drawRect(area.adjusted(1, 1, -1, -1))
        font = painter.font()
        font.setPointSizeF(8)
        painter.setFont(font)
        painter.setPen(QColor(colours.text))
        painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), str(index.data() or ""))


class _UprightHead(QHeaderView):
    """Heads written from below to above: many columns are narrower than their names."""

    is_upright = True

    def __init__(self, parent: QTableWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setAccessibleName(tr("What was said"))

    def sizeHint(self) -> QSize:
        """Return room for the longest name."""
        model, metrics = self.model(), QFontMetrics(self.font())
        names = [str(model.headerData(at, self.orientation()) or "") for at in range(self.count())]
        longest = max((metrics.horizontalAdvance(name) for name in names), default=0)
        return QSize(super().sizeHint().width(), longest + AROUND_NAME)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Draw one name."""
        colours = theme.current()
        painter.save()
        painter.setPen(QColor(colours.muted))
        painter.translate(rect.left(), rect.bottom())
        painter.rotate(-90)
        place = QRectF(4, 0, rect.height() - 4, rect.width())
        name = str(self.model().headerData(section, self.orientation()) or "")
        side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(place, int(side), name)
        painter.restore()
