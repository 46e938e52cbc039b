"""The start page's head and the guided tour, in place and connected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from tinystudio.gui.start_head import StartHead
from tinystudio.gui.tour import Tour

if TYPE_CHECKING:
    from tinystudio.gui.assembly import Assembly


class Beginning(QObject):
    """What somebody meets first."""

    def __init__(self, parts: Assembly) -> None:
        super().__init__(parts)
        self._parts = parts
        self.head, self.tour = StartHead(), Tour(parts)
        parts.gallery.put_head(self.head)
        self._connect()
        self._show()

    def _connect(self) -> None:
        parts = self._parts
        self.head.action_requested.connect(parts.commands.carry_out)
        self.head.recent_chosen.connect(parts.window.recent_chosen)
        self.tour.state_changed.connect(self.head.show_tour)
        parts.commands.tour_requested.connect(self.tour.begin)
        parts.commands.wizards.export_closed.connect(self.tour.come_home)
        parts.window.closing.connect(self.tour.leave)
        for signal in (
            parts.studio.project_changed, parts.studio.network_changed, parts.studio.runs_changed,
        ):  # fmt: skip
            signal.connect(self._show)

    @Slot()
    def _show(self) -> None:
        self.head.show_recent(self._parts.remembered.recent_mixed)
        self.head.show_tour(self.tour.words)
        studio = self._parts.studio
        self.head.show_open(studio.is_open and studio.session.network is not None)
        for id in self.head.ways:
            self.head.show_enabled(id, self._parts.actions[id].isEnabled())
