"""Finds what a window still says in English while another language is on.

In the pseudo-language every translated word has an accent. What has none, and is a word of the
catalogue, was not translated; names of files, layers and classes are no words of it, or allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pyqtgraph as pg
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QGraphicsView,
    QGroupBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QMenuBar,
    QTabBar,
    QTextBrowser,
    QWidget,
)

from tinystudio.core.places import resources
from tinystudio.gui.language.po import read_po

ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
MOST_ROWS = 60  # of a table: further ones say the same of others
# Units, keys, names of techniques and formats, what the shown project calls its own.
_NAMES = """
    ctrl shift alt esc tab enter space del backspace return home end tinystudio onnx onnxruntime
    cpu ram macs mac cifar int8 float fp32 fp16 conv relu gemm maxpool softmax csv png svg json pdf
    npz watch model original gallery python netron mnist sha left right plus channel-pruning
    kb mb gb ms mj id add skip up down
"""
NAMES = frozenset(_NAMES.split())
_WORD = re.compile(r"(?<![^\W])[A-Za-z][A-Za-z'-]*[A-Za-z](?![^\W])")
_SEEN = re.compile(r"[aeiounyscAEIOUNYSC]")  # letters that the pseudo-language accents


@cache
def english() -> frozenset[str]:
    """Return every word of the catalogue, in small letters."""
    entries = read_po(resources() / "translations" / "tinystudio.pot").entries
    return frozenset(
        word.lower()
        for entry in entries
        for word in _WORD.findall(re.sub(r"\{\w*\}|<[^>]*>", " ", entry.text))
        if len(word) > 1
    ) - frozenset(NAMES)


def left_in(text: str) -> list[str]:
    """Return the words of a text that are English."""
    plain = re.sub(r"<[^>]*>|&\w+;", " ", text).replace("&", "")
    bare = re.sub(r"\S*[/\\.=]\w\S*", " ", plain)  # names of files and hosts
    found = _WORD.findall(bare)
    return [word for word in found if _SEEN.search(word) and word.lower() in english()]


def english_left(window: QWidget) -> dict[str, str]:
    """Return every text of a window that has English words, with where it is."""
    found: dict[str, str] = {}
    for widget in (window, *window.findChildren(QWidget)):
        if widget.window() is window and (widget.isVisible() or isinstance(widget, QMenu)):
            for text in texts_of(widget):
                if text and left_in(text):
                    found.setdefault(text, f"{type(widget).__name__} {widget.objectName()}".strip())
    return found


def texts_of(widget: QWidget) -> Iterator[str]:
    """Yield all that a widget shows, says under the pointer, and lets be read aloud."""
    yield from (widget.toolTip(), widget.accessibleName(), widget.accessibleDescription())
    match widget:
        case QTextBrowser():
            yield from widget.toPlainText().splitlines()
        case QLabel() | QAbstractButton():
            yield widget.text()
        case QGroupBox():
            yield widget.title()
        case QLineEdit():
            yield widget.placeholderText()
        case QTabBar():
            yield from (widget.tabText(at) for at in range(widget.count()))
            yield from (widget.tabToolTip(at) for at in range(widget.count()))
        case QComboBox():
            yield from (widget.itemText(at) for at in range(widget.count()))
        case QMenuBar() | QMenu():
            for action in widget.actions():
                yield from _of_action(action)
        case QHeaderView():
            yield from _of_header(widget)
        case QAbstractItemView():
            yield from _of_rows(widget.model(), QModelIndex())
        case QGraphicsView():
            yield from _of_scene(widget)
    if widget.isWindow():
        yield widget.windowTitle()


def _of_action(action: QAction) -> Iterator[str]:
    yield from (action.text(), action.toolTip(), action.statusTip())


def _of_header(header: QHeaderView) -> Iterator[str]:
    model = header.model()
    for section in range(header.count() if model is not None else 0):
        if not header.isSectionHidden(section):
            for role in ROLES:
                yield str(model.headerData(section, header.orientation(), role) or "")


def _of_rows(model: QAbstractItemModel | None, parent: QModelIndex) -> Iterator[str]:
    if model is None:
        return
    for row in range(min(model.rowCount(parent), MOST_ROWS)):
        is_list = isinstance(model, QAbstractListModel)
        for column in range(1 if is_list else model.columnCount(parent)):
            index = model.index(row, column, parent)
            for role in (*ROLES, Qt.ItemDataRole.AccessibleTextRole):
                yield str(index.data(role) or "")
        yield from _of_rows(model, model.index(row, 0, parent))


def _of_scene(view: QGraphicsView) -> Iterator[str]:
    for item in view.scene().items() if view.scene() is not None else ():
        if isinstance(item, pg.AxisItem) and item.isVisible():
            yield item.labelText
        elif isinstance(item, pg.TextItem) and item.isVisible():
            yield item.toPlainText()
        elif isinstance(item, pg.LabelItem):
            yield str(item.text)
        yield item.toolTip()
