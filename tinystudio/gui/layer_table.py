"""The layers of a network as a sortable Qt table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from tinystudio.gui import wording
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
    return wording.NO_FIGURE if value is None else wording.size_text(value) if value else "0"


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

SORT_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class LayerTable(QAbstractTableModel):
    """One row per layer, in the order of the graph."""

    def __init__(self) -> None:
        super().__init__()
        self._layers: tuple[LayerInfo, ...] = ()

    def show_layers(self, layers: Sequence[LayerInfo]) -> None:
        """Show these layers in place of the former."""
        self.beginResetModel()
        self._layers = tuple(layers)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return how many layers there are."""
        return 0 if parent.isValid() else len(self._layers)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Return a cell's text, its value for sorting, or how it is placed."""
        column, layer = COLUMNS[index.column()], self._layers[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.text(layer)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _RIGHT if column.is_number else _LEFT
            case Qt.ItemDataRole.ToolTipRole:
                return f"{column.title}: {column.text(layer)}\n{column.help}"
            case _ if role == SORT_ROLE:
                return _sortable(column, layer, index.row())
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return a column's head, its help, its alignment."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.title
            case Qt.ItemDataRole.ToolTipRole:
                return column.help
            case Qt.ItemDataRole.TextAlignmentRole:
                return _RIGHT if column.is_number else _LEFT
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
