"""A small "?" that tells what something is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QToolButton, QWhatsThis

from tinystudio.gui.texts import tr, tr_help


class HelpMark(QToolButton):
    """Shows its text under the pointer, and on a press for those without one."""

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._text = text = tr_help(text)
        self.setText("?")
        self.setToolTip(f"<qt>{as_rich_text(text)}</qt>")
        self.setAccessibleName(tr("What is {title}?").format(title=tr(title)))
        self.setAccessibleDescription(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setStyleSheet(
            "QToolButton { color: palette(placeholder-text); padding: 0 3px; border-width: 1px; }"
            "QToolButton:hover { color: palette(link); }"
        )
        self.clicked.connect(self._on_clicked)

    @Slot()
    def _on_clicked(self) -> None:
        rich = f"<qt>{as_rich_text(self._text)}</qt>"
        QWhatsThis.showText(self.mapToGlobal(self.rect().bottomLeft()), rich, self)


def as_rich_text(text: str) -> str:
    """Return plain text, as docstrings have it, so that Qt breaks its lines where it likes."""
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    safe = (part.replace("&", "&amp;").replace("<", "&lt;") for part in paragraphs)
    return "".join(f"<p>{part}</p>" for part in safe)
