"""Rules of reductions over axes."""

from __future__ import annotations

import functools
from collections.abc import Callable

import torch
from torch import Tensor

from tinystudio.graph.gradients.node import Node, Run

Reduction = Callable[[Tensor, list[int], bool], Tensor]

# Since which opset the axes are an input of every reduction; of ReduceSum since 13.
AXES_AS_INPUT = 18


def reduction(function: Reduction, since: int = AXES_AS_INPUT) -> Callable[[Node], Run]:
    """Return the rule of a reduction; no axes mean all, or none where the node says so."""

    def rule(node: Node) -> Run:
        keep = bool(node.attribute("keepdims", 1))
        nothing = node.attribute("noop_with_empty_axes", 0)
        stored = node.attribute("axes")
        axes = node.integers(1) if node.opset >= since else lambda _: stored

        def run(x: Tensor, given: Tensor | None = None) -> Tensor:
            along = axes(given)
            if not along:
                along = [] if nothing else list(range(x.dim()))
            # torch reads an empty list as "all axes": one more axis makes it none.
            return function(x, along, keep) if along else function(x[None], [0], False)

        return run

    return rule


def _product(x: Tensor, axes: list[int], keep: bool) -> Tensor:
    ordered = sorted((axis % x.dim() for axis in axes), reverse=True)
    return functools.reduce(lambda made, axis: made.prod(axis, keepdim=keep), ordered, x).to(
        x.dtype
    )


def _sum(x: Tensor, axes: list[int], keep: bool) -> Tensor:
    return x.sum(axes, keepdim=keep).to(x.dtype)


def _mean(x: Tensor, axes: list[int], keep: bool) -> Tensor:
    if x.is_floating_point():
        return x.mean(axes, keepdim=keep)
    return x.to(torch.float64).mean(axes, keepdim=keep).to(x.dtype)


def _extreme(x: Tensor, axes: list[int], keep: bool, sign: int) -> Tensor:
    if not x.numel():
        return _extreme_of_nothing(x.dtype, sign).expand(_sum(x, axes, keep).shape)
    return x.amax(axes, keepdim=keep) if sign > 0 else x.amin(axes, keepdim=keep)


def _extreme_of_nothing(kind: torch.dtype, sign: int) -> Tensor:
    """Return what anything is larger than, or smaller than."""
    if kind.is_floating_point:
        return torch.tensor(-sign * torch.inf, dtype=kind)
    if kind == torch.bool:
        return torch.tensor(sign < 0)
    limits = torch.iinfo(kind)
    return torch.tensor(limits.min if sign > 0 else limits.max, dtype=kind)


def _largest(x: Tensor, axes: list[int], keep: bool) -> Tensor:
    return _extreme(x, axes, keep, 1)


def _smallest(x: Tensor, axes: list[int], keep: bool) -> Tensor:
    return _extreme(x, axes, keep, -1)


def _l1(x: Tensor, axes: list[int], keep: bool) -> Tensor:
    return _sum(x.abs(), axes, keep)


def _l2(x: Tensor, axes: list[int], keep: bool) -> Tensor:
    if x.is_floating_point():
        made: Tensor = torch.linalg.vector_norm(x, 2, axes, keepdim=keep)
        return made
    return _sum(x * x, axes, keep).to(torch.float64).sqrt().to(x.dtype)


def _log_sum(x: Tensor, axes: list[int], keep: bool) -> Tensor:
    return torch.log(_sum(x, axes, keep)).to(x.dtype)


def _log_sum_exp(x: Tensor, axes: list[int], keep: bool) -> Tensor:
    return torch.logsumexp(x, axes, keepdim=keep).to(x.dtype)


def _sum_square(x: Tensor, axes: list[int], keep: bool) -> Tensor:
    return _sum(x * x, axes, keep)


RULES = {
    "ReduceSum": reduction(_sum, since=13),
    "ReduceMean": reduction(_mean),
    "ReduceMax": reduction(_largest),
    "ReduceMin": reduction(_smallest),
    "ReduceProd": reduction(_product),
    "ReduceL1": reduction(_l1),
    "ReduceL2": reduction(_l2),
    "ReduceLogSum": reduction(_log_sum),
    "ReduceLogSumExp": reduction(_log_sum_exp),
    "ReduceSumSquare": reduction(_sum_square),
}
