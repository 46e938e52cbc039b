"""Export targets: one file each, found by the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from tinystudio.core.catalogue import find_parts
from tinystudio.core.errors import UserError
from tinystudio.exporters.exporter import Exporter


@cache
def targets() -> Mapping[str, Exporter[Any]]:
    """Return every export target by id."""
    return {part.id: part for part in find_parts(__name__, Exporter)}  # type: ignore[type-abstract]


def find_target(target: str) -> Exporter[Any]:
    """Return the target of that id; raises `UserError` naming those there are."""
    if target not in targets():
        raise UserError(
            "Nothing was exported",
            f"There is no target {target!r}.",
            f"Choose one of: {', '.join(targets())}.",
        )
    return targets()[target]
