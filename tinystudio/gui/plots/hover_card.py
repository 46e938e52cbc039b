"""The card beside the pointer that tells about a point."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from tinystudio.gui import theme
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.wording import Judged, Tone

GAP = 14  # pixels between the point and the card
_ROLES = {Tone.GOOD: "good", Tone.SAME: "muted", Tone.BAD: "bad", Tone.MUTED: "muted"}


class HoverCard(QFrame):
    """Floats inside its parent and lets the mouse through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._room = parent
        self._title = QLabel()
        self._lines = QLabel()
        self._verdict = QLabel()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setObjectName("hover-card")
        set_role(self._title, "heading")
        set_role(self._lines, "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(4)
        for label in (self._title, self._lines, self._verdict):
            label.setTextFormat(Qt.TextFormat.PlainText)
            layout.addWidget(label)
        theme.switch().theme_changed.connect(self._colour)
        self._colour()
        self.hide()

    def _colour(self) -> None:
        colours = theme.current()
        self.setStyleSheet(
            f"#hover-card {{ background: {colours.tooltip}; border: 1px solid {colours.border};"
            " border-radius: 5px; }"
        )

    def show_at(self, place: QPoint, title: str, lines: tuple[str, ...], verdict: Judged) -> None:
        """Show these words beside `place`, inside the parent."""
        self._title.setText(tr(title))
        self._lines.setText(tr("\n".join(lines)))
        self._verdict.setText(tr(verdict.text))
        self._verdict.setVisible(bool(verdict.text))
        set_role(self._verdict, _ROLES[verdict.tone])
        self.adjustSize()
        room = self._room.rect()
        x = place.x() + GAP
        if x + self.width() > room.right() - 4:
            x = place.x() - GAP - self.width()
        y = min(max(4, place.y() - self.height() // 2), room.bottom() - self.height() - 4)
        # Where neither side has room the card goes above or below, never over the point.
        if x < 4:
            x = max(4, min(place.x() - self.width() // 2, room.right() - self.width() - 4))
            above = place.y() - GAP - self.height()
            y = above if above >= 4 else place.y() + GAP
        self.move(x, y)
        self.raise_()
        self.show()

    def text(self) -> str:
        """Return everything the card says."""
        return "\n".join(label.text() for label in (self._title, self._lines, self._verdict))
