"""Runs a network's exact bytes in onnxruntime over samples, however it wants its batches."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tinystudio.core.data import Array, Samples
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Reporter

if TYPE_CHECKING:
    from tinystudio.graph.network import Network

FIRST_CALL_S = 120.0  # of one call; what a laptop takes for the largest models is seconds
BATCH = 64  # larger batches push small networks' activations out of the second-level cache

_DTYPES = {
    "float": "float32", "double": "float64", "float16": "float16", "bool": "bool",
    "int8": "int8", "int16": "int16", "int32": "int32", "int64": "int64",
    "uint8": "uint8", "uint16": "uint16", "uint32": "uint32", "uint64": "uint64",
}  # fmt: skip

Session = Any  # onnxruntime.InferenceSession: the library has no types


@dataclass(frozen=True)
class Inlet:
    """What a network wants at one input; an open size is a name or None."""

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int | str | None, ...]


def open_session(
    data: bytes, threads: int = 1, profile: Path | None = None, fused: Path | None = None
) -> Session:
    """Return an onnxruntime session of a network's bytes: on the CPU, not spinning, quiet.

    With `profile` (a path's beginning) the session writes a profile that counts memory; its times
    mean nothing. With `fused` as well, the graph as it is run is written there, and the profile's
    times are those of plain work, while the memory means nothing.
    Raises `UserError` where onnxruntime refuses the network.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if profile is not None:
        options.enable_profiling = True
        options.profile_file_prefix = str(profile)
    if fused is not None:
        options.optimized_model_filepath = str(fused)
    elif profile is not None:
        options.enable_mem_pattern = False  # else one block is planned and no peak is counted
        # Else copies of some layers' weights count as if they were activations.
        options.add_session_config_entry("session.disable_prepacking", "1")
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except runtime_errors() as error:
        raise UserError(
            "The model could not be run",
            f"onnxruntime refuses it: {_short(error)}.",
            "Check the model with its maker, or write it again with an operator set of 13 to 21.",
        ) from error


def inlets(session: Session) -> tuple[Inlet, ...]:
    """Return what a session wants at its inputs; raises `UserError` for other than tensors."""
    found = []
    for item in session.get_inputs():
        kind = item.type.removeprefix("tensor(").removesuffix(")")
        if kind not in _DTYPES:
            raise UserError(
                "The model could not be run",
                f"Its input {item.name} is of type {item.type}, not an array of numbers.",
                "Use a model whose inputs are arrays of numbers.",
            )
        shape = tuple(size if isinstance(size, int | str) else None for size in item.shape)
        found.append(Inlet(item.name, np.dtype(_DTYPES[kind]), shape))
    return tuple(found)


def check_samples(network: Network, samples: Samples) -> None:
    """Raise `UserError`, naming both shapes, where the samples cannot be fed to the network."""
    check_fit(inlets_of(network), samples)


def inlets_of(network: Network) -> tuple[Inlet, ...]:
    """Return what a network wants at its inputs, without opening a session."""
    return tuple(Inlet(port.name, port.dtype, port.shape) for port in network.inputs)


def check_fit(wanted: Sequence[Inlet], samples: Samples) -> None:
    """Raise `UserError`, naming both shapes, where the samples do not fit the inputs."""
    title = "The data does not fit the model"
    if len(wanted) != len(samples.inputs):
        names = ", ".join(inlet.name for inlet in wanted)
        raise UserError(
            title,
            f"The model has {len(wanted)} inputs ({names}); the data has {len(samples.inputs)}.",
            "Give one array per input, in the order of the model's inputs.",
        )
    for inlet, array in zip(wanted, samples.inputs, strict=True):
        if not _shape_fits(inlet, array):
            raise UserError(
                title,
                f"The model's input {inlet.name} wants {_sizes(inlet.shape)}; "
                f"the data has {_sizes(array.shape)}.",
                "Use data of that shape, or the model that belongs to this data.",
            )
        if not _values_fit(inlet, array):
            raise UserError(
                title,
                f"The model's input {inlet.name} wants {inlet.dtype} numbers; "
                f"the data has {array.dtype}, which cannot be turned into them.",
                "Store the data as the type that the model wants.",
            )


def feed(wanted: Sequence[Inlet], samples: Samples, start: int, size: int) -> dict[str, Array]:
    """Return `size` samples from `start` on as the network wants them.

    Where there are too few, the last one is repeated. `size` 0 feeds one sample without the
    batch axis, for networks that have none.
    """
    at = np.minimum(np.arange(start, start + max(size, 1)), len(samples) - 1)
    fed = {}
    for inlet, array in zip(wanted, samples.inputs, strict=True):
        piece = array[at].astype(inlet.dtype, copy=False)
        fed[inlet.name] = np.ascontiguousarray(piece if size else piece[0])
    return fed


def batch_size(wanted: Sequence[Inlet], samples: Samples, asked: int | None) -> int:
    """Return how many samples go in at once: what the graph fixes, or else `asked`; 0: no axis."""
    for inlet, array in zip(wanted, samples.inputs, strict=True):
        if array.ndim == len(inlet.shape) + 1:
            return 0
        if isinstance(inlet.shape[0], int):
            return inlet.shape[0]
    return max(1, min(asked or BATCH, len(samples)))


def outputs_of(
    network: bytes | Session,
    samples: Samples,
    reporter: Reporter,
    batch: int | None = None,
    names: Sequence[str] | None = None,
) -> tuple[Array, ...]:
    """Return the network's outputs over all samples, each (n, ...); `names` chooses which.

    By default they are all of them, the one that labels are of first.

    Fixed batches are filled up and cut again. A network whose graph says that its batch is open
    but which only runs one sample at a time is run so.
    """
    session = open_session(network) if isinstance(network, bytes) else network
    if names is None:
        names = [o.name for o in session.get_outputs() if o.type.startswith("tensor(")]
        names.sort(key=lambda name: name != samples.judged)
    pieces = list(run_batches(session, samples, reporter, batch, names))
    return tuple(np.concatenate([piece[name] for piece in pieces]) for name in names)


def run_batches(
    session: Session,
    samples: Samples,
    reporter: Reporter,
    batch: int | None,
    names: Sequence[str],
) -> Iterator[dict[str, Array]]:
    """Yield the named outputs batch after batch, each (samples of the batch, ...)."""
    wanted = inlets(session)
    check_fit(wanted, samples)
    if len(samples) == 0:
        raise UserError("The model was not run", "The data has no samples.", "Choose other data.")
    size = batch_size(wanted, samples, batch)
    start = 0
    while start < len(samples):
        reporter.check()
        fed = feed(wanted, samples, start, size)
        if start == 0 and size > 1 and not _is_fixed(wanted):
            first = _try(session, names, fed, size)
            if first is None:
                size = 1
                continue
            out = first
        else:
            out = run(session, names, fed, None if start else FIRST_CALL_S)
        count = min(max(size, 1), len(samples) - start)
        start += count
        yield {name: _cut(array, size, count) for name, array in zip(names, out, strict=True)}


def run(
    session: Session,
    names: Sequence[str] | None,
    fed: dict[str, Array],
    limit_s: float | None = None,
) -> list[Array]:
    """Run once; raises `UserError` where onnxruntime cannot, or not within `limit_s` seconds."""
    try:
        if limit_s is not None:
            return _run_within(session, names, fed, limit_s)
        return list(session.run(names, fed))
    except runtime_errors() as error:
        raise UserError(
            "The model could not be run",
            f"onnxruntime stopped: {_short(error)}.",
            "Check that the data is what the model was made for.",
        ) from error


def _run_within(
    session: Session, names: Sequence[str] | None, fed: dict[str, Array], limit_s: float
) -> list[Array]:
    """Run, and be stopped between two nodes when the time is over: a loop may have no end."""
    import onnxruntime

    options = onnxruntime.RunOptions()
    over = threading.Event()

    def stop() -> None:
        over.set()
        options.terminate = True

    timer = threading.Timer(limit_s, stop)
    timer.daemon = True
    timer.start()
    try:
        return list(session.run(names, fed, options))
    except runtime_errors():
        if not over.is_set():
            raise
        raise UserError(
            "The model could not be run",
            f"One call took longer than {limit_s:.0f} seconds.",
            "Look for a loop in the model that never ends, or choose a smaller one.",
        ) from None
    finally:
        timer.cancel()
        timer.join()


def runtime_errors() -> tuple[type[Exception], ...]:
    """Return what onnxruntime raises; its errors have no common class of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    kinds = [item for item in vars(state).values() if isinstance(item, type)]
    own = [kind for kind in kinds if issubclass(kind, Exception)]
    return (*own, RuntimeError, ValueError)


def _is_fixed(wanted: Sequence[Inlet]) -> bool:
    return any(inlet.shape and isinstance(inlet.shape[0], int) for inlet in wanted)


def _try(
    session: Session, names: Sequence[str], fed: dict[str, Array], size: int
) -> list[Array] | None:
    """Run, or return None where the graph promises an open batch and does not keep it."""
    try:
        out = _run_within(session, names, fed, FIRST_CALL_S)
    except runtime_errors():
        return None
    return out if all(array.shape[:1] == (size,) for array in out) else None


def _cut(array: Array, size: int, count: int) -> Array:
    """Drop what filled the batch up; give an output without batch axis one."""
    return array[:count] if array.ndim and array.shape[0] == size else array[None]


def _shape_fits(inlet: Inlet, array: Array) -> bool:
    sizes = array.shape[1:] if array.ndim == len(inlet.shape) + 1 else array.shape
    start = 0 if array.ndim == len(inlet.shape) + 1 else 1  # the batch may be any number
    if array.ndim == 0 or len(sizes) != len(inlet.shape):
        return False
    pairs = zip(inlet.shape[start:], sizes[start:], strict=True)
    return all(not isinstance(want, int) or want == have for want, have in pairs)


def _values_fit(inlet: Inlet, array: Array) -> bool:
    if array.dtype == inlet.dtype:
        return True
    if array.dtype.kind not in "biuf":
        return False
    if inlet.dtype.kind == "f":
        return True
    if array.dtype.kind == "f" and not bool((array == np.floor(array)).all()):
        return False
    if inlet.dtype.kind == "b" or not array.size:
        return True
    limits = np.iinfo(inlet.dtype)
    return bool(array.min() >= limits.min and array.max() <= limits.max)


def _sizes(shape: Sequence[int | str | None]) -> str:
    return " x ".join("any" if not isinstance(size, int) else str(size) for size in shape) or "one"


def _short(error: Exception) -> str:
    """Return the first line of onnxruntime's message without its error codes."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return text.split(" : ")[-1].rstrip(". ")[:300]
