"""Typed parameters of a part, and their description for every reader of them.

One declaration per parameter; the settings panel, the wizard page, the command line's help, the
sweep's axes and the contract tests all read the `ParamSpec`s made from it.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, Literal, Self, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from tinystudio.core.errors import UserError

Single = float | int | bool | str
Value = Single | dict[str, Any]  # of one parameter, as JSON has it


class Params(BaseModel):
    """Base of every part's parameters: frozen, bounded, described."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def written(self) -> dict[str, Any]:
        """Return the values as a recipe has them.

        A parameter that was added later is left out where it changes nothing: recipes from before
        keep their fingerprint, and what they make its bytes.
        """
        values = self.model_dump()
        for name, field in type(self).model_fields.items():
            extra = field.json_schema_extra
            if isinstance(extra, dict) and extra.get("later") and values[name] == field.default:
                del values[name]
        return values

    @property
    def models(self) -> tuple[str, ...]:
        """Return the models that the values name, by gallery:TASK or path."""
        named = (getattr(self, spec.name) for spec in describe(type(self)) if spec.is_model)
        return tuple(reference for reference in named if reference)

    def with_models(self, renamed: Callable[[str], str]) -> Self:
        """Return the same parameters, each model they name called by another reference."""
        given = {s.name: getattr(self, s.name) for s in describe(type(self)) if s.is_model}
        return self.model_copy(update={name: renamed(it) for name, it in given.items() if it})


P = TypeVar("P", bound=Params)


class Kind(StrEnum):
    """Which widget and which parser a parameter gets."""

    NUMBER = "number"
    INTEGER = "integer"
    CHOICE = "choice"
    SWITCH = "switch"
    TABLE = "table"  # a name for each row; written by the window or a file, not by hand
    TEXT = "text"
    MODEL = "model"  # which one: gallery:TASK or the path of a file; empty: none is named


class ParamSpec(BaseModel):
    """What a reader needs to know about one parameter."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    help: str
    kind: Kind
    default: Value
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    unit: str = ""  # "%" means: stored as a fraction, shown times 100
    choices: tuple[tuple[str, str], ...] = ()  # (value, title); of model or text only the empty
    advanced: bool = False
    sweep_to: float | None = None  # the last value of a usual sweep, where not the maximum

    @property
    def is_model(self) -> bool:
        """Say whether the value names a model."""
        return self.kind is Kind.MODEL


def number(
    default: float,
    *,
    title: str,
    help: str,
    ge: float,
    le: float,
    step: float,
    unit: str = "",
    advanced: bool = False,
    later: bool = False,
) -> Any:
    """Declare a float with bounds, e.g. `sparsity: float = number(0.5, title="...", ...)`.

    `later`: it was added to a part that had been released; see `Params.written`.
    """
    extra: JsonDict = {"step": step, "unit": unit, "advanced": advanced, "later": later}
    return Field(default, title=title, description=help, ge=ge, le=le, json_schema_extra=extra)


def integer(
    default: int,
    *,
    title: str,
    help: str,
    ge: int,
    le: int,
    step: int = 1,
    unit: str = "",
    advanced: bool = False,
    later: bool = False,
    sweep_to: int | None = None,
) -> Any:
    """Declare an int with bounds; a sweep goes up to `sweep_to` unless asked otherwise."""
    extra: JsonDict = {
        "step": step, "unit": unit, "advanced": advanced, "later": later, "sweep_to": sweep_to,
    }  # fmt: skip
    return Field(default, title=title, description=help, ge=ge, le=le, json_schema_extra=extra)


def choice(
    default: str,
    *,
    title: str,
    help: str,
    titles: dict[str, str],
    advanced: bool = False,
    later: bool = False,
) -> Any:
    """Declare one of a `Literal`'s values; `titles` says each value in words."""
    extra: JsonDict = {"titles": dict(titles), "advanced": advanced, "later": later}
    return Field(default, title=title, description=help, json_schema_extra=extra)


def switch(default: bool, *, title: str, help: str, advanced: bool = False) -> Any:
    """Declare an on/off parameter."""
    extra: JsonDict = {"advanced": advanced}
    return Field(default, title=title, description=help, json_schema_extra=extra)


