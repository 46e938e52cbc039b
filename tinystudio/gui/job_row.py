"""One line of the list of jobs: how a run stands, and what can be done about it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QProgressBar, QPushButton, QWidget

from tinystudio.gui import job_words
from tinystudio.gui.elided import Elided
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.text_size import scaled
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.session.runs import Run, RunState

_STEPS = 1000  # of the progress bar
_TICK_MS = 1000  # the time left goes down while a job says nothing
_BUTTON_WIDTH, _STATE_WIDTH = 76, 64  # pixels at least, of the last columns
_GRIP = "⠿"
_GRIP_TIP = (
    "Drag it up or down: what is higher begins earlier. With the keyboard: Alt and an arrow."
)
# How a job that waits is moved: its key with Alt, and how that is called.
SHIFTS: tuple[tuple[str, Qt.Key, str], ...] = (
    ("first", Qt.Key.Key_Home, "Run next"),
    ("up", Qt.Key.Key_Up, "Move up"),
    ("down", Qt.Key.Key_Down, "Move down"),
    ("last", Qt.Key.Key_End, "Run last"),
)


class JobRow(QFrame):
    """One run: title, bar, words, state, and what can be done about it."""

    cancel_requested = Signal(str)
    pause_requested = Signal(str)
    retry_requested = Signal(str)
    shift_requested = Signal(str, str)  # the job, and one of `SHIFTS`

    def __init__(self) -> None:
        super().__init__()
        self._run: Run | None = None
        self._place = self._count = 0
        self._heard_at = 0.0
        self._grip = QLabel(tr(_GRIP))
        self._title = Elided()
        self._bar = QProgressBar()
        self._text = Elided()
        self._state = QLabel()
        self._other, self._button = QPushButton(), QPushButton()
        self._clock = QTimer(self)
        self._clock.setInterval(_TICK_MS)
        self._clock.timeout.connect(self._show_words)
        self._lay_out()
        self._button.clicked.connect(self._on_clicked)
        self._other.clicked.connect(self._on_other_clicked)

    def _lay_out(self) -> None:
        set_role(self, "job")
        self._bar.setRange(0, _STEPS)
        self._bar.setTextVisible(False)
        self._bar.setMinimumWidth(80)
        for label in (self._grip, self._text, self._state):
            set_role(label, "muted")
        self._grip.setCursor(Qt.CursorShape.OpenHandCursor)
        self._grip.setToolTip(tr(_GRIP_TIP))
        self._state.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for button in (self._other, self._button):
            set_role(button, "link")
        for kept in (self._grip, self._other, self._button):
            # What is hidden keeps its place, so that the columns of all rows line up.
            policy = kept.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            kept.setSizePolicy(policy)
        _keep_room(self._state, job_words.STATES, _STATE_WIDTH)
        _keep_room(self._other, job_words.TURNS, _BUTTON_WIDTH)
        _keep_room(self._button, job_words.ENDINGS, _BUTTON_WIDTH)
        line = QHBoxLayout(self)
        line.setContentsMargins(GRID // 2, 1, 0, 1)
        line.setSpacing(2 * GRID)
        line.addWidget(self._grip)
        line.addWidget(self._title, 5)
        line.addWidget(self._bar, 2)
        line.addWidget(self._text, 4)
        line.addWidget(self._state)
        line.addWidget(self._other)
        line.addWidget(self._button)

    @property
    def job(self) -> str:
        """Return whose row it is."""
        return "" if self._run is None else self._run.id

    @property
    def title(self) -> str:
        """Return the job's name."""
        return "" if self._run is None else job_words.job_title(self._run.job)

    @property
    def can_move(self) -> bool:
        """Say whether there are others that wait, among which it could have another place."""
        return self._place > 0 and self._count > 1

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Return where Tab goes within the row."""
        return (self, self._other, self._button)

    def show_run(self, run: Run, place: int = 0, count: int = 0) -> None:
        """Show how the run stands; `place` of the `count` that wait for their turn, from 1."""
        before, place_before = self._run, (self._place, self._count)
        if before is None or _told(run) != _told(before):
            self._heard_at = time.monotonic()
        self._run, self._place, self._count = run, place, count
        title = tr(job_words.job_title(run.job))
        self._title.set_text(title)
        self._show_words()
        self._state.setText(tr(job_words.state_text(run)))
        self._bar.setValue(round(run.fraction * _STEPS))
        self._bar.setAccessibleName(tr("Progress of {title}").format(title=title))
        if before is None or before.state is not run.state or place_before != (place, count):
            self._show_state(run, title)
        if run.state is RunState.RUNNING:
            self._clock.start()
        else:
            self._clock.stop()
        self.setToolTip(tr(job_words.job_tooltip(run)))
        where = tr(job_words.turn_text(place, count))
        self.setAccessibleName(f"{title}: {self._state.text()}{where and ', '}{where}")
        self.setAccessibleDescription(self.toolTip())

    @Slot()
    def _show_words(self) -> None:
        if self._run is not None:
            turn = job_words.turn_text(self._place, self._count)
            ago = time.monotonic() - self._heard_at
            self._text.set_text(tr(turn or job_words.job_text(self._run, ago)))

    def _show_state(self, run: Run, title: str) -> None:
        self._bar.setProperty("state", job_words.BAR_STATES[run.state])
        self._bar.style().unpolish(self._bar)
        self._bar.style().polish(self._bar)
        bad = run.state in (RunState.FAILED, RunState.INTERRUPTED)
        good = run.state is RunState.FINISHED
        set_role(self._state, "bad" if bad else "good" if good else "muted")
        self._grip.setVisible(self.can_move)
        # One that nothing can be done about in its place is no stop for the keyboard.
        waits = run.state is RunState.WAITING
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if waits else Qt.FocusPolicy.ClickFocus)
        is_first = waits and self._place <= 1
        ways = (job_words.ending_way(run), ("", "") if is_first else job_words.queue_way(run))
        for button, (word, tip) in zip((self._button, self._other), ways, strict=True):
            button.setText(tr(word))
            button.setToolTip(tr(tip))
            button.setAccessibleName(f"{tr(word)}: {title}")
            button.setVisible(bool(word))
            button.setEnabled(True)

    def menu(self) -> QMenu:
        """Return what can be done about the run, as a menu."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.can_move:
            for where, key, word in SHIFTS:
                action = menu.addAction(tr(word), partial(self._shift, where))
                action.setShortcut(Qt.KeyboardModifier.AltModifier | key)
                action.setShortcutVisibleInContextMenu(True)
                action.setEnabled(self._can_shift(where))
            menu.addSeparator()
        elif not self._other.isHidden():
            _add(menu, self._other, self._on_other_clicked)
        if not self._button.isHidden():
            _add(menu, self._button, self._on_clicked)
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done."""
        menu = self.menu()
        if menu.isEmpty():
            menu.deleteLater()
        else:
            menu.popup(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Alt with an arrow, Home or End moves a job that waits."""
        if event.modifiers() == Qt.KeyboardModifier.AltModifier:
            for where, key, _ in SHIFTS:
                if event.key() == key and self.can_move:
                    self._shift(where)
                    return
        super().keyPressEvent(event)

    def _can_shift(self, where: str) -> bool:
        at_end = self._place == (1 if where in ("first", "up") else self._count)
        return self.can_move and not at_end

    def _shift(self, where: str) -> None:
        if self._can_shift(where):
            self.shift_requested.emit(self.job, where)

    @Slot()
    def _on_clicked(self) -> None:
        if self._run is None:
            return
        if self._run.is_ended:
            self.retry_requested.emit(self._run.id)
        else:
            self._button.setEnabled(False)
            self._other.setEnabled(False)
            self.cancel_requested.emit(self._run.id)

    @Slot()
    def _on_other_clicked(self) -> None:
        if self._run is None:
            return
        if self._run.state is RunState.WAITING:
            self._shift("first")
        else:
            self._other.setEnabled(False)
            self.pause_requested.emit(self._run.id)


def _keep_room(column: QLabel | QPushButton, words: tuple[str, ...], least: int) -> None:
    """Make a column as wide as its longest word, so that the columns of all rows line up."""
    column.ensurePolished()
    widths = []
    for word in words:
        column.setText(tr(word))
        widths.append(column.sizeHint().width())
    column.setText("")
    column.setMinimumWidth(max(scaled(least), *widths))


def _add(menu: QMenu, button: QPushButton, act: Callable[[], None]) -> None:
    action = menu.addAction(button.text(), act)
    action.setToolTip(button.toolTip())
    action.setEnabled(button.isEnabled())


def _told(run: Run) -> tuple[str, float, float | None]:
    """Return what changes where a run says anew how far it is."""
    return run.id, run.fraction, run.seconds_left
