"""Applies static quantization and looks at what it made."""

from __future__ import annotations

import numpy as np
import onnx
from example_networks import Example, run

from tinystudio.core.cache import Cache
from tinystudio.core.data import Array, Samples
from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.measure.agreement import agreement
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context, Outcome

STATIC = find_technique("static-quantization")


def context(network: Network, calibration: Samples | None, cache: Cache | None = None) -> Context:
    return Context(network, calibration, "calibration", 0, Silent(), cache or Cache())


def apply(example: Example, **values: object) -> Outcome:
    return STATIC.apply(
        example.network, STATIC.params(**values), context(example.network, example.calibration)
    )


def signal_db(before: Network, after: Network, inputs: tuple[Array, ...]) -> float:
    onnx.checker.check_model(after.model, full_check=True)
    return agreement(run(before, inputs), run(after, inputs)).sqnr_db


def ops(network: Network) -> list[str]:
    return [node.op_type for node in network.nodes]


def types_of(network: Network) -> tuple[set[str], set[str]]:
    """Return the 8-bit types of activations and of weights."""
    conversions = [node for node in network.nodes if node.op_type == "QuantizeLinear"]
    weights = [w for w in network.weights.values() if w.ndim >= 2 and w.dtype.itemsize == 1]
    return (
        {str(network.weights[node.input[2]].dtype) for node in conversions},
        {str(weight.dtype) for weight in weights},
    )


def int8_weights(network: Network) -> list[Array]:
    return [w for w in network.weights.values() if w.dtype == np.int8 and w.ndim >= 2]
