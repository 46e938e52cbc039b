"""Parallel coordinates: what recipes of the same techniques were set to, and what came out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSignalBlocker, Signal, Slot

from tinystudio.gui import wording
from tinystudio.gui.forms.choice_box import ChoiceBox
from tinystudio.gui.plots.device_measures import device_measures
from tinystudio.gui.plots.frame import PlotFrame
from tinystudio.gui.plots.measures import Measure
from tinystudio.gui.plots.parallel_data import Axis, Kinship, axes_of, kinship, kinships
from tinystudio.gui.plots.parallel_view import MOST_LINES, ParallelView
from tinystudio.gui.plots.rows_table import Rows
from tinystudio.gui.texts import tr
from tinystudio.session.device_points import DevicePoint
from tinystudio.session.marks import ProjectVariant
from tinystudio.techniques import techniques

NOTHING = (
    "No variant was made by a recipe yet.\n\nStart a sweep (Sweep… beside the recipe): this plot"
    " shows which settings led to which results."
)
ALIKE = (
    "All {count} of these recipes are set alike, so there is nothing to compare.\n\nSweep a"
    " parameter, or choose other techniques above."
)
HINT = "A drag along an axis selects what passes there, in Runs as well; Esc lifts it."


class ParallelPlot(PlotFrame):
    """`gathered` carries the ids of the variants inside every picked range."""

    gathered = Signal(list)

    def __init__(self) -> None:
        self.view = ParallelView()
        super().__init__(self.view, self.numbers, "parallel")
        self._variants: tuple[ProjectVariant, ...] = ()
        self._shown: tuple[ProjectVariant, ...] = ()
        self._axes: tuple[Axis, ...] = ()
        self._imported: tuple[DevicePoint, ...] = ()
        self._devices: tuple[Measure, ...] = ()
        self._selected: tuple[str, ...] = ()
        self.which = ChoiceBox()
        self.which.setAccessibleName(tr("Recipes of these techniques"))
        self.which.setToolTip(
            tr("Recipes of the same techniques in the same order share their axes")
        )
        self.add_choice("Recipes", self.which)
        self.which.setMinimumContentsLength(32)
        self.which.activated.connect(self.redraw)
        self.view.picked.connect(self._on_picked)
        self.say_empty(NOTHING)

    def set_variants(self, variants: Sequence[ProjectVariant]) -> None:
        """Draw the recipes of these variants."""
        self._variants = tuple(item for item in variants if not item.is_outdated)
        self.want_redraw()

    def set_imported(self, points: Sequence[DevicePoint]) -> None:
        """Draw what was measured on other devices as axes of their own."""
        if tuple(points) != self._imported:
            self._imported, self._devices = tuple(points), device_measures(points)
            self.want_redraw()

    def set_selected(self, ids: Sequence[str]) -> None:
        """Draw these variants on top; no signal."""
        if tuple(ids) != self._selected:
            self._selected = tuple(ids)
            self._choose()

    def numbers(self) -> tuple[Sequence[str], Rows]:
        """Return every line's settings and results."""
        headings = ["variant", *(axis.title for axis in self._axes)]
        rows = [
            (item.title, *(axis.texts[at] for axis in self._axes))
            for at, item in enumerate(self._shown)
        ]
        return headings, rows

    @Slot()
    def redraw(self) -> None:
        """Draw what is known now."""
        wanted = self._choice()
        self._shown = tuple(item for item in self._variants if kinship(item) == wanted and wanted)
        self._axes = axes_of(self._shown, self._devices)
        settings = [axis for axis in self._axes if not axis.is_result]
        tone = self._axes[-1].places if self._axes else np.zeros(0)
        if not self._shown:
            self.say_empty(NOTHING)
        elif not settings:
            self.say_empty(ALIKE.format(count=wording.plural(len(self._shown), "variant")))
        else:
            self.say_empty("")
        self.view.show_axes(self._axes, np.nan_to_num(tone, nan=0.0))
        count = len(self._shown)
        some = f"{MOST_LINES:,} of {count:,} lines are drawn. " if count > MOST_LINES else ""
        title = self._axes[-1].title if self._axes else ""
        colour = f"The colour follows {title}. " if title else ""
        self.say(f"{some}{colour}{HINT}")
        self._choose()
        self.numbers_changed()

    def _choice(self) -> Kinship:
        """Offer the kinds of recipes there are, and return the one that is chosen."""
        found = kinships(self._variants)
        before = self.which.currentData()
        with QSignalBlocker(self.which):
            self.which.clear()
            for names, count in found:
                titles = ", ".join(techniques()[name].title for name in names)
                self.which.addItem(tr(f"{titles} ({count})"), "|".join(names))
            self.which.setCurrentIndex(max(0, self.which.findData(before)) if found else -1)
        chosen = self.which.currentData()
        return tuple(str(chosen).split("|")) if chosen else ()

    def _choose(self) -> None:
        wanted = set(self._selected)
        self.view.choose([at for at, item in enumerate(self._shown) if item.id in wanted])

    @Slot(list)
    def _on_picked(self, numbers: list[int]) -> None:
        ids = [self._shown[number].id for number in numbers]
        self.gathered.emit(ids)
