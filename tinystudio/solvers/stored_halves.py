"""Weights stored in half precision, computed with in 32-bit floats.

A weight becomes Cast(float16), which runtimes compute once, when they load the file: half as
large on disk, and as fast as before.

IEEE 754 half precision has 11 significant bits and magnitudes from 6e-8 to 65504.
"""

from __future__ import annotations

import numpy as np
from onnx import NodeProto, TensorProto, helper

from tinystudio.core.data import Array
from tinystudio.graph.network import Network

LARGEST = float(np.finfo(np.float16).max)
LEAST_NUMBERS = 32  # a Cast takes about as many bytes as halving so many numbers saves


def stored_as_halves(network: Network) -> Network:
    """Return `network` with its float weights stored in 16 bits, computing in 32 as before.

    Left as they are: weights that half precision cannot hold, a few numbers, and outputs.
    """
    taken, nodes = names_in(network), list[NodeProto]()
    weights = dict(network.weights)
    for number, name in enumerate(storable_as_halves(network)):
        held = free_name(f"~h{number}", taken)
        weights[held] = weights.pop(name).astype(np.float16)
        nodes.append(helper.make_node("Cast", [held], [name], held, to=TensorProto.FLOAT))
    return network.with_nodes([*nodes, *network.nodes], weights)


def storable_as_halves(network: Network) -> tuple[str, ...]:
    """Return the weights that `stored_as_halves` stores in 16 bits."""
    ends = {port.name for port in network.outputs}
    return tuple(
        name
        for name in float_weights(network)
        if network.weights[name].size > LEAST_NUMBERS
        and name not in ends
        and fits_in_half(network.weights[name])
    )


def too_large_for_half(network: Network) -> tuple[str, ...]:
    """Return the float weights that hold a number beyond 65504."""
    return tuple(n for n in float_weights(network) if not fits_in_half(network.weights[n]))


def float_weights(network: Network) -> tuple[str, ...]:
    """Return the names of the weights in 32-bit floats."""
    return tuple(name for name in network.weights if network.weights[name].dtype == np.float32)


def fits_in_half(values: Array) -> bool:
    """Say whether half precision can hold all of these numbers; infinities can be held."""
    finite = np.abs(values[np.isfinite(values)])
    return finite.size == 0 or float(finite.max()) <= LARGEST


def names_in(network: Network) -> set[str]:
    """Return every name of a tensor or node."""
    taken = {port.name for port in network.inputs} | set(network.weights)
    for node in network.nodes:
        taken.update((node.name, *node.output))
    return taken


def free_name(wanted: str, taken: set[str]) -> str:
    """Return a name that nothing goes by yet, and take it."""
    while wanted in taken:
        wanted += "_"
    taken.add(wanted)
    return wanted
