"""Rules that make tensors, change their type, or pad them."""

from __future__ import annotations

import math

import numpy as np
import torch
from onnx import helper
from torch import Tensor
from torch.nn import functional

from tinystudio.graph.gradients.element_types import as_tensor, carrier
from tinystudio.graph.gradients.node import Node, Run, UnclaimedError


def cast(node: Node) -> Run:
    """Change the type of the numbers (ONNX Cast); gradients pass between floating types."""
    wanted = node.attribute("to")
    kind = carrier(wanted)
    if kind is None:
        raise UnclaimedError("it makes a type that torch does not compute with")
    bits = _narrow_bits(wanted)
    if bits is None:
        return lambda x: x.to(kind)

    def run(x: Tensor) -> Tensor:
        return _wrapped(x.to(torch.int64), bits, kind == torch.int8).to(kind)

    return run


def _narrow_bits(element: int) -> int | None:
    """Return the bits of a type that a wider one carries: what does not fit is cut off."""
    name = helper.tensor_dtype_to_np_dtype(element).name
    return {"int4": 4, "uint4": 4, "int2": 2, "uint2": 2, "uint16": 16, "uint32": 32}.get(name)


def _wrapped(x: Tensor, bits: int, signed: bool) -> Tensor:
    if not signed:
        return x & ((1 << bits) - 1)
    half = 1 << (bits - 1)
    return ((x + half) & ((1 << bits) - 1)) - half


def cast_like(_: Node) -> Run:
    """Change the type of the numbers to that of another tensor (ONNX CastLike)."""
    return lambda x, like: x.to(like.dtype)


def constant(node: Node) -> Run:
    """Give a stored tensor (ONNX Constant)."""
    value = node.attribute("value")
    for name, kind in (
        ("value_float", "f4"),
        ("value_floats", "f4"),
        ("value_int", "i8"),
        ("value_ints", "i8"),
    ):
        stored = node.attribute(name)
        value = value if stored is None else np.array(stored, kind)
    if value is None:
        raise UnclaimedError("it holds text or a sparse tensor")
    tensor = as_tensor(value)
    return lambda: tensor


def constant_of_shape(node: Node) -> Run:
    """Fill a shape with one number (ONNX ConstantOfShape)."""
    sizes, value = node.integers(0), node.attribute("value", np.zeros(1, np.float32))
    filling = as_tensor(value).reshape(())
    return lambda shape: filling.expand(sizes(shape) or []).clone()


def number_range(_: Node) -> Run:
    """Count from start to limit by delta (ONNX Range)."""

    def run(start: Tensor, limit: Tensor, delta: Tensor) -> Tensor:
        count = max(0, math.ceil((limit.item() - start.item()) / delta.item()))
        steps = torch.arange(count).to(start.dtype)
        return torch.addcmul(start, steps, delta) if count else steps

    return run


def eye_like(node: Node) -> Run:
    """Put ones on a diagonal (ONNX EyeLike)."""
    offset, wanted = node.attribute("k", 0), node.attribute("dtype")

    def run(x: Tensor) -> Tensor:
        kind = x.dtype if wanted is None else carrier(wanted)
        rows, columns = (torch.arange(size) for size in x.shape)
        return torch.eq(columns[None] - rows[:, None], offset).to(kind)

    return run


def one_hot(node: Node) -> Run:
    """Write classes as vectors of an on and an off value (ONNX OneHot)."""
    axis, depths = node.attribute("axis", -1), node.integers(1)

    def run(indices: Tensor, depth: Tensor, values: Tensor) -> Tensor:
        size = (depths(depth) or [0])[0]
        classes = indices.to(torch.int64)
        classes = torch.where(classes < 0, classes + size, classes).unsqueeze(axis)
        shape = [1] * classes.dim()
        shape[axis] = size
        return torch.where(classes == torch.arange(size).reshape(shape), values[1], values[0])

    return run


def pad(node: Node) -> Run:
    """Pad with a constant, mirrored, repeated or from the other end (ONNX Pad); below zero: cut."""
    mode = node.attribute("mode", "constant")
    if node.opset < 11:
        stored = node.attribute("pads") or node.attribute("paddings")
        value = node.attribute("value", 0.0)
        return lambda x: _padded(x, stored, list(range(x.dim())), mode, value)
    pads, fills, axes = node.integers(1), node.number(2, 0), node.integers(3)

    def run(
        x: Tensor, given: Tensor, fill: Tensor | None = None, along: Tensor | None = None
    ) -> Tensor:
        known = axes(along)
        return _padded(
            x,
            pads(given) or [],
            list(range(x.dim())) if known is None else known,
            mode,
            fills(fill),
        )

    return run


def _padded(x: Tensor, pads: list[int], axes: list[int], mode: str, value: float) -> Tensor:
    sides = [(0, 0)] * x.dim()
    for place, axis in enumerate(axes):
        sides[axis] = (pads[place], pads[place + len(axes)])
    if mode == "constant":
        flat = [number for side in reversed(sides) for number in side]
        return functional.pad(x, flat, value=value)
    for axis, (before, after) in enumerate(sides):
        if before or after:
            x = x.index_select(axis, _places(x.shape[axis], before, after, mode))
    return x


def _places(size: int, before: int, after: int, mode: str) -> Tensor:
    """Return which element of an axis stands at each place of the padded axis."""
    places = np.arange(max(0, -before), size - max(0, -after))
    more = (max(0, before), max(0, after))
    if mode == "edge":
        return torch.from_numpy(np.pad(places, more, "edge"))
    return torch.from_numpy(np.pad(places, more, "reflect" if mode == "reflect" else "wrap"))


RULES = {
    "Cast": cast,
    "CastLike": cast_like,
    "Constant": constant,
    "ConstantOfShape": constant_of_shape,
    "Range": number_range,
    "EyeLike": eye_like,
    "OneHot": one_hot,
    "Pad": pad,
}
