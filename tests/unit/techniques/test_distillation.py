"""Distillation: what is left of a network learns to answer as the original, whatever it ends in."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from example_networks import Example, mlp, network, residual_cnn, run
from example_reporters import Watching
from level_examples import case
from onnx import helper
from training_examples import with_batch

from tinystudio.core.cache import Cache
from tinystudio.core.data import Array, Samples
from tinystudio.core.errors import Cancelled, UserError
from tinystudio.core.reporter import Silent
from tinystudio.graph.batchnorm import fold_batch_normalization
from tinystudio.graph.network import Network
from tinystudio.techniques import find_technique, trainer
from tinystudio.techniques.technique import Context, Outcome

DISTILLATION = find_technique("distillation")
QUICK = {"epochs": 6.0, "batch": 32, "rate": 0.01}


def distil(
    tested: Network,
    original: Network,
    train: Samples | None,
    metric: str = "accuracy",
    cache: Cache | None = None,
    reporter: Silent | None = None,
    seed: int = 0,
    **values: object,
) -> Outcome:
    context = Context(
        original, train, "data", seed, reporter or Silent(), cache or Cache(), train, metric
    )
    params = DISTILLATION.params(**{**QUICK, **values})
    return DISTILLATION.apply(tested, params, context)


def without_labels(samples: Samples) -> Samples:
    return replace(samples, labels=None)


@dataclass(frozen=True)
class Narrowed:
    """A network that has learned its data, and what channel pruning has left of it."""

    example: Example
    network: Network

    def distilled(self, train: Samples | None = None, **values: object) -> Network:
        """Return the narrowed network after a short training."""
        train = self.example.calibration if train is None else train
        return distil(self.network, self.example.network, train, **values).network

    def accuracy(self, tested: Network | None = None) -> float:
        return self.example.accuracy(self.network if tested is None else tested)


def narrowed(example: Example, sparsity: float = 0.5) -> Narrowed:
    pruning = find_technique("channel-pruning")
    params = pruning.params(sparsity=sparsity, importance="magnitude", repair=False, resolve=False)
    context = Context(
        example.network, example.calibration, "calibration", 0, Silent(), Cache()
    )  # fmt: skip
    return Narrowed(example, pruning.apply(example.network, params, context).network)


@pytest.fixture(scope="module")
def cnn() -> Narrowed:
    """Return convolutions whose normalization was folded, as most exported networks are."""
    made = residual_cnn()
    return narrowed(
        Example(fold_batch_normalization(made.network), made.calibration, made.test)
    )  # fmt: skip


@pytest.fixture(scope="module")
def linear() -> Narrowed:
    return narrowed(mlp(), 0.75)


@pytest.mark.parametrize("labels", [0.0, 0.5, 1.0], ids=["teacher", "both", "labels"])
def test_a_narrowed_network_gets_back_much_of_its_accuracy(cnn: Narrowed, labels: float) -> None:
    assert cnn.accuracy(cnn.distilled(labels=labels)) > cnn.accuracy() + 0.1


def test_without_labels_the_originals_answers_are_enough(cnn: Narrowed) -> None:
    bare = without_labels(cnn.example.calibration)
    assert cnn.accuracy(cnn.distilled(bare)) > cnn.accuracy() + 0.1


def test_without_labels_it_does_not_matter_how_much_they_count(linear: Narrowed) -> None:
    bare = without_labels(linear.example.calibration)
    assert linear.distilled(bare, labels=1.0).data == linear.distilled(bare, labels=0.0).data


def test_labels_alone_need_no_teacher(linear: Narrowed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "_answers", lambda *_: pytest.fail("it was asked"))
    assert linear.accuracy(linear.distilled(labels=1.0)) > linear.accuracy() + 0.1


def test_another_seed_gives_other_bytes(linear: Narrowed) -> None:
    assert linear.distilled(seed=0).data != linear.distilled(seed=1).data


@pytest.mark.parametrize("kind", ["int8", "uint8", "uint32", "float64", "column"])
def test_labels_of_any_type_and_shape_say_the_same(linear: Narrowed, kind: str) -> None:
    samples = linear.example.calibration
    assert samples.labels is not None
    labels = samples.labels[:, None] if kind == "column" else samples.labels.astype(kind)
    other = linear.distilled(replace(samples, labels=labels))
    assert other.data == linear.distilled(samples).data


def ending(tested: Network, *operators: str) -> Network:
    """Return the network with these operators behind its output."""
    nodes, at = list(tested.nodes), "y"
    for number, operator in enumerate(operators):
        last = number == len(operators) - 1
        made = "end" if last else f"end{number}"
        nodes.append(helper.make_node(operator, [at], [made], f"ending{number}"))
        at = made
    shapes = {port.name: port.shape for port in tested.inputs}
    size = tested.outputs[0].shape
    return network(nodes, dict(tested.weights), shapes, {"end": size})  # type: ignore[arg-type]


@pytest.mark.parametrize("end", [("Softmax",), ("LogSoftmax",), ("Softmax", "Identity")])
@pytest.mark.parametrize("labels", [0.0, 1.0], ids=["teacher", "labels"])
def test_a_network_that_ends_in_probabilities_learns_as_one_with_logits(
    linear: Narrowed, end: tuple[str, ...], labels: float
) -> None:
    start, original = ending(linear.network, *end), ending(linear.example.network, *end)
    made = distil(start, original, linear.example.calibration, labels=labels).network
    plain = linear.accuracy(linear.distilled(labels=labels))
    assert linear.accuracy(made) == pytest.approx(plain, abs=0.03)


def test_one_probability_for_each_class_is_learned_as_well(linear: Narrowed) -> None:
    start, original = (ending(item, "Sigmoid") for item in (linear.network, linear.example.network))
    made = distil(start, original, linear.example.calibration, labels=0.0).network
    assert linear.accuracy(made) > linear.accuracy() + 0.1


def yes_or_no(seed: int, end: bool = True) -> Network:
    draw = np.random.default_rng(seed)
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"], "one"),
        helper.make_node("Tanh", ["a"], ["b"], "tanh"),
        helper.make_node("MatMul", ["b", "v"], ["c"], "two"),
        helper.make_node("Sigmoid" if end else "Identity", ["c"], ["y"], "end"),
    ]
    weights: dict[str, Array] = {
        "w": draw.normal(0, 0.5, (6, 8)).astype("f4"),
        "v": draw.normal(0, 2, (8, 1)).astype("f4"),
    }
    return network(nodes, weights, {"x": ("n", 6)}, {"y": ("n", 1)})


@pytest.fixture(scope="module")
def numbers() -> Samples:
    draw = np.random.default_rng(0)
    return Samples((draw.normal(size=(400, 6)).astype("f4"),), None, np.arange(400))


@pytest.mark.parametrize("end", [True, False], ids=["sigmoid", "logit"])
@pytest.mark.parametrize("labels", [0.0, 1.0], ids=["teacher", "labels"])
def test_a_single_output_learns_to_say_yes_where_it_should(
    numbers: Samples, end: bool, labels: float
) -> None:
    original, start = yes_or_no(1, end), yes_or_no(2, end)
    border = 0.5 if end else 0.0

    def answers(tested: Network) -> Array:
        return run(tested, numbers.inputs)[0][:, 0] > border

    samples = replace(numbers, labels=answers(original).astype(np.int64))
    made = distil(start, original, samples, labels=labels, epochs=10.0).network
    assert (answers(start) == answers(original)).mean() < 0.75
    assert (answers(made) == answers(original)).mean() > 0.85


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize("labels", [0.0, 1.0], ids=["teacher", "labels"])
def test_numbers_are_met_in_whatever_unit_they_are(
    numbers: Samples, unit: float, labels: float
) -> None:
    def scaled(seed: int) -> Network:
        tested = yes_or_no(seed, end=False)
        return tested.with_weights({"v": tested.weights["v"] * np.float32(unit)})

    original, start = scaled(1), scaled(2)
    wanted = run(original, numbers.inputs)[0]
    samples = replace(numbers, labels=wanted[:, 0])
    made = distil(start, original, samples, "mean-absolute-error", labels=labels, rate=0.02)
    before, after = (
        np.abs(run(item, numbers.inputs)[0] - wanted).mean() for item in (start, made.network)
    )
    assert after < (before if unit != 1.0 else 0.5 * before)


def test_labels_that_are_all_the_same_are_learned_without_a_word_of_billions(
    numbers: Samples,
) -> None:
    samples = replace(numbers, labels=np.full(400, 3.0))
    start = yes_or_no(2, end=False)
    made = distil(start, start, samples, "mean-absolute-error", labels=1.0)
    before, after = (
        np.abs(run(item, numbers.inputs)[0] - 3).mean() for item in (start, made.network)
    )
    assert after < before
    first = float(made.notes[0].split("loss ")[1].split(" to ")[0])
    assert first < 100


def test_data_of_one_class_is_learned(linear: Narrowed) -> None:
    samples = linear.example.calibration
    samples = samples.take(np.flatnonzero(samples.labels == 2))
    answers = run(linear.distilled(samples, labels=1.0, epochs=20.0), samples.inputs)[0]
    assert (answers.argmax(axis=1) == 2).all()


@pytest.mark.parametrize("batch", [1, 16])
def test_a_graph_that_fixes_its_batch_learns_as_well(linear: Narrowed, batch: int) -> None:
    start, original = (with_batch(n, batch) for n in (linear.network, linear.example.network))
    made = distil(start, original, linear.example.calibration.first(100), epochs=8.0).network
    assert made.inputs[0].shape[0] == batch
    free = linear.network.with_weights(made.weights)
    assert linear.accuracy(free) > linear.accuracy() + 0.1


def test_whole_numbers_are_fed_as_such() -> None:
    tokens = case("feed_forward")
    off = {
        name: weight + np.float32(0.3) * np.random.default_rng(0).normal(size=weight.shape)
        for name, weight in tokens.network.weights.items()
        if weight.ndim == 2
    }
    start = tokens.network.with_weights({k: v.astype("f4") for k, v in off.items()})
    made = distil(start, tokens.network, tokens.samples, epochs=20.0).network
    wanted = run(tokens.network, tokens.samples.inputs)[0]
    before, after = (
        np.abs(run(item, tokens.samples.inputs)[0] - wanted).mean() for item in (start, made)
    )
    assert after < 0.7 * before


@pytest.mark.parametrize(("kind", "element"), [("u1", 2), ("u2", 4), ("u4", 12), ("i4", 6)])
def test_pixels_may_be_whole_numbers_of_any_type(kind: str, element: int) -> None:
    draw = np.random.default_rng(0)
    nodes = [
        helper.make_node("Cast", ["x"], ["a"], "cast", to=1),
        helper.make_node("MatMul", ["a", "w"], ["y"], "linear"),
    ]
    weights = {"w": draw.normal(0, 0.1, (6, 3)).astype("f4")}
    tested = network(nodes, weights, {"x": ("n", 6)}, {"y": ("n", 3)})
    model = tested.annotated()
    model.graph.input[0].type.tensor_type.elem_type = element
    tested = Network.of(model)
    inputs = draw.integers(0, 9, (80, 6)).astype(kind)
    samples = Samples((inputs,), inputs[:, :3].argmax(axis=1), np.arange(80))
    made = distil(tested, tested, samples, labels=1.0, epochs=20.0).network
    before, after = (
        (run(item, (inputs,))[0].argmax(axis=1) == samples.labels).mean() for item in (tested, made)
    )
    assert after > before + 0.2


@pytest.mark.parametrize("count", [1, 5, 70])
def test_fewer_samples_than_a_batch_are_a_training_too(cnn: Narrowed, count: int) -> None:
    made = cnn.distilled(cnn.example.calibration.first(count), epochs=1.0, batch=64)
    assert made.data != cnn.network.data
    assert np.isfinite(run(made, cnn.example.test.inputs)[0]).all()


@pytest.mark.parametrize("none", [True, False])
def test_without_training_samples_it_says_so(linear: Narrowed, none: bool) -> None:
    train = None if none else linear.example.calibration.first(0)
    with pytest.raises(UserError, match="no training samples"):
        distil(linear.network, linear.example.network, train)


def test_the_original_is_run_once_for_many_trainings(
    linear: Narrowed, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = trainer.outputs_of, []

    def counting(network: bytes, samples: Samples, *rest: object) -> tuple[Array, ...]:
        asked.append(len(samples))
        return real(network, samples, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(trainer, "outputs_of", counting)
    cache = Cache()
    for epochs in (1.0, 2.0, 3.0):
        linear.distilled(cache=cache, epochs=epochs)
    assert asked.count(len(linear.example.calibration)) == 1


def test_labels_outside_the_classes_are_named_before_anything_is_trained(linear: Narrowed) -> None:
    labels = np.array(linear.example.calibration.labels)
    labels[-1] = 7
    watching = Watching()
    with pytest.raises(UserError, match="label 7"):
        linear.distilled(replace(linear.example.calibration, labels=labels), reporter=watching)
    assert watching.fractions == []


def test_a_second_output_is_warned_of() -> None:
    heads = case("two_heads")
    outcome = distil(heads.network, heads.network, heads.samples, epochs=0.5)
    assert heads.network.outputs[1].name in outcome.warnings[0]


def test_the_notes_tell_epochs_and_losses(linear: Narrowed) -> None:
    (note,) = distil(
        linear.network, linear.example.network, linear.example.calibration, epochs=2.0
    ).notes
    assert note.startswith("Trained 2 epochs: loss ")


def test_cancelled_in_the_middle_it_stops_there(linear: Narrowed) -> None:
    whole = Watching()
    linear.distilled(reporter=whole)
    watching = Watching(cancel_at=whole.checks // 2)
    with pytest.raises(Cancelled):
        linear.distilled(reporter=watching)
    assert watching.checks == whole.checks // 2


def test_a_repeat_learns_the_same_in_another_order(linear: Narrowed) -> None:
    once, again = (linear.distilled(repeat=number) for number in (0, 1))
    assert once.data != again.data
    assert linear.distilled(repeat=1).data == again.data
