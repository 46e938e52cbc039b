"""One field per kind of parameter: its title, its widget, its help, its reset."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QWidget,
)

from tinystudio.core.params import ParamSpec, Value
from tinystudio.gui.file_dialogs import MODELS
from tinystudio.gui.forms.choice_box import ChoiceBox
from tinystudio.gui.forms.help_mark import HelpMark
from tinystudio.gui.forms.scale import Scale
from tinystudio.gui.forms.slider import StepSlider
from tinystudio.gui.forms.toggle import Toggle
from tinystudio.gui.forms.value_edit import ValueEdit
from tinystudio.gui.model_choices import ModelChoice
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr

BESIDE = 16  # letters: a longer choice stands below its title, where a narrow panel has room


class Field(QWidget):
    """A parameter on the screen. What is put in comes back out exactly.

    `moved` comes with every change while the user is at it, `committed` once it is settled: the
    mouse let go, the key came up, the word was typed. `set_value` says nothing.
    """

    moved = Signal()
    committed = Signal()

    def __init__(self, spec: ParamSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self._value: Value = spec.default
        self._focused: QWidget | None = None
        self._title = QLabel(tr(spec.title))
        self._help = HelpMark(tr(spec.title), spec.help)
        self._reset = QToolButton()
        self._complaint = QLabel()
        self._reset.setText("↺")
        self._reset.setToolTip(tr(f"Back to {self.text_of(spec.default)}"))
        self._reset.setAccessibleName(tr("Reset {title}").format(title=tr(spec.title)))
        self._reset.clicked.connect(self.reset)
        policy = self._reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(policy)
        self._title.setToolTip(tr(spec.help))
        self._complaint.setWordWrap(True)
        self._complaint.hide()
        set_role(self._complaint, "bad")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(4)
        self._grid.setVerticalSpacing(2)
        self._head = QHBoxLayout()
        self._head.setSpacing(2)
        self._head.addWidget(self._title)
        self._head.addWidget(self._help)
        self._head.addStretch(1)
        self._head.addWidget(self._reset)
        self._grid.addLayout(self._head, 0, 0)
        self._grid.addWidget(self._complaint, 2, 0)

    def value(self) -> Value:
        """Return the parameter's value."""
        return self._value

    def set_value(self, value: Value) -> None:
        """Show a value from outside; no signal."""
        self._value = value
        self._show()
        self.complain("")
        self._reset.setVisible(not self.is_default())

    def is_default(self) -> bool:
        """Say whether the value is the declared one."""
        return self._value == self.spec.default

    @Slot()
    def reset(self) -> None:
        """Go back to the declared default."""
        if not self.is_default():
            self.set_value(self.spec.default)
            self.committed.emit()

    def complain(self, text: str) -> None:
        """Say under the field what is wrong with what was entered; empty: nothing is."""
        self._complaint.setText(tr(text))
        self._complaint.setVisible(bool(text))

    def shut(self, reason: str) -> None:
        """Let nothing be entered, and say why."""
        self.setEnabled(False)
        self.complain(reason)
        set_role(self._complaint, "muted")

    def complaint(self) -> str:
        """Return what is wrong with what was entered."""
        return self._complaint.text()

    def text_of(self, value: Value) -> str:
        """Return a value in words."""
        return str(value)

    @property
    def focused(self) -> QWidget | None:
        """Return the widget that holds the value and takes the focus."""
        return self._focused

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:
        """Give the focus to what holds the value.

        Not by Qt's focus proxy: Tab would come to that at once and pass over help and reset.
        """
        if self._focused is not None:
            self._focused.setFocus(reason)

    def _show(self) -> None:
        """Bring the widget in line with the value."""

    def _take(self, value: Value) -> bool:
        """Take a value from the user; say whether it is another one."""
        if value == self._value and type(value) is type(self._value):
            return False
        self._value = value
        self.complain("")
        self._reset.setVisible(not self.is_default())
        return True


