"""One card of the gallery: picture, title, question; it says when it is chosen or opened."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from tinystudio.gui.gallery_entries import GalleryEntry
from tinystudio.gui.stylesheet import RADIUS, set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID

SHAPE = 16 / 9  # of a picture
BORDER = 1  # pixels, of the stylesheet; it stands around what the layout places
IS_OPEN = "is open"
ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1),
          Qt.Key.Key_Down: (0, 1)}  # fmt: skip


class GalleryCard(QFrame):
    """Takes the focus; Enter, Space and a double click open what it shows."""

    chosen = Signal(object)  # itself
    opened = Signal(str)  # the entry's reference
    left = Signal(int, int)  # by an arrow: columns, rows

    def __init__(self, entry: GalleryEntry) -> None:
        super().__init__()
        self.entry = entry
        self._picture, self._title = QLabel(), QLabel(tr(entry.title))
        self._question, self._state = QLabel(tr(entry.question)), QLabel(tr(entry.reason))
        self._whole = QPixmap() if entry.picture is None else QPixmap(str(entry.picture))
        self._lay_out()

    def _lay_out(self) -> None:
        set_role(self, "card")
        set_role(self._title, "heading")
        set_role(self._question, "muted")
        set_role(self._state, "accent")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr(self.entry.title))
        self.setAccessibleDescription(
            " ".join(map(tr, (self.entry.question, self.entry.look_at, self.entry.reason))).strip()
        )
        has_picture = not self._whole.isNull()
        self._picture.setVisible(has_picture)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0 if has_picture else GRID, 0, GRID)
        body.setSpacing(GRID // 2)
        body.addWidget(self._picture)
        for label in (self._title, self._question, self._state):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setContentsMargins(GRID, 0, GRID, 0)
            body.addWidget(label)
        self._state.setVisible(bool(self.entry.reason))
        body.addStretch()

    def set_width(self, width: int) -> None:
        """Take this width; the picture fills it inside the border, where there is one."""
        self.setFixedWidth(width)
        inside = width - 2 * BORDER
        size = QSize(inside, round(inside / SHAPE))
        self._picture.setFixedSize(size)
        if not self._whole.isNull():
            ratio = self.devicePixelRatioF()
            scaled = self._whole.scaled(
                size * ratio,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            scaled.setDevicePixelRatio(ratio)
            self._picture.setPixmap(_rounded(scaled))

    def show_chosen(self, is_chosen: bool) -> None:
        """Stand out, or no longer."""
        set_role(self, "chosen card" if is_chosen else "card")

    def show_open(self, is_open: bool) -> None:
        """Say that this is what is open."""
        self._state.setText(tr(IS_OPEN if is_open else self.entry.reason))
        set_role(self._state, "muted" if is_open else "accent")  # a fact is nothing to click
        self._state.setVisible(bool(self._state.text()))

    def open(self) -> None:
        """Ask for what the card shows, where that can be had."""
        if not self.entry.reason:
            self.opened.emit(self.entry.reference)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Be the chosen one."""
        super().focusInEvent(event)
        self.chosen.emit(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open on Enter; let go by arrows."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.open()
        elif (step := ARROWS.get(Qt.Key(event.key()))) is not None:
            self.left.emit(*step)  # else the scroll area would take it
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open."""
        event.accept()
        self.open()


def _rounded(picture: QPixmap) -> QPixmap:
    """Return a picture whose upper corners are those of the card."""
    shown = QPixmap(picture.size())
    shown.setDevicePixelRatio(picture.devicePixelRatio())
    shown.fill(Qt.GlobalColor.transparent)
    size, radius = picture.deviceIndependentSize(), RADIUS - BORDER
    inside = QPainterPath()
    inside.addRoundedRect(QRectF(0, 0, size.width(), size.height() + radius), radius, radius)
    painter = QPainter(shown)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipPath(inside)
    painter.drawPixmap(0, 0, picture)
    painter.end()
    return shown
