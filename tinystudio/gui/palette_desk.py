"""Opens the command palette with everything that can be done in the window now."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from tinystudio.gui.command_palette import CommandPalette
from tinystudio.gui.palette_entries import Entry, action_entries
from tinystudio.gui.shown import network_title
from tinystudio.gui.texts import tr
from tinystudio.techniques import techniques

if TYPE_CHECKING:
    from tinystudio.gui.assembly import Assembly

# A letter is answered within a frame; the search of the model browser has the older ones.
MOST_VARIANTS = 2000
NO_MODEL = "Open a model first."


class PaletteDesk(QObject):
    """At most one palette is open."""

    def __init__(self, parts: Assembly) -> None:
        super().__init__(parts)
        self._parts = parts
        self.palette: CommandPalette | None = None

    @Slot()
    def show(self) -> None:
        """Open the palette."""
        if self.palette is not None:
            self.palette.close()
        self.palette = CommandPalette(self.entries(), self._parts.window)
        self.palette.finished.connect(self._on_closed)
        self.palette.show()
        self.palette.search.setFocus()

    @Slot()
    def _on_closed(self) -> None:
        if self.sender() is self.palette:
            self.palette = None

    def entries(self) -> list[Entry]:
        """Return everything that can be done, and what cannot with its reason."""
        parts = self._parts
        return [
            *action_entries(parts.actions, parts.studio.there(), parts.commands.carry_out),
            *self._techniques(),
            *self._tasks(),
            *self._variants(),
            *self._recent(),
        ]

    def _techniques(self) -> list[Entry]:
        panel, is_open = self._parts.settings, "network" in self._parts.studio.there()
        known = panel.preflight
        found = []
        for part in techniques().values():
            told = known.get(part.id)
            cannot = told.reason if told is not None and told.status == "cannot" else ""
            found.append(
                Entry(
                    tr("Add {title}").format(title=tr(part.title)), tr("technique"),
                    partial(panel.add_technique, part.id),
                    reason=cannot if is_open else NO_MODEL,
                )
            )  # fmt: skip
        return found

    def _tasks(self) -> list[Entry]:
        from tinystudio.gui.showing import task_entries

        choose = self._parts.choose_task
        return [
            Entry(tr("Open {title}").format(title=tr(task.title)), f"{tr('Gallery')}, {task.area}",
                  partial(choose, task.reference))
            for task in task_entries()
        ]  # fmt: skip

    def _variants(self) -> list[Entry]:
        studio = self._parts.studio
        if not studio.is_open:
            return []
        newest = islice(reversed(studio.session.variants()), MOST_VARIANTS)
        return [
            Entry(
                tr("Select {title}").format(title=tr(item.title)),
                tr("variant"),
                partial(studio.choose_variant, item.id),
            )
            for item in newest
        ]

    def _recent(self) -> list[Entry]:
        choose = self._parts.choose_recent
        return [
            Entry(
                tr("Open {title}").format(title=network_title(path)),
                tr("recent"),
                partial(choose, path),
                tip=path,
            )
            for path in self._parts.remembered.recent
        ]
