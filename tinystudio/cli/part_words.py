"""Prints what a part (a technique, a data format) is, with its parameters."""

from __future__ import annotations

from typing import Any, Protocol

from tinystudio.cli.console import Console
from tinystudio.cli.words import bounds_text
from tinystudio.core.params import Params, describe


class Part(Protocol):
    """What techniques and formats have in common."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def help(self) -> str: ...
    @property
    def params(self) -> type[Params]: ...


def show_part(part: Part, console: Console, *, also: str = "", with_help: bool = False) -> None:
    """Print its name (`also` behind it), its help where asked, and a line per parameter."""
    console.say(f"{part.id}: {part.title}{also}")
    if with_help:
        console.say(f"\n{part.help}\n")
    for spec in describe(part.params):
        console.say(f"  {spec.name}={spec.default}  ({bounds_text(spec)}) {spec.title}")


def part_document(part: Part, **more: object) -> dict[str, Any]:
    """Return the same for a program; `more` stands between title and help."""
    parameters = [spec.model_dump(mode="json") for spec in describe(part.params)]
    return {
        "id": part.id, "title": part.title, **more, "help": part.help, "parameters": parameters,
    }  # fmt: skip
