"""The Compress wizard: any techniques, with settings of one's own or within limits."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from tinystudio.gui.wizards.recipe_wizard import RecipeWizard
from tinystudio.gui.wizards.subject import Subject
from tinystudio.gui.wizards.technique_page import TechniquePage


class CompressWizard(RecipeWizard):
    """Says `run_requested` with a `Plan`; asks for previews while its sliders move."""

    def __init__(self, subject: Subject, parent: QWidget | None = None) -> None:
        self._techniques = TechniquePage()
        super().__init__("Compress a model", self._techniques, subject, parent)
