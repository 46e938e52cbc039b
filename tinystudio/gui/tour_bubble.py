"""What the guided tour shows: a ring around a widget, and a bubble beside it with a few words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tinystudio.gui import theme
from tinystudio.gui.stylesheet import RADIUS, set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID

WIDTH = 320  # pixels
BESIDE_LINK = 5  # pixels from a link's edge to its words: these begin below the text
AROUND = 4  # pixels between a widget and its ring


class TourRing(QWidget):
    """Draws a frame around a widget and lets every click through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(tr("Frame of the guided tour"))
        self.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the frame."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.current().accent), 3))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), RADIUS, RADIUS)


class TourBubble(QFrame):
    """Enter does the step, Escape leaves the tour, Tab goes through its buttons."""

    shown_wanted = Signal()
    leave_wanted = Signal()
    folder_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("tour")
        self.setAutoFillBackground(True)  # whatever lies behind must not shine through
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._place, self._title, self._text = QLabel(), QLabel(), QLabel()
        self._waiting = QLabel()
        self.show_me, self.leave = QPushButton(tr("Show me")), QPushButton(tr("Leave the tour"))
        self.folder = QPushButton(tr("Show the folder"))
        self._lay_out()
        self.show_me.clicked.connect(self.shown_wanted)
        self.leave.clicked.connect(self.leave_wanted)
        self.folder.clicked.connect(self.folder_wanted)
        self.hide()

    def _lay_out(self) -> None:
        set_role(self, "news toast")
        for label, role in (
            (self._place, "muted"), (self._title, "heading"), (self._waiting, "muted"),
        ):  # fmt: skip
            set_role(label, role)
        for label in (self._title, self._text, self._waiting):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        set_role(self.show_me, "primary")
        set_role(self.leave, "link")
        self.leave.setToolTip(tr("Stop here; Help > Guided tour goes on from this step (Escape)"))
        self.show_me.setToolTip(tr("Have the step done for you (Enter)"))
        self.folder.setToolTip(tr("Open the folder that the model was written to"))
        buttons = QHBoxLayout()
        buttons.addWidget(self.leave)
        buttons.addStretch(1)
        buttons.addWidget(self.folder)
        buttons.addWidget(self.show_me)
        for button in (self.leave, self.folder, self.show_me):
            button.setAutoDefault(False)
        self._body = body = QVBoxLayout(self)
        body.setContentsMargins(2 * GRID - BESIDE_LINK, GRID, 2 * GRID, GRID)
        body.setSpacing(GRID // 2)
        for label in (self._place, self._title, self._text, self._waiting):
            label.setContentsMargins(BESIDE_LINK, 0, 0, 0)
            body.addWidget(label)
        body.addLayout(buttons)

    def say(
        self, place: str, title: str, text: str, verb: str, why_not_yet: str = "",
        has_folder: bool = False,
    ) -> None:  # fmt: skip
        """Say what the step is about; `verb` is what the button says that does it."""
        self._place.setText(tr(place))
        self._title.setText(tr(title))
        self._text.setText(tr(text))
        self.show_me.setText(tr(verb))
        self.folder.setVisible(has_folder)
        self.leave.setVisible(not has_folder)
        self.setAccessibleName(
            tr("Guided tour, {place}: {title}").format(place=tr(place), title=tr(title))
        )
        self.setAccessibleDescription(tr(text))
        self.wait_for(why_not_yet)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def wait_for(self, reason: str) -> None:
        """Say why the step cannot be done yet; nothing: it can."""
        self._waiting.setText(tr(reason))
        self._waiting.setVisible(bool(reason))
        self.show_me.setEnabled(not reason)
        self._body.activate()  # else it measures the buttons of the step before
        width = max(WIDTH, self._body.totalMinimumSize().width())  # buttons of long words
        self.setFixedWidth(width)
        self.setFixedHeight(self._body.totalHeightForWidth(width))

    def words(self) -> str:
        """Return what is said."""
        return f"{self._title.text()}: {self._text.text()}"

    def move_to(self, window: QWidget) -> None:
        """Be shown in this window."""
        if self.parentWidget() is not window:
            self.setParent(window)

    @property
    def has_keyboard(self) -> bool:
        """Say whether one of its buttons has the keyboard."""
        return any(part.hasFocus() for part in (self, self.show_me, self.leave, self.folder))

    def take_keyboard(self) -> None:
        """Give the keyboard to the button that does the step, where that can be pressed.

        Else to the bubble: an Enter too soon must not press the button beside it.
        """
        wanted = self.show_me if self.show_me.isEnabled() else self
        wanted.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Enter and Escape, which no widget behind is to hear."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = next((b for b in (self.leave, self.folder) if b.hasFocus()), self.show_me)
            focused.click()
        else:
            super().keyPressEvent(event)


def place_beside(target: QRect, size: QSize, room: QRect) -> QPoint:
    """Return where a bubble of `size` lies beside `target`, inside `room` and clear of it.

    Below it, above it, at its left or right, whichever has the room; else in the corner that covers
    least of it.
    """
    gap = AROUND + GRID
    across = min(max(target.center().x() - size.width() // 2, room.left()),
                 room.right() - size.width())  # fmt: skip
    along = min(max(target.center().y() - size.height() // 2, room.top()),
                room.bottom() - size.height())  # fmt: skip
    beside = (
        QPoint(across, target.bottom() + gap),
        QPoint(across, target.top() - gap - size.height()),
        QPoint(target.left() - gap - size.width(), along),
        QPoint(target.right() + gap, along),
    )
    corners = (
        QPoint(room.right() - size.width(), room.bottom() - size.height()),
        QPoint(room.left(), room.bottom() - size.height()),
        QPoint(room.right() - size.width(), room.top()),
        QPoint(room.left(), room.top()),
    )
    clear = [place for place in beside if room.contains(QRect(place, size))]
    return clear[0] if clear else _least_covering(target, size, corners)


def _least_covering(target: QRect, size: QSize, places: Sequence[QPoint]) -> QPoint:
    def covered(place: QPoint) -> int:
        common = QRect(place, size).intersected(target)
        return common.width() * common.height()

    return min(places, key=covered)
