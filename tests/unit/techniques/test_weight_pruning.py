"""Weight pruning: zeros in the file, as many as asked, and the shapes as they were."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from example_networks import Example, mlp, network, residual_cnn, run
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from tinystudio.core.cache import Cache
from tinystudio.core.data import Array, Samples
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.graph.batchnorm import fold_batch_normalization
from tinystudio.graph.network import Network
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context, Outcome

sys.path.insert(0, str(Path(__file__).parents[1] / "graph"))
from graph_random_networks import networks

PRUNING = find_technique("weight-pruning")
WEIGHTS = ("conv1_w", "conv2_w", "fc_w")


@pytest.fixture(scope="module")
def cnn() -> Example:
    return residual_cnn()


def prune(tested: Network, calibration: Samples | None, **values: object) -> Outcome:
    context = Context(tested, calibration, "calibration", 0, Silent(), Cache())
    return PRUNING.apply(tested, PRUNING.params(**values), context)


def zeros(tested: Network, names: tuple[str, ...] = WEIGHTS) -> float:
    arrays: list[Array] = [tested.weights[name] for name in names]
    return sum(int((a == 0).sum()) for a in arrays) / sum(a.size for a in arrays)


@settings(max_examples=30, deadline=None)
@given(networks(), st.sampled_from(["activation", "obs", "magnitude", "random"]))
def test_any_network_is_pruned_to_one_that_is_valid_and_runs(
    tested: Network, importance: str
) -> None:
    rng = np.random.default_rng(0)
    shape = [size for size in tested.inputs[0].shape if isinstance(size, int)]
    samples = Samples((rng.normal(size=(24, *shape)).astype("f4"),), None, np.arange(24))
    before = tested.data
    pruned = prune(tested, samples, importance=importance, sparsity=0.5).network
    onnx.checker.check_model(pruned.model, full_check=True)
    assert np.isfinite(run(pruned, samples.inputs)[0]).all()
    assert tested.data == before


@pytest.mark.parametrize("importance", ["activation", "obs", "magnitude", "random"])
@pytest.mark.parametrize("scope", ["network", "layer"])
@pytest.mark.parametrize("resolve", [True, False])
def test_as_many_weights_are_zero_as_asked(
    cnn: Example, importance: str, scope: str, resolve: bool
) -> None:
    outcome = prune(
        cnn.network,
        cnn.calibration,
        sparsity=0.6,
        importance=importance,
        scope=scope,
        resolve=resolve,
    )
    assert zeros(outcome.network) == pytest.approx(0.6, abs=0.002)
    onnx.checker.check_model(outcome.network.model, full_check=True)
    assert {n: a.shape for n, a in outcome.network.weights.items()} == {
        n: a.shape for n, a in cnn.network.weights.items()
    }


def test_ranked_by_layer_every_layer_loses_the_same_share(cnn: Example) -> None:
    pruned = prune(cnn.network, cnn.calibration, sparsity=0.5, scope="layer").network
    for name in WEIGHTS:
        assert zeros(pruned, (name,)) == pytest.approx(0.5, abs=0.01)


def test_depthwise_weights_stay(cnn: Example) -> None:
    pruned = prune(cnn.network, cnn.calibration, sparsity=0.9, repair=False).network
    assert np.array_equal(pruned.weights["conv3_w"], cnn.network.weights["conv3_w"])


def test_making_up_and_repair_bring_accuracy(cnn: Example) -> None:
    folded = fold_batch_normalization(cnn.network)

    def accuracy(**values: object) -> float:
        found = prune(folded, cnn.calibration, sparsity=0.8, importance="magnitude", **values)
        return cnn.accuracy(found.network)

    plain = accuracy(resolve=False, repair=False)
    assert accuracy(resolve=False, repair=True) > plain
    assert accuracy() > plain + 0.1


def test_half_the_weights_cost_next_to_nothing(cnn: Example) -> None:
    pruned = prune(cnn.network, cnn.calibration, sparsity=0.5).network
    assert cnn.accuracy(pruned) >= cnn.accuracy(cnn.network) - 0.03


@pytest.mark.parametrize("importance", ["activation", "obs", "magnitude", "random"])
@pytest.mark.parametrize(
    ("given", "keep", "of"),
    [
        ({"pattern": "2:4"}, 2, 4),
        ({"pattern": "1:4"}, 1, 4),
        ({"pattern": "n:m", "keep": 3, "of": 5}, 3, 5),
    ],
)
def test_a_pattern_holds_along_the_input_channels(
    cnn: Example, importance: str, given: dict[str, object], keep: int, of: int
) -> None:
    pruned = prune(cnn.network, cnn.calibration, importance=importance, **given).network
    for name in ("conv2_w", "fc_w"):
        stays = pruned.weights[name] != 0
        channels = stays.shape[1] // of * of
        runs = stays[:, :channels].reshape(len(stays), -1, of, *stays.shape[2:])
        assert (runs.sum(axis=2) == keep).all()
        assert stays[:, channels:].all()


def test_a_layer_with_too_few_channels_for_the_pattern_stays_whole_and_is_named(
    cnn: Example,
) -> None:
    outcome = prune(cnn.network, cnn.calibration, pattern="2:4", repair=False)
    assert (outcome.network.weights["conv1_w"] != 0).all()
    assert any("Too few input channels" in note and "conv1" in note for note in outcome.notes)


def test_a_pattern_longer_than_any_layer_is_wide_is_refused() -> None:
    with pytest.raises(UserError, match="32 input channels or more"):
        prune(residual_cnn_narrow(), None, importance="magnitude", pattern="n:m", of=32)


def test_random_is_the_worst_choice_and_a_series_of_its_own(cnn: Example) -> None:
    def accuracy(importance: str) -> float:
        given = {"sparsity": 0.8, "importance": importance}
        return cnn.accuracy(prune(cnn.network, cnn.calibration, **given).network)

    assert accuracy("random") < min(accuracy("activation"), accuracy("obs"))
    assert PRUNING.series(PRUNING.params(importance="random")) == "random-control"


def test_another_seed_draws_other_weights(cnn: Example) -> None:
    made = [
        PRUNING.apply(
            cnn.network,
            PRUNING.params(importance="random"),
            Context(cnn.network, cnn.calibration, "calibration", seed, Silent(), Cache()),
        ).network.weights["conv2_w"]
        == 0
        for seed in (0, 0, 1)
    ]
    assert np.array_equal(made[0], made[1])
    assert not np.array_equal(made[0], made[2])


def residual_cnn_narrow() -> Network:
    node = helper.make_node("Gemm", ["x", "w"], ["y"], "fc", transB=1)
    weights = {"w": np.ones((4, 8), np.float32)}
    return network([node], weights, {"x": ("n", 8)}, {"y": ("n", 4)})


def test_no_sparsity_changes_nothing(cnn: Example) -> None:
    same = prune(cnn.network, cnn.calibration, sparsity=0.0).network
    values = cnn.test.inputs
    assert np.array_equal(run(same, values)[0], run(cnn.network, values)[0])


def test_without_samples_the_smallest_can_still_go() -> None:
    example = mlp()
    outcome = prune(example.network, None, sparsity=0.3, importance="magnitude")
    assert zeros(outcome.network, ("w1", "w2")) == pytest.approx(0.3, abs=0.01)


def test_without_samples_weight_times_input_cannot_be_known() -> None:
    with pytest.raises(UserError, match="calibration samples"):
        prune(mlp().network, None, sparsity=0.3)


def test_the_help_says_that_it_is_no_faster(cnn: Example) -> None:
    assert "does not gain: speed" in PRUNING.help
    assert "does not become faster" in PRUNING.preflight(cnn.network).reason


def test_where_there_are_no_weights_it_says_so() -> None:
    node = helper.make_node("Relu", ["x"], ["y"], "relu")
    tested = network([node], {}, {"x": ("n", 3)}, {"y": ("n", 3)})
    assert PRUNING.preflight(tested).status == "cannot"
    with pytest.raises(UserError, match="No convolution or linear layer"):
        prune(tested, None, sparsity=0.3)
