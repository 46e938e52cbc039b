"""Opens the wizards, and carries between them and the studio."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from tinystudio.gui.goal_front import front_view
from tinystudio.gui.model_choices import model_choices
from tinystudio.gui.remembered import Remembered
from tinystudio.gui.shown import network_title
from tinystudio.gui.studio import Studio
from tinystudio.gui.window import MainWindow
from tinystudio.gui.wizards.compress import CompressWizard
from tinystudio.gui.wizards.export import ExportWizard
from tinystudio.gui.wizards.family import FamilyWizard
from tinystudio.gui.wizards.for_goal import GoalWizard
from tinystudio.gui.wizards.forecast import with_measuring
from tinystudio.gui.wizards.kinds import KINDS
from tinystudio.gui.wizards.recipe_wizard import PlanningWizard
from tinystudio.gui.wizards.subject import Plan, Subject
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.front import Limits
from tinystudio.session.marks import ProjectVariant
from tinystudio.session.runs import Run
from tinystudio.session.session import Session

COMPRESS, FOR_GOAL = "compress", "compress-for-goal"
PLANNING = (COMPRESS, FOR_GOAL, *KINDS)  # the wizards that end in a plan, by their actions
EXPORT_FOLDER = "export"  # under which name the settings keep where the last export went


class WizardDesk(QObject):
    """At most one wizard of each kind is open; what it asks for goes to the studio."""

    action_requested = Signal(str)
    recipe_save_requested = Signal(object)  # Recipe
    export_closed = Signal()  # while the wizard's window is still there

    def __init__(self, window: MainWindow, studio: Studio, remembered: Remembered) -> None:
        super().__init__()
        self._window = window
        self._studio = studio
        self._remembered = remembered
        self._planning: dict[str, PlanningWizard] = {}  # those that are open, by their action
        self.export_wizard: ExportWizard | None = None
        self.export_wizarded_variant: str | None = None
        self._job: str | None = None
        studio.network_changed.connect(self._on_network_changed)
        studio.preview_arrived.connect(self._on_preview_arrived)
        studio.runs_changed.connect(self._on_runs_changed)
        studio.variants_changed.connect(self._on_variants_changed)
        studio.database_changed.connect(self._show_front)

    @property
    def compress_wizard(self) -> CompressWizard | None:
        """Return the Compress wizard, while it is open."""
        found = self._planning.get(COMPRESS)
        return found if isinstance(found, CompressWizard) else None

    @property
    def goal_wizard(self) -> GoalWizard | None:
        """Return the wizard "Compress for a goal", while it is open."""
        found = self._planning.get(FOR_GOAL)
        return found if isinstance(found, GoalWizard) else None

    @property
    def is_exporting(self) -> bool:
        """Say whether an export that was asked for here is not over yet."""
        return self._job is not None

    def planning_wizard(self, action: str) -> PlanningWizard | None:
        """Return the wizard that an action has opened, while it is open."""
        return self._planning.get(action)

    def plan(self, action: str) -> None:
        """Open the wizard of an action (one of `PLANNING`), or bring it to the front."""
        if not self._studio.attempt(lambda: self._studio.session):
            return  # where not even a project could be opened
        if action not in self._planning:
            self._planning[action] = self._made(action)
        self._planning[action].open()
        self._planning[action].raise_()

    def _made(self, action: str) -> PlanningWizard:
        wizard = self._of(action)
        wizard.setObjectName(action)
        wizard.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        wizard.preview_requested.connect(self._studio.ask_preview_of)
        wizard.run_requested.connect(self._on_run_requested)
        wizard.recipe_save_requested.connect(self.recipe_save_requested)
        wizard.variant_requested.connect(self._studio.choose_variant)
        wizard.model_requested.connect(self._on_model_requested)
        wizard.data_requested.connect(self._on_data_requested)
        wizard.folder_requested.connect(self._on_folder_requested)
        wizard.finished.connect(self._on_planning_closed)
        return wizard

    def _of(self, action: str) -> PlanningWizard:
        if action == COMPRESS:
            return CompressWizard(self._subject(), self._window)
        if action in KINDS:
            return FamilyWizard(KINDS[action], self._subject(), self._window)
        wizard = GoalWizard(self._subject(), self._window)
        wizard.front_requested.connect(self._show_front)
        wizard.search_requested.connect(self._studio.search_within)
        wizard.export_requested.connect(self._on_planned_export)
        return wizard

    def _subject(self) -> Subject:
        session = self._studio.session
        models = model_choices(session, self._remembered.settings.recent_networks)
        return replace(subject_of(session), models=models)

    def export(self, variant: str | None) -> None:
        """Open the Export wizard for a variant; None: for the selected one, or the recipe."""
        session = self._studio.session
        found = session.variant(variant) if variant else session.selected
        recipe = session.recipe if found is None else found.variant.recipe
        self._export_recipe(recipe, None if found is None else found.id)

    def _export_recipe(self, recipe: Recipe, variant: str | None = None) -> None:
        """Open the Export wizard for what a recipe makes, or made."""
        if self.export_wizard is not None:
            self.export_wizard.close()
        folder = Path(self._remembered.folder(EXPORT_FOLDER))
        wizard = ExportWizard(subject_of(self._studio.session, recipe), folder, self._window)
        wizard.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        wizard.export_requested.connect(self._on_export_requested)
        wizard.finished.connect(self._on_export_closed)
        self.export_wizard, self._job = wizard, None
        self.export_wizarded_variant = variant
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

    @Slot(object)
    def _on_planned_export(self, plan: Plan) -> None:
        self._studio.edit_recipe(plan.recipe)
        self._studio.set_limits(plan.limits)
        self._export_recipe(plan.recipe)

    @Slot()
    def _on_variants_changed(self) -> None:
        """Tell the wizards what is measured; losses count from the original's score."""
        for wizard in self._planning.values():
            wizard.learn_made(made_of(self._studio.session))
        if self.goal_wizard is not None:
            self.goal_wizard.set_subject(self._subject())
        self._show_front()

    @Slot()
    def _show_front(self) -> None:
        """Show the goal wizard the front there is now."""
        wizard = self.goal_wizard
        if wizard is not None and self._studio.is_open:
            wizard.show_front(front_view(self._studio.session, wizard.device))

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
        for wizard in self._planning.values():
            wizard.set_subject(self._subject())

    @Slot()
    def _on_preview_arrived(self) -> None:
        preview = self._studio.session.preview
        for wizard in self._planning.values():
            if preview is not None:
                wizard.show_preview(preview)

    @Slot()
    def _on_runs_changed(self) -> None:
        runs = self._studio.session.runs
        self._show_front()
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
    def _on_planning_closed(self) -> None:
        sender = self.sender()
        self._planning = {id: kept for id, kept in self._planning.items() if kept is not sender}

    @Slot()
    def _on_export_closed(self) -> None:
        if self.sender() is self.export_wizard:
            self.export_wizard = None
        self.export_closed.emit()


def made_of(session: Session) -> tuple[ProjectVariant, ...]:
    """Return the variants that were measured of this model and data, and whose figures hold."""
    return tuple(
        item for item in session.variants()
        if not item.is_outdated and item.measurement.score is not None
    )  # fmt: skip


def subject_of(session: Session, recipe: Recipe | None = None) -> Subject:
    """Return what a wizard needs to know of what is open."""
    original = session.original
    variants = [item.variant for item in session.variants()]
    made = [item.seconds for item in variants if item.seconds > 0]
    subject = Subject(
        network=session.network,
        data=session.data,
        title=network_title(session.network),
        inspection=session.inspection,
        original=None if original is None else original.measurement,
        baseline=session.baseline,
        made=made_of(session),
        recipe=session.recipe if recipe is None else recipe,
        seconds_per_variant=sum(made) / len(made) if made else None,
    )
    return with_measuring(subject, variants)
