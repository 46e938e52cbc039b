"""Step sizes that a training may change, and weights that are rounded by them at every run.

Every scale becomes  base x max(1 + change, LEAST)  with a change that starts at zero: a learning
rate then moves scales by shares of themselves, whatever their size. A weight w becomes

    round(clip(w / scale, low, high)) x scale

with operators of the standard; the gradient passes the rounding as if it were not there, which
gives scales the gradient of learned step sizes. What is computed here is what the integers and
scales that are written afterwards stand for, to the last bit.

Sources: Esser et al., "Learned Step Size Quantization", ICLR 2020; Bengio et al., "Estimating or
Propagating Gradients Through Stochastic Neurons", 2013.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from onnx import NodeProto, helper

from tinystudio.core.data import Array
from tinystudio.graph.network import Network

LEAST = 0.01  # of its beginning that a scale keeps at least
ONE, FLOOR = "~one", "~least"
ROOM = 255  # codes of a byte, less one
INSIDE = 0.49  # of a step: what is nearest to a code by a safe margin
WIDE = 128  # steps of a bias that are rounded in a byte, half of them to each side

Ends = tuple[int, int]  # the lowest and highest code


@dataclass(frozen=True)
class Steps:
    """The scales that may change, by name, as they were at the beginning."""

    bases: dict[str, Array]

    @property
    def changes(self) -> tuple[str, ...]:
        """Return the constants that tell how far each scale is from its beginning."""
        return tuple(_change(scale) for scale in self.bases)

    def learned(self, trained: Network) -> dict[str, Array]:
        """Return every scale as it was learned."""
        one, least = np.float32(1), np.float32(LEAST)
        return {
            name: base * np.maximum(trained.weights[_change(name)] + one, least)
            for name, base in self.bases.items()
        }


@dataclass
class StepsInGraph:
    """Collects what a graph needs for its learned steps, while it is built."""

    bases: dict[str, Array] = field(default_factory=dict)
    weights: dict[str, Array] = field(default_factory=dict)
    _nodes: list[NodeProto] = field(default_factory=list)

    def scale(self, name: str, base: Array) -> str:
        """Return the tensor that holds a scale as it is learned; it begins at `base`."""
        made = f"{name}/learned"
        if name not in self.bases:
            self.weights |= {ONE: np.array(1, np.float32), FLOOR: np.array(LEAST, np.float32)}
            self.bases[name] = base.astype(np.float32)
            change, factor, kept = (f"{name}/{word}" for word in ("change", "factor", "kept"))
            self.weights |= {name: self.bases[name], change: np.zeros_like(self.bases[name])}
            self._add("Add", [change, ONE], factor)
            self._add("Max", [factor, FLOOR], kept)
            self._add("Mul", [name, kept], made)
        return made

    def rounded(
        self, weight: str, scale: str, shape: tuple[int, ...], ends: Ends, made: str
    ) -> list[NodeProto]:
        """Return the nodes that make the tensor `made`: a weight on the grid of a learned scale.

        `scale` names a tensor of `scale`, `shape` is what it is laid out in over the weight.
        """
        low, high = ends
        zero, lowest, highest, laid = f"~zero{low}", f"~low{low}", f"~high{high}", f"{made}/shape"
        self.weights |= {zero: np.array(-low, np.uint8), laid: np.array(shape, np.int64)}
        self.weights |= {lowest: np.array(low, np.float32), highest: np.array(high, np.float32)}
        spread, steps, kept, codes, whole = (
            f"{made}/{word}" for word in ("spread", "steps", "kept", "codes", "whole")
        )
        nodes = [
            helper.make_node("Reshape", [scale, laid], [spread], spread),
            helper.make_node("Div", [weight, spread], [steps], steps),
            helper.make_node("Clip", [steps, lowest, highest], [kept], kept),
            helper.make_node("QuantizeLinear", [kept, ONE, zero], [codes], codes),
            helper.make_node("DequantizeLinear", [codes, ONE, zero], [whole], whole),
            helper.make_node("Mul", [whole, spread], [made], f"{made}/product"),
        ]
        if high - low == ROOM:  # the byte keeps to the ends
            nodes[3].input[0] = steps
            del nodes[2]
        return nodes

    def rounded_bias(self, bias: str, scales: tuple[str, str], made: str) -> list[NodeProto]:
        """Return the nodes that make `made`: a bias in whole steps of the product of two scales.

        A byte has the rounding through which a gradient passes: what is beyond it goes around.
        """
        zero, wide = f"~zero-{WIDE}", f"~wide{WIDE}"
        self.weights |= {
            zero: np.array(WIDE, np.uint8),
            wide: np.array(WIDE, np.float32),
            ONE: np.array(1, np.float32),
        }
        scale, steps, blocks, whole, beyond, rest, codes, near, total = (
            f"{made}/{word}"
            for word in (
                "scale", "steps", "blocks", "whole", "beyond", "rest", "codes", "near", "total",
            )
        )  # fmt: skip
        return [
            helper.make_node("Mul", list(scales), [scale], scale),
            helper.make_node("Div", [bias, scale], [steps], steps),
            helper.make_node("Div", [steps, wide], [blocks], blocks),
            helper.make_node("Round", [blocks], [whole], whole),
            helper.make_node("Mul", [whole, wide], [beyond], beyond),
            helper.make_node("Sub", [steps, beyond], [rest], rest),
            helper.make_node("QuantizeLinear", [rest, ONE, zero], [codes], codes),
            helper.make_node("DequantizeLinear", [codes, ONE, zero], [near], near),
            helper.make_node("Add", [beyond, near], [total], total),
            helper.make_node("Mul", [total, scale], [made], f"{made}/product"),
        ]

    def nodes(self) -> list[NodeProto]:
        """Return the nodes that make the scales."""
        return self._nodes

    def steps(self) -> Steps:
        """Return the scales that were asked for."""
        return Steps(dict(self.bases))

    def _add(self, operator: str, inputs: list[str], made: str) -> None:
        self._nodes.append(helper.make_node(operator, inputs, [made], made))


def codes_of(values: Array, scale: Array, ends: Ends) -> Array:
    """Return the whole numbers that `StepsInGraph.rounded` rounds to; `scale` is laid out."""
    steps = values.astype(np.float32) / scale.astype(np.float32)
    return np.asarray(np.clip(np.rint(steps), *ends))


def in_cells(values: Array, codes: Array, scale: Array, ends: Ends) -> Array:
    """Return the numbers nearest to `values` that are rounded to these codes.

    A training that starts there answers as the codes do, and has the least way to go to others.
    """
    low, high = (codes.astype(np.float64) + side for side in (-INSIDE, INSIDE))
    steps = np.clip(values / scale, np.maximum(low, ends[0]), np.minimum(high, ends[1]))
    return np.asarray((steps * scale).astype(np.float32))


def _change(scale: str) -> str:
    return f"{scale}/change"
