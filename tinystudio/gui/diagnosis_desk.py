"""Asks for diagnoses, and shows each in a window beside the work once it is there."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Slot

from tinystudio.gui.diagnosis_card import DiagnosisCard
from tinystudio.gui.studio import Studio
from tinystudio.gui.window import MainWindow
from tinystudio.jobs.recipe import Recipe


class DiagnosisDesk(QObject):
    """At most one card is open; a newer one takes its place."""

    def __init__(self, window: MainWindow, studio: Studio) -> None:
        super().__init__(window)
        self._window, self._studio = window, studio
        self._asked: set[str] = set()
        self.card: DiagnosisCard | None = None
        studio.runs_changed.connect(self._on_runs_changed)

    @Slot()
    def ask(self) -> None:
        """Have the edited recipe diagnosed."""
        self._studio.attempt(lambda: self._asked.add(self._studio.session.diagnose()))

    @Slot()
    def _on_runs_changed(self) -> None:
        for run in self._studio.session.runs:
            if run.id in self._asked and run.is_ended:
                self._asked.discard(run.id)
                if run.diagnosis is not None:
                    self._show(DiagnosisCard(run.diagnosis, self._window))

    def _show(self, card: DiagnosisCard) -> None:
        if self.card is not None:
            self.card.close()
        card.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        card.remedy_taken.connect(self._on_remedy_taken)
        card.finished.connect(self._on_closed)
        self.card = card
        card.show()

    @Slot(object)
    def _on_remedy_taken(self, recipe: Recipe) -> None:
        self._studio.edit_recipe(recipe)

    @Slot()
    def _on_closed(self) -> None:
        if self.sender() is self.card:
            self.card = None
