"""A line with one advice at a time: what could be better, why, and a button that does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy

from tinystudio.gui.elided_lines import ElidedLines
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID

DISMISS_TIP = "Do not say this again for this model. “Show all advice” in the menu brings it back."

LINES = 2  # of every advice, so that nothing moves as one turns from one to the next
MOST_LETTERS, FEW_LETTERS = 26, 18  # on the button; fewer where the strip is narrower than
ROOMY = 760  # pixels
LEAST_WIDTH, LEAST_HEIGHT = 520, 420  # pixels of the view in which the line is


@dataclass(frozen=True)
class AdviceCard:
    """What the strip shows of an advice."""

    key: str
    sentence: str
    reason: str
    button: str


class AdvicePanel(QFrame):
    """Cards in, wishes out; hidden where there is nothing to say."""

    taken = Signal(str)  # the card's key
    dismissed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._cards: tuple[AdviceCard, ...] = ()
        self._at = 0
        self._words, self._count = ElidedLines(LINES), QLabel()
        self._button, self._dismiss = QPushButton(), QPushButton("✕")
        self._before, self._next = QPushButton("‹"), QPushButton("›")
        self._lay_out()
        self._button.clicked.connect(self._on_taken)
        self._dismiss.clicked.connect(self._on_dismissed)
        self._before.clicked.connect(self._on_before)
        self._next.clicked.connect(self._on_next)
        self.hide()

    def _lay_out(self) -> None:
        set_role(self, "advice")
        self.setAccessibleName(tr("Advice"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        set_role(self._count, "muted")
        set_role(self._button, "primary")
        for button, name, tip in (
            (self._dismiss, "Dismiss this advice", DISMISS_TIP),
            (self._before, "Advice before", "The advice before this one"),
            (self._next, "Next advice", "The next advice"),
        ):
            set_role(button, "link")
            button.setAccessibleName(tr(name))
            button.setToolTip(tr(tip))
        for button in (self._before, self._next, self._dismiss):
            button.setFixedWidth(3 * GRID)
        body = QHBoxLayout(self)
        body.setContentsMargins(2 * GRID, GRID // 4, GRID, GRID // 4)
        body.setSpacing(GRID)
        body.addWidget(self._words, 1)
        body.addWidget(self._button)
        turning = QHBoxLayout()
        turning.setSpacing(0)
        for widget in (self._before, self._count, self._next, self._dismiss):
            turning.addWidget(widget)
        body.addLayout(turning)

    def changeEvent(self, event: QEvent) -> None:
        """Watch the room that there is, once the line has a place."""
        super().changeEvent(event)
        place = self.parentWidget()
        if event.type() == QEvent.Type.ParentChange and place is not None:
            place.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Make room for the plots where there is little; the menu shows advice all the same."""
        if watched is self.parentWidget() and event.type() == QEvent.Type.Resize:
            self.setVisible(self.front is not None and self._has_room())
        return super().eventFilter(watched, event)

    def _has_room(self) -> bool:
        place = self.parentWidget()
        return place is None or (place.width() >= LEAST_WIDTH and place.height() >= LEAST_HEIGHT)

    def show_cards(self, cards: Sequence[AdviceCard]) -> None:
        """Show these cards; the one in front stays where it is still among them."""
        cards = tuple(cards)
        if cards == self._cards:
            return
        front = self.front
        keys = [card.key for card in cards]
        self._at = keys.index(front.key) if front is not None and front.key in keys else 0
        self._cards = cards
        self._show()

    @property
    def front(self) -> AdviceCard | None:
        """Return the card that is shown."""
        return self._cards[self._at] if self._cards else None

    @property
    def count(self) -> int:
        """Return how many cards there are."""
        return len(self._cards)

    def _show(self) -> None:
        card = self.front
        self.setVisible(card is not None and self._has_room())
        if card is None:
            return
        sentence, reason, button = map(tr, (card.sentence, card.reason, card.button))
        self._words.set_text(sentence)
        self.setToolTip(f"{sentence}\n{reason}")
        self._words.setAccessibleName(sentence)  # all of it, also where it is cut
        self._show_button()
        self._button.setToolTip(button)
        self._button.setAccessibleName(button)
        self._button.setAccessibleDescription(f"{sentence} {reason}")
        self.setAccessibleDescription(f"{sentence} {reason}")
        self._count.setText(tr(f"{self._at + 1} of {len(self._cards)}"))
        for widget in (self._before, self._count, self._next):
            widget.setVisible(len(self._cards) > 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the sentence more of the room where there is little."""
        super().resizeEvent(event)
        self._show_button()

    def _show_button(self) -> None:
        if self.front is not None:
            most = MOST_LETTERS if self.width() >= ROOMY else FEW_LETTERS
            self._button.setText(_short(tr(self.front.button), most))

    @Slot()
    def _on_taken(self) -> None:
        if self.front is not None:
            self.taken.emit(self.front.key)

    @Slot()
    def _on_dismissed(self) -> None:
        if self.front is not None:
            self.dismissed.emit(self.front.key)

    @Slot()
    def _on_before(self) -> None:
        self._turn(-1)

    @Slot()
    def _on_next(self) -> None:
        self._turn(1)

    def _turn(self, by: int) -> None:
        if self._cards:
            self._at = (self._at + by) % len(self._cards)
            self._show()


def _short(words: str, most: int) -> str:
    """Return a button's words cut to what it has room for."""
    return words if len(words) <= most else f"{words[: most - 1].rstrip(' …')}…"
