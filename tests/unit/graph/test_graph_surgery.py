"""Cutting channels has exactly the effect of zeroing them where they are read."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from graph_building import GraphBuilder, half_kept, run, some_kept, zeroed
from graph_light_models import light_model
from graph_random_networks import networks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinystudio.graph.coupling import couple
from tinystudio.graph.facts import facts
from tinystudio.graph.network import Network
from tinystudio.graph.surgery import keep_channels


def assert_equal_outputs(left: Network, right: Network) -> None:
    for one, other in zip(run(left), run(right), strict=True):
        scale = max(1.0, float(np.abs(other).max()))
        np.testing.assert_allclose(one / scale, other / scale, rtol=0, atol=1e-4)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(networks(), st.integers(0, 1000))
def test_when_any_channels_of_any_network_are_cut_then_it_is_as_if_they_were_zero(
    network: Network, seed: int
) -> None:
    kept = some_kept(network, seed)
    cut = keep_channels(network, kept)
    onnx.checker.check_model(cut.model, full_check=True)
    assert_equal_outputs(cut, zeroed(network, kept))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(networks(), st.integers(0, 1000))
def test_when_a_cut_network_is_cut_again_then_its_groups_are_still_there(
    network: Network, seed: int
) -> None:
    # A single channel left couples with nothing: there is none to remove.
    kept = some_kept(network, seed, least=2)
    cut = keep_channels(network, kept)
    sizes = {group.id: group.channels for group in couple(cut).groups}
    assert sizes == {
        group.id: len(kept.get(group.id, range(group.channels))) for group in couple(network).groups
    }
    again = some_kept(cut, seed + 1)
    assert_equal_outputs(keep_channels(cut, again), zeroed(cut, again))


@pytest.mark.parametrize("name", ["squeezenet", "shufflenet", "inception_v2", "densenet121"])
def test_when_a_well_known_network_is_halved_then_it_is_as_if_the_rest_were_zero(
    name: str,
) -> None:
    network = Network.of(light_model(name))
    kept = half_kept(network)
    cut = keep_channels(network, kept)
    onnx.checker.check_model(cut.model)
    assert facts(cut).parameters < 0.5 * facts(network).parameters
    assert_equal_outputs(cut, zeroed(network, kept))


def test_when_nothing_is_named_then_the_network_is_unchanged() -> None:
    network = chain()
    assert keep_channels(network, {}).data == network.data


def test_when_channels_are_cut_then_names_of_nodes_and_tensors_stay() -> None:
    network = chain()
    cut = keep_channels(network, half_kept(network))
    assert [node.name for node in cut.nodes] == [node.name for node in network.nodes]
    assert [list(node.input) for node in cut.nodes] == [list(node.input) for node in network.nodes]


def test_when_channels_are_cut_then_the_original_stays_as_it_was() -> None:
    network = chain()
    before = network.model.SerializeToString()
    keep_channels(network, half_kept(network))
    assert network.model.SerializeToString() == before


@pytest.mark.parametrize("units", [[], [3, 1], [1, 1], [-1, 2], [0, 99]])
def test_when_units_are_not_some_of_the_group_in_order_then_it_is_refused(
    units: list[int],
) -> None:
    with pytest.raises(ValueError, match="keep some, in order"):
        keep_channels(chain(), {"first": np.array(units, np.int64)})


def test_when_the_group_must_stay_then_it_is_refused_with_the_reason() -> None:
    with pytest.raises(ValueError, match="network's outputs"):
        keep_channels(chain(), {"last": np.array([0])})


def test_when_a_layer_would_be_left_empty_then_it_is_refused_and_can_be_completed() -> None:
    g = GraphBuilder()
    x = g.input("batch", 2, 6)
    y = g.node("Concat", g.conv(x, 2, 3, (1,)), g.conv(x, 2, 3, (1,)), axis=1)
    y = g.node("Add", y, g.conv(y, 6, 6, (1,)))
    network = g.network(g.conv(y, 6, 2, (1,)))
    group = couple(network).groups[0]
    with pytest.raises(ValueError, match="would lose all its channels"):
        keep_channels(network, {group.id: np.array([3, 4])})
    kept = {group.id: group.complete(np.array([3, 4]))}
    assert kept[group.id].tolist() == [0, 3, 4]
    assert_equal_outputs(keep_channels(network, kept), zeroed(network, kept))


def test_when_there_is_no_such_group_then_it_is_refused() -> None:
    with pytest.raises(ValueError, match="no group 'other'"):
        keep_channels(chain(), {"other": np.array([0])})


def test_when_a_shape_is_shared_by_two_reshapes_then_each_gets_its_own() -> None:
    g = GraphBuilder()
    x = g.input("batch", 2, 3)
    shape = g.ints(-1, 12)
    left = g.node("Reshape", g.conv(x, 2, 4, (1,)), shape)
    right = g.node("Reshape", g.conv(x, 2, 4, (1,)), shape)
    network = g.network(g.gemm(left, 12, 2), g.gemm(right, 12, 2))
    first = couple(network).groups[0].id
    kept = {first: np.array([1])}
    assert_equal_outputs(keep_channels(network, kept), zeroed(network, kept))


def test_when_a_reshape_is_computed_from_the_batch_then_its_channels_can_still_go() -> None:
    g = GraphBuilder()
    y = g.conv(g.input("batch", 2, 3), 2, 4, (1,))
    batch = g.node("Gather", g.node("Shape", y), g.ints(0), axis=0)
    shape = g.node("Concat", batch, g.ints(12), axis=0)
    network = g.network(g.gemm(g.node("Reshape", y, shape), 12, 2))
    kept = half_kept(network)
    assert kept
    assert_equal_outputs(keep_channels(network, kept), zeroed(network, kept))


def test_when_a_transformer_block_feeds_forward_then_its_hidden_units_can_go() -> None:
    g = GraphBuilder()
    x = g.input("batch", 5, 8)
    y = g.node("LayerNormalization", x, g.weight(8), g.weight(8), axis=-1)
    y = g.node("Add", g.node("MatMul", y, g.weight(8, 16), name="up"), g.weight(16))
    y = g.node("Mul", y, g.node("Sigmoid", y))
    y = g.node("Add", g.node("MatMul", y, g.weight(16, 8), name="down"), g.weight(8))
    network = g.network(g.node("Add", x, y))
    kept = half_kept(network)
    assert list(kept) == ["up"]
    assert_equal_outputs(keep_channels(network, kept), zeroed(network, kept))


def test_when_a_recurrent_layer_reads_channels_then_they_can_go() -> None:
    g = GraphBuilder()
    y = g.conv(g.input(1, 3, 6), 3, 8, (3,), name="front")
    y = g.node("Transpose", y, perm=[2, 0, 1])
    y = g.node("LSTM", y, g.weight(1, 16, 8), g.weight(1, 16, 4), hidden_size=4)
    network = g.network(y)
    kept = half_kept(network)
    assert list(kept) == ["front"]
    assert_equal_outputs(keep_channels(network, kept), zeroed(network, kept))


def chain() -> Network:
    g = GraphBuilder()
    y = g.conv(g.input("batch", 2, 6, 6), 2, 4, (3, 3), name="first")
    y = g.node("MaxPool", g.node("Relu", y), kernel_shape=[2, 2], strides=[2, 2])
    y = g.conv(y, 4, 6, (3, 3), name="second")
    return g.network(g.gemm(g.node("Flatten", y), 54, 3, name="last"))
