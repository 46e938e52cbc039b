"""Quantization-aware training: the form of static quantization, and better where that costs."""

from __future__ import annotations

import numpy as np
from example_networks import Example, residual_cnn

from tinystudio.core.cache import Cache
from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context


def applied(technique: str, example: Example, network: Network, **values: object) -> Network:
    part = find_technique(technique)
    context = Context(
        example.network, example.calibration, "data", 0, Silent(), Cache(), example.calibration
    )
    return part.apply(network, part.params(**values), context).network


def test_it_writes_the_form_and_the_bytes_of_static_quantization() -> None:
    example = residual_cnn()
    static = applied("static-quantization", example, example.network)
    trained = applied("quantization-aware-training", example, example.network, epochs=0.5)
    assert len(trained.data) == len(static.data)
    assert [node.op_type for node in trained.nodes] == [node.op_type for node in static.nodes]


def test_what_rough_steps_cost_is_learned_back() -> None:
    example = residual_cnn()
    rng = np.random.default_rng(0)
    # One weight far from the rest of each layer makes the steps of its channel rough.
    rough = {}
    for node in example.network.nodes:
        if node.op_type == "Conv":
            weight = example.network.weights[node.input[1]].copy()
            flat = weight.reshape(len(weight), -1)
            flat[np.arange(len(flat)), rng.integers(flat.shape[1], size=len(flat))] *= 12
            rough[node.input[1]] = weight
    network = example.network.with_weights(rough)
    static = example.accuracy(applied("static-quantization", example, network))
    trained = example.accuracy(
        applied("quantization-aware-training", example, network, epochs=12.0, rate=0.005)
    )
    assert trained > static + 0.05
