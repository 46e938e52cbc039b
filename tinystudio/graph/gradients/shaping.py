"""Rules that change a tensor's shape or order, never its numbers."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from tinystudio.graph.gradients.node import Integers, Node, Run


def reshape(node: Node) -> Run:
    """Lay the numbers out anew (ONNX Reshape): 0 keeps a size, -1 takes what is left."""
    if node.opset < 5:
        shape: list[int] = node.attribute("shape")
        return lambda x: x.reshape(_sizes(x, shape))
    wanted, zeros = node.integers(1), node.attribute("allowzero", 0)

    def run(x: Tensor, shape: Tensor) -> Tensor:
        sizes = wanted(shape) or []
        return x.reshape(sizes if zeros else _sizes(x, sizes))

    return run


def _sizes(x: Tensor, shape: list[int]) -> list[int]:
    return [x.shape[axis] if size == 0 else size for axis, size in enumerate(shape)]


def flatten(node: Node) -> Run:
    """Make a matrix of all axes before `axis` and all after (ONNX Flatten)."""
    axis: int = node.attribute("axis", 1)

    def run(x: Tensor) -> Tensor:
        at = axis + x.dim() if axis < 0 else axis
        return x.reshape(math.prod(x.shape[:at]), -1) if x.numel() else x.flatten(at)

    return run


def _axes(node: Node) -> Integers:
    """Return the axes: an attribute before opset 13, then an input."""
    if node.opset >= 13:
        return node.integers(1)
    stored = node.attribute("axes")
    return lambda _: stored


def squeeze(node: Node) -> Run:
    """Take axes of size one away (ONNX Squeeze)."""
    axes = _axes(node)

    def run(x: Tensor, given: Tensor | None = None) -> Tensor:
        known = axes(given)
        return x.squeeze() if known is None else x.squeeze(tuple(known))

    return run


def unsqueeze(node: Node) -> Run:
    """Put axes of size one in (ONNX Unsqueeze)."""
    axes = _axes(node)

    def run(x: Tensor, given: Tensor | None = None) -> Tensor:
        known = axes(given) or []
        rank = x.dim() + len(known)
        for axis in sorted(axis % rank for axis in known):
            x = x.unsqueeze(axis)
        return x

    return run


def transpose(node: Node) -> Run:
    """Reorder axes (ONNX Transpose)."""
    order = node.attribute("perm")
    return lambda x: x.permute(order or tuple(reversed(range(x.dim()))))


def concat(node: Node) -> Run:
    """Join along an axis (ONNX Concat)."""
    axis = node.attribute("axis", 1)
    return lambda *inputs: torch.cat(inputs, axis)


def split(node: Node) -> Run:
    """Cut along an axis (ONNX Split): into given sizes, or evenly, the last piece smaller."""
    axis, count = node.attribute("axis", 0), node.attribute("num_outputs", node.outputs)
    stored = node.attribute("split")
    sizes = node.integers(1) if node.opset >= 13 or stored is None else lambda _: stored

    def run(x: Tensor, given: Tensor | None = None) -> tuple[Tensor, ...]:
        known = sizes(given)
        if known is None:
            each = -(-x.shape[axis] // count)
            last = x.shape[axis] - each * (count - 1)
            known = [each] * (count - 1) + [last]
        return torch.split(x, known, axis)

    return run


def slicing(node: Node) -> Run:
    """Take a range along some axes (ONNX Slice), also backwards."""
    if node.opset < 10:
        starts, ends = node.attribute("starts"), node.attribute("ends")
        axes = node.attribute("axes", list(range(len(starts))))
        return lambda x: _sliced(x, starts, ends, axes, [1] * len(starts))
    read = [node.integers(index) for index in range(1, 5)]

    def run(x: Tensor, *given: Tensor | None) -> Tensor:
        rest = (*given, None, None)[:4]
        first, last, along, steps = (take(item) for take, item in zip(read, rest, strict=True))
        first, last = first or [], last or []
        return _sliced(x, first, last, along or list(range(len(first))), steps or [1] * len(first))

    return run


def _sliced(
    x: Tensor, starts: list[int], ends: list[int], axes: list[int], steps: list[int]
) -> Tensor:
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        first, last, by = slice(start, end, step).indices(x.shape[axis])
        if by == 1:
            x = x.narrow(axis, first, max(0, last - first))
        else:
            x = x.index_select(axis, torch.tensor(range(first, last, by), dtype=torch.int64))
    return x


def expand(node: Node) -> Run:
    """Broadcast to a shape (ONNX Expand); sizes of one in the shape change nothing."""
    sizes = node.integers(1)

    def run(x: Tensor, shape: Tensor) -> Tensor:
        wanted = torch.Size(sizes(shape) or ())
        return x.expand(torch.broadcast_shapes(x.shape, wanted))  # type: ignore[no-untyped-call]

    return run


def tile(node: Node) -> Run:
    """Repeat along every axis (ONNX Tile)."""
    times = node.integers(1)
    return lambda x, repeats: x.repeat(times(repeats) or [])


def identity(_: Node) -> Run:
    """Pass on (ONNX Identity)."""
    return lambda x: x


def depth_to_space(node: Node) -> Run:
    """Move channels into blocks of space (ONNX DepthToSpace), orders DCR and CRD."""
    size = node.attribute("blocksize")
    columns_first = node.attribute("mode", "DCR") == "CRD"

    def run(x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        if columns_first:
            parts = x.reshape(n, -1, size, size, h, w).permute(0, 1, 4, 2, 5, 3)
        else:
            parts = x.reshape(n, size, size, -1, h, w).permute(0, 3, 4, 1, 5, 2)
        return parts.reshape(n, c // size**2, h * size, w * size)

    return run


def space_to_depth(node: Node) -> Run:
    """Move blocks of space into channels (ONNX SpaceToDepth), orders DCR and CRD."""
    size = node.attribute("blocksize")
    columns_first = node.attribute("mode", "DCR") == "CRD"

    def run(x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        parts = x.reshape(n, c, h // size, size, w // size, size)
        order = (0, 1, 3, 5, 2, 4) if columns_first else (0, 3, 5, 1, 2, 4)
        return parts.permute(order).reshape(n, c * size**2, h // size, w // size)

    return run


def shape_of(node: Node) -> Run:
    """Tell the sizes of a tensor, or a part of them (ONNX Shape)."""
    start, end = node.attribute("start", 0), node.attribute("end")

    def run(x: Tensor) -> Tensor:
        return torch.tensor(x.shape[start:end], dtype=torch.int64)

    return run


def size_of(_: Node) -> Run:
    """Tell how many numbers a tensor has (ONNX Size)."""
    return lambda x: torch.tensor(x.numel(), dtype=torch.int64)


RULES: dict[str, Any] = {
    "Reshape": reshape,
    "Flatten": flatten,
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Transpose": transpose,
    "Concat": concat,
    "Split": split,
    "Slice": slicing,
    "Expand": expand,
    "Tile": tile,
    "Identity": identity,
    "DepthToSpace": depth_to_space,
    "SpaceToDepth": space_to_depth,
    "Shape": shape_of,
    "Size": size_of,
}
