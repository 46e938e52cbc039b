"""A field for a text; what an empty one stands for is written into it."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import QLineEdit, QWidget

from tinystudio.core.params import ParamSpec, Value
from tinystudio.gui.forms.fields import Field
from tinystudio.gui.texts import tr


class TextField(Field):
    """One line, settled on Enter or when it is left."""

    def __init__(self, spec: ParamSpec, parent: QWidget | None = None) -> None:
        super().__init__(spec, parent)
        self._edit = QLineEdit()
        self._edit.setAccessibleName(tr(spec.title))
        self._edit.setToolTip(tr(spec.help))
        self._edit.setPlaceholderText(tr(self.text_of("")))
        self._grid.addWidget(self._edit, 1, 0)
        self._focused = self._edit
        self._edit.textEdited.connect(self._on_edited)
        self._edit.editingFinished.connect(self._on_finished)
        self.set_value(spec.default)

    def text_of(self, value: Value) -> str:
        """Return the text, or what an empty one stands for."""
        return str(value) or dict(self.spec.choices)[""]

    def _show(self) -> None:
        with QSignalBlocker(self._edit):
            self._edit.setText(str(self._value))

    @Slot(str)
    def _on_edited(self, text: str) -> None:
        if self._take(text):
            self.moved.emit()

    @Slot()
    def _on_finished(self) -> None:
        if self._edit.isModified():
            self._edit.setModified(False)
            self.committed.emit()
