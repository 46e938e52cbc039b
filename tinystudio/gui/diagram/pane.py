"""The diagram with its row of tools: search, colouring, zoom, the key, and Netron."""

from __future__ import annotations

import shutil
from dataclasses import replace

from PySide6.QtCore import QProcess, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from tinystudio.core.errors import UserError
from tinystudio.explorer.database import Database
from tinystudio.explorer.space import Choice
from tinystudio.gui import theme
from tinystudio.gui.announcing import announce
from tinystudio.gui.diagram.facts import COLOURINGS, UNKNOWN, BoxFacts, ColourBy, Source, box_facts
from tinystudio.gui.diagram.key import ColourKey
from tinystudio.gui.diagram.unfolding import all_folds, unfolded
from tinystudio.gui.diagram.view import ONE_STEP, DiagramView
from tinystudio.gui.forms.choice_box import ChoiceBox
from tinystudio.gui.layer_costs import LayerCosts
from tinystudio.gui.pacer import Pacer
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.jobs.inspection import MOST_BOXES, Inspection

FRAME_MS = 60
NETRON = "netron"
SOON = "Working out what every layer costs…"
NO_LEVELS = "No layer of this model can be compressed on its own."
UNFOLD_ALL = "Show every layer by itself (a double click, or Enter, unfolds one box)"
FOLD_ALL = "Show blocks and what repeats as one box each"
INSIDE = "{count} of the boxes found are folded: a double click, or Enter on one, unfolds it."
OLDER = "This model was looked at before there were diagrams. Open it again to have one."
TOO_LARGE = "This model has too many layers for a diagram that can be read. The table has them all."


