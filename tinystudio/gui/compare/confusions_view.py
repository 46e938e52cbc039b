"""Which classes are taken for one another: the matrices, their difference, and a list."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui.compare.classes_view import empty_label
from tinystudio.gui.compare.matrix import MatrixTable
from tinystudio.gui.compare.result_table import ResultTable
from tinystudio.gui.elided_lines import ElidedLines, broken
from tinystudio.gui.forms.choice_box import ChoiceBox
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.jobs.comparison import Comparison
from tinystudio.session.comparison_tables import confusions_table, matrix_table

RULE = "Rows: true class. Columns: answer. Empty: none."
DIFFERENCE = (
    "Change against {first}. Rows: true class; columns: answer. Green: fewer mistakes or more "
    "right answers."
)
NARROW = 800  # pixels: below, the list stands under the matrix
LEAST_ROWS = 2  # of the list that are seen under the matrix, which has the rest
NOTE_LINES = 2
LONG = "There are too many classes for a matrix that could be read; this is what differs most."


class ConfusionsView(QWidget):
    """A matrix, chosen above it, and beside it the confusions one by one."""

    def __init__(self) -> None:
        super().__init__()
        self._found: Comparison | None = None
        self.choice = ChoiceBox()
        self.matrix, self.table = MatrixTable(), ResultTable("Confusions one by one")
        self._note, self._empty = ElidedLines(NOTE_LINES), empty_label()
        self._bar = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._left, self._split = QWidget(), QSplitter(Qt.Orientation.Horizontal)
        self._is_moved = False  # the user has drawn the line between matrix and list
        self._lay_out()
        self.choice.currentIndexChanged.connect(self._on_chosen)

    def _lay_out(self) -> None:
        self.choice.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToContents)
        self.choice.setAccessibleName(tr("Which confusion matrix is shown"))
        self.choice.setToolTip(tr("The matrix of one variant, or how two of them differ"))
        set_role(self._note, "muted")
        self._bar.addWidget(self.choice, 0, Qt.AlignmentFlag.AlignLeft)
        self._bar.addWidget(self._note, 1)
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.addWidget(self.matrix, 1)
        split = self._split
        split.setChildrenCollapsible(False)
        split.setHandleWidth(GRID)
        split.addWidget(self._left)
        split.addWidget(self.table)
        split.installEventFilter(self)
        split.splitterMoved.connect(self._on_moved)
        split.setStretchFactor(0, 8)
        split.setStretchFactor(1, 5)
        page = QWidget()
        body = QVBoxLayout(page)
        body.setContentsMargins(GRID, GRID, GRID, GRID)
        body.addLayout(self._bar)
        body.addWidget(split, 1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(page)

    def show_comparison(self, found: Comparison) -> None:
        """Show these confusions; at first how the second variant differs from the first."""
        self._found = found
        self._pages.setCurrentIndex(1 if found.confusions else 0)
        self._empty.setText(tr(found.why.get("confusions", "")))
        self.table.show_table(confusions_table(found))
        has_matrix = bool(found.matrices)
        self._left.setVisible(has_matrix)
        self.choice.setVisible(has_matrix)
        self._tell(tr(LONG))
        self.choice.blockSignals(True)
        self.choice.clear()
        first = found.titles[0]
        for at, title in enumerate(found.titles[1:], 1):
            self.choice.addItem(tr(f"{title} against {first}"), (at, True))
        for at, title in enumerate(found.titles):
            self.choice.addItem(tr(title), (at, False))
        self.choice.blockSignals(False)
        self._on_chosen()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the list under the matrix where there is no room beside it."""
        super().resizeEvent(event)
        self._bend()
        is_narrow = event.size().width() < NARROW
        wanted = Qt.Orientation.Vertical if is_narrow else Qt.Orientation.Horizontal
        if wanted != self._split.orientation():
            self._split.setOrientation(wanted)
            self._is_moved = False
            if not is_narrow:
                self._split.setSizes([8, 5])  # shares, scaled to the room

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Share the room again when there is more of it, or less."""
        if event.type() == QEvent.Type.Resize:
            self._share()
        return super().eventFilter(watched, event)

    def _share(self) -> None:
        """Give the matrix what all its rows take, and the list the rest, but a few rows at least.

        A table asks for a height of its own, which would win over the splitter's sizes.
        """
        is_below = self._split.orientation() is Qt.Orientation.Vertical
        least = self.table.height_of(LEAST_ROWS)
        self.table.setMinimumHeight(least)
        room = self._split.height()
        if is_below:
            room -= self._split.handleWidth() + least
        if self._left.isHidden() or self._is_moved or room <= 0:
            return
        taken = self.matrix.fit_rows(room)
        if is_below:
            self._split.setSizes([taken, room + least - taken])

    @Slot()
    def _on_moved(self) -> None:
        self._is_moved = True

    def _tell(self, words: str) -> None:
        """Say how the matrix is read; where there is no room for it, its tooltip does."""
        self._note.set_text(words)
        self._note.setToolTip(words)
        self._bend()

    def _bend(self) -> None:
        """Put the words below the choice where they would be cut beside it."""
        beside = self.width() - 2 * GRID
        if not self.choice.isHidden():
            beside -= self.choice.sizeHint().width() + self._bar.spacing()
        is_cut = (
            len(broken(self._note.whole, self._note.font(), beside, NOTE_LINES + 1)) > NOTE_LINES
        )
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._bar.setDirection(down if is_cut else across)

    @property
    def as_csv(self) -> str:
        """Return the confusions one by one, and the matrix that is shown, as CSV text."""
        found, chosen = self._found, self.choice.currentData()
        if found is None or not found.matrices or chosen is None:
            return self.table.as_csv
        return f"{self.table.as_csv}\n{matrix_table(found, *chosen).csv}"

    @Slot()
    def _on_chosen(self) -> None:
        found, chosen = self._found, self.choice.currentData()
        if found is None or not found.matrices or chosen is None:
            return
        at, is_difference = chosen
        rule = tr(DIFFERENCE).format(first=tr(found.titles[0])) if is_difference else tr(RULE)
        self._tell(rule)
        told = matrix_table(found, at, is_difference)
        cells = [[int(cell.key or 0) for cell in row[1:]] for row in told.rows]
        self.matrix.show_matrix(found.class_names, cells, is_difference)
        self._share()
