"""Whether things may move by themselves: as the system asks, or less where the user wants it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

_EFFECTS = (
    Qt.UIEffect.UI_AnimateMenu, Qt.UIEffect.UI_AnimateCombo, Qt.UIEffect.UI_AnimateTooltip,
    Qt.UIEffect.UI_FadeMenu, Qt.UIEffect.UI_FadeTooltip, Qt.UIEffect.UI_AnimateToolBox,
)  # fmt: skip
# Bars without an end, folds and scrolling are moved by the style; this is its word for stillness.
STILL = "QWidget { widget-animation-duration: 0; }"


class _Wish:
    reduced = False


def prefer_reduced(reduced: bool) -> None:
    """Let nothing move by itself, whatever the system asks for; False: as the system asks."""
    _Wish.reduced = reduced
    if isinstance(QApplication.instance(), QApplication):
        for effect in _EFFECTS:
            QApplication.setEffectEnabled(effect, not is_reduced())


def is_reduced() -> bool:
    """Say whether nothing may move by itself. Every animation asks here before it begins."""
    if _Wish.reduced:
        return True
    if QGuiApplication.instance() is None:
        return False
    style = QGuiApplication.styleHints()  # PySide drops the hints with what they are of
    return bool(style.accessibility().motionPreference() == Qt.MotionPreference.ReducedMotion)


def duration_ms(wanted: int) -> int:
    """Return how long an animation may take: nothing where motion is reduced."""
    return 0 if is_reduced() else wanted


def style_of_motion() -> str:
    """Return the part of the stylesheet that keeps the style's own animations still."""
    return STILL if is_reduced() else ""
