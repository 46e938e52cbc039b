"""A network cut into segments is still the network."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from graph_building import GraphBuilder, run
from graph_random_networks import networks
from hypothesis import given, settings

from tinystudio.core.data import Array
from tinystudio.gallery import find_task
from tinystudio.graph.network import Network
from tinystudio.graph.opening import open_network
from tinystudio.graph.segments import Segment, extracted, part, segments

GALLERY = ["watch", "satellite", "fashion", "vowels", "breast"]


@settings(max_examples=40, deadline=None)
@given(networks())
def test_running_the_segments_in_order_is_running_the_network(network: Network) -> None:
    assert_same(network)


@pytest.mark.parametrize("task", GALLERY)
def test_gallery_networks_run_segment_by_segment(task: str) -> None:
    assert_same(open_network(find_task(task).network_path))


@settings(max_examples=40, deadline=None)
@given(networks())
def test_every_node_is_in_exactly_one_segment(network: Network) -> None:
    found = [name for segment in segments(network) for name in segment.nodes]
    assert sorted(found) == sorted(node.name for node in network.nodes)


def test_a_node_that_joins_segments_belongs_to_the_latest() -> None:
    g = GraphBuilder()
    a = g.conv(g.input("batch", 2, 6), 2, 4, (3,), name="a")
    b = g.node("Relu", g.conv(a, 4, 4, (3,), name="b"), name="after")
    network = g.network(g.node("Add", b, a, name="join"))
    assert [(s.heavy, s.nodes) for s in segments(network)] == [
        ("a", ("a",)),
        ("b", ("b", "after", "join")),
    ]
    assert segments(network)[1].inputs == ("a_out",)


def test_what_comes_before_a_layer_goes_with_it() -> None:
    g = GraphBuilder()
    x = g.node("Sigmoid", g.input("batch", 4), name="before")
    network = g.network(g.gemm(x, 4, 3, name="layer"))
    assert [s.nodes for s in segments(network)] == [("before", "layer")]


def test_a_product_of_two_computed_tensors_is_no_layer() -> None:
    g = GraphBuilder()
    x = g.node("MatMul", g.input("batch", 5, 5), g.weight(5, 5), name="layer")
    network = g.network(g.node("MatMul", x, x, name="product"))
    assert [s.heavy for s in segments(network)] == ["layer"]


def test_weights_behind_a_cast_make_a_layer_and_belong_to_it() -> None:
    g = GraphBuilder()
    stored = g.constant(np.ones((4, 3), np.int8))
    weight = g.node("Mul", g.node("Cast", stored, to=1, name="cast"), g.weight(1), name="scale")
    x = g.gemm(g.input("batch", 4), 4, 4, name="first")
    network = g.network(g.node("MatMul", x, weight, name="second"))
    assert [(s.heavy, set(s.nodes)) for s in segments(network)] == [
        ("first", {"first"}),
        ("second", {"cast", "scale", "second"}),
    ]


def test_a_network_without_layers_is_one_segment() -> None:
    g = GraphBuilder()
    network = g.network(g.node("Relu", g.input("batch", 4)))
    (only,) = segments(network)
    assert only.heavy is None


def test_an_open_batch_stays_open() -> None:
    network = open_network(find_task("fashion").network_path)
    for segment in segments(network):
        cut = extracted(network, segment)
        assert {port.shape[0] for port in cut.inputs} == {network.inputs[0].shape[0]}


def test_any_nodes_can_be_taken_out_together() -> None:
    network = open_network(find_task("breast").network_path)
    first, second, *_ = segments(network)
    together = extracted(network, part(network, (*first.nodes, *second.nodes)))
    assert [port.name for port in together.inputs] == [port.name for port in network.inputs]
    assert [port.name for port in together.outputs] == list(second.outputs)


def assert_same(network: Network) -> None:
    rng = np.random.default_rng(1)
    known: dict[str, Array] = {
        port.name: rng.standard_normal(
            [size if isinstance(size, int) else 2 for size in port.shape]
        ).astype(port.dtype)
        for port in network.inputs
    }
    for segment in segments(network):
        known |= _run(network, segment, known)
    for port, expected in zip(network.outputs, run(network), strict=True):
        np.testing.assert_allclose(known[port.name], expected, rtol=1e-4, atol=1e-5)


def _run(network: Network, segment: Segment, known: dict[str, Array]) -> dict[str, Array]:
    cut = extracted(network, segment)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(cut.data, options, ["CPUExecutionProvider"])
    results = session.run(None, {name: known[name] for name in segment.inputs})
    return dict(zip(segment.outputs, results, strict=True))
