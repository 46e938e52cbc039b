"""A training that is cut off: what it had learned by then, and the whole going on all the same."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from example_networks import patterns, residual_cnn
from example_reporters import InMemory, Noting

from tinystudio.core.errors import Cancelled
from tinystudio.core.moment import Moment
from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.metrics import find_metric
from tinystudio.training.course import Pace
from tinystudio.training.held_out import HeldOut, hold_out
from tinystudio.training.loop import Plan, Trained, train
from tinystudio.training.objectives import Objective
from tinystudio.training.rounds import Begun, RoundCheckpoint, begun

EPOCHS, RATE, BATCH, COUNT = 4, 0.005, 32, 192


@pytest.fixture(scope="module")
def blank() -> Network:
    drawn = np.random.default_rng(0).normal(0, 0.1, (4, 64)).astype("f4")
    return residual_cnn().network.with_weights({"fc_w": drawn})


def learn(tested: Network, stop_after: float = 0.0, reporter: Silent | None = None, **more):
    samples = patterns(COUNT, 2)
    objective = Objective(True, torch.from_numpy(samples.labels), None)
    plan = Plan(EPOCHS, RATE, BATCH, stop_after=stop_after)
    inputs = (torch.from_numpy(samples.inputs[0]),)
    return train(tested, inputs, objective, plan, 0, reporter or Silent(), **more)


def held() -> HeldOut:
    found = hold_out(patterns(COUNT, 2), 0.25, find_metric("accuracy"), 0, 0)
    assert found is not None
    return found


def cancelled(tested: Network, at: int, kept: InMemory, **more) -> Moment:
    """Cancel a whole training, and return the last that was heard of it."""
    noting = Noting(cancel_at=at)
    with pytest.raises(Cancelled):
        learn(tested, reporter=noting, checkpoint=kept, **more)
    return noting.moments[-1]


def same(one: Trained, other: Trained) -> bool:
    return one.network.data == other.network.data


def test_it_stops_there_under_the_rates_of_the_whole(blank: Network) -> None:
    noting = Noting()
    cut = learn(blank, 2.5, noting)
    assert noting.moments[-1].epoch == pytest.approx(2.5)
    assert noting.moments[-1].is_over
    assert noting.moments[-1].epochs == EPOCHS
    assert noting.fractions[-1] < 1
    whole = learn(blank)
    assert cut.losses[:2] == whole.losses[:2]
    samples = patterns(COUNT, 2)
    objective = Objective(True, torch.from_numpy(samples.labels), None)
    shorter = train(
        blank, (torch.from_numpy(samples.inputs[0]),), objective, Plan(2.5, RATE, BATCH), 0,
        Silent(),
    )  # fmt: skip
    assert not same(cut, shorter)  # a training of 2.5 epochs is another one: its rates fall sooner


def test_where_it_was_cancelled_is_told_although_no_epoch_ended_there(blank: Network) -> None:
    moment = cancelled(blank, 16, InMemory())  # before the sixteenth step, six an epoch
    assert moment.epoch == pytest.approx(2.5)
    assert not moment.is_over


@pytest.mark.parametrize("aside", [False, True])
def test_what_was_learned_when_it_was_cancelled_is_had_again(blank: Network, aside: bool) -> None:
    more = {"held_out": held()} if aside else {}
    kept = InMemory()
    moment = cancelled(blank, 22, kept, **more)
    assert 0 < moment.epoch < EPOCHS
    stop = round(moment.epoch, 6)
    reached = learn(blank, stop, checkpoint=InMemory(kept.data), **more)
    assert same(reached, learn(blank, stop, **more))  # as if it had never been cancelled


@pytest.mark.parametrize("aside", [False, True])
def test_the_whole_goes_on_to_its_own_bytes_after_what_was_learned_was_taken(
    blank: Network, aside: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tinystudio.training.checkpoints.EVERY_S", 0.0)
    more = {"held_out": held()} if aside else {}
    kept = InMemory()
    moment = cancelled(blank, 22, kept, **more)
    learn(blank, round(moment.epoch, 6), checkpoint=kept, **more)
    learn(blank, 1.0, checkpoint=kept, **more)  # a shorter one does not throw back
    noting = Noting()
    went_on = learn(blank, reporter=noting, checkpoint=kept, **more)
    assert same(went_on, learn(blank, **more))
    assert noting.checks < 22


def test_a_state_beyond_where_it_stops_is_not_taken_up(blank: Network) -> None:
    kept = InMemory()
    cancelled(blank, 20, kept)
    assert same(learn(blank, 1.5, checkpoint=kept), learn(blank, 1.5))


def test_a_stop_beyond_the_end_is_the_end(blank: Network) -> None:
    assert same(learn(blank, EPOCHS + 1), learn(blank))


@pytest.mark.parametrize("per_epoch", [0.4, 4.5, 7.03, 1234.5])
def test_every_step_can_be_named_by_its_epoch(per_epoch: float) -> None:
    steps = max(1, round(EPOCHS * per_epoch))
    whole = Pace(steps, per_epoch, EPOCHS, RATE, 0.0)
    for step in range(1, steps):
        cut = Pace(steps, per_epoch, EPOCHS, RATE, 0.0, round(whole.epoch(step), 6))
        assert cut.last == step


def test_a_round_finds_its_own_state_and_no_other() -> None:
    whole = InMemory()
    assert begun(whole) is None
    second = Begun(1, b"network")
    RoundCheckpoint(whole, second).write(b"state")
    assert begun(whole) == second
    assert RoundCheckpoint(whole, second).read() == b"state"
    assert RoundCheckpoint(whole, Begun(0, b"network")).read() is None
    assert RoundCheckpoint(whole, Begun(1, b"another")).read() is None
    whole.data = b"short"
    assert begun(whole) is None