class NumberField(Field):
    """A slider over the parameter's steps, with its value beside the title to type into."""

    def __init__(self, spec: ParamSpec, parent: QWidget | None = None) -> None:
        self._scale = Scale.of(spec)
        super().__init__(spec, parent)
        self._slider = StepSlider(self._scale.positions, self._scale.ticks())
        self._edit = ValueEdit()
        self._settled: Value = spec.default
        for widget in (self._slider, self._edit):
            widget.setAccessibleName(tr(spec.title))
            widget.setAccessibleDescription(tr(spec.help))
        self._edit.setToolTip(f"{tr(spec.help)}\n{self._range()}")
        self._slider.setToolTip(tr(spec.help))
        self._head.addWidget(self._edit)
        self._grid.addWidget(self._slider, 1, 0)
        self._focused = self._slider
        self._slider.valueChanged.connect(self._on_slider_moved)
        self._slider.sliderReleased.connect(self._on_slider_released)
        self._edit.entered.connect(self._on_entered)
        self._edit.stepped.connect(self._on_stepped)
        self.set_value(spec.default)

    def text_of(self, value: Value) -> str:
        return self._scale.text(_number(value))

    def _range(self) -> str:
        low, high = self._scale.text(self._scale.minimum), self._scale.text(self._scale.maximum)
        return tr(f"From {low} to {high}")

    def _show(self) -> None:
        self._settled = self._value
        with QSignalBlocker(self._slider):
            self._slider.setValue(self._scale.position(_number(self._value)))
        self._edit.setText(self.text_of(self._value))

    @Slot(int)
    def _on_slider_moved(self, position: int) -> None:
        if self._take(self._scale.value(position)):
            self._edit.setText(self.text_of(self._value))
            self.moved.emit()

    @Slot()
    def _on_slider_released(self) -> None:
        if self._settled != self._value:
            self._settled = self._value
            self.committed.emit()

    @Slot(str)
    def _on_entered(self, text: str) -> None:
        if text == self.text_of(self._value):
            self.complain("")
            return
        try:
            value = self._scale.read(text)
        except ValueError as error:
            self._edit.setText(self.text_of(self._value))
            self.complain(f"“{text}” was not taken: {error}.")
            return
        self._settle_on(value)

    @Slot(int)
    def _on_stepped(self, steps: int) -> None:
        position = self._scale.position(_number(self._value)) + steps
        self._settle_on(self._scale.value(min(self._scale.positions, max(0, position))))

    def _settle_on(self, value: Value) -> None:
        if self._take(value):
            self._show()
            self.moved.emit()
            self.committed.emit()
        self._edit.setText(self.text_of(self._value))


class ChoiceField(Field):
    """One of several words, in a list that opens."""

    def __init__(self, spec: ParamSpec, parent: QWidget | None = None) -> None:
        super().__init__(spec, parent)
        self._combo = ChoiceBox()
        for value, title in spec.choices:
            self._combo.addItem(tr(title), value)
        self._combo.setAccessibleName(tr(spec.title))
        self._combo.setToolTip(tr(spec.help))
        longest = max((len(title) for _, title in spec.choices), default=0)
        if longest > BESIDE:
            self._grid.addWidget(self._combo, 1, 0)
        else:
            self._head.addWidget(self._combo)
        self._focused = self._combo
        self._combo.currentIndexChanged.connect(self._on_chosen)
        self.set_value(spec.default)

    def text_of(self, value: Value) -> str:
        return dict(self.spec.choices).get(str(value), str(value))

    def _show(self) -> None:
        with QSignalBlocker(self._combo):
            self._combo.setCurrentIndex(self._combo.findData(self._value))

    @Slot(int)
    def _on_chosen(self, index: int) -> None:
        if self._take(str(self._combo.itemData(index))):
            self.moved.emit()
            self.committed.emit()


class SwitchField(Field):
    """On or off."""

    def __init__(self, spec: ParamSpec, parent: QWidget | None = None) -> None:
        super().__init__(spec, parent)
        self._switch = Toggle()
        self._switch.setAccessibleName(tr(spec.title))
        self._switch.setToolTip(tr(spec.help))
        self._head.addWidget(self._switch)
        self._focused = self._switch
        self._switch.toggled.connect(self._on_toggled)
        self.set_value(spec.default)

    def text_of(self, value: Value) -> str:
        return "on" if value else "off"

    def _show(self) -> None:
        with QSignalBlocker(self._switch):
            self._switch.setChecked(bool(self._value))

    @Slot(bool)
    def _on_toggled(self, on: bool) -> None:
        if self._take(on):
            self.moved.emit()
            self.committed.emit()


