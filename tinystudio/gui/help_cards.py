"""The texts of the Help menu, each in a window that can stay open beside the work."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPushButton, QVBoxLayout, QWidget

import tinystudio
from tinystudio.core.places import resources
from tinystudio.gui.action_table import KEYS_IN_PLACE
from tinystudio.gui.actions import shortcut_lines
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID

MOST_WIDTH = 1080  # pixels, for a small screen: longer lines wrap
KEY_STYLE = "padding: 1px 16px 1px 0; white-space: nowrap"
IN_PLACE = "Where the focus is"
FIRST_STEPS = (
    "Choose a task of the gallery on the left, or drop your own .onnx file and its data there.",
    "Add a technique to the recipe on the right and drag its slider: the hollow point previews.",
    "“Measure this recipe” makes the variant and measures accuracy, size and speed: a solid point.",
    "“Sweep…” measures a whole range; drag a limit line in a plot to see what fits inside it.",
    "Keep the variant you like and export it: the written file is opened again and checked.",
)


def show_first_steps(window: QWidget) -> None:
    """Show how the window is used."""
    items = "".join(
        f"<li style='margin-bottom: 6px'>{html.escape(tr(x))}</li>" for x in FIRST_STEPS
    )
    _show(window, "First steps", f"<ol style='margin-left: -16px'>{items}</ol>")


def show_shortcuts(window: QWidget) -> None:
    """Show every key."""
    parts = [*shortcut_lines().items(), (IN_PLACE, KEYS_IN_PLACE)]
    heights = [len(lines) + 1 for _, lines in parts]
    # Side by side, so that it fits a low screen; no menu is parted.
    after = (abs(2 * sum(heights[:at]) - sum(heights)) for at in range(len(parts) + 1))
    half = min(enumerate(after), key=lambda found: found[1])[0]
    sides = "".join(
        f"<td style='padding-right: 32px'><table>{''.join(map(_part, some))}</table></td>"
        for some in (parts[:half], parts[half:])
    )
    _show(window, "Keyboard shortcuts", f"<table><tr>{sides}</tr></table>", wraps=False)


def _part(part: tuple[str, Sequence[tuple[str, str]]]) -> str:
    title, listed = part
    head = (
        f"<tr><td colspan='2' style='padding: 4px 0 0 0'><i>{html.escape(tr(title))}</i></td></tr>"
    )
    return head + _rows(listed)


def _rows(listed: Sequence[tuple[str, str]]) -> str:
    return "".join(
        f"<tr><td style='{KEY_STYLE}'><b>{html.escape(_keys(keys))}</b></td>"
        f"<td style='padding: 1px 0'>{html.escape(tr(text).removesuffix('…'))}</td></tr>"
        for keys, text in listed
    )


def show_about(window: QWidget) -> None:
    """Show version and licence."""
    text = (
        "<p><b>TinyStudio {version}</b></p>"
        "<p>See what it costs to make a neural network small, before you ship it.</p>"
        "<p>Everything is computed on this computer; nothing is sent anywhere. Data sets are "
        "downloaded only when you ask for one under File, from the source that is named there.</p>"
        "<p>Apache License 2.0. The data of the gallery is of others, under licences of its own."
        "</p>"
    )
    licences = QPushButton(tr("Show the gallery's licences"))
    licences.setToolTip(tr("Open the text with the notices of all that ship with it"))
    licences.clicked.connect(_open_notices)
    _show(window, "About TinyStudio", tr(text).format(version=tinystudio.__version__), licences)


def _open_notices() -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(resources() / "gallery" / "NOTICES")))


def _keys(text: str) -> str:
    return QKeySequence(text).toString(QKeySequence.SequenceFormat.NativeText)


def _show(
    window: QWidget, title: str, text: str, more: QPushButton | None = None, wraps: bool = True
) -> None:
    dialog = QDialog(window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(tr(title))
    label = QLabel(text)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setMinimumWidth(min(MOST_WIDTH, max(48 * GRID, 0 if wraps else label.sizeHint().width())))
    label.setWordWrap(True)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.close)
    if more is not None:
        buttons.addButton(more, QDialogButtonBox.ButtonRole.ActionRole)
    body = QVBoxLayout(dialog)
    body.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
    body.addWidget(label, 1)
    body.addWidget(buttons)
    # Not left to Qt, which takes no more than two thirds of the screen.
    dialog.resize(body.totalSizeHint())
    dialog.show()
