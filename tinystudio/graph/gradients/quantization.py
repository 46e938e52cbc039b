"""Rules of quantization, with a straight-through gradient where it is only pretended."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from tinystudio.graph.gradients.element_types import carrier, carrier_of, code_range
from tinystudio.graph.gradients.node import Node, Run, UnclaimedError


class _Rounded(torch.autograd.Function):
    """Round to even; the gradient passes as if nothing had been done (Bengio et al. 2013)."""

    @staticmethod
    def forward(_: Any, x: Tensor) -> Tensor:
        return x.round()

    @staticmethod
    def backward(_: Any, *gradients: Any) -> Any:
        return gradients[0]


def _rounded(x: Tensor) -> Tensor:
    made: Tensor = _Rounded.apply(x)  # type: ignore[no-untyped-call]
    return made


def quantize_linear(node: Node) -> Run:
    """Turn numbers into codes: round(x / scale) + zero point, kept in range (ONNX QuantizeLinear).

    Where only DequantizeLinear reads the codes they stay floating-point numbers, and the
    gradient passes: to x inside the range, to the scale as in learned step sizes (Esser et al.
    2020, LSQ). Elsewhere codes are integers, and the gradient ends.
    """
    dtype = node.dtype(0)
    if dtype is None or carrier_of(dtype) is None or np.dtype(dtype).kind == "f":
        raise UnclaimedError("its codes are of a type that torch does not compute with")
    low, high = code_range(dtype)
    kind, spread = carrier_of(dtype), _Spread(node)
    pretended = is_pretended(node)

    def run(x: Tensor, scale: Tensor, zero: Tensor | None = None) -> Tensor:
        steps = _rounded(x.to(scale.dtype) / spread(scale, x))
        codes = steps if zero is None else steps + spread(zero, x).to(scale.dtype)
        kept = torch.clamp(codes, low, high)
        return kept if pretended else kept.detach().to(kind)

    return run


def dequantize_linear(node: Node) -> Run:
    """Turn codes into numbers: (code - zero point) * scale (ONNX DequantizeLinear)."""
    spread, wanted = _Spread(node), node.attribute("output_dtype", 0)

    def run(codes: Tensor, scale: Tensor, zero: Tensor | None = None) -> Tensor:
        floats = codes.to(scale.dtype)
        if zero is not None:
            floats = floats - spread(zero, codes).to(scale.dtype)
        made = floats * spread(scale, codes)
        return made.to(carrier(wanted)) if wanted else made

    return run


def is_pretended(node: Node) -> bool:
    """Say whether all that reads the codes is DequantizeLinear."""
    made = node.proto.output[0]
    readers = node.network.consumers(made)
    outputs = {port.name for port in node.network.outputs}
    only = all(reader.op_type == "DequantizeLinear" for reader in readers)
    return bool(readers) and only and made not in outputs


class _Spread:
    """Lays scales out over a tensor: one for all, one per channel, or one per block."""

    def __init__(self, node: Node) -> None:
        self._axis = node.attribute("axis", 1)
        self._block = node.attribute("block_size", 0)

    def __call__(self, scale: Tensor, x: Tensor) -> Tensor:
        if scale.dim() == 0 or scale.numel() == 1:
            return scale.reshape(())
        if self._block:
            size = x.shape[self._axis]
            return scale.repeat_interleave(self._block, self._axis).narrow(self._axis, 0, size)
        axis = self._axis % x.dim()
        return scale.reshape(-1, *(1,) * (x.dim() - axis - 1))


def dynamic_quantize_linear(_: Node) -> Run:
    """Turn numbers into 8-bit codes by their own range (ONNX DynamicQuantizeLinear)."""

    def run(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        low, high = x.min().clamp(max=0), x.max().clamp(min=0)
        scale = (high - low) / 255
        zero = torch.clamp(torch.round(-low / scale), 0, 255)
        codes = torch.clamp(torch.round(x / scale) + zero, 0, 255)
        return codes.to(torch.uint8), scale, zero.to(torch.uint8)

    return run


RULES = {
    "QuantizeLinear": quantize_linear,
    "DequantizeLinear": dequantize_linear,
    "DynamicQuantizeLinear": dynamic_quantize_linear,
}
