"""A timer that works out what networks take, so that a table can be compared with the truth."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import onnx

from tinystudio.core.reporter import Reporter
from tinystudio.graph.network import Network
from tinystudio.measure.layer_timing import Timed, Times

CALL_US = 5.0  # what any call costs
STEP = 16  # channels that take as long as one more would
PER_PRODUCT, INT8_SHARE = 1e-4, 0.25  # us, and how much of it a product in 8 bits takes
PER_CONVERTED = 2e-3  # us


def time_of(network: Network) -> float:
    """Return microseconds: layers by their products, in steps; conversions by their values."""
    return CALL_US + sum(_node_us(network, node) for node in network.nodes)


class Timer:
    """Stands in for `time_together`; remembers what it was asked to time."""

    def __init__(self) -> None:
        self.asked: list[Timed] = []

    def __call__(
        self,
        networks: Sequence[Timed],
        threads: int,
        seed: int,
        budget_s: float,
        reporter: Reporter,
    ) -> Times:
        self.asked = list(networks)
        reporter.progress(1, 1, "timed")
        us = [time_of(Network(onnx.load_from_string(item.data))) for item in networks]
        return Times(np.array(us) * 1e-6, np.zeros(len(us)))


def _node_us(network: Network, node: onnx.NodeProto) -> float:
    values = math.prod(one or 1 for one in network.size(node.output[0]) or ())
    match node.op_type:
        case "Conv" | "Gemm":
            return _layer_us(network, node, values)
        case "QuantizeLinear" | "DequantizeLinear":
            return 0.0 if node.input[0] in network.weights else PER_CONVERTED * values
        case _:
            return 0.0


def _layer_us(network: Network, node: onnx.NodeProto, values: int) -> float:
    filters = network.size(node.input[1]) or ()
    made, read = (filters[0] or 1), math.prod(one or 1 for one in filters[1:])
    places = values // made
    us = PER_PRODUCT * places * read * math.ceil(made / STEP) * STEP
    before = network.producer(node.input[1])
    return us * (INT8_SHARE if before is not None else 1.0)
