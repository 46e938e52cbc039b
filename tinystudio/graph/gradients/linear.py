"""Rules of matrix products."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from tinystudio.graph.gradients.node import Node, Run


def gemm(node: Node) -> Run:
    """Multiply and add (ONNX Gemm): alpha * A' @ B' + beta * C, A' and B' transposed or not."""
    alpha, beta = node.attribute("alpha", 1.0), node.attribute("beta", 1.0)
    flip_a, flip_b = node.attribute("transA", 0), node.attribute("transB", 0)

    def linear(a: Tensor, b: Tensor, c: Tensor | None = None) -> Tensor:
        return functional.linear(a, b, c)

    def run(a: Tensor, b: Tensor, c: Tensor | None = None) -> Tensor:
        left, right = a.T if flip_a else a, b.T if flip_b else b
        if c is None:
            made = left @ right
            return made if alpha == 1.0 else made * alpha
        return torch.addmm(c, left, right, beta=beta, alpha=alpha)

    plain = alpha == 1.0 and beta == 1.0 and flip_b and not flip_a
    return linear if plain and _is_vector(node) else run


def _is_vector(node: Node) -> bool:
    """Say whether C has one number per column, or is not there."""
    if not node.given(2):
        return True
    shape = node.network.shape(node.proto.input[2])
    return shape is not None and len(shape) == 1 and shape != (1,)


def matmul(_: Node) -> Run:
    """Multiply matrices as numpy does (ONNX MatMul)."""
    return torch.matmul


def einsum(node: Node) -> Run:
    """Sum products by an equation (ONNX Einsum)."""
    equation = node.attribute("equation").replace(" ", "")
    return lambda *inputs: torch.einsum(equation, *inputs)


def det(_: Node) -> Run:
    """Take determinants (ONNX Det)."""
    function: Run = torch.linalg.det
    return function


RULES = {"Gemm": gemm, "MatMul": matmul, "Einsum": einsum, "Det": det}
