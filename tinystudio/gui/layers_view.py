"""The Layers view: the diagram beside the table of layers, each to be shown or hidden."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QVBoxLayout, QWidget

from tinystudio.gui.diagram.pane import DiagramPane
from tinystudio.gui.layer_costs import LayerCosts
from tinystudio.gui.panels.layers import LayersPanel
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.text_size import scaled
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID

ROOMY = 900  # pixels; below, diagram and table side by side are both too narrow
DIAGRAM, TABLE = "diagram", "table"


class LayersView(QWidget):
    """What is chosen in one is chosen in the other. `shown_changed` carries what is on."""

    shown_changed = Signal(list)
    layer_chosen = Signal(str)

    def __init__(self, table: LayersPanel, costs: LayerCosts) -> None:
        super().__init__()
        self.table, self.diagram = table, DiagramPane(costs)
        self.buttons = (QPushButton(tr("Diagram")), QPushButton(tr("Table")))
        self._bar = QWidget()
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._is_decided = False  # by the user; before that by the room there is
        self._has_model = False
        self._lay_out()
        self._connect()
        self._show_parts()

    def _lay_out(self) -> None:
        self.setAccessibleName(tr("Layers as diagram and table"))
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(GRID, GRID // 2, GRID, 0)
        row.setSpacing(GRID // 2)
        row.addStretch(1)
        tips = ("Show the graph as a diagram", "Show the layers as a table, with their levels")
        for button, tip in zip(self.buttons, tips, strict=True):
            button.setCheckable(True)
            button.setToolTip(tr(tip))
            set_role(button, "link")
            row.addWidget(button)
        self.buttons[1].setChecked(True)
        framed = QWidget()
        around = QVBoxLayout(framed)
        around.setContentsMargins(GRID, GRID, 0, GRID)
        around.addWidget(self.diagram)
        self._framed = framed
        for widget in (framed, self.table):
            self._split.addWidget(widget)
        self._split.setChildrenCollapsible(False)
        self._split.setStretchFactor(0, 2)
        self._split.setStretchFactor(1, 3)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        body.addWidget(self._bar)
        body.addWidget(self._split, 1)

    def _connect(self) -> None:
        for button in self.buttons:
            button.clicked.connect(self._on_clicked)
        self.diagram.layer_chosen.connect(self._on_chosen_in_diagram)
        self.table.layer_chosen.connect(self._on_chosen_in_table)

    def show_model(self, has_model: bool) -> None:
        """Show what belongs to a model, or only why there is none."""
        self._has_model = has_model
        self._show_parts()

    def show_only(self, parts: tuple[str, ...]) -> None:
        """Show these parts from now on."""
        if not parts:
            return
        self._is_decided = True
        for button, part in zip(self.buttons, (DIAGRAM, TABLE), strict=True):
            with QSignalBlocker(button):
                button.setChecked(part in parts)
        self._show_parts()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._is_decided:
            self.buttons[0].setChecked(self.width() >= scaled(ROOMY))
            self._show_parts()

    def _show_parts(self) -> None:
        diagram, table = self.buttons
        self._bar.setVisible(self._has_model)
        self._framed.setVisible(self._has_model and diagram.isChecked())
        self.table.setVisible(not self._has_model or table.isChecked())

    @Slot()
    def _on_clicked(self) -> None:
        diagram, table = self.buttons
        if not (diagram.isChecked() or table.isChecked()):
            # One of them is always there: turning off the last turns on the other.
            other = table if self.sender() is diagram else diagram
            other.setChecked(True)
        self._is_decided = True
        self._show_parts()
        on = zip(self.buttons, (DIAGRAM, TABLE), strict=True)
        self.shown_changed.emit([part for button, part in on if button.isChecked()])

    @Slot(str)
    def _on_chosen_in_diagram(self, layer: str) -> None:
        self.table.choose_layer(layer)
        self.layer_chosen.emit(layer)

    @Slot(str)
    def _on_chosen_in_table(self, layer: str) -> None:
        self.diagram.choose_layer(layer)
        self.layer_chosen.emit(layer)
