"""The wizard "Compress for a goal": limits, then the front, then what becomes of the pick."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton, QWidget

from tinystudio.gui.texts import tr
from tinystudio.gui.wizards.front_page import FrontPage
from tinystudio.gui.wizards.front_view import FrontView
from tinystudio.gui.wizards.limits_page import LATENCY_NOTE, LimitsPage
from tinystudio.gui.wizards.model_page import ModelPage
from tinystudio.gui.wizards.recipe_wizard import OUTPUT, PlanningWizard
from tinystudio.gui.wizards.subject import Plan, Subject
from tinystudio.gui.wizards.summary_page import SummaryPage
from tinystudio.gui.wizards.summary_words import limits_words, plan_rows
from tinystudio.jobs.events import PreviewReady
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.command_line import compress_command
from tinystudio.session.devices import Device

SIZE = (920, 760)  # pixels: two plots lie side by side
OTHER_INT8 = (
    "The file uses the INT8 form that the chosen device needs. Accuracy and size are of exactly "
    "this file; latency is this computer's and does not tell the device's."
)


class GoalWizard(PlanningWizard):
    """Asks its owner for the front of a device and for searches within limits.

    Says `export_requested` or `run_requested` in the end.
    """

    front_requested = Signal(object)  # Device
    search_requested = Signal(object)  # Limits
    export_requested = Signal(object)  # Plan

    def __init__(self, subject: Subject, parent: QWidget | None = None) -> None:
        self._goal, self._front, model = LimitsPage(), FrontPage(), ModelPage()
        self._export = QPushButton(tr("Export it…"))
        summary = SummaryPage("Save as recipe…")
        pages = (model, self._goal, self._front, summary)
        super().__init__("Compress for a goal", pages, "Run now", model, summary, parent)
        self._subject = subject
        self.take_room(*SIZE)
        self._export.setToolTip(tr("Write it to a file, which is opened again and checked."))
        summary.add_way(self._export)
        self.set_subject(subject)
        self._front.entered.connect(self._on_front_entered)
        self._front.picked.connect(self.preview_requested)
        self._front.limits_changed.connect(self._goal.fields.show_limits)
        self._front.search_requested.connect(self.search_requested)
        self._export.clicked.connect(self._on_export)

    @Slot(object)
    def set_subject(self, subject: Subject) -> None:
        """Work on this model from now on; its owner says so when another is opened."""
        is_other = subject.network != self._subject.network
        self._subject = subject
        self._model.show_subject(subject)
        before = self._goal.limits()
        self._goal.show_subject(subject)
        if self._goal.limits() != before:
            self._front.show_limits(self._goal.limits())  # a loss counts from now on
        if is_other:
            self._front.show_front(FrontView(), subject)
            if self.isVisible():
                self._show(0)

    def choose_device(self, device: str) -> None:
        """Choose a device by its id, with the limits that it suggests."""
        self._goal.choose(device)

    @property
    def device(self) -> Device:
        """Return the device that is chosen."""
        return self._goal.device

    @Slot(object)
    def show_front(self, view: FrontView) -> None:
        """Show this front, or why there is none yet."""
        self._front.show_front(view, self._subject)

    @Slot(object)
    def show_preview(self, preview: PreviewReady) -> None:
        """Show what the picked recipe is worth."""
        self._front.show_preview(preview)
        if self.page is self._summary:
            self._on_summary_entered()  # which tells what was expected

    @property
    def plan(self) -> Plan:
        """Return what would be run now."""
        return Plan(self._front.recipe or Recipe(), limits=self._front.plots.limits)

    @Slot()
    def _on_front_entered(self) -> None:
        self._front.show_limits(self._goal.limits())
        self.front_requested.emit(self.device)

    @Slot()
    def _on_summary_entered(self) -> None:
        """Say what was picked, and what measuring it takes."""
        subject, plan = self._subject, self.plan
        goal = limits_words(plan.limits, subject) or "no limit"
        note = OTHER_INT8 if self.device.is_other else LATENCY_NOTE
        rows = [
            ("Where it will run", self.device.title),
            ("What it may cost", goal),
            *plan_rows(plan, subject, self._front.worth),
            ("What the figures mean", note),
        ]
        command = compress_command(
            subject.network or "MODEL.onnx", subject.data, plan.recipe, OUTPUT
        )
        self._summary.show_summary(rows, command)
        self._summary.offer_made(self.made is not None)

    @Slot()
    def _on_export(self) -> None:
        self.export_requested.emit(self.plan)
        self.accept()
