"""What the open model is made of, and what each technique can do with it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLabel,
    QScrollArea,
    QSplitter,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui import wording
from tinystudio.gui.column_fit import ColumnFit
from tinystudio.gui.layer_table import COLUMNS, LayerOrder, LayerTable, shape_text
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.theme import GRID
from tinystudio.jobs.inspection import GroupInfo, Inspection, PreflightInfo, PreflightStatus

NOTHING = "Open a model to see its layers, and what each technique can do with it."
# What may be cut where there is no room, to which width; the tooltip has it whole.
LEAST = {"Group": 56, "Op": 80, "Layer": 64}
YIELDING = {[column.title for column in COLUMNS].index(title): LEAST[title] for title in LEAST}
_STATUS: dict[PreflightStatus, tuple[str, str]] = {
    "can": ("good", "✓ can be used"),
    "partly": ("warning", "◐ can be used in part"),
    "cannot": ("bad", "✕ cannot be used"),
}


class LayersPanel(QWidget):
    """Layer table on top; below it the pre-flight and the coupled groups."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Layers")
        self._summary = QLabel()
        self._nothing = QLabel(NOTHING)
        self._layers = LayerTable()
        self._order = LayerOrder()
        self._table = QTableView()
        self._fit = ColumnFit(self._table, YIELDING)
        self._below = QVBoxLayout()
        self._pages = QStackedLayout(self)
        self._lay_out()

    def _lay_out(self) -> None:
        set_role(self._nothing, "muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        set_role(self._summary, "muted")
        self._summary.setWordWrap(True)
        self._set_up_table()
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self._table)
        split.addWidget(self._make_below())
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setChildrenCollapsible(False)
        split.setSizes([300, 200])
        page = QWidget()
        body = QVBoxLayout(page)
        body.setContentsMargins(GRID, GRID, GRID, GRID)
        body.addWidget(self._summary)
        body.addWidget(split, 1)
        self._pages.addWidget(self._nothing)
        self._pages.addWidget(page)

    def _set_up_table(self) -> None:
        self._order.setSourceModel(self._layers)
        table = self._table
        table.setModel(self._order)
        table.setSortingEnabled(True)
        table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)  # as in the graph
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names differ at both ends
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setAccessibleName("Layers of the model")
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(3 * GRID)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setMinimumSectionSize(28)

    def _make_below(self) -> QWidget:
        inside = QWidget()
        inside.setProperty("role", "plain")
        inside.setLayout(self._below)
        self._below.setContentsMargins(0, GRID, 0, 0)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.setAccessibleName("Techniques and groups")
        return scroll

    def show_nothing(self, reason: str = NOTHING) -> None:
        """Show that there are no layers to see, and why."""
        self._nothing.setText(reason)
        self._pages.setCurrentIndex(0)

    def show_inspection(self, inspection: Inspection) -> None:
        """Show this model."""
        self._summary.setText(summary_text(inspection))
        self._layers.show_layers(inspection.layers)
        self._fit.read(self._layers)
        self._fill_below(inspection)
        self._pages.setCurrentIndex(1)

    def _fill_below(self, inspection: Inspection) -> None:
        while (item := self._below.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.setParent(None)
                widget.deleteLater()
        self._below.addWidget(_heading("What each technique can do here"))
        for preflight in inspection.preflight:
            self._below.addWidget(PreflightCard(preflight))
        if inspection.groups:
            self._below.addWidget(_heading("Channels that can only go together"))
        for group in inspection.groups:
            self._below.addWidget(_paragraph(group_text(group)))
        for warning in inspection.warnings:
            self._below.addWidget(_paragraph(f"! {warning}"))
        self._below.addStretch(1)


class PreflightCard(QFrame):
    """One technique's pre-flight: can, partly, cannot; why; what would help."""

    def __init__(self, preflight: PreflightInfo) -> None:
        super().__init__()
        role, word = _STATUS[preflight.status]
        set_role(self, "card")
        self.setAccessibleName(f"{preflight.title} {word[2:]}")
        self.setAccessibleDescription(" ".join((preflight.reason, preflight.remedy)))
        title, status = QLabel(preflight.title), QLabel(word)
        set_role(title, "heading")
        set_role(status, role)
        body = QVBoxLayout(self)
        body.setContentsMargins(GRID + 4, GRID, GRID + 4, GRID)
        body.setSpacing(2)
        for label in (title, status):
            body.addWidget(label)
        for text in (preflight.reason, preflight.remedy):
            if text:
                body.addWidget(_paragraph(text))


def summary_text(inspection: Inspection) -> str:
    """Return the model's facts in two lines."""
    macs = "" if inspection.macs is None else f"{wording.count_text(inspection.macs)} MACs a sample"
    peak = inspection.peak_activation_bytes
    facts = (
        f"{wording.plural(len(inspection.layers), 'layer')}",
        f"{wording.count_text(inspection.parameters)} parameters",
        macs,
        f"{wording.size_text(inspection.size_bytes)} file",
        "" if peak is None else f"{wording.size_text(peak)} peak activations",
        f"opset {inspection.opset}",
    )
    takes = ", ".join(f"{port.name} ({shape_text(port.shape)})" for port in inspection.inputs)
    gives = ", ".join(f"{port.name} ({shape_text(port.shape)})" for port in inspection.outputs)
    return " · ".join(fact for fact in facts if fact) + f"\nIn: {takes}. Out: {gives}."


def group_text(group: GroupInfo) -> str:
    """Return a group in a sentence."""
    layers = ", ".join(group.layers)
    text = f"{group.title}: {wording.plural(group.channels, 'channel')} in {layers}."
    return text if group.removable else f"{text} They stay: {group.reason}"


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    set_role(label, "heading")
    return label


def _paragraph(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
