"""How weights and outputs of one layer are spread in each variant."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QStackedLayout,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui.compare.classes_view import empty_label
from tinystudio.gui.compare.result_table import ResultTable
from tinystudio.gui.forms.choice_box import ChoiceBox
from tinystudio.gui.plots.curve_key import CurveKey
from tinystudio.gui.plots.picture_menu import PictureMenu
from tinystudio.gui.plots.spread_plots import HistogramPlot, RangePlot, width_of
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.jobs.comparison import Comparison, LayerSpread, Spread
from tinystudio.session.comparison_tables import Cell, Table

NO_LAYERS = "No layer has weights that could be looked at."
READING = "Reading {layer}…"
SAME = "The same in all variants."
NO_WEIGHTS = "This layer has no weights of its own."
NO_OUTPUTS = "Outputs are shown where there is data to run the variants on."


class WeightsView(QWidget):
    """Asks for a layer when it is first seen, or another is chosen: `spread_requested`."""

    spread_requested = Signal(str)
    save_failed = Signal(object)  # UserError

    def __init__(self) -> None:
        super().__init__()
        self._found: Comparison | None = None
        self._asked = ""
        self.choice = ChoiceBox()
        self.table_button = QToolButton()
        self._note, self._empty = QLabel(), empty_label()
        self.weights, self.weight_ranges = HistogramPlot("weights"), RangePlot("weights")
        self.outputs, self.output_ranges = HistogramPlot("outputs"), RangePlot("outputs")
        self._no_weights, self._no_outputs = empty_label(), empty_label()
        self.table = ResultTable("Ranges per channel")
        self._keys: list[CurveKey] = []
        self._key_row = QHBoxLayout()
        self._views, self._pages = QStackedWidget(), QStackedLayout(self)
        self._lay_out()
        self.choice.currentIndexChanged.connect(self._ask)
        self.table_button.toggled.connect(self._views.setCurrentIndex)

    def _lay_out(self) -> None:
        self.choice.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToContents)
        self.choice.setAccessibleName(tr("Layer"))
        self.choice.setToolTip(tr("Whose weights and outputs are shown"))
        self.table_button.setText(tr("Table"))
        self.table_button.setCheckable(True)
        self.table_button.setToolTip(tr("Show the ranges as numbers"))
        set_role(self.table_button, "tool")
        set_role(self._note, "muted")
        self._note.setWordWrap(True)
        bar = QHBoxLayout()
        bar.addWidget(self.choice)
        bar.addWidget(self._note, 1)
        bar.addWidget(self.table_button)
        plots = QWidget()
        self._menu = PictureMenu(self, plots, lambda: self.as_csv, "weights")
        self._menu.save_failed.connect(self.save_failed)
        plots.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        plots.customContextMenuRequested.connect(
            lambda place: self._menu.show_at(plots.mapToGlobal(place))
        )
        grid = QGridLayout(plots)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self.weights, 0, 0)
        grid.addWidget(self.weight_ranges, 0, 1)
        grid.addWidget(self._no_weights, 0, 0, 1, 2)
        grid.addWidget(self.outputs, 1, 0)
        grid.addWidget(self.output_ranges, 1, 1)
        grid.addWidget(self._no_outputs, 1, 0, 1, 2)
        for at in (0, 1):
            grid.setColumnStretch(at, 1)
            grid.setRowStretch(at, 1)
        self._views.addWidget(plots)
        self._views.addWidget(self.table)
        page = QWidget()
        body = QVBoxLayout(page)
        body.setContentsMargins(GRID, GRID, GRID, GRID)
        body.addLayout(bar)
        body.addWidget(self._views, 1)
        self._key_row.setAlignment(Qt.AlignmentFlag.AlignLeft)
        body.addLayout(self._key_row)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(page)

    def show_comparison(self, found: Comparison) -> None:
        """Offer the layers of this comparison; what was asked of another counts no more."""
        self._found, self._asked = found, ""
        names = [row.name for row in found.layers if _has_weights(row.cells)]
        self._pages.setCurrentIndex(1 if names else 0)
        self._empty.setText(tr(NO_LAYERS))
        self.choice.blockSignals(True)
        self.choice.clear()
        self.choice.addItems(names)
        self.choice.setCurrentIndex(_most_different(found, names))
        self.choice.blockSignals(False)
        self._fill_key(found.titles)
        if self.isVisible():
            self._ask()

    def choose_layer(self, name: str) -> None:
        """Look at this layer the next time this is seen."""
        if (at := self.choice.findText(name)) >= 0:
            self.choice.setCurrentIndex(at)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask()

    @Slot()
    def _ask(self) -> None:
        layer = self.choice.currentText()
        if not layer or layer == self._asked or not self.isVisible():
            return
        self._asked = layer
        self._note.setText(tr(READING.format(layer=layer)))
        self.spread_requested.emit(layer)

    def show_spread(self, spread: LayerSpread) -> None:
        """Draw this layer, where it is still the one asked for."""
        if spread.layer != self._asked:
            return
        same = [SAME] if _is_same(spread) else []
        self._note.setText(" ".join(map(tr, (*same, *spread.notes))))
        self._show(spread.weights, (self.weights, self.weight_ranges), spread.weight_edges,
                   self._no_weights, NO_WEIGHTS, spread.activations)  # fmt: skip
        self._show(spread.activations, (self.outputs, self.output_ranges), spread.activation_edges,
                   self._no_outputs, NO_OUTPUTS, spread.weights)  # fmt: skip
        self.table.show_table(_ranges(spread))

    def show_trouble(self, words: str) -> None:
        """Say why the layer could not be read."""
        self._note.setText(tr(words))
        self._asked = ""

    @property
    def as_csv(self) -> str:
        """Return the ranges as CSV text."""
        return self.table.as_csv

    def _show(
        self, spreads: Sequence[Spread | None], plots: tuple[HistogramPlot, RangePlot],
        edges: Sequence[float], instead: QLabel, why: str, beside: Sequence[Spread | None],
    ) -> None:  # fmt: skip
        is_there = any(spread is not None for spread in spreads)
        instead.setText(tr(why))
        instead.setVisible(not is_there)
        for plot in plots:
            plot.setVisible(is_there)
        if is_there:
            plots[0].show_spreads(edges, spreads, beside)
            plots[1].show_spreads(spreads)

    def _fill_key(self, titles: Sequence[str]) -> None:
        while len(self._keys) < len(titles):
            self._keys.append(CurveKey(width_of))
            self._key_row.addWidget(self._keys[-1])
        for at, key in enumerate(self._keys):
            key.setVisible(at < len(titles))
            if at < len(titles):
                key.show_curve(at, titles[at])


def _most_different(found: Comparison, names: Sequence[str]) -> int:
    """Return which of these layers differs most among the variants, by what it takes."""
    sizes = {
        row.name: [0 if cell is None else cell.size_bytes for cell in row.cells]
        for row in found.layers
    }
    shares = [1 - min(sizes[name]) / max(*sizes[name], 1) for name in names]
    return shares.index(max(shares)) if shares else -1


def _is_same(spread: LayerSpread) -> bool:
    """Say whether weights and outputs of all variants that are told are spread alike."""
    told = [spreads for spreads in (spread.weights, spread.activations) if any(spreads)]
    return bool(told) and all(item == spreads[0] for spreads in told for item in spreads)


def _has_weights(cells: Sequence[object]) -> bool:
    return any(getattr(cell, "channels", None) for cell in cells)


def _ranges(spread: LayerSpread) -> Table:
    """Return the range of every channel as a table."""
    named = [("weights", spread.weights), ("outputs", spread.activations)]
    columns = [
        (f"{title}: {what}", item)
        for what, spreads in named
        for title, item in zip(spread.titles, spreads, strict=True)
        if item is not None
    ]
    count = max((len(item.channel_lows) for _, item in columns), default=0)
    rows = tuple(
        (Cell(str(at + 1), key=at), *(cell for _, item in columns for cell in _ends(item, at)))
        for at in range(count)
    )
    heads = [head for title, _ in columns for head in (f"{title}, least", "largest")]
    return Table("Ranges", ("channel", *heads), rows)


def _ends(item: Spread, at: int) -> tuple[Cell, Cell]:
    if at >= len(item.channel_lows):
        return Cell("", key=0.0), Cell("", key=0.0)
    low, high = item.channel_lows[at], item.channel_highs[at]
    return Cell(f"{low:.4g}", key=low), Cell(f"{high:.4g}", key=high)
