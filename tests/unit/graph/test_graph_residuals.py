"""Which blocks an addition goes on without."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from gradient_networks import transformer
from graph_building import GraphBuilder, run
from graph_random_networks import networks
from hypothesis import given, settings

from tinystudio.graph.network import Network
from tinystudio.graph.residuals import blocks, without


def residual_network(name: str = "skip", *, then: str = "Relu") -> Network:
    g = GraphBuilder(0)
    x = g.node("Relu", g.conv(g.input("n", 3, 6, 6), 3, 8, (3, 3)))
    y = g.node("Relu", g.conv(x, 8, 8, (3, 3)), name="inside")
    x = g.node("Add", x, g.conv(y, 8, 8, (3, 3)), name=name)
    return g.network(g.node(then, x) if then else x)


@settings(max_examples=30, deadline=None)
@given(networks())
def test_any_network_without_any_one_of_its_blocks_is_sound(tested: Network) -> None:
    for block in blocks(tested):
        shorter = without(tested, block)
        onnx.checker.check_model(shorter.model, full_check=True)
        assert [out.shape for out in run(shorter)] == [out.shape for out in run(tested)]
        assert {n.name for n in tested.nodes} - {n.name for n in shorter.nodes} >= set(block.nodes)


def test_without_a_block_the_network_answers_as_if_it_added_zeros() -> None:
    tested = residual_network()
    (block,) = blocks(tested)
    weight = tested.node(block.layers[-1]).input[1]
    bias = tested.node(block.layers[-1]).input[2]
    silent = tested.with_weights({n: np.zeros_like(tested.weights[n]) for n in (weight, bias)})
    np.testing.assert_allclose(run(without(tested, block))[0], run(silent)[0], atol=1e-6)


def test_the_block_is_named_by_its_layers() -> None:
    (block,) = blocks(residual_network())
    assert len(block.layers) == 2
    assert "inside" in block.nodes
    assert block.title == f"{block.layers[0]} to {block.layers[1]} (before skip)"


def test_where_the_sum_is_the_output_it_keeps_its_name() -> None:
    tested = residual_network(then="")
    shorter = without(tested, blocks(tested)[0])
    assert shorter.outputs == tested.outputs
    assert len(shorter.weights) < len(tested.weights)
    run(shorter)


def test_a_transformers_attention_and_feed_forward_part_are_two_blocks() -> None:
    tested = transformer()
    attention, feed_forward = blocks(tested)
    assert len(attention.layers) >= 4
    assert len(feed_forward.layers) == 2
    both = without(without(tested, attention), blocks(without(tested, attention))[0])
    assert not blocks(both)
    assert [out.shape for out in run(both)] == [out.shape for out in run(tested)]


def test_a_branch_of_another_shape_cannot_stand_for_the_sum() -> None:
    g = GraphBuilder(0)
    x = g.conv(g.input("n", 3, 6, 6), 3, 8, (3, 3))
    gate = g.conv(g.node("GlobalAveragePool", x), 8, 8, (1, 1))
    found = blocks(g.network(g.node("Relu", g.node("Add", x, gate))))
    assert all(block.kept == x for block in found)
    assert len(found) == 1


@pytest.mark.parametrize("kept", ["bias", "nothing"])
def test_an_addition_of_a_constant_is_no_block(kept: str) -> None:
    g = GraphBuilder(0)
    x = g.gemm(g.input("n", 6), 6, 6)
    y = g.node("Add", x, g.weight(6)) if kept == "bias" else g.node("Add", x, x)
    assert blocks(g.network(g.node("Relu", y))) == ()


def test_what_a_block_shares_with_the_rest_stays() -> None:
    g = GraphBuilder(0)
    x = g.input("n", 6)
    shared = g.gemm(x, 6, 6)
    y = g.node("Add", shared, g.gemm(g.node("Relu", shared), 6, 6))
    tested = g.network(g.node("Relu", y), g.node("Sigmoid", shared))
    (block,) = blocks(tested)
    assert tested.producer(shared).name not in block.nodes  # type: ignore[union-attr]
