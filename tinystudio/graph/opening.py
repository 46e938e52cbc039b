"""Opening an ONNX file: a sound network, or one clear reason why not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # has no stubs
from onnx import ModelProto, version_converter
from onnx.checker import ValidationError

from tinystudio.core.errors import UserError
from tinystudio.core.memory_cap import GIB, memory_cap
from tinystudio.graph.external_data import data_files, load_external_data
from tinystudio.graph.layer_sizes import check_layers
from tinystudio.graph.network import Network
from tinystudio.graph.normalizing import FIRST_IR_WITH_FREE_INITIALIZERS
from tinystudio.graph.ort_format import REFUSED, REMEDY, is_ort
from tinystudio.graph.soundness import (
    check_activations,
    check_counts,
    check_names,
    check_ranges,
    check_sizes,
    check_tensors,
    check_values,
)
from tinystudio.graph.written_out import check_functions

LARGEST_FILE_BYTES = 2**31 - 1  # protobuf cannot hold more in one message
OLDEST_OPSET = 7  # onnxruntime runs 7 and later; earlier ones are converted
CONVERTED_TO = 13
NEWEST_OPSET = onnx.defs.onnx_opset_version()
NEWEST_IR = int(onnx.IR_VERSION)
# What may be added to the memory on the way: some copies of the weights, and room besides.
LEAST_ROOM, COPIES = 3 * GIB, 8
TOO_DEEP = "MaxDepth"  # what protobuf's error then says; it reads 100 levels
OUT_OF_MEMORY = "Arena alloc"  # and where the memory for what it reads is refused

Say = Callable[[float, str, int], None]  # share done, what is being done, bytes that it holds

AGAIN = "Export the model again, or choose another file."


def _unheard(_share: float, _text: str, _held: int) -> None:
    """Say nothing."""


def open_network(path: Path, say: Say = _unheard) -> Network:
    """Open `path`, with its external data if it has any.

    A file of the user's is tried in a process of its own before (`graph.trying`). Raises
    `UserError` for whatever is wrong with the file, and what `say` raises. Sizes are checked before
    anything is allocated for them, so a small file cannot ask for much memory.
    """
    return open_with_files(path, say)[0]


def open_with_files(path: Path, say: Say = _unheard) -> tuple[Network, tuple[str, ...]]:
    """Open `path`, and tell as well which files beside it hold weights, as it names them."""
    title = f"{path.name} was not opened"
    size = file_size(path)
    say(0, f"Reading {path.name}", size)
    model = _parse(path, title)
    say(0.2, f"Checking {path.name}", size)
    check_names(model, title)
    check_counts(model, title)
    held = check_tensors(model, title)
    check_functions(model, title)
    _check_versions(model, title)
    say(0.3, f"Checking {path.name}", held)
    # Before IR version 4 every initializer had to be an input as well; many exporters forgot.
    model.ir_version = max(model.ir_version, FIRST_IR_WITH_FREE_INITIALIZERS)
    beside = data_files(model)
    load_external_data(model, path.parent, title)
    check_ranges(model, title)
    greedy = UserError(title, "Working out the sizes in its graph takes too much memory.", AGAIN)
    held = max(held, model.ByteSize())  # trees keep their numbers in attributes
    with memory_cap(LEAST_ROOM + COPIES * held, greedy):
        try:
            return _checked(model, title, lambda share, text: say(share, text, held)), beside
        except DecodeError:  # what protobuf makes of memory that it did not get
            raise greedy from None


def _checked(model: ModelProto, title: str, say: Callable[[float, str], None]) -> Network:
    _validate(model, title)
    say(0.5, "Bringing the graph into its normal form")
    network = _normal_form(model, title)
    say(0.7, "Working out the sizes in the graph")
    check_values(network, title)
    check_sizes(network, title)
    check_layers(network, title)
    check_activations(network, title)
    return network


def _parse(path: Path, title: str) -> ModelProto:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    if is_ort(data):
        raise UserError(title, REFUSED, REMEDY)
    try:
        model = onnx.load_model_from_string(data)
    except DecodeError as error:
        if OUT_OF_MEMORY in str(error):
            raise MemoryError from None
        detail = "It is not an ONNX file, or the end of it is missing."
        if TOO_DEEP in str(error):
            detail = "Its branches are nested in one another more than 100 deep."
        raise UserError(title, detail, "Choose a complete .onnx file.") from error
    if not model.ir_version or not model.graph.ByteSize() or not model.graph.output:
        raise UserError(title, "It is not an ONNX file: there is no graph in it.", AGAIN)
    return model


def file_size(path: Path) -> int:
    """Return the bytes of a file that can be opened; raises `UserError` without reading it."""
    title = f"{path.name} was not opened"
    if not path.exists():
        raise UserError(title, f"There is no file {path}.", "Check the name and the folder.")
    if not path.is_file():
        raise UserError(title, f"{path} is a folder, not a file.", "Choose a .onnx file.")
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE_BYTES:
            detail = f"It has {size / 2**30:.1f} GiB; an ONNX file holds at most 2 GiB."
            raise UserError(title, detail, "Choose a smaller model.")
        return size
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> UserError:
    """Say why a file could not be read."""
    detail = f"It could not be read: {error.strerror or error}."
    return UserError(f"{path.name} was not opened", detail, "Check that you may read the file.")


def _check_versions(model: ModelProto, title: str) -> None:
    versions = {item.domain: item.version for item in model.opset_import}
    opset = versions.get("", versions.get("ai.onnx"))
    if opset is None and not versions:
        raise UserError(title, "It does not say which version of the operators it uses.", AGAIN)
    if opset is not None and opset > NEWEST_OPSET:
        detail = f"It uses operators of version {opset}; this program knows up to {NEWEST_OPSET}."
        raise UserError(title, detail, f"Export it with opset {NEWEST_OPSET} or earlier.")
    if model.ir_version > NEWEST_IR:
        detail = f"Its file format is version {model.ir_version}; known are those to {NEWEST_IR}."
        raise UserError(title, detail, "Export it with an earlier version of onnx.")


def _validate(model: ModelProto, title: str) -> None:
    try:
        onnx.checker.check_model(model)
    except ValidationError as error:
        raise UserError(title, f"The graph is not valid: {_first_line(error)}", AGAIN) from error
    except (RuntimeError, ValueError, UnicodeDecodeError) as error:
        detail = f"The graph could not be checked: {_first_line(error)}"
        raise UserError(title, detail, AGAIN) from error


def _normal_form(model: ModelProto, title: str) -> Network:
    opset = next((i.version for i in model.opset_import if i.domain in ("", "ai.onnx")), None)
    try:
        if opset is not None and opset < OLDEST_OPSET:
            model = version_converter.convert_version(model, CONVERTED_TO)
        network = Network.of(model)
    except (version_converter.ConvertError, RuntimeError) as error:
        detail = f"Its operators (version {opset}) were not converted: {_first_line(error)}"
        raise UserError(title, detail, f"Export it with opset {OLDEST_OPSET} or later.") from error
    except (ValueError, TypeError, IndexError, KeyError) as error:
        detail = f"Its constants could not be read: {_first_line(error)}"
        raise UserError(title, detail, AGAIN) from error
    _validate(network.model, title)
    return network


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].strip() if lines else type(error).__name__
