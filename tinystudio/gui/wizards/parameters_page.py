"""The page with a form per chosen technique and a live preview."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tinystudio.core.measurement import Measurement
from tinystudio.gui.figure_statements import PREVIEW_STATUS
from tinystudio.gui.forms.form import ParamForm
from tinystudio.gui.forms.help_mark import HelpMark
from tinystudio.gui.model_choices import ModelChoice
from tinystudio.gui.panels.figures import FiguresPanel
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.wizards.subject import Subject
from tinystudio.gui.wizards.wizard import Page
from tinystudio.jobs.events import PreviewReady
from tinystudio.jobs.recipe import Recipe, Step

WAITING = "Working out what this is worth…"
TRAINS = "There is no preview of a training: run it to see what it is worth."
FOLLOWS = "The figures above the form follow every change: a preview on some samples, not timed."
IN_CARD = 13  # pixels from a card's edge to what is in it, with its frame
SEARCHED = "varied by the search"


class ParametersPage(Page):
    """Edits a recipe. `recipe_changed` comes while a slider moves; previews come back."""

    title = "Settings"
    hint = FOLLOWS

    recipe_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._subject = Subject()
        self._forms: list[tuple[str, ParamForm]] = []
        self._cards: list[QFrame] = []
        self._preview: PreviewReady | None = None
        self._figures, self._forecast = FiguresPanel(), QLabel()
        self._figures.expect(PREVIEW_STATUS)
        self._figures.stand_in(IN_CARD, 0)
        set_role(self._forecast, "muted")
        self._forecast.setContentsMargins(IN_CARD, 0, 0, 0)
        self._list = QVBoxLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 16, 12, 12)
        layout.setSpacing(8)
        layout.addWidget(self._figures)
        layout.addWidget(self._forecast)
        layout.addLayout(self._list)
        layout.addStretch(1)

    def show_recipe(
        self,
        recipe: Recipe,
        subject: Subject,
        varied: Sequence[str] = (),
    ) -> None:
        """Show a form per step; parameters named in `varied` are left to the search.

        The subject's models are offered where a step names one.
        """
        self._subject = subject
        for card in self._cards:
            self._list.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards, self._forms = [], []
        for step in recipe.steps:
            self._add(step, varied, subject.models)
        trains = any(step.part.trains for step in recipe.steps)
        self.hint = TRAINS if trains else FOLLOWS
        self._figures.setVisible(not trains)
        self._figures.show_nothing(WAITING)
        self._preview = None

    def _add(self, step: Step, varied: Sequence[str], models: Sequence[ModelChoice]) -> None:
        form = ParamForm.of(step.part.params, step.part.title)
        form.offer_models(models)
        form.set_values(step.params.model_dump())
        form.value_moved.connect(self._on_changed)
        form.value_committed.connect(self._on_changed)
        slider = step.part.slider
        if slider is not None and slider in varied:
            form.field(slider).shut(SEARCHED)
        inspection = self._subject.inspection
        known = () if inspection is None else inspection.preflight
        refused = {item.technique for item in known if item.status == "cannot"}
        for name, (needed, reason) in step.part.needs.items():
            if needed in refused:
                form.field(name).shut(reason)
        card, title = QFrame(), QLabel(tr(step.part.title))
        set_role(card, "card")
        set_role(title, "heading")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addWidget(HelpMark(tr(step.part.title), step.part.help))
        head.addStretch(1)
        body = QVBoxLayout(card)
        body.setContentsMargins(12, 8, 12, 12)
        body.addLayout(head)
        body.addWidget(form)
        self._list.addWidget(card)
        self._cards.append(card)
        self._forms.append((step.technique, form))

    @property
    def recipe(self) -> Recipe:
        """Return the recipe as edited."""
        return Recipe(steps=tuple(Step.of(id, **form.values()) for id, form in self._forms))

    def form(self, number: int) -> ParamForm:
        """Return the form of a step."""
        return self._forms[number][1]

    def show_preview(self, preview: PreviewReady) -> None:
        """Show what the settings are worth, unless they have changed since."""
        if not self.missing() and preview.recipe == self.recipe:
            title = preview.recipe.title
            self._preview = preview
            told = self._subject.compared(preview.measurement)
            self._figures.show_preview(title, told, self._subject.reference)

    @property
    def worth(self) -> Measurement | None:
        """Return what the last preview said, where it was of these very settings."""
        found = self._preview
        return None if found is None or found.recipe != self.recipe else found.measurement

    def show_forecast(self, text: str) -> None:
        """Say how long these settings take."""
        self._forecast.setText(tr(text))
        self._forecast.setVisible(bool(text))

    def forecast(self) -> str:
        """Return how long the settings are said to take."""
        return self._forecast.text()

    def missing(self) -> str:
        wrong = [form.complaint() for _, form in self._forms if form.complaint()]
        return wrong[0] if wrong else ""

    @Slot()
    def _on_changed(self) -> None:
        self.completeness_changed.emit()
        if not self.missing():
            self.recipe_changed.emit(self.recipe)
