"""Channel pruning: sound on every kind of network, sparing with accuracy, honest about limits."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from example_networks import Example, mlp, network, residual_cnn, run
from example_reporters import Watching
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from tinystudio.core.cache import Cache
from tinystudio.core.data import Array, Samples
from tinystudio.core.errors import Cancelled, UserError
from tinystudio.core.reporter import Silent
from tinystudio.graph.batchnorm import fold_batch_normalization
from tinystudio.graph.coupling import couple
from tinystudio.graph.network import Network
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context, Outcome

sys.path.insert(0, str(Path(__file__).parents[1] / "graph"))
from graph_random_networks import networks

PRUNING = find_technique("channel-pruning")
IMPORTANCES = ["obs", "magnitude", "random"]


def prune(
    tested: Network,
    calibration: Samples | None,
    cache: Cache | None = None,
    reporter: Silent | None = None,
    seed: int = 0,
    **values: object,
) -> Outcome:
    context = Context(
        tested, calibration, "calibration", seed, reporter or Silent(), cache or Cache()
    )
    return PRUNING.apply(tested, PRUNING.params(**values), context)


def prune_example(example: Example, **values: object) -> Network:
    return prune(example.network, example.calibration, **values).network


def widths(tested: Network) -> dict[str, int]:
    return {group.id: group.channels for group in couple(tested).groups if group.removable}


@pytest.fixture(scope="module")
def cnn() -> Example:
    return residual_cnn()


@pytest.fixture(scope="module")
def folded() -> Example:
    example = residual_cnn()
    folded = fold_batch_normalization(example.network)
    return Example(folded, example.calibration, example.test)


def redundant() -> Example:
    """Return the MLP with every hidden channel there twice, sharing its weight downstream."""
    example = mlp()
    known = example.network.weights
    doubled = example.network.with_weights(
        {
            "w1": np.concatenate([known["w1"], known["w1"]], axis=1),
            "b1": np.concatenate([known["b1"], known["b1"]]),
            "w2": np.concatenate([known["w2"], known["w2"]], axis=1) / 2,
        }
    )
    return Example(doubled, example.calibration, example.test)


@settings(max_examples=40, deadline=None)
@given(networks(), st.sampled_from(IMPORTANCES), st.sampled_from(["layer", "network"]))
def test_any_network_is_pruned_to_one_that_is_valid_and_runs(
    tested: Network, importance: str, scope: str
) -> None:
    rng = np.random.default_rng(0)
    shape = [size for size in tested.inputs[0].shape if isinstance(size, int)]
    samples = Samples((rng.normal(size=(24, *shape)).astype("f4"),), None, np.arange(24))
    before = tested.data
    outcome = prune(tested, samples, importance=importance, scope=scope, sparsity=0.5, round_to=1)
    onnx.checker.check_model(outcome.network.model, full_check=True)
    made, original = (run(item, samples.inputs)[0] for item in (outcome.network, tested))
    assert made.shape == original.shape
    assert np.isfinite(made).all()
    assert sum(widths(outcome.network).values()) <= sum(widths(tested).values())
    assert tested.data == before


@pytest.mark.parametrize("importance", IMPORTANCES)
def test_no_sparsity_changes_nothing(cnn: Example, importance: str) -> None:
    same = prune_example(cnn, sparsity=0.0, importance=importance)
    values = cnn.test.inputs
    assert np.array_equal(run(same, values)[0], run(cnn.network, values)[0])


@pytest.mark.parametrize("kind", ["normalized", "folded"])
def test_half_the_channels_go_and_accuracy_beats_random(
    cnn: Example, folded: Example, kind: str
) -> None:
    example = cnn if kind == "normalized" else folded
    least_loss = prune_example(example, sparsity=0.5)
    random = [
        example.accuracy(prune_example(example, sparsity=0.5, importance="random", seed=seed))
        for seed in range(5)
    ]
    assert sum(widths(least_loss).values()) == sum(widths(example.network).values()) // 2
    assert example.accuracy(least_loss) > np.mean(random) + 0.02


@pytest.mark.parametrize("scope", ["layer", "network"])
def test_channels_that_are_there_twice_cost_nothing(scope: str) -> None:
    example = redundant()
    pruned = prune_example(example, sparsity=0.5, scope=scope, round_to=1)
    assert pruned.weights["w1"].shape[1] == 32
    assert example.accuracy(pruned) >= example.accuracy(example.network) - 0.02  # damping
    values = example.test.inputs
    far = np.abs(run(pruned, values)[0] - run(example.network, values)[0]).mean()
    assert far < 0.1 * np.abs(run(example.network, values)[0]).mean()


def test_solving_again_and_repair_each_bring_accuracy(folded: Example) -> None:
    found = {
        (resolve, repair): folded.accuracy(
            prune_example(
                folded, sparsity=0.5, importance="magnitude", resolve=resolve, repair=repair
            )
        )
        for resolve in (False, True)
        for repair in (False, True)
    }
    assert found[True, True] > found[False, False] + 0.05
    assert found[False, True] > found[False, False]
    assert found[True, False] > found[False, False]


def test_counts_are_multiples_of_the_step(cnn: Example) -> None:
    for scope in ("layer", "network"):
        pruned = prune_example(cnn, sparsity=0.4, round_to=8, scope=scope)
        assert set(widths(pruned).values()) <= {8, 16}


def test_the_notes_say_what_each_group_keeps(cnn: Example) -> None:
    outcome = prune(cnn.network, cnn.calibration, sparsity=0.5, scope="layer")
    left = widths(outcome.network)
    for group in couple(cnn.network).groups:
        if group.removable:
            note = f"{group.title} keeps {left[group.id]} of {group.channels}"
            assert note in outcome.notes
    assert "(50 %)" in outcome.notes[0]


def test_a_pruned_network_can_be_pruned_again(cnn: Example) -> None:
    once = prune_example(cnn, sparsity=0.25, round_to=1)
    twice = prune(once, cnn.calibration, sparsity=0.25, round_to=1).network
    onnx.checker.check_model(twice.model, full_check=True)
    assert sum(widths(twice).values()) < sum(widths(once).values())
    assert cnn.accuracy(twice) > 0.5


@pytest.mark.parametrize("importance", IMPORTANCES)
def test_the_same_seed_gives_the_same_bytes_cached_or_not(cnn: Example, importance: str) -> None:
    cache = Cache()
    first = prune(cnn.network, cnn.calibration, cache, importance=importance).network
    again = prune(cnn.network, cnn.calibration, cache, importance=importance).network
    fresh = prune(cnn.network, cnn.calibration, importance=importance).network
    assert first.data == again.data == fresh.data


def test_another_seed_draws_another_random_control(cnn: Example) -> None:
    first, other = (
        prune_example(cnn, importance="random", seed=seed, sparsity=0.5) for seed in (0, 1)
    )
    assert first.data != other.data


def test_a_warm_cache_reads_no_calibration_moments_again(cnn: Example) -> None:
    cache, cold, warm = Cache(), Watching(), Watching()
    prune(cnn.network, cnn.calibration, cache, cold, sparsity=0.5)
    prune(cnn.network, cnn.calibration, cache, warm, sparsity=0.25)
    assert warm.checks < cold.checks / 3


def test_progress_never_goes_down_and_ends_at_one(cnn: Example) -> None:
    watching = Watching()
    prune(cnn.network, cnn.calibration, reporter=watching, sparsity=0.5)
    assert watching.fractions == sorted(watching.fractions)
    assert watching.fractions[-1] == 1.0


@pytest.mark.parametrize("at", [1, 2, 5, 20])
def test_cancel_is_heard_wherever_the_work_is(cnn: Example, at: int) -> None:
    with pytest.raises(Cancelled):
        prune(cnn.network, cnn.calibration, reporter=Watching(cancel_at=at), sparsity=0.5)


def test_a_fixed_batch_is_pruned_as_well() -> None:
    example = residual_cnn(batch=4)
    pruned = prune_example(example, sparsity=0.5)
    onnx.checker.check_model(pruned.model, full_check=True)
    values = example.test.inputs[0][:4]
    assert run(pruned, (values,))[0].shape == (4, 4)


def test_without_samples_the_least_loss_cannot_be_found(cnn: Example) -> None:
    with pytest.raises(UserError, match="calibration samples"):
        prune(cnn.network, None)


def test_without_samples_the_smallest_can_go_and_it_is_said_that_nothing_was_adapted(
    cnn: Example,
) -> None:
    outcome = prune(cnn.network, None, importance="magnitude")
    onnx.checker.check_model(outcome.network.model, full_check=True)
    assert "not adapted" in outcome.warnings[0]


def test_few_samples_are_warned_of(cnn: Example) -> None:
    outcome = prune(cnn.network, cnn.calibration.first(20), sparsity=0.5)
    assert "20 calibration samples" in outcome.warnings[0]


def test_samples_that_do_not_fit_are_refused(cnn: Example) -> None:
    wrong = Samples((np.zeros((9, 5), "f4"),), None, np.arange(9))
    with pytest.raises(UserError, match="does not fit"):
        prune(cnn.network, wrong)


def unprunable() -> Network:
    weights: dict[str, Array] = {"w": np.ones((3, 2), "f4")}
    node = helper.make_node("MatMul", ["x", "w"], ["y"], "only")
    return network([node], weights, {"x": ("n", 3)}, {"y": ("n", 2)})


def test_preflight_says_that_everything_can_go(cnn: Example) -> None:
    told = PRUNING.preflight(cnn.network)
    assert told.status == "can"
    assert "channels in" in told.reason


def test_preflight_names_the_layers_that_stay_and_why() -> None:
    told = PRUNING.preflight(unprunable())
    assert told.status == "cannot"
    assert "only" in told.reason
    assert told.remedy


def test_where_nothing_can_go_applying_says_so() -> None:
    samples = Samples((np.zeros((9, 3), "f4"),), None, np.arange(9))
    with pytest.raises(UserError, match="No channel can go"):
        prune(unprunable(), samples)


def test_random_pruning_is_its_own_series() -> None:
    assert PRUNING.series(PRUNING.params(importance="random")) == "random-control"
    assert PRUNING.series(PRUNING.params()) == "channel-pruning"
    assert PRUNING.describe(PRUNING.params(sparsity=0.5)) == "channels −50 %"
