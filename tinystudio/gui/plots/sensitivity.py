"""Sensitivity: what each level of each layer costs when that layer alone is compressed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget
from superqt import QFlowLayout

from tinystudio.core.measurement import Measurement
from tinystudio.gui import wording
from tinystudio.gui.forms.choice_box import ChoiceBox
from tinystudio.gui.layer_costs import LayerCosts, LevelCost
from tinystudio.gui.plots.curve_key import CurveKey
from tinystudio.gui.plots.frame import PlotFrame
from tinystudio.gui.plots.line_plot import Curve, LinePlot
from tinystudio.gui.plots.rows_table import Rows
from tinystudio.gui.texts import tr

NAMED = 6  # curves in a colour of their own: the layers that lose most, and the chosen one
AXES = (("channels", "Channels that stay"), ("precision", "Precision of the weights"))
NOTHING = (
    "There is no layer database yet.\n\nOpen a model and attach data: the database is built in the"
    " background, and this plot then shows which layers can be compressed without loss."
)
NONE_OF_THESE = "No layer of this model has levels of this kind. Choose the other one above."
SOON = "Working out what every layer costs…"
HEADINGS = ("layer", "what changes", "level", "share kept", "{metric} lost", "{metric}", "bytes",
            "ms")  # fmt: skip


class SensitivityPlot(PlotFrame):
    """Follows `costs`, which begins to work when this is first seen."""

    def __init__(self, costs: LayerCosts) -> None:
        self.lines, self._keys = LinePlot(), [CurveKey() for _ in range(NAMED)]
        whole = QWidget()
        super().__init__(whole, self.numbers, "sensitivity")
        self._costs = costs
        self._chosen, self._metric, self._has_database = "", "accuracy", False
        self.axis = ChoiceBox()
        self._place(whole)
        costs.changed.connect(self.want_redraw)
        self.axis.activated.connect(self.redraw)
        self.redraw()

    def _place(self, whole: QWidget) -> None:
        body = QVBoxLayout(whole)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(4)
        body.addWidget(self.lines, 1)
        row = QFlowLayout()
        for key in self._keys:
            key.setFixedWidth(150)
            row.addWidget(key)
        body.addLayout(row)
        for id, title in AXES:
            self.axis.addItem(tr(title), id)
        self.axis.setAccessibleName(tr("What is changed of each layer"))
        self.axis.setToolTip(tr("Whether channels are removed or weights are stored in fewer bits"))
        self.add_choice("Change", self.axis)
        self.axis.setMinimumContentsLength(22)

    def set_database(self, is_there: bool, metric: str) -> None:
        """Say whether there is anything to be worked out, and what the score is called."""
        self._has_database, self._metric = is_there, metric
        self.want_redraw()

    def choose_layer(self, layer: str) -> None:
        """Give this layer a colour of its own."""
        if layer != self._chosen:
            self._chosen = layer
            self.want_redraw()

    def showEvent(self, event: QShowEvent) -> None:
        self._costs.want()
        super().showEvent(event)

    def numbers(self) -> tuple[Sequence[str], Rows]:
        """Return every level of every layer."""
        rows = [
            (x.layer, x.axis, x.level, round(x.kept, 4), round(x.loss, 6), round(x.score, 6),
             x.size_bytes, x.latency_ms)
            for x in self._costs.found
        ]  # fmt: skip
        name = wording.metric_title(self._metric)
        return [head.format(metric=name) for head in HEADINGS], rows

    @Slot()
    def redraw(self) -> None:
        """Draw what is known now."""
        found = [cost for cost in self._costs.found if cost.axis == self.axis.currentData()]
        if not self._costs.is_done:
            self.say_empty(SOON if self._has_database and self.isVisible() else NOTHING)
            self.say("")
            return
        self.say_empty("" if found else NONE_OF_THESE)
        layers = _together(_by_layer(found), self._chosen)
        named = self._named(layers)
        levels = list(dict.fromkeys(cost.level for cost in found))
        curves = [
            _curve(name, costs, named.index(name) if name in named else None, levels)
            for name, costs in layers.items()
        ]
        name = wording.metric_title(self._metric)
        unit = "points" if wording.is_share_metric(self._metric) else wording.score_unit(
            Measurement(metric=self._metric)).strip()  # fmt: skip
        is_channels = self.axis.currentData() == "channels"
        below = "channels of the layer that stay (%)" if is_channels else "precision of the layer"
        ticks = (
            () if is_channels else [(-1.0, "float"), *((float(n), x) for n, x in enumerate(levels))]
        )
        self.lines.show_curves(curves, (below, f"{name} lost{f' ({unit})' if unit else ''}"), ticks,
                               (0.0, ""))  # fmt: skip
        for at, key in enumerate(self._keys):
            key.setVisible(at < len(named))
            if at < len(named):
                key.show_curve(at, named[at])
        rest = len(layers) - len(named)
        more = (
            f" {wording.plural(rest, 'layer')} that lose less are drawn faintly."
            if rest > 0
            else ""
        )
        self.say(
            f"Predicted from the layer database, one layer at a time, all else as it came.{more}"
        )
        self.numbers_changed()

    def _named(self, layers: dict[str, list[LevelCost]]) -> list[str]:
        worst = sorted(layers, key=lambda name: -max(cost.loss for cost in layers[name]))
        first = [name for name, costs in layers.items() if costs[0].layer == self._chosen]
        return list(dict.fromkeys([*first, *worst]))[:NAMED]


def _by_layer(costs: Sequence[LevelCost]) -> dict[str, list[LevelCost]]:
    found: dict[str, list[LevelCost]] = {}
    for cost in costs:
        found.setdefault(cost.layer, []).append(cost)
    return found


def _together(layers: dict[str, list[LevelCost]], chosen: str) -> dict[str, list[LevelCost]]:
    """Return one curve for layers whose channels go together: theirs lie on one another."""
    kin: dict[tuple[tuple[str, float], ...], list[str]] = {}
    for name, costs in layers.items():
        kin.setdefault(tuple((cost.level, cost.loss) for cost in costs), []).append(name)
    found = {}
    for names in kin.values():
        first = chosen if chosen in names else names[0]
        more = f" + {len(names) - 1}" if len(names) > 1 else ""
        found[f"{first}{more}"] = layers[first]
    return found


def _curve(name: str, costs: list[LevelCost], look: int | None, levels: list[str]) -> Curve:
    if costs[0].axis == "channels":
        points = [(100.0, 0.0), *((100 * cost.kept, cost.loss) for cost in costs)]
    else:
        points = [(-1.0, 0.0), *((float(levels.index(cost.level)), cost.loss) for cost in costs)]
    return Curve(name, tuple(sorted(points)), look)
