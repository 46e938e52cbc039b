"""Fine-tuning as a user sees it: what it gains, what it says, what it refuses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from example_networks import CLASSES, Example, mlp, network, patterns, residual_cnn, run
from example_reporters import InMemory, Noting

from tinystudio.core.cache import Cache
from tinystudio.core.data import Samples
from tinystudio.core.errors import Cancelled, UserError
from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.metrics import find_metric
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context, Outcome
from tinystudio.techniques.trainer import MIRRORED
from tinystudio.training.held_out import hold_out

TUNING = find_technique("fine-tuning")
TRAIN = patterns(240, 2)


@pytest.fixture(scope="module")
def cnn() -> Example:
    return residual_cnn()


def context(tested: Network, train: Samples | None = TRAIN, metric: str = "accuracy") -> Context:
    return Context(tested, train, "data", 0, Silent(), Cache(), train, metric)


def tune(tested: Network, given: Context, **values) -> Outcome:
    return TUNING.apply(tested, TUNING.params(**values), given)


def blurred(example: Example) -> Network:
    """Return the network with noise on its weights, as a compression would leave it."""
    rng = np.random.default_rng(0)
    noisy = {
        name: array + rng.normal(0, 0.15, array.shape).astype("f4")
        for name, array in example.network.weights.items()
        if name.endswith("_w")
    }
    return example.network.with_weights(noisy)


def test_it_gives_back_what_a_compression_has_cost(cnn: Example) -> None:
    worse = blurred(cnn)
    done = tune(worse, context(cnn.network), epochs=8)
    assert cnn.accuracy(done.network) > cnn.accuracy(worse) + 0.05
    said = " ".join(done.notes)
    assert "Learning rate found" in said
    assert "Held out 24 of 240 training samples" in said
    assert not done.warnings


def test_neither_validation_nor_calibration_is_needed_or_looked_at(cnn: Example) -> None:
    given = context(cnn.network)
    other = replace(given, calibration=patterns(64, 9), calibration_fingerprint="other")
    once, again = (tune(blurred(cnn), item, epochs=2) for item in (given, other))
    assert once.network.data == again.network.data


def test_without_labels_it_says_what_learns_without_them(cnn: Example) -> None:
    with pytest.raises(UserError, match="no labels") as failed:
        tune(cnn.network, context(cnn.network, replace(TRAIN, labels=None)))
    assert "distillation" in failed.value.hint


def test_labels_that_are_no_classes_of_the_model_are_named(cnn: Example) -> None:
    assert TRAIN.labels is not None
    wrong = TRAIN.labels.copy()
    wrong[-1] = 9
    with pytest.raises(UserError, match="label 9"):
        tune(cnn.network, context(cnn.network, replace(TRAIN, labels=wrong)))


def test_a_loss_that_is_no_number_is_an_error_where_no_epoch_was_good(cnn: Example) -> None:
    inputs = TRAIN.inputs[0].copy()
    inputs[::3] = np.inf
    with pytest.raises(UserError, match="before anything was changed") as failed:
        tune(cnn.network, context(cnn.network, replace(TRAIN, inputs=(inputs,))), rate=0.1)
    assert "samples" in failed.value.hint


def test_it_says_that_a_diverging_training_was_stopped(cnn: Example, monkeypatch) -> None:
    from tinystudio.training import course

    real, taken = course.step, [0]

    def step(*given: object) -> float:
        taken[0] += 1
        if taken[0] == 10:
            raise course.DivergedError
        return real(*given)

    monkeypatch.setattr(course, "step", step)
    done = tune(blurred(cnn), context(cnn.network), epochs=8, rate=0.01)
    assert "diverged in epoch 3" in done.warnings[0]
    assert "Choose a tenth" in done.warnings[0]
    assert cnn.accuracy(done.network) > cnn.accuracy(blurred(cnn))


def test_numbers_are_fitted_by_their_error() -> None:
    example = mlp()
    inputs = example.calibration.inputs[0]
    wanted = np.stack([inputs[:, 0], inputs[:, 1] * 2, inputs[:, 2], -inputs[:, 3]], 1)
    samples = Samples((inputs,), wanted.astype("f4"), np.arange(len(inputs)))
    done = tune(example.network, context(example.network, samples, "mean-absolute-error"),
                epochs=60, patience=0)  # fmt: skip
    before, after = (
        np.abs(run(tested, [inputs])[0] - wanted).mean()
        for tested in (example.network, done.network)
    )
    assert after < 0.5 * before


@pytest.mark.parametrize("batch", [1, 3, 16, 96])
def test_a_batch_that_the_graph_fixes_is_kept_to(batch: int) -> None:
    fixed = residual_cnn(batch=batch) if 256 % batch == 0 else None
    if fixed is None:
        open_one = residual_cnn().network
        shapes = {"x": (batch, 3, 8, 8)}, {"y": (batch, CLASSES)}
        tested = network(list(open_one.nodes), dict(open_one.weights), *shapes)
    else:
        tested = fixed.network
    done = tune(tested, context(tested), epochs=0.5, rate=0.001)
    assert done.network.inputs == tested.inputs
    assert np.isfinite(run(done.network, [TRAIN.inputs[0][:batch]])[0]).all()


def test_images_are_mirrored_where_the_original_does_not_mind(cnn: Example) -> None:
    half = patterns(MIRRORED, 4)
    both = np.concatenate([half.inputs[0][..., :4], half.inputs[0][..., :4][..., ::-1]], 3)
    even = replace(half, inputs=(np.ascontiguousarray(both),))
    symmetric = _symmetric(cnn.network)
    answers = run(symmetric, even.inputs)[0].argmax(1)
    labelled = replace(even, labels=answers)
    done = tune(symmetric, context(symmetric, labelled), epochs=0.2, augment="fits")
    assert "Augmented: images shifted and mirrored" in done.notes
    minds = tune(cnn.network, context(cnn.network), epochs=0.2, augment="fits")
    assert any("not mirrored" in note for note in minds.notes)


def _symmetric(tested: Network) -> Network:
    """Return the network seeing left and right alike."""
    even = {
        name: (array + array[..., ::-1]) / 2
        for name, array in tested.weights.items()
        if array.ndim == 4
    }
    return tested.with_weights(even)


def test_tables_are_not_varied_and_that_is_said() -> None:
    example = mlp()
    given = context(example.network, example.calibration)
    plain = tune(example.network, given, epochs=1, rate=0.001)
    varied = tune(example.network, given, epochs=1, rate=0.001, augment="fits")
    assert plain.network.data == varied.network.data
    assert any("Not augmented" in note for note in varied.notes)


def test_what_is_quantized_cannot_be_trained_and_says_so_at_once(cnn: Example) -> None:
    recipe = Recipe(steps=(Step.of("static-quantization"),))
    step = recipe.steps[0]
    made = step.part.apply(cnn.network, step.params, context(cnn.network)).network
    found = TUNING.preflight(made)
    assert found.status == "cannot"
    assert "quantized already" in found.reason


def test_whole_people_are_held_out_where_the_data_knows_them(cnn: Example) -> None:
    people = np.arange(240) // 4 % 6
    given = context(cnn.network, replace(TRAIN, groups=people))
    done = tune(blurred(cnn), given, epochs=2)
    assert any(note.startswith("Held out 40 of 240 training samples, whole") for note in done.notes)


def test_where_all_samples_are_of_one_person_nothing_is_held_out_and_that_is_said(
    cnn: Example,
) -> None:
    given = context(cnn.network, replace(TRAIN, groups=np.zeros(240)))
    done = tune(blurred(cnn), given, epochs=1)
    assert any(note.startswith("Nothing held out") for note in done.notes)


RUIN = {"epochs": 2, "rate": 0.1, "patience": 0}  # no epoch at this rate is as good as the start


def judged(tested: Network, **more) -> Context:
    return replace(context(tested), validation=patterns(120, 5), **more)


def test_where_no_epoch_is_better_the_start_is_kept_and_said(cnn: Example) -> None:
    noting = Noting()
    done = tune(cnn.network, judged(cnn.network, reporter=noting), **RUIN)
    assert done.network.data == cnn.network.data
    said = " ".join(done.notes)
    assert "No epoch was better than the start: its weights are kept" in said
    assert "on the validation samples" in said
    assert [moment.epoch for moment in noting.moments] == [0, 1, 2, 2]
    assert noting.moments[0].score is not None
    assert [moment.start_kept for moment in noting.moments] == [False, False, False, True]
    assert noting.moments[-1].is_over


def test_an_epoch_that_is_better_on_validation_is_kept_however_the_start_was_flattered(
    cnn: Example, monkeypatch
) -> None:
    """The start is as good as can be on what is held out, for its labels are the start's own."""
    worse, many = blurred(cnn), patterns(960, 2)
    answers = run(worse, [many.inputs[0]])[0].argmax(1)
    held = hold_out(many, 0.1, find_metric("accuracy"), 0, 0)
    assert held is not None
    assert many.labels is not None
    monkeypatch.setattr("tinystudio.techniques.trainer.hold_out", lambda *_: held)
    labels = many.labels.copy()
    labels[held.asked] = answers[held.asked]
    noting = Noting()
    flattered = replace(judged(worse, reporter=noting), train=replace(many, labels=labels))
    done = tune(worse, flattered, epochs=1, batch=16)
    scores = [moment.score for moment in noting.moments if moment.score is not None]
    assert scores[0] >= max(scores[1:])
    assert cnn.accuracy(done.network) > cnn.accuracy(worse)
    assert not any(moment.start_kept for moment in noting.moments)


def test_stopped_and_gone_on_with_the_start_is_kept_all_the_same(cnn: Example) -> None:
    whole = Noting()
    expected = tune(cnn.network, judged(cnn.network, reporter=whole), **RUIN)
    kept = InMemory()
    stopping = judged(cnn.network, reporter=Noting(cancel_at=whole.checks // 2), checkpoint=kept)
    with pytest.raises(Cancelled):
        tune(cnn.network, stopping, **RUIN)
    rest = Noting()
    again = tune(cnn.network, judged(cnn.network, reporter=rest, checkpoint=kept), **RUIN)
    assert again.network.data == expected.network.data
    assert again.notes == expected.notes
    told = [
        [(item.epoch, item.score, item.start_kept) for item in x.moments] for x in (whole, rest)
    ]
    assert told[0] == told[1]


def test_what_is_to_keep_its_last_weights_does(cnn: Example) -> None:
    done = tune(cnn.network, judged(cnn.network), **{**RUIN, "held_out": 0.0})
    assert done.network.data != cnn.network.data
