"""What surrounds every plot of the Plots view: its choices, table, menu, and words where empty."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui.bending_row import BendingRow
from tinystudio.gui.forms.choice_box import ChoiceBox
from tinystudio.gui.pacer import Pacer
from tinystudio.gui.plots.choice_grid import ChoiceGrid
from tinystudio.gui.plots.picture_menu import PictureMenu
from tinystudio.gui.plots.rows_table import Rows, RowsTable, csv_text
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID

FRAME_MS = 60  # a sweep brings variants faster than anyone reads them
BOX_LETTERS = 12  # wide are the lists above a plot; their entries are seen whole once opened
Numbers = Callable[[], tuple[Sequence[str], Rows]]


class PlotFrame(QWidget):
    """`plot` is what is drawn, `numbers` its headings and rows, `name` the files are called by."""

    save_failed = Signal(object)  # UserError
    page_changed = Signal()

    def __init__(self, plot: QWidget, numbers: Numbers, name: str) -> None:
        super().__init__()
        self.plot, self._numbers = plot, numbers
        self.table_button, self.save_button = QPushButton(tr("Table")), QPushButton(tr("Save"))
        self.choices, self.foot = ChoiceGrid(), QHBoxLayout()
        self._empty, self._note = QLabel(), QLabel()
        self._table, self._stack = RowsTable(), QStackedWidget()
        self.menu = PictureMenu(self, plot, lambda: csv_text(*numbers()), name)
        self._timer, self._is_outdated = Pacer(FRAME_MS, self), True
        self._timer.timeout.connect(self._on_time)
        self._lay_out()
        self.table_button.toggled.connect(self._show_page)
        self.save_button.clicked.connect(self._on_save)
        self.menu.save_failed.connect(self.save_failed)

    def _lay_out(self) -> None:
        set_role(self._empty, "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setContentsMargins(4 * GRID, 0, 4 * GRID, 0)
        set_role(self._note, "muted")
        for label in (self._empty, self._note):
            label.setWordWrap(True)
        self.table_button.setCheckable(True)
        self.table_button.setToolTip(tr("Show the plot's numbers as a table"))
        self.save_button.setToolTip(tr("Copy the plot, or save it as PNG, SVG or CSV"))
        buttons = QWidget()
        beside = QHBoxLayout(buttons)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(GRID // 2)
        for button in (self.table_button, self.save_button):
            set_role(button, "link")
            beside.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        row = BendingRow((self.choices, buttons), (1, 0), GRID // 2)
        body = QVBoxLayout(self)
        body.setContentsMargins(GRID, GRID // 2, GRID, GRID)
        body.setSpacing(GRID // 2)
        body.addWidget(row)
        for page in (self._empty, self.plot, self._table):
            self._stack.addWidget(page)
        body.addWidget(self._stack, 1)
        self.foot.addWidget(self._note, 1)
        body.addLayout(self.foot)

    def add_choice(self, text: str, box: ChoiceBox, *more: QWidget) -> None:
        """Offer a choice above the plot; its label is not parted from it where the row breaks."""
        label = QLabel(tr(text))
        set_role(label, "muted")
        label.setBuddy(box)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(BOX_LETTERS)
        self.choices.add(label, box, *more)

    def redraw(self) -> None:
        """Draw what is known now; each plot has its own way."""
        raise NotImplementedError

    def want_redraw(self) -> None:
        """Draw soon, or once the plot is seen: a sweep must not draw what nobody looks at."""
        if self.isVisible():
            self._timer.want()
        else:
            self._is_outdated = True

    @Slot()
    def _on_time(self) -> None:
        self._is_outdated = False
        self.redraw()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_outdated:
            self._on_time()

    @property
    def why_empty(self) -> str:
        """Return what is said in place of the plot; nothing where it is drawn."""
        return self._empty.text() if self._stack.currentWidget() is self._empty else ""

    @property
    def note(self) -> str:
        """Return what is said below the plot."""
        return self._note.text()

    def say_empty(self, reason: str) -> None:
        """Say in place of the plot why there is none; nothing: there is one."""
        self._empty.setText(tr(reason))
        self._show_page()

    def say(self, note: str) -> None:
        """Say something below the plot."""
        self._note.setText(tr(note))
        self._note.setVisible(bool(note) and not self._empty.text())

    def numbers_changed(self) -> None:
        """Show the table anew, where it is seen."""
        if self._stack.currentWidget() is self._table:
            self._table.show_rows(*self._numbers())

    @Slot()
    def _show_page(self) -> None:
        page: QWidget = self.plot
        if self._empty.text():
            page = self._empty
            self._note.hide()
        elif self.table_button.isChecked():
            page = self._table
            self._table.show_rows(*self._numbers())
        self._stack.setCurrentWidget(page)
        for button in (self.table_button, self.save_button):
            button.setEnabled(page is not self._empty)
        self.page_changed.emit()

    @Slot()
    def _on_save(self) -> None:
        self.menu.show_at(self.save_button.mapToGlobal(QPoint(0, self.save_button.height())))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not self._empty.text():
            self.menu.show_at(event.globalPos())
