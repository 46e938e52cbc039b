"""Low rank: less work within a budget, the outputs nearly as they were."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from example_networks import Example, network, residual_cnn, run
from hypothesis import given, settings
from hypothesis import strategies as st
from level_examples import CASES, case, noise
from onnx import helper

from tinystudio.core.cache import Cache
from tinystudio.core.data import Samples
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.graph.facts import facts
from tinystudio.graph.network import Network
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context, Outcome

sys.path.insert(0, str(Path(__file__).parents[1] / "graph"))
from graph_building import GraphBuilder
from graph_random_networks import networks

LOW_RANK = find_technique("low-rank")
GREEDY = {"least_saving": 0.0, "round_to": 1}


@pytest.fixture(scope="module")
def cnn() -> Example:
    return residual_cnn()


@pytest.fixture(scope="module")
def wide() -> tuple[Network, Samples]:
    """Two convolutions whose inputs lie near a few directions, as in trained networks."""
    g = GraphBuilder(3)
    x = g.node("Relu", g.conv(g.input("n", 3, 6, 6), 3, 32, (3, 3)))
    x = g.node("Relu", g.conv(x, 32, 32, (3, 3)))
    x = g.node("ReduceMean", x, axes=[2, 3], keepdims=0)
    return g.network(g.gemm(x, 32, 4, transB=1)), noise((3, 6, 6))


def factored(tested: Network, samples: Samples | None, **values: object) -> Outcome:
    context = Context(tested, samples, "calibration", 0, Silent(), Cache())
    return LOW_RANK.apply(tested, LOW_RANK.params(**values), context)


@settings(max_examples=12, deadline=None)
@given(networks(), st.sampled_from(["output", "weights"]), st.sampled_from(["macs", "parameters"]))
def test_any_network_becomes_one_that_is_valid_runs_and_does_no_more(
    tested: Network, method: str, of: str
) -> None:
    rng = np.random.default_rng(0)
    shape = [size for size in tested.inputs[0].shape if isinstance(size, int)]
    samples = Samples((rng.normal(size=(24, *shape)).astype("f4"),), None, np.arange(24))
    made = factored(tested, samples, method=method, of=of, share=0.3, **GREEDY).network
    onnx.checker.check_model(made.model, full_check=True)
    assert np.isfinite(run(made, samples.inputs)[0]).all()
    before, after = facts(tested), facts(made)
    assert (after.macs or 0) <= (before.macs or 0)


@pytest.mark.parametrize("name", CASES)
def test_every_kind_of_network_is_factored_or_left_whole(name: str) -> None:
    known = case(name)
    made = factored(known.network, known.samples, share=0.4, of="parameters", **GREEDY)
    onnx.checker.check_model(made.network.model, full_check=True)
    assert all(np.isfinite(item).all() for item in run(made.network, known.samples.inputs))


@pytest.mark.parametrize("of", ["macs", "parameters"])
@pytest.mark.parametrize("share", [0.8, 0.5, 0.35])
def test_it_keeps_to_its_budget(wide, of: str, share: float) -> None:
    before = facts(wide[0])
    outcome = factored(*wide, of=of, share=share, round_to=1)
    after = facts(outcome.network)
    old, new = (item.macs if of == "macs" else item.parameters for item in (before, after))
    assert old is not None
    assert new is not None
    assert not outcome.warnings
    assert 0.6 * share * old < new <= share * old + 200  # biases that were added


def test_what_must_stay_alike_is_the_output(wide) -> None:
    tested, samples = wide
    before = run(tested, samples.inputs)[0]

    def change(method: str) -> float:
        made = factored(tested, samples, method=method, share=0.3, repair=False, **GREEDY).network
        return float(np.square(run(made, samples.inputs)[0] - before).sum())

    assert change("output") < 0.5 * change("weights")


def test_half_the_parameters_cost_little_accuracy(cnn: Example) -> None:
    made = factored(cnn.network, cnn.calibration, of="parameters", share=0.6, **GREEDY).network
    assert facts(made).parameters <= 0.62 * facts(cnn.network).parameters
    assert cnn.accuracy(made) >= cnn.accuracy(cnn.network) - 0.1


def test_a_layer_that_would_save_too_little_stays_whole(wide) -> None:
    outcome = factored(*wide, share=0.1, least_saving=0.9)
    assert outcome.network.data == wide[0].data
    assert "smallest ranks leave 100 %" in outcome.warnings[0]


def test_ranks_are_multiples_of_the_step(wide) -> None:
    made = factored(*wide, share=0.5, round_to=8).network
    ranks = [made.weights[n.input[1]].shape[0] for n in made.nodes if n.name.endswith("/first")]
    assert ranks
    assert all(rank % 8 == 0 for rank in ranks)


def test_the_notes_say_of_every_layer_what_became_of_it(cnn: Example) -> None:
    notes = " ".join(factored(cnn.network, cnn.calibration, share=0.5, **GREEDY).notes)
    for name in ("conv1", "conv2", "fc"):
        assert name in notes
    assert "Grouped, so whole: conv3" in notes


def test_keeping_everything_changes_nothing(cnn: Example) -> None:
    assert factored(cnn.network, cnn.calibration, share=1.0).network is cnn.network


def test_without_samples_it_looks_at_the_weights_and_says_so(wide) -> None:
    outcome = factored(wide[0], None, share=0.5)
    assert facts(outcome.network).macs < facts(wide[0]).macs
    assert "only the weights" in outcome.warnings[0]


def test_a_narrow_network_is_told_that_it_is_likely_slower(cnn: Example) -> None:
    told = LOW_RANK.preflight(cnn.network)
    assert told.status == "partly"
    assert "likely to become slower" in told.reason
    assert "1 grouped or depthwise" in told.reason


def test_where_there_is_nothing_to_factor_it_says_so() -> None:
    node = helper.make_node("Relu", ["x"], ["y"], "relu")
    tested = network([node], {}, {"x": ("n", 3)}, {"y": ("n", 3)})
    with pytest.raises(UserError, match="No convolution without groups"):
        factored(tested, None)
