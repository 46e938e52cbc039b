"""Rules of activation functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from tinystudio.graph.gradients.node import Node, Run
from tinystudio.graph.gradients.written_out import MASKED

SELU_ALPHA, SELU_GAMMA = 1.6732631921768188, 1.0507010221481323  # ONNX Selu's defaults, as float32


def plain(function: Callable[[Tensor], Tensor]) -> Callable[[Node], Run]:
    """Return the rule of an operator that is one torch function."""
    return lambda _: function


def leaky_relu(node: Node) -> Run:
    """Take x or alpha * x below zero (ONNX LeakyRelu)."""
    return partial(functional.leaky_relu, negative_slope=node.attribute("alpha", 0.01))


def prelu(node: Node) -> Run:
    """Take x or slope * x below zero (ONNX PRelu); before opset 7 slopes lie along axis 1."""
    legacy = node.opset < 7

    def run(x: Tensor, slope: Tensor) -> Tensor:
        # torch's own rule knows one slope, or one per channel.
        per_channel = slope.dim() == x.dim() - 1 and slope.shape[0] == slope.numel()
        if legacy or slope.numel() == 1 or (per_channel and slope.numel() == x.shape[1]):
            return functional.prelu(x, slope.reshape(-1))
        return torch.where(x < 0, x * slope, x)

    return run


def elu(node: Node) -> Run:
    """Take x or alpha * (exp(x) - 1) below zero (ONNX Elu)."""
    return partial(functional.elu, alpha=node.attribute("alpha", 1.0))


def celu(node: Node) -> Run:
    """Take max(0, x) + min(0, alpha * (exp(x / alpha) - 1)) (ONNX Celu)."""
    return partial(functional.celu, alpha=node.attribute("alpha", 1.0))


def selu(node: Node) -> Run:
    """Take gamma * elu(x) (ONNX Selu)."""
    alpha, gamma = node.attribute("alpha", SELU_ALPHA), node.attribute("gamma", SELU_GAMMA)
    return lambda x: functional.elu(x, alpha) * gamma


def hard_sigmoid(node: Node) -> Run:
    """Take alpha * x + beta between 0 and 1 (ONNX HardSigmoid)."""
    alpha, beta = node.attribute("alpha", 0.2), node.attribute("beta", 0.5)
    return lambda x: torch.clamp(x * alpha + beta, 0, 1)


def gelu(node: Node) -> Run:
    """Take x times the normal distribution's share below x, or its tanh form (ONNX Gelu)."""
    return partial(functional.gelu, approximate=node.attribute("approximate", "none"))


def swish(node: Node) -> Run:
    """Take x * sigmoid(alpha * x) (ONNX Swish)."""
    alpha = node.attribute("alpha", 1.0)
    return functional.silu if alpha == 1.0 else lambda x: x * torch.sigmoid(x * alpha)


def thresholded_relu(node: Node) -> Run:
    """Take x above alpha, else zero (ONNX ThresholdedRelu)."""
    alpha = node.attribute("alpha", 1.0)
    return lambda x: torch.where(x > alpha, x, 0)


def shrink(node: Node) -> Run:
    """Move x towards zero by bias outside +-lambd, else zero (ONNX Shrink)."""
    lambd, bias = node.attribute("lambd", 0.5), node.attribute("bias", 0.0)
    return lambda x: torch.where(x < -lambd, x + bias, torch.where(x > lambd, x - bias, 0))


def clip(node: Node) -> Run:
    """Keep x between bounds (ONNX Clip): attributes before opset 11, then inputs."""
    if node.opset < 11:
        low, high = node.attribute("min", None), node.attribute("max", None)
        if low is None and high is None:
            return lambda x: x
        return lambda x: torch.clamp(x, low, high)
    known = [node.constant(index) for index in (1, 2)]
    if all(known[i] is not None or not node.given(i + 1) for i in (0, 1)) and any(
        node.given(i) for i in (1, 2)
    ):
        low, high = (None if bound is None else bound.item() for bound in known)
        return lambda x, *_: torch.clamp(x, low, high)

    def run(x: Tensor, low: Tensor | None = None, high: Tensor | None = None) -> Tensor:
        # One after the other: where the bounds cross, the upper one wins, as the spec says.
        raised = x if low is None else torch.maximum(x, low)
        return raised if high is None else torch.minimum(raised, high)

    return run


def softmax(node: Node) -> Run:
    """Take exp(x) / sum(exp(x)) (ONNX Softmax)."""
    return _along_axis(node, _masked_softmax if node.attribute(MASKED, 0) else torch.softmax)


def _masked_softmax(x: Tensor, axis: int) -> Tensor:
    """Take softmax; what is masked altogether is zero, and so is its gradient, not 0 / 0."""
    nothing = torch.isneginf(x).all(axis, keepdim=True)
    return torch.where(nothing, 0, torch.softmax(torch.where(nothing, 0, x), axis))


def log_softmax(node: Node) -> Run:
    """Take the logarithm of softmax (ONNX LogSoftmax)."""
    return _along_axis(node, torch.log_softmax)


def hardmax(node: Node) -> Run:
    """Put one at the first largest number, zero elsewhere (ONNX Hardmax)."""

    def one_hot(x: Tensor, axis: int) -> Tensor:
        where = x.argmax(axis, keepdim=True)
        return torch.zeros_like(x).scatter_(axis, where, 1)

    return _along_axis(node, one_hot)


def _along_axis(node: Node, function: Callable[[Tensor, int], Tensor]) -> Run:
    """Apply `function` along an axis; before opset 13 along all axes from that one on."""
    if node.opset >= 13:
        last: int = node.attribute("axis", -1)
        return lambda x: function(x, last)
    first: int = node.attribute("axis", 1)

    def flat(x: Tensor) -> Tensor:
        start = first % max(1, x.dim())
        return function(x.flatten(start), start).reshape(x.shape)

    return flat


RULES = {
    "Relu": plain(torch.relu),
    "Sigmoid": plain(torch.sigmoid),
    "Tanh": plain(torch.tanh),
    "Softplus": plain(functional.softplus),
    "Softsign": plain(functional.softsign),
    "HardSwish": plain(functional.hardswish),
    "Mish": plain(functional.mish),
    "Erf": plain(torch.erf),
    "LeakyRelu": leaky_relu,
    "PRelu": prelu,
    "Elu": elu,
    "Celu": celu,
    "Selu": selu,
    "HardSigmoid": hard_sigmoid,
    "Gelu": gelu,
    "Swish": swish,
    "ThresholdedRelu": thresholded_relu,
    "Shrink": shrink,
    "Clip": clip,
    "Softmax": softmax,
    "LogSoftmax": log_softmax,
    "Hardmax": hardmax,
}
