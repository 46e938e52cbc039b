"""The gallery: ready tasks as cards by area, and what is known about the chosen one."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui.elided_lines import broken
from tinystudio.gui.gallery_card import GalleryCard
from tinystudio.gui.gallery_entries import GallerySection, places
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID

NARROWEST, USUAL, WIDEST = 160, 180, 300  # pixels, of a card
FEW_LINES, MOST_LINES = 2, 20  # of what is said of a card; few where more would hide the cards
INTRO = (
    "Each task has real data and a trained model. Press Enter or double-click to open one: its "
    "dial and plots are ready within a minute."
)


class GalleryPanel(QWidget):
    """Sections in; what the user wants opened out."""

    open_requested = Signal(str)  # an entry's reference

    def __init__(self) -> None:
        super().__init__()
        self.cards: list[GalleryCard] = []
        self._headings: list[tuple[QLabel, QLabel]] = []
        self._sections: tuple[GallerySection, ...] = ()
        self._columns = 0
        self._current: GalleryCard | None = None
        self._open: str | None = None  # the reference of what is open
        self._intro = QLabel(tr(INTRO))
        self._scroll, self._inside, self._grid = QScrollArea(), QWidget(), QGridLayout()
        self._foot, self._title = QFrame(), QLabel()
        self._look_at, self._rights = QLabel(), QLabel()
        self.open_button = QPushButton(tr("Open"))
        self._lay_out()
        self._scroll.viewport().installEventFilter(self)
        self.open_button.clicked.connect(self._on_open)

    def _lay_out(self) -> None:
        self.setAccessibleName(tr("Gallery"))
        for label, role in (
            (self._intro, "muted"), (self._title, "heading"), (self._rights, "muted"),
        ):  # fmt: skip
            set_role(label, role)
        set_role(self._inside, "plain")
        set_role(self._foot, "advice")
        set_role(self.open_button, "primary")
        for label in (self._intro, self._look_at, self._rights):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self._grid.setSpacing(GRID)
        self._grid.setContentsMargins(0, 0, 0, 0)
        inside = QVBoxLayout(self._inside)
        inside.setContentsMargins(0, 0, GRID, 0)
        inside.setSpacing(GRID)
        inside.addWidget(self._intro)
        inside.addLayout(self._grid)
        inside.addStretch()
        self._scroll.setWidget(self._inside)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._lay_out_foot()
        body = QVBoxLayout(self)
        body.setContentsMargins(GRID, GRID, GRID, GRID)
        body.setSpacing(GRID)
        body.addWidget(self._scroll, 1)
        body.addWidget(self._foot)

    def _lay_out_foot(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(GRID // 2)
        for label in (self._title, self._look_at, self._rights):
            words.addWidget(label)
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(GRID, GRID, GRID, GRID)
        foot.addLayout(words, 1)
        foot.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignVCenter)
        self._foot.hide()

    def show_sections(self, sections: Sequence[GallerySection]) -> None:
        """Show these cards; the one that was chosen stays so, where it is still there."""
        chosen = self._current.entry.reference if self._current is not None else None
        for widget in (*self.cards, *(label for pair in self._headings for label in pair)):
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._sections, self._current = tuple(sections), None
        self.cards = [GalleryCard(entry) for part in self._sections for entry in part.entries]
        self._headings = [_heading(part) for part in self._sections]
        for card in self.cards:
            card.chosen.connect(self._on_chosen)
            card.opened.connect(self.open_requested)
            card.left.connect(self._on_left)
        self._columns = 0
        self._fit()
        again = [card for card in self.cards if card.entry.reference in (chosen, self._open)]
        for card in (again or self.cards)[:1]:
            self._on_chosen(card)

    def put_head(self, head: QWidget) -> None:
        """Place this above the cards."""
        column = self._inside.layout()
        if isinstance(column, QVBoxLayout):
            column.insertWidget(0, head)

    def card(self, reference: str) -> GalleryCard | None:
        """Return an entry's card, where there is one."""
        return next((card for card in self.cards if card.entry.reference == reference), None)

    def point_at(self, reference: str) -> None:
        """Choose an entry's card and bring it into sight."""
        if (card := self.card(reference)) is not None:
            self._on_chosen(card)

    def show_open(self, reference: str | None) -> None:
        """Mark the entry that is open, and choose it."""
        is_new, self._open = reference != self._open, reference
        if is_new and reference is not None:
            self.point_at(reference)
        for card in self.cards:
            card.show_open(card.entry.reference == reference)

    def take_focus(self) -> None:
        """Give the keyboard to the chosen card."""
        if self._current is not None:
            self._current.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Fit the cards whenever there is another width for them."""
        if watched is self._scroll.viewport() and event.type() == QEvent.Type.Resize:
            self._fit(event)
        return super().eventFilter(watched, event)

    def _fit(self, event: QEvent | None = None) -> None:
        """Choose columns and widths of cards for the room there is."""
        size = event.size() if isinstance(event, QResizeEvent) else self._scroll.viewport().size()
        room = size.width() - GRID
        columns = (room + GRID) // (USUAL + GRID)
        if columns < 2:  # one large card says less than two small ones
            columns = 2 if room >= 2 * NARROWEST + GRID else 1
        width = max(NARROWEST, min(WIDEST, (room - (columns - 1) * GRID) // columns))
        for card in self.cards:
            card.set_width(width)
        if columns != self._columns:
            self._columns = columns
            self._arrange(columns)

    def _arrange(self, columns: int) -> None:
        counts = [len(part.entries) for part in self._sections]
        waiting = iter(self.cards)
        top = Qt.AlignmentFlag.AlignTop
        for place, (title, note), count in zip(
            places(counts, columns), self._headings, counts, strict=True
        ):
            self._grid.addWidget(title, place.row, place.column, 1, place.width)
            self._grid.addWidget(note, place.row + 1, place.column, 1, place.width)
            for number in range(count):
                self._grid.addWidget(next(waiting), *place.card(number), Qt.AlignmentFlag(0))
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 0)
        self._grid.setColumnStretch(columns, 1)
        self._grid.setAlignment(top)

    @Slot(int, int)
    def _on_left(self, across: int, down: int) -> None:
        if self._current is not None:
            card = neighbour(self._current, self.cards, (across, down))
            card.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(object)
    def _on_chosen(self, card: GalleryCard) -> None:
        if self._current is not None:
            self._current.show_chosen(False)
        self._current = card
        card.show_chosen(True)
        entry = card.entry
        self._title.setText(tr(entry.title))
        self._show_words()
        self.open_button.setEnabled(not entry.reason)
        self.open_button.setToolTip(tr(entry.reason))
        self._foot.show()
        self._scroll.ensureWidgetVisible(card)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say as much of the chosen card as leaves a row of cards in sight."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._show_words)  # the cards have their places only then

    @Slot()
    def _show_words(self) -> None:
        if self._current is None:
            return
        entry = self._current.entry
        rights = tr("Licence: {licence}\nSource: {source}").format(
            licence=tr(entry.licence), source=tr(entry.source)
        )
        whole = {self._look_at: tr(entry.look_at), self._rights: rights}
        height = sum(
            len(_lines(label, text, MOST_LINES)) * label.fontMetrics().lineSpacing()
            for label, text in whole.items()
        )
        is_short = height > self.height() - self.cards[0].geometry().bottom() - 8 * GRID
        for label, text in whole.items():
            few = _lines(label, text, FEW_LINES // len(text.splitlines()))
            label.setText("\n".join(few) if is_short else text)
            label.setToolTip(text if is_short else "")

    @Slot()
    def _on_open(self) -> None:
        if self._current is not None:
            self._current.open()


def _lines(label: QLabel, text: str, most: int) -> list[str]:
    """Return a text's lines in a label, at most so many of each paragraph."""
    paragraphs = (broken(part, label.font(), label.width(), most) for part in text.splitlines())
    return list(itertools.chain.from_iterable(paragraphs))


def neighbour(
    card: GalleryCard, cards: Sequence[GalleryCard], step: tuple[int, int]
) -> GalleryCard:
    """Return the card that lies next in a direction; sideways, the order goes on in the next row.

    Up and down, it is the nearest in the next row that has one, however far aside.
    """
    across, down = step
    if across:
        at = cards.index(card) + across
        return cards[max(0, min(at, len(cards) - 1))]
    here = card.geometry()
    ahead = [other for other in cards if (other.y() - here.y()) * down > here.height() // 2]
    if not ahead:
        return card
    return min(ahead, key=lambda other: (abs(other.y() - here.y()), abs(other.x() - here.x())))


def _heading(section: GallerySection) -> tuple[QLabel, QLabel]:
    title, note = QLabel(tr(section.title)), QLabel(tr(section.note))
    set_role(title, "title")
    set_role(note, "muted")
    note.setTextFormat(Qt.TextFormat.PlainText)
    note.setWordWrap(True)
    note.setVisible(bool(section.note))
    return title, note
