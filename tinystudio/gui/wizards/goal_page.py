"""The page that asks what for, and then by which of the ways that serve it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui.number_marks import unbroken
from tinystudio.gui.stylesheet import UNDER_TITLE, set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.wizards.forecast import takes
from tinystudio.gui.wizards.kinds import Way, WizardKind
from tinystudio.gui.wizards.notes import note as note_of
from tinystudio.gui.wizards.recipe_wizard import ChoosingPage
from tinystudio.gui.wizards.subject import Subject
from tinystudio.jobs.inspection import PreflightInfo
from tinystudio.jobs.recipe import Recipe, Step

ROUNDED = "The recipe already rounds ({how}); nothing can follow that."
AFTER = "What is chosen here comes after its steps."
FROM_ORIGINAL = "What is chosen here starts from the original."


class GoalPage(ChoosingPage):
    """Goals, and below them the chosen one's ways; what the model does not allow says why."""

    title = "Goal"
    hint = "Choose what for, then how. The settings come on the next page."

    def __init__(self, kind: WizardKind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self._subject = Subject()
        self._made_of: tuple[Step, ...] = ()  # what the edited recipe began as
        self._goals, self._ways = QButtonGroup(self), QButtonGroup(self)
        self._goal_notes: list[QLabel] = []
        self._way_buttons: list[list[QRadioButton]] = []
        self._way_notes: list[list[QLabel]] = []
        self._go_on, self._go_on_note = QCheckBox(), QLabel()
        self._is_by_hand = False  # whether the box is as somebody ticked it
        self._lay_out()
        self._go_on.toggled.connect(self._on_go_on_toggled)
        self._goals.idToggled.connect(self._on_goal)
        self._ways.buttonToggled.connect(self._suggest_go_on)
        self._ways.buttonToggled.connect(self.completeness_changed)
        self._goals.button(0).setChecked(True)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.setSpacing(2)
        layout.addWidget(_heading("What for"))
        for number, goal in enumerate(self._kind.goals):
            button, note = _choice(goal.title, goal.note)
            self._goals.addButton(button, number)
            self._goal_notes.append(note)
            layout.addWidget(button)
            layout.addWidget(note)
        layout.addSpacing(8)
        layout.addWidget(_heading("How"))
        for goal in self._kind.goals:
            pairs = [_choice(way.title, way.means) for way in goal.ways]
            self._way_buttons.append([button for button, _ in pairs])
            self._way_notes.append([note for _, note in pairs])
            for button, note in pairs:
                self._ways.addButton(button)
                for widget in (button, note):
                    layout.addWidget(widget)
                    widget.hide()
        layout.addSpacing(8)
        _as_note(self._go_on_note)
        layout.addWidget(self._go_on)
        layout.addWidget(self._go_on_note)
        layout.addStretch(1)

    def show_subject(self, subject: Subject) -> None:
        """Grey the ways that this model does not allow, and say how long the others take."""
        self._subject = subject
        preflight = subject.inspection.preflight if subject.inspection else ()
        known = {item.technique: item for item in preflight}
        for number, goal in enumerate(self._kind.goals):
            rows = zip(goal.ways, self._way_buttons[number], self._way_notes[number], strict=True)
            for way, button, note in rows:
                said = [known[use.technique] for use in way.uses if use.technique in known]
                lacks = _lacks(way, known)
                button.setEnabled(not lacks and all(item.status != "cannot" for item in said))
                words = note_of(way.means, said, takes(_recipe_of(way), subject), lacks)
                note.setText(unbroken(tr(words)))
                button.setAccessibleDescription(note.text())
        self._show_go_on(subject.recipe)
        self._choose_usual()
        self.completeness_changed.emit()

    def _show_go_on(self, recipe: Recipe) -> None:
        """Offer to go on from what the recipe does."""
        self._go_on.setVisible(bool(recipe.steps))
        self._go_on_note.setVisible(bool(recipe.steps))
        self._go_on.setText(
            tr("Start from the current recipe ({title})").format(title=tr(recipe.title))
        )
        self._go_on.setEnabled(not _rounds(recipe))
        self._is_by_hand = False
        self._suggest_go_on()

    @Slot()
    def _suggest_go_on(self) -> None:
        """Tick it where the recipe does nothing of what is chosen here, unless one has chosen.

        A student of what is pruned already would be pruned twice.
        """
        if self._is_by_hand:
            return
        recipe, way = self._subject.recipe, self.way
        uses = () if way is None else way.uses
        chosen = {*self._kind.families, *(use.step.part.family for use in uses)}
        is_new = all(step.part.family not in chosen for step in recipe.steps)
        with QSignalBlocker(self._go_on):
            self._go_on.setChecked(bool(recipe.steps) and not _rounds(recipe) and is_new)
        self._refresh_go_on()

    @Slot()
    def _on_go_on_toggled(self) -> None:
        self._is_by_hand = True
        self._refresh_go_on()

    def _refresh_go_on(self) -> None:
        """Say what the steps that are chosen here begin with."""
        if _rounds(self._subject.recipe):
            step = next(step for step in self._subject.recipe.steps if _is_rounding(step))
            words = tr(ROUNDED).format(how=tr(step.part.describe(step.params)))
            self._go_on_note.setText(f"{words} {tr(FROM_ORIGINAL)}")
        else:
            self._go_on_note.setText(tr(AFTER if self._go_on.isChecked() else FROM_ORIGINAL))
        self._go_on.setAccessibleDescription(self._go_on_note.text())

    def choose(self, goal: int, way: int = 0) -> None:
        """Choose a goal and one of its ways, where it can be had."""
        self._goals.button(goal).setChecked(True)
        if self._way_buttons[goal][way].isEnabled():
            self._way_buttons[goal][way].setChecked(True)

    @property
    def way(self) -> Way | None:
        """Return the way that is chosen."""
        number = self._goals.checkedId()
        pairs = zip(self._kind.goals[number].ways, self._way_buttons[number], strict=True)
        return next((way for way, button in pairs if button.isChecked()), None)

    def recipe(self, edited: Recipe) -> Recipe:
        """Return the way's steps, after those of the recipe where that is wanted."""
        way = self.way
        before = self._subject.recipe.steps if self._go_on.isChecked() else ()
        steps = (*before, *(use.step for use in way.uses)) if way is not None else before
        if steps == self._made_of and edited.steps:
            return edited  # one has been here, and changed settings on the next page
        self._made_of = steps
        return Recipe(steps=steps)

    def missing(self) -> str:
        return "" if self.way is not None else "None of these can be done with this model."

    @Slot(int, bool)
    def _on_goal(self, number: int, is_chosen: bool) -> None:
        for button, note in zip(self._way_buttons[number], self._way_notes[number], strict=True):
            button.setVisible(is_chosen)
            note.setVisible(is_chosen)
        if is_chosen:
            self._choose_usual()
            self.completeness_changed.emit()

    def _choose_usual(self) -> None:
        """Choose the goal's first way that can be done, unless one is chosen."""
        buttons = self._way_buttons[self._goals.checkedId()]
        if any(button.isChecked() and button.isEnabled() for button in buttons):
            return
        usual = next((button for button in buttons if button.isEnabled()), None)
        if usual is not None:
            usual.setChecked(True)
            return
        self._ways.setExclusive(False)
        for button in buttons:
            button.setChecked(False)
        self._ways.setExclusive(True)


def _recipe_of(way: Way) -> Recipe:
    return Recipe(steps=tuple(use.step for use in way.uses))


def _lacks(way: Way, known: Mapping[str, PreflightInfo]) -> str:
    """Return what the model is missing for a way with its settings, or nothing."""
    needed = (use for use in way.uses if use.needs in known)
    return next((use.lacks for use in needed if known[use.needs].status == "cannot"), "")


def _is_rounding(step: Step) -> bool:
    return step.part.family == "quantization"


def _rounds(recipe: Recipe) -> bool:
    """Say whether a recipe rounds: what is rounded can neither be cut nor rounded any more."""
    return any(_is_rounding(step) for step in recipe.steps)


def _choice(title: str, note: str) -> tuple[QRadioButton, QLabel]:
    button, label = QRadioButton(tr(title)), QLabel(tr(note))
    button.setAccessibleDescription(tr(note))
    button.setAutoExclusive(False)  # its group keeps to one
    _as_note(label)
    return button, label


def _as_note(label: QLabel) -> None:
    label.setWordWrap(True)
    label.setContentsMargins(UNDER_TITLE, 0, 0, 4)
    set_role(label, "muted")


def _heading(text: str) -> QLabel:
    label = QLabel(tr(text))
    set_role(label, "heading")
    return label
