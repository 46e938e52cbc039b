"""A user's hands: what is clicked and typed in the window's own widgets."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tinystudio.core.params import Value
from tinystudio.gui.forms.choice_box import ChoiceBox
from tinystudio.gui.forms.fields import Field
from tinystudio.gui.forms.form import ParamForm
from tinystudio.gui.forms.technique_menu import TechniqueMenu
from tinystudio.gui.forms.toggle import Toggle
from tinystudio.gui.forms.value_edit import ValueEdit
from tinystudio.gui.panels.settings import SettingsPanel


def click(qtbot: QtBot, widget: QWidget) -> None:
    """Click in the middle of a widget that can be clicked."""
    assert widget.isEnabled(), widget.toolTip()
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def choose_technique(panel: SettingsPanel, technique: str) -> None:
    """Choose an entry of the menu behind "+ add technique"."""
    menu = panel.findChild(TechniqueMenu)
    assert menu is not None
    menu.fill()
    (entry,) = [action for action in menu.actions() if action.data() == technique]
    assert entry.isEnabled()
    entry.trigger()


def enter_all(qtbot: QtBot, form: ParamForm, values: Mapping[str, Value]) -> None:
    """Set these parameters in their fields."""
    for name, value in values.items():
        enter(qtbot, form.field(name), value)
        assert form.field(name).value() == value, name


def enter(qtbot: QtBot, field: Field, value: Value) -> None:
    """Set a field: turn a switch, step through a list, or type a number and Enter."""
    toggle, box, edit = (field.findChild(kind) for kind in (Toggle, ChoiceBox, ValueEdit))
    if toggle is not None:
        qtbot.mouseClick(toggle, Qt.MouseButton.LeftButton)
    elif box is not None:
        qtbot.keyClick(box, Qt.Key.Key_Home)
        for _ in range(box.findData(value)):
            qtbot.keyClick(box, Qt.Key.Key_Down)
    elif edit is not None:
        edit.selectAll()
        qtbot.keyClicks(edit, field.text_of(value))
        qtbot.keyClick(edit, Qt.Key.Key_Return)
