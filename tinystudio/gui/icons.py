"""The icons of actions, in the colours of the theme; loaded after the first paint."""

from __future__ import annotations

from functools import cache

from PySide6.QtGui import QIcon

from tinystudio.gui.action_table import ACTIONS, PRIMARY
from tinystudio.gui.actions import Actions
from tinystudio.gui.theme import Theme


def put_icons(actions: Actions, theme: Theme) -> None:
    """Give every action its icon in this theme's colours."""
    for spec in ACTIONS:
        if spec.icon:
            colour = theme.on_accent if spec.id == PRIMARY else theme.text
            actions[spec.id].setIcon(_icon(spec.icon, colour, theme.faint))


@cache
def _icon(name: str, colour: str, off: str) -> QIcon:
    import qtawesome  # 0.3 s, so not before the first paint

    icon = qtawesome.icon(name, color=colour, color_disabled=off)
    assert isinstance(icon, QIcon)
    return icon
