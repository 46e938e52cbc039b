"""Says to those who have the screen read to them what others see happen."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget


def announce(widget: QWidget, text: str) -> None:
    """Have `text` read out; `widget` is where it happened."""
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
