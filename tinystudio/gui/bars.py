"""Menus and toolbar, filled from the list of actions."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QMenu, QMenuBar, QToolBar

from tinystudio.gui.action_table import MENUS, PRIMARY, TOOLBAR
from tinystudio.gui.actions import Actions
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr

ICON = 16  # pixels
SHORT = {"open-model": "Open"}  # words on the toolbar that are longer in the menu


def fill_menus(bar: QMenuBar, actions: Actions, recent: QMenu) -> None:
    """Put every action into its menu, groups parted by lines; `recent` is in File."""
    for name in MENUS:
        menu = bar.addMenu(tr(name))
        menu.setToolTipsVisible(True)
        group = 0
        for spec, action in actions.of_menu(name):
            if spec.group != group:
                if name == "File" and group == 0:
                    menu.addMenu(recent)
                menu.addSeparator()
            group = spec.group
            menu.addAction(action)
            # Its icon has the colour of words on the accent, which cannot be seen in a menu.
            action.setIconVisibleInMenu(spec.id != PRIMARY)


def make_toolbar(actions: Actions) -> QToolBar:
    """Return the toolbar with its few actions, short words beside their icons."""
    bar = QToolBar("Tools")
    bar.setObjectName("tools")
    bar.setMovable(False)
    bar.setIconSize(QSize(ICON, ICON))
    bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    for id in TOOLBAR:
        action = actions[id]
        short = SHORT.get(id)
        action.setIconText(tr(short) if short else action.text())
        bar.addAction(action)
        button = bar.widgetForAction(action)
        set_role(button, "primary" if id == PRIMARY else "tool")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(action.iconText())
    return bar
