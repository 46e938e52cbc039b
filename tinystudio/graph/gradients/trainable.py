"""Which constants of a graph a training may change."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tinystudio.core.data import Array
from tinystudio.graph.decoded_weights import decoded_weights
from tinystudio.graph.gradients.element_types import carrier_of
from tinystudio.graph.network import Network
from tinystudio.graph.parameters import parameters

# Inputs that hold tables and plans although they are floating-point numbers, by operator.
_PLANS: Mapping[str, tuple[int, ...]] = {
    "Attention": (3,),
    "OneHot": (2,),
    "RotaryEmbedding": (1, 2),
}
# Attention masks add numbers as large as these to rule places out.
LARGEST_WEIGHT = 1e4


def trainable_weights(network: Network) -> tuple[str, ...]:
    """Return the floating-point parameters, in stored order, and scales and tables of few-bit
    weights.

    Left out: what batch normalization counts rather than learns, and masks.
    """
    scales = {name for item in decoded_weights(network) for name in item.floats}
    known = set(parameters(network)) | scales
    counted = running_statistics(network)
    return tuple(
        name
        for name, array in network.weights.items()
        if name in known and name not in counted and is_floating(array)
        if not _is_mask(array) and not _is_plan(network, name)
    )


def running_statistics(network: Network) -> frozenset[str]:
    """Return the stored means and variances of batch normalization."""
    return frozenset(
        name
        for node in network.nodes
        if node.op_type == "BatchNormalization"
        for name in node.input[3:5]
        if name in network.weights
    )


def is_floating(array: Array) -> bool:
    """Say whether torch has a gradient for numbers of this type."""
    kind = carrier_of(array.dtype)
    return kind is not None and kind.is_floating_point


def _is_plan(network: Network, name: str) -> bool:
    return all(
        index in _PLANS.get(node.op_type, ())
        for node in network.consumers(name)
        for index, item in enumerate(node.input)
        if item == name
    )


def _is_mask(array: Array) -> bool:
    if not array.size:
        return True
    largest = np.abs(array.astype(np.float64)).max()
    return not bool(largest < LARGEST_WEIGHT)
