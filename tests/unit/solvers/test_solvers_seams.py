"""Scaling channels at a seam changes no output; equalizing and smoothing build on that."""

from __future__ import annotations

import numpy as np
import pytest
from example_networks import network, residual_cnn, run
from hypothesis import given, settings
from hypothesis import strategies as st
from level_examples import CASES, Case, case
from onnx import helper
from seam_examples import EXAMPLES

from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.measure.probing import CalibrationProbe
from tinystudio.solvers import equalizing, smoothing
from tinystudio.solvers.levels import base_network
from tinystudio.solvers.seams import largest, rescaled, seams

NAMES = [*EXAMPLES, *CASES]


def found(name: str) -> Case:
    return EXAMPLES[name] if name in EXAMPLES else case(name)


def assert_same(mine: Network, original: Network, inputs: tuple) -> None:
    for one, other in zip(run(mine, inputs), run(original, inputs), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3 * np.abs(other).max())


@pytest.mark.parametrize("name", NAMES)
def test_any_factors_at_any_seam_leave_the_outputs(name: str) -> None:
    base, inputs = base_network(found(name).network), found(name).samples.inputs
    rng = np.random.default_rng(0)
    for seam in seams(base):
        factors = np.exp(rng.normal(0, 1.0, seam.channels))
        changed = rescaled(base, seam, factors)
        assert len(changed) == len(seam.makers) + len(seam.readers)
        assert_same(base.with_weights(changed), base, inputs)


def test_every_kind_of_seam_is_found() -> None:
    known = {name: seams(EXAMPLES[name].network) for name in EXAMPLES}
    assert [seam.makers[0].weight for seam in known["convolutions"]] == [
        "w1",
        "w2",
        "w3",
        "w4",
        "w5",
    ]
    assert known["convolutions"][-1].readers[0].repeats == 16
    made = {
        seam.makers[0].weight: [reader.side.weight for reader in seam.readers]
        for seam in known["transformer"]
    }
    assert made == {"g": ["q", "k", "v"], "g2": ["u"], "u": ["d"]}


def test_what_else_is_read_or_given_out_is_no_seam() -> None:
    def linear(name: str, given: str, made: str) -> object:
        return helper.make_node("MatMul", [given, name], [made], name)

    weights = {name: np.ones((4, 4), np.float32) for name in "abc"}
    nodes = [linear("a", "x", "h"), helper.make_node("Sigmoid", ["h"], ["s"], "curve"),
             linear("b", "s", "y"), linear("c", "y", "z")]  # fmt: skip
    ports = {"x": ("n", 4)}, {"y": ("n", 4), "z": ("n", 4)}
    assert seams(network(nodes, weights, *ports)) == ()
    # In the residual block the first layer is read by an addition, the second adds to it.
    assert [seam.makers[0].weight for seam in seams(base_network(residual_cnn().network))] == [
        "conv3_w"
    ]


@pytest.mark.parametrize("name", NAMES)
def test_equalizing_keeps_the_outputs_and_evens_out_weights(name: str) -> None:
    base, inputs = base_network(found(name).network), found(name).samples.inputs
    made = equalizing.equalized(base, 50, 1e4, Silent().check)
    assert_same(made, base, inputs)
    for seam in equalizing.layer_seams(made):
        assert seam.matrix is not None
        one = largest(made.weights, [seam.matrix], seam.channels)
        other = largest(made.weights, [r.side for r in seam.readers], seam.channels)
        alive = (one > 0) & (other > 0)
        np.testing.assert_allclose(one[alive], other[alive], rtol=0.02)


@settings(max_examples=10, deadline=None)
@given(st.floats(1.1, 5.0))
def test_no_channel_moves_by_more_than_the_limit(limit: float) -> None:
    base = EXAMPLES["convolutions"].network
    made = equalizing.equalized(base, 20, limit, Silent().check)
    moved = base.weights["b1"] / made.weights["b1"]
    assert (moved <= limit * 1.001).all()
    assert (moved >= 1 / limit / 1.001).all()


@pytest.mark.parametrize("name", [*EXAMPLES, "plain", "depthwise", "feed_forward"])
@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_smoothing_keeps_the_outputs(name: str, strength: float) -> None:
    base, samples = base_network(found(name).network), found(name).samples
    places, probe = seams(base), CalibrationProbe(samples, Silent())
    seen = smoothing.peaks(base, places, probe)
    made = smoothing.smoothed(base, places, seen, strength, Silent().check)
    assert_same(made, base, samples.inputs)
    if strength == 1.0:
        assert smoothing.unevenness(places, smoothing.peaks(made, places, probe)) < 1.1
