"""Opens the wizards, and carries between them and the studio."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from tinystudio.gui.model_choices import model_choices
from tinystudio.gui.remembered import Remembered
from tinystudio.gui.shown import network_title
from tinystudio.gui.studio import Studio
from tinystudio.gui.window import MainWindow
from tinystudio.gui.wizards.compress import CompressWizard
from tinystudio.gui.wizards.export import ExportWizard
from tinystudio.gui.wizards.subject import Plan, Subject
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.front import Limits
from tinystudio.session.runs import Run
from tinystudio.session.session import Session

EXPORT_FOLDER = "export"  # under which name the settings keep where the last export went


class WizardDesk(QObject):
    """At most one wizard of each kind is open; what it asks for goes to the studio."""

    action_requested = Signal(str)
    recipe_save_requested = Signal(object)  # Recipe

    def __init__(self, window: MainWindow, studio: Studio, remembered: Remembered) -> None:
        super().__init__()
        self._window = window
        self._studio = studio
        self._remembered = remembered
        self.compress_wizard: CompressWizard | None = None
        self.export_wizard: ExportWizard | None = None
        self.export_wizarded_variant: str | None = None
        self._job: str | None = None
        studio.network_changed.connect(self._on_network_changed)
        studio.preview_arrived.connect(self._on_preview_arrived)
        studio.runs_changed.connect(self._on_runs_changed)

    @Slot()
    def compress(self) -> None:
        """Open the Compress wizard, or bring it to the front."""
        if self.compress_wizard is None:
            wizard = CompressWizard(self._subject(), self._window)
            wizard.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            wizard.preview_requested.connect(self._studio.ask_preview_of)
            wizard.run_requested.connect(self._on_run_requested)
            wizard.recipe_save_requested.connect(self.recipe_save_requested)
            wizard.model_requested.connect(self._on_model_requested)
            wizard.data_requested.connect(self._on_data_requested)
            wizard.folder_requested.connect(self._on_folder_requested)
            wizard.finished.connect(self._on_compress_closed)
            self.compress_wizard = wizard
        self.compress_wizard.open()
        self.compress_wizard.raise_()

    def _subject(self) -> Subject:
        session = self._studio.session
        models = model_choices(session, self._remembered.settings.recent_networks)
        return replace(subject_of(session), models=models)

    def export(self, variant: str | None) -> None:
        """Open the Export wizard for a variant; None: for the selected one, or the recipe."""
        session = self._studio.session
        found = session.variant(variant) if variant else session.selected
        if self.export_wizard is not None:
            self.export_wizard.close()
        recipe = session.recipe if found is None else found.variant.recipe
        folder = Path(self._remembered.folder(EXPORT_FOLDER))
        wizard = ExportWizard(subject_of(session, recipe), folder, self._window)
        wizard.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        wizard.export_requested.connect(self._on_export_requested)
        wizard.finished.connect(self._on_export_closed)
        self.export_wizard, self._job = wizard, None
        self.export_wizarded_variant = None if found is None else found.id
        wizard.open()

    @Slot(object)
    def _on_run_requested(self, plan: Plan) -> None:
        self._studio.edit_recipe(plan.recipe)
        if plan.limits != Limits():
            self._studio.set_limits(plan.limits)
        if plan.varied:
            self._studio.sweep(plan.varied)
        else:
            self._studio.measure()

    @Slot(str, object, dict)
    def _on_export_requested(
        self, target: str, path: Path, options: dict[str, bool | int | float | str]
    ) -> None:
        self._remembered.keep_folder(EXPORT_FOLDER, path.parent)
        self._job = self._studio.export(target, path, options, self.export_wizarded_variant)
        if self._job is None and self.export_wizard is not None:
            self.export_wizard.show_busy(False)

    @Slot()
    def _on_network_changed(self) -> None:
        if self.compress_wizard is not None:
            self.compress_wizard.set_subject(self._subject())

    @Slot()
    def _on_preview_arrived(self) -> None:
        preview = self._studio.session.preview
        if self.compress_wizard is not None and preview is not None:
            self.compress_wizard.show_preview(preview)

    @Slot()
    def _on_runs_changed(self) -> None:
        runs = self._studio.session.runs
        if self.export_wizard is not None and self._job is not None and self._job in runs:
            self._follow(self.export_wizard, runs[self._job])

    def _follow(self, wizard: ExportWizard, run: Run) -> None:
        if not run.is_ended:
            wizard.show_progress(run.fraction, run.text)
            return
        self._job = None
        if run.problem is not None:
            wizard.show_failed(run.problem.title, run.problem.detail, run.problem.hint)
        elif run.exported is not None:
            wizard.show_exported(run.exported)
        else:
            wizard.show_failed("Nothing was exported", "The job was cancelled.", "")

    @Slot()
    def _on_model_requested(self) -> None:
        self.action_requested.emit("open-model")

    @Slot()
    def _on_data_requested(self) -> None:
        self.action_requested.emit("attach-data")

    @Slot()
    def _on_folder_requested(self) -> None:
        self.action_requested.emit("attach-folder")

    @Slot()
    def _on_compress_closed(self) -> None:
        self.compress_wizard = None

    @Slot()
    def _on_export_closed(self) -> None:
        if self.sender() is self.export_wizard:
            self.export_wizard = None


def subject_of(session: Session, recipe: Recipe | None = None) -> Subject:
    """Return what a wizard needs to know of what is open."""
    original = session.original
    made = [item.variant.seconds for item in session.variants() if item.variant.seconds > 0]
    return Subject(
        network=session.network,
        data=session.data,
        title=network_title(session.network),
        inspection=session.inspection,
        original=None if original is None else original.measurement,
        recipe=session.recipe if recipe is None else recipe,
        seconds_per_variant=sum(made) / len(made) if made else None,
    )
