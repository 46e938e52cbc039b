"""The techniques: one file each, found by the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from tinystudio.core.catalogue import find_parts
from tinystudio.core.errors import UserError
from tinystudio.techniques.technique import Technique


@cache
def techniques() -> Mapping[str, Technique[Any]]:
    """Return every technique by id."""
    return {part.id: part for part in find_parts(__name__, Technique)}  # type: ignore[type-abstract]


def find_technique(technique: str) -> Technique[Any]:
    """Return the technique of that id; raises `UserError` naming those there are."""
    if technique not in techniques():
        raise UserError(
            "The recipe was not understood",
            f"There is no technique {technique!r}.",
            f"Choose one of: {', '.join(techniques())}.",
        )
    return techniques()[technique]
