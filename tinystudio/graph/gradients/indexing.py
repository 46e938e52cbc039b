"""Rules that pick elements by index, or put them there."""

from __future__ import annotations

import torch
from torch import Tensor

from tinystudio.graph.gradients.node import Node, Run


def gather(node: Node) -> Run:
    """Pick along an axis (ONNX Gather); indices below zero count from the end."""
    axis, known = node.attribute("axis", 0), node.constant(1)
    if known is not None and known.ndim == 0:
        place = int(known)
        return lambda x, _: x.select(axis, place)

    def run(x: Tensor, indices: Tensor) -> Tensor:
        places = _from_start(indices, x.shape[axis])
        along = axis % x.dim()
        made = x.index_select(along, places.reshape(-1))
        return made.reshape(*x.shape[:along], *indices.shape, *x.shape[along + 1 :])

    return run


def gather_elements(node: Node) -> Run:
    """Pick one element per index along an axis (ONNX GatherElements)."""
    axis = node.attribute("axis", 0)
    return lambda x, indices: torch.gather(x, axis, _from_start(indices, x.shape[axis]))


def gather_nd(node: Node) -> Run:
    """Pick by index vectors, per batch (ONNX GatherND)."""
    batch = node.attribute("batch_dims", 0)

    def run(x: Tensor, indices: Tensor) -> Tensor:
        leading = x.shape[:batch]
        data = x.reshape(-1, *x.shape[batch:])
        places = indices.to(torch.int64).reshape(len(data), -1, indices.shape[-1])
        columns = [
            _from_start(places[..., axis], data.shape[1 + axis]) for axis in range(places.shape[-1])
        ]
        rows = torch.arange(len(data))[:, None].expand(places.shape[:2])
        made = data[(rows, *columns)]
        return made.reshape(*leading, *indices.shape[batch:-1], *made.shape[2:])

    return run


_REDUCTIONS = {"add": "sum", "mul": "prod", "max": "amax", "min": "amin"}


def scatter_elements(node: Node) -> Run:
    """Put one element per index along an axis (ONNX Scatter, ScatterElements)."""
    axis, reduction = node.attribute("axis", 0), node.attribute("reduction", "none")

    def run(x: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
        places = _from_start(indices, x.shape[axis])
        if reduction == "none":
            return torch.scatter(x, axis, places, updates)
        return torch.scatter_reduce(x, axis, places, updates, _REDUCTIONS[reduction])

    return run


def scatter_nd(node: Node) -> Run:
    """Put slices by index vectors (ONNX ScatterND)."""
    reduction = node.attribute("reduction", "none")

    def run(x: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
        depth = indices.shape[-1]
        rows = torch.zeros(indices.shape[:-1], dtype=torch.int64)
        for axis in range(depth):  # one number per row of the flattened leading axes
            rows = rows * x.shape[axis] + _from_start(indices[..., axis], x.shape[axis])
        flat = x.reshape(-1, *x.shape[depth:])
        values = updates.reshape(-1, *x.shape[depth:])
        places = rows.reshape(-1, *(1,) * (values.dim() - 1)).expand_as(values)
        if reduction == "none":
            made = torch.scatter(flat, 0, places, values)
        else:
            made = torch.scatter_reduce(flat, 0, places, values, _REDUCTIONS[reduction])
        return made.reshape(x.shape)

    return run


def _arg(node: Node, largest: bool) -> Run:
    axis, keep = node.attribute("axis", 0), bool(node.attribute("keepdims", 1))
    last = node.attribute("select_last_index", 0)
    function = torch.argmax if largest else torch.argmin

    def run(x: Tensor) -> Tensor:
        if not last:
            return function(x, axis, keepdim=keep)
        return torch.rsub(function(x.flip(axis), axis, keepdim=keep), x.shape[axis] - 1)

    return run


def arg_max(node: Node) -> Run:
    """Tell where the largest number is (ONNX ArgMax)."""
    return _arg(node, True)


def arg_min(node: Node) -> Run:
    """Tell where the smallest number is (ONNX ArgMin)."""
    return _arg(node, False)


def top_k(node: Node) -> Run:
    """Pick the k largest or smallest and tell where they are (ONNX TopK); equal: first first."""
    axis, largest = node.attribute("axis", -1), bool(node.attribute("largest", 1))
    stored = node.attribute("k")
    counts = node.integers(1) if stored is None else lambda _: [stored]

    def run(x: Tensor, k: Tensor | None = None) -> tuple[Tensor, Tensor]:
        count = (counts(k) or [0])[0]
        # A stable sort: torch.topk takes any of equal numbers.
        values, places = torch.sort(x, dim=axis, descending=largest, stable=True)
        return values.narrow(axis, 0, count), places.narrow(axis, 0, count)

    return run


def reverse_sequence(node: Node) -> Run:
    """Turn the first elements of each sequence round (ONNX ReverseSequence)."""
    batch, time = node.attribute("batch_axis", 1), node.attribute("time_axis", 0)

    def run(x: Tensor, lengths: Tensor) -> Tensor:
        moved = x.movedim((batch, time), (0, 1))
        return moved[
            torch.arange(len(moved))[:, None], reversed_places(lengths, moved.shape[1])
        ].movedim((0, 1), (batch, time))

    return run


def reversed_places(lengths: Tensor, size: int) -> Tensor:
    """Return (n, size) places that turn the first `lengths` of each row round."""
    steps = torch.arange(size)[None]
    ends = lengths.to(torch.int64)[:, None]
    return torch.where(steps < ends, ends - 1 - steps, steps)


def _from_start(indices: Tensor, size: int) -> Tensor:
    """Return int64 indices that count from the start."""
    places = indices.to(torch.int64)
    return torch.where(places < 0, places + size, places)


RULES = {
    "Gather": gather,
    "GatherElements": gather_elements,
    "GatherND": gather_nd,
    "Scatter": scatter_elements,
    "ScatterElements": scatter_elements,
    "ScatterND": scatter_nd,
    "ArgMax": arg_max,
    "ArgMin": arg_min,
    "TopK": top_k,
    "ReverseSequence": reverse_sequence,
}
