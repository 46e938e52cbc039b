"""Normalization for the time of a training: put in it changes nothing, folded it is gone."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from example_networks import residual_cnn, run
from level_examples import case, noise
from training_examples import operators, tensors

from tinystudio.graph.batchnorm import fold_batch_normalization
from tinystudio.graph.gradients.module import GraphModule
from tinystudio.graph.network import Network
from tinystudio.training.normalized import with_normalization

sys.path.insert(0, str(Path(__file__).parents[1] / "graph"))
from graph_building import GraphBuilder

BATCH = 32
CONVOLUTIONS = [
    "plain", "residual", "depthwise", "grouped", "one_dimensional", "concatenated", "flattened",
]  # fmt: skip


def same(one: Network, other: Network, inputs: tuple[np.ndarray, ...]) -> bool:
    return np.allclose(run(one, inputs)[0], run(other, inputs)[0], atol=1e-4)


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_put_in_it_changes_nothing_and_folded_it_is_gone(name: str) -> None:
    tested = case(name)
    made = with_normalization(tested.network, tensors(tested.samples), BATCH)
    onnx.checker.check_model(made.model, full_check=True)
    assert operators(made)["BatchNormalization"] == operators(tested.network)["Conv"]
    assert same(made, tested.network, tested.samples.inputs)
    folded = fold_batch_normalization(made)
    assert operators(folded)["BatchNormalization"] == 0
    assert same(folded, tested.network, tested.samples.inputs)


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_it_normalizes_by_what_the_samples_really_are(name: str) -> None:
    """In training, too, where a batch is normalized by its own statistics, all stays the same."""
    tested = case(name)
    made = with_normalization(fold_batch_normalization(tested.network), tensors(tested.samples), 24)
    module = GraphModule(made).train()
    with torch.no_grad():
        (found,) = module(*tensors(tested.samples))
    expected = run(tested.network, tested.samples.inputs)[0]
    assert np.abs(found.numpy() - expected).max() < 2e-3 * np.abs(expected).max()


def test_without_a_bias_a_convolution_is_normalized_as_well() -> None:
    g = GraphBuilder(3)
    x = g.node("Conv", g.input("n", 2, 5, 5), g.weight(6, 2, 3, 3))
    bare = g.network(g.node("ReduceMean", g.node("Relu", x), axes=[2, 3], keepdims=0))
    samples = noise((2, 5, 5))
    made = with_normalization(bare, tensors(samples), BATCH)
    assert operators(made)["BatchNormalization"] == 1
    assert same(fold_batch_normalization(made), bare, samples.inputs)


def test_a_network_that_is_normalized_stays_as_it_is() -> None:
    example = residual_cnn()
    found = with_normalization(example.network, tensors(example.calibration), BATCH)
    assert found is example.network


def test_what_is_put_out_is_not_normalized() -> None:
    g = GraphBuilder(2)
    tested = g.network(g.conv(g.input("n", 2, 4, 4), 2, 3, (3, 3)))
    assert with_normalization(tested, tensors(noise((2, 4, 4))), BATCH) is tested


def test_a_weight_of_two_layers_stays_one() -> None:
    g = GraphBuilder(4)
    weight = g.weight(3, 3, 1, 1)
    x = g.node("Conv", g.node("Relu", g.node("Conv", g.input("n", 3, 4, 4), weight)), weight)
    shared = g.network(g.node("ReduceMean", x, axes=[2, 3], keepdims=0))
    assert with_normalization(shared, tensors(noise((3, 4, 4))), BATCH) is shared


@pytest.mark.parametrize("count", [5, 16, 40])
def test_a_graph_with_a_batch_written_in_is_read_in_such_batches(count: int) -> None:
    g = GraphBuilder(5)
    x = g.node("Relu", g.conv(g.input(16, 2, 4, 4), 2, 6, (3, 3)))
    x = g.node("Reshape", x, g.ints(16, 96))
    fixed = g.network(g.gemm(x, 96, 3, transB=1))
    made = with_normalization(fixed, tensors(noise((2, 4, 4), count)), 16)
    assert operators(made)["BatchNormalization"] == 1
    assert same(made, fixed, noise((2, 4, 4), 16).inputs)
