"""What the open model is made of, what each technique can do with it, and each layer's levels."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
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

from tinystudio.explorer.database import Database
from tinystudio.explorer.space import Choice
from tinystudio.gui import wording
from tinystudio.gui.column_fit import ColumnFit
from tinystudio.gui.curve_delegate import CurveDelegate
from tinystudio.gui.layer_levels import layer_levels, moved, stairs_of
from tinystudio.gui.layer_table import TITLES, LayerOrder, LayerTable, shape_text
from tinystudio.gui.level_cells import LevelCells
from tinystudio.gui.level_columns import (
    ACCURACY,
    BITS,
    CHANNELS,
    LEAST_WIDTHS,
    LEVEL_COLUMNS,
    SWITCH,
    TIME,
)
from tinystudio.gui.level_curves import Predict
from tinystudio.gui.number_marks import unbroken
from tinystudio.gui.plots.staircase import Staircase
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.jobs.inspection import (
    GroupInfo,
    Inspection,
    PreflightInfo,
    PreflightStatus,
    about_seconds,
)

FOREIGN = "The recipe is not on the dial: the levels below are those of the original."
NOTHING = "Open a model to see its layers, and what each technique can do with it."
# What may be cut where there is no room, to which width; the tooltip has it whole.
LEAST = {"Group": 56, "Op": 80, "Layer": 64}
YIELDING = {TITLES.index(title): LEAST[title] for title in LEAST}
WIDTHS = {TITLES.index(title): LEAST_WIDTHS[title] for title in LEVEL_COLUMNS}
# Where there is no room for all, facts make way for levels, in this order.
SPARE = ("Output", "Activation", "Op", "Params", "Group", "MACs")
SCROLL_BAR = 12  # pixels
_STATUS: dict[PreflightStatus, tuple[str, str]] = {
    "can": ("good", "✓ can be used"),
    "partly": ("warning", "◐ can be used in part"),
    "cannot": ("bad", "✕ cannot be used"),
}
NAMED = 6  # classes in a sentence


class LayersPanel(QWidget):
    """Layer table on top; below it pre-flight and coupled groups, and one layer's staircase.

    `choice_edited` carries the choice, how it came about in words, and whether the user still
    drags. Levels and curves are kept up to date while the panel is seen.
    """

    choice_edited = Signal(object, str, bool)  # Choice
    layer_chosen = Signal(str)  # by the user, in the table

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Layers"))
        self._database: Database | None = None
        self._choice: Choice | None = None
        self._summary, self._facts, self._is_foreign = QLabel(), "", False
        self._nothing = QLabel(tr(NOTHING))
        self._layers = LayerTable(self)
        self._order = LayerOrder(self)
        self._table = QTableView()
        self._fit = ColumnFit(self._table, YIELDING, WIDTHS)
        columns = (TITLES.index(CHANNELS), TITLES.index(BITS), TITLES.index(SWITCH))
        self._cells = LevelCells(self._table, columns)
        self._curve_painter, self._staircase = CurveDelegate(self), Staircase()
        self._below = QVBoxLayout()
        self._pages = QStackedLayout(self)
        self._lay_out()
        self._connect()
        self._show_columns()

    def _connect(self) -> None:
        self._cells.levels_moved.connect(self._on_levels_moved)
        self._table.selectionModel().currentRowChanged.connect(self._show_stairs)
        self._table.selectionModel().currentRowChanged.connect(self._say_chosen)
        self._table.verticalScrollBar().valueChanged.connect(self._see)
        self._order.layoutChanged.connect(self._see)

    def _lay_out(self) -> None:
        set_role(self._nothing, "muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        set_role(self._summary, "muted")
        for label in (self._summary, self._nothing):
            label.setWordWrap(True)
        self._set_up_table()
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self._table)
        split.addWidget(self._make_lower())
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
        self._order.setDynamicSortFilter(False)  # a row must not run away from its own slider
        table = self._table
        table.setModel(self._order)
        table.setSortingEnabled(True)
        table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)  # as in the graph
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names differ at both ends
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setAccessibleName(tr("Layers of the model"))
        table.setTabKeyNavigation(False)  # Tab leads out; arrows go among cells
        for title in (ACCURACY, TIME):
            table.setItemDelegateForColumn(TITLES.index(title), self._curve_painter)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(3 * GRID)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setMinimumSectionSize(28)

    def _make_lower(self) -> QWidget:
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self._make_below())
        split.addWidget(self._staircase)
        split.setChildrenCollapsible(False)
        split.setSizes([300, 300])
        self._staircase.hide()
        return split

    def _make_below(self) -> QWidget:
        inside = QWidget()
        inside.setProperty("role", "plain")
        inside.setLayout(self._below)
        self._below.setContentsMargins(0, GRID, 0, 0)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.setAccessibleName(tr("Techniques and groups"))
        return scroll

    def show_nothing(self, reason: str = NOTHING) -> None:
        """Show that there are no layers to see, and why."""
        self._nothing.setText(tr(reason))
        self._pages.setCurrentIndex(0)

    def show_inspection(self, inspection: Inspection) -> None:
        """Show this model."""
        self._facts = summary_text(inspection)
        self._show_summary()
        self._cells.forget()
        self._layers.show_layers(inspection.layers)
        self._fit.read(self._layers)
        self._show_levels()
        self._fill_below(inspection)
        self._pages.setCurrentIndex(1)

    def _show_summary(self) -> None:
        parts = [self._facts, tr(FOREIGN) if self._is_foreign else ""]
        self._summary.setText("\n".join(filter(None, parts)))

    # Levels

    @property
    def is_filling(self) -> bool:
        """Say whether rows that are seen still wait for their sliders."""
        return self._cells.is_making

    def set_database(self, database: Database | None, predict: Predict) -> None:
        """Let the layers be moved within this database's space; None: there is none."""
        self._database = database
        if database is not None:
            self._layers.name_metric(database.metric)
        self._layers.curves.set_predict(None if database is None else predict)
        self._staircase.setVisible(database is not None and _is_timed(database))
        self._show_columns()

    def show_choice(self, choice: Choice | None, is_foreign: bool = False) -> None:
        """Show at which levels the layers are; a foreign recipe's are those of the original."""
        self._choice = choice
        self._is_foreign = is_foreign
        self._show_summary()
        if self.isVisible():
            self._show_levels()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_levels()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_columns()
        self._see()

    def _show_levels(self) -> None:
        if self._database is None or self._choice is None:
            self._cells.clear()
            self._layers.show_levels({})
            return
        rows = layer_levels(self._database.space, self._choice)
        self._layers.curves.set_choice(self._choice, rows)
        self._layers.show_levels(rows)
        self._cells.show_rows(rows)
        self._show_stairs(self._table.currentIndex())
        self._see()

    @Slot()
    def _see(self) -> None:
        """Fill in what belongs to the rows that are seen."""
        if self.isVisible() and self._database is not None:
            self._cells.make_visible()
            self._layers.curves.want(self._cells.visible_layers())

    def _show_columns(self) -> None:
        """Show facts and levels, as many of the facts as there is room for."""
        has_levels = self._database is not None
        self._table.verticalHeader().setDefaultSectionSize(GRID * (4 if has_levels else 3))
        for title in LEVEL_COLUMNS:
            self._table.setColumnHidden(TITLES.index(title), not has_levels)
        widths = {title: self._fit.wanted(TITLES.index(title)) for title in TITLES}
        # The table itself is laid out only after this panel.
        room = self.width() - 2 * GRID - SCROLL_BAR - sum(widths.values())
        for title in SPARE:
            hidden = has_levels and room < 0
            self._table.setColumnHidden(TITLES.index(title), hidden)
            room += widths[title] if hidden else 0
        self._fit.fit()

    @Slot(QModelIndex)
    def _show_stairs(self, index: QModelIndex) -> None:
        if self._database is None or self._choice is None or self._staircase.isHidden():
            return
        name = str(index.siblingAtColumn(0).data() or "")
        self._staircase.show_stairs(stairs_of(self._database, self._choice, name))

    @Slot(QModelIndex)
    def _say_chosen(self, index: QModelIndex) -> None:
        if index.isValid():
            self.layer_chosen.emit(str(index.siblingAtColumn(0).data() or ""))

    def choose_layer(self, layer: str) -> None:
        """Select a layer's row and bring it into view."""
        exactly = Qt.MatchFlag.MatchExactly
        role = Qt.ItemDataRole.DisplayRole
        row = self._order.match(self._order.index(0, 0), role, layer, 1, exactly)
        if row:
            self._table.setCurrentIndex(row[0])
            self._table.scrollTo(row[0])

    @Slot(str, object, bool)
    def _on_levels_moved(self, layer: str, levels: dict[int, int], live: bool) -> None:
        if self._choice is None:
            return
        self.choose_layer(layer)
        self.choice_edited.emit(moved(self._choice, levels), f"Change {layer}", live)

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
        self.setAccessibleName(f"{tr(preflight.title)} {tr(word)[2:]}")
        self.setAccessibleDescription(f"{tr(preflight.reason)} {tr(preflight.remedy)}".strip())
        title, status = QLabel(tr(preflight.title)), QLabel(tr(word))
        set_role(title, "heading")
        set_role(status, role)
        body = QVBoxLayout(self)
        body.setContentsMargins(GRID + 4, GRID, GRID + 4, GRID)
        body.setSpacing(2)
        for label in (title, status):
            label.setWordWrap(True)
            body.addWidget(label)
        for text in (preflight.reason, preflight.remedy, _duration(preflight)):
            if text:
                body.addWidget(_paragraph(text))


