"""What a convolution's kernel sees at every place, as rows of a matrix (im2col)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tinystudio.core.data import Array


@dataclass(frozen=True)
class Window:
    """How a kernel moves over its input, in ONNX's terms; any number of spatial axes."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    pads: tuple[int, ...]  # begins, then ends
    auto_pad: str = "NOTSET"

    def padding(self, sizes: Sequence[int]) -> list[tuple[int, int]]:
        """Return (before, after) per spatial axis."""
        count = len(self.kernel)
        if self.auto_pad == "NOTSET":
            return [(self.pads[i], self.pads[i + count]) for i in range(count)]
        if self.auto_pad == "VALID":
            return [(0, 0)] * count
        return [self._same(axis, size) for axis, size in enumerate(sizes)]

    def output_sizes(self, sizes: Sequence[int]) -> tuple[int, ...]:
        """Return how many places the kernel takes per spatial axis."""
        padded = [size + sum(pad) for size, pad in zip(sizes, self.padding(sizes), strict=True)]
        reach = zip(padded, self.kernel, self.dilations, self.strides, strict=True)
        return tuple((size - (k - 1) * d - 1) // s + 1 for size, k, d, s in reach)

    def _same(self, axis: int, size: int) -> tuple[int, int]:
        stride, reach = self.strides[axis], (self.kernel[axis] - 1) * self.dilations[axis] + 1
        total = max(0, (-(-size // stride) - 1) * stride + reach - size)
        small, large = total // 2, total - total // 2
        return (large, small) if self.auto_pad == "SAME_LOWER" else (small, large)


def unfold(values: Array, window: Window, blocks: int, places: Array | None = None) -> Array:
    """Return values (n, channels, *sizes) as (blocks, n x places, channels/blocks x kernel).

    `places` picks among the kernel's places (flat, row-major); None takes all. A row's entries
    are in the order of `weight.reshape(outputs, -1)`. float32.
    """
    count, channels = values.shape[:2]
    sizes = values.shape[2:]
    padded = np.pad(values, [(0, 0), (0, 0), *window.padding(sizes)])
    views = _windows(padded, window)
    spots = np.arange(int(np.prod(window.output_sizes(sizes)))) if places is None else places
    where = np.unravel_index(spots, window.output_sizes(sizes))
    everything: tuple[slice | Array, ...] = (slice(None), slice(None), *where)
    picked = views[everything]
    rows = picked.reshape(count, blocks, channels // blocks, len(spots), -1)
    rows = rows.transpose(1, 0, 3, 2, 4)
    return np.ascontiguousarray(rows, np.float32).reshape(blocks, count * len(spots), -1)


def _windows(padded: Array, window: Window) -> Array:
    """Return a view (n, channels, *places, *kernel)."""
    axes = tuple(range(2, padded.ndim))
    reach = [(k - 1) * d + 1 for k, d in zip(window.kernel, window.dilations, strict=True)]
    views = sliding_window_view(padded, reach, axis=axes)
    steps = tuple(slice(None, None, s) for s in window.strides)
    holes = tuple(slice(None, None, d) for d in window.dilations)
    return views[(slice(None), slice(None), *steps, *holes)]
