"""Shows a new notice over the window's lower edge for some seconds, without asking anything."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui.notice import Notice, Way, in_lines
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID

SHOWN_MS = 8000  # long enough to read three short lines
WIDTH = 420  # pixels


class Toast(QFrame):
    """Stays while the pointer is on it; a click on "Details" leads to the list of notices."""

    details_requested = Signal()
    way_taken = Signal(object)  # Way

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setAccessibleName(tr("New notice"))
        self._title = QLabel()
        self._text = QLabel()
        self._offered: Way | None = None
        self._way = QPushButton()
        self._details = QPushButton(tr("Details"))
        self._close = QPushButton(tr("Close"))
        self._timer = QTimer(self)
        self._lay_out()
        self._connect(window)
        self.hide()

    def _lay_out(self) -> None:
        set_role(self._title, "heading")
        for label in (self._title, self._text):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self._details, self._close):
            set_role(button, "link")
            button.setAccessibleName(tr("{button} (new notice)").format(button=button.text()))
            buttons.addWidget(button)
        body = QVBoxLayout(self)
        body.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        body.setSpacing(GRID // 2)
        body.addWidget(self._title)
        body.addWidget(self._text)
        body.addWidget(self._way, alignment=Qt.AlignmentFlag.AlignLeft)
        body.addLayout(buttons)

    def _connect(self, window: QWidget) -> None:
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN_MS)
        self._timer.timeout.connect(self._on_time)
        self._close.clicked.connect(self.hide)
        self._way.clicked.connect(self._on_way)
        self._details.clicked.connect(self._on_details)
        window.installEventFilter(self)

    @Slot(object)
    def show_notice(self, notice: Notice) -> None:
        """Show this notice in place of any other."""
        text = " ".join(part for part in (notice.detail, notice.hint) if part)
        self._title.setText(tr(notice.title))
        self._text.setText(in_lines(tr(text)))
        self._text.setVisible(bool(text))
        self._offered = notice.way
        self._way.setVisible(notice.way is not None)
        if notice.way is not None:
            self._way.setText(tr(notice.way.words))
            self._way.setAccessibleName(tr(notice.way.words))
        set_role(self, f"{notice.gravity} toast")
        self.setAccessibleDescription(tr(notice.text))
        self.setFixedWidth(WIDTH)
        self.adjustSize()
        self._place()
        self.show()
        self.raise_()
        self._timer.start()

    @Slot()
    def _on_time(self) -> None:
        """Go, but not from under the keyboard of whoever has tabbed here."""
        focused = QApplication.focusWidget()
        if focused is not None and self.isAncestorOf(focused):
            self._timer.start()
        else:
            self.hide()

    @Slot()
    def _on_way(self) -> None:
        self.hide()
        self.way_taken.emit(self._offered)

    @Slot()
    def _on_details(self) -> None:
        self.hide()
        self.details_requested.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Stay while it is being read."""
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Go some seconds after the reader has gone."""
        self._timer.start()
        super().leaveEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner while the window changes its size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        right, bottom = self._window.width() - 2 * GRID, self._window.height() - self._below()
        self.move(right - self.width(), bottom - self.height())

    def _below(self) -> int:
        """Return how high the lowest panel's edge is, so that none of its words peeps out below."""
        window = self._window
        status = window.statusBar().height() if isinstance(window, QMainWindow) else 0
        return status + GRID
