"""Weights drawn anew: what is usual for each role, the same for the same seed."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from example_networks import mlp, residual_cnn, run
from level_examples import case, noise

from tinystudio.core.reporter import Silent
from tinystudio.graph.batchnorm import fold_batch_normalization
from tinystudio.graph.network import Network
from tinystudio.solvers.fresh_weights import Fresh, fresh

sys.path.insert(0, str(Path(__file__).parents[1] / "graph"))
from gradient_networks import recurrent, transformer
from graph_building import GraphBuilder


def drawn(network: Network, seed: int = 0) -> Fresh:
    return fresh(network, seed, Silent())


def test_the_same_seed_draws_the_same_and_another_seed_others() -> None:
    network = residual_cnn().network
    assert drawn(network).network.data == drawn(network).network.data
    one, other = drawn(network, 0).network, drawn(network, 1).network
    assert not np.array_equal(one.weights["conv2_w"], other.weights["conv2_w"])


def test_layers_are_drawn_by_their_number_of_inputs() -> None:
    g = GraphBuilder(0)
    x = g.conv(g.input("n", 16, 6, 6), 16, 64, (3, 3))
    x = g.node("Flatten", g.node("GlobalAveragePool", g.node("Relu", x)))
    made = drawn(g.network(g.gemm(x, 64, 200, transB=1))).network
    for node in made.nodes:
        if node.op_type in ("Conv", "Gemm"):
            weight = made.weights[node.input[1]]
            wanted = np.sqrt(2 / np.prod(weight.shape[1:]))
            assert weight.std() == pytest.approx(wanted, rel=0.1)
            assert not made.weights[node.input[2]].any()


@pytest.mark.parametrize("turned", [0, 1])
def test_a_linear_layer_counts_its_inputs_whichever_way_its_weights_lie(turned: int) -> None:
    g = GraphBuilder(0)
    shape = (40, 400) if turned else (400, 40)
    x = g.node("Gemm", g.input("n", 400), g.weight(*shape), transB=turned)
    made = drawn(g.network(x)).network
    (weight,) = made.weights.values()
    assert weight.std() == pytest.approx(np.sqrt(2 / 400), rel=0.1)


def test_normalization_begins_at_nothing_done() -> None:
    made = drawn(residual_cnn().network).network
    for part, value in (("s", 1), ("b", 0), ("m", 0), ("v", 1)):
        assert (made.weights[f"conv1_{part}"] == value).all()


def test_a_network_whose_normalization_was_folded_answers_with_numbers_of_a_usual_size() -> None:
    example = residual_cnn()
    made = drawn(fold_batch_normalization(example.network)).network
    answers = run(made, example.test.inputs)[0]
    assert 0.05 < answers.std() < 20


@pytest.mark.parametrize("operator", ["LSTM", "GRU", "RNN"])
def test_recurrent_layers_get_orthogonal_matrices_from_state_to_state(operator: str) -> None:
    made = drawn(recurrent(operator, "bidirectional")).network
    node = next(node for node in made.nodes if node.op_type == operator)
    inputs, states, biases = (made.weights[name] for name in node.input[1:4])
    units = states.shape[2]
    assert np.abs(inputs).max() <= 1 / np.sqrt(units)
    for matrix in states.reshape(-1, units, units):
        assert np.allclose(matrix @ matrix.T, np.eye(units), atol=1e-5)
    assert biases.sum() == (2 * units if operator == "LSTM" else 0)


def test_a_transformers_biases_and_layer_normalization_begin_plain() -> None:
    tested = transformer()
    made = drawn(tested)
    for node in made.network.nodes:
        if node.op_type == "LayerNormalization":
            scale, shift = (made.network.weights[name] for name in node.input[1:3])
            assert (scale == 1).all()
            assert not shift.any()
    assert np.isfinite(run(made.network, noise((5, 8)).inputs)[0]).all()
    assert made.kept == ()


def test_what_prepares_the_input_and_what_is_no_weight_stays() -> None:
    g = GraphBuilder(0)
    x = g.node("Sub", g.input("n", 3, 6, 6), g.constant(np.ones((3, 1, 1), "f4"), "mean"))
    x = g.node("Mul", x, g.constant(np.full((3, 1, 1), 0.5, "f4"), "scale"))
    x = g.node("Reshape", g.conv(x, 3, 8, (3, 3)), g.ints(-1, 288))
    tested = g.network(g.gemm(x, 288, 4))
    made = drawn(tested).network
    for name in ("mean", "scale"):
        assert np.array_equal(made.weights[name], tested.weights[name])
    whole = [name for name, array in tested.weights.items() if array.dtype.kind == "i"]
    assert whole
    assert all(np.array_equal(made.weights[name], tested.weights[name]) for name in whole)


def test_a_table_of_positions_is_drawn_as_wide_as_it_was() -> None:
    g = GraphBuilder(0)
    table = np.random.default_rng(3).normal(0, 0.02, (1, 30, 40)).astype("f4")
    x = g.node("MatMul", g.input("n", 30, 8), g.weight(8, 40))
    tested = g.network(g.node("Add", x, g.constant(table, "positions")))
    made = drawn(tested).network.weights["positions"]
    assert not np.array_equal(made, table)
    assert made.std() == pytest.approx(0.02, rel=0.1)


def test_a_bias_added_by_itself_begins_at_zero() -> None:
    made = drawn(mlp().network).network
    assert not made.weights["b1"].any()
    assert made.weights["w1"].std() == pytest.approx(np.sqrt(2 / 24), rel=0.1)


@pytest.mark.parametrize("name", ["depthwise", "grouped", "transposed", "concatenated", "lstm"])
def test_every_kind_of_layer_gets_numbers_that_run(name: str) -> None:
    tested = case(name)
    made = drawn(tested.network).network
    answers = run(made, tested.samples.inputs)[0]
    assert np.isfinite(answers).all()
    assert answers.std() > 0