class TableField(Field):
    """How many rows a table has; they are written elsewhere, and all of them can be cleared.

    `sum_up` puts words in place of the count, `offer` a way to where the rows are written.
    """

    editing_requested = Signal()

    def __init__(self, spec: ParamSpec, parent: QWidget | None = None) -> None:
        super().__init__(spec, parent)
        self._rows, self._edit = QLabel(), QPushButton()
        self._rows.setAccessibleName(tr(spec.title))
        self._rows.setWordWrap(True)
        set_role(self._rows, "muted")
        set_role(self._edit, "link")
        self._edit.hide()
        self._edit.clicked.connect(self.editing_requested)
        self._grid.addWidget(self._rows, 1, 0)
        self._head.addWidget(self._edit)
        self.set_value(spec.default)

    def sum_up(self, words: str) -> None:
        """Say in these words what the rows are."""
        self._rows.setText(tr(words))

    def offer(self, words: str) -> None:
        """Offer to edit the rows."""
        self._edit.setText(tr(words))
        self._edit.show()

    def text_of(self, value: Value) -> str:
        """Return how many rows there are."""
        count = len(value) if isinstance(value, dict) else 0
        return f"{count} row{'s' * (count != 1)}" if count else "none set"

    def _show(self) -> None:
        self._rows.setText(tr(self.text_of(self._value)))


class ModelField(Field):
    """One of the models at hand, or any file; empty: none is named."""

    def __init__(self, spec: ParamSpec, parent: QWidget | None = None) -> None:
        self._models: tuple[ModelChoice, ...] = ()
        super().__init__(spec, parent)
        self._combo, self._browse = ChoiceBox(), QPushButton(tr("Choose file…"))
        self._combo.setAccessibleName(tr(spec.title))
        self._combo.setToolTip(tr(spec.help))
        self._browse.setAccessibleName(tr("Choose a file: {title}").format(title=tr(spec.title)))
        set_role(self._browse, "link")
        self._head.addWidget(self._browse)
        self._grid.addWidget(self._combo, 1, 0)
        self._focused = self._combo
        self._combo.currentIndexChanged.connect(self._on_chosen)
        self._browse.clicked.connect(self._on_browse)
        self.set_value(spec.default)

    def offer(self, models: Sequence[ModelChoice]) -> None:
        """List these models."""
        if tuple(models) != self._models:
            self._models = tuple(models)
            self._show()

    def text_of(self, value: Value) -> str:
        """Return what a model is called; a file that is not listed by its name."""
        titles = {model.reference: model.title for model in self._models}
        named = {**dict(self.spec.choices), **titles}
        return named.get(str(value), PurePath(str(value)).name)

    def _show(self) -> None:
        listed = ["", *(model.reference for model in self._models)]
        if self._value not in listed:
            listed.append(str(self._value))
        with QSignalBlocker(self._combo):
            self._combo.clear()
            for reference in listed:
                self._combo.addItem(tr(self.text_of(reference)), reference)
                tip = reference or tr(self.spec.help)
                self._combo.setItemData(self._combo.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
            self._combo.setCurrentIndex(self._combo.findData(self._value))

    @Slot(int)
    def _on_chosen(self, index: int) -> None:
        self._settle_on(str(self._combo.itemData(index)))

    @Slot()
    def _on_browse(self) -> None:
        files = (self._value, *(model.reference for model in self._models))
        folders = [folder for name in files if (folder := PurePath(str(name)).parent).is_absolute()]
        start = str(folders[0]) if folders else str(Path.home())
        dialog = QFileDialog(self, tr(self.spec.title), start, MODELS)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._on_file)
        dialog.open()

    @Slot(str)
    def _on_file(self, path: str) -> None:
        self._settle_on(path)
        self._show()

    def _settle_on(self, reference: str) -> None:
        if self._take(reference):
            self.moved.emit()
            self.committed.emit()


def _number(value: Value) -> float:
    if isinstance(value, dict):
        raise TypeError("a table is no number")
    return float(value)
