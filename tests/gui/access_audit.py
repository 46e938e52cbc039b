"""Walks the widgets of a window and finds those that not everybody can use.

Each function returns what is wrong in words, one line for each widget; nothing wrong is an empty
list. A window must be shown and active before its keyboard is tried.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGraphicsView,
    QHeaderView,
    QLineEdit,
    QMenu,
    QMenuBar,
    QPlainTextEdit,
    QProgressBar,
    QScrollBar,
    QTabBar,
    QTextBrowser,
    QTextEdit,
    QWidget,
)

INTERACTIVE = (
    QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox,
    QGraphicsView, QLineEdit, QPlainTextEdit, QProgressBar, QTabBar, QTextEdit,
)  # fmt: skip
# What Qt makes inside of others, or reads out by its items.
INNER = (QHeaderView, QMenu, QMenuBar, QScrollBar)
AROUND = 3  # pixels of the surroundings in which focus may show
MOST_LINKS = 24  # of a text that is not a trap
MOST_STEPS = 600  # of Tab: more than any window has widgets


def widgets(window: QWidget) -> Iterator[QWidget]:
    """Yield what is shown of a window, itself first."""
    yield window
    for widget in window.findChildren(QWidget):
        if widget.window() is window and widget.isVisible():
            yield widget


def name_of(widget: QWidget) -> str:
    """Return how a widget is called by what reads the screen aloud."""
    face = QAccessible.queryAccessibleInterface(widget)
    return str(face.text(QAccessible.Text.Name)) if face is not None else ""


def describe(widget: QWidget) -> str:
    """Return which widget is meant, for the one who has to mend it."""
    trail: list[str] = []
    at: QWidget | None = widget
    while at is not None and len(trail) < 4:
        trail.append(f"{type(at).__name__}({at.accessibleName() or at.objectName()})")
        at = at.parentWidget()
    return " < ".join(trail)


def without_name(window: QWidget) -> list[str]:
    """Return the widgets one can act on, or that tell of progress, that have no name."""
    return [
        describe(widget)
        for widget in widgets(window)
        if _is_interactive(widget) and not any(c.isalnum() for c in name_of(widget))
    ]


def without_description(window: QWidget) -> list[str]:
    """Return the plots that say nothing of what is drawn in them."""
    return [
        describe(widget)
        for widget in widgets(window)
        if isinstance(widget, QGraphicsView) and not widget.accessibleDescription().strip()
    ]


def _is_interactive(widget: QWidget) -> bool:
    if isinstance(widget, INNER) or _is_inside(widget) or widget.focusProxy() is not None:
        return False
    takes_focus = widget.focusPolicy() != Qt.FocusPolicy.NoFocus and not widget.isWindow()
    return takes_focus or isinstance(widget, INTERACTIVE)


def _is_inside(widget: QWidget) -> bool:
    """Say whether Qt made this widget as a part of another, which stands for it."""
    return widget.objectName().startswith("qt_") or isinstance(
        widget.parentWidget(), QAbstractSpinBox | QComboBox | QTabBar | QLineEdit | QHeaderView
    )


def tab_stops(window: QWidget) -> list[QWidget]:
    """Return the widgets that Tab has to reach."""
    return [
        widget
        for widget in widgets(window)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isEnabled()
        and widget.focusProxy() is None
        and not widget.isWindow()
        and not _is_inside(widget)
        and not _is_turned_off(widget)
    ]


def _is_turned_off(widget: QWidget) -> bool:
    """Radio buttons of a group are one stop; arrows go among them."""
    if not isinstance(widget, QAbstractButton) or not widget.isCheckable() or widget.isChecked():
        return False
    group = widget.group()
    return widget.autoExclusive() or (group is not None and group.exclusive())


def traps(window: QWidget, backwards: bool = False) -> list[str]:
    """Return the widgets that Tab does not leave, or does not reach."""
    stops = tab_stops(window)
    stuck, reached = [], set()
    # Round trips from every stop that was not on the way of another find each dead end.
    for start in stops:
        if start in reached:
            continue
        start.setFocus(Qt.FocusReason.TabFocusReason)
        for _ in range(MOST_STEPS):
            here = QApplication.focusWidget()
            if here is None or here.window() is not window or here in reached:
                break
            reached.add(here)
            _press_tab(here, backwards)
            if QApplication.focusWidget() is here and len(stops) > 1:
                stuck.append(f"Tab stays in {describe(here)}")
                break
    if stuck:
        return stuck
    return [f"Tab does not reach {describe(stop)}" for stop in _not_on_the_way(window, stops)]


def _not_on_the_way(window: QWidget, stops: list[QWidget]) -> list[QWidget]:
    """Return the stops that are not on the one way around that begins at the first."""
    if not stops:
        return []
    seen: set[QWidget] = set()
    stops[0].setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(MOST_STEPS):
        here = QApplication.focusWidget()
        if here is None or here in seen:
            break
        seen.add(here)
        _press_tab(here)
    return [stop for stop in stops if stop not in seen and stop.isVisible()]


def _press_tab(widget: QWidget, backwards: bool = False) -> None:
    # In a text Tab goes from link to link before it leads out.
    for _ in range(MOST_LINKS if isinstance(widget, QTextBrowser) else 1):
        QTest.keyClick(widget, Qt.Key.Key_Backtab if backwards else Qt.Key.Key_Tab)
        if QApplication.focusWidget() is not widget:
            return


def unseen_focus(window: QWidget) -> list[str]:
    """Return the widgets that look the same with the focus and without it."""
    stops, found = tab_stops(window), []
    for number, stop in enumerate(stops):
        if stop.visibleRegion().isEmpty():
            continue  # it is scrolled to when it gets the focus
        other = stops[number - 1]
        if other is stop:
            continue
        other.setFocus(Qt.FocusReason.TabFocusReason)
        before = _surroundings(stop)
        stop.setFocus(Qt.FocusReason.TabFocusReason)
        if stop.hasFocus() and _surroundings(stop) == before:
            found.append(describe(stop))
    return found


def _surroundings(widget: QWidget) -> QImage:
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    parent = widget.parentWidget() or widget
    box = widget.rect().translated(widget.mapTo(parent, QPoint(0, 0)))
    return parent.grab(box.adjusted(-AROUND, -AROUND, AROUND, AROUND)).toImage()
