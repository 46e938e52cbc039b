"""The page where techniques are chosen, and whether their settings are chosen or searched."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QLabel,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr, tr_help
from tinystudio.gui.wizards.limit_fields import LimitFields
from tinystudio.gui.wizards.recipe_wizard import ChoosingPage
from tinystudio.gui.wizards.subject import Subject
from tinystudio.jobs.inspection import PreflightInfo, about_seconds
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.front import Limits
from tinystudio.techniques import techniques


class TechniquePage(ChoosingPage):
    """Techniques in their usual order, with what the model does not allow greyed and explained."""

    title = "Techniques"
    hint = "They are carried out from top to bottom; the order can be changed in the recipe later."

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._opened = Recipe()
        self._boxes = {id: QCheckBox(tr(part.title)) for id, part in techniques().items()}
        self._notes = {id: QLabel() for id in self._boxes}
        self._chosen = QRadioButton(tr("with settings I choose on the next page"))
        self._searched = QRadioButton(tr("find the settings that stay within a limit"))
        self._fields = LimitFields()
        self._lay_out()
        for box in self._boxes.values():
            box.toggled.connect(self.completeness_changed)
        self._searched.toggled.connect(self._on_goal_toggled)
        self._fields.changed.connect(self.completeness_changed)
        self._chosen.setChecked(True)
        self._on_goal_toggled(False)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.setSpacing(4)
        layout.addWidget(self._list(), 1)
        heading = QLabel(tr("How far"))
        set_role(heading, "heading")
        layout.addSpacing(8)
        layout.addWidget(heading)
        layout.addWidget(self._chosen)
        layout.addWidget(self._searched)
        layout.addWidget(self._fields)

    def _list(self) -> QScrollArea:
        """Return the techniques with their notes; there may be more than fit."""
        inside = QWidget()
        inside.setProperty("role", "plain")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 16, 0)
        column.setSpacing(4)
        for id in _in_usual_order(self._boxes):
            note = self._notes[id]
            set_role(note, "muted")
            note.setWordWrap(True)
            note.setContentsMargins(24, 0, 0, 8)
            column.addWidget(self._boxes[id])
            column.addWidget(note)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.setAccessibleName(tr("Techniques"))
        return scroll

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
            self._notes[id].setText(tr(_note(id, known)))
        self.completeness_changed.emit()

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
    if known is not None and known.status != "can":
        word = "In part" if known.status == "partly" else "Not for this model"
        return f"{word}: {known.reason} {known.remedy}".strip()
    first = " ".join(tr_help(techniques()[id].help).split("\n\n")[0].split())
    if known is None or known.seconds is None:
        return first
    return f"{first} Takes {about_seconds(known.seconds)} with its defaults."
