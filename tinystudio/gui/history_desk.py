"""Opens what is to be said about a variant: its notes, and how it was made."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QDialog

from tinystudio.gui.making_card import MakingCard
from tinystudio.gui.notes_card import NotesCard
from tinystudio.gui.studio import Studio
from tinystudio.gui.window import MainWindow
from tinystudio.session.reproducing import making_of


class HistoryDesk(QObject):
    """At most one card of each kind is open; a newer one takes its place."""

    def __init__(self, window: MainWindow, studio: Studio) -> None:
        super().__init__(window)
        self._window, self._studio = window, studio
        self.notes: NotesCard | None = None
        self.making: MakingCard | None = None
        studio.variants_changed.connect(self._on_variants_changed)
        window.closing.connect(self._on_closing)

    @Slot(str)
    def note(self, variant: str) -> None:
        """Let the user tag and annotate a variant."""
        item = self._studio.session.variant(variant)
        if item is None:
            return
        if self.notes is not None:
            self.notes.close()
        known = [tag for other in self._studio.session.variants() for tag in other.mark.tags]
        card = NotesCard(item, known, self._window)
        card.tags_typed.connect(self._on_tags_typed)
        card.note_typed.connect(self._on_note_typed)
        card.finished.connect(self._on_notes_closed)
        self.notes = card
        _show(card)

    @Slot(str)
    def show_making(self, variant: str) -> None:
        """Show the command line and the Python that make a variant again."""
        item = self._studio.session.variant(variant)
        if item is None:
            return
        if self.making is not None:
            self.making.close()
        card = MakingCard(item.title, making_of(item.variant, item.title), self._window)
        card.finished.connect(self._on_making_closed)
        self.making = card
        _show(card)

    @Slot(str, object)
    def _on_tags_typed(self, variant: str, tags: tuple[str, ...]) -> None:
        session = self._studio.session
        self._studio.attempt(lambda: session.tag(variant, tags, typing=True))

    @Slot(str, str)
    def _on_note_typed(self, variant: str, note: str) -> None:
        session = self._studio.session
        self._studio.attempt(lambda: session.annotate(variant, note, typing=True))

    @Slot()
    def _on_variants_changed(self) -> None:
        if self.notes is None:
            return
        item = self._studio.session.variant(self.notes.variant)
        if item is None:
            self.notes.close()
        else:
            self.notes.show_mark(item)

    @Slot()
    def _on_notes_closed(self) -> None:
        if self.sender() is self.notes:
            self.notes = None
            if self._studio.is_open:
                self._studio.session.end_drag()  # typed later, it is a step of undo of its own

    @Slot()
    def _on_making_closed(self) -> None:
        if self.sender() is self.making:
            self.making = None

    @Slot()
    def _on_closing(self) -> None:
        for card in (self.notes, self.making):
            if card is not None:
                card.close()


def _show(card: QDialog) -> None:
    card.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    card.show()
