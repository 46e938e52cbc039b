"""Finds the words that a window shows, and those of them that have not enough room."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QStyle,
    QStyleOptionComboBox,
    QTabBar,
    QWidget,
)
from superqt import QElidingLabel

from tinystudio.gui.elided import Elided

SLACK = 1  # pixels that rounding may take


Worded = QLabel | QAbstractButton | QLineEdit


def shown_words(window: QWidget) -> Iterator[Worded]:
    """Yield every label, button and field with words that can be seen, if only in part."""
    for widget in window.findChildren(QWidget):
        is_worded = isinstance(widget, Worded) and words_of(widget).strip()
        if is_worded and widget.isVisible() and not widget.visibleRegion().isEmpty():
            yield widget


def words_of(widget: Worded) -> str:
    """Return what a widget says: of an empty field, what belongs there."""
    if isinstance(widget, QLineEdit):
        return widget.text() or widget.placeholderText()
    return widget.text()


def cut_words(window: QWidget) -> list[str]:
    """Return the words that are cut or elided, of labels, buttons, boxes, tabs and heads."""
    shown = shown_words(window)
    cut = [words_of(item) for item in shown if _is_too_small(item) or _is_hidden(item)]
    for box in window.findChildren(QComboBox):
        if box.isVisible() and box.fontMetrics().horizontalAdvance(box.currentText()) > _field(box):
            cut.append(box.currentText())
    for bar in window.findChildren(QTabBar):
        if bar.isVisible():
            cut += [text for text, room in _tabs(bar) if _width(bar, text) > room]
    for header in window.findChildren(QHeaderView):
        if header.isVisible():
            cut += [text for text, room in _heads(header) if _width(header, text) > room]
    return cut


def _is_too_small(widget: Worded) -> bool:
    """Say whether the widget is smaller than its words."""
    if isinstance(widget, QLineEdit):
        return _width(widget, words_of(widget)) > widget.contentsRect().width()
    if isinstance(widget, Elided):
        return bool(widget.toolTip())  # the whole text is there where it is cut
    if isinstance(widget, QElidingLabel):
        return _width(widget, widget.text()) > widget.contentsRect().width() + SLACK
    if isinstance(widget, QLabel) and widget.wordWrap():
        return widget.heightForWidth(widget.width()) > widget.height() + SLACK
    wanted = widget.sizeHint()
    is_low = wanted.height() > widget.height() + SLACK
    return is_low or wanted.width() > widget.width() + SLACK


def _is_hidden(widget: QWidget) -> bool:
    """Say whether a part of the widget lies outside of what holds it, or under another."""
    seen = widget.visibleRegion().boundingRect()
    if seen.width() < widget.width():
        return True
    return not _can_scroll(widget) and seen.height() < widget.height()


def _can_scroll(widget: QWidget) -> bool:
    above = widget.parentWidget()
    while above is not None and not above.isWindow():
        if isinstance(above, QAbstractScrollArea):
            return True
        above = above.parentWidget()
    return False


def _field(box: QComboBox) -> int:
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    part = QStyle.SubControl.SC_ComboBoxEditField
    found: QRect = box.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, box)
    return found.width()


def _tabs(bar: QTabBar) -> Iterator[tuple[str, int]]:
    for number in range(bar.count()):
        yield bar.tabText(number), bar.tabRect(number).width()


def _heads(header: QHeaderView) -> Iterator[tuple[str, int]]:
    for section in range(header.count()):
        if not header.isSectionHidden(section):
            text = str(header.model().headerData(section, header.orientation()) or "")
            yield text, _head_room(header, section)


def _head_room(header: QHeaderView, section: int) -> int:
    """Return the pixels along which a head's words are written."""
    if getattr(header, "is_upright", False):
        return header.height()
    is_beside = header.orientation() is Qt.Orientation.Vertical
    return header.width() if is_beside else header.sectionSize(section)


def _width(widget: QWidget, text: str) -> int:
    return widget.fontMetrics().horizontalAdvance(text)
