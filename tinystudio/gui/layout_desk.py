"""Window layouts by what one is doing; each is as one left it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject

from tinystudio.gui.remembered import Remembered
from tinystudio.gui.window import COMPARE_TAB, TRAINING_TAB, MainWindow


@dataclass(frozen=True)
class Purpose:
    """A layout as it is at first: the view in front, and the parts that are hidden."""

    tab: int
    hidden: tuple[str, ...] = ()


PURPOSES = {
    "compress": Purpose(tab=0),
    "compare": Purpose(tab=COMPARE_TAB, hidden=("show-settings", "show-jobs")),
    "train": Purpose(tab=TRAINING_TAB, hidden=("show-browser",)),
}


class LayoutDesk(QObject):
    """Changes from one layout to another; what is left is remembered as it stood."""

    def __init__(self, window: MainWindow, remembered: Remembered) -> None:
        super().__init__(window)
        self._window, self._remembered = window, remembered
        window.closing.connect(self.remember)
        self._tick()

    @property
    def current(self) -> str:
        """Return which layout is on."""
        named = self._remembered.settings.layout
        return named if named in PURPOSES else "compress"

    def show(self, purpose: str) -> None:
        """Change to a layout."""
        self.remember()
        settings = self._remembered.settings
        kept = settings.layouts.get(purpose)
        if kept is None:
            self._begin(PURPOSES[purpose])
        else:
            tab, _, layout = kept.partition(";")
            self._window.restore("", layout)
            self._window.show_tab(int(tab) if tab.isdigit() else 0)
        self._remembered.change(settings.model_copy(update={"layout": purpose}))
        self._tick()

    def _begin(self, purpose: Purpose) -> None:
        self._window.reset_layout()
        for part in purpose.hidden:
            self._window.set_part_visible(part, False)
        self._window.show_tab(purpose.tab)

    def remember(self) -> None:
        """Keep the layout that is on as it stands."""
        settings = self._remembered.settings
        kept = f"{self._window.tab};{self._window.layout_texts()[1]}"
        layouts = {**settings.layouts, self.current: kept}
        self._remembered.change(settings.model_copy(update={"layouts": layouts}))

    def _tick(self) -> None:
        now = self.current
        ticks = {f"layout-{name}": name == now for name in PURPOSES}
        self._window.actions_by_id.tick(ticks)
