"""What of each layer stays when units of a group go."""

from __future__ import annotations

import numpy as np
from example_networks import network
from onnx import helper

from tinystudio.core.data import Array
from tinystudio.graph.coupling import couple
from tinystudio.graph.network import Network
from tinystudio.graph.surgery import keep_channels
from tinystudio.solvers.channel_units import order_by_magnitude, out_channels, surviving
from tinystudio.solvers.layers import layers


def transposed(groups: int) -> Network:
    """Return a convolution, a transposed one of four channels in `groups`, and a last one."""
    rng = np.random.default_rng(0)
    weights: dict[str, Array] = {
        "w1": rng.normal(size=(4, 2, 1)).astype("f4"),
        "w2": rng.normal(size=(4, 4 // groups, 3)).astype("f4"),
        "w3": rng.normal(size=(3, 4, 1)).astype("f4"),
    }
    nodes = [
        helper.make_node("Conv", ["x", "w1"], ["a"], "first"),
        helper.make_node("ConvTranspose", ["a", "w2"], ["b"], "up", group=groups),
        helper.make_node("Conv", ["b", "w3"], ["y"], "last"),
    ]
    return network(nodes, weights, {"x": ("n", 2, 5)}, {"y": ("n", 3, 7)})


def check_outputs_of_the_cut(tested: Network) -> None:
    coupling = couple(tested)
    kept = {g.id: np.arange(1, g.channels) for g in coupling.groups if g.removable}
    masks = surviving(coupling, kept)
    cut = layers(keep_channels(tested, kept))
    for name, layer in layers(tested).items():
        assert out_channels(layer, masks).sum() == cut[name].out_channels


def test_a_depthwise_transposed_convolution_loses_whole_blocks() -> None:
    check_outputs_of_the_cut(transposed(4))


def test_a_grouped_transposed_convolution_loses_some_of_each_block() -> None:
    check_outputs_of_the_cut(transposed(2))


def test_a_transposed_convolution_loses_outputs() -> None:
    check_outputs_of_the_cut(transposed(1))


def test_the_smallest_rows_go_first() -> None:
    tested = transposed(1)
    group = couple(tested).group("first")
    norms = np.square(tested.weights["w1"]).sum(axis=(1, 2))
    assert order_by_magnitude(tested, group).units.tolist() == np.argsort(norms).tolist()
