"""What one axis of a resized tensor is made of: a matrix, or a list of places."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Axis:
    """One axis to resize: its sizes, its scale, and the part of it that is looked at."""

    size: int
    made: int
    scale: float
    start: float = 0.0
    end: float = 1.0


@dataclass(frozen=True)
class Manner:
    """How (ONNX Resize's attributes)."""

    mode: str
    coordinates: str
    nearest: str
    cubic: float = -0.75
    antialias: bool = False
    exclude_outside: bool = False


def origins(axis: Axis, coordinates: str) -> Floats:
    """Return where in the input each output element lies (ONNX Resize, by its formulas)."""
    y = np.arange(axis.made, dtype=np.float64)
    length = axis.scale * axis.size  # of the output, before it is cut to a whole number
    centred = (y + 0.5) / axis.scale - 0.5
    match coordinates:
        case "align_corners":
            found = y * (axis.size - 1) / (length - 1) if length != 1 else y * 0
        case "asymmetric":
            found = y / axis.scale
        case "tf_crop_and_resize":
            found = _cropped(axis, y, length)
        case "pytorch_half_pixel" if length == 1:
            found = y * 0 - 0.5
        case "half_pixel_symmetric":
            found = axis.size / 2 * (1 - axis.made / length) + centred
        case _:
            found = centred
    return found


def _cropped(axis: Axis, y: Floats, length: float) -> Floats:
    last = axis.size - 1
    part = (axis.end - axis.start) * last
    inside = y * part / (length - 1) if length != 1 else y * 0 + part / 2
    return inside + axis.start * last


def outside(axis: Axis) -> NDArray[np.bool_]:
    """Say which output elements lie outside the input."""
    where = origins(axis, "tf_crop_and_resize")
    return np.asarray((where < 0) | (where > axis.size - 1))


@functools.lru_cache(maxsize=64)
def places(axis: Axis, manner: Manner) -> NDArray[np.int64]:
    """Return which input element each output element is, in mode nearest."""
    where = origins(axis, manner.coordinates)
    rounded = {
        "round_prefer_floor": np.ceil(where - 0.5),
        "round_prefer_ceil": np.floor(where + 0.5),
        "floor": np.floor(where),
        "ceil": np.ceil(where),
    }[manner.nearest]
    return np.clip(rounded, 0, axis.size - 1).astype(np.int64)


@functools.lru_cache(maxsize=64)
def matrix(axis: Axis, manner: Manner) -> Floats:
    """Return (made, size): how much of each input element is in each output element.

    Cubic after Keys 1981. With antialias the kernel is stretched when the axis shrinks. Elements
    outside repeat the edge, or are left out.
    """
    where = origins(axis, manner.coordinates)
    shrink = min(1.0, axis.scale) if manner.antialias else 1.0
    reach = int(np.ceil((2 if manner.mode == "cubic" else 1) / shrink)) + 1
    near = np.floor(where).astype(np.int64)[:, None] + np.arange(-reach, reach + 1)[None]
    distance = np.abs(near - where[:, None]) * shrink
    share = (
        _cubic(distance, manner.cubic) if manner.mode == "cubic" else np.maximum(0, 1 - distance)
    )
    if manner.exclude_outside:
        share = np.where((near < 0) | (near >= axis.size), 0, share)
    share = share / share.sum(axis=1, keepdims=True)
    made = np.zeros((axis.made, axis.size))
    rows = np.arange(axis.made)[:, None]
    np.add.at(made, (np.broadcast_to(rows, near.shape), np.clip(near, 0, axis.size - 1)), share)
    return made


def _cubic(d: Floats, a: float) -> Floats:
    inner = ((a + 2) * d - (a + 3)) * d * d + 1
    outer = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
    return np.where(d <= 1, inner, np.where(d < 2, outer, 0))
