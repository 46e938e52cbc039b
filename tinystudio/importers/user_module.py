"""The user's own module: made by the very source that was shown, and given its weights."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tinystudio.core.errors import UserError
from tinystudio.importers.importer import Source
from tinystudio.importers.torch_program import first_words

if TYPE_CHECKING:
    import torch

MOST_NAMED = 3
LARGEST_SOURCE = 200_000  # bytes; all of it is shown, and nobody reads more before trusting it
MODULE_HINT = "Name your file and the function or class in it: file.py:factory."
MISFIT_HINT = "Check that the checkpoint belongs to this module and these settings of it."


def split_module(text: str) -> tuple[Path, str]:
    """Return file and factory of `file.py:factory`; raises `UserError`."""
    file, _, factory = text.rpartition(":")
    title = f"The module {text!r} was not understood"
    if not file.endswith(".py") or not factory.isidentifier():
        raise UserError(title, "It is not of the form file.py:factory.", MODULE_HINT)
    return Path(file), factory


def read_source(module: str) -> bytes:
    """Return the source of `file.py:factory`; raises `UserError`."""
    path, _ = split_module(module)
    title = f"{path.name} was not read"
    try:
        if path.stat().st_size > LARGEST_SOURCE:
            detail = f"It has more than {LARGEST_SOURCE // 1000:,} kB, too much to be looked at."
            raise UserError(title, detail, "Put the network into a file of its own.")
        return path.read_bytes()
    except OSError as error:
        detail = f"{path}: {error.strerror or error}."
        raise UserError(title, detail, MODULE_HINT) from error


def module_with(weights: Mapping[str, torch.Tensor], source: Source) -> torch.nn.Module:
    """Make the user's module and load `weights` into it, all of them and no others."""
    module = _made(source)
    _check_fit(dict(module.state_dict()), weights, source)
    module.load_state_dict(dict(weights), strict=True)
    return module


def _made(source: Source) -> torch.nn.Module:
    import torch

    path, factory = split_module(source.settings.module)
    spec = importlib.util.spec_from_loader(path.stem, loader=None, origin=str(path))
    assert spec is not None  # without a loader there is nothing to fail
    module = importlib.util.module_from_spec(spec)
    module.__file__ = str(path)
    sys.modules[path.stem] = module
    sys.path.insert(0, str(path.absolute().parent))
    try:
        exec(compile(source.module_source, str(path), "exec"), module.__dict__)
        made = getattr(module, factory)()
    except Exception as error:  # it is the user's code: anything may come
        detail = f"{path.name}:{factory} failed: {type(error).__name__}: {first_words(error)}."
        hint = "The factory is called without arguments and returns a torch.nn.Module."
        raise UserError(source.title, detail, hint) from error
    if not isinstance(made, torch.nn.Module):
        detail = f"{path.name}:{factory} returned {type(made).__name__} and no torch.nn.Module."
        raise UserError(source.title, detail, MODULE_HINT)
    return made


def _check_fit(
    wanted: Mapping[str, torch.Tensor], given: Mapping[str, torch.Tensor], source: Source
) -> None:
    missing, extra = [n for n in wanted if n not in given], [n for n in given if n not in wanted]
    misfits = [
        f"{name} is {_sizes(given[name])} and should be {_sizes(tensor)}"
        for name, tensor in wanted.items()
        if name in given and given[name].shape != tensor.shape
    ]
    found = {
        "It lacks weights of the module": missing,
        "It has weights that the module has not": extra,
        "Weights are of another shape": misfits,
    }
    told = [f"{words}: {_some(names)}." for words, names in found.items() if names]
    if told:
        raise UserError(source.title, " ".join(told), MISFIT_HINT)


def _some(names: Iterable[str]) -> str:
    known = list(names)
    more = f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""
    return ", ".join(known[:MOST_NAMED]) + more


def _sizes(tensor: torch.Tensor) -> str:
    return "x".join(str(size) for size in tensor.shape) or "a single number"
