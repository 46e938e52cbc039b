"""Opens what jobs refer to: gallery:TASK, download:ID or a path; kept until the file changes."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinystudio.core.cache import Cache
from tinystudio.core.data import SPLITS, Dataset, Wanted
from tinystudio.core.data_reference import DataReference
from tinystudio.core.errors import UserError
from tinystudio.core.model_words import classes_in, vocabulary_in
from tinystudio.core.reporter import Reporter, Silent
from tinystudio.datasets import find_format, read_dataset
from tinystudio.datasets.judging_setting import METRIC, OWN, asked_metric
from tinystudio.downloads import download_state, is_download, read_download
from tinystudio.engine.judged_data import judged_data
from tinystudio.exporters.stamping import preprocessing_in
from tinystudio.gallery import PREFIX, find_task
from tinystudio.graph.network import Network
from tinystudio.graph.opening import open_network
from tinystudio.graph.ort_format import OrtFile, is_ort_file
from tinystudio.graph.trying import try_opening
from tinystudio.measure.running import inlets, open_session


def resolve_network(reference: str, cache: Cache, reporter: Reporter | None = None) -> Network:
    """Return the network that `reference` names; raises `UserError`.

    A file that was never opened here is tried in a process of its own first, which the reporter
    hears of and may cancel.
    """
    if _is_gallery(reference):
        path = find_task(reference).network_path
        return cache.get(("network", *_state(path)), lambda: open_network(path), _bytes_in)
    file, hearing = Path(reference), reporter or Silent()
    key: tuple[Hashable, ...] = ("network", *_state(file))
    found = cache.get(key, lambda: _opened(file, hearing), lambda it: len(it.network.data))
    states = found.states_now()
    if states != found.states:  # its data files are others than they were
        key = (*key, *states)
        found = cache.get(key, lambda: _opened(file, hearing), lambda it: len(it.network.data))
    return found.network


@dataclass(frozen=True)
class _Opened:
    """A network, and the files beside its own that it came from."""

    network: Network
    beside: tuple[Path, ...]
    states: tuple[Hashable, ...]

    def states_now(self) -> tuple[Hashable, ...]:
        """Return what tells whether a file beside it has changed."""
        return _states(self.beside)


def _opened(path: Path, reporter: Reporter) -> _Opened:
    beside = try_opening(path, reporter)
    states = _states(beside)
    network = open_network(path, lambda *_: reporter.check())
    return _Opened(network, beside, states)


def _states(files: Iterable[Path]) -> tuple[Hashable, ...]:
    return tuple(_state(file) for file in files if file.is_file())


def resolve_runnable(
    reference: str, cache: Cache, reporter: Reporter | None = None
) -> Network | OrtFile:
    """Return what `reference` names, to be run and measured only; raises `UserError`."""
    path = Path(reference)
    if _is_gallery(reference) or not is_ort_file(path):
        return resolve_network(reference, cache, reporter)

    def opened() -> OrtFile:
        try_opening(path, reporter or Silent())
        return OrtFile(path.read_bytes())

    return cache.get(("ort file", *_state(path)), opened, lambda file: len(file.data))


def resolve_dataset(
    reference: str,
    seed: int,
    network: Network | OrtFile,
    cache: Cache,
    reporter: Reporter | None = None,
) -> Dataset:
    """Return the data that `reference` names; raises `UserError`. `seed` draws the splits.

    What its settings leave open is guessed by what `network` wants.
    """
    named = DataReference.parse(reference)
    found = _found(reference, named, seed, network, cache, reporter)
    return judged_data(found, asked_metric(named.settings), network, cache)


def _found(
    reference: str, named: DataReference, seed: int, network: Network | OrtFile, cache: Cache,
    reporter: Reporter | None,
) -> Dataset:  # fmt: skip
    if _is_gallery(reference):
        if set(named.settings) - {METRIC, OWN}:
            raise UserError(
                f"{reference} was not opened",
                "Data of the gallery has no settings but its metric.",
                f"Write {named.path}, or {named.path}?{METRIC}=macro-f1.",
            )
        key: Hashable = ("data", named.path)
        return cache.get(key, lambda: find_task(reference).dataset(), _bytes_of)
    wanted = wanted_by(network)
    if is_download(reference):
        key = ("data", reference, download_state(reference), seed, wanted)
        return cache.get(key, lambda: read_download(reference, seed, wanted, reporter), _bytes_of)
    path = Path(named.path)
    data_format = find_format(named, wanted)
    try:
        key = ("data", reference, data_format.state(path), seed, wanted)
    except (OSError, ValueError) as error:
        raise _unopened(path, error) from None
    return cache.get(key, lambda: read_dataset(reference, seed, wanted, reporter), _bytes_of)


def wanted_by(network: Network | OrtFile) -> Wanted:
    """Return what data for `network` has to look like, as far as its file says."""
    if isinstance(network, OrtFile):
        ports = inlets(open_session(network.data))
        return Wanted(tuple(port.shape for port in ports))
    words = network.metadata
    said = preprocessing_in(network)
    return Wanted(
        inputs=tuple(port.shape for port in network.inputs),
        outputs=tuple(port.shape for port in network.outputs),
        mean=said.mean,
        scale=said.scale,
        classes=classes_in(words),
        vocabulary=vocabulary_in(words),
        output_names=tuple(port.name for port in network.outputs),
    )


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
        raise _unopened(path, error) from None
    # A file can be replaced by one of its size and with its time of writing kept; only the time
    # of that replacement then tells.
    return (str(path.absolute()), state.st_mtime_ns, state.st_ctime_ns, state.st_size)


def _unopened(path: Path, error: OSError | ValueError) -> UserError:
    return UserError(
        f"{path.name} was not opened",
        f"{path}: {getattr(error, 'strerror', None) or error}.",
        "Check the path, or choose another file.",
    )


def _bytes_in(network: Network) -> int:
    return len(network.data)


def _bytes_of(dataset: Dataset) -> int:
    """Return what a data set holds in memory; what is mapped from a file is not counted."""
    arrays = [array for name in SPLITS for array in dataset.split(name).inputs]
    return sum(array.nbytes for array in arrays if not isinstance(array, np.memmap))
