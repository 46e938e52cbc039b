"""The page where the front appears, and one of its points is picked."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from tinystudio.core.measurement import Measurement
from tinystudio.gui import wording
from tinystudio.gui.figure_statements import PREVIEW_STATUS
from tinystudio.gui.number_marks import grouped
from tinystudio.gui.panels.figures import FiguresPanel
from tinystudio.gui.plots.points import LATENCY
from tinystudio.gui.plots.predicted_front import PredictedFront
from tinystudio.gui.plots.trade_off import TradeOff
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.gui.wizards.front_view import FrontView
from tinystudio.gui.wizards.subject import Subject
from tinystudio.gui.wizards.wizard import Page
from tinystudio.jobs.events import PreviewReady
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.front import Limits

LEAST_PLOTS = 270  # pixels high
NONE_YET = "The front appears here as soon as its layers have been looked at."
PICK = "Pick a point: click it, or step through the front with the buttons."
# How many points the right plot leaves, where those are fewer.
LEFT = (
    "In the right plot {count} of the {total} points are left; the rest is beaten there or has no "
    "known latency."
)
LEFT_ONE = (
    "In the right plot 1 of the {total} points is left; the rest is beaten there or has no known "
    "latency."
)
LEFT_NONE = "In the right plot no point is left: none has a known latency."
MADE = "Predicted {predicted}, made {made}."  # of the picked one's size, where both are known
OUTSIDE = "Nothing on the front keeps to these limits; the nearest can still be picked."
SEARCH_TIP = (
    "For a minute, train and measure models that fit the limits, the most promising first. The "
    "front grows by what is found."
)


class FrontPage(Page):
    """The plots with the limits in them; the best point inside is picked until one picks another.

    `picked` comes with the recipe of the point that was picked; `search_requested` asks for better
    points within limits.
    """

    title = "Choose a trade-off"
    hint = (
        "Hollow points are predictions that no other one beats: none is both smaller and more "
        "accurate. Solid points are measured."
    )

    picked = Signal(object)  # Recipe
    limits_changed = Signal(object)  # Limits
    search_requested = Signal(object)  # Limits

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = FrontView()
        self._limits = Limits()
        self._subject = Subject()
        self._number: int | None = None
        self._recipe: Recipe | None = None
        self._previewed: Measurement | None = None  # what the picked recipe was worth
        self._is_by_hand = False
        self.plots, self._figures = TradeOff(), FiguresPanel()
        self._waiting, self._bar, self._said = QLabel(), QProgressBar(), QLabel()
        self._smaller, self._larger = QPushButton(tr("Smaller")), QPushButton(tr("Larger"))
        self._best = QPushButton(tr("Best in limits"))
        self._search = QPushButton(tr("Search for better"))
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        for label in (self._waiting, self._said):
            set_role(label, "muted")
            label.setWordWrap(True)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Progress of the layer database"))
        for button, tip in (
            (self._smaller, "Go to the next smaller model of the front."),
            (self._larger, "Go to the next larger model of the front."),
            (self._best, "Go to the most accurate model within the limits."),
            (self._search, SEARCH_TIP),
        ):
            button.setAutoDefault(False)
            button.setToolTip(tr(tip))
        steps = QHBoxLayout()
        steps.setContentsMargins(GRID, 0, GRID, 0)  # as the plots have
        steps.addWidget(self._said, 1)
        for button in (self._search, self._smaller, self._best, self._larger):
            steps.addWidget(button)
        # Lines that wrap give the plots a height that they would like; they have to do with less.
        frame = QSplitter()
        frame.setAccessibleName(tr("Plots of the front"))
        frame.addWidget(self.plots)
        frame.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        frame.setMinimumHeight(LEAST_PLOTS)
        self._figures.set_compact(True)
        self._figures.expect(PREVIEW_STATUS)
        self.plots.answer.offer_nothing()  # the best is picked already
        layout = QVBoxLayout(self)
        # What stands on the page begins where it does on the others: the plots have an edge.
        layout.setContentsMargins(24 - GRID, 16, 24 - GRID, 12)
        layout.setSpacing(6)
        self._figures.stand_in(GRID, 0)
        layout.addWidget(self._figures)
        layout.addWidget(self._waiting)
        layout.addWidget(self._bar)
        layout.addWidget(frame, 1)
        layout.addLayout(steps)
        self._refresh()

    def _connect(self) -> None:
        self.plots.front_selected.connect(self._on_picked)
        self.plots.limits_changed.connect(self._on_limits)
        self._smaller.clicked.connect(self._on_smaller)
        self._larger.clicked.connect(self._on_larger)
        self._best.clicked.connect(self._on_best)
        self._search.clicked.connect(self._on_search)

    def show_limits(self, limits: Limits) -> None:
        """Draw these limits; the best point inside them is picked anew."""
        self._limits, self._is_by_hand = limits, False
        self.plots.set_limits(limits)
        self._pick_best()

    def show_front(self, view: FrontView, subject: Subject) -> None:
        """Show this front, or why there is none yet; what was picked by hand stays picked."""
        is_same = view.figures == self._view.figures
        if view.variants != self._view.variants:  # else they would be drawn anew all the time
            self.plots.set_variants(view.variants)
        self._view, self._subject = view, subject
        self.plots.say_why_empty(NONE_YET)
        self._waiting.setText(tr(view.waiting))
        self._waiting.setVisible(bool(view.waiting and view.figures))
        self._bar.setVisible(view.fraction is not None)
        self._bar.setValue(round(100 * (view.fraction or 0.0)))
        if is_same:
            self._refresh()
            return
        self.plots.set_front(view.figures, lambda number: self._view.recipe_of(number).title)
        kept = self._number_of(self._recipe) if self._is_by_hand else None
        if kept is None:
            self._is_by_hand = False
            self._pick_best()
        else:
            self._pick(kept)

    def _number_of(self, recipe: Recipe | None) -> int | None:
        if recipe is None:
            return None
        numbers = range(len(self._view.figures))
        return next((n for n in numbers if self._view.recipe_of(n) == recipe), None)

    def _pick_best(self) -> None:
        if not self._view.figures:
            self._number = self._recipe = None
            self._refresh()
            return
        best = self._view.best_of(self._limits)
        self.plots.show_predicted_best(best)
        self._pick(len(self._view.figures) - 1 if best is None else best)

    def _pick(self, number: int) -> None:
        recipe = self._view.recipe_of(number)
        is_other = recipe != self._recipe
        self._number, self._recipe = number, recipe
        self._previewed = None if is_other else self._previewed
        figures = self._view.figures[number]
        self.plots.show_preview(recipe.title or "original", figures)
        self._figures.show_preview(recipe.title or "original", figures, self._subject.reference)
        self._refresh()
        if is_other:
            self.picked.emit(recipe)

    @property
    def recipe(self) -> Recipe | None:
        """Return the recipe that is picked."""
        return self._recipe

    @property
    def figures(self) -> Measurement | None:
        """Return what is predicted of it."""
        return None if self._number is None else self._view.figures[self._number]

    @property
    def worth(self) -> Measurement | None:
        """Return the best that is known of it: a preview of the very bytes, else a prediction."""
        return self._previewed or self.figures

    def show_preview(self, preview: PreviewReady) -> None:
        """Show what the picked recipe is really worth on some samples."""
        if self._recipe is not None and preview.recipe == self._recipe:
            title = preview.recipe.title or "original"
            self._previewed = self._with_latency(preview.measurement)
            told = self._with_latency(self._subject.compared(preview.measurement))
            self.plots.show_preview(title, told)
            self._figures.show_preview(title, told, self._subject.reference)
            self._refresh()

    def _with_latency(self, previewed: Measurement) -> Measurement:
        """Return a preview, which is not timed, with the latency that is predicted."""
        known = self.figures
        if known is None or previewed.latency_ms is not None:
            return previewed
        names = [name for name in Measurement.model_fields if name.startswith("latency_")]
        return previewed.model_copy(update={name: getattr(known, name) for name in names})

    def missing(self) -> str:
        return "" if self._recipe is not None else "There is no front to pick from yet."

    def _fewer(self) -> str:
        """Say how many points the plot of latencies leaves out, where it does."""
        total = len(self._view.figures)
        count = len(PredictedFront(self._view.figures).points(LATENCY))
        if count == total:
            return ""
        words = {0: LEFT_NONE, 1: LEFT_ONE}.get(count, LEFT)
        return tr(words).format(count=grouped(count), total=grouped(total))

    def _made_otherwise(self) -> str:
        """Say where the file that was made is of another size than was predicted."""
        sizes = [known.size_bytes for known in (self.figures, self._previewed) if known is not None]
        words = [wording.size_text(size) for size in sizes if size is not None]
        if len(set(words)) < 2:
            return ""
        return tr(MADE).format(predicted=words[0], made=words[1])

    @Slot(int)
    def _on_picked(self, number: int) -> None:
        if number < len(self._view.figures):
            self._is_by_hand = True
            self._pick(number)

    @Slot(object)
    def _on_limits(self, limits: Limits) -> None:
        self.limits_changed.emit(limits)
        self.show_limits(limits)

    @Slot()
    def _on_smaller(self) -> None:
        self._step(1)

    @Slot()
    def _on_larger(self) -> None:
        self._step(-1)

    def _step(self, by: int) -> None:
        """Go along the front, which has the largest model first."""
        if self._number is not None:
            self._on_picked(min(max(self._number + by, 0), len(self._view.figures) - 1))

    @Slot()
    def _on_best(self) -> None:
        self._is_by_hand = False
        self._pick_best()

    @Slot()
    def _on_search(self) -> None:
        self._is_by_hand = False  # what is found inside is to be seen
        self.search_requested.emit(self._limits)

    def _refresh(self) -> None:
        is_there = self._number is not None
        last = len(self._view.figures) - 1
        self._smaller.setEnabled(is_there and (self._number or 0) < last)
        self._larger.setEnabled(is_there and (self._number or 0) > 0)
        is_inside = is_there and self._view.best_of(self._limits) is not None
        self._best.setEnabled(is_inside)
        self._search.setVisible(self._view.is_searchable)
        self._search.setEnabled(is_there and self._view.fraction is None)
        parts = [tr(PICK) if is_inside else tr(OUTSIDE), self._made_otherwise(), self._fewer()]
        said = parts if is_there else []
        self._said.setText(" ".join(filter(None, said)))
        if not is_there:
            self._figures.show_nothing(self._view.waiting or NONE_YET)
        self.completeness_changed.emit()
