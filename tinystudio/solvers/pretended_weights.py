"""Networks whose weights pretend to have few bits while they learn; activations stay floats.

They learn in the place of networks whose weights are stored as integers and turned into floats
when the file is loaded (`stored_weights`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tinystudio.core.data import Array
from tinystudio.graph.network import Network
from tinystudio.solvers.learned_steps import Steps, StepsInGraph, codes_of, in_cells
from tinystudio.solvers.rounding import code_range
from tinystudio.solvers.stored_weights import StoredWeight, stored


@dataclass(frozen=True)
class PretendedWeights:
    """`network` learns; `floats` is the same before its weights were pretended to be few-bit."""

    network: Network
    floats: Network
    weights: Mapping[str, StoredWeight]
    steps: Steps


def pretended_weights(floats: Network, weights: Mapping[str, StoredWeight]) -> PretendedWeights:
    """Return what learns in the place of `floats` with these weights stored in few bits."""
    steps, rounding, inner = StepsInGraph(), [], {}
    for name, weight in weights.items():
        scale = steps.scale(f"{name}/scale", weight.scale.ravel())
        source = inner[name] = f"{name}/floats"
        ends = code_range(weight.bits)
        rounding += steps.rounded(source, scale, weight.scale.shape, ends, name)
    kept = {inner.get(name, name): array for name, array in floats.weights.items()}
    nodes = [*steps.nodes(), *rounding, *floats.nodes]
    network = floats.with_nodes(nodes, {**kept, **steps.weights})
    return PretendedWeights(network, floats, weights, steps.steps())


def learned_weights(
    made: PretendedWeights, trained: Network, numbers: Mapping[str, int]
) -> Network:
    """Return the network with the codes, scales and all else that `trained` has learned.

    `numbers`: see `stored_weights.stored`.
    """
    scales, few = made.steps.learned(trained), {}
    for name, before in made.weights.items():
        scale = scales[f"{name}/scale"].reshape(before.scale.shape)
        codes = codes_of(trained.weights[f"{name}/floats"], scale, code_range(before.bits))
        few[name] = StoredWeight(codes, scale, before.bits)
    rest = made.floats.weights.keys() - few.keys()
    floats = {
        name: trained.weights[name] for name in rest if trained.weights[name].dtype.kind == "f"
    }
    return stored(made.floats.with_weights(floats), few, numbers)


def with_cells(floats: Network, weights: Mapping[str, StoredWeight], wished: Network) -> Network:
    """Return `floats` with each of these weights as near to that of `wished` as its codes allow.

    What is computed with rounded weights stays the same, and a training has the least way to go.
    """
    return floats.with_weights(
        {name: _cell(item, wished.weights[name]) for name, item in weights.items()}
    )


def _cell(weight: StoredWeight, wished: Array) -> Array:
    return in_cells(wished, weight.codes, weight.scale, code_range(weight.bits))
