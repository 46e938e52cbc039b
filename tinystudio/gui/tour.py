"""The guided tour: points at one thing after the other and waits for what the user does.

Nothing is locked meanwhile. A timer looks at what has become of the step: whatever the way by which
the user did it, by mouse, key, menu or wizard, the tour goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from tinystudio.gui.start_head import TOUR, TOUR_AGAIN, TOUR_ON
from tinystudio.gui.theme import GRID
from tinystudio.gui.tour_bubble import AROUND, TourBubble, TourRing, place_beside
from tinystudio.gui.tour_steps import TourStep, TourSteps

if TYPE_CHECKING:
    from tinystudio.gui.assembly import Assembly

LOOK_MS = 100  # sooner than one notices
END = "The model is yours"


class Tour(QObject):
    """One at a time. Where it was left is remembered, and that it was done."""

    state_changed = Signal(str)  # what the button says that leads to it

    def __init__(self, parts: Assembly) -> None:
        super().__init__(parts)
        self._parts = parts
        self._hands = TourSteps(parts)
        self.bubble, self._ring = TourBubble(parts.window), TourRing(parts.window)
        self._number: int | None = None  # of the step; as many as there are: the end
        self._target: QWidget | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self.bubble.shown_wanted.connect(self.show_me)
        self.bubble.leave_wanted.connect(self.leave)
        self.bubble.folder_wanted.connect(self._show_folder)

    @property
    def steps(self) -> tuple[TourStep, ...]:
        """Return the steps."""
        return self._hands.steps

    @property
    def step(self) -> TourStep | None:
        """Return the step that is waited for; None: the tour is over, or has not begun."""
        number = self._number
        return self.steps[number] if number is not None and number < len(self.steps) else None

    @property
    def is_on(self) -> bool:
        """Say whether the tour is shown."""
        return self._number is not None

    @property
    def words(self) -> str:
        """Return what the button says that leads to the tour."""
        settings = self._parts.remembered.settings
        return TOUR_ON if settings.tour_step else TOUR_AGAIN if settings.tour_done else TOUR

    @Slot()
    def begin(self) -> None:
        """Begin, or go on where it was left; while it is on, bring the keyboard there and back."""
        if not self.is_on:
            self._enter(min(self._parts.remembered.settings.tour_step, len(self.steps) - 1))
            self._timer.start()
            self.bubble.take_keyboard()
        elif self.bubble.has_keyboard and self._target is not None:
            self._target.setFocus()
        else:
            self.bubble.window().activateWindow()
            self.bubble.take_keyboard()

    @Slot()
    def leave(self) -> None:
        """Stop; the step is remembered."""
        self._timer.stop()
        self._number = self._target = None
        self.come_home()
        for widget in (self.bubble, self._ring):
            widget.hide()
        self.state_changed.emit(self.words)

    @Slot()
    def come_home(self) -> None:
        """Go back to the main window: the wizard's is about to be gone with all that is in it."""
        for widget in (self.bubble, self._ring):
            self._hold(widget, self._parts.window)

    @Slot()
    def show_me(self) -> None:
        """Do the step for the user; after the last, be over."""
        if self.step is None:
            self.leave()
        elif not self.step.waiting():
            self.step.show()
            self._look()

    def _enter(self, number: int) -> None:
        """Go to a step, or back to the first one before it that can be done now."""
        while number < len(self.steps) and not self.steps[number].can_begin():
            number -= 1
        self._number = number
        self._remember(number)
        if number == len(self.steps):
            self._say_end()
            return
        step = self.steps[number]
        if step.tab is not None:  # in front first: what is not shown is not laid out
            self._parts.window.show_tab(step.tab)
            self._parts.window.set_part_visible("show-settings", True)
        self._hands.enter(step)
        place = f"step {number + 1} of {len(self.steps)}"
        why = step.waiting()
        self._say(lambda: self.bubble.say(place, step.title, step.text, step.verb, why))

    def _say_end(self) -> None:
        path = self._hands.exported
        text = "It was opened in a fresh process, and every check is listed here."
        if path is not None:
            text = f"{path.name} is in {path.parent}. {text}"
        self._say(lambda: self.bubble.say("done", END, text, "Close", has_folder=path is not None))

    def _say(self, say: Callable[[], None]) -> None:
        """Say something else without taking the keyboard from where the user has it."""
        had_keyboard = self.bubble.has_keyboard
        say()
        self._place()
        if had_keyboard:
            self.bubble.take_keyboard()

    def _remember(self, number: int) -> None:
        is_over = number == len(self.steps)
        settings = self._parts.remembered.settings
        update = {"tour_step": 0 if is_over else number, "tour_done": is_over or settings.tour_done}
        self._parts.remembered.change(settings.model_copy(update=update))
        self.state_changed.emit(self.words)

    @Slot()
    def _look(self) -> None:
        """See whether the step is done, or cannot be any more, and where its widget is now."""
        number, step = self._number, self.step
        if number is not None and step is not None:
            if not step.can_begin():
                self._enter(number - 1)
            elif step.is_done():
                self._enter(number + 1)
            else:
                self._wait(step)
        if self.is_on:
            self._place()

    def _wait(self, step: TourStep) -> None:
        reason = step.waiting()
        was_enabled, had_keyboard = self.bubble.show_me.isEnabled(), self.bubble.has_keyboard
        self.bubble.wait_for(reason)
        if had_keyboard and was_enabled != (not reason):
            self.bubble.take_keyboard()  # a button that is greyed lets the keyboard go

    def _place(self) -> None:
        """Put ring and bubble where the step's widget is, in the window that it is in."""
        target = self.step.target() if self.step is not None else None
        self._target = target
        wizard = self._parts.commands.wizards.export_wizard
        last = wizard if self.step is None and wizard is not None else self._parts.window
        host = last if target is None else target.window()
        for widget in (self._ring, self.bubble):
            self._hold(widget, host)
        edge = GRID if host is self._parts.window else 2 * GRID  # as its panels, a page's frame
        room = host.rect().adjusted(edge, edge, -edge, -edge)
        if target is None or not target.isVisible():
            self._ring.hide()
            self._show_at(
                place_beside(QRect(room.center(), room.center()), self.bubble.size(), room)
            )
            return
        box = _box(target, host)
        self._ring.setGeometry(box.adjusted(-AROUND, -AROUND, AROUND, AROUND))
        self._ring.show()
        self._ring.raise_()
        told = None if self.step is None else self.step.clear_of()
        clear_of = box if told is None or told.window() is not host else _box(told, host)
        self._show_at(place_beside(clear_of, self.bubble.size(), room))

    def _show_at(self, place: QPoint) -> None:
        self.bubble.move(place)
        self.bubble.show()
        self.bubble.raise_()

    def _hold(self, widget: QWidget, host: QWidget) -> None:
        """Show a widget in another window, with the keyboard where it was."""
        if widget.parentWidget() is host:
            return
        had_keyboard = widget is self.bubble and self.bubble.has_keyboard
        widget.setParent(host)
        if had_keyboard:
            widget.show()
            self.bubble.take_keyboard()

    @Slot()
    def _show_folder(self) -> None:
        if (path := self._hands.exported) is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))


def _box(widget: QWidget, host: QWidget) -> QRect:
    """Return where a widget lies in its window."""
    return QRect(widget.mapTo(host, QPoint(0, 0)), widget.size())
