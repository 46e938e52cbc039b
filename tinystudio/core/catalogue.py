"""Finds the parts: every class of a kind that the modules of a package declare."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import TypeVar

T = TypeVar("T")


def find_parts(package: str, base: type[T]) -> tuple[T, ...]:
    """Return one instance of every concrete subclass of `base` in `package`, by module name.

    A part is added by adding a file; there is no list to keep in step. Importing a part's file
    must be cheap: no torch, no onnxruntime.
    """
    root = importlib.import_module(package)
    found: list[T] = []
    for info in sorted(pkgutil.iter_modules(root.__path__), key=lambda item: item.name):
        module = importlib.import_module(f"{package}.{info.name}")
        for _, item in inspect.getmembers(module, inspect.isclass):
            here = item.__module__ == module.__name__
            if here and issubclass(item, base) and not inspect.isabstract(item):
                found.append(item())
    return tuple(found)
