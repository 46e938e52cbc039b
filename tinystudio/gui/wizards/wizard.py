"""What every wizard is: pages in a row, a way back, and no blocking of the window."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr

SIZE = (760, 740)  # pixels, where the screen allows
DONE = "✓"
BETWEEN = "\u00a0 › \u00a0"  # the steps
MARGIN = 16  # pixels around what is in a wizard
LEAST_NAME = 100  # pixels of what is known of a step
AROUND = 60  # pixels of the screen that are left to what is around a window


class Page(QWidget):
    """One page; `hint` is its help in one sentence. Says `entered` before it is shown."""

    completeness_changed = Signal()
    entered = Signal()

    title: str
    hint: str

    def missing(self) -> str:
        """Return what is still needed before one can go on, or nothing."""
        return ""

    def known(self) -> str:
        """Return what this page asks for, in a few words, where it is known already; or nothing.

        A wizard begins after its first pages that are known.
        """
        return ""


class Wizard(QDialog):
    """Leads through its pages. `open()` does not wait; what comes of it arrives as signals.

    `finish_requested` comes when the last page's button is pressed; a subclass says with what.
    """

    finish_requested = Signal()

    def __init__(
        self,
        title: str,
        pages: Sequence[Page],
        finish: str,
        parent: QWidget | None = None,
        at_once: str = "",
    ) -> None:
        """`at_once` names a button that finishes from any page, with what the others offer."""
        super().__init__(parent)
        self._pages = tuple(pages)
        self._finish = finish
        self._name, self._trail = QLabel(tr(title)), QLabel()
        self._title, self._hint, self._missing = QLabel(), QLabel(), QLabel()
        self._stack = QStackedWidget()
        self._back, self._next = QPushButton(tr("Back")), QPushButton(tr("Next"))
        self._cancel, self._at_once = QPushButton(tr("Cancel")), QPushButton(tr(at_once))
        self._has_at_once = bool(at_once)
        self.setWindowTitle(tr(title))
        self.setModal(False)
        self.take_room(*SIZE)
        self._lay_out()
        self._connect()
        self._refresh()

    def take_room(self, width: int, height: int) -> None:
        """Be as large as this, or as the screen allows."""
        screen = self.screen().availableSize()
        self.resize(min(width, screen.width() - AROUND), min(height, screen.height() - AROUND))

    def _lay_out(self) -> None:
        for widget, role in (
            (self._name, "heading"), (self._trail, "muted"), (self._title, "title"),
            (self._hint, "muted"), (self._missing, "muted"), (self._next, "primary"),
        ):  # fmt: skip
            set_role(widget, role)
        self._hint.setWordWrap(True)
        self._missing.setWordWrap(True)
        self._trail.setWordWrap(True)
        self._next.setDefault(True)
        self._back.setAutoDefault(False)
        self._cancel.setAutoDefault(False)
        self._at_once.setAutoDefault(False)
        self._at_once.setToolTip(tr("Take what the other pages suggest."))
        for page in self._pages:
            self._stack.addWidget(_scrolling(page))
        body = QFrame()
        set_role(body, "panel")
        inside = QVBoxLayout(body)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self._stack)
        buttons = QHBoxLayout()
        buttons.addWidget(self._missing, 1)
        for button in (self._cancel, self._back, self._at_once, self._next):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        layout.setSpacing(8)
        for label in (self._name, self._trail, self._title, self._hint):
            layout.addWidget(label)
        layout.addWidget(body, 1)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        self._back.clicked.connect(self.go_back)
        self._next.clicked.connect(self.go_on)
        self._at_once.clicked.connect(self.finish_at_once)
        self._cancel.clicked.connect(self.reject)
        for page in self._pages:
            page.completeness_changed.connect(self._refresh)

    @property
    def page(self) -> Page:
        """Return the page that is shown."""
        return self._pages[self._stack.currentIndex()]

    @property
    def at_once_button(self) -> QPushButton:
        """Return the button that finishes from any page."""
        return self._at_once

    @property
    def is_last(self) -> bool:
        """Say whether the last page is shown."""
        return self._stack.currentIndex() + 1 == len(self._pages)

    def open(self) -> None:
        """Show the wizard beside the window, which stays usable; begin at what is not known yet."""
        if not self.isVisible():
            self._show(self._first_to_ask())
        self.show()
        self.page.setFocus()

    def _first_to_ask(self) -> int:
        """Return the number of the first page that asks for something new."""
        asking = (number for number, page in enumerate(self._pages) if not page.known())
        return next(asking, 0)

    @Slot()
    def go_on(self) -> None:
        """Show the next page, or finish."""
        index = self._stack.currentIndex()
        if self.page.missing():
            return
        if index + 1 == len(self._pages):
            self.finish_requested.emit()
        else:
            self._show(index + 1)

    @Slot()
    def finish_at_once(self) -> None:
        """Go through the pages that are left and finish, unless one of them needs the user."""
        while self._stack.currentIndex() + 1 < len(self._pages):
            if self.page.missing():
                return
            self.go_on()
        if not self.page.missing() and not self.wants_a_look():
            self.finish_requested.emit()

    def wants_a_look(self) -> bool:
        """Say whether the last page tells something that is not to be passed over."""
        return False

    @Slot()
    def go_back(self) -> None:
        """Show the page before."""
        self._show(max(0, self._stack.currentIndex() - 1))

    def _show(self, index: int) -> None:
        self._pages[index].entered.emit()
        self._stack.setCurrentIndex(index)
        self._refresh()
        self._pages[index].setFocus()

    @Slot()
    def _refresh(self) -> None:
        index, page = self._stack.currentIndex(), self.page
        self._show_trail()
        self._title.setText(tr(page.title))
        self._hint.setText(tr(page.hint))
        missing = page.missing()
        self._missing.setText(tr(missing))
        self._back.setEnabled(index > 0)
        self._next.setEnabled(not missing)
        self._next.setToolTip(tr(missing))
        is_last = index + 1 == len(self._pages)
        self._next.setText(tr(self._finish) if is_last else tr("Next"))
        self._at_once.setVisible(self._has_at_once and not is_last)
        self._at_once.setEnabled(not missing)

    def _show_trail(self) -> None:
        """List the steps; what is known of them is shortened to the room that there is."""
        shown = self._stack.currentIndex()
        steps = [self._step_words(number, shown) for number in range(len(self._pages))]
        known = [page.known() for page in self._pages]
        known[shown] = ""
        self._trail.ensurePolished()
        metrics = self._trail.fontMetrics()
        bare = sum(metrics.horizontalAdvance(f"{step}: ") for step in steps)
        between = metrics.horizontalAdvance(BETWEEN) * len(steps)
        room = (self.width() - 2 * MARGIN - bare - between) // max(1, sum(map(bool, known)))
        middle = Qt.TextElideMode.ElideMiddle
        told = [
            escape(step).replace(" ", "&nbsp;", 1)
            + (f": {escape(metrics.elidedText(name, middle, max(LEAST_NAME, room)))}" * bool(name))
            for step, name in zip(steps, known, strict=True)
        ]
        told[shown] = f"<b>{told[shown]}</b>"
        self._trail.setText(BETWEEN.replace("\u00a0", "&nbsp;").join(told))

    def _step_words(self, number: int, shown: int) -> str:
        """Return a page as it stands in the list of steps: what is done has a tick."""
        return f"{DONE if number < shown else number + 1} {tr(self._pages[number].title)}"

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give names the room that there is now."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._show_trail()

    def show_busy(self, busy: bool) -> None:
        """Allow no further button while what was asked for is done."""
        self._back.setEnabled(not busy)
        self._next.setEnabled(not busy)

    def show_done(self, hint: str) -> None:
        """Leave only the way out: what was asked for is done."""
        self._hint.setText(tr(hint))
        self._back.hide()
        self._next.hide()
        self._cancel.setText(tr("Close"))
        self._cancel.setDefault(True)


def _scrolling(page: Page) -> QScrollArea:
    area = QScrollArea()
    set_role(page, "plain")
    set_role(area, "page")
    area.setWidget(page)
    area.setWidgetResizable(True)
    area.setFocusProxy(page)
    area.setAccessibleName(tr(page.title))
    return area
