"""Settings that are a dictionary, for what remembers how a plot was looked at."""

from __future__ import annotations

from tinystudio.gui.plots.view_memory import ViewMemory


class Kept:
    """What views have kept, by name, for the project at hand."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.project = "one"

    @property
    def memory(self) -> ViewMemory:
        return ViewMemory(self._read, self.texts.__setitem__, lambda: self.project)

    def _read(self, name: str) -> str:
        return self.texts.get(name, "")
