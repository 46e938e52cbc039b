"""Foreign model files: what each is, and how it becomes ONNX. One file each, by the catalogue."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

from tinystudio.core.catalogue import find_parts
from tinystudio.core.peeking import WEIGHTS_SUFFIX, Peek, is_model_folder, kind_of_file
from tinystudio.importers.importer import Importer

LIBRARY = "transformers"  # makes the networks of Hugging Face folders


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


def whole_model(path: Path, has_module: bool) -> Path:
    """Return the folder that weights belong to, where it says what network they are of.

    With a module of the user's own, or without the package that knows such networks, the weights
    are taken as they are.
    """
    is_part = not has_module and path.suffix.lower() == WEIGHTS_SUFFIX and path.is_file()
    if not is_part or importlib.util.find_spec(LIBRARY) is None:
        return path
    folder = path.absolute().parent
    return folder if is_model_folder(folder) else path


def is_foreign(path: Path) -> bool:
    """Say whether a model has to be converted before it can be opened. A few bytes are read."""
    try:
        if path.is_dir():
            return is_model_folder(path)
        return path.is_file() and kind_of_file(path) != "other"
    except (OSError, ValueError):  # ValueError: characters that no path can have
        return False  # opening it will say why
