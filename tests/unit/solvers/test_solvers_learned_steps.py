"""What pretends to have few bits is the grid that is written, and gradients reach its steps."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from example_networks import mlp, network, run
from hypothesis import given
from hypothesis import strategies as st
from level_examples import case
from onnx import helper

from tinystudio.graph.gradients.module import GraphModule
from tinystudio.graph.network import Network
from tinystudio.solvers.learned_steps import StepsInGraph, codes_of, in_cells
from tinystudio.solvers.levels import storable, stored_numbers
from tinystudio.solvers.pretended_weights import learned_weights, pretended_weights, with_cells
from tinystudio.solvers.rounding import code_range
from tinystudio.solvers.stored_weights import StoredWeight


def graph(weight: np.ndarray, scale: np.ndarray, ends: tuple[int, int]) -> Network:
    """Return a network that adds a rounded weight (rows, columns) to what it is given."""
    steps = StepsInGraph()
    learned = steps.scale("s", scale)
    nodes = steps.rounded("w", learned, (len(scale), 1), ends, "r")
    nodes = [*steps.nodes(), *nodes, helper.make_node("Add", ["x", "r"], ["y"], "add")]
    shape = {"x": weight.shape}, {"y": weight.shape}
    return network(nodes, {"w": weight, **steps.weights}, *shape, opset=17)


@pytest.mark.parametrize("ends", [(-128, 127), (-64, 64), (-8, 7), (-4, 3), (-125, 130)])
def test_a_weight_is_rounded_to_the_grid_and_kept_within_its_ends(ends) -> None:
    rng = np.random.default_rng(0)
    scale = np.array([0.1, 0.02, 1.0], np.float32)
    weight = (rng.normal(size=(3, 50)) * scale[:, None] * ends[1] * 0.8).astype(np.float32)
    tested = graph(weight, scale, ends)
    zeros = np.zeros(weight.shape, np.float32)
    found = run(tested, [zeros])[0]
    codes = codes_of(weight, scale[:, None], ends)
    assert codes.min() == ends[0]
    assert codes.max() == ends[1]
    assert np.array_equal(found, codes.astype(np.float32) * scale[:, None])
    (mine,) = GraphModule(tested, trainable=())(torch.from_numpy(zeros))
    assert np.array_equal(mine.numpy(), found)


def test_steps_get_the_gradient_of_learned_step_sizes() -> None:
    """Esser et al. 2020, equation 3: round(v) - v inside, the end's code outside (v = w / s)."""
    scale, weight = np.array([0.5], np.float32), np.array([[0.6, -0.3, 9.0, -9.0]], np.float32)
    module = GraphModule(graph(weight, scale, (-8, 7)), trainable=("w", "s/change"))
    (made,) = module(torch.zeros(1, 4))
    made.sum().backward()
    steps = weight / scale
    inside = np.abs(steps) < 7.5
    expected = np.where(inside, np.rint(steps) - steps, np.clip(steps, -8, 7)).sum()
    change = module.weights["s/change"].grad
    passed = module.weights["w"].grad
    assert change is not None
    assert passed is not None
    assert change.numpy() == pytest.approx(expected * scale, rel=1e-5)  # the change is a share
    assert np.array_equal(passed.numpy(), inside.astype(np.float32))


@given(st.integers(0, 10_000), st.sampled_from([3, 4, 8]))
def test_what_is_put_into_cells_is_rounded_to_their_codes(seed: int, bits: int) -> None:
    rng, ends = np.random.default_rng(seed), code_range(bits)
    wished, scale = rng.normal(size=(4, 20)), rng.uniform(0.01, 0.5, (4, 1))
    codes = rng.integers(ends[0], ends[1] + 1, (4, 20))
    placed = in_cells(wished, codes, scale, ends)
    assert np.array_equal(codes_of(placed, scale, ends), codes)
    nearer = np.abs(placed - wished) <= np.abs(codes * scale - wished) + 1e-6
    assert nearer.all()


@pytest.mark.parametrize("name", ["lstm", "feed_forward", "transposed"])
def test_recurrent_layers_tables_and_spread_kernels_pretend_as_they_are_stored(name: str) -> None:
    tested = case(name)
    levels = tested.levels()
    before = levels.study.network
    nodes = dict.fromkeys(storable(before), "w4")
    base, few = levels.in_codes(nodes)
    made = pretended_weights(with_cells(base, few, before), few)
    written = learned_weights(made, made.network, stored_numbers(before))
    inputs = tested.samples.inputs
    mine, theirs = (run(item, inputs)[0] for item in (made.network, written))
    assert np.allclose(mine, theirs, atol=1e-5 * np.abs(theirs).max())
    assert len(written.data) == len(levels.network({}, nodes).data)


def test_what_was_not_trained_is_written_as_the_codes_it_began_with() -> None:
    base = mlp().network
    rng = np.random.default_rng(0)
    codes = rng.integers(-8, 8, base.weights["w1"].shape)
    few = {"w1": StoredWeight(codes, np.full((1, 32), 0.1), 4)}
    made = pretended_weights(with_cells(base, few, base), few)
    back = learned_weights(made, made.network, {"w1": 0})
    assert np.array_equal(back.weights["~q0"].astype(int), codes)
    assert np.array_equal(back.weights["w2"], base.weights["w2"])
