"""How much a sliding window is padded: explicit pads, or SAME by the operator's own rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from tinystudio.graph.gradients.node import Node, UnclaimedError

Pads = tuple[tuple[int, int], ...]  # (before, after) per axis of space


@dataclass(frozen=True)
class Window:
    """A sliding window's attributes, per axis of space (ONNX: Conv, MaxPool, AveragePool)."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    auto_pad: str
    pads: Pads

    @classmethod
    def of(cls, node: Node, kernel: Sequence[int]) -> Window:
        """Read the window of a node whose kernel has these sizes."""
        dims = len(kernel)
        if not 1 <= dims <= 3:
            raise UnclaimedError(f"windows over {dims} axes have no rule; one to three have")
        pads = node.attribute("pads") or [0] * 2 * dims
        return cls(
            tuple(kernel),
            tuple(node.attribute("strides") or [1] * dims),
            tuple(node.attribute("dilations") or [1] * dims),
            node.attribute("auto_pad", "NOTSET"),
            tuple(zip(pads[:dims], pads[dims:], strict=True)),
        )

    @property
    def dims(self) -> int:
        """Return the number of axes of space."""
        return len(self.kernel)

    @property
    def spans(self) -> tuple[int, ...]:
        """Return how far the window reaches along each axis, its gaps included."""
        return tuple((k - 1) * d + 1 for k, d in zip(self.kernel, self.dilations, strict=True))

    @property
    def symmetric(self) -> tuple[int, ...] | None:
        """Return the padding per axis where it is known ahead and equal on both sides."""
        if self.auto_pad == "VALID":
            return (0,) * self.dims
        if self.auto_pad != "NOTSET" or any(before != after for before, after in self.pads):
            return None
        return tuple(before for before, _ in self.pads)

    def padding(self, sizes: Sequence[int]) -> Pads:
        """Return the padding for an input of these sizes (ONNX operator spec, `auto_pad`)."""
        if self.auto_pad == "VALID":
            return ((0, 0),) * self.dims
        if self.auto_pad == "NOTSET":
            return self.pads
        found = []
        for size, span, stride in zip(sizes, self.spans, self.strides, strict=True):
            made = -(-size // stride)
            total = max(0, (made - 1) * stride + span - size)
            less, more = total // 2, total - total // 2
            found.append((less, more) if self.auto_pad == "SAME_UPPER" else (more, less))
        return tuple(found)


def padded(x: Tensor, pads: Pads, value: float = 0.0) -> Tensor:
    """Return `x` padded along its last axes; negative numbers cut."""
    if not any(before or after for before, after in pads):
        return x
    flat = [number for pair in reversed(pads) for number in pair]
    return functional.pad(x, flat, value=value)


def by_dims(dims: int, *choices: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return the choice for one, two or three axes of space."""
    return choices[dims - 1]


def sliding_sum(x: Tensor, window: Window) -> Tensor:
    """Return the sums of (n, c, ...) over the window, without padding, its gaps left out."""
    convolve = by_dims(window.dims, functional.conv1d, functional.conv2d, functional.conv3d)
    ones = torch.ones((1, 1, *window.kernel), dtype=x.dtype)
    planes = x.reshape(-1, 1, *x.shape[2:])
    made = convolve(planes, ones, None, window.strides, 0, window.dilations)
    return made.reshape(*x.shape[:2], *made.shape[2:])
