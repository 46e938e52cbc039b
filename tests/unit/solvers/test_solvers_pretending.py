"""What pretends to be quantized answers as the quantized network does, and is written back."""

from __future__ import annotations

import numpy as np
import pytest
from example_networks import Example, mlp, residual_cnn, run

from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.measure.calibrating import calibrate
from tinystudio.solvers.pretending import Pretended, learned, pretended
from tinystudio.solvers.quantizable import prepared
from tinystudio.solvers.quantizing import INT8_OPERATORS, activations, quantized


def made(example: Example, per_channel: bool = True) -> tuple[Network, Pretended]:
    base = prepared(example.network)
    known = calibrate(base, INT8_OPERATORS, example.calibration, Silent()).ranges("minmax", 100.0)
    ranges = {name: known[name] for name in activations(base, INT8_OPERATORS)}
    done = quantized(base, ranges, INT8_OPERATORS, per_channel=per_channel)
    return done, pretended(done, base)


@pytest.mark.parametrize("per_channel", [True, False])
@pytest.mark.parametrize("make", [residual_cnn, mlp])
def test_before_any_training_it_answers_as_the_quantized_network_does(make, per_channel) -> None:
    example = make()
    done, pretending = made(example, per_channel)
    mine = run(pretending.network, example.test.inputs)[0]
    theirs = run(done, example.test.inputs)[0]
    assert np.array_equal(mine, theirs)


@pytest.mark.parametrize("make", [residual_cnn, mlp])
def test_what_was_not_trained_is_written_back_as_it_was(make) -> None:
    done, pretending = made(make())
    back = learned(pretending, pretending.network)
    assert len(back.data) == len(done.data)
    for name, before in done.weights.items():
        after = back.weights[name]
        assert after.dtype == before.dtype
        # Codes are rounded again from the floats they came from.
        assert np.abs(after.astype(np.float64) - before).max() <= (before.dtype.kind == "i") + 1e-6


def test_what_was_learned_is_in_the_integers_and_in_the_scales() -> None:
    done, pretending = made(mlp())
    item, scale = pretending.weights[0], next(iter(pretending.steps.bases))
    change = f"{item.scale}/change"
    weights = pretending.network.weights
    doubled = pretending.network.with_weights(
        {item.floats: weights[item.floats] * 2, change: np.ones_like(weights[change])}
    )
    back = learned(pretending, doubled)
    assert np.allclose(back.weights[item.scale], done.weights[item.scale] * 2)
    assert np.abs(back.weights[item.codes].astype(int) - done.weights[item.codes]).max() <= 1
    assert scale in done.weights


def test_a_scale_that_a_training_pushed_below_zero_stays_a_scale() -> None:
    _, pretending = made(mlp())
    pushed = {
        name: np.full_like(pretending.network.weights[name], -3.0)
        for name in pretending.steps.changes
    }
    back = learned(pretending, pretending.network.with_weights(pushed))
    assert all((back.weights[name] > 0).all() for name in pretending.steps.bases)
