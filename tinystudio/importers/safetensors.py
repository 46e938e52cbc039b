"""Weights in the safetensors format: plain numbers behind a table in JSON."""

from __future__ import annotations

import json
from math import prod
from typing import TYPE_CHECKING, Any

from tinystudio.core.errors import UserError
from tinystudio.core.peeking import Peek
from tinystudio.importers.importer import Importer, Say, Source
from tinystudio.importers.torch_export import module_to_onnx
from tinystudio.importers.user_module import module_with

if TYPE_CHECKING:
    import torch

LARGEST_HEADER = 100_000_000  # bytes, as the format itself allows
_TYPES = {
    "F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "I64": "int64",
    "I32": "int32", "I16": "int16", "I8": "int8", "U8": "uint8", "BOOL": "bool",
}  # fmt: skip


class SafeTensors(Importer):
    """Weights without the network they belong to. Your own Python file makes the network, so its
    code runs; the weights themselves cannot carry any."""

    id = "safetensors"
    title = "safetensors checkpoint"
    suffixes = (".safetensors",)
    runs_code = needs_module = needs_shapes = True

    def recognizes(self, peek: Peek) -> bool:
        """By the JSON behind its first eight bytes."""
        return peek.kind == "safetensors"

    def convert(self, source: Source, say: Say) -> bytes:
        """Make the module, give it the weights, write it."""
        say("Reading the weights")
        weights = read_weights(source)
        say("Making the module")
        return module_to_onnx(module_with(weights, source), source, say)


def read_weights(source: Source) -> dict[str, torch.Tensor]:
    """Return every tensor by name; raises `UserError` where table and numbers do not fit."""
    data = source.data
    length = int.from_bytes(data[:8], "little")
    if length > min(LARGEST_HEADER, len(data) - 8):
        raise _damaged(source, "its table is longer than the file")
    try:
        table = json.loads(data[8 : 8 + length])
        return {
            name: _tensor(source, name, entry, 8 + length)
            for name, entry in table.items()
            if name != "__metadata__"
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(source, f"its table could not be read ({type(error).__name__})") from error


def _tensor(source: Source, name: str, entry: dict[str, Any], base: int) -> torch.Tensor:
    import torch

    begin, end = (int(at) for at in entry["data_offsets"])
    shape = tuple(int(size) for size in entry["shape"])
    if entry["dtype"] not in _TYPES:
        raise UserError(
            source.title,
            f"'{name}' is of the type {entry['dtype']}, which is not known.",
            f"Save it in one of {', '.join(_TYPES)}.",
        )
    dtype: torch.dtype = getattr(torch, _TYPES[entry["dtype"]])
    is_inside = 0 <= begin <= end <= len(source.data) - base
    if min(shape, default=0) < 0 or not is_inside or prod(shape) * dtype.itemsize != end - begin:
        raise _damaged(source, f"'{name}' is not as long as it says")
    if begin == end:
        return torch.empty(shape, dtype=dtype)
    numbers = bytearray(source.data[base + begin : base + end])
    return torch.frombuffer(numbers, dtype=dtype).reshape(shape)


def _damaged(source: Source, why: str) -> UserError:
    detail = f"It is not a whole safetensors file: {why}."
    return UserError(source.title, detail, "Copy or save the file again.")
