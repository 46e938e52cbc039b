"""Gradual pruning: as many zeros as asked for, and more accuracy than pruning at once."""

from __future__ import annotations

import pytest
from example_networks import Example, residual_cnn

from tinystudio.core.cache import Cache
from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.solvers.layers import layers
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context


def applied(example: Example, **values: object) -> Network:
    part = find_technique("gradual-pruning")
    context = Context(
        example.network, example.calibration, "data", 0, Silent(), Cache(), example.calibration
    )
    return part.apply(example.network, part.params(**values), context).network


def share_of_zeros(network: Network) -> float:
    weights = [
        network.weights[layer.weight]
        for layer in layers(network).values()
        if not (layer.blocks > 1 and layer.shape[1] == 1)
    ]
    return sum(int((weight == 0).sum()) for weight in weights) / sum(w.size for w in weights)


@pytest.mark.parametrize("sparsity", [0.5, 0.9])
def test_as_many_are_zero_at_the_end_as_asked_for(sparsity: float) -> None:
    made = applied(residual_cnn(), sparsity=sparsity, rounds=3, epochs=1.0)
    assert share_of_zeros(made) == pytest.approx(sparsity, abs=0.01)


def test_training_between_the_rounds_gives_accuracy_back() -> None:
    example = residual_cnn()
    bare = applied(example, sparsity=0.8, rounds=1, epochs=0.05, rate=1e-5)
    made = applied(example, sparsity=0.8, rounds=4, epochs=12.0)
    assert example.accuracy(made) > example.accuracy(bare) + 0.1


def test_the_random_control_has_a_series_of_its_own() -> None:
    part = find_technique("gradual-pruning")
    assert part.series(part.params(importance="random")) != part.series(part.params())
    made = applied(residual_cnn(), sparsity=0.6, rounds=2, epochs=0.5, importance="random")
    assert share_of_zeros(made) == pytest.approx(0.6, abs=0.01)
