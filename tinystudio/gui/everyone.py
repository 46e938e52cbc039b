"""What makes the window fit whoever sits before it: palette, help, sizes, layouts, taking away."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from tinystudio.core.measurement import Measurement
from tinystudio.gui.comfort_desk import ComfortDesk
from tinystudio.gui.context_help import ContextHelp
from tinystudio.gui.dragging import ExportDrop
from tinystudio.gui.figure_table import as_clipboard, table_of
from tinystudio.gui.help_topics import set_topic
from tinystudio.gui.language_desk import LanguageDesk
from tinystudio.gui.layout_desk import PURPOSES, LayoutDesk
from tinystudio.gui.notice import Notice
from tinystudio.gui.palette_desk import PaletteDesk
from tinystudio.gui.plots.point_drag import PointDrag
from tinystudio.gui.shown import shown_figures
from tinystudio.session.marks import ProjectVariant

if TYPE_CHECKING:
    from tinystudio.gui.assembly import Assembly


class Everyone(QObject):
    """Teaches the commands what they do not know, and tells each part what it is about."""

    def __init__(self, parts: Assembly) -> None:
        super().__init__(parts)
        self._parts = parts
        self.palette = PaletteDesk(parts)
        self.comfort = ComfortDesk(parts.window, parts.remembered)
        self.layouts = LayoutDesk(parts.window, parts.remembered)
        tell = parts.studio.raise_notice
        self.language = LanguageDesk(parts.window, parts.remembered, tell)
        self.help: ContextHelp | None = None
        parts.commands.teach(
            {
                "palette": self.palette.show,
                "context-help": self.explain,
                "glossary": self.show_glossary,
                "copy-table": self.copy_figures,
                "larger-text": self.comfort.larger,
                "smaller-text": self.comfort.smaller,
                "usual-text": self.comfort.usual,
                "reduce-motion": self.comfort.toggle_motion,
                **{f"layout-{name}": partial(self.layouts.show, name) for name in PURPOSES},
            }
        )
        # Also where a wizard or a card has the keyboard.
        for anywhere in ("context-help", "palette"):
            context = Qt.ShortcutContext.ApplicationShortcut
            parts.actions[anywhere].setShortcutContext(context)
        self._set_topics()
        self._let_drag()

    def _set_topics(self) -> None:
        parts = self._parts
        for widget, topic in (
            (parts.browser, "models"), (parts.trade_off, "plots"), (parts.layers, "layers"),
            (parts.runs, "runs"), (parts.compare.panel, "compare"),
            (parts.training, "training"), (parts.gallery, "gallery"),
            (parts.figures, "figures"), (parts.compression, "compression"),
            (parts.settings, "recipe"), (parts.jobs, "jobs"), (parts.notices, "jobs"),
        ):  # fmt: skip
            set_topic(widget, topic)

    def _let_drag(self) -> None:
        parts = self._parts
        for lists in (parts.runs, parts.browser):
            lists.let_drag(self._file_of)
        self.drags = [PointDrag(chart, self._file_of) for chart in parts.trade_off.charts]
        for button in parts.window.export_buttons():
            ExportDrop(button).dropped.connect(parts.commands.export_variant)

    def _file_of(self, variant: str) -> Path | None:
        session = self._parts.studio.session
        found = session.variant(variant)
        return None if found is None else session.project.artifact(found.variant)

    def explain(self) -> None:
        """Explain where the keyboard is."""
        widget = QApplication.focusWidget()
        if self.help is None or widget is None or widget.window() is not self.help:
            self._help().explain(widget)

    def show_glossary(self) -> None:
        """Show what all the words mean."""
        self._help().show_glossary()

    def _help(self) -> ContextHelp:
        if self.help is None:
            self.help = ContextHelp(self._parts.window)
            self.help.finished.connect(self._on_help_closed)
        self.help.show()
        return self.help

    def _on_help_closed(self) -> None:
        self.help = None

    def copy_figures(self) -> None:
        """Copy the selected rows' figures, or what is shown, as a table."""
        rows = table_of(self._wanted(), self._baseline())
        if len(rows) == 1:
            told = Notice("Nothing was copied", "There are no figures yet.", gravity="warning")
        else:
            QGuiApplication.clipboard().setMimeData(as_clipboard(rows))
            words = f"{len(rows) - 1} of them, with headings."
            told = Notice("The figures were copied as a table", words, gravity="news")
        self._parts.studio.raise_notice(told)

    def _wanted(self) -> list[tuple[str, Measurement]]:
        session, ids = self._parts.studio.session, self._parts.runs.selected_ids()
        chosen = [item for item in session.compared() if item.id in ids]
        if len(chosen) > 1:
            return [(item.title, item.measurement) for item in chosen]
        shown = shown_figures(session)
        return [] if shown.measurement is None else [(shown.title, shown.measurement)]

    def _baseline(self) -> ProjectVariant | None:
        items = self._parts.studio.session.compared()
        return next((item for item in items if item.is_reference and not item.is_outdated), None)