class DiagramPane(QWidget):
    """`layer_chosen` carries a layer's name. Colours follow the recipe while the pane is seen."""

    layer_chosen = Signal(str)
    colouring_changed = Signal(str)
    failed = Signal(object)  # UserError

    def __init__(self, costs: LayerCosts) -> None:
        super().__init__()
        self._costs = costs
        self._source: Source | None = None
        self._facts: tuple[BoxFacts, ...] = ()
        self._file = ""
        self._foldable: frozenset[str] = frozenset()
        self._open: dict[str, frozenset[str]] = {}  # folds, by the model's file
        self.view = DiagramView()
        self.folds = QPushButton()
        self.search, self.colour_by = QLineEdit(), ChoiceBox()
        self._buttons = (QPushButton("−"), QPushButton("+"), QPushButton(tr("Fit")))
        self.netron = QPushButton(tr("Open in Netron"))
        self._key, self._note, self._none = ColourKey(), QLabel(), QLabel(tr(TOO_LARGE))
        self._pages, self._pacer = QStackedLayout(), Pacer(FRAME_MS, self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.setAccessibleName(tr("Diagram"))
        self.search.setPlaceholderText(tr("Find a layer"))
        self.search.setAccessibleName(tr("Find a layer by its name or operator"))
        self.search.setToolTip(
            tr("Part of a name or operator; Enter goes to the next one (Ctrl+F)")
        )
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(100)
        for id, (title, tip) in COLOURINGS.items():
            self.colour_by.addItem(tr(title), id)
            at = self.colour_by.count() - 1
            self.colour_by.setItemData(at, tr(tip), Qt.ItemDataRole.ToolTipRole)
        self.colour_by.setAccessibleName(tr("Colour the boxes by"))
        self.colour_by.setToolTip(tr("What the boxes are coloured by"))
        tips = ("Smaller (−, or Ctrl and the wheel)", "Larger (+, or Ctrl and the wheel)",
                "Show the whole model (0)")  # fmt: skip
        names = ("Zoom out", "Zoom in", "Show the whole model")
        for button, tip, name in zip(self._buttons, tips, names, strict=True):
            button.setToolTip(tr(tip))
            button.setAccessibleName(tr(name))
            set_role(button, "link")
        self.netron.setToolTip(tr("Show every attribute of the file in Netron, in the browser"))
        for button in (self.netron, self.folds):
            set_role(button, "link")
        self.netron.setVisible(shutil.which(NETRON) is not None)
        for label in (self._note, self._none):
            set_role(label, "muted")
            label.setWordWrap(True)
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(GRID // 2)
        body.addLayout(self._make_row())
        for page in (self.view, self._none):
            self._pages.addWidget(page)
        body.addLayout(self._pages, 1)
        body.addWidget(self._note)
        below = QHBoxLayout()
        below.addWidget(self._key, 1)
        below.addWidget(self.folds)
        body.addLayout(below)

    def _make_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(GRID // 2)
        row.addWidget(self.search, 1)
        row.addWidget(self.colour_by)
        for button in (*self._buttons, self.netron):
            row.addWidget(button)
        return row

    def _connect(self) -> None:
        smaller, larger, fit = self._buttons
        smaller.clicked.connect(lambda: self.view.zoom(1 / ONE_STEP))
        larger.clicked.connect(lambda: self.view.zoom(ONE_STEP))
        fit.clicked.connect(self.view.fit)
        self.netron.clicked.connect(self._open_in_netron)
        self.view.box_chosen.connect(self._on_box_chosen)
        self.view.unfold_requested.connect(self._on_unfold)
        self.view.fold_requested.connect(self._on_fold)
        self.view.all_requested.connect(self._on_all)
        self.folds.clicked.connect(self._on_folds)
        self.search.textChanged.connect(self._on_search)
        self.search.returnPressed.connect(self._on_next)
        self.colour_by.currentIndexChanged.connect(self._on_colouring)
        self._costs.changed.connect(self._on_costs)
        self._pacer.timeout.connect(self._show)
        theme.switch().theme_changed.connect(self._show)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.search.setFocus)

    @property
    def colouring(self) -> ColourBy:
        """Return what the boxes are coloured by."""
        found: ColourBy = self.colour_by.currentData()
        return found

    def set_colouring(self, by: str) -> None:
        """Colour the boxes by this, where it is known."""
        self.colour_by.setCurrentIndex(max(0, self.colour_by.findData(by)))

    def show_inspection(self, inspection: Inspection, file: str) -> None:
        """Draw this model, which is in `file`."""
        before = None if self._source is None else self._source.inspection.diagram
        self._source = Source(inspection)
        self._file = file
        diagram = inspection.diagram
        self._pages.setCurrentIndex(0 if diagram is not None else 1)
        self._none.setText(tr(TOO_LARGE) if len(inspection.layers) > MOST_BOXES else tr(OLDER))
        if diagram is not None and diagram != before:
            self._foldable = frozenset(fold.key for fold in all_folds(diagram))
            self.folds.setVisible(bool(self._foldable))
            self.view.show_diagram(unfolded(diagram, self._open_folds))
            self._name_folds()
        self._show()

    def set_database(self, database: Database | None) -> None:
        """Know times and what levels cost from this."""
        if self._source is not None:
            self._source = replace(self._source, database=database)
            self._show()

    def show_choice(self, choice: Choice | None) -> None:
        """Show the layers at these levels."""
        if self._source is not None:
            self._source = replace(self._source, choice=choice)
            self._pacer.want()  # a drag changes it at every frame

    @property
    def _open_folds(self) -> frozenset[str]:
        return self._open.get(self._file, frozenset())

    @Slot(str)
    def _on_unfold(self, key: str) -> None:
        self._turn(self._open_folds | {key}, key)

    @Slot(str)
    def _on_fold(self, key: str) -> None:
        self._turn(self._open_folds - {key}, key)

    @Slot(bool)
    def _on_all(self, is_open: bool) -> None:
        self._turn(self._foldable if is_open else frozenset(), "")

    @Slot()
    def _on_folds(self) -> None:
        self._on_all(not self._is_all_open)

    @property
    def _is_all_open(self) -> bool:
        return self._open_folds >= self._foldable

    def _turn(self, open_folds: frozenset[str], key: str) -> None:
        """Draw the model with these folds open; what was chosen stays so, or what it is in now."""
        if self._source is None or self._source.inspection.diagram is None:
            return
        chosen = self.view.chosen
        layer = "" if chosen is None else self._facts[chosen].name
        self._open[self._file] = open_folds
        self.view.show_folds(unfolded(self._source.inspection.diagram, open_folds), key)
        self._name_folds()
        self._show()
        self.view.show_found(self._matches(self.search.text()), is_new=False)
        self.view.choose(self._box_of(layer))
        count = len(self.view.boxes)
        word = tr("Unfolded") if key in open_folds or (not key and open_folds) else tr("Folded")
        announce(self.view, tr("{word}: {count} boxes now").format(word=word, count=count))

    def _name_folds(self) -> None:
        self.folds.setText(tr("Fold all") if self._is_all_open else tr("Unfold all"))
        self.folds.setToolTip(tr(FOLD_ALL) if self._is_all_open else tr(UNFOLD_ALL))

    def choose_layer(self, name: str) -> None:
        """Choose the box that a layer is in; no signal."""
        self.view.choose(self._box_of(name))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()
        self.view.fit_soon()

    @Slot()
    def _show(self) -> None:
        source, by = self._source, self.colouring
        if source is None or source.inspection.diagram is None or not self.isVisible():
            return
        if by == "sensitivity":
            self._costs.want()
            source = replace(source, losses=self._costs.losses)
        facts = box_facts(source, by, self.view.drawn.diagram.boxes)
        self._facts = facts
        self.view.show_facts(facts, by)
        unknown = UNKNOWN.get(by, "") if all(box.value is None for box in facts) else ""
        if unknown and by == "sensitivity" and source.database is not None:
            unknown = SOON if not self._costs.is_done else NO_LEVELS
        self._note.setText(tr(unknown))
        self._note.setVisible(bool(unknown))
        self._key.show_key(facts, by)
        self._key.setVisible(not unknown)

    @Slot()
    def _on_costs(self) -> None:
        if self.colouring == "sensitivity":
            self._show()

    @Slot()
    def _on_colouring(self) -> None:
        self._show()
        self.colouring_changed.emit(self.colouring)

    @Slot(int)
    def _on_box_chosen(self, number: int) -> None:
        layers = self._layers(number)
        if layers:
            # Of a chain the layer with weights, which is the one that can be compressed.
            name = self._facts[number].name if number < len(self._facts) else layers[0]
            self.layer_chosen.emit(name if name in layers else layers[0])

    @Slot(str)
    def _on_search(self, text: str) -> None:
        found = self._matches(text)
        self.view.show_found(found)
        inside = sum(self._facts[at].held > 0 for at in found)
        missed = bool(text.strip()) and not found
        if not (missed or inside):
            self._show()
            return
        self._note.setText(
            tr("No layer's name or operator has “{text}” in it.").format(text=text.strip())
            if missed
            else tr(INSIDE).format(count=inside)
        )
        self._note.setVisible(True)

    @Slot()
    def _on_next(self) -> None:
        found = self._matches(self.search.text())
        if found:
            now = self.view.chosen
            later = [at for at in found if now is not None and at > now]
            self.view.choose((later or found)[0])
            self._on_box_chosen((later or found)[0])

    def _matches(self, text: str) -> list[int]:
        wanted = text.strip().lower()
        if not wanted or self._source is None:
            return []
        found = {
            layer.name for layer in self._source.inspection.layers
            if wanted in layer.name.lower() or wanted in layer.op.lower()
        }  # fmt: skip
        return [
            at for at, box in enumerate(self.view.drawn.diagram.boxes)
            if wanted in self._facts[at].title.lower() or not found.isdisjoint(box.layers)
        ]  # fmt: skip

    def _layers(self, number: int) -> tuple[str, ...]:
        return self.view.drawn.diagram.boxes[number].layers

    def _box_of(self, layer: str) -> int | None:
        boxes = self.view.drawn.diagram.boxes
        return next((at for at, box in enumerate(boxes) if layer in (*box.layers, box.port)), None)

    @Slot()
    def _open_in_netron(self) -> None:
        program = shutil.which(NETRON)
        if program is None or not QProcess.startDetached(program, [self._file]):
            self.failed.emit(
                UserError("Netron did not start", f"The command {NETRON} could not be run.",
                          "Check that `netron --version` works in a terminal.")
            )  # fmt: skip
