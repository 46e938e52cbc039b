"""What kind of data an input is, guessed from its shape; loads no torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tinystudio.core.data import Array

Kind = Literal["images", "sequences", "tables"]
SHIFT = 0.1  # of a side or a sequence, at most


def data_kind(inputs: Sequence[Array]) -> Kind:
    """Return the kind of samples (n, ...) by their rank: 4 images, 3 sequences, other tables.

    Several inputs belong together in a way that a shape does not tell, and whole numbers may be
    indices: both are taken as tables, which are left alone.
    """
    if len(inputs) != 1 or inputs[0].dtype.kind != "f":
        return "tables"
    return {4: "images", 3: "sequences"}.get(inputs[0].ndim, "tables")  # type: ignore[return-value]


def time_axis(shape: tuple[int, ...]) -> int:
    """Return which axis of a sequence (n, a, b) is time: the longer one."""
    return 2 if shape[2] >= shape[1] else 1
