"""The activation functions that recurrent operators may name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from tinystudio.graph.gradients.node import Node, UnclaimedError

Gate = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class _Kind:
    """A function of x, alpha and beta, and the defaults that the spec gives them."""

    function: Callable[[Tensor, float, float], Tensor]
    alpha: float = 0.0
    beta: float = 0.0
    takes: int = 0  # how many of the node's activation_alpha / activation_beta it uses up


_KINDS = {
    "sigmoid": _Kind(lambda x, _a, _b: torch.sigmoid(x)),
    "tanh": _Kind(lambda x, _a, _b: torch.tanh(x)),
    "relu": _Kind(lambda x, _a, _b: torch.relu(x)),
    "softsign": _Kind(lambda x, _a, _b: functional.softsign(x)),
    "softplus": _Kind(lambda x, _a, _b: functional.softplus(x)),
    "leakyrelu": _Kind(lambda x, a, _b: functional.leaky_relu(x, a), 0.01, takes=1),
    "elu": _Kind(lambda x, a, _b: functional.elu(x, a), 1.0, takes=1),
    "thresholdedrelu": _Kind(lambda x, a, _b: torch.where(x >= a, x, 0), 1.0, takes=1),
    "affine": _Kind(lambda x, a, b: x * a + b, 1.0, takes=2),
    "scaledtanh": _Kind(lambda x, a, b: torch.tanh(x * b) * a, 1.0, 1.0, takes=2),
    "hardsigmoid": _Kind(lambda x, a, b: torch.clamp(x * a + b, 0, 1), 0.2, 0.5, takes=2),
}


def gate_functions(node: Node, defaults: tuple[str, ...], directions: int) -> list[list[Gate]]:
    """Return the functions of each direction, in the operator's order (ONNX LSTM, GRU, RNN)."""
    names = node.attribute("activations") or list(defaults) * directions
    texts = [name.decode() if isinstance(name, bytes) else name for name in names]
    alphas = list(node.attribute("activation_alpha") or [])
    betas = list(node.attribute("activation_beta") or [])
    gates = [_gate(text, alphas, betas) for text in texts]
    return [gates[d * len(defaults) : (d + 1) * len(defaults)] for d in range(directions)]


def _gate(name: str, alphas: list[float], betas: list[float]) -> Gate:
    kind = _KINDS.get(name.lower())
    if kind is None:
        raise UnclaimedError(f"the activation function {name} has no rule")
    alpha = alphas.pop(0) if kind.takes > 0 and alphas else kind.alpha
    beta = betas.pop(0) if kind.takes > 1 and betas else kind.beta
    return lambda x: kind.function(x, alpha, beta)
