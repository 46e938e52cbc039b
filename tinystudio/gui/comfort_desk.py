"""Makes the words larger or smaller and things still, and remembers both."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QKeySequence

from tinystudio.gui import theme
from tinystudio.gui.motion import prefer_reduced
from tinystudio.gui.remembered import Remembered
from tinystudio.gui.text_size import USUAL, text_size
from tinystudio.gui.window import MainWindow


class ComfortDesk(QObject):
    """What is chosen holds at once, everywhere, and at the next start."""

    def __init__(self, window: MainWindow, remembered: Remembered) -> None:
        super().__init__(window)
        self._window, self._remembered = window, remembered
        text_size().begin(remembered.settings.text_scale)
        larger = window.actions_by_id["larger-text"]
        # On many keyboards the plus sign needs Shift, which nobody presses for this.
        larger.setShortcuts([*larger.shortcuts(), QKeySequence("Ctrl+=")])
        theme.switch().theme_changed.connect(self._on_dressed)
        self._tick()

    def larger(self) -> None:
        """Make all words a step larger."""
        self._choose(text_size().step(1))

    def smaller(self) -> None:
        """Make all words a step smaller."""
        self._choose(text_size().step(-1))

    def usual(self) -> None:
        """Make all words as large as the system has them."""
        self._choose(USUAL)

    def toggle_motion(self) -> None:
        """Let nothing move by itself, or as the system asks."""
        reduced = not self._remembered.settings.reduce_motion
        prefer_reduced(reduced)
        self._remember(reduce_motion=reduced)
        self._tick()
        theme.switch().dress_again()

    def _choose(self, factor: float) -> None:
        text_size().choose(factor)
        self._remember(text_scale=factor)
        theme.switch().dress_again()

    def _remember(self, **values: float | bool) -> None:
        settings = self._remembered.settings
        self._remembered.change(settings.model_copy(update=values))

    def _tick(self) -> None:
        reduced = self._remembered.settings.reduce_motion
        self._window.actions_by_id.tick({"reduce-motion": reduced})

    @Slot(object)
    def _on_dressed(self, _theme: object) -> None:
        # Once the words have their new size: before, they would still ask for the old room.
        QTimer.singleShot(0, self._window, self._window.keep_room)
