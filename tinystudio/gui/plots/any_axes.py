"""Any two measures of the variants against one another, a third as colour, a fourth as size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QPushButton, QVBoxLayout, QWidget

from tinystudio.core.data import Array
from tinystudio.gui import theme, wording
from tinystudio.gui.forms.choice_box import ChoiceBox
from tinystudio.gui.plots.device_measures import (
    NOTE,
    WHY_EMPTY,
    device_measures,
    device_of,
    gone_measure,
)
from tinystudio.gui.plots.frame import PlotFrame
from tinystudio.gui.plots.free_chart import FreeChart
from tinystudio.gui.plots.legend import Legend
from tinystudio.gui.plots.measures import MEASURES, Measure, find_measure, placed, values
from tinystudio.gui.plots.point_looks import ends, point_looks
from tinystudio.gui.plots.ramp import Ramp
from tinystudio.gui.plots.rows_table import Rows
from tinystudio.gui.plots.view_keys import HELP
from tinystudio.gui.plots.view_memory import ViewMemory
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.session.device_points import DevicePoint
from tinystudio.session.marks import ProjectVariant

REST_MS = 400  # a zoom is over, and worth remembering, when nothing has moved for so long
NOTHING = (
    "No variant is measured yet.\n\nMeasure a recipe or start a sweep: every result becomes a point"
    " here, with any two of its figures as axes."
)
RESET_HELP = "Show every point (double click in the plot)."
BY_SERIES, ALL_ALIKE = ("technique", ""), ("all alike", "")
HINT = "Shift-drag gathers points, Ctrl-click adds one: they are selected in Runs."


class AnyAxes(PlotFrame):
    """`gathered` carries the ids of variants; what is looked at is kept in `memory`."""

    variant_selected = Signal(str)
    gathered = Signal(list)

    def __init__(self, memory: ViewMemory) -> None:
        self.chart, self.legend, self.ramp = FreeChart(), Legend(), Ramp()
        whole = QWidget()
        super().__init__(whole, self.numbers, "variants")
        self._memory = memory
        self._variants: tuple[ProjectVariant, ...] = ()
        self._imported: tuple[DevicePoint, ...] = ()
        self._devices: tuple[Measure, ...] = ()
        self._selected: tuple[str, ...] = ()
        self._is_moved, self._told = False, HINT
        self.below, self.left, self.colour_by, self.size_by = (ChoiceBox() for _ in range(4))
        self.log_x, self.log_y = QCheckBox(tr("log")), QCheckBox(tr("log"))
        self.reset = QPushButton(tr("Reset view"))
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._fill()
        self._offer()
        self._place(whole)
        self._connect()
        self.restore()

    # Placing

    def _fill(self) -> None:
        names = ("Lower axis", "Left axis", "Colour of the points", "Size of the points")
        for box, name in zip(self._boxes, names, strict=True):
            box.setAccessibleName(tr(name))
            box.setToolTip(tr(name))
        for switch, axis in ((self.log_x, "lower"), (self.log_y, "left")):
            switch.setAccessibleName(tr("Logarithmic {axis} axis").format(axis=tr(axis)))
            switch.setToolTip(
                tr("Powers of ten on the {axis} axis: what is many times smaller shows").format(
                    axis=tr(axis)
                )
            )
        self.reset.setToolTip(f"{tr(RESET_HELP)}\n{tr(HELP)}")
        set_role(self.reset, "link")

    def _offer(self) -> None:
        """Offer every figure there is, those of other devices last; what is chosen stays so."""
        firsts = {self.colour_by: BY_SERIES, self.size_by: ALL_ALIKE}
        for box in self._boxes:
            before = box.currentData()
            with QSignalBlocker(box):
                box.clear()
                if box in firsts:
                    title, value = firsts[box]
                    box.addItem(tr(title), value)
                for measure in (*MEASURES, *self._devices):
                    box.addItem(tr(measure.title), measure.id)
                    box.setItemData(box.count() - 1, tr(measure.tip), Qt.ItemDataRole.ToolTipRole)
                self._choose(box, before)
        self._name_scores()

    def _name_scores(self) -> None:
        """Call the score in the choices by its metric, as at the axes."""
        if self._variants:
            name = wording.metric_title(self._variants[0].measurement.metric)
            for box in self._boxes:
                box.setItemText(box.findData("score"), tr(name))

    def _choose(self, box: ChoiceBox, id: str | None) -> None:
        """Choose a measure; one of a device whose figures are gone stays chosen, and empty."""
        gone = gone_measure(id) if id and box.findData(id) < 0 else None
        if gone is not None:
            box.addItem(tr(gone.title), gone.id)
        box.setCurrentIndex(max(0, box.findData(id)))

    def _measure(self, box: ChoiceBox) -> Measure | None:
        id = str(box.currentData() or "")
        devices = {measure.id: measure for measure in self._devices}
        return devices.get(id) or find_measure(id) or gone_measure(id)

    @property
    def _boxes(self) -> tuple[ChoiceBox, ...]:
        return (self.below, self.left, self.colour_by, self.size_by)

    def _place(self, whole: QWidget) -> None:
        body = QVBoxLayout(whole)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(4)
        body.addWidget(self.chart, 1)
        body.addWidget(self.legend)
        body.addWidget(self.ramp)
        self.add_choice("Left", self.left, self.log_y)
        self.add_choice("Below", self.below, self.log_x)
        self.add_choice("Colour", self.colour_by)
        self.add_choice("Size", self.size_by)
        self.foot.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignBottom)

    def _connect(self) -> None:
        for box in (self.below, self.left):
            box.activated.connect(self._on_axis_chosen)
        for box in (self.colour_by, self.size_by):
            box.activated.connect(self._on_look_chosen)
        for switch in (self.log_x, self.log_y):
            switch.clicked.connect(self._on_scale_chosen)
        self.reset.clicked.connect(self.reset_view)
        self.page_changed.connect(self._offer_reset)
        self.chart.view_reset.connect(self.reset_view)
        self.chart.view_moved.connect(self._on_view_moved)
        self.chart.point_chosen.connect(self._on_point_chosen)
        self.chart.gathered.connect(self._on_gathered)
        self._rest.timeout.connect(self._keep_view)
        self._rest.timeout.connect(self._say_outside)
        theme.switch().theme_changed.connect(self.want_redraw)

    # Data in

    def set_variants(self, variants: Sequence[ProjectVariant]) -> None:
        """Draw these variants."""
        self._variants = tuple(variants)
        self._name_scores()
        self.want_redraw()

    def set_imported(self, points: Sequence[DevicePoint]) -> None:
        """Offer what was measured on other devices as axes, colours and sizes of their own."""
        if tuple(points) != self._imported:
            self._imported, self._devices = tuple(points), device_measures(points)
            self._offer()
            self.want_redraw()

    def set_selected(self, ids: Sequence[str]) -> None:
        """Ring these variants; no signal."""
        if tuple(ids) != self._selected:
            self._selected = tuple(ids)
            self._ring()

    @Slot()
    def restore(self) -> None:
        """Look as this project was looked at last."""
        x, y, log_x, log_y, colour, size = (
            *self._memory.choices("any-axes", ("size", "score", "1", "0", "", "")),
        )
        for box, id in (
            (self.below, x),
            (self.left, y),
            (self.colour_by, colour),
            (self.size_by, size),
        ):
            self._choose(box, id)
        self.log_x.setChecked(log_x == "1")
        self.log_y.setChecked(log_y == "1")
        self._is_moved = False
        self.want_redraw()

    @property
    def axes(self) -> tuple[Measure, Measure]:
        """Return the measures of the lower and the left axis."""
        below, left = self._measure(self.below), self._measure(self.left)
        return below or MEASURES[0], left or MEASURES[0]

    @property
    def _shown(self) -> tuple[Measure, ...]:
        """Return what is told of every point: axes, colour and size, each once."""
        some = (*self.axes, self._measure(self.colour_by), self._measure(self.size_by))
        return tuple({it.id: it for it in some if it is not None}.values())

    def numbers(self) -> tuple[Sequence[str], Rows]:
        """Return every variant's figures on the axes, in colour and size."""
        shown = self._shown
        headings = ["variant", "series", *(m.caption(self._variants) for m in shown)]
        rows = [
            (item.title, item.variant.series, *(measure.value(item) for measure in shown))
            for item in self._variants
        ]
        return headings, rows

    # Drawing

    def redraw(self) -> None:
        """Draw what is known now."""
        x, y = self.axes
        logs = (self.log_x.isChecked(), self.log_y.isChecked())
        across, up = (
            placed(values(self._variants, m), log) for m, log in zip((x, y), logs, strict=True)
        )
        colour, size = self._measure(self.colour_by), self._measure(self.size_by)
        colour_values = None if colour is None else values(self._variants, colour)
        sizes = None if size is None else values(self._variants, size)
        series = [item.variant.series for item in self._variants]
        look, looks = point_looks(series, colour_values, sizes, theme.current())
        self.chart.show_axes((x.caption(self._variants), y.caption(self._variants)), logs)
        self.chart.show_points(across, up, look, looks, self._words)
        self.legend.set_series(tuple(dict.fromkeys(series)), plain=colour is not None)
        low, high = (0.0, 0.0) if colour_values is None else ends(colour_values)
        title = "" if colour is None else colour.title
        self.ramp.show_ends(
            title, *("", "") if colour is None else (colour.text(low), colour.text(high))
        )
        self._ring()
        self._show_view()
        self._say(across, up, x, y)
        self.numbers_changed()

    def _say(self, across: Array, up: Array, x: Measure, y: Measure) -> None:
        self.say_empty(why_empty(self._variants, across, up, x, y))
        missing = int((~(np.isfinite(across) & np.isfinite(up))).sum())
        left = (
            f"{wording.plural(missing, 'variant')} without both figures left out. "
            if missing
            else ""
        )
        note = NOTE if any(map(device_of, self._shown)) else ""
        self._told = f"{left}{note}{HINT}"
        self._say_outside()

    @Slot()
    def _say_outside(self) -> None:
        """Say how many points the view leaves out: a remembered one knows nothing of new ones."""
        count = self.chart.outside
        out = f"{wording.plural(count, 'point')} outside the view: “Reset view” shows all. "
        self.say(f"{out if count else ''}{self._told}")

    def _show_view(self) -> None:
        if self._is_moved:
            return
        kept = self._memory.box(self._key)
        if kept is not None:
            self.chart.show_box(kept)
        else:
            self.chart.fit()

    @property
    def _key(self) -> str:
        x, y = self.axes
        scales = f"{self.log_x.isChecked():d}{self.log_y.isChecked():d}"
        return f"{x.id}/{y.id}/{scales}"

    def _ring(self) -> None:
        wanted = set(self._selected)
        self.chart.choose([n for n, item in enumerate(self._variants) if item.id in wanted])

    def _words(self, number: int) -> tuple[str, tuple[str, ...]]:
        item = self._variants[number]
        told = ((measure, measure.value(item)) for measure in self._shown)
        lines = (f"{it.title} {it.text(value)}" for it, value in told if value is not None)
        return item.title, tuple(lines)

    # What the user does

    @Slot()
    def reset_view(self) -> None:
        """Show every point."""
        self._is_moved = False
        self._rest.stop()
        self._memory.keep_box(self._key, None)
        self.chart.fit()
        self._say_outside()

    @Slot()
    def _offer_reset(self) -> None:
        self.reset.setVisible(not self.why_empty)

    @Slot()
    def _on_view_moved(self) -> None:
        self._is_moved = True
        self._rest.start()

    def keep_view(self) -> None:
        """Remember a move that does not rest yet: the window closes."""
        if self._rest.isActive():
            self._rest.stop()
            self._keep_view()

    @Slot()
    def _keep_view(self) -> None:
        self._memory.keep_box(self._key, self.chart.box)

    @Slot()
    def _on_axis_chosen(self) -> None:
        # An axis begins with its usual scale.
        for measure, switch, box in zip(
            self.axes, (self.log_x, self.log_y), (self.below, self.left), strict=True
        ):
            if self.sender() is box:
                switch.setChecked(measure.log)
        self._on_scale_chosen()

    @Slot()
    def _on_scale_chosen(self) -> None:
        self._is_moved = False
        self._rest.stop()
        self._on_look_chosen()

    @Slot()
    def _on_look_chosen(self) -> None:
        x, y = self.axes
        kept = (x.id, y.id, f"{self.log_x.isChecked():d}", f"{self.log_y.isChecked():d}",
                self.colour_by.currentData(), self.size_by.currentData())  # fmt: skip
        self._memory.keep_choices("any-axes", kept)
        self.redraw()

    @Slot(int)
    def _on_point_chosen(self, number: int) -> None:
        id = self._variants[number].id
        self.set_selected((id,))
        self.variant_selected.emit(id)

    @Slot(list)
    def _on_gathered(self, numbers: list[int]) -> None:
        ids = [self._variants[number].id for number in numbers]
        self._selected = tuple(ids)
        self.gathered.emit(ids)


def why_empty(
    variants: Sequence[ProjectVariant], across: Array, up: Array, x: Measure, y: Measure
) -> str:
    """Return why no point can be drawn; nothing where one can."""
    if not variants:
        return NOTHING
    for places, measure in ((across, x), (up, y)):
        if not np.isfinite(places).any() and (device := device_of(measure)):
            return WHY_EMPTY.format(device=device, title=measure.title)
        if not np.isfinite(places).any():
            return (
                f"No variant has a figure for “{measure.title}” yet, or none that still holds.\n\n"
                "Measure a variant again, or choose another axis."
            )
    if not (np.isfinite(across) & np.isfinite(up)).any():
        return f"No variant has both “{x.title}” and “{y.title}”.\n\nChoose another axis."
    return ""
