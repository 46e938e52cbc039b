"""The two linked plots: accuracy against size, accuracy against latency."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tinystudio.core.measurement import Measurement
from tinystudio.gui import wording
from tinystudio.gui.pacer import Pacer
from tinystudio.gui.plots.chart import Chart
from tinystudio.gui.plots.imported import imported_points, variant_of
from tinystudio.gui.plots.kept_zoom import KeptZoom
from tinystudio.gui.plots.known_points import KnownPoints
from tinystudio.gui.plots.legend import Legend
from tinystudio.gui.plots.limit_answer import LimitAnswer
from tinystudio.gui.plots.limit_lines import LimitLines
from tinystudio.gui.plots.number_table import NumberTable
from tinystudio.gui.plots.picture_menu import PictureMenu
from tinystudio.gui.plots.points import LATENCY, PREVIEW, SIZE, Point, is_stale, left_out, point_of
from tinystudio.gui.plots.predicted_front import PredictedFront
from tinystudio.gui.plots.toolbar import Toolbar
from tinystudio.gui.plots.view_memory import ViewMemory
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import MEASURED, PREDICTED
from tinystudio.gui.variant_numbers import as_csv
from tinystudio.session.device_points import DevicePoint
from tinystudio.session.front import Limits, best_within, front_of
from tinystudio.session.marks import ProjectVariant

FRAME_MS = 16  # at most 60 drawings a second, however often data comes
EMPTY = (
    "Nothing is measured yet.\n\nOpen a model with data, or take one from the gallery;"
    " the original appears here first.\nThen add a technique on the right and move its slider."
)

UNTIMED = "The preview is not timed: measure the recipe to see it here."


class TradeOff(QWidget):
    """Draws variants, fronts, limits and the preview; says what is selected and limited.

    Data may come as often as it likes: it is drawn by a timer of its own.
    """

    variant_selected = Signal(str)
    gathered = Signal(list)  # ids of what a lasso was drawn around
    variant_added = Signal(str)  # chosen beside others, to be compared
    front_selected = Signal(int)  # a recipe of the predicted front, by its number
    limits_moved = Signal(object)  # Limits, while a line is dragged
    limits_changed = Signal(object)  # Limits, once the line is let go
    measure_again_requested = Signal()  # of all that is stale
    save_failed = Signal(object)  # UserError

    def __init__(self, memory: ViewMemory | None = None) -> None:
        super().__init__()
        self._variants: tuple[ProjectVariant, ...] = ()
        self._imported: tuple[DevicePoint, ...] = ()
        self._against = ""
        self._baseline: ProjectVariant | None = None  # among the variants
        self._selected: str | None = None
        self._best: str | None = None
        self._front = PredictedFront()
        self._best_predicted: int | None = None
        self._preview: tuple[str, Measurement] | None = None
        self._is_outdated = True  # the points, not only what moves among them
        self._series: tuple[str, ...] = ()  # of the points
        self.charts = (Chart(SIZE), Chart(LATENCY))
        self.legend = Legend()
        self.toolbar = Toolbar()
        self._lines = LimitLines(self.charts, self.toolbar)
        self._known = tuple(KnownPoints(chart.cost) for chart in self.charts)
        self._note, self._empty = QLabel(), QLabel(tr(EMPTY))
        self._again, self.outside = QPushButton(tr("Measure again")), QPushButton()
        self._zoom = KeptZoom(self.charts, memory, self)
        self.answer = LimitAnswer()
        self._table, self._stack, self._plots = NumberTable(), QStackedWidget(), QWidget()
        self._menu = PictureMenu(self, self._plots, lambda: as_csv(self._variants, self._imported))
        self._timer = Pacer(FRAME_MS, self)
        self._lay_out()
        self._connect()
        self._draw()

    # Placing

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(4)
        layout.addWidget(self.toolbar)
        grid = QGridLayout(self._plots)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        for column, chart in enumerate(self.charts):
            grid.addWidget(chart, 0, column)
            grid.setColumnStretch(column, 1)
        grid.addWidget(self.legend, 1, 0, 1, 2)
        grid.setRowStretch(0, 1)
        self.charts[1].setYLink(self.charts[0])
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        set_role(self._empty, "muted")
        for page in (self._empty, self._plots, self._table):
            self._stack.addWidget(page)
        layout.addWidget(self._stack, 1)
        set_role(self._note, "muted")
        self._note.setWordWrap(True)
        self._again.setToolTip(tr("Have all stale variants made and measured again, as one job."))
        below = QHBoxLayout()
        below.addWidget(self._note, 1)
        self.outside.setToolTip(tr("Move the view so that every point is seen"))
        set_role(self.outside, "link")
        below.addWidget(self.outside)
        below.addWidget(self._again)
        layout.addLayout(below)
        layout.addWidget(self.answer)

    def _connect(self) -> None:
        for chart in self.charts:
            chart.point_chosen.connect(self._on_point_chosen)
            chart.gathered.connect(self.gathered)
            chart.point_added.connect(self._on_point_added)
            chart.context_requested.connect(self._on_context_requested)
            chart.view_reset.connect(self.reset_view)
        self._lines.moved.connect(self._on_limit_moved)
        self._lines.settled.connect(self._on_limit_settled)
        self._lines.toggled.connect(self._draw_all_soon)
        self.toolbar.reset_requested.connect(self.reset_view)
        self.toolbar.table_toggled.connect(self._draw)
        self._zoom.settled.connect(self._say_outside)
        self.outside.clicked.connect(self.show_all)
        self._again.clicked.connect(self.measure_again_requested)
        self.answer.taken.connect(self._on_answer_taken)
        self._menu.save_failed.connect(self.save_failed)
        self._timer.timeout.connect(self._draw)

    # Data in

    def set_variants(self, variants: Sequence[ProjectVariant]) -> None:
        """Draw these variants, the original among them."""
        self._variants = tuple(variants)
        if variants:
            self._zoom.enter(variants[0].variant.network)
        self._draw_all_soon()

    def set_imported(self, points: Sequence[DevicePoint]) -> None:
        """Draw these figures of other devices as well."""
        self._imported = tuple(points)
        self._draw_all_soon()

    def say_against(self, words: str) -> None:
        """Say what changes are told against, where that is not the original."""
        self._against = words
        self._draw_all_soon()

    def set_selected(self, variant: str | None) -> None:
        """Ring a variant in both plots; no signal."""
        self._selected = variant
        self._draw_soon()

    def set_limits(self, limits: Limits) -> None:
        """Draw these limits; no signal."""
        self._lines.show(limits)
        self._draw_all_soon()  # the view makes room for the line

    def set_front(self, figures: Sequence[Measurement], name: Callable[[int], str]) -> None:
        """Draw this predicted front; `name` is asked for the title of one of its recipes."""
        self._front, self._best_predicted = PredictedFront(figures, name), None
        for chart in self.charts:
            chart.named = self._front.named
        self._draw_all_soon()

    def show_predicted_best(self, number: int | None) -> None:
        """Light up the best recipe of the predicted front inside the limits."""
        self._best_predicted = number
        self._mark()

    def show_preview(self, title: str, figures: Measurement, at_once: bool = False) -> None:
        """Draw where the slider's position lies; `at_once` where it is already the frame's turn."""
        if (title, figures) == self._preview:
            return
        self._preview = (title, figures)
        if at_once and not self._is_outdated:
            self._draw()
        else:
            self._draw_soon()

    def say_why_empty(self, reason: str) -> None:
        """Say in place of the plots why there is nothing to draw; nothing: how to begin."""
        self._empty.setText(tr(reason or EMPTY))

    def clear_preview(self) -> None:
        """Draw no preview."""
        if self._preview is not None:
            self._preview = None
            self._draw_soon()

    @property
    def limits(self) -> Limits:
        """Return the limits as drawn."""
        return self._lines.limits

    @property
    def best(self) -> str | None:
        """Return the best variant inside the limits, where there is a limit."""
        if self.limits == Limits():
            return None
        found = best_within(self._fresh(), self.limits)
        return found.id if found else None

    @property
    def note(self) -> str:
        """Return what is said about points that are not drawn."""
        return self._note.text()

    # Drawing

    def _draw_soon(self) -> None:
        self._timer.want()

    @Slot()
    def _draw_all_soon(self) -> None:
        self._is_outdated = True
        self._draw_soon()

    def _fresh(self) -> tuple[ProjectVariant, ...]:
        return tuple(item for item in self._variants if not is_stale(item.measurement))

    @Slot()
    def _draw(self) -> None:
        if self._is_outdated:
            self._draw_points()
        moving = (PREVIEW,) if self._preview is not None else ()
        self.legend.set_series((*self._series, *moving))
        for chart in self.charts:
            point = self._preview_point(chart)
            chart.set_preview(point)
            chart.say_missing(UNTIMED if self._preview is not None and point is None else "")
        self._mark()
        # The preview may leave what is shown; the view then follows, and does not shrink again.
        if not self._zoom.is_zoomed and (self._is_outdated or not self.charts[0].shows_preview()):
            self._fit()
        self._show_page()
        if self._is_outdated:
            self._say_outside()
        self._is_outdated = False

    def _mark(self) -> None:
        """Mark what is selected and what is best inside the limits, and say the latter."""
        for chart in self.charts:
            number = self._best_predicted
            predicted = None if number is None else self._front.point(number, chart.cost)
            chart.set_marks(self._selected, self._best, predicted)
        if self.limits == Limits() or not (self._variants or self._front.figures):
            self.answer.hide()
            return
        best = next((item for item in self._variants if item.id == self._best), None)
        number = self._best_predicted
        self.answer.say(
            None if best is None else (best.title, best.measurement),
            None if number is None else self._front.figures[number],
            self._baseline,
        )

    def _draw_points(self) -> None:
        fresh = self._fresh()
        self._baseline = next((item for item in fresh if item.is_reference), None)
        baseline = None if self._baseline is None else self._baseline.measurement
        self._best = self.best
        shown = [baseline] if baseline is not None else list(self._front.figures)
        self.toolbar.say_direction(all(figures.higher_is_better for figures in shown[:1]))
        for chart, known in zip(self.charts, self._known, strict=True):
            points = (*known.of(fresh), *imported_points(self._imported, fresh, chart.cost))
            ids = {item.id for item in front_of(fresh, chart.cost.axis)}
            front = sorted((p for p in points if p.id in ids), key=lambda point: point.cost)
            chart.set_predicted(self._front.points(chart.cost))
            chart.set_points(points, front, baseline)
        hollow = (PREDICTED,) if self._front.figures else ()
        line = (MEASURED,) if any(len(chart.front) > 1 for chart in self.charts) else ()
        series = dict.fromkeys(item.variant.series for item in fresh)
        series |= dict.fromkeys(point.words for point in self._imported)
        self._series = (*series, *line, *hollow)
        self._note.setText(tr(" · ".join(filter(None, (self._against, left_out(self._variants))))))
        self._note.setVisible(bool(self._note.text()))
        self._again.setVisible(len(fresh) < len(self._variants))

    def _preview_point(self, chart: Chart) -> Point | None:
        if self._preview is None:
            return None
        title, figures = self._preview
        return point_of(PREVIEW, title, PREVIEW, figures, chart.cost)

    def _show_page(self) -> None:
        if not self._variants and self._preview is None and not self._front.figures:
            self._stack.setCurrentWidget(self._empty)
        elif self.toolbar.table.isChecked():
            if self._is_outdated or self._stack.currentWidget() is not self._table:
                self._table.show_variants(self._variants, self._imported)
            self._stack.setCurrentWidget(self._table)
        else:
            self._stack.setCurrentWidget(self._plots)

    def _fit(self) -> None:
        for chart in self.charts:
            chart.fit()
        self.charts[0].fit()  # the linked score axis follows the plot that has all points

    # What the user does

    @Slot()
    def reset_view(self) -> None:
        """Show all that is worth looking at, now and when the model is opened again."""
        self._zoom.forget()
        self._fit()
        self._say_outside()

    def keep_view(self) -> None:
        """Remember what is seen: the window closes."""
        self._zoom.keep_now()

    @Slot()
    def show_all(self) -> None:
        """Move the view so that every point is seen."""
        for chart in reversed(self.charts):
            chart.fit_all()
        self._zoom.move_to()
        self._say_outside()

    @Slot()
    def _say_outside(self) -> None:
        """Say how many points a view that the user has chosen leaves out, new ones among them."""
        outside: set[str] = set()
        if self._zoom.is_zoomed:
            outside.update(*(chart.outside for chart in self.charts))
        self.outside.setVisible(bool(outside))
        if outside:
            count = wording.plural(len(outside), "point")
            self.outside.setText(tr("{count} outside, show all").format(count=count))

    @Slot(str)
    def _on_point_chosen(self, id: str) -> None:
        number = self._front.number(id)
        if number is not None:
            self.front_selected.emit(number)
            return
        variant = variant_of(id)
        self.set_selected(variant)
        self.variant_selected.emit(variant)

    @Slot(str)
    def _on_point_added(self, id: str) -> None:
        if self._front.number(id) is None:  # what is predicted only cannot be compared
            self.variant_added.emit(id)

    def set_chosen(self, variants: Sequence[str]) -> None:
        """Frame the variants that are chosen to be compared, in both plots."""
        for chart in self.charts:
            chart.set_chosen(variants)

    @Slot()
    def _on_answer_taken(self) -> None:
        if self._best_predicted is not None:
            self.front_selected.emit(self._best_predicted)

    @Slot()
    def _on_limit_moved(self) -> None:
        self._best = self.best
        self.limits_moved.emit(self.limits)
        self._mark()

    @Slot()
    def _on_limit_settled(self) -> None:
        self.limits_changed.emit(self.limits)

    @Slot(QPoint)
    def _on_context_requested(self, place: QPoint) -> None:
        self._menu.show_at(place)
