"""Plots of the open model: any figures against one another, recipes against results, curves."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from tinystudio.explorer.database import Database
from tinystudio.explorer.space import Choice
from tinystudio.gui.layer_costs import LayerCosts
from tinystudio.gui.plots.any_axes import AnyAxes
from tinystudio.gui.plots.calibration_curve import CalibrationCurve
from tinystudio.gui.plots.frame import PlotFrame
from tinystudio.gui.plots.parallel import ParallelPlot
from tinystudio.gui.plots.sensitivity import SensitivityPlot
from tinystudio.gui.plots.staircase_plot import StaircasePlot
from tinystudio.gui.plots.view_memory import ViewMemory
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.device_points import DevicePoint
from tinystudio.session.marks import ProjectVariant

WHICH = "which plot"


class PlotsPanel(QWidget):
    """One plot is seen at a time. `gathered` carries ids of variants that were picked together."""

    variant_selected = Signal(str)
    gathered = Signal(list)
    calibration_requested = Signal(object)  # CalibrationSweep
    save_failed = Signal(object)  # UserError

    def __init__(self, costs: LayerCosts, memory: ViewMemory) -> None:
        super().__init__()
        self._memory = memory
        self.any_axes, self.parallel = AnyAxes(memory), ParallelPlot()
        self.sensitivity, self.staircase = SensitivityPlot(costs), StaircasePlot()
        self.calibration = CalibrationCurve()
        self._variants: tuple[ProjectVariant, ...] = ()
        self.bar, self._stack = QTabBar(), QStackedWidget()
        self._lay_out()
        self._connect()

    def _plots(self) -> tuple[tuple[str, str, PlotFrame], ...]:
        return (
            ("Any axes", "Any two figures of the variants against one another", self.any_axes),
            ("Recipe and result", "Which settings led to which results", self.parallel),
            ("Sensitivity", "What each layer costs when it alone is compressed", self.sensitivity),
            ("Staircase", "A layer's time against its channels", self.staircase),
            ("Calibration", "How many calibration samples are enough", self.calibration),
        )

    def _lay_out(self) -> None:
        self.setAccessibleName(tr("Plots"))
        self.bar.setAccessibleName(tr("Which plot"))
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        for at, (title, tip, plot) in enumerate(self._plots()):
            self.bar.addTab(tr(title))
            self.bar.setTabToolTip(at, tr(tip))
            self._stack.addWidget(plot)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, GRID // 2, 0, 0)
        body.setSpacing(0)
        body.addWidget(self.bar)
        body.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.bar.currentChanged.connect(self._on_plot_chosen)
        for _, _, plot in self._plots():
            plot.save_failed.connect(self.save_failed)
        self.any_axes.variant_selected.connect(self.variant_selected)
        for picking in (self.any_axes, self.parallel):
            picking.gathered.connect(self.gathered)
        self.calibration.sweep_requested.connect(self.calibration_requested)

    def set_variants(self, variants: Sequence[ProjectVariant]) -> None:
        """Draw these variants."""
        for plot in (self.any_axes, self.parallel, self.calibration):
            plot.set_variants(variants)

    def set_imported(self, points: Sequence[DevicePoint]) -> None:
        """Offer what was measured on other devices as axes."""
        for plot in (self.any_axes, self.parallel):
            plot.set_imported(points)

    def set_selected(self, ids: Sequence[str]) -> None:
        """Mark these variants."""
        for plot in (self.any_axes, self.parallel):
            plot.set_selected(ids)

    def set_database(self, database: Database | None) -> None:
        """Draw the curves of this database's layers."""
        self.sensitivity.set_database(
            database is not None, "accuracy" if database is None else database.metric
        )
        self.staircase.set_database(database)

    def show_choice(self, choice: Choice | None) -> None:
        """Show at which levels the layers are."""
        self.staircase.show_choice(choice)

    def set_recipe(self, recipe: Recipe, calibration: int) -> None:
        """Follow the recipe; there are so many `calibration` samples."""
        self.calibration.set_recipe(recipe, calibration)

    @Slot(str)
    def choose_layer(self, layer: str) -> None:
        """Show this layer's curves."""
        self.sensitivity.choose_layer(layer)
        self.staircase.choose_layer(layer)

    @Slot()
    def restore(self) -> None:
        """Look as this project was looked at last."""
        (which,) = self._memory.choices(WHICH, ("0",))
        self.bar.setCurrentIndex(int(which) if which.isdigit() else 0)
        self.any_axes.restore()

    @Slot(int)
    def _on_plot_chosen(self, number: int) -> None:
        self._stack.setCurrentIndex(number)
        self._memory.keep_choices(WHICH, (str(number),))
