"""One node as its rule sees it, when the module is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import NodeProto
from torch import Tensor

from tinystudio.core.data import Array
from tinystudio.graph.network import Network, attribute

# What a rule makes of a node: a function from its inputs (None: left out) to its outputs.
Run = Callable[..., Any]
Integers = Callable[[Tensor | None], list[int] | None]


class UnclaimedError(Exception):
    """A node that its rule cannot run; the text is the reason, for people."""


@dataclass
class Mode:
    """Whether the module is training: what Dropout and BatchNormalization look at."""

    training: bool = False


@dataclass(frozen=True)
class Node:
    """One node, with what never changes: its attributes and its constant inputs.

    Rules read all of it once, so that the functions they return only compute.
    """

    proto: NodeProto
    network: Network
    constants: Mapping[str, Array]
    mode: Mode

    @property
    def opset(self) -> int:
        """Return the version of the standard operators."""
        return self.network.opset

    @property
    def outputs(self) -> int:
        """Return how many outputs are asked for."""
        return len(self.proto.output)

    def attribute(self, name: str, default: Any = None) -> Any:
        """Return an attribute as a Python value."""
        return attribute(self.proto, name, default)

    def given(self, index: int) -> bool:
        """Say whether that input is there."""
        return index < len(self.proto.input) and bool(self.proto.input[index])

    def constant(self, index: int) -> Array | None:
        """Return that input where it is a constant that no training changes."""
        return self.constants.get(self.proto.input[index]) if self.given(index) else None

    def integers(self, index: int) -> Integers:
        """Return a function from that input's tensor to its numbers; read ahead where constant."""
        known = self.constant(index)
        if known is None:
            return _listed
        numbers = [int(number) for number in known.reshape(-1)]
        return lambda _: numbers

    def number(self, index: int, default: float | None) -> Callable[[Tensor | None], Any]:
        """Return a function from that input's tensor to its one number; read ahead if constant."""
        known = self.constant(index)
        if known is None:
            return lambda tensor: default if tensor is None else tensor.item()
        number = known.astype(np.float64).item() if known.dtype.kind in "fV" else known.item()
        return lambda _: number

    def dtype(self, output: int) -> np.dtype[Any] | None:
        """Return the type of an output, as far as it is known."""
        return self.network.dtype(self.proto.output[output])

    def input_dtype(self, index: int) -> np.dtype[Any] | None:
        """Return the type of an input, as far as it is known."""
        return self.network.dtype(self.proto.input[index]) if self.given(index) else None


def _listed(tensor: Tensor | None) -> list[int] | None:
    return None if tensor is None else [int(number) for number in tensor.reshape(-1).tolist()]