def table(*, title: str, help: str, advanced: bool = False) -> Any:
    """Declare a mapping from names to rows, empty by default: `levels: dict[str, Row] = ...`."""
    extra: JsonDict = {"advanced": advanced}
    return Field({}, title=title, description=help, json_schema_extra=extra)


def model(*, title: str, help: str, empty: str, advanced: bool = False, later: bool = False) -> Any:
    """Declare a model to be named, none by default: `teacher: str = model(...)`.

    `empty` says in words what is taken then.
    """
    extra: JsonDict = {"empty": empty, "advanced": advanced, "later": later}
    return Field("", title=title, description=help, json_schema_extra=extra)


def text(*, title: str, help: str, empty: str, advanced: bool = False) -> Any:
    """Declare a text, empty by default: `target: str = text(...)`.

    `empty` says in words what is taken then.
    """
    extra: JsonDict = {"empty": empty, "advanced": advanced, "free": True}
    return Field("", title=title, description=help, json_schema_extra=extra)


def describe(params: type[Params]) -> tuple[ParamSpec, ...]:
    """Return one `ParamSpec` per parameter, in the order of declaration."""
    return tuple(_describe(name, field) for name, field in params.model_fields.items())


def _describe(name: str, field: FieldInfo) -> ParamSpec:
    if field.default is PydanticUndefined or field.title is None or field.description is None:
        raise TypeError(f"parameter {name} needs a default, a title and a help text")
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    common: dict[str, Any] = {
        "name": name,
        "title": field.title,
        "help": field.description,
        "default": field.default,
        "advanced": bool(extra.get("advanced", False)),
    }
    annotation = _bare(field.annotation)
    if get_origin(annotation) is Literal:
        titles: Any = extra.get("titles", {})
        values = [str(value) for value in get_args(annotation)]
        choices = tuple((value, str(titles[value])) for value in values)
        return ParamSpec(kind=Kind.CHOICE, choices=choices, **common)
    if annotation is bool:
        return ParamSpec(kind=Kind.SWITCH, **common)
    if get_origin(annotation) is dict:
        return ParamSpec(kind=Kind.TABLE, **common)
    if annotation is str:
        choices = (("", str(extra["empty"])),)
        kind = Kind.TEXT if extra.get("free") else Kind.MODEL
        return ParamSpec(kind=kind, choices=choices, **common)
    kind = Kind.INTEGER if annotation is int else Kind.NUMBER
    bounds = {"minimum": _bound(field, "ge"), "maximum": _bound(field, "le")}
    return ParamSpec(
        kind=kind, step=extra.get("step"), unit=str(extra.get("unit", "")),
        sweep_to=extra.get("sweep_to"), **bounds, **common,
    )  # fmt: skip


def _bare(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _bound(field: FieldInfo, name: str) -> float | None:
    for item in field.metadata:
        if hasattr(item, name):
            return float(getattr(item, name))
    return None


def parse_params(params: type[P], values: dict[str, Any], owner: str) -> P:
    """Validate `values` (from JSON, a form or `name=value` words) into typed parameters.

    Raises `UserError` that names the parameter, its bounds and what was given.
    """
    try:
        return params.model_validate(values)
    except ValidationError as error:
        raise UserError(
            f"{owner} was not set up",
            "; ".join(_complaint(params, item) for item in error.errors()) + ".",
            "Correct the value, or leave it out to use the default.",
        ) from None


def _complaint(params: type[Params], item: Any) -> str:
    name = str(item["loc"][0]) if item["loc"] else "value"
    known = {spec.name: spec for spec in describe(params)}
    if name not in known:
        return f"there is no parameter {name!r} (there are: {', '.join(known) or 'none'})"
    spec, given = known[name], item["input"]
    if spec.kind is Kind.TABLE:
        where = ".".join(str(part) for part in item["loc"])
        return f"{where} is {given!r}: {item['msg'].lower()}"
    return f"{name} is {given!r}; it {_allowed(spec)}"


def _allowed(spec: ParamSpec) -> str:
    match spec.kind:
        case Kind.CHOICE:
            return f"can be {', '.join(value for value, _ in spec.choices)}"
        case Kind.SWITCH:
            return "can be true or false"
        case Kind.TEXT:
            return "must be a text"
        case Kind.MODEL:
            return "must be gallery:TASK or the path of a model"
        case _:
            return f"must be between {spec.minimum:g} and {spec.maximum:g}"
