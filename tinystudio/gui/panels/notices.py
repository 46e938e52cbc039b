"""The list of notices, newest first."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui.notice import Notice, Way
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID

KEPT = 100  # older notices are dropped from the list; the log has them
_SIGNS = {"error": "✕", "warning": "!", "news": "i"}
NOTHING = "Nothing to report. What goes wrong, and what you should know, is listed here."


class NoticesPanel(QWidget):
    """Shows notices; the count of those unseen goes to the tab that holds it."""

    unseen_changed = Signal(int)
    way_taken = Signal(object)  # Way

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Notices"))
        self._unseen = 0
        self._nothing = QLabel(tr(NOTHING))
        self._rows = QVBoxLayout()
        self._clear = QPushButton(tr("Clear the list"))
        self._lay_out()
        self._clear.clicked.connect(self.clear)

    def _lay_out(self) -> None:
        set_role(self._nothing, "muted")
        set_role(self._clear, "link")
        self._clear.hide()
        self._rows.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        self._rows.setSpacing(GRID)
        self._rows.addWidget(self._nothing)
        self._rows.addWidget(self._clear, alignment=Qt.AlignmentFlag.AlignLeft)
        self._rows.addStretch(1)
        inside = QWidget()
        inside.setProperty("role", "plain")
        inside.setLayout(self._rows)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.setAccessibleName(tr("List of notices"))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Return what is listed, newest first."""
        return tuple(row.notice for row in self._listed())

    @Slot(object)
    def add(self, notice: Notice) -> None:
        """Put a notice on top; one that is there already only moves up."""
        for row in self._listed():
            if row.notice == notice:
                self._drop(row)
        self._nothing.hide()
        self._clear.show()
        row = NoticeRow(notice)
        row.way_taken.connect(self.way_taken)
        self._rows.insertWidget(0, row)
        for row in self._listed()[KEPT:]:
            self._drop(row)
        if not self.isVisible():
            self._set_unseen(self._unseen + 1)

    @Slot()
    def clear(self) -> None:
        """Empty the list."""
        for row in self._listed():
            self._drop(row)
        self._nothing.show()
        self._clear.hide()
        self._set_unseen(0)

    @Slot(object)
    def withdraw(self, way: Way) -> None:
        """Offer this no longer: it was taken."""
        for row in self._listed():
            if row.notice.way == way:
                row.withdraw()

    @Slot()
    def mark_seen(self) -> None:
        """Take all notices as read."""
        self._set_unseen(0)

    def showEvent(self, event: QShowEvent) -> None:
        """What is on the screen has been seen."""
        super().showEvent(event)
        self.mark_seen()

    def _listed(self) -> list[NoticeRow]:
        items = (self._rows.itemAt(number) for number in range(self._rows.count()))
        widgets = [item.widget() for item in items if item is not None]
        return [widget for widget in widgets if isinstance(widget, NoticeRow)]

    def _drop(self, row: NoticeRow) -> None:
        self._rows.removeWidget(row)
        row.setParent(None)
        row.deleteLater()

    def _set_unseen(self, count: int) -> None:
        if count != self._unseen:
            self._unseen = count
            self.unseen_changed.emit(count)


class NoticeRow(QFrame):
    """One notice: sign, title and time, reason, what to do."""

    way_taken = Signal(object)  # Way

    def __init__(self, notice: Notice) -> None:
        super().__init__()
        self.notice = notice
        self.setAccessibleName(tr(notice.title))
        self.setAccessibleDescription(tr(notice.text))
        self._title = QLabel(tr(f"{_SIGNS[notice.gravity]}  {notice.title}"))
        self._time = QLabel(notice.at.strftime("%H:%M:%S"))
        self._copy = QPushButton(tr("Copy"))
        self._way = QPushButton()
        self._lay_out()
        self._copy.clicked.connect(self._on_copy)
        self._way.clicked.connect(self._on_way)

    def _lay_out(self) -> None:
        set_role(self._title, f"{self.notice.gravity} notice")
        set_role(self._time, "muted")
        set_role(self._copy, "link")
        self._copy.setAccessibleName(
            tr("Copy the notice: {title}").format(title=tr(self.notice.title))
        )
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addSpacing(GRID)
        head.addWidget(self._time)
        head.addStretch(1)
        head.addWidget(self._copy)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(2)
        body.addLayout(head)
        for text in (self.notice.detail, self.notice.hint):
            if text:
                label = QLabel(tr(text))
                label.setWordWrap(True)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                body.addWidget(label)
        body.addWidget(self._way, alignment=Qt.AlignmentFlag.AlignLeft)
        self._way.setVisible(self.notice.way is not None)
        if self.notice.way is not None:
            self._way.setText(tr(self.notice.way.words))
            self._way.setAccessibleName(tr(self.notice.way.words))

    def withdraw(self) -> None:
        """Take the button away."""
        self._way.hide()

    @Slot()
    def _on_way(self) -> None:
        self.way_taken.emit(self.notice.way)

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.notice.text)
