"""The wizard for one family of techniques, made from its declaration."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from tinystudio.gui.wizards.goal_page import GoalPage
from tinystudio.gui.wizards.kinds import WizardKind
from tinystudio.gui.wizards.recipe_wizard import RecipeWizard
from tinystudio.gui.wizards.subject import Subject


class FamilyWizard(RecipeWizard):
    """Quantize, Prune or Distil: model, what for and how, settings with a preview, summary."""

    def __init__(self, kind: WizardKind, subject: Subject, parent: QWidget | None = None) -> None:
        self._goals = GoalPage(kind)
        super().__init__(kind.title, self._goals, subject, parent)
