"""Foreign model files: what each is, and how it becomes ONNX. One file each, by the catalogue."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tinystudio.core.catalogue import find_parts
from tinystudio.core.peeking import Peek, kind_of_file
from tinystudio.importers.importer import Importer


@cache
def importers() -> tuple[Importer, ...]:
    """Return every kind of foreign model file."""
    return find_parts(__name__, Importer)  # type: ignore[type-abstract]


def importer_of(peek: Peek) -> Importer | None:
    """Return the importer for what was looked at, or None where none knows it."""
    return next((item for item in importers() if item.recognizes(peek)), None)


def suffixes() -> tuple[str, ...]:
    """Return the endings that foreign model files have."""
    return tuple(dict.fromkeys(end for item in importers() for end in item.suffixes))


def is_foreign(path: Path) -> bool:
    """Say whether a model has to be converted before it can be opened. A few bytes are read."""
    try:
        return path.is_file() and kind_of_file(path) != "other"
    except (OSError, ValueError):  # ValueError: characters that no path can have
        return False  # opening it will say why
