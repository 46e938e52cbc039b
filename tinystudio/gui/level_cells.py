"""The sliders, boxes and switches in the rows of the layer table, made when a row is seen."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QModelIndex, QObject, QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTableView, QWidget

from tinystudio.gui.forms.choice_box import ChoiceBox
from tinystudio.gui.forms.slider import StepSlider
from tinystudio.gui.forms.toggle import Toggle
from tinystudio.gui.layer_levels import SHORT, LayerLevel
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr

GAP = 3  # pixels
ROWS_AT_ONCE = 1  # made in one turn of the event loop: widgets with a style take a millisecond


class ChannelsCell(QWidget):
    """A slider over a group's levels with the count beside it; the right end is all of them.

    `most` is the largest count of the column: all its sliders are as long.
    """

    moved = Signal(int, bool)  # level, whether the user still drags

    def __init__(self, row: LayerLevel, most: int) -> None:
        super().__init__()
        self._last = 0 if row.group is None else len(row.group.levels) - 1
        self._slider, self._text = StepSlider(max(1, self._last)), QLabel()
        set_role(self._text, "muted")
        name = f"Channels of {row.layer.node}"
        self._slider.setAccessibleName(tr(name))
        self._slider.setToolTip(
            tr("{name}: how many stay. The slider stops at the levels there are.").format(
                name=tr(name)
            )
        )
        line = QHBoxLayout(self)
        line.setContentsMargins(4, 0, 4, 0)
        line.setSpacing(4)
        line.addWidget(self._slider, 1)
        line.addWidget(self._text)
        self._text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._text.ensurePolished()
        widest = "0" * len(str(most))
        self._text.setFixedWidth(self._text.fontMetrics().horizontalAdvance(widest) + 2)
        self.setFocusProxy(self._slider)
        self._slider.valueChanged.connect(self._on_moved)
        self._slider.sliderReleased.connect(self._on_released)

    def show_row(self, row: LayerLevel) -> None:
        """Show where the layer is; no signal."""
        self._text.setText(str(row.kept))
        if not self._slider.isSliderDown():
            with QSignalBlocker(self._slider):
                self._slider.setValue(self._last - row.level)

    @Slot(int)
    def _on_moved(self, position: int) -> None:
        self.moved.emit(self._last - position, True)

    @Slot()
    def _on_released(self) -> None:
        self.moved.emit(self._last - self._slider.value(), False)


class LevelCells(QObject):
    """Puts widgets into the columns of `table` for the rows that are seen, and keeps them true."""

    levels_moved = Signal(str, object, bool)  # layer, level by axis, whether the user still drags

    def __init__(self, table: QTableView, columns: tuple[int, int, int]) -> None:
        super().__init__(table)
        self._table = table
        self._columns = columns  # of channels, precision, switch
        self._rows: dict[str, LayerLevel] = {}
        self._most = 0  # channels of one row
        self._made: dict[str, tuple[QWidget | None, ChoiceBox, Toggle]] = {}
        self._before: dict[str, tuple[int, int]] = {}  # levels of layers that are switched off
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._make_some)

    def show_rows(self, rows: dict[str, LayerLevel]) -> None:
        """Show these layers' levels."""
        if rows.keys() != self._rows.keys():
            self.clear()
        self._rows = rows
        units = (row.group.units for row in rows.values() if row.group is not None)
        self._most = max(units, default=0)
        for name in self._made:
            self._fill(name)

    def clear(self) -> None:
        """Take every widget out of the table."""
        self._timer.stop()
        self._made.clear()
        self._rows = {}
        model = self._table.model()
        for row in range(model.rowCount()):
            for column in self._columns:
                index = model.index(row, column)
                if self._table.indexWidget(index) is not None:
                    self._table.setIndexWidget(index, None)  # type: ignore[arg-type] # takes it out

    def forget(self) -> None:
        """Remember nothing of widgets: the table has been given other rows and has none left."""
        self._timer.stop()
        self._made.clear()
        self._rows = {}

    def make_visible(self) -> None:
        """Make the widgets of the rows that are seen, one row at a time."""
        self._timer.start(0)

    @property
    def is_making(self) -> bool:
        """Say whether there are more to make."""
        return self._timer.isActive()

    def visible_layers(self) -> list[str]:
        """Return the layers whose rows are seen, top to bottom."""
        return [str(index.data()) for index in self._visible()]

    def _visible(self) -> list[QModelIndex]:
        table, model = self._table, self._table.model()
        if model.rowCount() == 0:
            return []
        first = max(0, table.rowAt(0))
        last = table.rowAt(table.viewport().height() - 1)
        last = model.rowCount() - 1 if last < 0 else last
        return [model.index(row, 0) for row in range(first, last + 1)]

    @Slot()
    def _make_some(self) -> None:
        missing = [
            index for index in self._visible()
            if str(index.data()) in self._rows and str(index.data()) not in self._made
        ]  # fmt: skip
        for index in missing[:ROWS_AT_ONCE]:
            self._make(index, str(index.data()))
        if len(missing) <= ROWS_AT_ONCE:
            self._timer.stop()

    def _make(self, index: QModelIndex, name: str) -> None:
        row = self._rows[name]
        channels = None if row.group is None else ChannelsCell(row, self._most)
        bits, switch = _bits_box(row), Toggle()
        switch.setAccessibleName(tr("Compress {name}").format(name=name))
        switch.setToolTip(tr("Off: the layer is as it came. On: back to where it was."))
        self._made[name] = (channels, bits, switch)
        self._fill(name)
        if channels is not None:
            channels.moved.connect(partial(self._on_channels, name))
        bits.currentIndexChanged.connect(partial(self._on_bits, name))
        switch.clicked.connect(lambda on: self._on_switched(name, on))
        cells = (channels, _inset(bits), _centred(switch))
        for column, widget in zip(self._columns, cells, strict=True):
            if widget is not None:
                self._table.setIndexWidget(index.siblingAtColumn(column), widget)

    def _fill(self, name: str) -> None:
        row = self._rows[name]
        channels, bits, switch = self._made[name]
        if isinstance(channels, ChannelsCell):
            channels.show_row(row)
        with QSignalBlocker(bits):
            bits.setCurrentIndex(row.precision)
        switch.setChecked(not row.is_full)
        switch.setEnabled(not row.is_full or name in self._before)

    def _on_channels(self, name: str, level: int, live: bool) -> None:
        self.levels_moved.emit(name, {self._rows[name].group_at: level}, live)

    def _on_bits(self, name: str, place: int) -> None:
        self.levels_moved.emit(name, {self._rows[name].layer_at: place}, False)

    def _on_switched(self, name: str, on: bool) -> None:
        row = self._rows[name]
        if not on:
            self._before[name] = (row.level, row.precision)
        level, precision = self._before.get(name, (0, 0)) if on else (0, 0)
        levels = {row.layer_at: precision}
        if row.group is not None:
            levels[row.group_at] = level
        self.levels_moved.emit(name, levels, False)


def _bits_box(row: LayerLevel) -> ChoiceBox:
    box = ChoiceBox()
    box.setMinimumContentsLength(4)
    for precision in row.layer.precisions:
        box.addItem(tr(SHORT[precision]), precision)
    box.setAccessibleName(tr("Precision of {node}").format(node=row.layer.node))
    box.setToolTip(tr("In which precision the layer's weights are stored, or INT8: computed with"))
    return box


def _inset(widget: QWidget) -> QWidget:
    """Keep a gap above and below: boxes of rows one below the other would touch."""
    around = QWidget()
    line = QHBoxLayout(around)
    line.setContentsMargins(0, GAP, 0, GAP)
    line.addWidget(widget)
    around.setFocusProxy(widget)
    return around


def _centred(widget: QWidget) -> QWidget:
    around = QWidget()
    line = QHBoxLayout(around)
    line.setContentsMargins(0, 0, 0, 0)
    line.addWidget(widget, 0, Qt.AlignmentFlag.AlignCenter)
    around.setFocusProxy(widget)
    return around
