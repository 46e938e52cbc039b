"""What the wizards share that end in a recipe: choices, settings with a preview, summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from tinystudio.gui.forms.sweep_range import sweepable, usual_range
from tinystudio.gui.wizards.forecast import takes
from tinystudio.gui.wizards.model_page import ModelPage
from tinystudio.gui.wizards.parameters_page import ParametersPage
from tinystudio.gui.wizards.subject import Plan, Subject
from tinystudio.gui.wizards.summary_page import SummaryPage
from tinystudio.gui.wizards.summary_words import plan_rows
from tinystudio.gui.wizards.wizard import Page, Wizard
from tinystudio.jobs.events import PreviewReady
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.command_line import compress_command, sweep_command
from tinystudio.session.front import Limits
from tinystudio.session.marks import ProjectVariant
from tinystudio.session.sweeps import Vary

OUTPUT, PROJECT = "compressed.onnx", "search.tinystudio"


class ChoosingPage(Page):
    """Where one says what is to be done; the settings of it come on the page after."""

    def show_subject(self, subject: Subject) -> None:
        """Offer what can be done with this model."""
        raise NotImplementedError

    def recipe(self, edited: Recipe) -> Recipe:
        """Return what was chosen; settings that were `edited` before stay."""
        raise NotImplementedError

    @property
    def is_searched(self) -> bool:
        """Say whether the settings are to be found within limits."""
        return False

    def limits(self) -> Limits:
        """Return the limits in the measurement's units."""
        return Limits()


class PlanningWizard(Wizard):
    """A wizard about the open model that ends in a `Plan`; it asks for previews on the way."""

    preview_requested = Signal(object)  # Recipe
    run_requested = Signal(object)  # Plan
    recipe_save_requested = Signal(object)  # Recipe
    variant_requested = Signal(str)  # to show one that is measured already
    model_requested = Signal()
    data_requested = Signal()
    folder_requested = Signal()

    def __init__(
        self, title: str, pages: Sequence[Page], finish: str, model: ModelPage,
        summary: SummaryPage, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(title, pages, finish, parent)
        self._model, self._summary = model, summary
        self._subject = Subject()
        model.model_requested.connect(self.model_requested)
        model.data_requested.connect(self.data_requested)
        model.folder_requested.connect(self.folder_requested)
        summary.entered.connect(self._on_summary_entered)
        summary.save_requested.connect(self._on_save_requested)
        summary.showing_requested.connect(self._on_showing_requested)
        self.finish_requested.connect(self._on_finished)

    @property
    def plan(self) -> Plan:
        """Return what would be run now."""
        raise NotImplementedError

    def set_subject(self, subject: Subject) -> None:
        """Work on this model from now on; its owner says so when another is opened."""
        raise NotImplementedError

    def learn_made(self, made: tuple[ProjectVariant, ...]) -> None:
        """Know from now on what is measured already."""
        self._subject = replace(self._subject, made=made)
        if self.page is self._summary:
            self._on_summary_entered()

    @property
    def made(self) -> ProjectVariant | None:
        """Return what was made already by the very recipe that would be run now."""
        plan = self.plan
        return None if plan.varied else self._subject.made_by(plan.recipe)

    @Slot()
    def _on_showing_requested(self) -> None:
        if (made := self.made) is not None:
            self.variant_requested.emit(made.id)
            self.accept()

    def show_preview(self, preview: PreviewReady) -> None:
        """Show what a recipe is worth that was asked about."""
        raise NotImplementedError

    @Slot()
    def _on_summary_entered(self) -> None:
        """Say what will happen."""
        raise NotImplementedError

    @Slot()
    def _on_save_requested(self) -> None:
        self.recipe_save_requested.emit(self.plan.recipe)

    @Slot()
    def _on_finished(self) -> None:
        self.run_requested.emit(self.plan)
        self.accept()


class RecipeWizard(PlanningWizard):
    """Asks for previews while its sliders move; the choosing page makes one wizard of it."""

    def __init__(
        self, title: str, chosen: ChoosingPage, subject: Subject, parent: QWidget | None = None
    ) -> None:
        model, settings, summary = ModelPage(), ParametersPage(), SummaryPage("Save as recipe…")
        pages = (model, chosen, settings, summary)
        super().__init__(title, pages, "Run now", model, summary, parent)
        self._chosen, self._settings = chosen, settings
        self._subject = subject
        self.set_subject(subject)
        settings.entered.connect(self._on_settings_entered)
        settings.recipe_changed.connect(self._on_recipe_changed)

    @Slot(object)
    def set_subject(self, subject: Subject) -> None:
        """Work on this model from now on; its owner says so when another is opened."""
        is_other = subject.network != self._subject.network
        self._subject = subject
        self._model.show_subject(subject)
        self._chosen.show_subject(subject)
        if is_other and self.isVisible():
            self._show(0)

    @Slot(object)
    def show_preview(self, preview: PreviewReady) -> None:
        """Show what the settings are worth."""
        self._settings.show_preview(preview)
        if self.page is self._summary:
            self._on_summary_entered()  # which tells what was expected

    @property
    def plan(self) -> Plan:
        """Return what would be run now."""
        recipe = self._settings.recipe
        if not self._chosen.is_searched:
            return Plan(recipe)
        return Plan(recipe, varied_by_search(recipe), self._chosen.limits())

    @Slot()
    def _on_settings_entered(self) -> None:
        """Make the forms of what was chosen."""
        recipe = self._chosen.recipe(self._settings.recipe)
        varied = varied_by_search(recipe) if self._chosen.is_searched else ()
        names = tuple(vary.param for vary in varied)
        self._settings.show_recipe(recipe, self._subject, names)
        self._on_recipe_changed(recipe)

    @Slot(object)
    def _on_recipe_changed(self, recipe: Recipe) -> None:
        self._settings.show_forecast(takes(recipe, self._subject))
        self.preview_requested.emit(recipe)

    @Slot()
    def _on_summary_entered(self) -> None:
        """Say what will happen."""
        subject, plan = self._subject, self.plan
        network = subject.network or "MODEL.onnx"
        command = compress_command(network, subject.data, plan.recipe, OUTPUT)
        if plan.varied:
            command = sweep_command(network, subject.data, plan.recipe, plan.varied, PROJECT)
        worth = None if plan.varied else self._settings.worth
        self._summary.show_summary(plan_rows(plan, subject, worth), command)
        self._summary.offer_made(self.made is not None)


def varied_by_search(recipe: Recipe) -> tuple[Vary, ...]:
    """Return what a search tries: each technique's own slider over its whole range."""
    return tuple(
        Vary(item.spec.name, usual_range(item).values(item.scale.whole), item.step)
        for item in sweepable(recipe)
        if item.is_usual
    )
