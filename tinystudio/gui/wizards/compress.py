"""The Compress wizard: model, techniques, settings with a preview, summary."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from tinystudio.gui import wording
from tinystudio.gui.forms.sweep_range import sweepable, usual_range
from tinystudio.gui.wizards.model_page import ModelPage
from tinystudio.gui.wizards.parameters_page import ParametersPage
from tinystudio.gui.wizards.subject import Plan, Subject
from tinystudio.gui.wizards.summary_page import SummaryPage
from tinystudio.gui.wizards.technique_page import TechniquePage
from tinystudio.gui.wizards.wizard import Wizard
from tinystudio.jobs.events import PreviewReady
from tinystudio.jobs.inspection import about_seconds
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.command_line import compress_command, sweep_command
from tinystudio.session.front import Limits
from tinystudio.session.sweeps import Vary

OUTPUT, PROJECT = "compressed.onnx", "search.tinystudio"
MEASURING_S = 2.0  # of a variant: its accuracy, and its time against that of the original


class CompressWizard(Wizard):
    """Says `run_requested` with a `Plan`; asks for previews while its sliders move."""

    preview_requested = Signal(object)  # Recipe
    run_requested = Signal(object)  # Plan
    recipe_save_requested = Signal(object)  # Recipe
    model_requested = Signal()
    data_requested = Signal()
    folder_requested = Signal()

    def __init__(self, subject: Subject, parent: QWidget | None = None) -> None:
        model, chosen, settings = ModelPage(), TechniquePage(), ParametersPage()
        summary = SummaryPage("Save as recipe…")
        pages = (model, chosen, settings, summary)
        super().__init__("Compress a model", pages, "Run now", parent)
        self._model, self._techniques, self._settings = model, chosen, settings
        self._summary = summary
        self._subject = subject
        self.set_subject(subject)
        self._settings.entered.connect(self._on_settings_entered)
        self._summary.entered.connect(self._on_summary_entered)
        self._model.model_requested.connect(self.model_requested)
        self._model.data_requested.connect(self.data_requested)
        self._model.folder_requested.connect(self.folder_requested)
        self._settings.recipe_changed.connect(self.preview_requested)
        self._summary.save_requested.connect(self._on_save_requested)
        self.finish_requested.connect(self._on_finished)

    @Slot(object)
    def set_subject(self, subject: Subject) -> None:
        """Work on this model from now on; its owner says so when another is opened."""
        is_other = subject.network != self._subject.network
        self._subject = subject
        self._model.show_subject(subject)
        self._techniques.show_subject(subject)
        if is_other and self.isVisible():
            self._show(0)

    @Slot(object)
    def show_preview(self, preview: PreviewReady) -> None:
        """Show what the settings are worth."""
        self._settings.show_preview(preview)

    @property
    def plan(self) -> Plan:
        """Return what would be run now."""
        recipe = self._settings.recipe
        if not self._techniques.is_searched:
            return Plan(recipe)
        return Plan(recipe, varied_by_search(recipe), self._techniques.limits())

    @Slot()
    def _on_settings_entered(self) -> None:
        """Make the forms of the chosen techniques; settings made before stay."""
        before = {step.technique: step for step in self._subject.recipe.steps}
        before |= {step.technique: step for step in self._settings.recipe.steps}
        chosen = self._techniques.techniques()
        steps = tuple(before.get(id) or Step.of(id) for id in chosen)
        recipe = Recipe(steps=steps)
        varied = varied_by_search(recipe) if self._techniques.is_searched else ()
        names = tuple(vary.param for vary in varied)
        self._settings.show_recipe(recipe, self._subject.original, names, self._subject.models)
        self.preview_requested.emit(recipe)

    @Slot()
    def _on_summary_entered(self) -> None:
        """Say what will happen."""
        subject, plan = self._subject, self.plan
        network = subject.network or "MODEL.onnx"
        command = compress_command(network, subject.data, plan.recipe, OUTPUT)
        if plan.varied:
            command = sweep_command(network, subject.data, plan.recipe, plan.varied, PROJECT)
        self._summary.show_summary(sentences(plan, subject), command)

    @Slot()
    def _on_save_requested(self) -> None:
        self.recipe_save_requested.emit(self.plan.recipe)

    @Slot()
    def _on_finished(self) -> None:
        self.run_requested.emit(self.plan)
        self.accept()


def varied_by_search(recipe: Recipe) -> tuple[Vary, ...]:
    """Return what a search tries: each technique's own slider over its whole range."""
    return tuple(
        Vary(item.spec.name, usual_range(item).values(item.scale.whole), item.step)
        for item in sweepable(recipe)
        if item.is_usual
    )


def sentences(plan: Plan, subject: Subject) -> list[str]:
    """Return what running the plan will do, in words."""
    said = [f"{subject.title or subject.network} stays as it is. {_what(plan)}"]
    for number, step in enumerate(plan.recipe.steps, 1):
        swept = [vary for vary in plan.varied if vary.step == number - 1]
        said.append(f"{number}. {step.part.title}: {_how(step, swept)}")
    said.append(
        "Each variant is measured on the validation data and timed against the original in the "
        "same run. The test data is used once, for the variants you keep."
    )
    if plan.limits != Limits():
        said.append(f"Then the most accurate variant is marked that has {_limits(plan.limits)}.")
    said.append(_time(plan, subject))
    return said


def _what(plan: Plan) -> str:
    return f"{wording.plural(plan.count, 'variant')} will be made from it:"


def _how(step: Step, swept: list[Vary]) -> str:
    words = step.part.describe(step.params)
    if not swept:
        return words
    values = swept[0].values
    scale = next(
        item.scale for item in sweepable(Recipe(steps=(step,))) if item.spec.name == swept[0].param
    )
    low, high = scale.text(float(values[0])), scale.text(float(values[-1]))
    return f"{swept[0].param.replace('_', ' ')} from {low} to {high}, {len(values)} values"


def _limits(limits: Limits) -> str:
    parts = []
    if limits.size_bytes is not None:
        parts.append(f"at most {wording.size_text(limits.size_bytes)}")
    if limits.latency_ms is not None:
        parts.append(f"at most {wording.latency_text(limits.latency_ms)}")
    if limits.score is not None:
        parts.append(f"a score of at least {limits.score:.3g}")
    return " and ".join(parts)


def _time(plan: Plan, subject: Subject) -> str:
    each = _seconds_per_variant(plan, subject)
    if each is None:
        return "How long it takes is shown as soon as the first variant is done."
    total = about_seconds(plan.count * each)
    return f"It takes {total}; you can go on working, and pause or cancel at any time."


def _seconds_per_variant(plan: Plan, subject: Subject) -> float | None:
    """Return what one variant takes, about: by its techniques, or as those did that were made."""
    data = None if subject.inspection is None else subject.inspection.data
    if data is None or subject.inspection is None:
        return subject.seconds_per_variant
    known = {item.technique: item.seconds_per_pass for item in subject.inspection.preflight}
    parts = [
        step.part.passes(step.params, data.train, data.calibration) * per_pass
        for step in plan.recipe.steps
        if (per_pass := known.get(step.technique)) is not None
    ]
    if len(parts) < len(plan.recipe.steps):
        return subject.seconds_per_variant
    return sum(parts) + MEASURING_S
