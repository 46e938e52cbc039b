"""Gradual pruning: as many zeros as asked for, and more accuracy than pruning at once."""

from __future__ import annotations

import pytest
from example_networks import Example, residual_cnn
from example_reporters import InMemory, Noting

from tinystudio.core.cache import Cache
from tinystudio.core.checkpoint import Checkpoint
from tinystudio.core.errors import Cancelled
from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.solvers.layers import layers
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context


def applied(
    example: Example,
    reporter: Silent | None = None,
    checkpoint: Checkpoint | None = None,
    **values: object,
) -> Network:
    part = find_technique("gradual-pruning")
    context = Context(
        example.network, example.calibration, "data", 0, reporter or Silent(), Cache(),
        example.calibration, checkpoint=checkpoint,
    )  # fmt: skip
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


THREE: dict[str, object] = {"sparsity": 0.6, "rounds": 3, "epochs": 3.0, "rate": 0.002}


@pytest.mark.parametrize("held_out", [0.0, 0.2])
def test_the_epochs_are_counted_on_through_the_rounds(held_out: float) -> None:
    noting = Noting()
    applied(residual_cnn(), noting, **THREE, held_out=held_out)
    told = [moment.epoch for moment in noting.moments]
    assert told == ([0, 1, 2, 3] if held_out else [1, 2, 3])
    assert [moment.is_over for moment in noting.moments][-2:] == [False, True]
    assert {moment.epochs for moment in noting.moments} == {3.0}


def test_one_that_was_cancelled_goes_on_in_its_round_or_gives_what_it_had() -> None:
    example = residual_cnn()
    whole = Noting()
    expected = applied(example, whole, **THREE)
    kept, stopped = InMemory(), Noting(cancel_at=whole.checks * 2 // 3 + 1)
    with pytest.raises(Cancelled):
        applied(example, stopped, kept, **THREE)
    reached = stopped.moments[-1].epoch
    assert 1 < reached < 3
    stop = {"stop_after": round(reached, 6)}
    cut = applied(example, None, kept, **THREE, **stop)
    assert cut.data == applied(example, **THREE, **stop).data
    assert share_of_zeros(cut) < share_of_zeros(expected)
    went_on = Noting()
    assert applied(example, went_on, kept, **THREE).data == expected.data
    assert went_on.moments[0].epoch > 1  # the first round was not done again


def test_stopped_where_a_round_ends_no_other_is_begun() -> None:
    made = applied(residual_cnn(), **{**THREE, "epochs": 2.0}, stop_after=round(4 / 3, 6))
    assert share_of_zeros(made) == pytest.approx(0.6 * (1 - (1 / 3) ** 3), abs=0.01)