def _duration(preflight: PreflightInfo) -> str:
    if preflight.seconds is None:
        return ""
    return f"Takes {about_seconds(preflight.seconds)} with its defaults."


def _is_timed(database: Database) -> bool:
    return database.latency is not None or database.staircase is not None


def summary_text(inspection: Inspection) -> str:
    """Return the model's facts in two lines, in the user's language: names stay as they are."""
    macs = (
        "" if inspection.macs is None else f"{wording.count_text(inspection.macs)} MACs per sample"
    )
    peak = inspection.peak_activation_bytes
    facts = (
        f"{wording.plural(len(inspection.layers), 'layer')}",
        f"{wording.count_text(inspection.parameters)} parameters",
        macs,
        f"{wording.size_text(inspection.size_bytes)} file",
        "" if peak is None else f"{wording.size_text(peak)} peak activations",
        f"opset {inspection.opset}",
    )
    takes = ", ".join(
        f"{port.name} ({shape_text(port.shape)}{', ' if port.layout else ''}{tr(port.layout)})"
        for port in inspection.inputs
    )
    gives = ", ".join(f"{port.name} ({shape_text(port.shape)})" for port in inspection.outputs)
    ports = (
        tr("In: {takes}.").format(takes=takes), tr("Out: {gives}.").format(gives=gives),
        _named_classes(inspection),
    )  # fmt: skip
    told = " · ".join(tr(fact) for fact in facts if fact)
    told = unbroken(told)
    return f"{tr('Original')}: {told}\n{' '.join(filter(None, ports))}"


def _named_classes(inspection: Inspection) -> str:
    names = inspection.classes
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    told = f"{', '.join(names[:NAMED])}{tr(more)}"
    return tr("Classes, by the file: {told}.").format(told=told) if names else ""


def group_text(group: GroupInfo) -> str:
    """Return a group in a sentence."""
    layers = ", ".join(group.layers)
    text = f"{group.title}: {wording.plural(group.channels, 'channel')} in {layers}."
    return text if group.removable else f"{text} They stay: {group.reason}"


def _heading(text: str) -> QLabel:
    label = QLabel(tr(text))
    label.setWordWrap(True)
    set_role(label, "heading")
    return label


def _paragraph(text: str) -> QLabel:
    label = QLabel(tr(text))
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
