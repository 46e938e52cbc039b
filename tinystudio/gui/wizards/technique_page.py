"""The page where techniques are chosen, and whether their settings are chosen or searched."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from tinystudio.core.measurement import Measurement
from tinystudio.gui import wording
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.wizards.subject import Subject
from tinystudio.gui.wizards.wizard import Page
from tinystudio.jobs.inspection import PreflightInfo, about_seconds
from tinystudio.session.front import Limits
from tinystudio.techniques import techniques

# What one can limit: the words, the unit typed, what one of it is in the measurement's unit.
LIMITS: Mapping[str, tuple[str, str, float]] = {
    "size_bytes": ("size at most", "kB", 1000.0),
    "latency_ms": ("latency at most", "µs", 0.001),
    "score": ("lose at most", "points of accuracy", 0.01),
}


class TechniquePage(Page):
    """Techniques in their usual order, with what the model does not allow greyed and explained."""

    title = "Techniques"
    hint = "They are carried out from top to bottom; the order can be changed in the recipe later."

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._original: Measurement | None = None
        self._boxes = {id: QCheckBox(tr(part.title)) for id, part in techniques().items()}
        self._notes = {id: QLabel() for id in self._boxes}
        self._chosen = QRadioButton(tr("with settings I choose on the next page"))
        self._searched = QRadioButton(tr("find the settings that stay within a limit"))
        self._edits = {name: QLineEdit() for name in LIMITS}
        self._units = {name: QLabel(unit) for name, (_, unit, _) in LIMITS.items()}
        self._lay_out()
        for box in self._boxes.values():
            box.toggled.connect(self.completeness_changed)
        self._searched.toggled.connect(self._on_goal_toggled)
        for edit in self._edits.values():
            edit.textChanged.connect(self.completeness_changed)
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
        layout.addLayout(self._limit_fields())

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

    def _limit_fields(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(24, 0, 0, 0)
        for row, (name, (words, unit, _)) in enumerate(LIMITS.items()):
            edit = self._edits[name]
            edit.setMaximumWidth(120)
            edit.setPlaceholderText(tr("no limit"))
            edit.setAccessibleName(tr("{words}, in {unit}").format(words=words, unit=unit))
            grid.addWidget(QLabel(words), row, 0)
            grid.addWidget(edit, row, 1)
            grid.addWidget(self._units[name], row, 2)
        grid.setColumnStretch(3, 1)
        return grid

    def show_subject(self, subject: Subject) -> None:
        """Grey what this model does not allow, and tick what its recipe has already."""
        self._original = subject.original
        if subject.original is not None:
            name = wording.metric_title(subject.original.metric)
            unit = wording.score_unit(subject.original).strip()
            unit = "points" if wording.is_share(subject.original) else unit
            points = f"{unit} of {name}".strip()
            self._units["score"].setText(points)
        found = {item.technique: item for item in _preflight(subject)}
        used = {step.technique for step in subject.recipe.steps}
        for id, box in self._boxes.items():
            known = found.get(id)
            box.setEnabled(known is None or known.status != "cannot")
            box.setChecked(box.isEnabled() and id in used)
            self._notes[id].setText(_note(id, known))
        self.completeness_changed.emit()

    def techniques(self) -> tuple[str, ...]:
        """Return the chosen techniques, in the order they are carried out."""
        return tuple(id for id in _in_usual_order(self._boxes) if self._boxes[id].isChecked())

    @property
    def is_searched(self) -> bool:
        """Say whether the settings are to be found within limits."""
        return self._searched.isChecked()

    def limits(self) -> Limits:
        """Return the limits in the measurement's units."""
        if not self.is_searched:
            return Limits()
        found: dict[str, float] = {}
        for name, (_, _, unit) in LIMITS.items():
            value = _number(self._edits[name].text())
            if value is not None and name != "score":
                found[name] = value * unit
            elif value is not None and self._original and self._original.score is not None:
                found[name] = self._least_score(value, unit)
        return Limits(**found)

    def _least_score(self, loss: float, unit: float) -> float:
        original = self._original
        if original is None or original.score is None:
            return 0.0
        lost = loss * (unit if wording.is_share(original) else 1.0)
        return original.score - (lost if original.higher_is_better else -lost)

    def missing(self) -> str:
        if not self.techniques():
            return "Choose at least one technique."
        if not self.is_searched:
            return ""
        for edit in self._edits.values():
            if edit.text().strip() and _number(edit.text()) is None:
                return f"“{edit.text()}” is not a number above 0."
        return "" if self.limits() != Limits() else "Give at least one limit."

    @Slot(bool)
    def _on_goal_toggled(self, on: bool) -> None:
        for edit in self._edits.values():
            edit.setEnabled(on)
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
    first = " ".join(tr(techniques()[id].help).split("\n\n")[0].split())
    if known is None or known.seconds is None:
        return first
    return f"{first} Takes {about_seconds(known.seconds)} with its defaults."


def _number(text: str) -> float | None:
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return value if 0 < value < float("inf") else None
