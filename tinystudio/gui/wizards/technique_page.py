"""The page where techniques are chosen, and whether their settings are chosen or searched."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QLabel, QRadioButton, QVBoxLayout, QWidget

from tinystudio.gui.number_marks import unbroken
from tinystudio.gui.stylesheet import UNDER_TITLE, set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.wizards.limit_fields import LimitFields
from tinystudio.gui.wizards.notes import note
from tinystudio.gui.wizards.recipe_wizard import ChoosingPage
from tinystudio.gui.wizards.subject import Subject
from tinystudio.jobs.inspection import PreflightInfo, about_seconds
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.front import Limits
from tinystudio.techniques import techniques


class TechniquePage(ChoosingPage):
    """Techniques in their usual order, with what the model does not allow greyed and explained."""

    title = "Techniques"
    hint = "They run from top to bottom; the order can be changed in the recipe later."

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._opened = Recipe()
        self._boxes = {id: QCheckBox(tr(part.title)) for id, part in techniques().items()}
        self._notes = {id: QLabel() for id in self._boxes}
        self._chosen = QRadioButton(tr("With settings I choose on the next page"))
        self._searched = QRadioButton(tr("Find the settings that stay within a limit"))
        self._order = QLabel()  # the chosen ones may be out of sight
        self._fields = LimitFields()
        self._lay_out()
        for box in self._boxes.values():
            box.toggled.connect(self._on_ticked)
        self._searched.toggled.connect(self._on_goal_toggled)
        self._fields.changed.connect(self.completeness_changed)
        self._chosen.setChecked(True)
        self._on_goal_toggled(False)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.setSpacing(4)
        self._order.setWordWrap(True)
        set_role(self._order, "heading")
        layout.addWidget(self._order)
        layout.addSpacing(4)
        for id in _in_usual_order(self._boxes):
            below = self._notes[id]
            set_role(below, "muted")
            below.setWordWrap(True)
            below.setContentsMargins(UNDER_TITLE, 0, 0, 8)
            layout.addWidget(self._boxes[id])
            layout.addWidget(below)
        heading = QLabel(tr("How far"))
        set_role(heading, "heading")
        layout.addSpacing(8)
        layout.addWidget(heading)
        layout.addWidget(self._chosen)
        layout.addWidget(self._searched)
        layout.addWidget(self._fields)
        layout.addStretch(1)

    def show_subject(self, subject: Subject) -> None:
        """Grey what this model does not allow, and tick what its recipe has already."""
        self._opened = subject.recipe
        self._fields.count_from(subject.reference, subject.reference_words)
        found = {item.technique: item for item in _preflight(subject)}
        used = {step.technique for step in subject.recipe.steps}
        for id, box in self._boxes.items():
            known = found.get(id)
            box.setEnabled(known is None or known.status != "cannot")
            box.setChecked(box.isEnabled() and id in used)
            self._notes[id].setText(unbroken(tr(_note(id, known))))
            box.setAccessibleDescription(self._notes[id].text())
        self._on_ticked()

    def techniques(self) -> tuple[str, ...]:
        """Return the chosen techniques, in the order they are carried out."""
        return tuple(id for id in _in_usual_order(self._boxes) if self._boxes[id].isChecked())

    def recipe(self, edited: Recipe) -> Recipe:
        """Return the chosen techniques with the settings they had in the recipe, or were given."""
        before = {step.technique: step for step in (*self._opened.steps, *edited.steps)}
        return Recipe(steps=tuple(before.get(id) or Step.of(id) for id in self.techniques()))

    @property
    def is_searched(self) -> bool:
        """Say whether the settings are to be found within limits."""
        return self._searched.isChecked()

    def limits(self) -> Limits:
        """Return the limits in the measurement's units."""
        return self._fields.limits() if self.is_searched else Limits()

    def missing(self) -> str:
        if not self.techniques():
            return "Choose at least one technique."
        return self._fields.missing() if self.is_searched else ""

    @Slot()
    def _on_ticked(self) -> None:
        titles = [tr(techniques()[id].title) for id in self.techniques()]
        told = tr("Chosen: {titles}").format(titles=" → ".join(titles))
        self._order.setText(told if titles else tr("Chosen: none yet"))
        self.completeness_changed.emit()

    @Slot(bool)
    def _on_goal_toggled(self, on: bool) -> None:
        self._fields.setEnabled(on)
        self.completeness_changed.emit()


def _in_usual_order(ids: Mapping[str, object]) -> list[str]:
    # What removes comes before what rounds: a quantized model cannot be cut any more.
    order = ("pruning", "other", "training", "distillation", "quantization")
    return sorted(ids, key=lambda id: (order.index(techniques()[id].family), id))


def _preflight(subject: Subject) -> tuple[PreflightInfo, ...]:
    return subject.inspection.preflight if subject.inspection else ()


def _note(id: str, known: PreflightInfo | None) -> str:
    means = " ".join(techniques()[id].help.split("\n\n")[0].split())
    takes = ""
    if known is not None and known.seconds is not None:
        takes = f"Takes {about_seconds(known.seconds)} to make with its defaults."
    return note(means, () if known is None else (known,), takes)
