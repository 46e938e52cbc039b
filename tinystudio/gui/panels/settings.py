"""The recipe editor: techniques in order, and what one can do with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui.bending_row import BendingRow
from tinystudio.gui.forms.step_card import StepCard
from tinystudio.gui.forms.sweep_form import SweepForm
from tinystudio.gui.forms.technique_menu import TechniqueMenu
from tinystudio.gui.model_choices import ModelChoice
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.jobs.inspection import PreflightInfo
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.off_steps import OffStep, off_among, with_off_steps

ADD_TIP = "Add a technique at the end of the recipe"
EMPTY = "No technique yet. Add one to make the model smaller; nothing happens to your file."


class SettingsPanel(QWidget):
    """Edits a recipe step by step. Undo is the session's: every edit is said, and comes back.

    `recipe_edited` carries the recipe, whether the user is still dragging, and the steps that are
    turned off: they stay here and are no part of the recipe.
    """

    recipe_edited = Signal(object, bool, object)  # Recipe, live, tuple[OffStep, ...]
    measure_requested = Signal()
    keep_requested = Signal()
    sweep_requested = Signal(object)  # tuple[Vary, ...]
    levels_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: list[StepCard] = []
        self._wanted: QWidget | None = None  # what is to be scrolled to
        self._models: tuple[ModelChoice, ...] = ()
        self._preflight: dict[str, PreflightInfo] = {}
        self._menu = TechniqueMenu(self)
        self._add = QPushButton(tr("+ add technique"))
        self._empty = QLabel(tr(EMPTY))
        self._list = QVBoxLayout()
        self._sweep_form = SweepForm()
        self._measure = QPushButton(tr("Measure this recipe"))
        self._keep = QPushButton(tr("Keep this variant"))
        self._sweep = QPushButton(tr("Sweep…"))
        self._scroll = QScrollArea()
        self._lay_out()
        self._connect()
        self._refresh()

    @property
    def measure_button(self) -> QPushButton:
        """Return the button that measures the recipe."""
        return self._measure

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._head())
        layout.addWidget(self._body(), 1)
        layout.addWidget(self._foot())

    def _head(self) -> BendingRow:
        title = QLabel(tr("Recipe"))
        set_role(title, "heading")
        set_role(self._add, "link")
        self._add.setMenu(self._menu)
        # The words carry a plus; an arrow beside it would say it twice.
        self._add.setStyleSheet("QPushButton::menu-indicator { image: none; width: 0; }")
        self._add.setToolTip(tr(ADD_TIP))
        set_role(self._sweep, "link")
        self._sweep.setToolTip(tr("Vary a parameter over a range and measure every variant"))
        self._sweep.setCheckable(True)
        row = BendingRow((title, BendingRow((self._sweep, self._add))), (1, 0))
        row.setContentsMargins(12, 4, 8, 4)
        return row

    def _body(self) -> QScrollArea:
        set_role(self._empty, "muted")
        self._empty.setWordWrap(True)
        self._empty.setContentsMargins(4, 0, 4, 0)  # in line with the panel's heading
        self._sweep_form.hide()
        inside = QWidget()
        set_role(inside, "plain")
        column = QVBoxLayout(inside)
        column.setContentsMargins(8, 0, 8, 8)
        column.setSpacing(8)
        self._list.setSpacing(8)
        column.addWidget(self._empty)
        column.addLayout(self._list)
        column.addWidget(self._sweep_form)
        column.addStretch(1)
        self._scroll.setWidget(inside)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAccessibleName(tr("Steps of the recipe"))
        return self._scroll

    def _foot(self) -> BendingRow:
        set_role(self._measure, "primary")
        self._measure.setToolTip(
            tr("Make this variant, measure it on all validation data, time it")
        )
        row = BendingRow((self._measure, self._keep), (1, 0))
        row.setContentsMargins(8, 8, 8, 8)
        return row

    def _connect(self) -> None:
        self._menu.chosen.connect(self.add_technique)
        self._measure.clicked.connect(self.measure_requested)
        self._keep.clicked.connect(self.keep_requested)
        self._sweep.toggled.connect(self._on_sweep_toggled)
        self._sweep_form.dismissed.connect(lambda: self._sweep.setChecked(False))
        self._sweep_form.sweep_requested.connect(self.sweep_requested)

    @property
    def recipe(self) -> Recipe:
        """Return the recipe as edited: the steps that are on."""
        return Recipe(steps=tuple(card.step for card in self._cards if card.is_on))

    @property
    def off_steps(self) -> tuple[OffStep, ...]:
        """Return the steps that are turned off, with their places."""
        return off_among(self._steps())

    @property
    def cards(self) -> tuple[StepCard, ...]:
        """Return the cards, top to bottom."""
        return tuple(self._cards)

    def set_recipe(self, recipe: Recipe, off_steps: Sequence[OffStep] = ()) -> None:
        """Show a recipe and what is turned off beside it; no signal.

        The echo of an edit leaves everything where it is.
        """
        steps, shown = list(with_off_steps(recipe, off_steps)), self._steps()
        if steps == shown:
            return
        if [(step.technique, on) for step, on in steps] == [(s.technique, on) for s, on in shown]:
            for card, (step, _) in zip(self._cards, steps, strict=True):
                card.set_step(step)
        else:
            self._rebuild(steps)
        self._refresh()

    def set_preflight(self, found: Sequence[PreflightInfo]) -> None:
        """Use what is known about the open model: what can be added, and what cannot, and why."""
        self._preflight = {item.technique: item for item in found}
        self._menu.set_preflight(found)
        self._refresh()

    def set_models(self, models: Sequence[ModelChoice]) -> None:
        """Offer these models wherever a step names one."""
        self._models = tuple(models)
        for card in self._cards:
            card.form.offer_models(self._models)

    def set_measurable(self, reason_not: str = "") -> None:
        """Allow measuring and sweeping, or say why not."""
        for button in (self._measure, self._sweep):
            button.setEnabled(not reason_not)
            button.setStatusTip(tr(reason_not))
        if reason_not:
            self._measure.setToolTip(tr(reason_not))
            self._sweep.setChecked(False)
        else:
            self._measure.setToolTip(tr("Make this variant, measure it on all validation data"))

    def set_addable(self, reason_not: str = "") -> None:
        """Allow adding techniques, or say why not."""
        self._add.setEnabled(not reason_not)
        self._add.setToolTip(tr(reason_not or ADD_TIP))

    def set_keepable(self, reason_not: str = "") -> None:
        """Allow keeping, or say why not."""
        self._keep.setEnabled(not reason_not)
        self._keep.setToolTip(
            tr(reason_not or "Keep the file, and measure it once on the test data")
        )

    @Slot()
    def open_sweep(self) -> None:
        """Show the sweep's form."""
        if self._sweep.isEnabled():
            self._sweep.setChecked(True)

    def _refresh(self) -> None:
        self._empty.setVisible(not self._cards)
        for number, card in enumerate(self._cards, 1):
            card.set_place(number, len(self._cards))
            card.set_preflight(self._preflight.get(card.step.technique))
        self._sweep_form.set_recipe(self.recipe)

    def _rebuild(self, steps: Sequence[tuple[Step, bool]]) -> None:
        for card in self._cards:
            self._list.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards, self._wanted = [], None
        for step, on in steps:
            card = StepCard(step, on)
            card.form.offer_models(self._models)
            self._cards.append(card)
            self._list.addWidget(card)
            card.edited.connect(self._on_edited)
            card.levels_requested.connect(self.levels_requested)
            card.switched.connect(self._on_switched)
            card.move_requested.connect(partial(self._on_move_requested, card))
            card.copy_requested.connect(partial(self._on_copy_requested, card))
            card.removal_requested.connect(partial(self._on_removal_requested, card))

    def _change(self, steps: Sequence[tuple[Step, bool]]) -> None:
        self._rebuild(steps)
        self._refresh()
        self._say_edited(live=False)

    def _say_edited(self, live: bool) -> None:
        self.recipe_edited.emit(self.recipe, live, self.off_steps)

    def _steps(self) -> list[tuple[Step, bool]]:
        return [(card.step, card.is_on) for card in self._cards]

    @Slot(bool)
    def _on_edited(self, live: bool) -> None:
        if not live:
            self._sweep_form.set_recipe(self.recipe)
        self._say_edited(live)

    @Slot()
    def _on_switched(self) -> None:
        self._refresh()
        self._say_edited(live=False)

    @property
    def preflight(self) -> Mapping[str, PreflightInfo]:
        """Return what is known about each technique on the open model, by id."""
        return self._preflight

    @Slot(str)
    def add_technique(self, technique: str) -> None:
        """Add a technique at the end of the recipe, and go there."""
        self._change([*self._steps(), (Step.of(technique), True)])
        self._cards[-1].form.setFocus()
        self._reveal(self._cards[-1])

    def _on_move_requested(self, card: StepCard, by: int) -> None:
        steps, index = self._steps(), self._cards.index(card)
        steps.insert(index + by, steps.pop(index))
        self._change(steps)

    def _on_copy_requested(self, card: StepCard) -> None:
        steps, index = self._steps(), self._cards.index(card)
        self._change([*steps[: index + 1], (card.step, True), *steps[index + 1 :]])

    def _on_removal_requested(self, card: StepCard) -> None:
        index = self._cards.index(card)
        steps = self._steps()
        self._change([*steps[:index], *steps[index + 1 :]])

    @Slot(bool)
    def _on_sweep_toggled(self, on: bool) -> None:
        self._sweep_form.setVisible(on)
        if on:
            self._reveal(self._sweep_form)

    def _reveal(self, widget: QWidget) -> None:
        self._wanted = widget
        # Where it lies is known only once the layout has made room for it.
        QTimer.singleShot(0, self, self._scroll_to_wanted)

    @Slot()
    def _scroll_to_wanted(self) -> None:
        """Bring the head of what was asked for into view, and as much of it as there is room."""
        if self._wanted is None or self._wanted.isHidden():
            return
        bar = self._scroll.verticalScrollBar()
        top = self._wanted.y()  # it lies directly in what is scrolled
        bottom = top + self._wanted.height() + GRID
        room = self._scroll.viewport().height()
        bar.setValue(min(top, max(bar.value(), bottom - room)))
        self._wanted = None
