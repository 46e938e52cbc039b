"""The course of a training: kept, stopped, gone on with, diverged."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from example_networks import Example, mlp, network, patterns, residual_cnn, run
from example_reporters import InMemory, Noting, Watching
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper
from torch import Tensor

from tinystudio.core.data import Array
from tinystudio.core.errors import Cancelled, UserError
from tinystudio.core.moment import Moment
from tinystudio.core.reporter import Silent
from tinystudio.graph.gradients.module import GraphModule
from tinystudio.graph.network import Network
from tinystudio.metrics import find_metric
from tinystudio.training import course
from tinystudio.training.augmenting import Augment
from tinystudio.training.held_out import HeldOut, hold_out
from tinystudio.training.hidden import Teacher, matched
from tinystudio.training.loop import Beside, Plan, Trained, train
from tinystudio.training.objectives import Objective
from tinystudio.training.stepping import Lesson

SHORT = Plan(epochs=3, rate=0.002, batch=32)


@pytest.fixture(scope="module")
def cnn() -> Example:
    return residual_cnn()


@pytest.fixture(scope="module")
def blank(cnn: Example) -> Network:
    """The network with its last layer unlearned."""
    drawn = np.random.default_rng(0).normal(0, 0.1, (4, 64)).astype("f4")
    return cnn.network.with_weights({"fc_w": drawn})


def lesson(count: int = 192) -> tuple[tuple[Tensor, ...], Objective]:
    samples = patterns(count, 2)
    assert samples.labels is not None
    labels = torch.from_numpy(samples.labels)
    return (torch.from_numpy(samples.inputs[0]),), Objective(True, labels, None)


def held(patience: int = 0, count: int = 192) -> HeldOut:
    found = hold_out(patterns(count, 2), 0.25, find_metric("accuracy"), patience, 0)
    assert found is not None
    return found


def learn(tested: Network, plan: Plan = SHORT, reporter: Silent | None = None, **more) -> Trained:
    inputs, objective = lesson()
    return train(tested, inputs, objective, plan, 0, reporter or Silent(), **more)


def test_a_training_gets_better_and_tells_every_epoch(cnn: Example, blank: Network) -> None:
    noting = Noting()
    done = learn(blank, Plan(8, 0.02, 32), noting, held_out=held())
    assert cnn.accuracy(done.network) > cnn.accuracy(blank) + 0.3
    # 144 samples learned from make 4.5 steps an epoch: whole epochs are told all the same.
    assert [moment.epoch for moment in noting.moments] == list(range(9))
    assert noting.moments[-1].is_over
    assert all(moment.score is not None for moment in noting.moments)
    assert [moment.loss is None for moment in noting.moments] == [True, *[False] * 8]


@given(st.integers(1, 500), st.floats(0.05, 20), st.integers(1, 64))
def test_epochs_grow_step_by_step_and_end_where_they_should(count, epochs, batch) -> None:
    plan = Plan(epochs, 0.1, min(batch, count))
    pace = course.Pace(plan.steps(count), count / plan.batch, epochs, 0.1, 0.0)
    reached = [pace.epoch(step) for step in range(pace.steps + 1)]
    assert reached[0] == 0
    assert reached[-1] == epochs
    assert all(before < after for before, after in itertools.pairwise(reached))
    ends = [pace.epoch(step) for step in range(1, pace.steps + 1) if pace.is_end(step)]
    assert ends[-1] == epochs
    assert ends[:-1] == [float(at) for at in range(1, len(ends))]


def test_what_is_held_out_is_not_learned_from(blank: Network) -> None:
    """Wrong labels on the samples held out change nothing but the score."""
    inputs, objective = lesson()
    aside = held()
    assert objective.labels is not None
    wrong = objective.labels.clone()
    wrong[torch.from_numpy(aside.asked)] = 0
    both = [
        train(blank, inputs, replace(objective, labels=labels), SHORT, 0, Silent(), held_out=aside)
        for labels in (objective.labels, wrong)
    ]
    assert both[0].losses == both[1].losses


def test_the_weights_of_the_best_epoch_are_kept_and_not_the_last(cnn: Example) -> None:
    """From a good start at a rate that ruins it, an early epoch is the best."""
    noting = Noting()
    plan = Plan(epochs=6, rate=0.1, batch=32)
    done = learn(cnn.network, plan, noting, held_out=held())
    scores = [moment.score for moment in noting.moments[1:]]
    best = next(moment for moment in noting.moments if moment.epoch == done.best_epoch)
    assert best.score == max(scores)
    inputs, objective = lesson()
    asked = held().asked
    answers = run(done.network, [inputs[0].numpy()[asked]])[0]
    assert objective.labels is not None
    right = float((answers.argmax(1) == objective.labels.numpy()[asked]).mean())
    assert right == pytest.approx(best.score)


def test_it_stops_once_nothing_was_gained_for_a_while(cnn: Example) -> None:
    noting = Noting()
    done = learn(cnn.network, Plan(40, 0.02, 32), noting, held_out=held(patience=2))
    assert done.stopped_early
    assert noting.moments[-1].is_over
    assert noting.moments[-1].epoch < 40
    assert noting.moments[-1].epoch - (done.best_epoch or 0) == pytest.approx(2)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_training_stopped_anywhere_goes_on_to_the_same_weights(
    blank: Network, share: float
) -> None:
    more = {"held_out": held(3), "beside": Beside(augment=Augment("images", flips=True))}
    plan = replace(SHORT, rate=0.0)
    whole = Noting()
    expected = learn(blank, plan, whole, **more)
    kept, at = InMemory(), int(60 + (whole.checks - 60) * share)
    with pytest.raises(Cancelled):
        learn(blank, plan, Noting(cancel_at=at), checkpoint=kept, **more)
    assert kept.data is not None
    rest = Noting()
    resumed = learn(blank, plan, rest, checkpoint=kept, **more)
    assert rest.checks < whole.checks - 50
    assert resumed.network.data == expected.network.data
    assert resumed.losses == expected.losses
    assert [(item.epoch, item.loss) for item in rest.moments] == [
        (item.epoch, item.loss) for item in whole.moments
    ]


def test_a_crash_goes_on_from_the_last_epoch(blank: Network, monkeypatch) -> None:
    monkeypatch.setattr("tinystudio.training.checkpoints.EVERY_S", 0.0)
    kept = InMemory()

    class Dying(Noting):
        def learned(self, moment: Moment) -> None:
            if moment.epoch == 2:
                raise MemoryError

    with pytest.raises(MemoryError):
        learn(blank, reporter=Dying(), checkpoint=kept)
    rest = Noting()
    assert learn(blank, reporter=rest, checkpoint=kept).network.data == learn(blank).network.data
    assert rest.checks == 12  # the last two of three epochs


@pytest.mark.parametrize("data", [b"", b"nonsense", b"PK\x03\x04broken"])
def test_a_state_that_cannot_be_read_begins_anew(blank: Network, data: bytes) -> None:
    kept = InMemory()
    kept.data = data
    assert learn(blank, checkpoint=kept).network.data == learn(blank).network.data


def test_a_state_of_another_network_begins_anew(blank: Network) -> None:
    kept = InMemory()
    example = mlp()
    with pytest.raises(Cancelled):
        samples = example.calibration
        assert samples.labels is not None
        objective = Objective(True, torch.from_numpy(samples.labels), None)
        inputs = (torch.from_numpy(samples.inputs[0]),)
        train(example.network, inputs, objective, SHORT, 0, Watching(9), checkpoint=kept)
    assert learn(blank, checkpoint=kept).network.data == learn(blank).network.data


def test_a_rate_that_explodes_keeps_the_best_epoch(blank: Network, monkeypatch) -> None:
    exploding = _diverging_after(15, monkeypatch)
    done = learn(blank, reporter=exploding)
    assert done.diverged_in == 3
    assert done.best_epoch == 2
    whole = learn(blank, Plan(SHORT.epochs, SHORT.rate, SHORT.batch))
    assert whole.diverged_in is None


def test_a_rate_that_explodes_in_the_first_epoch_is_an_error(blank: Network, monkeypatch) -> None:
    with pytest.raises(UserError, match="too high"):
        learn(blank, reporter=_diverging_after(3, monkeypatch))


def _diverging_after(steps: int, monkeypatch: pytest.MonkeyPatch) -> Silent:
    """Let the loss be no number any more after so many steps."""
    real, taken = course.step, [0]

    def step(*given: object) -> float:
        taken[0] += 1
        if taken[0] == steps + 1:
            raise course.DivergedError
        return real(*given)

    monkeypatch.setattr(course, "step", step)
    return Silent()


def test_what_is_no_number_in_the_weights_is_noticed(blank: Network) -> None:
    inputs, objective = lesson()
    broken = inputs[0].clone()
    broken[0] = torch.nan
    with pytest.raises(UserError, match="too high"):
        train(blank, (broken,), objective, SHORT, 0, Silent())


def test_the_rate_is_looked_for_on_a_copy(cnn: Example, blank: Network) -> None:
    found = learn(blank, replace(SHORT, rate=0.0))
    assert 1e-5 <= found.rate <= 0.1
    told = learn(blank, replace(SHORT, rate=found.rate))
    assert told.network.data == found.network.data


def test_weights_that_pruning_has_zeroed_stay_zero_whatever_is_compared(cnn: Example) -> None:
    weights = cnn.network.weights["conv2_w"].copy()
    weights[::2] = 0
    pruned = cnn.network.with_weights({"conv2_w": weights})
    beside = Beside(cnn.network, "attention")
    done = learn(pruned, replace(SHORT, rate=0.0), beside=beside, held_out=held())
    changed = [array for array in done.network.weights.values() if array.shape == weights.shape]
    assert any(not array[::2].any() and array[1::2].any() for array in changed)


@pytest.mark.parametrize("transfer", ["hints", "attention"])
def test_hidden_tensors_are_drawn_towards_the_teachers(cnn: Example, transfer: str) -> None:
    """With nothing else to learn from, what is inside comes closer."""
    weak = {
        name: array + np.random.default_rng(0).normal(0, 0.1, array.shape).astype("f4")
        for name, array in cnn.network.weights.items()
        if name.startswith("conv") and name.endswith("_w")
    }
    student = cnn.network.with_weights(weak)
    beside = Beside(cnn.network, transfer, 20.0)  # type: ignore[arg-type]
    done = learn(student, Plan(6, 0.005, 32), beside=beside)
    assert set(done.compared) == {"t2", "t5", "t7"}
    inputs, _ = lesson()
    apart = _apart_in_value if transfer == "hints" else _apart_in_attention
    before, after = (
        apart(_hidden(tested, inputs), _hidden(cnn.network, inputs))
        for tested in (student, done.network)
    )
    assert after < before
    assert done.network.outputs == cnn.network.outputs


def _hidden(tested: Network, inputs: tuple[Tensor, ...]) -> Array:
    model = tested.annotated()
    model.graph.output.append(helper.make_empty_tensor_value_info("t5"))
    return run(Network(model), [inputs[0].numpy()], ["t5"])[0]


def _apart_in_attention(mine: Array, theirs: Array) -> float:
    maps = [(item**2).mean(1).reshape(len(item), -1) for item in (mine, theirs)]
    maps = [item / np.linalg.norm(item, axis=1, keepdims=True) for item in maps]
    return float(((maps[0] - maps[1]) ** 2).sum(1).mean())


def _apart_in_value(mine: Array, theirs: Array) -> float:
    """Return what the best linear map from channels to channels leaves over."""
    x, y = (np.moveaxis(item, 1, -1).reshape(-1, item.shape[1]) for item in (mine, theirs))
    _, left, *_ = np.linalg.lstsq(x, y, rcond=None)
    return float(left.sum())


@pytest.mark.parametrize(
    ("mine", "theirs", "convolutional", "axis"),
    [
        ((4, 8, 5, 5), (4, 16, 5, 5), True, 1),
        ((4, 10, 8), (4, 10, 16), False, 2),
        ((4, 10, 8), (4, 10, 8), False, 2),
        ((4, 10, 8), (4, 10, 8), True, 1),
        ((4, 8), (4, 16), True, 1),
        ((4, 8, 5), (4, 16, 7), True, None),
        ((4, 8), (4, 8, 1), True, None),
    ],
)
def test_channels_are_what_differs(mine, theirs, convolutional, axis) -> None:
    found = matched("t", mine, theirs, convolutional)
    assert (None if found is None else found.axis) == axis


def test_a_student_that_shares_no_tensor_is_refused_in_words(cnn: Example) -> None:
    node = helper.make_node("Flatten", ["x"], ["f"], "flat")
    last = helper.make_node("Gemm", ["f", "w", "b"], ["y"], "fc", transB=1)
    weights = {"w": np.zeros((4, 192), np.float32), "b": np.zeros(4, np.float32)}
    shapes = {"x": ("batch", 3, 8, 8)}, {"y": ("batch", 4)}
    with pytest.raises(UserError, match="no hidden tensor"):
        learn(network([node, last], weights, *shapes), beside=Beside(cnn.network, "hints"))


def test_a_teacher_answers_to_the_varied_samples_themselves(cnn: Example) -> None:
    """The teacher compared with itself: nothing is lost, whatever was done to the samples."""
    inputs, objective = lesson()
    answers = torch.from_numpy(run(cnn.network, [inputs[0].numpy()])[0])
    learning = replace(objective, teacher=answers, share=0.0)
    augment, module = Augment("images", flips=True), GraphModule(cnn.network)
    asked, stale = (
        Lesson(cnn.network, inputs, learning, 32, 32, teacher, None, augment)
        for teacher in (Teacher(cnn.network), None)
    )
    with torch.no_grad():
        losses = [
            float(item.loss(module, torch.arange(32), torch.Generator().manual_seed(0)))
            for item in (asked, stale)
        ]
    assert losses[0] == pytest.approx(0, abs=1e-5)
    assert losses[1] > 0.1
