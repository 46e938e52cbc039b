"""Rules of arithmetic, comparison and logic, element by element."""

from __future__ import annotations

import functools
from collections.abc import Callable

import torch
from torch import Tensor

from tinystudio.graph.gradients.node import Node, Run

Binary = Callable[[Tensor, Tensor], Tensor]


def unary(function: Callable[[Tensor], Tensor]) -> Callable[[Node], Run]:
    """Return the rule of an operator that is one torch function of one tensor."""
    return lambda _: function


def binary(function: Binary) -> Callable[[Node], Run]:
    """Return the rule of a function of two tensors, which are broadcast as numpy does.

    Before opset 7 the second one is laid along the first from `axis` on where `broadcast` is set.
    """

    def rule(node: Node) -> Run:
        axis = node.attribute("axis") if node.opset < 7 else None
        if axis is None or not node.attribute("broadcast", 0):
            return function

        def run(a: Tensor, b: Tensor) -> Tensor:
            start = axis % a.dim()
            return function(a, b.reshape(*b.shape, *(1,) * (a.dim() - start - b.dim())))

        return run

    return rule


def variadic(function: Binary) -> Callable[[Node], Run]:
    """Return the rule of a function that takes its inputs two at a time."""
    return lambda _: lambda *inputs: functools.reduce(function, inputs)


def mean(_: Node) -> Run:
    """Take the mean of the inputs, element by element (ONNX Mean)."""
    return lambda *inputs: functools.reduce(torch.add, inputs) / len(inputs)


def _divide(a: Tensor, b: Tensor) -> Tensor:
    """Divide; integers towards zero, as C does."""
    return a / b if a.is_floating_point() else torch.div(a, b, rounding_mode="trunc")


def _power(a: Tensor, b: Tensor) -> Tensor:
    """Raise; the result has the type of the base (ONNX Pow)."""
    return torch.pow(a, b).to(a.dtype)


def power(node: Node) -> Run:
    """Raise to a power (ONNX Pow); a constant one number is read ahead, since x * x is faster."""
    known = node.constant(1)
    if known is not None and known.size == 1 and known.ndim == 0:
        exponent = float(known)

        def run(a: Tensor, _: Tensor) -> Tensor:
            return torch.pow(a, exponent).to(a.dtype)

        return run
    return binary(_power)(node)


def modulo(node: Node) -> Run:
    """Take the remainder with the divisor's sign, or as C's fmod (ONNX Mod)."""
    return torch.fmod if node.attribute("fmod", 0) else torch.remainder


def is_inf(node: Node) -> Run:
    """Say where a number is infinite, of the signs that are asked for (ONNX IsInf)."""
    below, above = node.attribute("detect_negative", 1), node.attribute("detect_positive", 1)
    if below and above:
        return torch.isinf
    if not below and not above:
        return lambda x: torch.zeros_like(x, dtype=torch.bool)
    return torch.isneginf if below else torch.isposinf


def where(_: Node) -> Run:
    """Choose between two tensors (ONNX Where)."""
    return torch.where


def cumulative_sum(node: Node) -> Run:
    """Sum along an axis as far as each element (ONNX CumSum)."""
    return _cumulative(node, torch.cumsum, 0)


def cumulative_product(node: Node) -> Run:
    """Multiply along an axis as far as each element (ONNX CumProd)."""
    return _cumulative(node, torch.cumprod, 1)


def _cumulative(node: Node, function: Callable[[Tensor, int], Tensor], first: int) -> Run:
    axes = node.integers(1)
    exclusive, reverse = node.attribute("exclusive", 0), node.attribute("reverse", 0)

    def run(x: Tensor, axis: Tensor) -> Tensor:
        along = (axes(axis) or [0])[0]
        given = x.flip(along) if reverse else x
        made = function(given, along).to(x.dtype)
        if exclusive:  # the element itself is left out: all move by one
            start = torch.full_like(made.narrow(along, 0, 1), first)
            made = torch.cat([start, made.narrow(along, 0, made.shape[along] - 1)], along)
        return made.flip(along) if reverse else made

    return run


def trilu(node: Node) -> Run:
    """Keep the upper or the lower triangle (ONNX Trilu)."""
    diagonals, upper = node.integers(1), node.attribute("upper", 1)

    def run(x: Tensor, k: Tensor | None = None) -> Tensor:
        diagonal = (diagonals(k) or [0])[0]
        return torch.triu(x, diagonal) if upper else torch.tril(x, diagonal)

    return run


RULES = {
    "Add": binary(torch.add),
    "Sub": binary(torch.sub),
    "Mul": binary(torch.mul),
    "Div": binary(_divide),
    "Pow": power,
    "Mod": modulo,
    "Min": variadic(torch.minimum),
    "Max": variadic(torch.maximum),
    "Sum": variadic(torch.add),
    "Mean": mean,
    "Sqrt": unary(torch.sqrt),
    "Reciprocal": unary(torch.reciprocal),
    "Exp": unary(torch.exp),
    "Log": unary(torch.log),
    "Abs": unary(torch.abs),
    "Neg": unary(torch.neg),
    "Sin": unary(torch.sin),
    "Cos": unary(torch.cos),
    "Tan": unary(torch.tan),
    "Asin": unary(torch.asin),
    "Acos": unary(torch.acos),
    "Atan": unary(torch.atan),
    "Sinh": unary(torch.sinh),
    "Cosh": unary(torch.cosh),
    "Asinh": unary(torch.asinh),
    "Acosh": unary(torch.acosh),
    "Atanh": unary(torch.atanh),
    "Sign": unary(torch.sign),
    "Floor": unary(torch.floor),
    "Ceil": unary(torch.ceil),
    "Round": unary(torch.round),
    "IsNaN": unary(torch.isnan),
    "IsInf": is_inf,
    "Equal": binary(torch.eq),
    "Greater": binary(torch.gt),
    "GreaterOrEqual": binary(torch.ge),
    "Less": binary(torch.lt),
    "LessOrEqual": binary(torch.le),
    "And": binary(torch.logical_and),
    "Or": binary(torch.logical_or),
    "Xor": binary(torch.logical_xor),
    "Not": unary(torch.logical_not),
    "Where": where,
    "CumSum": cumulative_sum,
    "CumProd": cumulative_product,
    "Trilu": trilu,
}
