"""Draws a row of a list: a title, a small second line, the user's marks at its right."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from tinystudio.gui import theme
from tinystudio.gui.browser_model import RowRole
from tinystudio.gui.browser_rows import Row
from tinystudio.gui.texts import tr

PADDING = 4  # pixels around the lines
MARK_WIDTH = 16  # pixels kept free for each mark
SMALLER = 1  # points that the second line is smaller by


class TwoLines(QStyledItemDelegate):
    """Reads the `Row` of an index and paints it in the theme that is on.

    How high rows are is the model's to say (`row_heights`): it is asked thousands of times.
    """

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint background, title, second line, star."""
        row = index.data(RowRole.ROW)
        if not isinstance(row, Row):
            super().paint(painter, option, index)
            return
        colours = theme.current()
        painter.save()
        rect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(colours.accent_soft))
        lines = rect.adjusted(PADDING, PADDING, -PADDING, -PADDING)
        if row.marks:
            self._paint_marks(painter, lines, row.marks, colours)
        self._paint_lines(painter, option.font, lines, row, colours)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(colours.accent))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        painter.restore()

    def _paint_marks(
        self, painter: QPainter, lines: QRect, marks: str, colours: theme.Theme
    ) -> None:
        painter.setPen(QColor(colours.text))
        painter.drawText(lines, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, marks)

    def _paint_lines(
        self, painter: QPainter, font: QFont, lines: QRect, row: Row, colours: theme.Theme
    ) -> None:
        title_font = QFont(font)
        title_font.setBold(row.kind == "area" or row.is_open)
        metrics = QFontMetrics(title_font)
        painter.setFont(title_font)
        painter.setPen(QColor(colours.muted if row.is_faint else colours.text))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        room = lines.width() - MARK_WIDTH * len(row.marks)
        painter.drawText(lines, flags, _fit(metrics, shown_title(row), room))
        if row.detail:
            small = _small(font)
            painter.setFont(small)
            painter.setPen(QColor(colours.muted))
            below = lines.adjusted(0, metrics.height(), 0, 0)
            painter.drawText(below, flags, _fit(QFontMetrics(small), tr(row.detail), lines.width()))

    def setEditorData(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:
        """Put the whole title into the field for renaming."""
        row = index.data(RowRole.ROW)
        if isinstance(editor, QLineEdit) and isinstance(row, Row):
            editor.setText(row.title)
            editor.setAccessibleName(tr("New name of the variant"))


def row_heights(font: QFont) -> tuple[QSize, QSize]:
    """Return the room for a row of one line and for one of two."""
    one = QFontMetrics(font).height() + 2 * PADDING
    return QSize(60, one), QSize(60, one + QFontMetrics(_small(font)).height())


def shown_title(row: Row) -> str:
    """Return what stands in the first line: its name, or what it adds to the one above."""
    is_named = row.mark is not None and bool(row.mark.name)
    return row.shown_title if is_named or not row.added else tr(row.added)


def _small(font: QFont) -> QFont:
    small = QFont(font)
    small.setPointSizeF(max(6.0, font.pointSizeF() - SMALLER))
    return small


def _fit(metrics: QFontMetrics, text: str, width: int) -> str:
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
