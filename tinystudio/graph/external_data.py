"""Weights kept in files beside the model, read only from inside its folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from onnx import GraphProto, ModelProto, TensorProto

from tinystudio.core.errors import UserError
from tinystudio.graph.sorting import subgraphs
from tinystudio.graph.soundness import declared_bytes

TOGETHER = "Keep the model and its data files together, as they were exported."


def tensors(graph: GraphProto) -> Iterator[TensorProto]:
    """Yield every stored tensor of a graph: initializers, attributes, those of subgraphs."""
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for item in node.attribute:
            if item.HasField("t"):
                yield item.t
            yield from item.tensors
        for inner in subgraphs(node):
            yield from tensors(inner)


def data_files(model: ModelProto) -> tuple[str, ...]:
    """Return the other files that hold weights of `model`, as it names them."""
    found = (
        item.value
        for tensor in tensors(model.graph)
        for item in tensor.external_data
        if item.key == "location"
    )
    return tuple(dict.fromkeys(found))


def load_external_data(model: ModelProto, folder: Path, title: str) -> None:
    """Read the data that `model` keeps in other files into it.

    Raises `UserError` for a place outside `folder`, a file that is missing or too short.
    """
    for tensor in tensors(model.graph):
        if tensor.data_location == TensorProto.EXTERNAL:
            _load(tensor, folder, title)


def _load(tensor: TensorProto, folder: Path, title: str) -> None:
    entries = {item.key: item.value for item in tensor.external_data}
    path = _inside(folder, entries.get("location", ""), tensor.name, title)
    needed = declared_bytes(tensor)
    offset, length = _number(entries, "offset", 0, title), _number(entries, "length", needed, title)
    try:
        size = path.stat().st_size
        if length < needed or offset + needed > size:
            detail = f"Weight '{tensor.name}' needs {needed} bytes of {path.name}: it is too short."
            hint = "Copy the data file again; it is incomplete or belongs to another model."
            raise UserError(title, detail, hint)
        with path.open("rb") as file:
            file.seek(offset)
            tensor.raw_data = file.read(needed)
    except OSError as error:
        detail = f"Its data file {path.name} could not be read: {error.strerror or error}."
        raise UserError(title, detail, TOGETHER) from error
    tensor.ClearField("data_location")
    del tensor.external_data[:]


def _inside(folder: Path, location: str, name: str, title: str) -> Path:
    path = (folder / location).resolve()
    if not location or Path(location).is_absolute() or folder.resolve() not in path.parents:
        detail = f"Weight '{name}' points to '{location}', outside the model's folder."
        raise UserError(title, detail, "Only open models whose data lies beside them.")
    if not path.is_file():
        detail = f"The data of weight '{name}' should be in {location}, which is not there."
        raise UserError(title, detail, TOGETHER)
    return path


def _number(entries: dict[str, str], key: str, default: int, title: str) -> int:
    text = entries.get(key, "")
    if not text:
        return default
    if not text.isdigit():
        detail = f"Its external data has the {key} '{text}', which is no number."
        raise UserError(title, detail, TOGETHER)
    return int(text)
