"""Looks for advice whenever something was measured, and does what its buttons say."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tinystudio.advice import advise
from tinystudio.advice.adviser import Advice, Begin, ReadData, UseRecipe
from tinystudio.advice.facts import facts_of
from tinystudio.gui.notice import Notice
from tinystudio.gui.panels.advice import AdviceCard, AdvicePanel
from tinystudio.gui.studio import Studio

WAIT_MS = 300  # after a change: a sweep brings many, and advice may come a moment later


class AdviceDesk(QObject):
    """Keeps the strip up to date."""

    action_requested = Signal(str)  # an action of the menus, by its id

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._studio = studio
        self.panel = AdvicePanel()
        self.found: tuple[Advice, ...] = ()
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self.look)
        for signal in (
            studio.network_changed, studio.variants_changed, studio.database_changed,
            studio.project_changed,
        ):  # fmt: skip
            signal.connect(self._on_changed)
        self.panel.taken.connect(self._on_taken)
        self.panel.dismissed.connect(self._on_dismissed)

    @Slot()
    def _on_changed(self) -> None:
        if not self._wait.isActive():
            self._wait.start()

    @Slot()
    def look(self) -> None:
        """Look at what is known now."""
        facts = facts_of(self._studio.session) if self._studio.is_open else None
        gone = self._studio.session.state.dismissed if self._studio.is_open else ()
        self.found = () if facts is None else advise(facts, gone)
        self.panel.show_cards(
            [AdviceCard(one.key, one.sentence, one.reason, one.action.words) for one in self.found]
        )

    @Slot()
    def show_all(self) -> None:
        """Bring back what was dismissed; say so where there is nothing."""
        self._studio.attempt(self._studio.session.recall_dismissed)
        self.look()
        if not self.found:
            self._studio.raise_notice(
                Notice(
                    "There is no advice",
                    "Nothing that was measured so far speaks for a change.",
                    "Measure recipes or sweep; what layers cost is known with the layer database.",
                    gravity="news",
                )
            )

    @Slot(str)
    def _on_dismissed(self, key: str) -> None:
        self._studio.attempt(lambda: self._studio.session.dismiss(key))
        self.look()

    @Slot(str)
    def _on_taken(self, key: str) -> None:
        found = next((advice for advice in self.found if advice.key == key), None)
        if found is None:
            return
        match found.action:
            case UseRecipe(_, recipe, measures):
                self._studio.edit_recipe(recipe)
                if measures:
                    self._studio.measure()
            case ReadData(_, data):
                self._studio.attach_data(data)
            case Begin(_, action, _):
                self.action_requested.emit(action)
