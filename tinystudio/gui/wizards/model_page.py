"""The page that shows which model and data a wizard works on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QPushButton, QVBoxLayout, QWidget
from superqt import QFlowLayout

from tinystudio.core.data_reference import DataReference
from tinystudio.gui import wording
from tinystudio.gui.number_marks import grouped
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.gui.wizards.subject import Subject
from tinystudio.gui.wizards.wizard import Page
from tinystudio.jobs.inspection import Inspection


class ModelPage(Page):
    """Model and data as opened; the owner opens others when asked."""

    title = "Model and data"
    hint = "Your file stays as it is: every technique makes a new variant beside it."

    model_requested = Signal()
    data_requested = Signal()
    folder_requested = Signal()  # of images or recordings, as data

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._subject = Subject()
        self._model, self._facts, self._data = QLabel(), QLabel(), QLabel()
        self._warnings = QLabel()
        self._other_model, self._other_data = QPushButton(), QPushButton()
        self._folder = QPushButton(tr("Attach a folder…"))
        self._lay_out()
        self._other_model.clicked.connect(self.model_requested)
        self._other_data.clicked.connect(self.data_requested)
        self._folder.clicked.connect(self.folder_requested)
        self.show_subject(self._subject)

    def _lay_out(self) -> None:
        set_role(self._model, "heading")
        set_role(self._facts, "muted")
        set_role(self._warnings, "warning")
        form = QFormLayout()
        form.setHorizontalSpacing(24)
        form.setVerticalSpacing(12)
        for label in (self._model, self._facts, self._data, self._warnings):
            label.setWordWrap(True)
        model = QVBoxLayout()
        model.setSpacing(GRID // 2)
        model.addWidget(self._model)
        model.addWidget(self._facts)
        form.addRow(_heading(tr("Model")), model)
        form.addRow(_heading(tr("Data")), self._data)
        form.addRow("", self._warnings)
        buttons = QFlowLayout()  # in a language of long words they need two lines
        buttons.setHorizontalSpacing(8)  # a flow knows no other
        buttons.setVerticalSpacing(8)
        buttons.addWidget(self._other_model)
        buttons.addWidget(self._other_data)
        buttons.addWidget(self._folder)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(16)
        layout.addLayout(form)
        layout.addLayout(buttons)
        layout.addStretch(1)

    def show_subject(self, subject: Subject) -> None:
        """Show what is open."""
        self._subject = subject
        inspection = subject.inspection
        self._model.setText(tr(subject.title or subject.network or "No model is open."))
        self._facts.setText(tr(facts_sentence(inspection) if inspection else ""))
        self._data.setText(tr(_data_sentence(subject)))
        warnings = inspection.warnings if inspection else ()
        self._warnings.setText(tr("\n".join(warnings)))
        self._warnings.setVisible(bool(warnings))
        self._other_model.setText(
            tr("Open another model…") if subject.network else tr("Open a model…")
        )
        self._other_data.setText(tr("Attach other data…") if subject.data else tr("Attach data…"))
        for button in (self._other_data, self._folder):
            button.setEnabled(subject.network is not None)
        self.completeness_changed.emit()

    def missing(self) -> str:
        if self._subject.network is None:
            return "Open a model to go on."
        if self._subject.data is None:
            return "Attach data: without data nothing can be measured."
        return ""

    def known(self) -> str:
        return "" if self.missing() else subject_words(self._subject)


def _heading(words: str) -> QLabel:
    """Return what stands beside the first of several lines."""
    heading = QLabel(words)
    heading.setAlignment(Qt.AlignmentFlag.AlignTop)
    return heading


def subject_words(subject: Subject) -> str:
    """Return which model is open, and which data where those are not its own."""
    model = tr(subject.title or subject.network or "")
    if subject.data is None or subject.data == subject.network:
        return model
    known = subject.inspection.data if subject.inspection else None
    data = known.name if known else Path(DataReference.parse(subject.data).path).name
    return tr("{model}, {data}").format(model=model, data=data)


def facts_sentence(inspection: Inspection) -> str:
    """Return a model's size in one line."""
    parts = [f"{wording.count_text(inspection.parameters)} parameters"]
    if inspection.macs is not None:
        parts.append(f"{wording.count_text(inspection.macs)} MACs per sample")
    parts += [wording.size_text(inspection.size_bytes), f"{len(inspection.layers)} layers"]
    return " · ".join(parts)


def _data_sentence(subject: Subject) -> str:
    known = subject.inspection.data if subject.inspection else None
    if subject.data is None:
        return "None yet."
    if known is None:
        return subject.data
    parts = (known.train, known.calibration, known.validation, known.test)
    train, calibration, validation, test = (grouped(count) for count in parts)
    return (
        f"{known.name}: {train} samples for training, {calibration} for calibration, {validation} "
        f"for validation, {test} for the final test; judged by {wording.metric_title(known.metric)}"
    )
