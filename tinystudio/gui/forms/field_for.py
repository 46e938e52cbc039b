"""Which field each kind of parameter gets."""

from __future__ import annotations

from tinystudio.core.params import Kind, ParamSpec
from tinystudio.gui.forms.fields import (
    ChoiceField,
    Field,
    ModelField,
    NumberField,
    SwitchField,
    TableField,
)
from tinystudio.gui.forms.text_field import TextField

KINDS: dict[Kind, type[Field]] = {
    Kind.NUMBER: NumberField,
    Kind.INTEGER: NumberField,
    Kind.CHOICE: ChoiceField,
    Kind.SWITCH: SwitchField,
    Kind.TABLE: TableField,
    Kind.TEXT: TextField,
    Kind.MODEL: ModelField,
}


def field_for(spec: ParamSpec) -> Field:
    """Return the field that a parameter gets."""
    return KINDS[spec.kind](spec)
