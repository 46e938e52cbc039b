"""Opens what jobs refer to: gallery:TASK or a path; kept until the file changes."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

from tinystudio.core.cache import Cache
from tinystudio.core.data import SPLITS, Dataset
from tinystudio.core.errors import UserError
from tinystudio.datasets import read_dataset
from tinystudio.gallery import PREFIX, find_task
from tinystudio.graph.external_data import data_files
from tinystudio.graph.network import Network
from tinystudio.graph.opening import open_network
from tinystudio.graph.ort_format import OrtFile, is_ort_file


def resolve_network(reference: str, cache: Cache) -> Network:
    """Return the network that `reference` names; raises `UserError`."""
    path = find_task(reference).network_path if _is_gallery(reference) else Path(reference)
    state = _state(path)
    beside = cache.get(("data files", *state), lambda: data_files(path), len)
    key = ("network", *state, *(_state(file) for file in beside if file.is_file()))
    return cache.get(key, lambda: open_network(path), lambda network: len(network.data))


def resolve_runnable(reference: str, cache: Cache) -> Network | OrtFile:
    """Return what `reference` names, to be run and measured only; raises `UserError`."""
    path = Path(reference)
    if _is_gallery(reference) or not is_ort_file(path):
        return resolve_network(reference, cache)
    return cache.get(
        ("ort file", *_state(path)),
        lambda: OrtFile(path.read_bytes()),
        lambda file: len(file.data),
    )


def resolve_dataset(reference: str, seed: int, cache: Cache) -> Dataset:
    """Return the data that `reference` names; raises `UserError`. `seed` draws the splits."""
    if _is_gallery(reference):
        key: Hashable = ("data", reference)
        return cache.get(key, lambda: find_task(reference).dataset(), _bytes_of)
    path = Path(reference)
    return cache.get(("data", *_state(path), seed), lambda: read_dataset(path, seed), _bytes_of)


def licence_of(reference: str) -> str:
    """Return the licence that goes with a gallery network; of others nothing is known."""
    return find_task(reference).licence if _is_gallery(reference) else ""


def name_of(reference: str) -> str:
    """Return a reference without the folders of this computer."""
    return reference if _is_gallery(reference) else Path(reference).name


def title_of(reference: str) -> str:
    """Return what to call a network in words."""
    return find_task(reference).title if _is_gallery(reference) else Path(reference).name


def _is_gallery(reference: str) -> bool:
    return reference.startswith(PREFIX)


def _state(path: Path) -> tuple[str, int, int, int]:
    """Return what tells a changed file from an unchanged one."""
    try:
        state = path.stat()
    except (OSError, ValueError) as error:  # ValueError: characters that no path can have
        raise UserError(
            f"{path.name} was not opened",
            f"{path}: {getattr(error, 'strerror', None) or error}.",
            "Check the path, or choose another file.",
        ) from None
    # A file can be replaced by one of its size and with its time of writing kept; only the time
    # of that replacement then tells.
    return (str(path.absolute()), state.st_mtime_ns, state.st_ctime_ns, state.st_size)


def _bytes_of(dataset: Dataset) -> int:
    splits = [dataset.split(name) for name in SPLITS]
    return sum(array.nbytes for split in splits for array in split.inputs)
