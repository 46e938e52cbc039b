"""The actions of menus and toolbar as Qt has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence

from tinystudio.gui.action_table import ACTIONS, ActionSpec, MenuName, Need
from tinystudio.gui.texts import tr


class Actions(QObject):
    """The actions as Qt has them, by id; says which one was asked for."""

    asked_for = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._actions = {spec.id: self._make(spec) for spec in ACTIONS}
        self.enable(())

    def __getitem__(self, id: str) -> QAction:
        return self._actions[id]

    def of_menu(self, menu: MenuName) -> list[tuple[ActionSpec, QAction]]:
        """Return the actions of a menu in order."""
        return [(spec, self[spec.id]) for spec in ACTIONS if spec.menu == menu]

    def enable(self, there: Iterable[Need]) -> None:
        """Enable the actions whose needs are all among `there`."""
        have = set(there)
        for spec in ACTIONS:
            self[spec.id].setEnabled(have.issuperset(spec.needs))

    def name(self, id: str, text: str) -> None:
        """Change an action's text, e.g. to say what undo takes back."""
        self[id].setText(tr(text))

    def tick(self, ticked: Mapping[str, bool]) -> None:
        """Set which checkable actions are on."""
        for id, on in ticked.items():
            self[id].setChecked(on)

    def _make(self, spec: ActionSpec) -> QAction:
        action = QAction(tr(spec.text), self)
        action.setObjectName(spec.id)
        action.setCheckable(spec.checkable)
        action.setStatusTip(tr(spec.tip))
        action.setMenuRole(QAction.MenuRole.NoRole)
        if spec.shortcut:
            action.setShortcut(QKeySequence(spec.shortcut))
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        tip = tr(spec.tip)
        action.setToolTip(f"{tip} ({keys})" if keys else tip)
        action.triggered.connect(self._on_triggered)
        return action

    def _on_triggered(self) -> None:
        sender = self.sender()
        if isinstance(sender, QAction):
            self.asked_for.emit(sender.objectName())


def shortcut_lines() -> dict[str, list[tuple[str, str]]]:
    """Return every shortcut with what it does, by its menu."""
    found: dict[str, list[tuple[str, str]]] = {}
    for spec in ACTIONS:
        if spec.shortcut:
            found.setdefault(spec.menu, []).append((spec.shortcut, tr(spec.text)))
    return found
