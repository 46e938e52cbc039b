"""How many calibration samples static quantization needs: the score against their number."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton

from tinystudio.gui import wording
from tinystudio.gui.plots.frame import PlotFrame
from tinystudio.gui.plots.line_plot import Curve, LinePlot
from tinystudio.gui.plots.rows_table import Rows
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.calibration_sweep import CalibrationSweep, calibration_sweep, samples_of
from tinystudio.session.marks import ProjectVariant

NOTHING = (
    "Not measured yet.\n\nStatic quantization reads the ranges of activations from calibration"
    " samples. “Measure the curve” quantizes with 8, 16, 32 … samples and draws what each is worth:"
    " where it is level, more samples are wasted time."
)
NO_DATA = "Calibration samples come from data.\n\nOpen a model and attach data first."
TOO_FEW = (
    "The calibration split has {samples}, and a curve needs at least 16.\n\nAttach more data to see"
    " from how many on accuracy is level."
)
HEADINGS = ("variant", "calibration samples", "{metric}", "{metric} low", "{metric} high")


class CalibrationCurve(PlotFrame):
    """`sweep_requested` carries a `CalibrationSweep`."""

    sweep_requested = Signal(object)

    def __init__(self) -> None:
        self.lines = LinePlot()
        super().__init__(self.lines, self.numbers, "calibration")
        self._variants: tuple[ProjectVariant, ...] = ()
        self._recipe, self._available = Recipe(), 0
        self._points: tuple[tuple[int, ProjectVariant], ...] = ()
        self.measure = QPushButton(tr("Measure the curve"))
        set_role(self.measure, "link")
        self.choices.add_alone(self.measure)
        self.measure.clicked.connect(self._on_measure)
        self.redraw()

    def set_variants(self, variants: Sequence[ProjectVariant]) -> None:
        """Draw those of these variants that differ in their calibration samples alone."""
        self._variants = tuple(variants)
        self.want_redraw()

    def set_recipe(self, recipe: Recipe, available: int) -> None:
        """Follow this recipe, where it quantizes; `available` calibration samples there are."""
        if (recipe, available) != (self._recipe, self._available):
            self._recipe, self._available = recipe, available
            self.want_redraw()

    @property
    def sweep(self) -> CalibrationSweep | None:
        """Return what would be measured; None where there is too little data."""
        return calibration_sweep(self._recipe, self._available)

    def numbers(self) -> tuple[Sequence[str], Rows]:
        """Return the curve's points."""
        rows = []
        for samples, item in self._points:
            figures = item.measurement
            low, high = figures.score_interval or (None, None)
            rows.append((item.title, samples, figures.score, low, high))
        metric = self._points[0][1].measurement.metric if self._points else "score"
        return [head.format(metric=wording.metric_title(metric)) for head in HEADINGS], rows

    @Slot()
    def redraw(self) -> None:
        """Draw what is known now."""
        sweep = self.sweep
        self._points = () if sweep is None else tuple(samples_of(sweep, self._variants))
        known = {count for count, _ in self._points}
        left = () if sweep is None else tuple(n for n in sweep.samples if n not in known)
        self.measure.setEnabled(bool(left))
        counts = f"Quantize with {', '.join(map(str, left))} calibration samples"
        self.measure.setToolTip(tr(counts if left else "There is nothing left to measure here"))
        if not self._points:
            self.say_empty(self._why(sweep))
            self.say("")
            return
        self.say_empty("")
        figures = self._points[0][1].measurement
        factor = wording.score_factor(figures)
        shown = [(math.log10(n), (x.measurement.score or 0.0) * factor) for n, x in self._points]
        bars = [x.measurement.score_interval for _, x in self._points]
        intervals = [(low * factor, high * factor) for low, high in filter(None, bars)]
        original = next((x for x in self._variants if x.is_original and not x.is_outdated), None)
        level = None
        if original is not None and original.measurement.score is not None:
            level = (original.measurement.score * factor, "original")
        self.lines.show_curves(
            [Curve("", tuple(shown), 0, tuple(intervals) if len(intervals) == len(shown) else ())],
            ("calibration samples (log)", wording.axis_title(figures)),
            [(math.log10(n), str(n)) for n, _ in self._points], level,
        )  # fmt: skip
        title = "" if sweep is None else sweep.recipe.title
        self.say(f"{title} · bars are 90 % intervals: where they overlap, the curve is level.")
        self.numbers_changed()

    def _why(self, sweep: CalibrationSweep | None) -> str:
        if sweep is not None:
            return NOTHING
        if not self._available:
            return NO_DATA
        return TOO_FEW.format(samples=wording.plural(self._available, "sample"))

    @Slot()
    def _on_measure(self) -> None:
        if self.sweep is not None:
            self.sweep_requested.emit(self.sweep)
