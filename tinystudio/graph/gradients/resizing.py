"""Rules of Resize and Upsample: nearest, linear and cubic, one axis after the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from tinystudio.graph.gradients.node import Node, Run
from tinystudio.graph.gradients.resizing_matrix import Axis, Manner, matrix, outside, places

CROP = "tf_crop_and_resize"


def resize(node: Node) -> Run:
    """Resize by scales or to sizes (ONNX Resize)."""
    if node.opset < 11:
        return upsample(node)
    manner = Manner(
        node.attribute("mode", "nearest"),
        node.attribute("coordinate_transformation_mode", "half_pixel"),
        node.attribute("nearest_mode", "round_prefer_floor"),
        node.attribute("cubic_coeff_a", -0.75),
        bool(node.attribute("antialias", 0)),
        bool(node.attribute("exclude_outside", 0)),
    )
    chosen, policy = node.attribute("axes"), node.attribute("keep_aspect_ratio_policy", "stretch")
    beyond = node.attribute("extrapolation_value", 0.0)
    roi, scales, sizes = _floats(node, 1), _floats(node, 2), node.integers(3)

    def run(
        x: Tensor, part: Tensor | None = None, by: Tensor | None = None, to: Tensor | None = None
    ) -> Tensor:
        axes = [axis % x.dim() for axis in chosen or range(x.dim())]
        lengths = [x.shape[axis] for axis in axes]
        factors, made = _factors(lengths, scales(by), sizes(to), policy)
        region = (roi(part) if manner.coordinates == CROP else None) or [0.0, 1.0]
        starts, ends = _halves(region, len(axes))
        for place, axis in enumerate(axes):
            along = Axis(lengths[place], made[place], factors[place], starts[place], ends[place])
            x = _resized(x, axis, along, manner, beyond)
        return x

    return run


def upsample(node: Node) -> Run:
    """Enlarge by scales (ONNX Upsample, and Resize before opset 11): corners stay corners."""
    mode = node.attribute("mode", "nearest")
    manner = Manner("nearest" if mode == "nearest" else "linear", "asymmetric", "floor")
    stored = node.attribute("scales")
    scales = _floats(node, 1) if stored is None else lambda _: stored

    def run(x: Tensor, by: Tensor | None = None) -> Tensor:
        factors, made = _factors(list(x.shape), scales(by), None, "stretch")
        for axis, size in enumerate(x.shape):
            x = _resized(x, axis, Axis(size, made[axis], factors[axis]), manner, 0.0)
        return x

    return run


def _floats(node: Node, index: int) -> Callable[[Tensor | None], list[float] | None]:
    known = node.constant(index)
    if known is None:
        return lambda tensor: None if tensor is None else tensor.tolist()
    numbers = [float(number) for number in known.reshape(-1)]
    return lambda _: numbers


def _factors(
    sizes: list[int], scales: list[float] | None, wanted: Sequence[int] | None, policy: str
) -> tuple[list[float], list[int]]:
    """Return the scale of every axis and the size it gets."""
    if scales:
        made = [math.floor(size * by) for size, by in zip(sizes, scales, strict=True)]
        return list(scales), made
    assert wanted is not None
    factors = [to / size for to, size in zip(wanted, sizes, strict=True)]
    if policy == "stretch":
        return factors, list(wanted)
    one = min(factors) if policy == "not_larger" else max(factors)
    return [one] * len(sizes), [math.floor(one * size + 0.5) for size in sizes]


def _halves(region: list[float], count: int) -> tuple[list[float], list[float]]:
    if len(region) < 2 * count:
        return [0.0] * count, [1.0] * count
    return region[:count], region[count:]


def _resized(x: Tensor, axis: int, along: Axis, manner: Manner, beyond: float) -> Tensor:
    crops = manner.coordinates == CROP
    if not crops and along.made == along.size and along.scale == 1:
        return x
    if manner.mode == "nearest":
        made = x.index_select(axis, torch.from_numpy(places(along, manner)))
    else:
        shares = torch.from_numpy(matrix(along, manner)).to(x.dtype)
        made = (x.movedim(axis, -1) @ shares.T).movedim(-1, axis)
    if not crops:
        return made
    lost = torch.from_numpy(outside(along)).reshape(-1, *(1,) * (x.dim() - axis - 1))
    return torch.where(lost, beyond, made)


def grid_sample(node: Node) -> Run:
    """Take samples at given places of a picture or volume (ONNX GridSample)."""
    mode = {"linear": "bilinear", "cubic": "bicubic"}.get(
        node.attribute("mode", "linear"), node.attribute("mode", "linear")
    )
    beyond, corners = node.attribute("padding_mode", "zeros"), node.attribute("align_corners", 0)
    return lambda x, grid: functional.grid_sample(x, grid, mode, beyond, bool(corners))


RULES = {"Resize": resize, "Upsample": upsample, "GridSample": grid_sample}
