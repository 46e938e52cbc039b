"""Rules of pooling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from tinystudio.graph.gradients.node import Node, Run
from tinystudio.graph.gradients.padding import Pads, Window, by_dims, padded, sliding_sum


def _ended(window: Window, sizes: Sequence[int], ceil: bool) -> tuple[Pads, Pads]:
    """Return the padding, and what stands beyond it so that windows end where they should.

    With ceil_mode the last window may reach over the padding's end, but starts before it
    (ONNX MaxPool, AveragePool); without it, what no window reaches is cut.
    """
    pads, beyond = window.padding(sizes), []
    for axis, size in enumerate(sizes):
        before, after = pads[axis]
        span, stride = window.spans[axis], window.strides[axis]
        room = size + before + after - span
        count = (-(-room // stride) if ceil else room // stride) + 1
        if ceil and (count - 1) * stride >= size + before:
            count -= 1
        beyond.append((0, (count - 1) * stride + span - size - before - after))
    return pads, tuple(beyond)


def max_pool(node: Node) -> Run:
    """Take the largest of each window (ONNX MaxPool): values, places in the flat tensor."""
    window = Window.of(node, node.attribute("kernel_shape"))
    ceil, columns = bool(node.attribute("ceil_mode", 0)), node.attribute("storage_order", 0)
    pool = by_dims(window.dims, functional.max_pool1d, functional.max_pool2d, functional.max_pool3d)
    kernel, strides, dilations, same = (
        window.kernel, window.strides, window.dilations, window.symmetric,
    )  # fmt: skip

    def run(x: Tensor) -> Tensor:
        return pool(x, kernel, strides, same, dilations)

    def run_ended(x: Tensor) -> Any:
        given = x if x.is_floating_point() else x.to(torch.float64)
        pads, beyond = _ended(window, x.shape[2:], ceil)
        wide = padded(padded(given, pads, -torch.inf), beyond, -torch.inf)
        made, places = pool(wide, kernel, strides, 0, dilations, return_indices=True)
        return made.to(x.dtype), _flat_places(places, x, wide, pads, bool(columns))

    half = same is not None and all(p <= k // 2 for p, k in zip(same, kernel, strict=True))
    floating = node.input_dtype(0) is None or _is_float(node)
    return run if half and floating and not ceil and node.outputs == 1 else run_ended


def _is_float(node: Node) -> bool:
    dtype = node.input_dtype(0)
    return dtype is not None and dtype.kind in "fV"


def _flat_places(places: Tensor, x: Tensor, wide: Tensor, pads: Pads, columns: bool) -> Tensor:
    """Turn places within a padded plane into places in the whole tensor (n, c, ...)."""
    rest, coordinates = places, []
    for size in reversed(wide.shape[2:]):
        coordinates.append(rest % size)
        rest = rest // size
    coordinates.reverse()
    inside = [c - before for c, (before, _) in zip(coordinates, pads, strict=True)]
    sizes = list(x.shape[2:])
    if columns:
        inside.reverse()
        sizes.reverse()
    planes = torch.arange(x.shape[0] * x.shape[1]).reshape(*x.shape[:2], *(1,) * len(sizes))
    found = planes.expand_as(places)
    for place, size in zip(inside, sizes, strict=True):
        found = found * size + place
    return found


def average_pool(node: Node) -> Run:
    """Take the mean of each window, its padding counted or not (ONNX AveragePool)."""
    window = Window.of(node, node.attribute("kernel_shape"))
    ceil, counted = (bool(node.attribute(n, 0)) for n in ("ceil_mode", "count_include_pad"))
    pool = by_dims(window.dims, functional.avg_pool1d, functional.avg_pool2d, functional.avg_pool3d)
    kernel, strides, same = window.kernel, window.strides, window.symmetric

    def run(x: Tensor) -> Tensor:
        return pool(x, kernel, strides, same, False, counted)

    def run_ended(x: Tensor) -> Tensor:
        pads, beyond = _ended(window, x.shape[2:], ceil)
        sums = sliding_sum(padded(padded(x, pads), beyond), window)
        one = torch.ones((1, 1, *x.shape[2:]), dtype=x.dtype)
        counts = padded(padded(one, pads, float(counted)), beyond)
        return sums / sliding_sum(counts, window)

    half = same is not None and all(p <= k // 2 for p, k in zip(same, kernel, strict=True))
    return run if half and not ceil and set(window.dilations) == {1} else run_ended


def lp_pool(node: Node) -> Run:
    """Take the p-norm of each window (ONNX LpPool)."""
    window, power = Window.of(node, node.attribute("kernel_shape")), node.attribute("p", 2)
    ceil = bool(node.attribute("ceil_mode", 0))

    def run(x: Tensor) -> Tensor:
        pads, beyond = _ended(window, x.shape[2:], ceil)
        wide = padded(padded(x, pads), beyond)
        return torch.pow(sliding_sum(wide.abs() ** power, window), 1 / power)

    return run


def _space(x: Tensor) -> list[int]:
    return list(range(2, x.dim()))


def global_average_pool(_: Node) -> Run:
    """Take each channel's mean (ONNX GlobalAveragePool)."""
    return lambda x: x.mean(_space(x), keepdim=True)


def global_max_pool(_: Node) -> Run:
    """Take each channel's largest number (ONNX GlobalMaxPool)."""
    return lambda x: x.amax(_space(x), keepdim=True)


def global_lp_pool(node: Node) -> Run:
    """Take each channel's p-norm (ONNX GlobalLpPool)."""
    power = node.attribute("p", 2)
    return lambda x: torch.linalg.vector_norm(x, power, _space(x), keepdim=True)


RULES = {
    "MaxPool": max_pool,
    "AveragePool": average_pool,
    "LpPool": lp_pool,
    "GlobalAveragePool": global_average_pool,
    "GlobalMaxPool": global_max_pool,
    "GlobalLpPool": global_lp_pool,
}
