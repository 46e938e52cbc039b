"""Has measured again what is stale, and measured in batches what is selected."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from tinystudio.gui.studio import Studio
from tinystudio.session.measuring_again import measure_stale, measure_throughput


class AgainDesk(QObject):
    """Both are ordinary jobs, whose results take the place of what was known."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._studio = studio

    @Slot()
    def measure_stale(self) -> None:
        """Measure again what no longer holds."""
        self._studio.attempt(lambda: measure_stale(self._studio.session))

    @Slot()
    def measure_throughput(self) -> None:
        """Time the selected variant, or the original, with several samples a call as well."""
        session = self._studio.session
        chosen = session.selected or session.original
        if chosen is not None:
            self._studio.attempt(lambda: measure_throughput(session, chosen.id))
