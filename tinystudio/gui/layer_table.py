"""The layers of a network as a sortable Qt table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from tinystudio.gui import wording
from tinystudio.gui.layer_levels import LayerLevel
from tinystudio.gui.level_columns import (
    LEVEL_COLUMNS,
    level_data,
    level_head,
    level_help,
    level_side,
    level_sort,
    spans,
)
from tinystudio.gui.level_curves import LevelCurves
from tinystudio.gui.texts import tr
from tinystudio.jobs.inspection import LayerInfo

Cell = str | int | None


@dataclass(frozen=True)
class Column:
    """One column: its head and help, what a layer has there, and how that is written."""

    title: str
    help: str
    value: Callable[[LayerInfo], Cell]
    text: Callable[[LayerInfo], str]
    is_number: bool = True


def shape_text(shape: Sequence[int | str | None]) -> str:
    """Return a shape, e.g. "N × 64 × 12"; an open batch is N, any other open size "?"."""
    open_sizes = ["N", *"?" * len(shape)]
    sizes = (
        open_size if size is None else str(size)
        for size, open_size in zip(shape, open_sizes, strict=False)
    )
    return " × ".join(sizes) or "scalar"


def _narrow_shape(layer: LayerInfo) -> str:
    return shape_text(layer.output_shape).replace(" ", "")  # eight columns share a small window


def _count(value: int | None) -> str:
    return wording.NO_FIGURE if value is None else wording.count_text(value) if value else "0"


def _size(value: int | None) -> str:
    return wording.NO_FIGURE if value is None else wording.size_text(value) if value else "0 B"


COLUMNS = (
    Column("Layer", "The node's name in the file.", lambda x: x.name, lambda x: x.name, False),
    Column("Op", "What the layer computes.", lambda x: x.op, lambda x: x.op, False),
    Column(
        "Output", "The shape of what comes out; N is the batch.",
        lambda x: shape_text(x.output_shape), _narrow_shape, False,
    ),
    Column(
        "Params", "How many numbers the layer has learned.",
        lambda x: x.parameters, lambda x: _count(x.parameters),
    ),
    Column(
        "MACs", "Multiplications with addition for one sample; where the work is.",
        lambda x: x.macs, lambda x: _count(x.macs),
    ),
    Column(
        "Weights", "What the layer's weights take in the file.",
        lambda x: x.weight_bytes, lambda x: _size(x.weight_bytes),
    ),
    Column(
        "Activation", "What the layer's output takes in memory for one sample.",
        lambda x: x.activation_bytes, lambda x: _size(x.activation_bytes),
    ),
    Column(
        "Group", "Channels of one group can only be removed together.",
        lambda x: x.group or "", lambda x: x.group or wording.NO_FIGURE, False,
    ),
)  # fmt: skip

TITLES = (*(column.title for column in COLUMNS), *LEVEL_COLUMNS)
SORT_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class LayerTable(QAbstractTableModel):
    """One row per layer, in the order of the graph. The last columns are for its levels."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)  # its timers end with the widget, not when garbage is collected
        self._layers: tuple[LayerInfo, ...] = ()
        self._levels: Mapping[str, LayerLevel] = {}
        self.curves = LevelCurves(self)
        self._ranges = spans(())
        self._metric = "accuracy"
        self.curves.ready.connect(self._on_curve)

    def show_layers(self, layers: Sequence[LayerInfo]) -> None:
        """Show these layers in place of the former."""
        self.beginResetModel()
        self._layers = tuple(layers)
        self.endResetModel()

    def name_metric(self, metric: str) -> None:
        """Call the score in the heads by its metric."""
        if metric != self._metric:
            self._metric = metric
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(TITLES) - 1)

    def show_levels(self, levels: Mapping[str, LayerLevel]) -> None:
        """Show at which levels the layers are, by name."""
        self._levels = levels
        self._say_levels_changed()

    def level(self, name: str) -> LayerLevel | None:
        """Return a layer's level, where it has one."""
        return self._levels.get(name)

    def _on_curve(self) -> None:
        self._ranges = spans(self.curves.curves)
        self._say_levels_changed()

    def _say_levels_changed(self) -> None:
        if self._layers:
            corner = self.index(len(self._layers) - 1, len(TITLES) - 1)
            self.dataChanged.emit(self.index(0, len(COLUMNS)), corner)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return how many layers there are."""
        return 0 if parent.isValid() else len(self._layers)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(TITLES)

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Return a cell's text, its value for sorting, or how it is placed."""
        layer = self._layers[index.row()]
        if index.column() >= len(COLUMNS):
            return self._level_data(TITLES[index.column()], layer, index.row(), role)
        column = COLUMNS[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.text(layer)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _RIGHT if column.is_number else _LEFT
            case Qt.ItemDataRole.ToolTipRole:
                return f"{tr(column.title)}: {column.text(layer)}\n{tr(column.help)}"
            case _ if role == SORT_ROLE:
                return _sortable(column, layer, index.row())
        return None

    def _level_data(self, column: str, layer: LayerInfo, place: int, role: int) -> object:
        level, curve = self._levels.get(layer.name), self.curves.curve(layer.name)
        if role == SORT_ROLE:
            return (level_sort(column, level, curve), "", place)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return level_side(column)
        return level_data(column, level, curve, self._ranges, role, self._metric)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return a column's head, its help, its alignment."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        is_level = section >= len(COLUMNS)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                title = TITLES[section]
                return tr(level_head(title, self._metric) if is_level else title)
            case Qt.ItemDataRole.ToolTipRole:
                told = COLUMNS[section].help if not is_level else ""
                return tr(told or level_help(TITLES[section], self._metric))
            case Qt.ItemDataRole.TextAlignmentRole:
                if is_level:
                    return level_side(TITLES[section])
                return _RIGHT if COLUMNS[section].is_number else _LEFT
        return None


def _sortable(column: Column, layer: LayerInfo, row: int) -> tuple[float, str, int]:
    """Return a key: numbers by size, unknown ones first, words by letter, then by place."""
    value = column.value(layer)
    if isinstance(value, str):
        return (0.0, value.lower(), row)
    return (-1.0 if value is None else float(value), "", row)


class LayerOrder(QSortFilterProxyModel):
    """The layers in the order of a column."""

    def lessThan(
        self,
        left: QModelIndex | QPersistentModelIndex,
        right: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """Compare by value, not by the text shown."""
        return bool(left.data(SORT_ROLE) < right.data(SORT_ROLE))
