"""How the trainings of the open model go: their curves, live, and the same as a table."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedLayout,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui import training_curves
from tinystudio.gui.column_fit import ColumnFit
from tinystudio.gui.pacer import Pacer
from tinystudio.gui.plots.curve_key import CurveKey
from tinystudio.gui.plots.learning_plot import LearningPlot
from tinystudio.gui.plots.picture_menu import PictureMenu
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.gui.training_curves import HEADINGS, Curve, curves_of, why_empty
from tinystudio.session.runs import Run

TITLE_LEAST = 140  # pixels
FRAME_MS = 50  # twenty drawings a second are as live as an epoch can be
HINT = (
    "A ring marks the epoch whose weights are kept. Held out is a part of the training samples that"
    " is not learned from."
)


class TrainingPanel(QWidget):
    """Runs in, curves out; drawn by a timer of its own, and only while it is seen."""

    live_changed = Signal(bool)
    save_failed = Signal(object)  # UserError

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Training"))
        self._curves: tuple[Curve, ...] = ()
        self._is_live = False
        self._empty = QLabel(tr(training_curves.NOTHING))
        self._title, self._words, self._hint = QLabel(), QLabel(), QLabel(tr(HINT))
        self.table_button = QPushButton(tr("Table"))
        self.losses = LearningPlot("loss")
        self.scores = LearningPlot("score")
        self._no_scores = QLabel(tr(training_curves.NO_SCORES))
        self._key, self._entries = QVBoxLayout(), list[CurveKey]()
        self._plots, self._table = QWidget(), QTableWidget(0, len(HEADINGS))
        self._views, self._pages = QStackedWidget(), QStackedLayout(self)
        self._menu = PictureMenu(
            self, self._plots, lambda: training_curves.as_csv(self._curves), "training"
        )
        self._timer = Pacer(FRAME_MS, self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        for label in (self._empty, self._words, self._hint, self._no_scores):
            set_role(label, "muted")
            label.setWordWrap(True)
        set_role(self._title, "heading")
        self._title.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setContentsMargins(3 * GRID, 0, 3 * GRID, 0)
        self._no_scores.setAlignment(Qt.AlignmentFlag.AlignCenter)
        set_role(self.table_button, "link")
        self.table_button.setCheckable(True)
        self.table_button.setToolTip(tr("Show the curves' numbers as a table"))
        self.scores.setXLink(self.losses)
        self._lay_out_plots()
        self._set_up_table()
        self._views.addWidget(self._plots)
        self._views.addWidget(self._table)
        page = QWidget()
        body = QVBoxLayout(page)
        body.setContentsMargins(GRID, GRID, GRID, GRID)
        body.setSpacing(GRID // 2)
        top = QHBoxLayout()
        top.addWidget(self._title, 1)
        top.addWidget(self.table_button)
        body.addLayout(top)
        body.addWidget(self._words)
        body.addWidget(self._views, 1)
        body.addLayout(self._key)
        body.addWidget(self._hint)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(page)

    def _lay_out_plots(self) -> None:
        grid = QGridLayout(self._plots)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self.losses, 0, 0)
        grid.addWidget(self.scores, 0, 1)
        grid.addWidget(self._no_scores, 0, 1)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        self._no_scores.hide()

    def _set_up_table(self) -> None:
        table = self._table
        table.setHorizontalHeaderLabels([tr(x) for x in HEADINGS])
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.setAccessibleName(tr("The curves' numbers"))
        table.setTabKeyNavigation(False)  # Tab leads out; arrows go among cells
        self._fit = ColumnFit(table, {0: TITLE_LEAST})

    def _connect(self) -> None:
        self._timer.timeout.connect(self._draw)
        self.table_button.toggled.connect(self._on_table)
        self._plots.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._plots.customContextMenuRequested.connect(self._on_menu)
        self._menu.save_failed.connect(self.save_failed)

    @property
    def curves(self) -> tuple[Curve, ...]:
        """Return the trainings that are shown, oldest first."""
        return self._curves

    @property
    def words(self) -> str:
        """Return what is said of the newest training, or why there is none."""
        return self._words.text() if self._curves else self._empty.text()

    def show_runs(self, runs: Iterable[Run], network: str | None) -> None:
        """Show the trainings of these runs that are of this network."""
        runs = tuple(runs)
        curves = curves_of(runs, network)
        if not curves:
            self._empty.setText(tr(why_empty(runs, network)))
        is_live = any(curve.is_running for curve in curves)
        if is_live != self._is_live:
            self._is_live = is_live
            self.live_changed.emit(is_live)
        if curves != self._curves or not curves:
            self._curves = curves
            self._timer.want()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._draw()

    @Slot()
    def _draw(self) -> None:
        if not self.isVisible():
            return
        self._pages.setCurrentIndex(1 if self._curves else 0)
        if not self._curves:
            return
        newest = self._curves[-1]
        self._title.setText(tr(newest.title))
        self._words.setText(tr(training_curves.words(newest)))
        if self._views.currentWidget() is self._table:
            self._fill_table()
        self._draw_plots()
        self._fill_key()

    def _draw_plots(self) -> None:
        epochs = max(curve.last.epochs for curve in self._curves)
        self.losses.show_lines([(c.number, c.losses, None) for c in self._curves], epochs)
        scored = [curve for curve in self._curves if curve.scores]
        self.scores.setVisible(bool(scored))
        self._no_scores.setVisible(not scored)
        if not scored:
            return
        self.scores.set_caption(training_curves.score_axis(scored))
        # Two metrics in one plot would not be comparable: the newest one's is drawn.
        same = [c for c in scored if c.figures.metric == scored[-1].figures.metric]
        self.scores.show_lines([(c.number, c.scores, _ring(c)) for c in same], epochs)

    def _fill_key(self) -> None:
        while len(self._entries) < len(self._curves):
            self._entries.append(CurveKey())
            self._key.addWidget(self._entries[-1])
        for entry in self._entries[len(self._curves) :]:
            entry.hide()
        for entry, curve in zip(self._entries, self._curves, strict=False):
            entry.show_curve(curve.number, curve.title)
            entry.show()

    def _fill_table(self) -> None:
        found = training_curves.rows(self._curves)
        self._table.setHorizontalHeaderLabels(
            [tr(head) for head in training_curves.heads(self._curves)]
        )
        self._table.setRowCount(len(found))
        for line, row in enumerate(found):
            for column, cell in enumerate(row):
                text = f"{cell:.4g}" if isinstance(cell, float) else str(cell or "")
                self._table.setItem(line, column, QTableWidgetItem(tr(text)))
        self._fit.read(self._table.model())

    @Slot(bool)
    def _on_table(self, is_on: bool) -> None:
        self._views.setCurrentWidget(self._table if is_on else self._plots)
        self._draw()

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        self._menu.show_at(self._plots.mapToGlobal(place))


def _ring(curve: Curve) -> tuple[float, float] | None:
    best = curve.best
    if best is None:
        return None
    return next((point for point in curve.scores if point[0] == best.epoch), None)
