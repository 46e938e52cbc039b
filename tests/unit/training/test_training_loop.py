"""A training: it learns, it repeats itself to the byte, it stops when asked and says why else."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from example_networks import Example, network, residual_cnn, run
from example_reporters import Watching
from level_examples import noise
from onnx import helper
from training_examples import labels_of, operators, tensors, untaught, with_batch

from tinystudio.core.data import Samples
from tinystudio.core.errors import Cancelled, UserError
from tinystudio.core.reporter import Reporter, Silent
from tinystudio.graph.batchnorm import fold_batch_normalization
from tinystudio.graph.network import Network
from tinystudio.training.loop import Plan, Trained, train
from tinystudio.training.objectives import Objective

sys.path.insert(0, str(Path(__file__).parents[1] / "graph"))
from graph_building import GraphBuilder

PLAN = Plan(epochs=4, rate=0.01, batch=32)


def taught(
    tested: Network,
    samples: Samples,
    plan: Plan = PLAN,
    seed: int = 0,
    reporter: Reporter | None = None,
    fed: int | None = None,
) -> Trained:
    aim = Objective(True, labels_of(samples), None)
    return train(tested, tensors(samples), aim, plan, seed, reporter or Silent(), fed)


@pytest.fixture(scope="module")
def example() -> Example:
    return untaught()


@pytest.fixture(scope="module")
def cnn() -> Example:
    """Return convolutions whose normalization is folded."""
    made = residual_cnn()
    return Example(fold_batch_normalization(made.network), made.calibration, made.test)


def test_the_loss_falls_and_what_was_learned_holds_for_other_samples(example: Example) -> None:
    done = taught(example.network, example.calibration)
    assert len(done.losses) == 4
    assert done.losses[-1] < 0.5 * done.losses[0]
    assert example.accuracy(example.network) < 0.5
    assert example.accuracy(done.network) > 0.8


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(cnn: Example) -> None:
    plan = Plan(epochs=1, rate=0.01, batch=32)
    made = [taught(cnn.network, cnn.calibration, plan, seed).network.data for seed in (3, 3, 4)]
    assert made[0] == made[1] != made[2]


def test_the_network_that_is_trained_stays_as_it_was(example: Example) -> None:
    before = bytes(example.network.model.SerializeToString())
    taught(example.network, example.calibration)
    assert example.network.model.SerializeToString() == before


def test_after_the_training_convolutions_have_no_normalization_as_before(cnn: Example) -> None:
    done = taught(cnn.network, cnn.calibration, Plan(epochs=1, rate=0.01, batch=32)).network
    assert operators(done) == operators(cnn.network)
    assert {name: w.shape for name, w in done.weights.items()} == {
        name: w.shape for name, w in cnn.network.weights.items()
    }


def test_pruned_weights_stay_zero_and_the_others_move(example: Example) -> None:
    weight = np.array(example.network.weights["w1"])
    weight[np.abs(weight) < np.median(np.abs(weight))] = 0
    done = taught(example.network.with_weights({"w1": weight}), example.calibration).network
    assert np.array_equal(done.weights["w1"] == 0, weight == 0)
    assert not np.allclose(done.weights["w1"], weight)


def test_pruned_weights_stay_zero_behind_a_normalization_that_was_put_in(cnn: Example) -> None:
    name = next(n.input[1] for n in cnn.network.nodes if n.op_type == "Conv")
    weight = np.array(cnn.network.weights[name])
    weight[:, ::2] = 0
    done = taught(cnn.network.with_weights({name: weight}), cnn.calibration).network
    assert not done.weights[name][:, ::2].any()
    assert done.weights[name][:, 1::2].all()


def test_a_part_of_an_epoch_is_a_training(example: Example) -> None:
    done = taught(example.network, example.calibration, Plan(epochs=0.05, rate=0.01, batch=32))
    assert done.network.data != example.network.data
    assert len(done.losses) == 1


@pytest.mark.parametrize("batch", [1, 16])
def test_a_batch_that_is_fed_in_parts_trains_as_one_that_is_fed_at_once(
    example: Example, batch: int
) -> None:
    """20 samples a step, of which 16 and then 4 are fed, or one after the other."""
    few, plan = example.calibration.first(20), Plan(epochs=3, rate=0.01, batch=20)
    whole = taught(example.network, few, plan)
    parts = taught(with_batch(example.network, batch), few, plan, fed=batch)
    assert parts.losses == pytest.approx(whole.losses, rel=1e-4)
    for name, weight in whole.network.weights.items():
        assert np.allclose(parts.network.weights[name], weight, atol=1e-4)


@pytest.mark.parametrize("batch", [16, 64])
@pytest.mark.parametrize("count", [5, 40])
def test_a_batch_that_is_written_into_the_graph_is_kept_to(count: int, batch: int) -> None:
    g = GraphBuilder(5)
    x = g.node("Relu", g.conv(g.input(16, 2, 4, 4), 2, 6, (3, 3)))
    fixed = g.network(g.gemm(g.node("Reshape", x, g.ints(16, 96)), 96, 3, transB=1))
    inputs = noise((2, 4, 4), count).inputs
    samples = Samples(inputs, np.arange(count) % 3, np.arange(count))
    done = taught(fixed, samples, Plan(epochs=2, rate=0.01, batch=batch), fed=16)
    assert operators(done.network) == operators(fixed)
    assert np.isfinite(run(done.network, noise((2, 4, 4), 16).inputs)[0]).all()


def test_progress_never_falls_and_tells_epoch_and_loss(example: Example) -> None:
    told: list[str] = []

    class Reading(Watching):
        def progress(self, done: float, total: float, text: str) -> None:
            super().progress(done, total, text)
            told.append(text)

    watching = Reading()
    taught(example.network, example.calibration, reporter=watching)
    assert watching.fractions == sorted(watching.fractions)
    assert all(0 <= fraction <= 1 for fraction in watching.fractions)
    assert told[0].startswith("Training, epoch 1 of 4")
    assert told[-1].startswith("Training, epoch 4 of 4, loss ")


@pytest.mark.parametrize("at", [1, 2, 17])
def test_cancel_is_heard_at_the_next_step(example: Example, at: int) -> None:
    watching = Watching(cancel_at=at)
    with pytest.raises(Cancelled):
        taught(example.network, example.calibration, reporter=watching)
    assert watching.checks == at


def test_a_rate_at_which_the_loss_is_lost_is_named(example: Example) -> None:
    with pytest.raises(UserError, match="learning rate of 1e\\+30 is too high") as caught:
        taught(example.network, example.calibration, Plan(epochs=4, rate=1e30, batch=32))
    assert "tenth" in caught.value.hint


def test_where_the_slope_is_no_number_no_broken_network_comes_out() -> None:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"], "linear"),
        helper.make_node("Sqrt", ["a"], ["y"], "root"),  # infinitely steep at 0
    ]
    steep = network(
        nodes, {"w": np.zeros((24, 4), "f4")}, {"x": ("n", 24)}, {"y": ("n", 4)}
    )  # fmt: skip
    with pytest.raises(UserError, match="slope is no number"):
        taught(steep, untaught().calibration, Plan(epochs=0.05, rate=0.01, batch=32))


def test_samples_that_are_no_numbers_are_not_blamed_on_the_rate(example: Example) -> None:
    broken = np.full_like(example.calibration.inputs[0], np.nan)
    samples = Samples((broken,), example.calibration.labels, example.calibration.ids)
    with pytest.raises(UserError, match="before anything was changed") as caught:
        taught(example.network, samples)
    assert "samples" in caught.value.hint


def test_without_weights_nothing_can_be_trained() -> None:
    node = helper.make_node("Relu", ["x"], ["y"], "relu")
    bare = network([node], {}, {"x": ("n", 4)}, {"y": ("n", 4)})
    inputs = (np.ones((20, 4), np.float32),)
    with pytest.raises(UserError, match="no weights"):
        taught(bare, Samples(inputs, np.zeros(20, np.int64), np.arange(20)))


def test_answers_without_a_gradient_cannot_be_trained(example: Example) -> None:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"], "linear"),
        helper.make_node("Greater", ["a", "zero"], ["b"], "greater"),
        helper.make_node("Cast", ["b"], ["y"], "cast", to=1),
    ]
    weights = {"w": np.ones((24, 4), np.float32), "zero": np.zeros(1, np.float32)}
    hard = network(nodes, weights, {"x": ("n", 24)}, {"y": ("n", 4)})
    with pytest.raises(UserError, match="gradient"):
        taught(hard, example.calibration)


def test_a_graph_whose_open_batch_is_none_is_said_to_be_one() -> None:
    g = GraphBuilder(6)
    x = g.node("Reshape", g.input("n", 24), g.ints(1, 24))
    closed = g.network(g.gemm(x, 24, 4, transB=1))
    samples = untaught().calibration
    with pytest.raises(UserError, match="32 samples at once") as caught:
        taught(closed, samples)
    assert "batch" in caught.value.hint


def test_more_threads_asked_for_elsewhere_change_no_byte(cnn: Example) -> None:
    plan, threads = Plan(epochs=0.5, rate=0.01, batch=32), torch.get_num_threads()
    made = []
    for count in (1, 2):
        torch.set_num_threads(count)
        made.append(taught(cnn.network, cnn.calibration, plan).network.data)
    torch.set_num_threads(threads)
    assert made[0] == made[1]
