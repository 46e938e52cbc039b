"""The one form builder: from `ParamSpec`s to fields, and back to values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget
from superqt import QCollapsible

from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, ParamSpec, Value, describe, parse_params
from tinystudio.gui.forms.field_for import field_for
from tinystudio.gui.forms.fields import Field, ModelField
from tinystudio.gui.model_choices import ModelChoice
from tinystudio.gui.texts import tr

FOLDED, UNFOLDED = "▸ Advanced", "▾ Advanced"

Check = Callable[[Mapping[str, Value]], str]  # returns what is wrong, or ""


class ParamForm(QWidget):
    """Fields for a part's parameters, the advanced ones folded away.

    `value_moved` comes with every change while the user is at it, `value_committed` when it is
    settled; both carry all values. `set_values` says nothing, and `values` gives back exactly
    what was put in. Values that together are not allowed are complained about and not said.
    """

    value_moved = Signal(dict)
    value_committed = Signal(dict)

    def __init__(
        self,
        specs: Sequence[ParamSpec],
        check: Check | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._check = check
        self._fields = {spec.name: field_for(spec) for spec in specs}
        self._advanced = _Advanced() if any(spec.advanced for spec in specs) else None
        self._lay_out()
        for name, field in self._fields.items():
            field.moved.connect(partial(self._on_changed, name, False))
            field.committed.connect(partial(self._on_changed, name, True))

    @classmethod
    def of(cls, params: type[Params], owner: str) -> ParamForm:
        """Return the form of a part's parameters, checked as the part checks them."""
        return cls(describe(params), partial(_complaint, params, owner))

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for field in self._fields.values():
            if field.spec.advanced and self._advanced:
                self._advanced.addWidget(field)
            else:
                layout.addWidget(field)
        if self._advanced:
            layout.addWidget(self._advanced)

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:
        """Give the focus to the first field."""
        if self._fields:
            next(iter(self._fields.values())).setFocus(reason)

    def field(self, name: str) -> Field:
        """Return the field of one parameter."""
        return self._fields[name]

    def values(self) -> dict[str, Value]:
        """Return every parameter's value."""
        return {name: field.value() for name, field in self._fields.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show these values; what is not named stays. No signal."""
        for name, value in values.items():
            if self._fields[name].value() != value:
                self._fields[name].set_value(value)
            self._fields[name].complain("")

    def offer_models(self, models: Sequence[ModelChoice]) -> None:
        """List these models wherever one is to be named."""
        for field in self._fields.values():
            if isinstance(field, ModelField):
                field.offer(models)

    def is_default(self) -> bool:
        """Say whether every field holds its declared default."""
        return all(field.is_default() for field in self._fields.values())

    @Slot()
    def reset(self) -> None:
        """Put every field back to its declared default."""
        if not self.is_default():
            self.set_values({name: field.spec.default for name, field in self._fields.items()})
            self.value_committed.emit(self.values())

    def complaint(self) -> str:
        """Return what is wrong with the values as they stand, or nothing."""
        return self._check(self.values()) if self._check else ""

    def _on_changed(self, name: str, settled: bool) -> None:
        complaint = self.complaint()
        self._fields[name].complain(complaint)
        if complaint:
            return
        (self.value_committed if settled else self.value_moved).emit(self.values())


class _Advanced(QCollapsible):  # type: ignore[misc]  # superqt is not typed for mypy here
    """The fold for what few people need."""

    def __init__(self) -> None:
        # The arrow is part of the words: an icon would keep the colour of an older theme.
        super().__init__(tr(FOLDED), expandedIcon=" ", collapsedIcon=" ")
        self.toggleButton().setIconSize(QSize(0, 0))
        self.setDuration(0)  # an animation would make the panel jump while it is read
        self.toggleButton().setStyleSheet(
            "QPushButton { text-align: left; border: none; background: transparent;"
            " padding: 2px 0; margin-left: -4px; } QPushButton:focus { color: palette(link); }"
        )
        self.toggleButton().setAccessibleName(tr("Advanced parameters"))
        self.layout().setContentsMargins(0, 0, 0, 0)
        self.content().layout().setContentsMargins(8, 4, 0, 0)
        self.content().layout().setSpacing(8)
        # Folded to no height the fields could still be reached by Tab.
        self.content().hide()
        self.toggled.connect(self._on_toggled)

    @Slot(bool)
    def _on_toggled(self, is_open: bool) -> None:
        self.content().setVisible(is_open)
        self.setText(tr(UNFOLDED) if is_open else tr(FOLDED))


def _complaint(params: type[Params], owner: str, values: Mapping[str, Value]) -> str:
    try:
        parse_params(params, dict(values), owner)
    except UserError as error:
        return error.detail
    return ""
