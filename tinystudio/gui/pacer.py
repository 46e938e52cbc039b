"""A timer that gathers: what is wanted happens at once, and again only after a while."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Slot


class Pacer(QTimer):
    """Times out once per burst of `want`, at most every `pace_ms`.

    The first of a burst waits only for the event loop, so a single change is not late.
    """

    def __init__(self, pace_ms: int, parent: QObject) -> None:
        super().__init__(parent)
        self._pace_ms = pace_ms
        self._since = QElapsedTimer()
        self.setSingleShot(True)
        self.timeout.connect(self._on_timeout)

    def want(self) -> None:
        """Time out soon."""
        if not self.isActive():
            waited = self._since.elapsed() if self._since.isValid() else self._pace_ms
            self.start(max(0, self._pace_ms - waited))

    @Slot()
    def _on_timeout(self) -> None:
        self._since.start()
