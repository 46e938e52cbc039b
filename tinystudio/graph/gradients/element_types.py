"""Which torch type carries which ONNX element type."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from onnx import TensorProto, helper
from torch import Tensor

from tinystudio.core.data import Array

# torch hardly computes with unsigned integers above 8 bits and not at all with 4-bit ones, so
# that wider types carry them.
_CARRIERS: dict[int, torch.dtype] = {
    TensorProto.FLOAT: torch.float32,
    TensorProto.DOUBLE: torch.float64,
    TensorProto.FLOAT16: torch.float16,
    TensorProto.BFLOAT16: torch.bfloat16,
    TensorProto.BOOL: torch.bool,
    TensorProto.INT8: torch.int8,
    TensorProto.INT16: torch.int16,
    TensorProto.INT32: torch.int32,
    TensorProto.INT64: torch.int64,
    TensorProto.UINT8: torch.uint8,
    TensorProto.UINT16: torch.int32,
    TensorProto.UINT32: torch.int64,
    TensorProto.INT4: torch.int8,
    TensorProto.UINT4: torch.uint8,
    TensorProto.INT2: torch.int8,
    TensorProto.UINT2: torch.uint8,
}


def carrier(element: int) -> torch.dtype | None:
    """Return the torch type that carries an ONNX element type; None: torch cannot compute it."""
    return _CARRIERS.get(element)


def carrier_of(dtype: np.dtype[Any]) -> torch.dtype | None:
    """Return the torch type that carries a numpy type; None: torch cannot compute it."""
    try:
        return carrier(helper.np_dtype_to_tensor_dtype(dtype))
    except (KeyError, ValueError, TypeError):
        return None


def as_tensor(array: Array) -> Tensor:
    """Return a copy of `array` as torch computes with it."""
    kind = carrier_of(array.dtype)
    if kind is None:
        raise TypeError(f"torch does not compute with {array.dtype}")
    if array.dtype.kind == "V" or array.dtype.name in (
        "bfloat16",
        "int4",
        "uint4",
        "int2",
        "uint2",
    ):
        array = array.astype(np.float32)
    if array.dtype in (np.uint16, np.uint32):
        array = array.astype(np.int64)
    # `torch.tensor` copies: what the graph holds must not change with the weights.
    return torch.tensor(array).to(kind)


def as_array(tensor: Tensor, dtype: np.dtype[Any]) -> Array:
    """Return a copy of `tensor` as an array of the graph's own type."""
    known = tensor.detach().cpu()
    if known.dtype == torch.bfloat16:
        known = known.float()
    return known.numpy().astype(dtype, order="C")


def code_range(dtype: np.dtype[Any]) -> tuple[int, int]:
    """Return the smallest and the largest integer of a type, the 4-bit ones included."""
    narrow = {"int2": (-2, 1), "uint2": (0, 3), "int4": (-8, 7), "uint4": (0, 15)}
    if dtype.name in narrow:
        return narrow[dtype.name]
    return int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
