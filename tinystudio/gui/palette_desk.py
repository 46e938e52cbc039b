"""Opens the command palette with everything that can be done in the window now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from tinystudio.gui.command_palette import CommandPalette
from tinystudio.gui.palette_entries import Entry, Scored, action_entries
from tinystudio.gui.shown import network_title
from tinystudio.gui.texts import tr
from tinystudio.gui.title_index import TitleIndex
from tinystudio.session.marks import ProjectVariant
from tinystudio.techniques import techniques

if TYPE_CHECKING:
    from tinystudio.gui.assembly import Assembly

NO_MODEL = "Open a model first."


class VariantEntries:
    """All variants, the newest first, each an entry once it is found."""

    def __init__(self, of: Sequence[ProjectVariant], choose: Callable[[str], object]) -> None:
        self.of = of
        self._choose = choose
        title, kind = tr("Select {title}"), tr("variant")
        self._index = TitleIndex(of[::-1], lambda item: f"{title.format(title=item.title)} {kind}")

    def work(self, seconds: float) -> bool:
        """Take in more variants; say whether all are in."""
        return self._index.work(seconds)

    def best(self, query: str, most: int) -> list[Scored]:
        """Return the variants that a query means best."""
        return [(points, self._entry(item)) for points, item in self._index.best(query, most)]

    def _entry(self, item: ProjectVariant) -> Entry:
        return Entry(
            tr("Select {title}").format(title=item.title),
            tr("variant"),
            partial(self._choose, item.id),
        )


class PaletteDesk(QObject):
    """At most one palette is open."""

    def __init__(self, parts: Assembly) -> None:
        super().__init__(parts)
        self._parts = parts
        self.palette: CommandPalette | None = None
        self.variants: VariantEntries | None = None

    @Slot()
    def show(self) -> None:
        """Open the palette."""
        if self.palette is not None:
            self.palette.close()
        self.palette = CommandPalette(self.entries(), self._parts.window, self._variants_now())
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

    def _variants_now(self) -> VariantEntries:
        studio = self._parts.studio
        variants = studio.session.variants() if studio.is_open else ()
        if self.variants is None or self.variants.of is not variants:
            self.variants = VariantEntries(variants, studio.choose_variant)
        return self.variants

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
