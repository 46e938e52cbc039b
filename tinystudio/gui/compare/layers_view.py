"""Layers side by side: time, size, precision and channels of each variant, and how it is run."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QSplitter,
    QStackedLayout,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui import theme, wording
from tinystudio.gui.compare.classes_view import empty_label
from tinystudio.gui.compare.figures_view import WORDS
from tinystudio.gui.compare.result_table import ResultTable
from tinystudio.gui.forms.choice_box import ChoiceBox
from tinystudio.gui.number_marks import unbroken
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.gui.toned_cells import TonedCells
from tinystudio.jobs.comparison import OTHERS_OP, Comparison, LayerCell, LayerRow
from tinystudio.session.comparison_tables import (
    GONE,
    Cell,
    Table,
    layers_table,
    runtime_text,
)
from tinystudio.session.figure_words import profiled_text

BAR_HEIGHT, BESIDE_BAR = 3, 12  # pixels
FIRST_VARIANT = 2  # column: behind the layer's name and kind
SHARE_ROLE = int(Qt.ItemDataRole.UserRole) + 2
EMPTY = "The model has no layers to show."
NOTE = (
    "Profiling counts whole microseconds and adds about 1 µs to each step, so the sum exceeds the "
    "measured latency. Use these to compare layers, not as times."
)
RUNS = "How onnxruntime runs {layer}"
GONE_HELP = "The variant has no such layer, or runs it within another one."
CHOICES = ("time", "size", "precision", "channels")


class LayersView(QWidget):
    """One column per variant; below the table what the chosen layer is run as."""

    layer_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._found: Comparison | None = None
        self.choice, self._note = ChoiceBox(), QLabel(unbroken(tr(NOTE)))
        self.table = ResultTable("Layers side by side")
        self.runs, self._empty = QPlainTextEdit(), empty_label()
        self._heading = QLabel()
        self._lay_out()
        self.choice.currentIndexChanged.connect(self._fill)
        self.table.currentCellChanged.connect(self._on_cell)

    def _lay_out(self) -> None:
        self.choice.addItems([tr(choice.capitalize()) for choice in CHOICES])
        self.choice.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToContents)
        self.choice.setAccessibleName(tr("What is told of the layers"))
        self.choice.setToolTip(tr("What stands first in the columns; the rest is beside it"))
        self.table.setItemDelegate(_ShareBar(self.table))
        self.runs.setReadOnly(True)
        self.runs.setAccessibleName(tr("What the chosen layer is run as"))
        self.runs.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.runs.setTabChangesFocus(True)
        set_role(self._note, "muted")
        self._note.setWordWrap(True)
        bar = QHBoxLayout()
        bar.addWidget(self.choice)
        bar.addWidget(self._note, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(GRID)
        for widget in (self.table, self._lower()):
            split.addWidget(widget)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 1)
        page = QWidget()
        body = QVBoxLayout(page)
        body.setContentsMargins(GRID, GRID, GRID, GRID)
        body.addLayout(bar)
        body.addWidget(split, 1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(page)

    def _lower(self) -> QWidget:
        """Return what tells of the chosen layer, under its heading."""
        set_role(self._heading, "heading")
        self._heading.setWordWrap(True)
        lower = QWidget()
        body = QVBoxLayout(lower)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(GRID // 2)
        body.addWidget(self._heading)
        body.addWidget(self.runs, 1)
        return lower

    def show_comparison(self, found: Comparison) -> None:
        """Show these layers."""
        self._found = found
        self._pages.setCurrentIndex(1 if found.layers else 0)
        self._empty.setText(tr(EMPTY))
        self._note.setText(tr(found.why.get("layers") or f"{_in_all(found)} {NOTE}"))
        self._fill()

    @property
    def as_csv(self) -> str:
        """Return all that is known of the layers as CSV text."""
        return self.table.as_csv

    @Slot()
    def _fill(self) -> None:
        found = self._found
        if found is None:
            return
        what = CHOICES[max(0, self.choice.currentIndex())]
        self.table.show_table(_told(found, what), layers_table(found, WORDS))
        for row, layer in enumerate(found.layers):
            for column, share in enumerate(_shares(found, layer, what), FIRST_VARIANT):
                if (item := self.table.item(row, column)) is not None:
                    item.setData(SHARE_ROLE, share)
        if found.layers:
            self.table.selectRow(0)
            self._show_runs(found.layers[0])

    @Slot(int, int, int, int)
    def _on_cell(self, row: int, _column: int, _before: int, _column_before: int) -> None:
        item = self.table.item(row, 0) if row >= 0 else None
        layer = None if item is None or self._found is None else _shown_as(self._found, item.text())
        if layer is not None:
            self._show_runs(layer)
            self.layer_chosen.emit(layer.name)

    def _show_runs(self, layer: LayerRow) -> None:
        found = self._found
        assert found is not None
        made_of = " + ".join(layer.members) or tr("what onnxruntime adds by itself")
        self._heading.setText(tr(RUNS).format(layer=_names(layer)[0]))
        told: dict[str, list[str]] = {}  # what is the same stands once, behind all it is true of
        for title, cell in zip(found.titles, layer.cells, strict=True):
            words = GONE if cell is None else runtime_text(cell) or "not timed"
            told.setdefault(words, []).append(tr(title))
        lines = [tr("In the file: {nodes}").format(nodes=made_of)]
        for words, titles in told.items():
            shown = "\n    ".join(tr(line) for line in words.split("\n"))
            lines.append(f"{' · '.join(titles)}: {shown}")
        self.runs.setPlainText("\n".join(lines))


def _in_all(found: Comparison) -> str:
    known = [
        f"{tr(title)} ({profiled_text(total)})"
        for title, total in zip(found.titles, found.totals_us, strict=True)
        if total is not None
    ]
    return f"In all: {', '.join(known)}." if known else ""


def _names(layer: LayerRow) -> tuple[str, str]:
    """Return a row's name and kind: those of layers are no words of any language."""
    if layer.op != OTHERS_OP:
        return layer.name, layer.op
    return tr("conversions"), tr(layer.op)


