"""In how many bits a layer's weights are stored, and whether it computes in 8 bits as well.

`float` is the network's own type. `w8`, `w4`, `w3` store the weights in so many bits and compute
in float; `w8a8` stores and computes in 8 bits, activations included (INT8).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

Precision = Literal["float", "w8", "w4", "w3", "w8a8"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)

# Bits of a weight's values. 3-bit values stand in 4 bits in the file: ONNX has no 3-bit type, so
# they count for the compressed download only.
VALUE_BITS: Mapping[Precision, int] = {"w8": 8, "w4": 4, "w3": 3}
FILE_BITS: Mapping[Precision, int] = {"float": 32, "w8": 8, "w4": 4, "w3": 4, "w8a8": 8}
TITLES: Mapping[Precision, str] = {
    "float": "float",
    "w8": "8-bit weights",
    "w4": "4-bit weights",
    "w3": "3-bit weights",
    "w8a8": "INT8",
}
