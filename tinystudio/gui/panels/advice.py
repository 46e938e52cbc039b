"""A strip with one advice at a time: what could be better, why, and a button that does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout

from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID

DISMISS_TIP = "Do not say this again for this model. “Show all advice” in the menu brings it back."


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
        self._sentence, self._reason, self._count = QLabel(), QLabel(), QLabel()
        self._button, self._dismiss = QPushButton(), QPushButton(tr("Dismiss"))
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
        set_role(self._sentence, "heading")
        set_role(self._reason, "muted")
        set_role(self._count, "muted")
        for label in (self._sentence, self._reason):
            label.setWordWrap(True)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        set_role(self._button, "primary")
        for button, name, tip in (
            (self._dismiss, "Dismiss this advice", DISMISS_TIP),
            (self._before, "Advice before", "The advice before this one"),
            (self._next, "Next advice", "The next advice"),
        ):
            set_role(button, "link")
            button.setAccessibleName(name)
            button.setToolTip(tip)
        for button in (self._before, self._next):
            button.setFixedWidth(3 * GRID)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._sentence)
        words.addWidget(self._reason)
        words.addStretch(1)
        ways = QHBoxLayout()
        ways.setSpacing(GRID // 2)
        ways.addWidget(self._before)
        ways.addWidget(self._count)
        ways.addWidget(self._next)
        ways.addStretch(1)
        ways.addWidget(self._dismiss)
        side = QVBoxLayout()
        side.addWidget(self._button)
        side.addLayout(ways)
        side.addStretch(1)
        body = QHBoxLayout(self)
        body.setContentsMargins(2 * GRID, GRID, GRID, GRID)
        body.setSpacing(2 * GRID)
        body.addLayout(words, 1)
        body.addLayout(side)

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
        self.setVisible(card is not None)
        if card is None:
            return
        self._sentence.setText(card.sentence)
        self._reason.setText(card.reason)
        self._reason.setToolTip(card.reason)
        self._button.setText(_short(card.button))
        self._button.setToolTip(card.button)
        self._button.setAccessibleName(card.button)
        self._button.setAccessibleDescription(f"{card.sentence} {card.reason}")
        self.setAccessibleDescription(f"{card.sentence} {card.reason}")
        self._count.setText(f"{self._at + 1} of {len(self._cards)}")
        for widget in (self._before, self._count, self._next):
            widget.setVisible(len(self._cards) > 1)

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


def _short(words: str, most: int = 26) -> str:
    """Return a button's words cut to what it has room for."""
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"