def _shown_as(found: Comparison, name: str) -> LayerRow | None:
    return next((layer for layer in found.layers if _names(layer)[0] == name), None)


def _told(found: Comparison, what: str) -> Table:
    rows = tuple(
        (
            Cell(_names(layer)[0], tip=", ".join(layer.members)), Cell(_names(layer)[1]),
            *(_cell(cell, what) for cell in layer.cells),
        )
        for layer in found.layers
    )  # fmt: skip
    return Table("Layers", ("layer", "kind", *found.titles), rows, words=FIRST_VARIANT)


def _cell(cell: LayerCell | None, what: str) -> Cell:
    """Return what was asked for of a layer, with all the rest as the tip."""
    if cell is None:
        return Cell(GONE, "same", key=-1.0, tip=GONE_HELP)
    time = "not timed" if cell.time_us is None else profiled_text(cell.time_us)
    size = wording.size_text(cell.size_bytes, 3)
    channels = "" if cell.channels is None else wording.plural(cell.channels, "channel")
    tip = ", ".join(part for part in (time, size, cell.precision, channels) if part)
    match what:
        case "time":
            return Cell(time, key=cell.time_us or 0.0, tip=tip)
        case "size":
            return Cell(size if cell.size_bytes else "–", key=cell.size_bytes, tip=tip)
        case "precision":
            return Cell(cell.precision or "–", tip=tip)
        case _:
            return Cell(str(cell.channels or "–"), key=cell.channels or 0, tip=tip)


def _shares(found: Comparison, layer: LayerRow, what: str) -> list[float]:
    """Return how long each cell's bar is; 0 where that says nothing."""
    known = [_amount(cell, what) for row in found.layers for cell in row.cells]
    most = max(known, default=0.0)
    return [_amount(cell, what) / most if most else 0.0 for cell in layer.cells]


def _amount(cell: LayerCell | None, what: str) -> float:
    if cell is None or what == "precision":
        return 0.0
    amounts = {"time": cell.time_us, "size": cell.size_bytes, "channels": cell.channels}
    return float(amounts[what] or 0)


class _ShareBar(TonedCells):
    """Draws a cell with a bar along its lower edge, as long as its share.

    A whole is as long in every column, however wide that is: bars are compared across them.
    """

    def __init__(self, table: ResultTable) -> None:
        super().__init__(table)
        self._table = table

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:  # fmt: skip
        super().paint(painter, option, index)
        share = index.data(SHARE_ROLE)
        if not share:
            return
        area = QRectF(option.rect).adjusted(0, 0, -4, -2)
        columns = range(FIRST_VARIANT, self._table.columnCount())
        whole = min(self._table.columnWidth(column) for column in columns) - BESIDE_BAR
        width = max(1.0, whole * float(share))
        colour = QColor(theme.current().curve(index.column() - FIRST_VARIANT).colour)
        place = QRectF(area.right() - width, area.bottom() - BAR_HEIGHT, width, BAR_HEIGHT)
        painter.fillRect(place, colour)
